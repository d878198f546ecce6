// SPDX-License-Identifier: GPL-2.0
#include "quick/routes.h"

#include <stdlib.h>

#include <linux/rtnetlink.h>

#include "lib/xalloc.h"
#include "quick/filters.h"

#define FIRST_MARK 51820
#define MARKS 256 /* tables that are looked at for a free one */

/* The table whose number is the mark, until that is known. */
#define TABLE_OF_MARK RT_TABLE_UNSPEC

void routes_add(struct routes *routes, const struct rtnl_route *route)
{
	routes->items = xgrow(routes->items, routes->count, &routes->room,
			      sizeof(*route));
	routes->items[routes->count++] = *route;
}

bool routes_have(const struct routes *routes, const struct rtnl_route *route)
{
	size_t i = 0;

	while (i < routes->count &&
	       (routes->items[i].table != route->table ||
		!ip_equal(&routes->items[i].to, &route->to)))
		i++;
	return i < routes->count;
}

/* Does the kernel's own route to an address's network cover this? */
static bool is_beside(const struct allowed_ips *addresses,
		      const struct allowed_ip *to)
{
	size_t i;

	for (i = 0; i < addresses->count; i++) {
		const struct allowed_ip *net = &addresses->items[i];

		/* a single IPv4 address has no network */
		if (!(net->family == AF_INET && net->cidr == 32) &&
		    ip_covers(net, to))
			return true;
	}
	return false;
}

/* Longer prefixes come first, so that only equal ones could cover. */
static bool is_default(const struct allowed_ip *to)
{
	return to->cidr == 0;
}

static void add_route(struct routes *routes, const struct setup *setup,
		      const struct allowed_ip *to)
{
	struct rtnl_route route = { .to = *to, .table = RT_TABLE_MAIN };

	if (setup->table == SETUP_TABLE_NUMBER) {
		route.table = setup->table_number;
	} else if (is_default(to)) {
		route.table = TABLE_OF_MARK;
		routes->wants_policy[to->family != AF_INET] = true;
	} else if (is_beside(&setup->addresses, to)) {
		return;
	}
	routes_add(routes, &route);
}

static void add_routes(struct routes *routes, const struct setup *setup)
{
	struct allowed_ips nets = { 0 };
	size_t i;

	if (setup->table == SETUP_TABLE_OFF)
		return;
	setup_routes(setup->tunnel, &nets);
	for (i = 0; i < nets.count; i++)
		add_route(routes, setup, &nets.items[i]);
	free(nets.items);
}

static void see_table(const struct rtnl_route *route, void *context)
{
	bool *is_used = context;

	if (route->table >= FIRST_MARK && route->table < FIRST_MARK + MARKS)
		is_used[route->table - FIRST_MARK] = true;
}

/* Its mark may be for other ends, and the rules with that mark as well. */
void routes_guess_mark(struct plan *plan, const struct tunnel *now)
{
	if (now->fwmark && plan->setup->table == SETUP_TABLE_AUTO &&
	    (tunnel_has_default(now, AF_INET) ||
	     tunnel_has_default(now, AF_INET6)))
		plan->before.mark = now->fwmark;
}

static int see_tables(struct plan *plan, bool *is_used, struct fault *fault)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < IP_FAMILIES && !ret; i++)
		ret = rtnl_each_route(&plan->rtnl, ip_families[i], see_table,
				      is_used, fault);
	return ret ? fault_prefix(fault, "cannot read the routes") : 0;
}

int routes_drop_taken_mark(struct plan *plan, struct fault *fault)
{
	const uint32_t number = plan->before.mark - FIRST_MARK;
	bool is_used[MARKS] = { false };
	int ret;

	if (number >= MARKS)
		return 0;
	ret = see_tables(plan, is_used, fault);
	if (is_used[number])
		plan->before.mark = 0;
	return ret;
}

/* The first number by which no table goes. */
static int find_mark(struct plan *plan, uint32_t *mark, struct fault *fault)
{
	bool is_used[MARKS] = { false };
	uint32_t number = 0;
	int ret = see_tables(plan, is_used, fault);

	/* one that comes up at this moment may have no route yet */
	while (number < MARKS &&
	       (is_used[number] ||
		state_mark_taken(FIRST_MARK + number, plan->name)))
		number++;
	*mark = FIRST_MARK + number;
	return ret;
}

static int choose_mark(struct plan *plan, uint32_t usual, struct fault *fault)
{
	struct tunnel *tunnel = plan->setup->tunnel;
	uint32_t mark = tunnel->fwmark ? tunnel->fwmark : usual;
	int ret = 0;

	if (!mark)
		ret = find_mark(plan, &mark, fault);
	plan->state.mark = mark;
	tunnel->fwmark = mark;
	tunnel->has |= TUNNEL_HAS_FWMARK;
	return ret;
}

int routes_find(struct plan *plan, uint32_t usual_mark,
		struct routes *routes, struct fault *fault)
{
	size_t i;
	int ret;

	add_routes(routes, plan->setup);
	if (!routes->wants_policy[0] && !routes->wants_policy[1])
		return 0;
	ret = filters_need("a default route", fault) ?:
	      choose_mark(plan, usual_mark, fault);
	for (i = 0; i < routes->count; i++)
		if (routes->items[i].table == TABLE_OF_MARK)
			routes->items[i].table = plan->state.mark;
	return ret;
}
