// SPDX-License-Identifier: GPL-2.0
#include "netlink/nl.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/secret.h"
#include "model/key.h"
#include "netlink/link.h"
#include "netlink/nl_internal.h"
#include "netlink/talk.h"

#define DUMP_TRIES 16

/* The in-tree family ends below this; ours goes on from here. */
#define OURS_FROM 64

static int take_family(const struct nlmsghdr *message, void *context)
{
	struct nl_family *family = context;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, GENL_HDRLEN)
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		    mnl_attr_validate(attr, MNL_TYPE_U16) >= 0)
			family->id = mnl_attr_get_u16(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MAXATTR &&
			 mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			family->is_ours |= mnl_attr_get_u32(attr) >= OURS_FROM;
	return 0;
}

int nl_ask_family(struct nl_talk *talk, const char *name, nl_answer_fn *answer,
		  void *context, struct fault *fault)
{
	struct secret buf = { 0 };
	size_t at = nl_buf_begin(&buf, GENL_ID_CTRL, NLM_F_REQUEST | NLM_F_ACK,
				 CTRL_CMD_GETFAMILY);
	int ret;

	nl_buf_put_string(&buf, CTRL_ATTR_FAMILY_NAME, name);
	nl_buf_finish(&buf, at);
	ret = nl_talk_ask(talk, (struct nlmsghdr *)buf.bytes, answer, context,
			  fault);
	secret_free(&buf);
	if (ret == -ENOENT)
		return fault_set(fault, ret,
				 "the kernel has no netlink family '%s': is the module loaded?",
				 name);
	return ret ? fault_prefix(fault, "cannot find the netlink family '%s'",
				  name) : 0;
}

/* Which family drives this interface? */
static int choose_family(const char **family, const char *name,
			 struct fault *fault)
{
	const char *forced = getenv("WGCTL_FAMILY");
	struct nl_link link;
	int ret;

	if (forced && *forced && strcmp(forced, "wg") &&
	    strcmp(forced, "wireguard"))
		return fault_set(fault, -EINVAL,
				 "WGCTL_FAMILY is '%s': 'wg' or 'wireguard' is expected",
				 forced);
	ret = nl_find_link(&link, name, fault);
	if (ret)
		return ret;
	if (!link.kind[0])
		return fault_set(fault, -EOPNOTSUPP,
				 "'%s' is not a WireGuard interface", name);
	*family = !strcmp(link.kind, "wg") ? "wg" : "wireguard";
	if (forced && *forced)
		*family = forced;
	return 0;
}

static int open_family(struct nl_talk *talk, struct nl_family *family,
		       const char *name, struct fault *fault)
{
	const char *family_name = NULL;
	int ret;

	ret = choose_family(&family_name, name, fault) ?:
	      nl_talk_open(talk, NETLINK_GENERIC, fault);
	if (ret)
		return ret;
	*family = (struct nl_family){
		.is_ours = !strcmp(family_name, WG_GENL_NAME),
	};
	ret = nl_ask_family(talk, family_name, take_family, family, fault);
	if (ret)
		nl_talk_close(talk);
	return ret;
}

static struct tunnel *get_once(struct nl_talk *talk,
			       const struct nl_family *family,
			       const char *name, struct fault *fault)
{
	struct tunnel *tunnel = tunnel_new(name);
	struct secret buf = { 0 };
	size_t at;
	int ret;

	at = nl_buf_begin(&buf, family->id, NLM_F_REQUEST | NLM_F_DUMP,
			  WG_CMD_GET_DEVICE);
	nl_buf_put_string(&buf, WG_DEVICE_A_IFNAME, name);
	nl_buf_finish(&buf, at);
	ret = nl_talk_ask(talk, (struct nlmsghdr *)buf.bytes, nl_decode_device,
			  tunnel, fault);
	secret_free(&buf);
	if (!ret)
		return tunnel;
	tunnel_free(tunnel);
	return NULL;
}

struct tunnel *nl_get(const char *name, struct fault *fault)
{
	struct nl_family family;
	struct tunnel *tunnel;
	struct nl_talk talk;
	int tries = 0;

	if (open_family(&talk, &family, name, fault))
		return NULL;
	do {
		tunnel = get_once(&talk, &family, name, fault);
	} while (!tunnel && fault->code == -EINTR && ++tries < DUMP_TRIES);
	nl_talk_close(&talk);
	if (!tunnel)
		fault_prefix(fault, "cannot read '%s'", name);
	return tunnel;
}

static int send_all(struct nl_talk *talk, struct secret *buf,
		    struct fault *fault)
{
	size_t at = 0;

