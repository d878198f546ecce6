/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which routes a tunnel needs, in which tables.
 *
 * With Table = auto a default route goes into a table of its own, whose
 * number is that of the tunnel's mark; policy.h has packets looked up there.
 */
#ifndef _WGCTL_QUICK_ROUTES_H
#define _WGCTL_QUICK_ROUTES_H

#include "quick/plan.h"

struct routes {
	struct rtnl_route *items;
	size_t count;
	size_t room;
	bool wants_policy[IP_FAMILIES]; /* as in ip_families */
};

/* append a copy */
void routes_add(struct routes *routes, const struct rtnl_route *route);

/* Is there one to the same network in the same table? */
bool routes_have(const struct routes *routes, const struct rtnl_route *route);

/**
 * routes_find() - which routes a tunnel needs
 * @plan: its state, and the tunnel of its setup, get the mark, where default
 *	routes need one. Its peers' allowed IPs are what routes lead to; its
 *	addresses' own networks the kernel makes routes to
 * @usual_mark: the mark if the file has none; 0: the first number from 51820
 *	on by which no table goes
 * @routes: filled; its items are for free()
 * @fault: filled on failure
 *
 * What another route of the tunnel covers already gets none.
 *
 * Return: 0 or a negative errno.
 */
int routes_find(struct plan *plan, uint32_t usual_mark,
		struct routes *routes, struct fault *fault);

/* forget the mark of a tunnel that is gone, where another one has it now */
int routes_drop_taken_mark(struct plan *plan, struct fault *fault);

/* of a tunnel without state: the mark that another tool gave it */
void routes_guess_mark(struct plan *plan, const struct tunnel *now);

#endif
