// SPDX-License-Identifier: GPL-2.0
#include "fault.h"

#include <linux/compiler.h>
#include <linux/sched.h>

static struct task_struct *fault_task; /* who is asked; NULL: nobody */
static unsigned int fault_countdown;
static unsigned int fault_asked;
void (*wg_fault_on_wait)(void);

void wg_fault_arm(unsigned int nth)
{
	fault_countdown = nth;
	fault_asked = 0;
	WRITE_ONCE(fault_task, current);
}

bool wg_fault_disarm(void)
{
	WRITE_ONCE(fault_task, NULL);
	return !fault_countdown;
}

unsigned int wg_fault_asked(void)
{
	return fault_asked;
}

bool wg_fault_is_due(void)
{
	if (READ_ONCE(fault_task) != current || !fault_countdown)
		return false;
	fault_asked++;
	return !--fault_countdown;
}
