// SPDX-License-Identifier: GPL-2.0
/* What other programs keep for a tunnel: filters, masquerading, DNS. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deeds.h"
#include "whole_parts.h"

int whole_look(struct plan *plan, struct whole_seen *seen, struct fault *fault)
{
	int ret = firewall_look(&seen->firewall, plan->name, fault);

	if (plan->before.mark || plan->notes.mark || plan->setup->masquerades)
		return ret;
	return 0;
}

static bool is_there(const struct whole_seen *seen, uint16_t family)
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
			 whole_family_word((uint16_t)step->number));
}

/* One that is there by its name may be empty: it is put there again. */
void whole_plan_filter(struct plan *plan, const struct whole_seen *seen,
		       uint16_t family)
{
	const bool is_new = !is_there(seen, family);
	const struct plan_step step = {
		.deed = is_new ? &deed_add_filter : &deed_replace_filter,
		.number = family,
		.is_quiet = !is_new && !seen->has_new_addresses,
	};

	plan_filter(plan, &step, is_new ? "add" : "replace");
}

void whole_plan_no_filter(struct plan *plan, const struct whole_seen *seen,
			  uint16_t family)
{
	const struct plan_step step = { .deed = &deed_delete_filter,
					.number = family };

	if (is_there(seen, family))
		plan_filter(plan, &step, "delete");
}

void whole_plan_no_foreign(struct plan *plan, const struct whole_seen *seen)
{
	const struct plan_step step = { .deed = &deed_delete_foreign };

	if (seen->firewall.has_foreign)
		plan_add(plan, &step, "delete the filters of wg-quick for %s",
			 plan->name);
}

int whole_need_firewall(const char *what, struct fault *fault)
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

static bool wants_dns(const struct plan *plan)
{
	return plan->setup->dns.count || plan->setup->search.count;
}

int whole_need_dns(struct plan *plan, struct fault *fault)
{
	if (!wants_dns(plan))
		return 0;
	plan->notes.dns = dns_manager();
	if (plan->notes.dns == DNS_NOBODY)
		return fault_set(fault, -ENOENT,
				 "DNS needs resolvconf (package openresolv) or systemd-resolved, and neither is installed");
	free(plan->notes.names);
	plan->notes.names = dns_words(plan->setup);
	return plan->notes.names ? 0 :
				   fault_set(fault, -ENOMEM, "out of memory");
}

void whole_plan_no_dns(struct plan *plan, enum dns_manager manager)
{
	const struct plan_step step = { .deed = &deed_unset_dns,
					.number = manager };

	if (manager != DNS_NOBODY)
		plan_add(plan, &step, "take DNS back from %s",
			 dns_manager_word(manager));
}

void whole_plan_dns(struct plan *plan)
{
	const struct notes *before = &plan->before;
	struct plan_step step = { .deed = &deed_set_dns,
				  .number = plan->notes.dns };

	if (!wants_dns(plan) || before->dns != plan->notes.dns)
		whole_plan_no_dns(plan, before->dns);
	if (!wants_dns(plan))
		return;
	step.is_quiet = before->dns == plan->notes.dns && before->names &&
			!strcmp(before->names, plan->notes.names);
	plan_add(plan, &step, "tell %s of DNS %s",
		 dns_manager_word(plan->notes.dns), plan->notes.names);
}
