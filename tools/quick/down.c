// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "netlink/nl.h"
#include "quick/quick.h"
#include "quick/quick_internal.h"

/* What is there of the tunnel: its interface, state of it, or both? */
static int find_remains(struct plan *plan, struct nl_link *link,
			struct fault *fault)
{
	int ret = nl_find_link(link, plan->name, fault);

	if (ret == -ENODEV && plan->before.path)
		return 0;
	if (ret == -ENODEV)
		return fault_set(fault, ret, "'%s' is not up", plan->name);
	if (!ret && !link->kind[0])
		return fault_set(fault, -EINVAL, "'%s' is not a tunnel",
				 plan->name);
	return ret;
}

/* Brought up by another tool: what it did is to be guessed. */
static int guess(struct plan *plan, struct fault *fault)
{
	struct tunnel *now = nl_get(plan->name, fault);
	struct fault ignored;

	if (!now)
		return fault->code;
	quick_guess_mark(plan, now);
	tunnel_free(now);
	/* without a program for it, nothing was told to any */
	quick_need_dns(plan, &ignored);
	return 0;
}

static void plan_save(struct plan *plan)
{
	const struct plan_step step = {
		.op = &op_save,
		.must_work = !plan->setup->is_partial,
	};

	plan_add(plan, &step, "save %s", plan->setup->path);
}

static int plan_around(struct plan *plan, struct fault *fault)
{
	static const bool wants_none[QUICK_FAMILIES];
	struct quick_seen seen = { 0 };
	int ret;

	/* what cannot be listed cannot be taken away; the rest can */
	if (quick_look(plan, &seen, fault))
		fault_print(fault);
	ret = quick_plan_masquerade(plan, &seen, false, fault);
	if (!ret)
		ret = quick_plan_no_policies(plan, &seen, wants_none, fault);
	quick_plan_no_foreign(plan, &seen);
	return ret;
}

static int plan_all(struct plan *plan, bool has_link, struct fault *fault)
{
	const struct plan_step link = { .op = &op_delete_link };
	int ret;

	if (has_link)
		quick_plan_hooks(plan, SETUP_PRE_DOWN);
	if (has_link && plan->setup->saves)
		plan_save(plan);
	/* servers of an interface go with it, but not those of resolvconf */
	if (has_link || plan->state.dns != DNS_RESOLVED)
		quick_plan_no_dns(plan, plan->state.dns);
	ret = plan_around(plan, fault);
	if (has_link)
		plan_add(plan, &link, "delete interface %s", plan->name);
	quick_plan_mark(plan, &op_remove_state);
	quick_plan_hooks(plan, SETUP_POST_DOWN);
	return ret;
}

int quick_down(struct plan *plan, struct fault *fault)
{
	struct nl_link link = { 0 };
	int ret = quick_begin(plan, plan->setup->path, fault);

	if (!ret)
		ret = find_remains(plan, &link, fault);
	if (!ret && link.ifindex && plan->before.ifindex != link.ifindex)
		ret = guess(plan, fault);
	if (!ret)
		ret = plan_all(plan, link.ifindex, fault);
	return ret;
}
