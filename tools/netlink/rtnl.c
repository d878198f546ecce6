// SPDX-License-Identifier: GPL-2.0
#include "netlink/rtnl.h"

#include <errno.h>
#include <string.h>

#include <linux/fib_rules.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "netlink/link.h"

static uint16_t act_flags(enum rtnl_act act)
{
	return act == RTNL_ADD ? NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL :
				 NLM_F_ACK;
}

static int change(struct nl_talk *rtnl, struct nl_request *request,
		  struct fault *fault)
{
	return nl_talk_ask(rtnl, &request->header, NULL, NULL, fault);
}

static void put_ip(struct nl_request *request, uint16_t type,
		   const struct allowed_ip *ip)
{
	mnl_attr_put(&request->header, type, ip_len(ip), &ip->v6);
}

/* The last attribute of a type behind @room bytes of fixed part, or NULL. */
static const struct nlattr *find(const struct nlmsghdr *message, size_t room,
				 uint16_t type)
{
	const struct nlattr *attr, *found = NULL;

	mnl_attr_for_each(attr, message, room)
		if (mnl_attr_get_type(attr) == type)
			found = attr;
	return found;
}

/* An address attribute of either family. */
static bool get_ip(struct allowed_ip *ip, const struct nlattr *attr)
{
	if (!attr || mnl_attr_get_payload_len(attr) != ip_len(ip))
		return false;
	memcpy(&ip->v6, mnl_attr_get_payload(attr), ip_len(ip));
	return true;
}

/* What is not there, or no number, leaves @value as it was. */
static bool get_u32(uint32_t *value, const struct nlattr *attr)
{
	if (!attr || mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
		return false;
	*value = mnl_attr_get_u32(attr);
	return true;
}

/* A walk over routes or rules of one family. */
struct walk {
	union {
		rtnl_route_fn *route;
		rtnl_rule_fn *rule;
	} each;
	void *context;
	uint16_t family;
};

static int dump(struct nl_talk *rtnl, uint16_t type, size_t room, mnl_cb_t take,
		struct walk *walk, struct fault *fault)
{
	struct nl_request request;
	struct rtgenmsg *info; /* what every fixed part begins with */
	int ret;

	info = nl_begin(&request, type, NLM_F_DUMP, room);
	info->rtgen_family = (unsigned char)walk->family;
	ret = nl_talk_ask(rtnl, &request.header, take, walk, fault);
	/* they come and go all the time; what was seen is good enough */
	return ret == -EINTR ? 0 : ret;
}

/* --- links --- */

int rtnl_link_add(struct nl_talk *rtnl, const char *name, const char *kind,
		  struct fault *fault)
{
	struct nl_request request;
	struct nlattr *nest;

	nl_begin(&request, RTM_NEWLINK, act_flags(RTNL_ADD),
		 sizeof(struct ifinfomsg));
	mnl_attr_put_strz(&request.header, IFLA_IFNAME, name);
	nest = mnl_attr_nest_start(&request.header, IFLA_LINKINFO);
	mnl_attr_put_strz(&request.header, IFLA_INFO_KIND, kind);
	mnl_attr_nest_end(&request.header, nest);
	return change(rtnl, &request, fault);
}

int rtnl_link_del(struct nl_talk *rtnl, const char *name, struct fault *fault)
{
	struct nl_request request;

	nl_begin(&request, RTM_DELLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(&request.header, IFLA_IFNAME, name);
	return change(rtnl, &request, fault);
}

int rtnl_link_up(struct nl_talk *rtnl, const char *name, uint32_t mtu,
		 struct fault *fault)
{
	struct nl_request request;
	struct ifinfomsg *info;

	info = nl_begin(&request, RTM_NEWLINK, NLM_F_ACK, sizeof(*info));
	info->ifi_flags = IFF_UP;
	info->ifi_change = IFF_UP;
	mnl_attr_put_strz(&request.header, IFLA_IFNAME, name);
	mnl_attr_put_u32(&request.header, IFLA_MTU, mtu);
	return change(rtnl, &request, fault);
}

/* --- addresses --- */

static bool is_loopback(const struct allowed_ip *ip)
{
	return ip->family == AF_INET && ntohl(ip->v4.s_addr) >> 24 == 127;
}

int rtnl_address(struct nl_talk *rtnl, enum rtnl_act act, uint32_t ifindex,
		 const struct allowed_ip *ip, struct fault *fault)
{
	struct nl_request request;
	struct ifaddrmsg *info;

	info = nl_begin(&request, act == RTNL_ADD ? RTM_NEWADDR : RTM_DELADDR,
			act_flags(act), sizeof(*info));
	info->ifa_family = (uint8_t)ip->family;
	info->ifa_prefixlen = ip->cidr;
	info->ifa_index = ifindex;
	info->ifa_scope = is_loopback(ip) ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
	put_ip(&request, IFA_LOCAL, ip);
	put_ip(&request, IFA_ADDRESS, ip);
	return change(rtnl, &request, fault);
}

struct address_walk {
	uint32_t ifindex;
	struct allowed_ips *ips;
};

static int take_address(const struct nlmsghdr *message, void *context)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	struct address_walk *walk = context;
	struct allowed_ip ip = { 0 };
	uint32_t flags = 0;
	bool is_found;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    (walk->ifindex && info->ifa_index != walk->ifindex))
		return 0;
	ip.family = info->ifa_family;
	ip.cidr = info->ifa_prefixlen;
	get_u32(&flags, find(message, sizeof(*info), IFA_FLAGS));
	/* IPv4's own address is LOCAL, IPv6 often has ADDRESS only */
	is_found = get_ip(&ip, find(message, sizeof(*info), IFA_LOCAL)) ||
		   get_ip(&ip, find(message, sizeof(*info), IFA_ADDRESS));
	/* a link-local address that nobody gave is the kernel's own business */
	if (!is_found || (info->ifa_scope == RT_SCOPE_LINK &&
			  ip.family == AF_INET6 && ip.cidr == 64 &&
			  !(flags & IFA_F_PERMANENT)))
		return 0;
	ips_add(walk->ips, &ip);
	return 0;
}

