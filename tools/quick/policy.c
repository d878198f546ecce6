// SPDX-License-Identifier: GPL-2.0
#include "quick/policy.h"

#include <errno.h>

#include <linux/rtnetlink.h>

#include "quick/filters.h"
#include "quick/ops.h"

/* Which rules there are, of those that the policy is made of. */
struct rules {
	uint32_t mark; /* this tunnel's own */
	bool has_mark;
	uint32_t mark_priority;
	bool has_main;
	uint32_t main_priority;
	bool has_others; /* another tunnel's: it needs the one of main as well */
};

static void see_rule(const struct rtnl_rule *rule, void *context)
{
	struct rules *rules = context;

	if (rule->kind == RTNL_RULE_NOT_MARK && rule->mark != rules->mark) {
		rules->has_others = true;
	} else if (rule->kind == RTNL_RULE_NOT_MARK && !rules->has_mark) {
		rules->has_mark = true;
		rules->mark_priority = rule->priority;
	} else if (rule->kind == RTNL_RULE_MAIN && !rules->has_main) {
		rules->has_main = true;
		rules->main_priority = rule->priority;
	}
}

static int look(struct nl_talk *rtnl, uint16_t family, uint32_t mark,
		struct rules *rules, struct fault *fault)
{
	int ret;

	*rules = (struct rules){ .mark = mark };
	ret = rtnl_each_rule(rtnl, family, see_rule, rules, fault);
	/* a kernel without policy routing, or without IPv6, has none */
	if (ret == -EOPNOTSUPP || ret == -EAFNOSUPPORT)
		return 0;
	return ret ? fault_prefix(fault, "cannot read the rules") : 0;
}

static struct rtnl_rule rule_of(enum rtnl_rule_kind kind, uint16_t family,
				uint32_t mark, uint32_t priority)
{
	return (struct rtnl_rule){
		.kind = kind,
		.family = family,
		.mark = mark,
		.table = kind == RTNL_RULE_MAIN ? RT_TABLE_MAIN : mark,
		.priority = priority,
	};
}

/*
 * The kernel puts a new rule before the others. The main table's must come
 * first of all, so one that comes later, or is there for another tunnel, is
 * made anew.
 */
static void plan_rules(struct plan *plan, uint16_t family,
		       const struct rules *rules)
{
	struct rtnl_rule rule = rule_of(RTNL_RULE_MAIN, family, 0,
					rules->main_priority);

	if (rules->has_mark && rules->has_main &&
	    rules->main_priority < rules->mark_priority)
		return;
	if (rules->has_main)
		plan_rule(plan, RTNL_DELETE, &rule);
	rule = rule_of(RTNL_RULE_NOT_MARK, family, plan->state.mark, 0);
	if (!rules->has_mark)
		plan_rule(plan, RTNL_ADD, &rule);
	rule = rule_of(RTNL_RULE_MAIN, family, 0, 0);
	plan_rule(plan, RTNL_ADD, &rule);
}

/*
 * The rule of main stays where this tunnel @wants it. Where only others do, it is
 * made anew: it moves up to where they had it before.
 */
static void plan_no_rules(struct plan *plan, uint16_t family,
			  const struct rules *rules, bool wants)
{
	struct rtnl_rule rule = rule_of(RTNL_RULE_NOT_MARK, family,
					plan->before.mark,
					rules->mark_priority);

	if (rules->has_mark)
		plan_rule(plan, RTNL_DELETE, &rule);
	if (!rules->has_main || wants)
		return;
	rule = rule_of(RTNL_RULE_MAIN, family, 0, rules->main_priority);
	plan_rule(plan, RTNL_DELETE, &rule);
	rule.priority = 0;
	if (rules->has_others)
		plan_rule(plan, RTNL_ADD, &rule);
}

static int plan_policy(struct plan *plan, uint16_t family,
		       struct fault *fault)
{
	struct rules rules;
	int ret;

	ret = look(&plan->rtnl, family, plan->state.mark, &rules, fault);
	if (ret)
		return ret;
	plan->state.has_policy[family != AF_INET] = true;
	plan_rules(plan, family, &rules);
	if (family == AF_INET)
		plan_sysctl(plan, SYSCTL_VALID_MARK, true);
	plan_filter(plan, family);
	return 0;
}

int plan_policies(struct plan *plan, const bool *wants, struct fault *fault)
{
	size_t i;
	int ret = 0;

	/* IPv6 first, as wg-quick does: `nft list` shows tables by age */
	for (i = IP_FAMILIES; i-- && !ret;)
		if (wants[i])
			ret = plan_policy(plan, ip_families[i], fault);
	return ret;
}

/* Is the policy that was noted in the way, or left over? */
static bool is_old(const struct plan *plan, bool wants)
{
	const uint32_t mark = plan->before.mark;

	return mark && !(wants && mark == plan->state.mark) &&
	       !state_mark_taken(mark, plan->name);
}

static int plan_no_policy(struct plan *plan, uint16_t family, bool wants,
			  struct fault *fault)
{
	struct rules rules = { 0 };
	int ret = 0;

	if (!wants)
		plan_no_filter(plan, family);
	if (is_old(plan, wants))
		ret = look(&plan->rtnl, family, plan->before.mark, &rules,
			   fault);
	if (ret)
		return ret;
	if (rules.has_mark || plan->before.has_policy[family != AF_INET])
		plan_no_rules(plan, family, &rules, wants);
	/* another tool's tunnel may need it too, and has no state here */
	if (family == AF_INET && !wants && !rules.has_others)
		plan_sysctl(plan, SYSCTL_VALID_MARK, false);
	return 0;
}

int plan_no_policies(struct plan *plan, const bool *wants,
		     struct fault *fault)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < IP_FAMILIES && !ret; i++)
		ret = plan_no_policy(plan, ip_families[i], wants[i], fault);
	return ret;
}
