// SPDX-License-Identifier: GPL-2.0
#include "quick/filters.h"

#include <errno.h>

#include "quick/firewall.h"

static int put_filter(const struct plan *plan, uint16_t family, uint32_t mark,
		      const struct allowed_ips *addresses, struct fault *fault)
{
	const struct firewall firewall = {
		.interface = plan->name,
		.family = family,
		.mark = mark,
		.addresses = addresses,
	};

	return firewall_put(&firewall, fault);
}

static int add_filter(struct plan *plan, const union plan_arg *arg,
		      struct fault *fault)
{
	return put_filter(plan, arg->family, plan->state.mark,
			  &plan->setup->addresses, fault);
}

static int put_old_filter(struct plan *plan, const union plan_arg *arg,
			  struct fault *fault)
{
	return put_filter(plan, arg->family, plan->before.mark, plan->filtered,
			  fault);
}

static int delete_filter(struct plan *plan, const union plan_arg *arg,
			 struct fault *fault)
{
	return firewall_delete(plan->name, arg->family, fault);
}

static int delete_foreign(struct plan *plan, const union plan_arg *arg,
			  struct fault *fault)
{
	return firewall_delete_foreign(plan->name, fault);
}

int filters_need(const char *what, struct fault *fault)
{
	if (firewall_word())
		return 0;
	return fault_set(fault, -ENOENT,
			 "%s needs nft or iptables, and neither is installed (package nftables)",
			 what);
}

int filters_look(struct plan *plan, struct fault *fault)
{
	int ret = firewall_look(&plan->seen, plan->name, fault);

	if (plan->before.mark || plan->state.mark || plan->setup->masquerades)
		return ret;
	return 0;
}

static bool is_there(const struct plan *plan, uint16_t family)
{
	switch (family) {
	case AF_INET:
		return plan->seen.filters_ipv4;
	case AF_INET6:
		return plan->seen.filters_ipv6;
	default:
		return plan->seen.masquerades;
	}
}

static struct plan_step *add_step(struct plan *plan, const struct op *op,
				  uint16_t family, const char *verb)
{
	const union plan_arg arg = { .family = family };

	if (family == AF_UNSPEC)
		return plan_add(plan, op, &arg,
				"%s %s masquerading of traffic from %s", verb,
				firewall_word(), plan->name);
	return plan_add(plan, op, &arg, "%s %s filter against %s spoofing",
			verb, firewall_word(), ip_family_name(family));
}

/* One that is there by its name may be empty: it is put there again. */
void plan_filter(struct plan *plan, uint16_t family)
{
	static const struct op add = { add_filter, delete_filter };
	static const struct op replace = { add_filter, put_old_filter };

	if (is_there(plan, family))
		add_step(plan, &replace, family, "replace")->is_quiet =
			!plan->has_new_addresses;
	else
		add_step(plan, &add, family, "add");
}

void plan_no_filter(struct plan *plan, uint16_t family)
{
	static const struct op op = { delete_filter, put_old_filter };

	if (is_there(plan, family))
		add_step(plan, &op, family, "delete");
}

void plan_no_foreign(struct plan *plan)
{
	static const struct op op = { delete_foreign, NULL };

	if (plan->seen.has_foreign)
		plan_add(plan, &op, NULL, "delete the filters of wg-quick for %s",
			 plan->name);
}

/* --- sysctls --- */

static int turn_on(struct plan *plan, const union plan_arg *arg,
		   struct fault *fault)
{
	return sysctl_set(arg->sysctl, true, fault);
}

static int leave_on(struct plan *plan, const union plan_arg *arg,
		    struct fault *fault)
{
	plan->state.has_set[arg->sysctl] = false;
	return 0;
}

static int turn_off(struct plan *plan, const union plan_arg *arg,
		    struct fault *fault)
{
	leave_on(plan, arg, fault);
	return sysctl_set(arg->sysctl, false, fault);
}

void plan_sysctl(struct plan *plan, enum sysctl_id id, bool on)
{
	static const struct op op_on = { turn_on, turn_off };
	static const struct op op_off = { turn_off, turn_on };
	static const struct op op_leave = { leave_on, NULL };
	const union plan_arg arg = { .sysctl = id };
	bool is_shared = state_share(id, plan->name);
	bool *has_set = &plan->state.has_set[id];

	if (on && sysctl_is_off(id)) {
		*has_set = true;
		plan_add(plan, &op_on, &arg, "set %s to 1", sysctl_name(id));
	} else if (on) {
		*has_set |= is_shared;
	} else if (*has_set && is_shared) {
		plan_add(plan, &op_leave, &arg, NULL);
	} else if (*has_set) {
		plan_add(plan, &op_off, &arg, "set %s to 0", sysctl_name(id));
	}
}

int plan_masquerade(struct plan *plan, bool wants, struct fault *fault)
{
	const struct allowed_ips *ips = &plan->setup->addresses;
	int ret = wants ? filters_need("masquerading", fault) : 0;

	if (ret)
		return ret;
	if (wants)
		plan_filter(plan, AF_UNSPEC);
	else
		plan_no_filter(plan, AF_UNSPEC);
	plan_sysctl(plan, SYSCTL_FORWARD4,
		    wants && ips_have_family(ips, AF_INET));
	plan_sysctl(plan, SYSCTL_FORWARD6,
		    wants && ips_have_family(ips, AF_INET6));
	return 0;
}
