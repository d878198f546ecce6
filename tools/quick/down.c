// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "netlink/link.h"
#include "netlink/nl.h"
#include "quick/filters.h"
#include "quick/hooks.h"
#include "quick/nameservers.h"
#include "quick/ops.h"
#include "quick/policy.h"
#include "quick/quick.h"
#include "quick/routes.h"

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
	routes_guess_mark(plan, now);
	tunnel_free(now);
	/* without a program for it, nothing was told to any */
	plan_dns_need(plan, &ignored);
	return 0;
}

static int plan_rest(struct plan *plan, struct fault *fault)
{
	static const bool wants_none[IP_FAMILIES];
	int ret;

	/* what cannot be listed cannot be taken away; the rest can */
	if (filters_look(plan, fault))
		fault_print(fault);
	ret = plan_masquerade(plan, false, fault) ?:
	      plan_no_policies(plan, wants_none, fault);
	plan_no_foreign(plan);
	return ret;
}

static int plan_all(struct plan *plan, bool has_link, struct fault *fault)
{
	int ret;

	if (has_link)
		plan_hooks(plan, SETUP_PRE_DOWN);
	if (has_link && plan->setup->saves)
		plan_save(plan)->must_work = !plan->setup->is_partial;
	/* servers of an interface go with it, but not those of resolvconf */
	if (has_link || plan->state.dns != DNS_RESOLVED)
		plan_no_dns(plan, plan->state.dns);
	ret = plan_rest(plan, fault);
	if (has_link)
		plan_link_delete(plan);
	plan_state_remove(plan);
	plan_hooks(plan, SETUP_POST_DOWN);
	return ret;
}

int quick_down(struct plan *plan, struct fault *fault)
{
	struct nl_link link;
	int ret;

	plan_read_state(plan);
	ret = find_remains(plan, &link, fault);
	if (!ret && link.ifindex && plan->before.ifindex != link.ifindex)
		ret = guess(plan, fault);
	if (!ret)
		ret = plan_all(plan, link.ifindex, fault);
	return ret;
}