int rtnl_addresses(struct nl_talk *rtnl, uint32_t ifindex,
		   struct allowed_ips *ips, struct fault *fault)
{
	struct address_walk walk = { ifindex, ips };
	struct nl_request request;
	size_t before = ips->count;
	int ret, tries = 0;

	do {
		ips->count = before;
		nl_begin(&request, RTM_GETADDR, NLM_F_DUMP,
			 sizeof(struct ifaddrmsg));
		ret = nl_talk_ask(rtnl, &request.header, take_address,
				  &walk, fault);
	} while (ret == -EINTR && ++tries < 16);
	return ret;
}

/* --- routes --- */

int rtnl_route(struct nl_talk *rtnl, enum rtnl_act act,
	       const struct rtnl_route *route, struct fault *fault)
{
	struct nl_request request;
	struct rtmsg *info;

	info = nl_begin(&request, act == RTNL_ADD ? RTM_NEWROUTE : RTM_DELROUTE,
			act_flags(act), sizeof(*info));
	info->rtm_family = (unsigned char)route->to.family;
	info->rtm_dst_len = route->to.cidr;
	info->rtm_table = route->table < 256 ? (unsigned char)route->table :
					       RT_TABLE_UNSPEC;
	info->rtm_protocol = RTPROT_BOOT;
	info->rtm_scope = RT_SCOPE_LINK;
	info->rtm_type = RTN_UNICAST;
	put_ip(&request, RTA_DST, &route->to);
	mnl_attr_put_u32(&request.header, RTA_TABLE, route->table);
	mnl_attr_put_u32(&request.header, RTA_OIF, route->ifindex);
	return change(rtnl, &request, fault);
}

