/* SPDX-License-Identifier: GPL-2.0 */
/* RCU of one thread: callbacks wait until the test ends a grace period. */
#ifndef _HOST_LINUX_RCUPDATE_H
#define _HOST_LINUX_RCUPDATE_H

#include <linux/types.h>

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

#define rcu_dereference_check(p, claim) (p)
#define rcu_dereference_protected(p, claim) (p)
#define rcu_assign_pointer(p, value) ((p) = (value))

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));

#endif
