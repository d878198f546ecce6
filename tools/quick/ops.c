// SPDX-License-Identifier: GPL-2.0
#include "quick/ops.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/rtnetlink.h>

#include "model/resolve.h"
#include "netlink/link.h"
#include "netlink/nl.h"
#include "quick/mtu.h"
#include "quick/save.h"

/* The number of the interface, once it exists. */
static int find_ifindex(struct plan *plan, struct fault *fault)
{
	struct nl_link link;
	int ret;

	if (plan->state.ifindex)
		return 0;
	ret = nl_find_link(&link, plan->name, fault);
	plan->state.ifindex = link.ifindex;
	return ret;
}

/* What somebody else has taken away meanwhile is away. */
static int unless(int gone, int ret)
{
	return ret == gone ? 0 : ret;
}

static const char *act_name(enum rtnl_act act)
{
	return act == RTNL_ADD ? "add" : "delete";
}

/* --- links --- */

static int delete_link(struct plan *plan, const union plan_arg *arg,
		       struct fault *fault)
{
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
				 "the kernel has no WireGuard tunnels: load the module wg or wireguard");
	if (!ret)
		fputs("wgctl: the module wg is not loaded: using the kernel's own wireguard\n",
		      stderr);
	return ret;
}

static int add_link(struct plan *plan, const union plan_arg *arg,
		    struct fault *fault)
{
	int ret = add_some_link(plan, fault);
	struct fault ignored;

	if (ret)
		return ret;
	plan->state.ifindex = 0;
	ret = find_ifindex(plan, fault);
	if (ret)
		delete_link(plan, arg, &ignored);
	return ret;
}

void plan_link_add(struct plan *plan)
{
	static const struct op op = { add_link, delete_link };

	plan_add(plan, &op, NULL, "add interface %s", plan->name);
}

void plan_link_delete(struct plan *plan)
{
	static const struct op op = { delete_link, NULL };

	plan_add(plan, &op, NULL, "delete interface %s", plan->name);
}

static int raise_link(struct plan *plan, const union plan_arg *arg,
		      struct fault *fault)
{
	uint32_t mtu = arg->mtu;

	if (!mtu)
		mtu = mtu_of_tunnel(&plan->rtnl, plan->setup->tunnel);
	return rtnl_link_up(&plan->rtnl, plan->name, mtu, fault);
}

static const struct op op_raise_link = { raise_link, NULL };

void plan_link_up(struct plan *plan)
{
	const union plan_arg arg = { .mtu = plan->setup->mtu };

	if (arg.mtu)
		plan_add(plan, &op_raise_link, &arg,
			 "bring %s up with MTU %u", plan->name, arg.mtu);
	else
		plan_add(plan, &op_raise_link, &arg,
			 "bring %s up with an MTU that fits the paths to its peers",
			 plan->name);
}

void plan_link_mtu(struct plan *plan, uint32_t mtu)
{
	const union plan_arg arg = { .mtu = mtu };

	plan_add(plan, &op_raise_link, &arg, "set the MTU of %s to %u",
		 plan->name, mtu);
}

/* --- the device --- */

static int resolve(struct plan *plan, const union plan_arg *arg,
		   struct fault *fault)
{
	return resolve_tunnel(arg->change.to, plan->setup->path, fault);
}

void plan_resolve(struct plan *plan, struct tunnel *tunnel)
{
	static const struct op op = { resolve, NULL };
	const union plan_arg arg = { .change.to = tunnel };

	plan_add(plan, &op, &arg, NULL);
}

static int change_device(struct plan *plan, const union plan_arg *arg,
			 struct fault *fault)
{
	return nl_set(arg->change.to, fault);
}

static int change_back(struct plan *plan, const union plan_arg *arg,
		       struct fault *fault)
{
	return arg->change.back ? nl_set(arg->change.back, fault) : 0;
}

const struct op op_device = { change_device, change_back };

/* --- addresses, routes, rules --- */

static int apply_net(struct plan *plan, const union plan_arg *arg,
		     struct fault *fault)
{
	return arg->net.put(plan, arg, arg->net.act, fault);
}

static int undo_net(struct plan *plan, const union plan_arg *arg,
		    struct fault *fault)
{
	return arg->net.put(plan, arg,
			    arg->net.act == RTNL_ADD ? RTNL_DELETE : RTNL_ADD,
			    fault);
}

static const struct op op_net = { apply_net, undo_net };

static int put_address(struct plan *plan, const union plan_arg *arg,
		       enum rtnl_act act, struct fault *fault)
{
	int ret = find_ifindex(plan, fault) ?:
		  rtnl_address(&plan->rtnl, act, plan->state.ifindex,
			       &arg->net.ip, fault);

	return act == RTNL_DELETE ? unless(-EADDRNOTAVAIL, ret) : ret;
}

