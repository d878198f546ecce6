/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody waits for the processor. */
#ifndef _HOST_LINUX_SCHED_H
#define _HOST_LINUX_SCHED_H

static inline void cond_resched(void) { }

#endif
