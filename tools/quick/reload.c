// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include "model/change.h"
#include "quick/quick.h"
#include "quick/quick_internal.h"

/* The state of the machine that a reload starts from. */
struct current {
	struct rtnl_link link;
	struct allowed_ips *addresses;
	struct rtnl_route *routes; /* of the interface, made by commands */
	size_t count;
	size_t room;
};

static int keep_route(const struct rtnl_route *route, void *context)
{
	struct current *current = context;

	if (route->ifindex != current->link.ifindex ||
	    route->protocol != RTPROT_BOOT)
		return 0;
	if (current->count == current->room) {
		size_t room = current->room ? current->room * 2 : 16;
		struct rtnl_route *routes = current->routes;

		routes = reallocarray(routes, room, sizeof(*routes));

		if (!routes)
			return -ENOMEM;
		current->routes = routes;
		current->room = room;
	}
	current->routes[current->count++] = *route;
	return 0;
}

static int look(struct plan *plan, struct current *current,
		struct fault *fault)
{
	size_t i;
	int ret;

	ret = rtnl_link_get(&plan->rtnl, &current->link, plan->name, fault);
	if (!ret)
		ret = rtnl_addresses(&plan->rtnl, current->link.ifindex,
				     current->addresses, fault);
	for (i = 0; i < QUICK_FAMILIES && !ret; i++)
		ret = rtnl_each_route(&plan->rtnl, quick_families[i],
				      keep_route, current, fault);
	return ret;
}

static bool same_ip(const struct allowed_ip *a, const struct allowed_ip *b)
{
	return a->family == b->family && a->cidr == b->cidr &&
	       !memcmp(&a->v6, &b->v6, a->family == AF_INET ? 4 : 16);
}

static bool has_ip(const struct allowed_ips *ips, const struct allowed_ip *ip)
{
	size_t i = 0;

	while (i < ips->count && !same_ip(&ips->items[i], ip))
		i++;
	return i < ips->count;
}

static bool same_route(const struct rtnl_route *a, const struct rtnl_route *b)
{
	return a->table == b->table && same_ip(&a->to, &b->to);
}

static bool has_route(const struct rtnl_route *routes, size_t count,
		      const struct rtnl_route *route)
{
	size_t i = 0;

	while (i < count && !same_route(&routes[i], route))
		i++;
	return i < count;
}

static bool plan_addresses(struct plan *plan, const struct current *current)
{
	const struct allowed_ips *wanted = &plan->setup->addresses;
	const struct allowed_ips *now = current->addresses;
	size_t i, before = plan->count;

	for (i = 0; i < wanted->count; i++)
		if (!has_ip(now, &wanted->items[i]))
			quick_plan_addresses(plan, RTNL_ADD, &wanted->items[i]);
	for (i = 0; i < now->count; i++)
		if (!has_ip(wanted, &now->items[i]))
			quick_plan_addresses(plan, RTNL_DELETE, &now->items[i]);
	return plan->count != before;
}

/* Routes that an administrator added by other means are left alone. */
static int plan_no_routes(struct plan *plan, const struct current *current,
			  const struct tunnel *now,
			  const struct quick_routes *wanted,
			  struct fault *fault)
{
	struct allowed_ips were = { 0 };
	size_t i;

	if (setup_routes(now, &were)) {
		free(were.items);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	for (i = 0; i < current->count; i++) {
		const struct rtnl_route *route = &current->routes[i];

		if (has_ip(&were, &route->to) &&
		    !has_route(wanted->items, wanted->count, route))
			quick_plan_route(plan, RTNL_DELETE, route);
	}
	free(were.items);
	return 0;
}

/* New ways come before the old ones go: a full tunnel leaks nothing. */
static int plan_ways(struct plan *plan, const struct current *current,
		     const struct quick_seen *seen, const struct tunnel *now,
		     const struct quick_routes *wanted, struct fault *fault)
{
	size_t i;
	int ret = quick_plan_policies(plan, seen, wanted->wants_policy, fault);

	for (i = 0; i < wanted->count; i++)
		if (!has_route(current->routes, current->count,
			       &wanted->items[i]))
			quick_plan_route(plan, RTNL_ADD, &wanted->items[i]);
	if (!ret)
		ret = plan_no_routes(plan, current, now, wanted, fault);
	if (!ret)
		ret = quick_plan_no_policies(plan, seen, wanted->wants_policy,
					     fault);
	quick_plan_no_foreign(plan, seen);
	return ret;
}

static int plan_change(struct plan *plan, struct quick_reload *reload,
		       struct tunnel *wanted, struct fault *fault)
{
	struct plan_step step = { .op = &op_device };
	size_t i;