static void read_route(struct rtnl_route *route,
		       const struct nlmsghdr *message)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);

	memset(route, 0, sizeof(*route));
	route->to.family = info->rtm_family;
	route->to.cidr = info->rtm_dst_len;
	route->table = info->rtm_table;
	route->protocol = info->rtm_protocol;
	route->type = info->rtm_type;
	get_ip(&route->to, find(message, sizeof(*info), RTA_DST));
	get_u32(&route->table, find(message, sizeof(*info), RTA_TABLE));
	get_u32(&route->ifindex, find(message, sizeof(*info), RTA_OIF));
}

static int take_route(const struct nlmsghdr *message, void *context)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	struct rtnl_route route;
	struct walk *walk = context;

	/* of a cloned (cached) route nobody here wants to know */
	if (message->nlmsg_type != RTM_NEWROUTE ||
	    info->rtm_family != walk->family ||
	    info->rtm_flags & RTM_F_CLONED)
		return 0;
	read_route(&route, message);
	walk->each.route(&route, walk->context);
	return 0;
}

int rtnl_each_route(struct nl_talk *rtnl, uint16_t family, rtnl_route_fn *each,
		    void *context, struct fault *fault)
{
	struct walk walk = { { .route = each }, context, family };

	return dump(rtnl, RTM_GETROUTE, sizeof(struct rtmsg), take_route,
		    &walk, fault);
}

/* --- rules --- */

int rtnl_rule(struct nl_talk *rtnl, enum rtnl_act act,
	      const struct rtnl_rule *rule, struct fault *fault)
{
	struct nl_request request;
	struct fib_rule_hdr *info;

	info = nl_begin(&request, act == RTNL_ADD ? RTM_NEWRULE : RTM_DELRULE,
			act_flags(act), sizeof(*info));
	info->family = (uint8_t)rule->family;
	info->action = FR_ACT_TO_TBL;
	info->table = rule->table < 256 ? (uint8_t)rule->table :
					  RT_TABLE_UNSPEC;
	mnl_attr_put_u32(&request.header, FRA_TABLE, rule->table);
	if (rule->priority)
		mnl_attr_put_u32(&request.header, FRA_PRIORITY, rule->priority);
	if (rule->kind == RTNL_RULE_NOT_MARK) {
		info->flags = FIB_RULE_INVERT;
		mnl_attr_put_u32(&request.header, FRA_FWMARK, rule->mark);
	} else {
		mnl_attr_put_u32(&request.header, FRA_SUPPRESS_PREFIXLEN, 0);
	}
	return change(rtnl, &request, fault);
}

static enum rtnl_rule_kind kind_of(const struct rtnl_rule *rule, bool is_not,
				   bool has_mark, uint32_t suppressed)
{
	if (is_not && has_mark && rule->table == rule->mark &&
	    suppressed == UINT32_MAX)
		return RTNL_RULE_NOT_MARK;
	if (!is_not && !has_mark && !suppressed && rule->table == RT_TABLE_MAIN)
		return RTNL_RULE_MAIN;
	return RTNL_RULE_OTHER;
}

/* Does it ask for more of a packet than a mark? */
static bool is_narrow(const struct fib_rule_hdr *info,
		      const struct nlmsghdr *message)
{
	const size_t room = sizeof(*info);
	uint32_t mask = UINT32_MAX;

	get_u32(&mask, find(message, room, FRA_FWMASK));
	return info->src_len || info->dst_len || info->tos ||
	       info->action != FR_ACT_TO_TBL || mask != UINT32_MAX ||
	       find(message, room, FRA_IIFNAME) ||
	       find(message, room, FRA_OIFNAME) ||
	       find(message, room, FRA_UID_RANGE) ||
	       find(message, room, FRA_IP_PROTO);
}