	while (at < buf->len) {
		struct nlmsghdr *message =
			(struct nlmsghdr *)(buf->bytes + at);
		int ret = nl_talk_ask(talk, message, NULL, NULL, fault);

		if (ret)
			return ret;
		at += message->nlmsg_len;
	}
	return 0;
}

/*
 * What of a change means nothing to the in-tree module, and must not be lost on
 * the way, as a name may; NULL: nothing.
 */
static const char *own_needs(const struct tunnel *change)
{
	char unused[BIND_TEXT_MAX];
	size_t i;

	if (change->has & TUNNEL_WANTS_NAMES)
		return "names of peers";
	if (change->is_exclusive)
		return "exclusive allowed IPs";
	if (bind_text(&change->bind, unused))
		return "sockets bound to a device or address";
	for (i = 0; i < change->peer_count; i++)
		if (change->peers[i]->is_disabled || change->peers[i]->until_s)
			return "disabled peers and peers that expire";
	return NULL;
}

static int set_with(struct nl_talk *talk, const struct nl_family *family,
		    const struct tunnel *change, struct fault *fault)
{
	const char *unsupported = family->is_ours ? NULL : own_needs(change);
	struct secret buf = { 0 };
	int ret;

	if (unsupported)
		return fault_set(fault, -EOPNOTSUPP,
				 "the module behind this interface does not support %s",
				 unsupported);
	nl_encode_set(&buf, family, change);
	ret = send_all(talk, &buf, fault);
	secret_free(&buf);
	return ret;
}

/* What another peer has is refused at first, and then taken. */
static int set_and_warn(struct nl_talk *talk, const struct nl_family *family,
			const struct tunnel *change, struct fault *fault)
{
	struct tunnel careful = *change;
	struct fault refusal;
	int ret;

	careful.flags |= WG_DEVICE_F_EXCLUSIVE_IPS;
	ret = set_with(talk, family, &careful, fault);
	wipe(careful.private_key, WG_KEY_LEN);
	if (ret != -EEXIST)
		return ret;
	refusal = *fault;
	ret = set_with(talk, family, change, fault);
	if (!ret)
		fprintf(stderr, "wgctl: warning: %.*s and was moved\n",
			(int)strcspn(refusal.text, "(") - 1, refusal.text);
	return ret;
}

static bool is_given(const struct peer *peer, const struct allowed_ip *ip)
{
	size_t i = 0;

	while (i < peer->ips.count && (peer->ips.items[i].remove ||
				       ip_compare(&peer->ips.items[i], ip)))
		i++;
	return i < peer->ips.count;
}

/* The last that is given it before the one that is refused it; NULL: nobody. */
static const struct peer *find_owner(const struct tunnel *tunnel,
				     const struct nl_refused *refused)
{
	const struct peer *owner = NULL;
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++) {
		const struct peer *peer = tunnel->peers[i];

		if (!is_given(peer, &refused->ip))
			continue;
		if (key_equal(peer->public_key, refused->peer_key))
			break;
		owner = peer;
	}
	return owner;
}

/* The kernel says which peer was refused an allowed IP; here is whose it is. */
static void name_owner(const struct tunnel *change,
		       const struct nl_refused *refused, struct fault *fault)
{
	const struct peer *owner = find_owner(change, refused);
	char ip[IP_TEXT_MAX], from[KEY_TEXT_MAX], to[KEY_TEXT_MAX];
	struct tunnel *now = NULL;

	if (!refused->ip.family)
		return;
	if (!owner)
		now = nl_get(change->name, fault_ignored());
	if (now)
		owner = find_owner(now, refused);
	if (owner)
		fault_set(fault, -EEXIST,
			  "the allowed IP %s of peer %s belongs to peer %s%s%s%s",
			  ip_text(&refused->ip, ip),
			  key_text(refused->peer_key, to),
			  key_text(owner->public_key, from),
			  *owner->name ? " (" : "", owner->name,
			  *owner->name ? ")" : "");
	tunnel_free(now);
}

static int send_change(const struct tunnel *change, bool warns,
		       struct fault *fault)
{
	struct nl_family family;
	struct nl_talk talk;
	int ret;

	ret = open_family(&talk, &family, change->name, fault);
	if (ret)
		return ret;
	if (warns && family.is_ours)
		ret = set_and_warn(&talk, &family, change, fault);
	else
		ret = set_with(&talk, &family, change, fault);
	nl_talk_close(&talk);
	if (ret == -EEXIST)
		name_owner(change, &talk.refused, fault);
	if (ret)
		fault_prefix(fault, "cannot configure '%s'", change->name);
	return ret;
}

int nl_set(const struct tunnel *change, struct fault *fault)
{
	return send_change(change, false, fault);
}

int nl_set_and_warn(const struct tunnel *change, struct fault *fault)
{
	return send_change(change, true, fault);
}
