/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steps that tell a machine of a tunnel's name servers.
 */
#ifndef _WGCTL_QUICK_NAMESERVERS_H
#define _WGCTL_QUICK_NAMESERVERS_H

#include "quick/plan.h"

/* is the program there that the name servers of the setup need? */
int plan_dns_need(struct plan *plan, struct fault *fault);

/* name servers as the setup wants them, in the place of those before */
void plan_dns(struct plan *plan);

/* use them no more */
void plan_no_dns(struct plan *plan, enum dns_manager manager);

#endif