static void read_rule(struct rtnl_rule *rule, const struct nlmsghdr *message)
{
	const struct fib_rule_hdr *info = mnl_nlmsg_get_payload(message);
	const size_t room = sizeof(*info);
	uint32_t suppressed = UINT32_MAX;
	bool has_mark;

	memset(rule, 0, sizeof(*rule));
	rule->family = info->family;
	rule->table = info->table;
	get_u32(&rule->table, find(message, room, FRA_TABLE));
	get_u32(&rule->priority, find(message, room, FRA_PRIORITY));
	get_u32(&suppressed, find(message, room, FRA_SUPPRESS_PREFIXLEN));
	has_mark = get_u32(&rule->mark, find(message, room, FRA_FWMARK));
	rule->has_source = info->src_len;
	rule->is_vrfs = find(message, room, FRA_L3MDEV);
	if (!is_narrow(info, message))
		rule->kind = kind_of(rule, info->flags & FIB_RULE_INVERT,
				     has_mark, suppressed);
}

static int take_rule(const struct nlmsghdr *message, void *context)
{
	const struct fib_rule_hdr *info = mnl_nlmsg_get_payload(message);
	struct walk *walk = context;
	struct rtnl_rule rule;

	if (message->nlmsg_type != RTM_NEWRULE ||
	    info->family != walk->family)
		return 0;
	read_rule(&rule, message);
	walk->each.rule(&rule, walk->context);
	return 0;
}

int rtnl_each_rule(struct nl_talk *rtnl, uint16_t family, rtnl_rule_fn *each,
		   void *context, struct fault *fault)
{
	struct walk walk = { { .rule = each }, context, family };

	return dump(rtnl, RTM_GETRULE, sizeof(struct fib_rule_hdr), take_rule,
		    &walk, fault);
}

/* --- the way to an address --- */

static void read_metrics(struct rtnl_way *way, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == RTAX_MTU)
			get_u32(&way->mtu, attr);
}

static int take_way(const struct nlmsghdr *message, void *context)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	struct rtnl_way *way = context;
	const struct nlattr *metrics;

	if (message->nlmsg_type != RTM_NEWROUTE)
		return 0;
	way->source.family = info->rtm_family;
	way->source.cidr = info->rtm_family == AF_INET ? 32 : 128;
	get_u32(&way->ifindex, find(message, sizeof(*info), RTA_OIF));
	get_ip(&way->source, find(message, sizeof(*info), RTA_PREFSRC));
	metrics = find(message, sizeof(*info), RTA_METRICS);
	if (metrics)
		read_metrics(way, metrics);
	return 0;
}

int rtnl_way_to(struct nl_talk *rtnl, struct rtnl_way *way,
		const struct rtnl_packets *packets, struct fault *fault)
{
	const struct sockaddr_in6 *v6 = (const void *)packets->to;
	const struct sockaddr_in *v4 = (const void *)packets->to;
	const bool is_ipv4 = packets->to->sa_family == AF_INET;
	struct nl_request request;
	struct rtmsg *info;
	int ret;

	memset(way, 0, sizeof(*way));
	info = nl_begin(&request, RTM_GETROUTE, NLM_F_ACK, sizeof(*info));
	info->rtm_family = (unsigned char)packets->to->sa_family;
	info->rtm_dst_len = is_ipv4 ? 32 : 128;
	if (is_ipv4)
		mnl_attr_put(&request.header, RTA_DST, 4, &v4->sin_addr);
	else
		mnl_attr_put(&request.header, RTA_DST, 16, &v6->sin6_addr);
	if (packets->from) {
		info->rtm_src_len = info->rtm_dst_len;
		put_ip(&request, RTA_SRC, packets->from);
	}
	if (packets->mark)
		mnl_attr_put_u32(&request.header, RTA_MARK, packets->mark);
	if (packets->bound)
		mnl_attr_put_u32(&request.header, RTA_OIF, packets->bound);
	ret = nl_talk_ask(rtnl, &request.header, take_way, way, fault);
	if (!ret && !way->mtu)
		way->mtu = nl_link_mtu(way->ifindex);
	return ret;
}
