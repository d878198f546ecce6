/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steps that run the commands of PreUp, PostUp, PreDown and PostDown.
 */
#ifndef _WGCTL_QUICK_HOOKS_H
#define _WGCTL_QUICK_HOOKS_H

#include "quick/plan.h"

/* a step for each command */
void plan_hooks(struct plan *plan, enum setup_hook hook);

/*
 * No step of its own: a place in a plan at which, on the way back, the hooks of
 * going down are run, if those of going up have been. What PostUp did is for
 * PreDown and PostDown to undo, what PreUp did for PostDown. They may find less
 * to undo than after a complete `up`: their failures are printed, and passed
 * over.
 */
void plan_undo_by(struct plan *plan, enum setup_hook hook);

#endif
