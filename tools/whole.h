/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whole tunnels: from what a file wants and what the machine has to a plan.
 *
 * Each function looks and plans; plan_run() acts.
 */
#ifndef _WGCTL_WHOLE_H
#define _WGCTL_WHOLE_H

#include "plan.h"

/* make all that the file says, from nothing */
int whole_up(struct plan *plan, struct setup *setup, struct fault *fault);

/* take all of it away */
int whole_down(struct plan *plan, struct fault *fault);

/* change what differs between the running tunnel @now and its file */
struct whole_reload {
	struct tunnel *now;
	struct tunnel *change; /* made here, for tunnel_free() */
	struct tunnel *back;
	struct allowed_ips addresses; /* of the interface before; made here */
};

int whole_reload(struct plan *plan, struct setup *setup,
		 struct whole_reload *reload, struct fault *fault);

#endif
