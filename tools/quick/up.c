// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "netlink/link.h"
#include "quick/filters.h"
#include "quick/hooks.h"
#include "quick/nameservers.h"
#include "quick/ops.h"
#include "quick/policy.h"
#include "quick/quick.h"
#include "quick/routes.h"

static int refuse_existing(struct plan *plan, struct fault *fault)
{
	struct nl_link link;
	int ret = nl_find_link(&link, plan->name, fault);

	if (ret == -ENODEV)
		return 0;
	if (ret)
		return ret;
	return fault_set(fault, -EEXIST,
			 "'%s' exists already: 'wgctl reload %s' applies its file, 'wgctl down %s' removes it",
			 plan->name, plan->name, plan->name);
}

/* Of an interface that somebody has deleted, the rest may still be there. */
static int look(struct plan *plan, struct fault *fault)
{
	if (!plan->before.path)
		return 0;
	plan->state.mark = 0;
	/* servers of an interface go with it, but not those of resolvconf */
	if (plan->before.dns == DNS_RESOLVED)
		plan->before.dns = DNS_NOBODY;
	plan->state.dns = plan->before.dns;
	free(plan->before.names);
	plan->before.names = NULL;
	return filters_look(plan, fault) ?:
	       routes_drop_taken_mark(plan, fault);
}

/* The names are looked up last: PreUp may have to wait for a network. */
static void plan_link(struct plan *plan)
{
	const struct allowed_ips *addresses = &plan->setup->addresses;
	struct tunnel *tunnel = plan->setup->tunnel;
	const union plan_arg arg = { .change.to = tunnel };
	size_t i;

	plan_link_add(plan);
	plan_state_write(plan);
	plan_hooks(plan, SETUP_PRE_UP);
	plan_resolve(plan, tunnel);
	plan_add(plan, &op_device, &arg, "configure %s: %zu peer%s",
		 plan->name, tunnel->peer_count,
		 tunnel->peer_count == 1 ? "" : "s");
	for (i = 0; i < addresses->count; i++)
		plan_address(plan, RTNL_ADD, &addresses->items[i]);
	plan_link_up(plan);
}

/* A default route comes once all that is not for it has been led elsewhere. */
static int plan_routes(struct plan *plan, const struct routes *routes,
		       struct fault *fault)
{
	int ret = plan_policies(plan, routes->wants_policy, fault);
	size_t i;

	for (i = 0; i < routes->count; i++)
		plan_route(plan, RTNL_ADD, &routes->items[i]);
	if (!ret)
		ret = plan_no_policies(plan, routes->wants_policy, fault);
	return ret;
}

static int plan_all(struct plan *plan, const struct routes *routes,
		    struct fault *fault)
{
	int ret;

	plan_undo_by(plan, SETUP_POST_DOWN);
	plan_link(plan);
	plan_dns(plan);
	ret = plan_routes(plan, routes, fault) ?:
	      plan_masquerade(plan, plan->setup->masquerades, fault);
	if (plan->before.path)
		plan_state_write(plan);
	plan_undo_by(plan, SETUP_PRE_DOWN);
	plan_hooks(plan, SETUP_POST_UP);
	return ret;
}

int quick_up(struct plan *plan, struct fault *fault)
{
	struct routes routes = { 0 };
	int ret;

	plan_read_state(plan);
	ret = refuse_existing(plan, fault) ?:
	      look(plan, fault) ?:
	      plan_dns_need(plan, fault) ?:
	      routes_find(plan, 0, &routes, fault) ?:
	      plan_all(plan, &routes, fault);
	free(routes.items);
	return ret;
}
