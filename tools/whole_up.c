// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "deeds.h"
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

/* The mark that the tunnel's own packets get, when there is a need for one. */
static int choose_mark(struct plan *plan, struct tunnel *tunnel,
		       struct fault *fault)
{
	int ret;

	if (tunnel->fwmark) {
		plan->notes.mark = tunnel->fwmark;
		return 0;
	}
	ret = whole_mark(&plan->rtnl, &plan->notes.mark, fault);
	if (ret)
		return ret;
	tunnel->fwmark = plan->notes.mark;
	tunnel->has |= TUNNEL_HAS_FWMARK;
	return 0;
}

static bool wants_policy(const struct whole_routes *routes)
{
	return routes->wants_policy[0] || routes->wants_policy[1];
}

/* Routes and, once it is known that it is needed, the mark for them. */
static int find_routes(struct plan *plan, struct setup *setup,
		       struct whole_routes *routes, struct fault *fault)
{
	int ret = whole_routes(routes, setup->tunnel, setup, 0);

	if (!ret && wants_policy(routes)) {
		free(routes->items);
		routes->items = NULL;
		ret = whole_need_nft("a default route", fault);
		if (!ret)
			ret = choose_mark(plan, setup->tunnel, fault);
		if (ret)
			return ret;
		ret = whole_routes(routes, setup->tunnel, setup,
				   plan->notes.mark);
	}
	return ret ? fault_set(fault, ret, "out of memory") : 0;
}

static void plan_device(struct plan *plan, struct tunnel *tunnel)
{
	const struct plan_step link = { .deed = &deed_add_link };
	const struct plan_step notes = { .deed = &deed_write_notes };
	const struct plan_step device = { .deed = &deed_device,
					  .change = tunnel };

	change_replace(tunnel);
	plan_add(plan, &link, "add interface %s", plan->name);
	plan_add(plan, &notes, NULL);
	plan_add(plan, &device, "configure %s: %zu peer%s", plan->name,
		 tunnel->peer_count, tunnel->peer_count == 1 ? "" : "s");
}

static int plan_link(struct plan *plan, const struct setup *setup,
		     struct fault *fault)
{
	struct plan_step step = { .deed = &deed_raise_link };
	int ret = 0;
	size_t i;

	for (i = 0; i < setup->addresses.count; i++)
		whole_plan_addresses(plan, RTNL_ADD,
				     &setup->addresses.items[i]);
	step.number = setup->mtu;
	if (!step.number)
		ret = whole_mtu(&plan->rtnl, setup->tunnel, &step.number,
				fault);
	plan_add(plan, &step, "bring %s up with MTU %u", plan->name,
		 step.number);
	return ret;
}

static void plan_dns(struct plan *plan)
{
	const struct plan_step step = { .deed = &deed_set_dns,
					.number = plan->notes.dns };

	if (plan->notes.dns != DNS_NOBODY)
		plan_add(plan, &step, "tell %s of DNS %s",
			 dns_manager_word(plan->notes.dns), plan->notes.names);
}

static int plan_ways(struct plan *plan, const struct whole_routes *routes,
		     struct fault *fault)
{
	size_t i;
	int ret;

	for (i = 0; i < routes->count; i++)
		whole_plan_route(plan, RTNL_ADD, &routes->items[i]);
	/* IPv6 first, as wg-quick does: `nft list` shows tables by age */
	for (i = WHOLE_FAMILIES; i--;) {
		if (!routes->wants_policy[i])
			continue;
		ret = whole_plan_policy(plan, whole_families[i], fault);
		if (ret)
			return ret;
	}
	return 0;
}

static void plan_mark(struct plan *plan, const struct deed *deed)
{
	const struct plan_step step = { .deed = deed };

	plan_add(plan, &step, NULL);
}

static int plan_all(struct plan *plan, struct setup *setup,
		    const struct whole_routes *routes, struct fault *fault)
{
	int ret;

	plan_mark(plan, &deed_undo_by_post_down);
	whole_plan_hooks(plan, SETUP_PRE_UP);
	plan_device(plan, setup->tunnel);
	ret = plan_link(plan, setup, fault);
	if (ret)
		return ret;
	plan_dns(plan);
	ret = plan_ways(plan, routes, fault);
	if (!ret)
		ret = whole_plan_masquerade(plan, setup->masquerades, fault);
	if (ret)
		return ret;
	plan_mark(plan, &deed_undo_by_pre_down);
	whole_plan_hooks(plan, SETUP_POST_UP);
	return 0;
}

int whole_up(struct plan *plan, struct setup *setup, struct fault *fault)
{
	struct whole_routes routes = { 0 };
	int ret = refuse_existing(plan, fault);

	if (ret)
		return ret;
	plan->notes.path = strdup(setup->path);
	ret = whole_need_dns(plan, fault);
	if (!ret)
		ret = find_routes(plan, setup, &routes, fault);
	if (!ret)
		ret = plan_all(plan, setup, &routes, fault);
	free(routes.items);
	return ret;
}
