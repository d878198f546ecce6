/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policy routing: all packets without the tunnel's mark are looked up in its
 * table, after the main table without its default route:
 *
 *	32764: from all lookup main suppress_prefixlength 0
 *	32765: not from all fwmark 51820 lookup 51820
 */
#ifndef _WGCTL_QUICK_POLICY_H
#define _WGCTL_QUICK_POLICY_H

#include "quick/plan.h"

/**
 * plan_policies() - the rules, and the filters that go with them
 * @plan: gets the steps that are needed, for the mark in its state
 * @wants: for which of ip_families
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int plan_policies(struct plan *plan, const bool *wants, struct fault *fault);

/* take away what there is of it that is not wanted, or of an earlier mark */
int plan_no_policies(struct plan *plan, const bool *wants,
		     struct fault *fault);

#endif
