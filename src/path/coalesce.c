// SPDX-License-Identifier: GPL-2.0
#include "path/coalesce.h"

#include <linux/hrtimer.h>
#include <linux/llist.h>
#include <linux/percpu.h>

#include "compat.h"
#include "core/peer.h"
#include "core/upcall.h"

/**
 * struct coalescer - of one CPU
 * @timer: set for the oldest packet that waits
 * @peers: peers with packets that wait; each holds a reference
 */
struct coalescer {
	struct hrtimer timer;
	struct llist_head peers;
};

static DEFINE_PER_CPU(struct coalescer, coalescers);

/* Let the packets of its peers go. */
static void release_all(struct coalescer *coalescer)
{
	struct llist_node *peers = llist_del_all(&coalescer->peers);
	struct wg_peer *peer, *next;

	llist_for_each_entry_safe(peer, next, peers, txq.node) {
		/* before the flush locks: who saw it set has put its packet */
		WRITE_ONCE(peer->txq.is_coalescing, false);
		wg_tx_flush(peer);
		wg_peer_put(peer);
	}
}

static enum hrtimer_restart fire(struct hrtimer *timer)
{
	release_all(container_of(timer, struct coalescer, timer));
	return HRTIMER_NORESTART;
}

void wg_coalesce(struct wg_peer *peer)
{
	struct coalescer *coalescer = this_cpu_ptr(&coalescers);

	llist_add(&peer->txq.node, &coalescer->peers);
	if (!hrtimer_is_queued(&coalescer->timer))
		hrtimer_start(&coalescer->timer, ns_to_ktime(WG_COALESCE_NS),
			      HRTIMER_MODE_REL_PINNED_SOFT);
}

void wg_coalesce_register(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_setup(&per_cpu_ptr(&coalescers, cpu)->timer, fire,
			      CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_SOFT);
}

void wg_coalesce_unregister(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		hrtimer_cancel(&per_cpu_ptr(&coalescers, cpu)->timer);
		local_bh_disable();
		release_all(per_cpu_ptr(&coalescers, cpu));
		local_bh_enable();
	}
}
