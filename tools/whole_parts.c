// SPDX-License-Identifier: GPL-2.0
#include "whole_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include "child.h"
#include "deeds.h"
#include "firewall.h"

#define FIRST_MARK 51820
#define MARKS 256 /* tables that are looked at for a free one */

/* IPv6 header 40, UDP 8, ours 32, as for an outer packet of either family */
#define TUNNEL_ADDS 80
#define USUAL_MTU 1500

const uint16_t whole_families[WHOLE_FAMILIES] = { AF_INET, AF_INET6 };

const char *whole_family_word(uint16_t family)
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

static void choose_table(struct whole_routes *routes,
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

int whole_routes(struct whole_routes *routes, const struct tunnel *tunnel,
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

int whole_mark(struct rtnl *rtnl, uint32_t *mark, struct fault *fault)
{
	bool is_used[MARKS + 1] = { false };
	size_t i;
	int ret;

	for (i = 0; i < WHOLE_FAMILIES; i++) {
		ret = rtnl_each_route(rtnl, whole_families[i], see_table,
				      is_used, fault);
		if (ret)
			return fault_prefix(fault, "cannot read the routes");
	}
	*mark = FIRST_MARK;
	while (is_used[*mark - FIRST_MARK])
		(*mark)++;
	return 0;
}

static int see_default(const struct rtnl_route *route, void *context)
{
	uint32_t *ifindex = context;

	if (!*ifindex && !route->to.cidr && route->table == RT_TABLE_MAIN)
		*ifindex = route->ifindex;
	return 0;
}

static uint32_t default_mtu(struct rtnl *rtnl)
{
	struct rtnl_link link = { 0 };
	struct fault ignored;
	size_t i;

	for (i = 0; i < WHOLE_FAMILIES && !link.ifindex; i++)
		rtnl_each_route(rtnl, whole_families[i], see_default,
				&link.ifindex, &ignored);
	if (link.ifindex)
		rtnl_link_get(rtnl, &link, NULL, &ignored);
	return link.mtu;
}

int whole_mtu(struct rtnl *rtnl, const struct tunnel *tunnel, uint32_t *mtu,
	      struct fault *fault)
{
	uint32_t largest = 0;
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++) {
		const struct endpoint *to = &tunnel->peers[i]->endpoint;
		struct rtnl_way way;

		if (to->addr.sa.sa_family == AF_UNSPEC)
			continue;
		/* one that cannot be reached now does not matter */
		if (rtnl_way_to(rtnl, &way, &to->addr.sa, 0, fault))
			continue;
		if (way.mtu > largest)
			largest = way.mtu;
	}
	if (!largest)
		largest = default_mtu(rtnl);
	if (!largest)
		largest = USUAL_MTU;
	/* a loopback has 65536, which no tunnel packet may be */
	*mtu = (largest > UINT16_MAX ? UINT16_MAX + 1 : largest) - TUNNEL_ADDS;
	return 0;
}

struct rules_walk {
	uint32_t mark;
	struct whole_rules *rules;
};

static int see_rule(const struct rtnl_rule *rule, void *context)
{
	const struct rules_walk *walk = context;

	switch (rule->kind) {
	case RTNL_RULE_OTHER:
		break;
	case RTNL_RULE_NOT_MARK:
		if (rule->mark != walk->mark) {
			walk->rules->has_others = true;
			break;
		}
		walk->rules->has_mark = true;
		walk->rules->mark_priority = rule->priority;
		break;
	case RTNL_RULE_MAIN:
		walk->rules->has_main = true;
		walk->rules->main_priority = rule->priority;
		break;
	}
	return 0;
}

int whole_rules(struct rtnl *rtnl, uint16_t family, uint32_t mark,
		struct whole_rules *rules, struct fault *fault)
{
	struct rules_walk walk = { mark, rules };
	int ret;

	memset(rules, 0, sizeof(*rules));
	ret = rtnl_each_rule(rtnl, family, see_rule, &walk, fault);
	/* a kernel without policy routing, or without IPv6, has none */
	if (ret == -EOPNOTSUPP || ret == -EAFNOSUPPORT)
		return 0;
	return ret ? fault_prefix(fault, "cannot read the rules") : 0;
}

void whole_plan_route(struct plan *plan, enum rtnl_act act,
		      const struct rtnl_route *route)
{
	struct plan_step step = { .route = *route };
	char text[IP_TEXT_MAX], table[32] = "";

	if (route->table != RT_TABLE_MAIN)
		snprintf(table, sizeof(table), " in table %u", route->table);
	step.deed = act == RTNL_ADD ? &deed_add_route : &deed_delete_route;
	plan_add(plan, &step, "%s route %s%s",
		 act == RTNL_ADD ? "add" : "delete",
		 ip_text(&route->to, text), table);
}

void whole_plan_addresses(struct plan *plan, enum rtnl_act act,
			  const struct allowed_ip *ip)
{
	struct plan_step step = { .ip = *ip };
	char text[IP_TEXT_MAX];

	step.deed = act == RTNL_ADD ? &deed_add_address : &deed_delete_address;
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

void whole_plan_hooks(struct plan *plan, enum setup_hook hook)
{
	const struct texts *commands = &plan->setup->hooks[hook];
	size_t i;

	for (i = 0; i < commands->count; i++) {
		struct plan_step step = {
			.deed = &deed_hook,
			.text = commands->items[i],
			.number = hook,
			.must_work = hook != SETUP_POST_DOWN,
		};

		plan_add(plan, &step, "run %s: %s", hook_word(hook),
			 commands->items[i]);
	}
}

static void plan_rule(struct plan *plan, enum rtnl_act act,
		      const struct rtnl_rule *rule)
{
	struct plan_step step = { .rule = *rule };
	const char *act_word = act == RTNL_ADD ? "add" : "delete";
	const char *family = whole_family_word(rule->family);

	step.deed = act == RTNL_ADD ? &deed_add_rule : &deed_delete_rule;
	if (rule->kind == RTNL_RULE_NOT_MARK)
		plan_add(plan, &step,
			 "%s %s rule: without mark 0x%x by table %u", act_word,
			 family, rule->mark, rule->table);
	else
		plan_add(plan, &step,
			 "%s %s rule: first the main table, but for its default route",
			 act_word, family);
}

void whole_plan_filter(struct plan *plan, const struct deed *deed,
		       const char *words, uint16_t family)
{
	const struct plan_step step = { .deed = deed, .number = family };

	plan_add(plan, &step, "%s nftables filter against %s spoofing", words,
		 whole_family_word(family));
}

static struct rtnl_rule mark_rule(const struct plan *plan, uint16_t family)
{
	return (struct rtnl_rule){
		.kind = RTNL_RULE_NOT_MARK,
		.family = family,
		.mark = plan->notes.mark,
		.table = plan->notes.mark,
	};
}

static struct rtnl_rule main_rule(uint16_t family, uint32_t priority)
{
	return (struct rtnl_rule){
		.kind = RTNL_RULE_MAIN,
		.family = family,
		.table = RT_TABLE_MAIN,
		.priority = priority,
	};
}

/*
 * The kernel puts a new rule before the others. The main table's must come
 * first of all, so one that is there for another tunnel is made anew.
 */
static void plan_rules(struct plan *plan, uint16_t family,
		       const struct whole_rules *rules)
{
	struct rtnl_rule rule = main_rule(family, rules->main_priority);

	if (rules->has_mark && rules->has_main)
		return;
	if (rules->has_main)
		plan_rule(plan, RTNL_DELETE, &rule);
	rule = mark_rule(plan, family);
	if (!rules->has_mark)
		plan_rule(plan, RTNL_ADD, &rule);
	rule = main_rule(family, 0);
	plan_rule(plan, RTNL_ADD, &rule);
}

static void plan_no_rules(struct plan *plan, uint16_t family,
			  const struct whole_rules *rules)
{
	struct rtnl_rule rule = mark_rule(plan, family);

	if (!rules->has_mark)
		return;
	rule.priority = rules->mark_priority;
	plan_rule(plan, RTNL_DELETE, &rule);
	if (!rules->has_main)
		return;
	rule = main_rule(family, rules->main_priority);
	plan_rule(plan, RTNL_DELETE, &rule);
	rule.priority = 0;
	if (rules->has_others)
		plan_rule(plan, RTNL_ADD, &rule);
}

int whole_plan_policy(struct plan *plan, uint16_t family, struct fault *fault)
{
	struct whole_rules rules;
	int ret;

	ret = whole_rules(&plan->rtnl, family, plan->notes.mark, &rules,
			  fault);
	if (ret)
		return ret;
	plan->notes.has_policy[family_at(family)] = true;
	plan_rules(plan, family, &rules);
	if (family == AF_INET)
		whole_plan_switch(plan, SWITCH_VALID_MARK, true);
	whole_plan_filter(plan, &deed_add_filter, "add", family);
	return 0;
}

int whole_plan_no_policy(struct plan *plan, uint16_t family,
			 struct fault *fault)
{
	struct whole_rules rules;
	int ret;

	ret = whole_rules(&plan->rtnl, family, plan->notes.mark, &rules,
			  fault);
	if (ret)
		return ret;
	ret = firewall_exists(plan->name, family, fault);
	if (ret < 0)
		return ret;
	if (ret)
		whole_plan_filter(plan, &deed_delete_filter, "delete", family);
	plan_no_rules(plan, family, &rules);
	/* another tool's tunnel may need it too, and has no notes here */
	if (family == AF_INET && !rules.has_others)
		whole_plan_switch(plan, SWITCH_VALID_MARK, false);
	plan->notes.has_policy[family_at(family)] = false;
	return 0;
}

/* "192.0.2.53 example.org": to say it, and to see later whether it changed. */
static char *dns_words(const struct setup *setup)
{
	char *servers = texts_join(&setup->dns, " ");
	char *search = texts_join(&setup->search, " ");
	char *words = NULL;

	if (servers && search &&
	    asprintf(&words, "%s%s%s", servers,
		     *servers && *search ? " " : "", search) < 0)
		words = NULL;
	free(servers);
	free(search);
	return words;
}

int whole_need_dns(struct plan *plan, struct fault *fault)
{
	plan->notes.dns = DNS_NOBODY;
	if (!plan->setup->dns.count && !plan->setup->search.count)
		return 0;
	plan->notes.dns = dns_manager();
	if (plan->notes.dns == DNS_NOBODY)
		return fault_set(fault, -ENOENT,
				 "DNS needs resolvconf (package openresolv) or systemd-resolved, and neither is installed");
	plan->notes.names = dns_words(plan->setup);
	return plan->notes.names ? 0 :
				   fault_set(fault, -ENOMEM, "out of memory");
}

int whole_need_nft(const char *what, struct fault *fault)
{
	if (child_exists("nft"))
		return 0;
	return fault_set(fault, -ENOENT,
			 "%s needs nft, which is not installed (package nftables)",
			 what);
}
