// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include "change.h"
#include "deeds.h"
#include "whole.h"
#include "whole_parts.h"

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
	for (i = 0; i < WHOLE_FAMILIES && !ret; i++)
		ret = rtnl_each_route(&plan->rtnl, whole_families[i],
				      keep_route, current, fault);
	return ret;
}

static void current_free(struct current *current)
{
	free(current->routes);
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
			whole_plan_addresses(plan, RTNL_ADD, &wanted->items[i]);
	for (i = 0; i < now->count; i++)
		if (!has_ip(wanted, &now->items[i]))
			whole_plan_addresses(plan, RTNL_DELETE, &now->items[i]);
	return plan->count != before;
}

/* Routes that an administrator added by other means are left alone. */
static int plan_routes(struct plan *plan, const struct current *current,
		       const struct tunnel *now,
		       const struct whole_routes *wanted, struct fault *fault)
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
			whole_plan_route(plan, RTNL_DELETE, route);
	}
	for (i = 0; i < wanted->count; i++)
		if (!has_route(current->routes, current->count,
			       &wanted->items[i]))
			whole_plan_route(plan, RTNL_ADD, &wanted->items[i]);
	free(were.items);
	return 0;
}

static int plan_policies(struct plan *plan, const struct whole_routes *wanted,
			 bool has_new_addresses, struct fault *fault)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < WHOLE_FAMILIES && !ret; i++) {
		bool is_there = plan->notes.has_policy[i];
		bool is_wanted = wanted->wants_policy[i];

		if (is_there && !is_wanted)
			ret = whole_plan_no_policy(plan, whole_families[i],
						   fault);
		else if (!is_there && is_wanted)
			ret = whole_plan_policy(plan, whole_families[i],
						fault);
		else if (is_there && has_new_addresses)
			whole_plan_filter(plan, &deed_replace_filter,
					  "replace", whole_families[i]);
	}
	return ret;
}

static int plan_change(struct plan *plan, struct whole_reload *reload,
		       struct tunnel *wanted, struct fault *fault)
{
	struct plan_step step = { .deed = &deed_device };
	size_t i;

	/* on the way back, prefixes that came are to go */
	for (i = 0; i < reload->now->peer_count; i++)
		reload->now->peers[i]->flags |= WG_PEER_F_REPLACE_ALLOWEDIPS;
	if (change_merge_peers(wanted))
		return fault_set(fault, -ENOMEM, "out of memory");
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

static void plan_mtu(struct plan *plan, const struct current *current)
{
	const struct plan_step step = { .deed = &deed_raise_link,
					.number = plan->setup->mtu };

	if (step.number && step.number != current->link.mtu)
		plan_add(plan, &step, "set the MTU of %s to %u", plan->name,
			 step.number);
}

/* Comes last, so that there is never a reason to undo it. */
static void plan_dns(struct plan *plan, enum dns_manager before,
		     const char *names_before)
{
	enum dns_manager after = plan->notes.dns;
	struct plan_step step = { .deed = &deed_set_dns, .number = after };

	if (after != DNS_NOBODY && names_before &&
	    !strcmp(names_before, plan->notes.names))
		return;
	if (after != DNS_NOBODY) {
		plan_add(plan, &step, "tell %s of DNS %s",
			 dns_manager_word(after), plan->notes.names);
	} else if (before != DNS_NOBODY) {
		step.number = before;
		step.deed = &deed_unset_dns;
		plan_add(plan, &step, "take DNS back from %s",
			 dns_manager_word(before));
	}
}

/* As `up` does, but an old mark stays good. */
static int choose_mark(struct plan *plan, const struct whole_reload *reload,
		       struct tunnel *tunnel, struct fault *fault)
{
	uint32_t mark = tunnel->fwmark ? tunnel->fwmark : reload->now->fwmark;
	int ret = 0;

	if (!mark)
		ret = whole_mark(&plan->rtnl, &mark, fault);
	plan->notes.mark = mark;
	tunnel->fwmark = mark;
	tunnel->has |= TUNNEL_HAS_FWMARK;
	return ret;
}

static int find_routes(struct plan *plan, const struct whole_reload *reload,
		       struct setup *setup, struct whole_routes *routes,
		       struct fault *fault)
{
	int ret = whole_routes(routes, setup->tunnel, setup, 0);
	bool wants = routes->wants_policy[0] || routes->wants_policy[1];

	if (!ret && wants) {
		free(routes->items);
		routes->items = NULL;
		ret = whole_need_nft("a default route", fault);
		if (!ret)
			ret = choose_mark(plan, reload, setup->tunnel, fault);
		if (ret)
			return ret;
		ret = whole_routes(routes, setup->tunnel, setup,
				   plan->notes.mark);
	}
	return ret ? fault_set(fault, ret, "out of memory") : 0;
}

static int plan_all(struct plan *plan, struct setup *setup,
		    struct whole_reload *reload, const struct current *current,
		    struct fault *fault)
{
	const struct plan_step notes = { .deed = &deed_keep_notes };
	enum dns_manager dns = plan->notes.dns;
	char *names = plan->notes.names;
	struct whole_routes routes = { 0 };
	bool has_new_addresses;
	int ret;

	plan->notes.names = NULL;
	ret = whole_need_dns(plan, fault);
	if (!ret)
		ret = find_routes(plan, reload, setup, &routes, fault);
	if (!ret)
		ret = plan_change(plan, reload, setup->tunnel, fault);
	if (!ret) {
		has_new_addresses = plan_addresses(plan, current);
		plan_mtu(plan, current);
		ret = plan_routes(plan, current, reload->now, &routes, fault);
	}
	if (!ret)
		ret = plan_policies(plan, &routes, has_new_addresses, fault);
	if (!ret)
		ret = whole_plan_masquerade(plan, setup->masquerades, fault);
	if (!ret) {
		plan_add(plan, &notes, NULL);
		plan_dns(plan, dns, names);
	}
	free(names);
	free(routes.items);
	return ret;
}

int whole_reload(struct plan *plan, struct setup *setup,
		 struct whole_reload *reload, struct fault *fault)
{
	struct current current = { .addresses = &reload->addresses };
	int ret = look(plan, &current, fault);

	plan->filtered = &reload->addresses;
	if (!ret && !notes_read(&plan->notes, plan->name))
		plan->notes.mark = reload->now->fwmark;
	plan->notes.ifindex = current.link.ifindex;
	if (!plan->notes.path)
		plan->notes.path = strdup(setup->path);
	if (!ret)
		ret = plan_all(plan, setup, reload, &current, fault);
	current_free(&current);
	return ret;
}
