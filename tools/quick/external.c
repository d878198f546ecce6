// SPDX-License-Identifier: GPL-2.0
/* What other programs keep for a tunnel: filters, masquerading, DNS. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quick/ops.h"
#include "quick/quick_internal.h"

int quick_look(struct plan *plan, struct quick_seen *seen, struct fault *fault)
{
	int ret = firewall_look(&seen->firewall, plan->name, fault);

	if (plan->before.mark || plan->state.mark || plan->setup->masquerades)
		return ret;
	return 0;
}

static bool is_there(const struct quick_seen *seen, uint16_t family)
{
	switch (family) {
	case AF_INET:
		return seen->firewall.filters_ipv4;
	case AF_INET6:
		return seen->firewall.filters_ipv6;
	default:
		return seen->firewall.masquerades;
	}
}

static void plan_filter(struct plan *plan, const struct plan_step *step,
			const char *word)
{
	if (step->number == AF_UNSPEC)
		plan_add(plan, step, "%s %s masquerading of what %s sends on",
			 word, firewall_word(), plan->name);
	else
		plan_add(plan, step, "%s %s filter against %s spoofing", word,
			 firewall_word(),
			 quick_family_word((uint16_t)step->number));
}

/* One that is there by its name may be empty: it is put there again. */
void quick_plan_filter(struct plan *plan, const struct quick_seen *seen,
		       uint16_t family)
{
	const bool is_new = !is_there(seen, family);
	const struct plan_step step = {
		.op = is_new ? &op_add_filter : &op_replace_filter,
		.number = family,
		.is_quiet = !is_new && !seen->has_new_addresses,
	};

	plan_filter(plan, &step, is_new ? "add" : "replace");
}

void quick_plan_no_filter(struct plan *plan, const struct quick_seen *seen,
			  uint16_t family)
{
	const struct plan_step step = { .op = &op_delete_filter,
					.number = family };

	if (is_there(seen, family))
		plan_filter(plan, &step, "delete");
}

void quick_plan_no_foreign(struct plan *plan, const struct quick_seen *seen)
{
	const struct plan_step step = { .op = &op_delete_foreign };

	if (seen->firewall.has_foreign)
		plan_add(plan, &step, "delete the filters of wg-quick for %s",
			 plan->name);
}

int quick_need_firewall(const char *what, struct fault *fault)
{
	if (firewall_word())
		return 0;
	return fault_set(fault, -ENOENT,
			 "%s needs nft or iptables, and neither is installed (package nftables)",
			 what);
}

/* "192.0.2.53 example.org": to say it, and to see later whether it changed. */
static char *dns_words(const struct setup *setup)
{
	char *servers = strv_join(&setup->dns, " ");
	char *search = strv_join(&setup->search, " ");
	char *words = NULL;

	if (servers && search &&
	    asprintf(&words, "%s%s%s", servers,
		     *servers && *search ? " " : "", search) < 0)
		words = NULL;
	free(servers);
	free(search);
	return words;
}

static bool wants_dns(const struct plan *plan)
{
	return plan->setup->dns.count || plan->setup->search.count;
}

int quick_need_dns(struct plan *plan, struct fault *fault)
{
	if (!wants_dns(plan))
		return 0;
	plan->state.dns = dns_manager();
	if (plan->state.dns == DNS_NOBODY)
		return fault_set(fault, -ENOENT,
				 "DNS needs resolvconf (package openresolv) or systemd-resolved, and neither is installed");
	free(plan->state.names);
	plan->state.names = dns_words(plan->setup);
	return plan->state.names ? 0 :
				   fault_set(fault, -ENOMEM, "out of memory");
}

void quick_plan_no_dns(struct plan *plan, enum dns_manager manager)
{
	const struct plan_step step = { .op = &op_unset_dns,
					.number = manager };

	if (manager != DNS_NOBODY)
		plan_add(plan, &step, "take DNS back from %s",
			 dns_manager_word(manager));
}

void quick_plan_dns(struct plan *plan)
{
	const struct state *before = &plan->before;
	struct plan_step step = { .op = &op_set_dns,
				  .number = plan->state.dns };

	if (!wants_dns(plan) || before->dns != plan->state.dns)
		quick_plan_no_dns(plan, before->dns);
	if (!wants_dns(plan))
		return;
	step.is_quiet = before->dns == plan->state.dns && before->names &&
			!strcmp(before->names, plan->state.names);
	plan_add(plan, &step, "tell %s of DNS %s",
		 dns_manager_word(plan->state.dns), plan->state.names);
}
