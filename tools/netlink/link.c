// SPDX-License-Identifier: GPL-2.0
#include "netlink/link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "netlink/talk.h"

static bool is_tunnel(const char *kind)
{
	return !strcmp(kind, "wg") || !strcmp(kind, "wireguard");
}

static void read_kind(struct nl_link *link, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == IFLA_INFO_KIND &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0 &&
		    is_tunnel(mnl_attr_get_str(attr)))
			snprintf(link->kind, sizeof(link->kind), "%s",
				 mnl_attr_get_str(attr));
}

void nl_read_link(struct nl_link *link, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attr;

	memset(link, 0, sizeof(*link));
	link->ifindex = (uint32_t)info->ifi_index;
	link->is_up = info->ifi_flags & IFF_UP;
	mnl_attr_for_each(attr, message, sizeof(*info)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			snprintf(link->name, sizeof(link->name), "%s",
				 mnl_attr_get_str(attr));
		else if (mnl_attr_get_type(attr) == IFLA_MTU &&
			 mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			link->mtu = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == IFLA_MASTER &&
			 mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			link->vrf = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			read_kind(link, attr);
	}
}

static void begin(struct nl_request *request, uint16_t flags)
{
	nl_begin(request, RTM_GETLINK, flags, sizeof(struct ifinfomsg));
	/* statistics make most of an answer, and nobody here reads them */
	mnl_attr_put_u32(&request->header, IFLA_EXT_MASK,
			 RTEXT_FILTER_SKIP_STATS);
}

static int add_name(const struct nlmsghdr *message, void *context)
{
	struct nl_link link = { 0 };

	if (message->nlmsg_type == RTM_NEWLINK)
		nl_read_link(&link, message);
	if (link.kind[0])
		strv_add(context, link.name);
	return 0;
}

int nl_list(struct strv *names, struct fault *fault)
{
	struct nl_request request;
	struct nl_talk talk;
	int ret, tries = 0;

	ret = nl_talk_open(&talk, NETLINK_ROUTE, fault);
	if (ret)
		return ret;
	do {
		strv_clear(names);
		begin(&request, NLM_F_DUMP);
		ret = nl_talk_ask(&talk, &request.header, add_name, names,
				  fault);
	} while (ret == -EINTR && ++tries < 16);
	nl_talk_close(&talk);
	return ret ? fault_prefix(fault, "cannot list the interfaces") : 0;
}

static int take_link(const struct nlmsghdr *message, void *context)
{
	if (message->nlmsg_type == RTM_NEWLINK)
		nl_read_link(context, message);
	return 0;
}

int nl_find_link(struct nl_link *link, const char *name, struct fault *fault)
{
	struct nl_request request;
	struct nl_talk talk;
	int ret;

	memset(link, 0, sizeof(*link));
	if (!*name || strlen(name) >= IFNAMSIZ)
		return fault_set(fault, -ENODEV,
				 "'%s' cannot be the name of an interface",
				 SHOWN(name));
	ret = nl_talk_open(&talk, NETLINK_ROUTE, fault);
	if (ret)
		return ret;
	begin(&request, NLM_F_ACK);
	mnl_attr_put_strz(&request.header, IFLA_IFNAME, name);
	ret = nl_talk_ask(&talk, &request.header, take_link, link, fault);
	nl_talk_close(&talk);
	if (ret == -ENODEV)
		return fault_set(fault, ret, "there is no interface '%s'",
				 name);
	if (ret)
		return fault_prefix(fault, "cannot look up '%s'", name);
	return 0;
}

uint32_t nl_link_mtu(uint32_t ifindex)
{
	struct nl_link link = { 0 };
	char name[IFNAMSIZ];

	if (if_indextoname(ifindex, name))
		nl_find_link(&link, name, fault_ignored());
	return link.mtu;
}
