/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steps that filter, masquerade and forward for a tunnel.
 */
#ifndef _WGCTL_QUICK_FILTERS_H
#define _WGCTL_QUICK_FILTERS_H

#include "quick/plan.h"

/* is the program there that filters need? @what: that needs them */
int filters_need(const char *what, struct fault *fault);

/*
 * What there is of a tunnel's, whoever brought it up, and whatever its state
 * says. Where the tunnel needs filters, not to know them is a failure.
 */
int filters_look(struct plan *plan, struct fault *fault);

/* @family: of a filter; AF_UNSPEC: masquerading */
void plan_filter(struct plan *plan, uint16_t family);
void plan_no_filter(struct plan *plan, uint16_t family);
void plan_no_foreign(struct plan *plan);

/* turn a sysctl on, if it is off; turn it off, if no other tunnel needs it */
void plan_sysctl(struct plan *plan, enum sysctl_id id, bool on);

/* masquerade and forward, or not */
int plan_masquerade(struct plan *plan, bool wants, struct fault *fault);

#endif
