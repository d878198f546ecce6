// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "quick/quick.h"
#include "quick/quick_internal.h"

static int refuse_existing(struct plan *plan, struct fault *fault)
{
	struct rtnl_link link;
	int ret = rtnl_link_get(&plan->rtnl, &link, plan->name, fault);

	if (ret == -ENODEV)
		return 0;
	if (ret)
		return ret;
	return fault_set(fault, -EEXIST,
			 "'%s' exists already: 'wgctl reload %s' brings it to what its file says, 'wgctl down %s' takes it away",
			 plan->name, plan->name, plan->name);
}

/* Of an interface that somebody has deleted, the rest may still be there. */
static int look(struct plan *plan, struct quick_seen *seen,
		struct fault *fault)
{
	int ret;

	if (!plan->before.path)
		return 0;
	plan->state.mark = 0;
	/* servers of an interface go with it, but not those of resolvconf */
	if (plan->before.dns == DNS_RESOLVED)
		plan->before.dns = DNS_NOBODY;
	plan->state.dns = plan->before.dns;
	free(plan->before.names);
	plan->before.names = NULL;
	ret = quick_look(plan, seen, fault);
	return ret ? ret : quick_drop_taken_mark(plan, fault);
}

/* The names are looked up last: PreUp may have to wait for a network. */
static void plan_device(struct plan *plan, struct tunnel *tunnel)
{
	const struct plan_step link = { .op = &op_add_link };
	const struct plan_step names = { .op = &op_resolve,
					 .change = tunnel };
	const struct plan_step device = { .op = &op_device,
					  .change = tunnel };

	plan_add(plan, &link, "add interface %s", plan->name);
	quick_plan_mark(plan, &op_write_state);
	quick_plan_hooks(plan, SETUP_PRE_UP);
	plan_add(plan, &names, NULL);
	plan_add(plan, &device, "configure %s: %zu peer%s", plan->name,
		 tunnel->peer_count, tunnel->peer_count == 1 ? "" : "s");
}

static void plan_link(struct plan *plan, const struct setup *setup)
{
	const struct plan_step raise = { .op = &op_raise_link,
					 .number = setup->mtu };
	size_t i;

	for (i = 0; i < setup->addresses.count; i++)
		quick_plan_addresses(plan, RTNL_ADD,
				     &setup->addresses.items[i]);
	if (setup->mtu)
		plan_add(plan, &raise, "bring %s up with MTU %u", plan->name,
			 setup->mtu);
	else
		plan_add(plan, &raise,
			 "bring %s up with the MTU that fits the ways to its peers",
			 plan->name);
}

/* A default route comes once all that is not for it has been led elsewhere. */
static int plan_ways(struct plan *plan, const struct quick_seen *seen,
		     const struct quick_routes *routes, struct fault *fault)
{
	int ret = quick_plan_policies(plan, seen, routes->wants_policy, fault);
	size_t i;

	for (i = 0; i < routes->count; i++)
		quick_plan_route(plan, RTNL_ADD, &routes->items[i]);
	if (!ret)
		ret = quick_plan_no_policies(plan, seen, routes->wants_policy,
					     fault);
	return ret;
}

static int plan_all(struct plan *plan, const struct setup *setup,
		    const struct quick_seen *seen,
		    const struct quick_routes *routes, struct fault *fault)
{
	int ret;

	quick_plan_mark(plan, &op_undo_by_post_down);
	plan_device(plan, setup->tunnel);
	plan_link(plan, setup);
	quick_plan_dns(plan);
	ret = plan_ways(plan, seen, routes, fault);
	if (!ret)
		ret = quick_plan_masquerade(plan, seen, setup->masquerades,
					    fault);
	if (plan->before.path)
		quick_plan_mark(plan, &op_write_state);
	quick_plan_mark(plan, &op_undo_by_pre_down);
	quick_plan_hooks(plan, SETUP_POST_UP);
	return ret;
}

int quick_up(struct plan *plan, struct setup *setup, struct fault *fault)
{
	struct quick_routes routes = { 0 };
	struct quick_seen seen = { 0 };
	int ret = refuse_existing(plan, fault);

	if (!ret)
		ret = quick_begin(plan, setup->path, fault);
	if (!ret)
		ret = look(plan, &seen, fault);
	if (!ret)
		ret = quick_need_dns(plan, fault);
	if (!ret)
		ret = quick_find_routes(plan, setup, 0, &routes, fault);
	if (!ret)
		ret = plan_all(plan, setup, &seen, &routes, fault);
	free(routes.items);
	return ret;
}
