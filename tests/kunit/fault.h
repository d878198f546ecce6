/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocations that fail on demand, and waits that are seen. Included before everything else in all
 * files of the module when it is built with its suites (-include in Kbuild),
 * it puts a question before each allocation that the module's own code makes:
 * shall this one fail? Only one task is ever asked in earnest.
 */
#ifndef _WG_TESTS_KUNIT_FAULT_H
#define _WG_TESTS_KUNIT_FAULT_H

#include <linux/alloc_tag.h>
#include <linux/err.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/gso.h>
#include <net/netlink.h>
#include <net/sock.h>

/* Let the @nth allocation of this task from now on fail, 1 being the next. */
void wg_fault_arm(unsigned int nth);

/* Return: whether it came to that allocation. */
bool wg_fault_disarm(void);

/* How much this task has allocated since: less than it should, if others did its work. */
unsigned int wg_fault_asked(void);

/* Shall the allocation that is about to be made fail? */
bool wg_fault_is_due(void);

/* Called before the module waits until the random generator is seeded. */
extern void (*wg_fault_on_wait)(void);

#define wait_for_random_bytes()						\
({									\
	if (wg_fault_on_wait)						\
		wg_fault_on_wait();					\
	wait_for_random_bytes();					\
})

#undef alloc_hooks
#define alloc_hooks(allocation)						\
({									\
	DEFINE_ALLOC_TAG(_alloc_tag);					\
	wg_fault_is_due() ? (typeof(allocation))0 :			\
			    alloc_hooks_tag(&_alloc_tag, allocation);	\
})

/* What allocates inside the kernel proper. */
#define nla_strdup(...) (wg_fault_is_due() ? NULL : nla_strdup(__VA_ARGS__))
#define alloc_skb(...) (wg_fault_is_due() ? NULL : alloc_skb(__VA_ARGS__))
#define napi_alloc_skb(...)						\
	(wg_fault_is_due() ? NULL : napi_alloc_skb(__VA_ARGS__))
#define skb_page_frag_refill(...)					\
	(wg_fault_is_due() ? false : skb_page_frag_refill(__VA_ARGS__))
#define skb_gso_segment(...)						\
	(wg_fault_is_due() ? ERR_PTR(-ENOMEM) : skb_gso_segment(__VA_ARGS__))
#define skb_linearize(...)						\
	(wg_fault_is_due() ? -ENOMEM : skb_linearize(__VA_ARGS__))

#endif
