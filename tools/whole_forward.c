// SPDX-License-Identifier: GPL-2.0
/* What a server does for its users: forwarding, and masquerading. */
#include <errno.h>

#include "deeds.h"
#include "firewall.h"
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
	bool is_shared = notes_share(id, plan->name);

	if (on && switch_is_off(id)) {
		plan->notes.has_set[id] = true;
		plan_turn(plan, id, true);
	} else if (on) {
		plan->notes.has_set[id] |= is_shared;
	} else if (plan->notes.has_set[id]) {
		plan->notes.has_set[id] = false;
		if (!is_shared)
			plan_turn(plan, id, false);
	}
}

static void plan_masquerade(struct plan *plan, const struct deed *deed,
			    const char *word)
{
	const struct plan_step step = { .deed = deed, .number = AF_UNSPEC };

	plan_add(plan, &step, "%s nftables masquerading of what %s sends on",
		 word, plan->name);
}

static bool has_family(const struct allowed_ips *ips, uint16_t family)
{
	size_t i = 0;

	while (i < ips->count && ips->items[i].family != family)
		i++;
	return i < ips->count;
}

int whole_plan_masquerade(struct plan *plan, bool wants, struct fault *fault)
{
	int ret = 0;

	if (wants == plan->notes.masquerades)
		return 0;
	if (wants)
		ret = whole_need_nft("masquerading", fault);
	else
		ret = firewall_exists(plan->name, AF_UNSPEC, fault);
	if (ret < 0)
		return ret;
	if (wants || ret)
		plan_masquerade(plan, wants ? &deed_add_filter :
					      &deed_delete_filter,
				wants ? "add" : "delete");
	if (!wants || has_family(&plan->setup->addresses, AF_INET))
		whole_plan_switch(plan, SWITCH_FORWARD4, wants);
	if (!wants || has_family(&plan->setup->addresses, AF_INET6))
		whole_plan_switch(plan, SWITCH_FORWARD6, wants);
	plan->notes.masquerades = wants;
	return 0;
}
