/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plans for tunnels and all that their files say: from what a file wants and
 * what the machine has.
 *
 * Each function looks and plans; plan_run() acts.
 */
#ifndef _WGCTL_QUICK_QUICK_H
#define _WGCTL_QUICK_QUICK_H

#include "quick/plan.h"

/* make all that the file says, from nothing */
int quick_up(struct plan *plan, struct fault *fault);

/* take all of it away */
int quick_down(struct plan *plan, struct fault *fault);

/* change what differs between the running tunnel @now and its file */
struct quick_reload {
	struct tunnel *now;
	struct tunnel *change; /* made here, for tunnel_free() */
	struct tunnel *back;
	struct allowed_ips addresses; /* of the interface before; made here */
};

int quick_reload(struct plan *plan, struct quick_reload *reload,
		 struct fault *fault);

#endif
