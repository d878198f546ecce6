// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "model/key.h"
#include "netlink/nl_internal.h"

void nl_buf_free(struct nl_buf *buf)
{
	if (buf->bytes)
		wipe(buf->bytes, buf->len);
	free(buf->bytes);
	memset(buf, 0, sizeof(*buf));
}

/* Room for @len more zeroed bytes; NULL without memory. */
static void *extend(struct nl_buf *buf, size_t len)
{
	size_t room = buf->room ? buf->room : 4096;
	char *at;

	if (buf->has_failed)
		return NULL;
	while (room - buf->len < len)
		room *= 2;
	if (room != buf->room) {
		char *bytes = malloc(room);

		if (!bytes) {
			buf->has_failed = true;
			return NULL;
		}
		if (buf->len) {
			memcpy(bytes, buf->bytes, buf->len);
			wipe(buf->bytes, buf->len);
		}
		free(buf->bytes);
		buf->bytes = bytes;
		buf->room = room;
	}
	at = buf->bytes + buf->len;
	memset(at, 0, len);
	buf->len += len;
	return at;
}

size_t nl_buf_begin(struct nl_buf *buf, uint16_t type, uint16_t flags,
		    uint8_t command)
{
	struct genlmsghdr *family;
	struct nlmsghdr *message;
	size_t at = buf->len;

	message = extend(buf, NLMSG_HDRLEN + GENL_HDRLEN);
	if (!message)
		return at;
	message->nlmsg_type = type;
	message->nlmsg_flags = flags;
	family = mnl_nlmsg_get_payload(message);
	family->cmd = command;
	family->version = WG_GENL_VERSION;
	return at;
}

void nl_buf_finish(struct nl_buf *buf, size_t at)
{
	struct nlmsghdr *message;

	if (buf->has_failed)
		return;
	message = (struct nlmsghdr *)(buf->bytes + at);
	message->nlmsg_len = (uint32_t)(buf->len - at);
}

void nl_buf_put(struct nl_buf *buf, uint16_t type, const void *data,
		size_t len)
{
	struct nlattr *attr = extend(buf, MNL_ALIGN(NLA_HDRLEN + len));

	if (!attr)
		return;
	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (len)
		memcpy(mnl_attr_get_payload(attr), data, len);
}

void nl_buf_put_string(struct nl_buf *buf, uint16_t type, const char *text)
{
	nl_buf_put(buf, type, text, strlen(text) + 1);
}

size_t nl_buf_nest(struct nl_buf *buf, uint16_t type)
{
	size_t at = buf->len;

	nl_buf_put(buf, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void nl_buf_close(struct nl_buf *buf, size_t at)
{
	if (!buf->has_failed)
		((struct nlattr *)(buf->bytes + at))->nla_len =
			(uint16_t)(buf->len - at);
}