void plan_address(struct plan *plan, enum rtnl_act act,
		  const struct allowed_ip *ip)
{
	const union plan_arg arg = { .net = { act, put_address, .ip = *ip } };
	char text[IP_TEXT_MAX];

	plan_add(plan, &op_net, &arg, "%s address %s", act_name(act),
		 ip_text(ip, text));
}

static void see_same(const struct rtnl_route *route, void *context)
{
	struct rtnl_route *same = context;

	if (route->table == same->table && ip_equal(&route->to, &same->to))
		same->ifindex = route->ifindex;
}

/* Mostly the network is also that of an interface here. */
static int explain_taken(struct plan *plan, const struct rtnl_route *wanted,
			 struct fault *fault)
{
	struct rtnl_route same = { .to = wanted->to, .table = wanted->table };
	char device[IF_NAMESIZE];
	struct fault ignored;

	rtnl_each_route(&plan->rtnl, same.to.family, see_same, &same, &ignored);
	if (!if_indextoname(same.ifindex, device))
		return fault->code;
	return fault_set(fault, -EEXIST,
			 "%s has that network already: give one of the two other addresses, or allow only the hosts that are needed",
			 device);
}

static int put_route(struct plan *plan, const union plan_arg *arg,
		     enum rtnl_act act, struct fault *fault)
{
	struct rtnl_route wanted = arg->net.route;
	int ret = find_ifindex(plan, fault);

	wanted.ifindex = plan->state.ifindex;
	if (!ret)
		ret = rtnl_route(&plan->rtnl, act, &wanted, fault);
	if (act == RTNL_DELETE)
		return unless(-ESRCH, ret);
	return ret == -EEXIST ? explain_taken(plan, &wanted, fault) : ret;
}

void plan_route(struct plan *plan, enum rtnl_act act,
		const struct rtnl_route *to)
{
	const union plan_arg arg = { .net = { act, put_route, .route = *to } };
	char text[IP_TEXT_MAX], table[32] = "";

	if (to->table != RT_TABLE_MAIN)
		snprintf(table, sizeof(table), " in table %u", to->table);
	plan_add(plan, &op_net, &arg, "%s route %s%s", act_name(act),
		 ip_text(&to->to, text), table);
}

static int put_rule(struct plan *plan, const union plan_arg *arg,
		    enum rtnl_act act, struct fault *fault)
{
	const struct rtnl_rule *rule = &arg->net.rule;
	int ret;

	/* of the two of a family, the last to come and the last to go */
	if (rule->kind == RTNL_RULE_MAIN)
		plan->state.has_policy[rule->family != AF_INET] =
			act == RTNL_ADD;
	ret = rtnl_rule(&plan->rtnl, act, rule, fault);
	return act == RTNL_DELETE ? unless(-ENOENT, ret) : ret;
}

void plan_rule(struct plan *plan, enum rtnl_act act,
	       const struct rtnl_rule *rule)
{
	const union plan_arg arg = { .net = { act, put_rule, .rule = *rule } };
	const char *family = ip_family_name(rule->family);

	if (rule->kind == RTNL_RULE_NOT_MARK)
		plan_add(plan, &op_net, &arg,
			 "%s %s rule: not fwmark 0x%x lookup %u",
			 act_name(act), family, rule->mark, rule->table);
	else
		plan_add(plan, &op_net, &arg,
			 "%s %s rule: lookup main suppress_prefixlength 0",
			 act_name(act), family);
}

/* --- files --- */

static int save(struct plan *plan, const union plan_arg *arg,
		struct fault *fault)
{
	return save_tunnel(plan->setup, &plan->rtnl, &plan->state, fault);
}

struct plan_step *plan_save(struct plan *plan)
{
	static const struct op op = { save, NULL };

	return plan_add(plan, &op, NULL, "save %s", plan->setup->path);
}

static int write_state(struct plan *plan, const union plan_arg *arg,
		       struct fault *fault)
{
	return find_ifindex(plan, fault) ?:
	       state_write(&plan->state, plan->name, fault);
}

static int remove_state(struct plan *plan, const union plan_arg *arg,
			struct fault *fault)
{
	state_remove(plan->name);
	return 0;
}

static int restore_state(struct plan *plan, const union plan_arg *arg,
			 struct fault *fault)
{
	if (plan->before.path)
		return state_write(&plan->before, plan->name, fault);
	return remove_state(plan, arg, fault);
}

void plan_state_write(struct plan *plan)
{
	static const struct op op = { write_state, restore_state };

	plan_add(plan, &op, NULL, NULL);
}

void plan_state_remove(struct plan *plan)
{
	static const struct op op = { remove_state, NULL };

	plan_add(plan, &op, NULL, NULL);
}
