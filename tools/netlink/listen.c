// SPDX-License-Identifier: GPL-2.0
#include "netlink/listen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>
#include <linux/rtnetlink.h>

#include "netlink/link.h"
#include "netlink/nl_internal.h"

/* Who takes what has come. */
struct taker {
	nl_event_fn *take;
	void *context;
};

int nl_listen_open(struct nl_listener *listener, struct fault *fault)
{
	int ret = nl_talk_open(&listener->links, NETLINK_ROUTE, fault);

	if (ret)
		return ret;
	ret = nl_talk_open(&listener->module, NETLINK_GENERIC, fault) ?:
	      nl_transport_join(listener->links.transport, RTNLGRP_LINK);
	if (!ret)
		return 0;
	nl_listen_close(listener);
	return fault_set(fault, ret, "cannot listen to the kernel: %s",
			 strerror(-ret));
}

void nl_listen_close(struct nl_listener *listener)
{
	nl_talk_close(&listener->module);
	nl_talk_close(&listener->links);
}

/* -------------------------------------------------------------- the groups */

static int join_group(struct nl_listener *listener, const struct nlattr *group)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, group)
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			return nl_transport_join(listener->module.transport,
						 mnl_attr_get_u32(attr));
	return 0;
}

static int join_groups(const struct nlmsghdr *message, void *listener)
{
	const struct nlattr *attr, *group;
	int ret = 0;

	mnl_attr_for_each(attr, message, GENL_HDRLEN) {
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(group, attr)
			ret = ret ?: join_group(listener, group);
	}
	return ret;
}

int nl_listen_join(struct nl_listener *listener, struct fault *fault)
{
	struct nl_talk talk; /* what is heard must not be taken for the answer */
	int ret = nl_talk_open(&talk, NETLINK_GENERIC, fault);

	if (ret)
		return ret;
	ret = nl_ask_family(&talk, WG_GENL_NAME, join_groups, listener, fault);
	nl_talk_close(&talk);
	return ret ? fault_prefix(fault, "cannot listen to the module") : 0;
}

/* -------------------------------------------------------------- what comes */

static int read_attr(struct event *event, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case WG_NTF_A_IFNAME:
		return nl_decode_string(event->interface,
					sizeof(event->interface), attr);
	case WG_NTF_A_PUBLIC_KEY:
		return nl_decode_bytes(event->public_key, attr, WG_KEY_LEN);
	case WG_NTF_A_ENDPOINT:
		return nl_decode_endpoint(&event->endpoint, attr);
	case WG_NTF_A_REASON:
		return nl_decode_string(event->reason, sizeof(event->reason),
					attr);
	}
	return 0;
}

static bool read_command(struct event *event, uint8_t command)
{
	static const enum event_kind kinds[] = {
		[WG_CMD_CONFIG_NTF] = EVENT_CONFIG,
		[WG_CMD_SESSION_UP_NTF] = EVENT_SESSION_UP,
		[WG_CMD_SESSION_LOST_NTF] = EVENT_SESSION_LOST,
		[WG_CMD_ENDPOINT_NTF] = EVENT_ENDPOINT_MOVED,
		[WG_CMD_DIAG_NTF] = EVENT_REFUSED,
		[WG_CMD_SESSION_MADE_NTF] = EVENT_SESSION_MADE,
		[WG_CMD_SESSION_ENDED_NTF] = EVENT_SESSION_ENDED,
		[WG_CMD_PEER_ENDED_NTF] = EVENT_PEER_ENDED,
		[WG_CMD_PEER_RENEWED_NTF] = EVENT_PEER_RENEWED,
	};

	/* of 0, an interface that is there, no command tells */
	if (command < sizeof(kinds) / sizeof(kinds[0]))
		event->kind = kinds[command];
	return event->kind;
}

static void take_notice(const struct nlmsghdr *message,
			const struct taker *taker)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(message);
	struct event event = { 0 };
	const struct nlattr *attr;

	if (message->nlmsg_type < NLMSG_MIN_TYPE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*genl) ||
	    !read_command(&event, genl->cmd))
		return;
	clock_gettime(CLOCK_REALTIME, &event.time);
	mnl_attr_for_each(attr, message, GENL_HDRLEN)
		if (read_attr(&event, attr))
			return;
	taker->take(&event, taker->context);
}

static void take_link(const struct nlmsghdr *message,
		      const struct taker *taker)
{
	struct event event = { .kind = EVENT_LINK };
	struct nl_link link = { 0 };

	if (message->nlmsg_type != RTM_NEWLINK &&
	    message->nlmsg_type != RTM_DELLINK)
		return;
	nl_read_link(&link, message);
	if (!link.kind[0])
		return;
	snprintf(event.interface, sizeof(event.interface), "%s", link.name);
	taker->take(&event, taker->context);
}

static int receive(struct nl_talk *talk, const struct taker *taker,
		   void (*take)(const struct nlmsghdr *message,
				const struct taker *taker),
		   struct fault *fault)
{
	ssize_t len = nl_transport_receive(talk->transport, talk->buf,
					   NL_RECEIVE_ROOM);
	const struct nlmsghdr *message = (const struct nlmsghdr *)talk->buf;
	struct event lost = { .kind = EVENT_LOST };
	int left = (int)len;

	if (len == -ENOBUFS) {
		clock_gettime(CLOCK_REALTIME, &lost.time);
		taker->take(&lost, taker->context);
		return 0;
	}
	if (len < 0)
		return fault_set(fault, (int)len,
				 "cannot listen to the kernel: %s",
				 strerror((int)-len));
	for (; mnl_nlmsg_ok(message, left);
	     message = mnl_nlmsg_next(message, &left))
		take(message, taker);
	return 0;
}

void nl_listen_poll(const struct nl_listener *listener, struct pollfd fds[2])
{
	const int module = nl_transport_fd(listener->module.transport);
	const int links = nl_transport_fd(listener->links.transport);

	fds[0] = (struct pollfd){ .fd = module, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = links, .events = POLLIN };
}

int nl_listen_receive(struct nl_listener *listener,
		      const struct pollfd fds[2], nl_event_fn *take,
		      void *context, struct fault *fault)
{
	const struct taker taker = { take, context };
	int ret = 0;

	if (fds[0].revents)
		ret = receive(&listener->module, &taker, take_notice, fault);
	if (!ret && fds[1].revents)
		ret = receive(&listener->links, &taker, take_link, fault);
	return ret;
}
