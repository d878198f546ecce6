/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changing links; addresses, routes and rules, over rtnetlink.
 *
 * Each function is one request; none decides anything, and none prints. What
 * adds also deletes, so that every step has its opposite. @rtnl is a conversation
 * that nl_talk_open() has opened with NETLINK_ROUTE.
 */
#ifndef _WGCTL_NETLINK_RTNL_H
#define _WGCTL_NETLINK_RTNL_H

#include <stdint.h>
#include <sys/socket.h>

#include "lib/fault.h"
#include "model/tunnel.h"
#include "netlink/talk.h"

/* make an interface of a kind; take one away */
int rtnl_link_add(struct nl_talk *rtnl, const char *name, const char *kind,
		  struct fault *fault);
int rtnl_link_del(struct nl_talk *rtnl, const char *name, struct fault *fault);

/* bring an interface up, with this MTU */
int rtnl_link_up(struct nl_talk *rtnl, const char *name, uint32_t mtu,
		 struct fault *fault);

enum rtnl_act {
	RTNL_ADD, /* -EEXIST where it is already */
	RTNL_DELETE,
};

int rtnl_address(struct nl_talk *rtnl, enum rtnl_act act, uint32_t ifindex,
		 const struct allowed_ip *ip, struct fault *fault);

struct rtnl_route {
	struct allowed_ip to; /* without host bits */
	uint32_t table;
	uint32_t ifindex;
	uint8_t protocol; /* RTPROT_*; read only */
	uint8_t type; /* RTN_*; read only */
};

int rtnl_route(struct nl_talk *rtnl, enum rtnl_act act,
	       const struct rtnl_route *route, struct fault *fault);

enum rtnl_rule_kind {
	RTNL_RULE_OTHER, /* none of ours */
	RTNL_RULE_NOT_MARK, /* what lacks this mark goes by the table of its number */
	RTNL_RULE_MAIN, /* all but the default route of main comes first */
};

struct rtnl_rule {
	enum rtnl_rule_kind kind;
	uint16_t family;
	uint32_t mark;
	uint32_t table;
	uint32_t priority; /* 0: the kernel chooses, before all others */
	bool has_source; /* it is for packets from some address; read only */
	bool is_vrfs; /* it names no table, but all of VRFs; read only */
};

int rtnl_rule(struct nl_talk *rtnl, enum rtnl_act act,
	      const struct rtnl_rule *rule, struct fault *fault);

/**
 * rtnl_addresses() - the addresses of an interface
 * @rtnl: open
 * @ifindex: of the interface; 0: of all
 * @ips: grows; addresses that the kernel gave itself are left out
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int rtnl_addresses(struct nl_talk *rtnl, uint32_t ifindex,
		   struct allowed_ips *ips, struct fault *fault);

/* called for each */
typedef void rtnl_route_fn(const struct rtnl_route *route, void *context);
typedef void rtnl_rule_fn(const struct rtnl_rule *rule, void *context);

int rtnl_each_route(struct nl_talk *rtnl, uint16_t family, rtnl_route_fn *each,
		    void *context, struct fault *fault);
int rtnl_each_rule(struct nl_talk *rtnl, uint16_t family, rtnl_rule_fn *each,
		   void *context, struct fault *fault);

struct rtnl_way {
	uint32_t ifindex; /* by which packets leave; 0: no way */
	uint32_t mtu; /* of the route, or else of that interface */
	struct allowed_ip source; /* chosen by the kernel */
};

/* Which packets; what is 0 or NULL is left to the kernel. */
struct rtnl_packets {
	const struct sockaddr *to; /* IPv4 or IPv6 */
	const struct allowed_ip *from;
	uint32_t mark;
	uint32_t bound; /* the interface, or the VRF, by which they leave */
};

/**
 * rtnl_way_to() - how packets to an address leave
 * @rtnl: open
 * @way: filled
 * @packets: which
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno such as -ENETUNREACH.
 */
int rtnl_way_to(struct nl_talk *rtnl, struct rtnl_way *way,
		const struct rtnl_packets *packets, struct fault *fault);

#endif
