/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steps that plans are made of: each function appends one, or says nothing
 * and appends none. What undoes a step stands beside it in ops.c; hooks.h,
 * filters.h and nameservers.h have the others.
 */
#ifndef _WGCTL_QUICK_OPS_H
#define _WGCTL_QUICK_OPS_H

#include "quick/plan.h"

/* arg.change; what there is to print depends on the change */
extern const struct op op_device;

void plan_link_add(struct plan *plan);
void plan_link_delete(struct plan *plan);
void plan_link_up(struct plan *plan);
void plan_link_mtu(struct plan *plan, uint32_t mtu);
void plan_address(struct plan *plan, enum rtnl_act act,
		  const struct allowed_ip *ip);
void plan_route(struct plan *plan, enum rtnl_act act,
		const struct rtnl_route *route);
void plan_rule(struct plan *plan, enum rtnl_act act,
	       const struct rtnl_rule *rule);

/* look up the names of a tunnel's endpoints */
void plan_resolve(struct plan *plan, struct tunnel *tunnel);

/* the device's state into the file */
struct plan_step *plan_save(struct plan *plan);

/* first, and again at the end if less is left to undo */
void plan_state_write(struct plan *plan);
void plan_state_remove(struct plan *plan);

#endif
