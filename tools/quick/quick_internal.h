/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of quick/ share; for no other file.
 *
 * Policy: with Table = auto a default route goes into a table of its own,
 * which all packets without the tunnel's mark are looked up in, after the
 * main table without its default route:
 *
 *	32764: from all lookup main suppress_prefixlength 0
 *	32765: not from all fwmark 51820 lookup 51820
 */
#ifndef _WGCTL_QUICK_QUICK_INTERNAL_H
#define _WGCTL_QUICK_QUICK_INTERNAL_H

#include "quick/firewall.h"
#include "quick/ops.h"
#include "quick/plan.h"

#define QUICK_FAMILIES 2

extern const uint16_t quick_families[QUICK_FAMILIES]; /* as in struct state */

/* "IPv4", "IPv6" */
const char *quick_family_word(uint16_t family);

/* The routes that a setup needs, each with its table. */
struct quick_routes {
	struct rtnl_route *items;
	size_t count;
	bool wants_policy[QUICK_FAMILIES];
};

/**
 * quick_find_routes() - which routes a tunnel needs
 * @plan: its state gets the mark, where default routes need one
 * @setup: its peers' allowed IPs are what routes lead to; its addresses' own
 *	networks the kernel makes routes to; its tunnel gets the mark
 * @usual_mark: the mark if the file has none; 0: the first number from 51820
 *	on by which no table goes
 * @routes: filled; its items are for free()
 * @fault: filled on failure
 *
 * What another route of the tunnel covers already gets none.
 *
 * Return: 0 or a negative errno.
 */
int quick_find_routes(struct plan *plan, const struct setup *setup,
		      uint32_t usual_mark, struct quick_routes *routes,
		      struct fault *fault);

/* forget the mark of a tunnel that is gone, where another one has it now */
int quick_drop_taken_mark(struct plan *plan, struct fault *fault);

/* of a tunnel without state: the mark that another tool gave it */
void quick_guess_mark(struct plan *plan, const struct tunnel *now);

/* What there is of a tunnel's, whoever brought it up, and whatever is noted. */
struct quick_seen {
	struct firewall_seen firewall;
	bool has_new_addresses; /* so that the filters are to change */
};

/* where the tunnel has need of filters, not to know them is a failure */
int quick_look(struct plan *plan, struct quick_seen *seen,
	       struct fault *fault);

/* what is noted of the tunnel, and what will be; @path: NULL: the same file */
int quick_begin(struct plan *plan, const char *path, struct fault *fault);

/* Steps that more than one plan has. */
void quick_plan_route(struct plan *plan, enum rtnl_act act,
		      const struct rtnl_route *route);
void quick_plan_addresses(struct plan *plan, enum rtnl_act act,
			  const struct allowed_ip *ip);
void quick_plan_hooks(struct plan *plan, enum setup_hook hook);
void quick_plan_mark(struct plan *plan, const struct op *op);

/**
 * quick_plan_policies() - policy routing, and the filters that go with it
 * @plan: gets the steps that are needed, for the mark in its state
 * @seen: which filters there are
 * @wants: for which of quick_families
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int quick_plan_policies(struct plan *plan, const struct quick_seen *seen,
			const bool *wants, struct fault *fault);

/* take away what there is of it that is not wanted, or of an earlier mark */
int quick_plan_no_policies(struct plan *plan, const struct quick_seen *seen,
			   const bool *wants, struct fault *fault);

/* @family: of a filter; AF_UNSPEC: masquerading */
void quick_plan_filter(struct plan *plan, const struct quick_seen *seen,
		       uint16_t family);
void quick_plan_no_filter(struct plan *plan, const struct quick_seen *seen,
			  uint16_t family);
void quick_plan_no_foreign(struct plan *plan, const struct quick_seen *seen);

/* turn a sysctl on, if it is off; turn it off, if no other tunnel needs it */
void quick_plan_switch(struct plan *plan, enum sysctl_id id, bool on);

/* masquerade and forward, or not */
int quick_plan_masquerade(struct plan *plan, const struct quick_seen *seen,
			  bool wants, struct fault *fault);

/* name servers as the setup wants them, in the place of those before */
void quick_plan_dns(struct plan *plan);
void quick_plan_no_dns(struct plan *plan, enum dns_manager manager);

/* is the program there that name servers, or filters, need? */
int quick_need_dns(struct plan *plan, struct fault *fault);
int quick_need_firewall(const char *what, struct fault *fault);

#endif
