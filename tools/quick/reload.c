// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include "model/change.h"
#include "netlink/link.h"
#include "quick/filters.h"
#include "quick/nameservers.h"
#include "quick/ops.h"
#include "quick/policy.h"
#include "quick/quick.h"
#include "quick/routes.h"

/* The state of the machine that a reload starts from. */
struct current {
	struct nl_link link;
	struct allowed_ips *addresses;
	struct routes routes; /* of the interface, made by commands */
};

static void keep_route(const struct rtnl_route *route, void *context)
{
	struct current *current = context;

	if (route->ifindex == current->link.ifindex &&
	    route->protocol == RTPROT_BOOT)
		routes_add(&current->routes, route);
}

static int look(struct plan *plan, struct current *current,
		struct fault *fault)
{
	size_t i;
	int ret;

	ret = nl_find_link(&current->link, plan->name, fault) ?:
	      rtnl_addresses(&plan->rtnl, current->link.ifindex,
			     current->addresses, fault);
	for (i = 0; i < IP_FAMILIES && !ret; i++)
		ret = rtnl_each_route(&plan->rtnl, ip_families[i], keep_route,
				      current, fault);
	return ret;
}

static void plan_addresses(struct plan *plan, const struct current *current)
{
	const struct allowed_ips *wanted = &plan->setup->addresses;
	const struct allowed_ips *now = current->addresses;
	size_t i, before = plan->count;

	for (i = 0; i < wanted->count; i++)
		if (!ips_have(now, &wanted->items[i]))
			plan_address(plan, RTNL_ADD, &wanted->items[i]);
	for (i = 0; i < now->count; i++)
		if (!ips_have(wanted, &now->items[i]))
			plan_address(plan, RTNL_DELETE, &now->items[i]);
	plan->has_new_addresses = plan->count != before;
}

/* Routes that an administrator added by other means are left alone. */
static void plan_no_routes(struct plan *plan, const struct routes *current,
			   const struct tunnel *now,
			   const struct routes *wanted)
{
	struct allowed_ips were = { 0 };
	size_t i;

	setup_routes(now, &were);
	for (i = 0; i < current->count; i++) {
		const struct rtnl_route *route = &current->items[i];

		if (ips_have(&were, &route->to) && !routes_have(wanted, route))
			plan_route(plan, RTNL_DELETE, route);
	}
	free(were.items);
}

/* New routes come before the old ones go: a full tunnel leaks nothing. */
static int plan_routes(struct plan *plan, const struct routes *current,
		       const struct tunnel *now, const struct routes *wanted,
		       struct fault *fault)
{
	size_t i;
	int ret = plan_policies(plan, wanted->wants_policy, fault);

	for (i = 0; i < wanted->count; i++)
		if (!routes_have(current, &wanted->items[i]))
			plan_route(plan, RTNL_ADD, &wanted->items[i]);
	plan_no_routes(plan, current, now, wanted);
	if (!ret)
		ret = plan_no_policies(plan, wanted->wants_policy, fault);
	plan_no_foreign(plan);
	return ret;
}

static void plan_change(struct plan *plan, struct quick_reload *reload)
{
	const struct tunnel *wanted = plan->setup->tunnel;
	union plan_arg arg = { 0 };
	size_t i;

	/* on the way back, prefixes that came are to go */
	for (i = 0; i < reload->now->peer_count; i++)
		reload->now->peers[i]->flags |= WG_PEER_F_REPLACE_ALLOWEDIPS;
	reload->change = change_difference(reload->now, wanted);
	reload->back = change_difference(wanted, reload->now);
	arg.change.to = reload->change;
	arg.change.back = reload->back;
	if (change_is_empty(reload->change))
		return;
	if (reload->change->peer_count)
		plan_add(plan, &op_device, &arg, "change %zu peer%s of %s",
			 reload->change->peer_count,
			 reload->change->peer_count == 1 ? "" : "s",
			 plan->name);
	else
		plan_add(plan, &op_device, &arg, "configure %s", plan->name);
}

static void plan_link(struct plan *plan, const struct nl_link *link)
{
	const uint32_t mtu = plan->setup->mtu;

	if (!link->is_up)
		plan_link_up(plan);
	else if (mtu && mtu != link->mtu)
		plan_link_mtu(plan, mtu);
}

static int plan_all(struct plan *plan, struct quick_reload *reload,
		    const struct current *current, const struct routes *routes,
		    struct fault *fault)
{
	int ret = filters_look(plan, fault);

	if (ret)
		return ret;
	plan_state_write(plan);
	plan_change(plan, reload);
	plan_addresses(plan, current);
	plan_link(plan, &current->link);
	ret = plan_routes(plan, &current->routes, reload->now, routes, fault) ?:
	      plan_masquerade(plan, plan->setup->masquerades, fault);
	plan_dns(plan);
	plan_state_write(plan);
	return ret;
}

/* A key that no line gives was set by a hook, and no hook is run. */
static void keep_key(struct tunnel *wanted, const struct tunnel *now)
{
	if (!(wanted->has & TUNNEL_HAS_PRIVATE_KEY))
		memcpy(wanted->private_key, now->private_key, WG_KEY_LEN);
}

static int plan_reload(struct plan *plan, struct quick_reload *reload,
		       const struct current *current, struct fault *fault)
{
	struct routes routes = { 0 };
	uint32_t mark;
	int ret;

	plan_read_state(plan);
	if (!plan->before.path)
		routes_guess_mark(plan, reload->now);
	mark = plan->before.mark ? plan->before.mark : reload->now->fwmark;
	plan->state.ifindex = current->link.ifindex;
	plan->filtered = &reload->addresses;
	keep_key(plan->setup->tunnel, reload->now);
	ret = plan_dns_need(plan, fault) ?:
	      routes_find(plan, mark, &routes, fault) ?:
	      plan_all(plan, reload, current, &routes, fault);
	free(routes.items);
	return ret;
}

int quick_reload(struct plan *plan, struct quick_reload *reload,
		 struct fault *fault)
{
	struct current current = { .addresses = &reload->addresses };
	int ret = look(plan, &current, fault) ?:
		  plan_reload(plan, reload, &current, fault);

	free(current.routes.items);
	return ret;
}
