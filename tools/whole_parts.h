/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the whole_*.c files share; for no other file.
 *
 * Policy: with Table = auto a default route goes into a table of its own,
 * which all packets without the tunnel's mark are looked up in, after the
 * main table without its default route:
 *
 *	32764: from all lookup main suppress_prefixlength 0
 *	32765: not from all fwmark 51820 lookup 51820
 */
#ifndef _WGCTL_WHOLE_PARTS_H
#define _WGCTL_WHOLE_PARTS_H

#include "plan.h"

#define WHOLE_FAMILIES 2

extern const uint16_t whole_families[WHOLE_FAMILIES]; /* as in notes */

/* "IPv4", "IPv6" */
const char *whole_family_word(uint16_t family);

/* The routes that a setup needs, each with its table. */
struct whole_routes {
	struct rtnl_route *items;
	size_t count;
	bool wants_policy[WHOLE_FAMILIES];
};

/**
 * whole_routes() - which routes a tunnel needs
 * @routes: filled; its items are for free()
 * @tunnel: its peers' allowed IPs are what routes lead to
 * @setup: addresses, whose own networks the kernel makes routes to, and table
 * @mark: the table of default routes
 *
 * Pure. What another route of the tunnel covers already gets none.
 *
 * Return: 0 or -ENOMEM.
 */
int whole_routes(struct whole_routes *routes, const struct tunnel *tunnel,
		 const struct setup *setup, uint32_t mark);

/**
 * whole_mark() - the mark and table for default routes
 * @rtnl: open
 * @mark: the first number from 51820 on by which no table goes
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int whole_mark(struct rtnl *rtnl, uint32_t *mark, struct fault *fault);

/**
 * whole_mtu() - what fits into the packets that carry the tunnel
 * @rtnl: open
 * @tunnel: with resolved endpoints
 * @mtu: the largest of the routes' to them, or else the default route's, less
 *	what a tunnel adds
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int whole_mtu(struct rtnl *rtnl, const struct tunnel *tunnel, uint32_t *mtu,
	      struct fault *fault);

/* Which rules there are, of those that the policy is made of. */
struct whole_rules {
	bool has_mark; /* this tunnel's own */
	uint32_t mark_priority;
	bool has_main;
	uint32_t main_priority;
	bool has_others; /* another tunnel's: it needs the one of main as well */
};

int whole_rules(struct rtnl *rtnl, uint16_t family, uint32_t mark,
		struct whole_rules *rules, struct fault *fault);

/* Steps that more than one plan has. */
void whole_plan_route(struct plan *plan, enum rtnl_act act,
		      const struct rtnl_route *route);
void whole_plan_addresses(struct plan *plan, enum rtnl_act act,
			  const struct allowed_ip *ip);
void whole_plan_hooks(struct plan *plan, enum setup_hook hook);
int whole_plan_policy(struct plan *plan, uint16_t family,
		      struct fault *fault);
void whole_plan_filter(struct plan *plan, const struct deed *deed,
		       const char *words, uint16_t family);
int whole_plan_no_policy(struct plan *plan, uint16_t family,
			 struct fault *fault);

/* turn a switch on, if it is off; turn it off, if no other tunnel needs it */
void whole_plan_switch(struct plan *plan, enum switch_id id, bool on);

/**
 * whole_plan_masquerade() - masquerade as the file wants, or not
 * @plan: gets what steps there are from what its notes say to that
 * @wants: masquerading
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int whole_plan_masquerade(struct plan *plan, bool wants, struct fault *fault);

/* is the program there that name servers, or filters, need? */
int whole_need_dns(struct plan *plan, struct fault *fault);
int whole_need_nft(const char *what, struct fault *fault);

#endif
