// SPDX-License-Identifier: GPL-2.0
#include "quick/quick_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include "quick/ops.h"

#define FIRST_MARK 51820
#define MARKS 256 /* tables that are looked at for a free one */

const uint16_t quick_families[QUICK_FAMILIES] = { AF_INET, AF_INET6 };

const char *quick_family_word(uint16_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

static size_t family_at(uint16_t family)
{
	return family == AF_INET ? 0 : 1;
}

/* Does the kernel's own route to an address's network cover this? */
static bool is_beside(const struct allowed_ips *addresses,
		      const struct allowed_ip *to)
{
	size_t i;

	for (i = 0; i < addresses->count; i++) {
		struct allowed_ip net = addresses->items[i];

		/* a single IPv4 address has no network */
		if (net.family == AF_INET && net.cidr == 32)
			continue;
		ip_mask(&net);
		if (net.family == to->family && ip_covers(&net, to))
			return true;
	}
	return false;
}

/* Longer prefixes come first, so that only equal ones could cover. */
static bool is_default(const struct allowed_ip *to)
{
	return to->cidr == 0;
}

static void choose_table(struct quick_routes *routes,
			 struct rtnl_route *route, const struct setup *setup,
			 uint32_t mark)
{
	if (setup->table == SETUP_TABLE_NUMBER) {
		route->table = setup->table_number;
	} else if (is_default(&route->to)) {
		route->table = mark;
		routes->wants_policy[family_at(route->to.family)] = true;
	} else {
		route->table = RT_TABLE_MAIN;
	}
}

static int make_routes(struct quick_routes *routes, const struct tunnel *tunnel,
		       const struct setup *setup, uint32_t mark)
{
	struct allowed_ips nets = { 0 };
	size_t i;

	memset(routes, 0, sizeof(*routes));
	if (setup->table == SETUP_TABLE_OFF)
		return 0;
	if (setup_routes(tunnel, &nets))
		goto failed;
	routes->items = calloc(nets.count + 1, sizeof(*routes->items));
	if (!routes->items)
		goto failed;
	for (i = 0; i < nets.count; i++) {
		struct rtnl_route *route = &routes->items[routes->count];

		route->to = nets.items[i];
		if (setup->table == SETUP_TABLE_AUTO &&
		    !is_default(&route->to) &&
		    is_beside(&setup->addresses, &route->to))
			continue;
		choose_table(routes, route, setup, mark);
		routes->count++;
	}
	free(nets.items);
	return 0;
failed:
	free(nets.items);
	return -ENOMEM;
}

static int see_table(const struct rtnl_route *route, void *context)
{
	bool *is_used = context;

	if (route->table >= FIRST_MARK && route->table < FIRST_MARK + MARKS)
		is_used[route->table - FIRST_MARK] = true;
	return 0;
}

static bool has_default(const struct tunnel *tunnel)
{
	size_t i, j;

	for (i = 0; i < tunnel->peer_count; i++)
		for (j = 0; j < tunnel->peers[i]->ips.count; j++)
			if (is_default(&tunnel->peers[i]->ips.items[j]))
				return true;
	return false;
}

/* Its mark may be for other ends, and the rules with that mark as well. */
void quick_guess_mark(struct plan *plan, const struct tunnel *now)
{
	if (now->fwmark && plan->setup->table == SETUP_TABLE_AUTO &&
	    has_default(now))
		plan->before.mark = now->fwmark;
}

static int see_tables(struct plan *plan, bool *is_used, struct fault *fault)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < QUICK_FAMILIES && !ret; i++)
		ret = rtnl_each_route(&plan->rtnl, quick_families[i],
				      see_table, is_used, fault);
	return ret ? fault_prefix(fault, "cannot read the routes") : 0;
}

int quick_drop_taken_mark(struct plan *plan, struct fault *fault)
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

static int choose_mark(struct plan *plan, struct tunnel *tunnel,
		       uint32_t usual, struct fault *fault)
{
	uint32_t mark = tunnel->fwmark ? tunnel->fwmark : usual;
	int ret = 0;

	if (!mark)
		ret = find_mark(plan, &mark, fault);
	plan->state.mark = mark;
	tunnel->fwmark = mark;
	tunnel->has |= TUNNEL_HAS_FWMARK;
	return ret;
}

int quick_find_routes(struct plan *plan, const struct setup *setup,
		      uint32_t usual_mark, struct quick_routes *routes,
		      struct fault *fault)
{
	struct tunnel *tunnel = setup->tunnel;
	int ret = make_routes(routes, tunnel, setup, 0);

	if (!ret && (routes->wants_policy[0] || routes->wants_policy[1])) {
		free(routes->items);
		routes->items = NULL;
		ret = quick_need_firewall("a default route", fault);
		if (!ret)
			ret = choose_mark(plan, tunnel, usual_mark, fault);
		if (ret)
			return ret;
		ret = make_routes(routes, tunnel, setup, plan->state.mark);
	}
	return ret ? fault_set(fault, ret, "out of memory") : 0;
}

void quick_plan_route(struct plan *plan, enum rtnl_act act,
		      const struct rtnl_route *route)
{
	struct plan_step step = { .route = *route };
	char text[IP_TEXT_MAX], table[32] = "";

	if (route->table != RT_TABLE_MAIN)
		snprintf(table, sizeof(table), " in table %u", route->table);
	step.op = act == RTNL_ADD ? &op_add_route : &op_delete_route;
	plan_add(plan, &step, "%s route %s%s",
		 act == RTNL_ADD ? "add" : "delete",
		 ip_text(&route->to, text), table);
}

void quick_plan_addresses(struct plan *plan, enum rtnl_act act,
			  const struct allowed_ip *ip)
{
	struct plan_step step = { .ip = *ip };
	char text[IP_TEXT_MAX];

	step.op = act == RTNL_ADD ? &op_add_address : &op_delete_address;
	plan_add(plan, &step, "%s address %s",
		 act == RTNL_ADD ? "add" : "delete", ip_text(ip, text));
}

static const char *hook_word(enum setup_hook hook)
{
	switch (hook) {
	case SETUP_PRE_UP:
		return "PreUp";
	case SETUP_POST_UP:
		return "PostUp";
	case SETUP_PRE_DOWN:
		return "PreDown";
	case SETUP_POST_DOWN:
		return "PostDown";
	case SETUP_HOOKS:
		break;
	}
	return "";
}

void quick_plan_hooks(struct plan *plan, enum setup_hook hook)
{
	const struct strv *commands = &plan->setup->hooks[hook];
	size_t i;

	for (i = 0; i < commands->count; i++) {
		struct plan_step step = {
			.op = &op_hook,
			.text = commands->items[i],
			.number = hook,
			.must_work = hook != SETUP_POST_DOWN,
		};

		plan_add(plan, &step, "run %s: %s", hook_word(hook),
			 commands->items[i]);
	}
}

int quick_begin(struct plan *plan, const char *path, struct fault *fault)
{
	state_read(&plan->before, plan->name);
	state_read(&plan->state, plan->name);
	free(plan->state.path);
	plan->state.path = strdup(path ? path : plan->before.path);
	return plan->state.path ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

void quick_plan_mark(struct plan *plan, const struct op *op)
{
	const struct plan_step step = { .op = op };

	plan_add(plan, &step, NULL);
}
