// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "whole.h"
#include "whole_parts.h"

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
static int look(struct plan *plan, struct whole_seen *seen,
		struct fault *fault)
{
	int ret;

	if (!plan->before.path)
		return 0;
	plan->notes.mark = 0;
	/* servers of an interface go with it, but not those of resolvconf */
	if (plan->before.dns == DNS_RESOLVED)
		plan->before.dns = DNS_NOBODY;
	plan->notes.dns = plan->before.dns;
	free(plan->before.names);
	plan->before.names = NULL;
	ret = whole_look(plan, seen, fault);
	return ret ? ret : whole_drop_taken_mark(plan, fault);
}

/* The names are looked up last: PreUp may have to wait for a network. */
static void plan_device(struct plan *plan, struct tunnel *tunnel)
{
	const struct plan_step link = { .deed = &deed_add_link };
	const struct plan_step names = { .deed = &deed_resolve,
					 .change = tunnel };
	const struct plan_step device = { .deed = &deed_device,
					  .change = tunnel };

	plan_add(plan, &link, "add interface %s", plan->name);
	whole_plan_mark(plan, &deed_write_notes);
	whole_plan_hooks(plan, SETUP_PRE_UP);
	plan_add(plan, &names, NULL);
	plan_add(plan, &device, "configure %s: %zu peer%s", plan->name,
		 tunnel->peer_count, tunnel->peer_count == 1 ? "" : "s");
}

static void plan_link(struct plan *plan, const struct setup *setup)
{
	const struct plan_step raise = { .deed = &deed_raise_link,
					 .number = setup->mtu };
	size_t i;

	for (i = 0; i < setup->addresses.count; i++)
		whole_plan_addresses(plan, RTNL_ADD,
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
static int plan_ways(struct plan *plan, const struct whole_seen *seen,
		     const struct whole_routes *routes, struct fault *fault)
{
	int ret = whole_plan_policies(plan, seen, routes->wants_policy, fault);
	size_t i;

	for (i = 0; i < routes->count; i++)
		whole_plan_route(plan, RTNL_ADD, &routes->items[i]);
	if (!ret)
		ret = whole_plan_no_policies(plan, seen, routes->wants_policy,
					     fault);
	return ret;
}

static int plan_all(struct plan *plan, const struct setup *setup,
		    const struct whole_seen *seen,
		    const struct whole_routes *routes, struct fault *fault)
{
	int ret;

	whole_plan_mark(plan, &deed_undo_by_post_down);
	plan_device(plan, setup->tunnel);
	plan_link(plan, setup);
	whole_plan_dns(plan);
	ret = plan_ways(plan, seen, routes, fault);
	if (!ret)
		ret = whole_plan_masquerade(plan, seen, setup->masquerades,
					    fault);
	if (plan->before.path)
		whole_plan_mark(plan, &deed_write_notes);
	whole_plan_mark(plan, &deed_undo_by_pre_down);
	whole_plan_hooks(plan, SETUP_POST_UP);
	return ret;
}

int whole_up(struct plan *plan, struct setup *setup, struct fault *fault)
{
	struct whole_routes routes = { 0 };
	struct whole_seen seen = { 0 };
	int ret = refuse_existing(plan, fault);

	if (!ret)
		ret = whole_begin(plan, setup->path, fault);
	if (!ret)
		ret = look(plan, &seen, fault);
	if (!ret)
		ret = whole_need_dns(plan, fault);
	if (!ret)
		ret = whole_find_routes(plan, setup, 0, &routes, fault);
	if (!ret)
		ret = plan_all(plan, setup, &seen, &routes, fault);
	free(routes.items);
	return ret;
}