	/* on the way back, prefixes that came are to go */
	for (i = 0; i < reload->now->peer_count; i++)
		reload->now->peers[i]->flags |= WG_PEER_F_REPLACE_ALLOWEDIPS;
	reload->change = change_difference(reload->now, wanted);
	reload->back = change_difference(wanted, reload->now);
	if (!reload->change || !reload->back)
		return fault_set(fault, -ENOMEM, "out of memory");
	step.change = reload->change;
	step.back = reload->back;
	if (change_is_empty(reload->change))
		return 0;
	if (reload->change->peer_count)
		plan_add(plan, &step, "change %zu peer%s of %s",
			 reload->change->peer_count,
			 reload->change->peer_count == 1 ? "" : "s",
			 plan->name);
	else
		plan_add(plan, &step, "configure %s", plan->name);
	return 0;
}

static void plan_link(struct plan *plan, const struct current *current)
{
	const struct plan_step step = { .op = &op_raise_link,
					.number = plan->setup->mtu };

	if (!current->link.is_up)
		plan_add(plan, &step, "bring %s up", plan->name);
	else if (step.number && step.number != current->link.mtu)
		plan_add(plan, &step, "set the MTU of %s to %u", plan->name,
			 step.number);
}

static int plan_all(struct plan *plan, const struct setup *setup,
		    struct quick_reload *reload, const struct current *current,
		    const struct quick_routes *routes, struct fault *fault)
{
	struct quick_seen seen = { 0 };
	int ret = quick_look(plan, &seen, fault);

	quick_plan_mark(plan, &op_write_state);
	if (!ret)
		ret = plan_change(plan, reload, setup->tunnel, fault);
	seen.has_new_addresses = plan_addresses(plan, current);
	plan_link(plan, current);
	if (!ret)
		ret = plan_ways(plan, current, &seen, reload->now, routes,
				fault);
	if (!ret)
		ret = quick_plan_masquerade(plan, &seen, setup->masquerades,
					    fault);
	quick_plan_dns(plan);
	quick_plan_mark(plan, &op_write_state);
	return ret;
}

/* A key that no line gives was set by a hook, and no hook is run. */
static void keep_key(struct tunnel *wanted, const struct tunnel *now)
{
	if (!(wanted->has & TUNNEL_HAS_PRIVATE_KEY))
		memcpy(wanted->private_key, now->private_key, WG_KEY_LEN);
}

static int plan_reload(struct plan *plan, const struct setup *setup,
		       struct quick_reload *reload, struct current *current,
		       struct fault *fault)
{
	struct quick_routes routes = { 0 };
	uint32_t mark;
	int ret = quick_begin(plan, setup->path, fault);

	if (!plan->before.path)
		quick_guess_mark(plan, reload->now);
	mark = plan->before.mark ? plan->before.mark : reload->now->fwmark;
	plan->state.ifindex = current->link.ifindex;
	plan->filtered = &reload->addresses;
	keep_key(setup->tunnel, reload->now);
	if (!ret)
		ret = quick_need_dns(plan, fault);
	if (!ret)
		ret = quick_find_routes(plan, setup, mark, &routes, fault);
	if (!ret)
		ret = plan_all(plan, setup, reload, current, &routes, fault);
	free(routes.items);
	return ret;
}

int quick_reload(struct plan *plan, struct setup *setup,
		 struct quick_reload *reload, struct fault *fault)
{
	struct current current = { .addresses = &reload->addresses };
	int ret = look(plan, &current, fault);

	if (!ret)
		ret = plan_reload(plan, setup, reload, &current, fault);
	free(current.routes);
	return ret;
}
