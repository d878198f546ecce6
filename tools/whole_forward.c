// SPDX-License-Identifier: GPL-2.0
/* What a server does for its users: forwarding, and masquerading. */
#include <errno.h>

#include "deeds.h"
#include "whole_parts.h"

static void plan_turn(struct plan *plan, enum switch_id id, bool on)
{
	const struct plan_step step = {
		.deed = on ? &deed_turn_on : &deed_turn_off,
		.number = id,
	};

	plan_add(plan, &step, "set %s to %d", switch_name(id), on);
}

void whole_plan_switch(struct plan *plan, enum switch_id id, bool on)
{
	const struct plan_step leave = { .deed = &deed_leave_on,
					 .number = id };
	bool is_shared = notes_share(id, plan->name);

	if (on && switch_is_off(id)) {
		plan->notes.has_set[id] = true;
		plan_turn(plan, id, true);
	} else if (on) {
		plan->notes.has_set[id] |= is_shared;
	} else if (plan->notes.has_set[id] && is_shared) {
		plan_add(plan, &leave, NULL);
	} else if (plan->notes.has_set[id]) {
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

int whole_plan_masquerade(struct plan *plan, const struct whole_seen *seen,
			  bool wants, struct fault *fault)
{
	const struct allowed_ips *ips = &plan->setup->addresses;
	int ret = wants ? whole_need_firewall("masquerading", fault) : 0;

	if (ret)
		return ret;
	if (wants)
		whole_plan_filter(plan, seen, AF_UNSPEC);
	else
		whole_plan_no_filter(plan, seen, AF_UNSPEC);
	whole_plan_switch(plan, SWITCH_FORWARD4,
			  wants && has_family(ips, AF_INET));
	whole_plan_switch(plan, SWITCH_FORWARD6,
			  wants && has_family(ips, AF_INET6));
	return 0;
}
