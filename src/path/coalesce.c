// SPDX-License-Identifier: GPL-2.0
#include "path/coalesce.h"

#include <linux/hrtimer.h>
#include <linux/llist.h>
#include <linux/percpu.h>

#include "compat.h"
#include "core/peer.h"
#include "path/gso.h"
#include "path/tx.h"
#include "proto/limits.h"

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

/* Let the packets of one peer go. */
static void release(struct wg_peer *peer)
{
	clear_bit(WG_TODO_COALESCE, &peer->todo);
	/* pairs with enlist(): who stages after this enlists the peer again */
	smp_mb__after_atomic();
	wg_tx_flush(peer);
	wg_peer_put(peer);
}

static void release_all(struct coalescer *coalescer)
{
	struct llist_node *peers = llist_del_all(&coalescer->peers);
	struct wg_peer *peer, *next;

	llist_for_each_entry_safe(peer, next, peers, coalesce_node)
		release(peer);
}

static enum hrtimer_restart fire(struct hrtimer *timer)
{
	release_all(container_of(timer, struct coalescer, timer));
	return HRTIMER_NORESTART;
}

/* See to it that what @peer has staged leaves in time. */
static void enlist(struct wg_peer *peer)
{
	struct coalescer *coalescer = this_cpu_ptr(&coalescers);

	if (test_and_set_bit(WG_TODO_COALESCE, &peer->todo))
		return;
	/*
	 * Dying or not: who found it is in a read section that its last put
	 * waits for. A peer with the bit set is listed, or would wait for ever.
	 */
	refcount_inc(&peer->refs);
	llist_add(&peer->coalesce_node, &coalescer->peers);
	if (!hrtimer_is_queued(&coalescer->timer))
		hrtimer_start(&coalescer->timer, ns_to_ktime(WG_COALESCE_NS),
			      HRTIMER_MODE_REL_PINNED_SOFT);
}

/* Return: packets staged now, 0 when @skb was not taken. */
static unsigned int stage(struct wg_peer *peer, struct sk_buff *skb)
{
	unsigned int staged = 0;

	spin_lock(&peer->lock);
	if (wg_burst_send(&peer->burst, jiffies) && !peer->is_dead &&
	    peer->slots[WG_SLOT_CURRENT] &&
	    skb_queue_len(&peer->staged) < WG_STAGED_MAX) {
		__skb_queue_tail(&peer->staged, skb);
		staged = skb_queue_len(&peer->staged);
	}
	spin_unlock(&peer->lock);
	return staged;
}

bool wg_coalesce(struct wg_peer *peer, struct sk_buff *skb)
{
	unsigned int staged;

	if (skb_is_gso(skb))
		return false;
	/* a route must not be held for longer than the caller's stack */
	skb_dst_force(skb);
	staged = stage(peer, skb);
	if (staged >= WG_GSO_MESSAGES_MAX)
		wg_tx_flush(peer);
	else if (staged)
		enlist(peer);
	return staged;
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
