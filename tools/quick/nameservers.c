// SPDX-License-Identifier: GPL-2.0
#include "quick/nameservers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

static int unset_dns(struct plan *plan, const union plan_arg *arg,
		     struct fault *fault)
{
	plan->state.dns = DNS_NOBODY;
	return dns_unset(arg->dns, plan->name, fault);
}

static int put_old_dns(struct plan *plan, const union plan_arg *arg,
		       struct fault *fault)
{
	struct setup old = { 0 };
	int ret;

	if (plan->before.dns == DNS_NOBODY || !plan->before.names)
		return unset_dns(plan, arg, fault);
	ret = setup_read_dns(&old, plan->before.names, fault) ?:
	      dns_set(plan->before.dns, plan->name, &old.dns,
		      &old.search, fault);
	setup_clear(&old);
	return ret;
}

static int set_dns(struct plan *plan, const union plan_arg *arg,
		   struct fault *fault)
{
	const struct setup *setup = plan->setup;
	struct fault ignored;
	int ret;

	ret = dns_set(arg->dns, plan->name, &setup->dns, &setup->search,
		      fault);
	if (ret && ret != -ENOENT)
		put_old_dns(plan, arg, &ignored); /* it may be half done */
	return ret;
}

static bool wants_dns(const struct plan *plan)
{
	return plan->setup->dns.count || plan->setup->search.count;
}

/* "192.0.2.53 example.org": printed, and compared at the next reload. */
static char *dns_text(const struct setup *setup)
{
	char *servers = strv_join(&setup->dns, " ");
	char *search = strv_join(&setup->search, " ");
	char *text = xasprintf("%s%s%s", servers,
			       *servers && *search ? " " : "", search);

	free(servers);
	free(search);
	return text;
}

int plan_dns_need(struct plan *plan, struct fault *fault)
{
	if (!wants_dns(plan))
		return 0;
	plan->state.dns = dns_manager();
	if (plan->state.dns == DNS_NOBODY)
		return fault_set(fault, -ENOENT,
				 "DNS needs resolvconf (package openresolv) or systemd-resolved, and neither is installed");
	free(plan->state.names);
	plan->state.names = dns_text(plan->setup);
	return 0;
}

void plan_no_dns(struct plan *plan, enum dns_manager manager)
{
	static const struct op op = { unset_dns, put_old_dns };
	const union plan_arg arg = { .dns = manager };

	if (manager != DNS_NOBODY)
		plan_add(plan, &op, &arg, "remove DNS from %s",
			 dns_manager_word(manager));
}

void plan_dns(struct plan *plan)
{
	static const struct op op = { set_dns, put_old_dns };
	const union plan_arg arg = { .dns = plan->state.dns };
	const struct state *before = &plan->before;
	bool is_same = before->dns == arg.dns;

	if (!wants_dns(plan) || !is_same)
		plan_no_dns(plan, before->dns);
	if (wants_dns(plan))
		plan_add(plan, &op, &arg, "set DNS %s in %s", plan->state.names,
			 dns_manager_word(arg.dns))->is_quiet =
			is_same && before->names &&
			!strcmp(before->names, plan->state.names);
}
