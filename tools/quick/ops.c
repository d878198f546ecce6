// SPDX-License-Identifier: GPL-2.0
#include "quick/ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/resolve.h"
#include "netlink/nl.h"
#include "quick/mtu.h"
#include "quick/save.h"

/* The number of the interface, once it exists. */
static int find_ifindex(struct plan *plan, struct fault *fault)
{
	struct rtnl_link link = { 0 };
	int ret;

	if (plan->state.ifindex)
		return 0;
	ret = rtnl_link_get(&plan->rtnl, &link, plan->name, fault);
	plan->state.ifindex = link.ifindex;
	return ret;
}

/* What somebody else has taken away meanwhile is away. */
static int unless(int gone, int ret)
{
	return ret == gone ? 0 : ret;
}

static int delete_link(struct plan *plan, const struct plan_step *step,
		       struct fault *fault)
{
	(void)step;
	return unless(-ENODEV, rtnl_link_del(&plan->rtnl, plan->name, fault));
}

/* The environment may insist on a kind; else ours, or else the kernel's. */
static int add_some_link(struct plan *plan, struct fault *fault)
{
	const char *kind = getenv("WGCTL_FAMILY");
	int ret;

	if (kind && *kind)
		return rtnl_link_add(&plan->rtnl, plan->name, kind, fault);
	ret = rtnl_link_add(&plan->rtnl, plan->name, "wg", fault);
	if (ret != -EOPNOTSUPP)
		return ret;
	ret = rtnl_link_add(&plan->rtnl, plan->name, "wireguard", fault);
	if (ret == -EOPNOTSUPP)
		return fault_set(fault, ret,
				 "the kernel has no tunnels: the module wg is not loaded, nor is wireguard");
	if (!ret)
		fputs("wgctl: the module wg is not loaded: using the kernel's own wireguard\n",
		      stderr);
	return ret;
}

static int add_link(struct plan *plan, const struct plan_step *step,
		    struct fault *fault)
{
	int ret = add_some_link(plan, fault);
	struct fault ignored;

	if (ret)
		return ret;
	plan->state.ifindex = 0;
	ret = find_ifindex(plan, fault);
	if (ret)
		delete_link(plan, step, &ignored);
	return ret;
}

const struct op op_add_link = { add_link, delete_link };
const struct op op_delete_link = { delete_link, NULL };

static int raise_link(struct plan *plan, const struct plan_step *step,
		      struct fault *fault)
{
	uint32_t mtu = step->number;

	if (!mtu)
		mtu = mtu_of_tunnel(&plan->rtnl, plan->setup->tunnel);
	return rtnl_link_up(&plan->rtnl, plan->name, mtu, fault);
}

const struct op op_raise_link = { raise_link, NULL };

static int resolve(struct plan *plan, const struct plan_step *step,
		   struct fault *fault)
{
	int ret = resolve_tunnel(step->change, fault);

	if (ret)
		fault->file = plan->setup->path;
	return ret;
}

const struct op op_resolve = { resolve, NULL };

static int change_device(struct plan *plan, const struct plan_step *step,
			 struct fault *fault)
{
	(void)plan;
	return nl_set(step->change, fault);
}

static int change_back(struct plan *plan, const struct plan_step *step,
		       struct fault *fault)
{
	(void)plan;
	return step->back ? nl_set(step->back, fault) : 0;
}

const struct op op_device = { change_device, change_back };

static int address(struct plan *plan, const struct plan_step *step,
		   enum rtnl_act act, struct fault *fault)
{
	int ret = find_ifindex(plan, fault);

	return ret ? ret : rtnl_address(&plan->rtnl, act, plan->state.ifindex,
					&step->ip, fault);
}

static int add_address(struct plan *plan, const struct plan_step *step,
		       struct fault *fault)
{
	return address(plan, step, RTNL_ADD, fault);
}

static int delete_address(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	return unless(-EADDRNOTAVAIL,
		      address(plan, step, RTNL_DELETE, fault));
}

const struct op op_add_address = { add_address, delete_address };
const struct op op_delete_address = { delete_address, add_address };

static int route(struct plan *plan, const struct plan_step *step,
		 enum rtnl_act act, struct fault *fault)
{
	struct rtnl_route wanted = step->route;
	int ret = find_ifindex(plan, fault);

	wanted.ifindex = plan->state.ifindex;
	return ret ? ret : rtnl_route(&plan->rtnl, act, &wanted, fault);
}

static int add_route(struct plan *plan, const struct plan_step *step,
		     struct fault *fault)
{
	return route(plan, step, RTNL_ADD, fault);
}

static int delete_route(struct plan *plan, const struct plan_step *step,
			struct fault *fault)
{
	return unless(-ESRCH, route(plan, step, RTNL_DELETE, fault));
}

const struct op op_add_route = { add_route, delete_route };
const struct op op_delete_route = { delete_route, add_route };

/* Of the two rules of a family, the last one to come and the last to go. */
static void note_rule(struct plan *plan, const struct rtnl_rule *rule, bool is)
{
	if (rule->kind == RTNL_RULE_MAIN)
		plan->state.has_policy[rule->family != AF_INET] = is;
}

static int add_rule(struct plan *plan, const struct plan_step *step,
		    struct fault *fault)
{
	note_rule(plan, &step->rule, true);
	return rtnl_rule(&plan->rtnl, RTNL_ADD, &step->rule, fault);
}

static int delete_rule(struct plan *plan, const struct plan_step *step,
		       struct fault *fault)
{
	note_rule(plan, &step->rule, false);
	return unless(-ENOENT, rtnl_rule(&plan->rtnl, RTNL_DELETE,
					 &step->rule, fault));
}

const struct op op_add_rule = { add_rule, delete_rule };
const struct op op_delete_rule = { delete_rule, add_rule };

static int save(struct plan *plan, const struct plan_step *step,
		struct fault *fault)
{
	(void)step;
	return save_tunnel(plan->setup, &plan->rtnl, &plan->state, fault);
}

const struct op op_save = { save, NULL };

static int write_state(struct plan *plan, const struct plan_step *step,
		       struct fault *fault)
{
	int ret = find_ifindex(plan, fault);

	(void)step;
	return ret ? ret : state_write(&plan->state, plan->name, fault);
}

static int remove_state(struct plan *plan, const struct plan_step *step,
			struct fault *fault)
{
	(void)step;
	(void)fault;
	state_remove(plan->name);
	return 0;
}

static int restore_state(struct plan *plan, const struct plan_step *step,
			 struct fault *fault)
{
	if (plan->before.path)
		return state_write(&plan->before, plan->name, fault);
	return remove_state(plan, step, fault);
}

const struct op op_write_state = { write_state, restore_state };
const struct op op_remove_state = { remove_state, NULL };
