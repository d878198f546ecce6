// SPDX-License-Identifier: GPL-2.0
/* What a server does for its users: forwarding, and masquerading. */
#include <errno.h>

#include "quick/ops.h"
#include "quick/quick_internal.h"

static void plan_turn(struct plan *plan, enum sysctl_id id, bool on)
{
	const struct plan_step step = {
		.op = on ? &op_turn_on : &op_turn_off,
		.number = id,
	};

	plan_add(plan, &step, "set %s to %d", sysctl_name(id), on);
}

void quick_plan_switch(struct plan *plan, enum sysctl_id id, bool on)
{
	const struct plan_step leave = { .op = &op_leave_on,
					 .number = id };
	bool is_shared = state_share(id, plan->name);

	if (on && sysctl_is_off(id)) {
		plan->state.has_set[id] = true;
		plan_turn(plan, id, true);
	} else if (on) {
		plan->state.has_set[id] |= is_shared;
	} else if (plan->state.has_set[id] && is_shared) {
		plan_add(plan, &leave, NULL);
	} else if (plan->state.has_set[id]) {
		plan_turn(plan, id, false);
	}
}

static bool has_family(const struct allowed_ips *ips, uint16_t family)
{
	size_t i = 0;

	while (i < ips->count && ips->items[i].family != family)
		i++;
	return i < ips->count;
}

int quick_plan_masquerade(struct plan *plan, const struct quick_seen *seen,
			  bool wants, struct fault *fault)
{
	const struct allowed_ips *ips = &plan->setup->addresses;
	int ret = wants ? quick_need_firewall("masquerading", fault) : 0;

	if (ret)
		return ret;
	if (wants)
		quick_plan_filter(plan, seen, AF_UNSPEC);
	else
		quick_plan_no_filter(plan, seen, AF_UNSPEC);
	quick_plan_switch(plan, SYSCTL_FORWARD4,
			  wants && has_family(ips, AF_INET));
	quick_plan_switch(plan, SYSCTL_FORWARD6,
			  wants && has_family(ips, AF_INET6));
	return 0;
}
