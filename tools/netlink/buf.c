// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "netlink/nl_internal.h"

/* @len more bytes, zeroed. */
static void *extend(struct secret *buf, size_t len)
{
	char *at = secret_extend(buf, len);

	memset(at, 0, len);
	buf->len += len;
	return at;
}

size_t nl_buf_begin(struct secret *buf, uint16_t type, uint16_t flags,
		    uint8_t command)
{
	size_t at = buf->len;
	struct nlmsghdr *message = extend(buf, NLMSG_HDRLEN + GENL_HDRLEN);
	struct genlmsghdr *family = mnl_nlmsg_get_payload(message);

	message->nlmsg_type = type;
	message->nlmsg_flags = flags;
	family->cmd = command;
	family->version = WG_GENL_VERSION;
	return at;
}

void nl_buf_finish(struct secret *buf, size_t at)
{
	struct nlmsghdr *message = (struct nlmsghdr *)(buf->bytes + at);

	message->nlmsg_len = (uint32_t)(buf->len - at);
}

void nl_buf_put(struct secret *buf, uint16_t type, const void *data,
		size_t len)
{
	struct nlattr *attr = extend(buf, MNL_ALIGN(NLA_HDRLEN + len));

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (len)
		memcpy(mnl_attr_get_payload(attr), data, len);
}

void nl_buf_put_string(struct secret *buf, uint16_t type, const char *text)
{
	nl_buf_put(buf, type, text, strlen(text) + 1);
}

size_t nl_buf_nest(struct secret *buf, uint16_t type)
{
	size_t at = buf->len;

	nl_buf_put(buf, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void nl_buf_close(struct secret *buf, size_t at)
{
	struct nlattr *nest = (struct nlattr *)(buf->bytes + at);

	nest->nla_len = (uint16_t)(buf->len - at);
}
