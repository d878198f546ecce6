// SPDX-License-Identifier: GPL-2.0
#include "core/txq.h"

#include <linux/if_ether.h>
#include <linux/jiffies.h>
#include <net/dst.h>

#include "core/clock.h"
#include "core/peer.h"
#include "core/session.h"
#include "proto/limits.h"

/*
 * What waits for a session is no more than as many packets of an MTU: a GSO
 * packet counts for what it becomes.
 */
#define WAITING_BYTES_MAX (WG_STAGED_MAX * ETH_DATA_LEN)

/**
 * struct deferred - what is to be done once peer->lock is released
 * @victims: packets to drop
 * @reason: why
 * @actions: of the timer machine
 */
struct deferred {
	struct sk_buff_head victims;
	enum wg_drop_reason reason;
	u32 actions;
};

static void drop_all(struct wg_peer *peer, struct sk_buff_head *victims,
		     enum wg_drop_reason reason)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(victims)))
		wg_drop_skb(peer->wg, peer, skb, reason);
}

static void lock(struct wg_peer *peer, struct deferred *deferred)
	__acquires(&peer->lock)
{
	__skb_queue_head_init(&deferred->victims);
	deferred->reason = WG_DROP_STAGED_FULL;
	deferred->actions = 0;
	spin_lock(&peer->lock);
}

static void unlock(struct wg_peer *peer, struct deferred *deferred)
	__releases(&peer->lock)
{
	spin_unlock(&peer->lock);
	drop_all(peer, &deferred->victims, deferred->reason);
	wg_clock_act(peer, deferred->actions);
}

/* A list by ->next waits, before all others if @is_first. */
static void put_locked(struct wg_peer *peer, struct sk_buff *list,
		       bool is_first)
{
	struct sk_buff_head packets;
	struct sk_buff *skb, *next;

	lockdep_assert_held(&peer->lock);
	__skb_queue_head_init(&packets);
	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		/* a route must not be held for longer than the caller's stack */
		skb_dst_force(skb);
		peer->txq.bytes += skb->len;
		__skb_queue_tail(&packets, skb);
	}
	if (is_first)
		skb_queue_splice(&packets, &peer->txq.packets);
	else
		skb_queue_splice_tail(&packets, &peer->txq.packets);
}

static struct sk_buff *take_first_locked(struct wg_txq *txq)
{
	struct sk_buff *skb = __skb_dequeue(&txq->packets);

	txq->bytes -= skb->len;
	return skb;
}

static void take_all_locked(struct wg_txq *txq, struct sk_buff_head *packets)
{
	skb_queue_splice_tail_init(&txq->packets, packets);
	txq->bytes = 0;
}

/* The oldest go when there are too many; the newest stays. */
static void trim_locked(struct wg_peer *peer, unsigned int most_bytes,
			struct deferred *deferred)
{
	struct wg_txq *txq = &peer->txq;

	lockdep_assert_held(&peer->lock);
	while (skb_queue_len(&txq->packets) > WG_STAGED_MAX ||
	       (txq->bytes > most_bytes && skb_queue_len(&txq->packets) > 1))
		__skb_queue_tail(&deferred->victims, take_first_locked(txq));
}

/*
 * There is no session. What is there waits for one: it is asked for, and its
 * attempt, when it is given up, ends the waiting. Without an attempt nobody
 * would, and nothing may wait. What waits must be orphaned: it does not count for
 * its senders, which one silent peer would keep from sending to others.
 */
static void wait_locked(struct wg_peer *peer, u64 now_ns,
			struct deferred *deferred)
{
	lockdep_assert_held(&peer->lock);
	deferred->actions = wg_clock_event_locked(peer, WG_EV_WANT_SESSION,
						  now_ns);
	if (peer->is_dead || peer->timers.give_up_ns == WG_NEVER_NS) {
		take_all_locked(&peer->txq, &deferred->victims);
		deferred->reason = peer->is_dead ? WG_DROP_OTHER_PEER_GONE :
						   WG_DROP_DEVICE_DOWN;
		return;
	}
	trim_locked(peer, WAITING_BYTES_MAX, deferred);
}

/* The session under which packets came to wait has gone. */
static void wait_anew_locked(struct wg_peer *peer, u64 now_ns,
			     struct deferred *deferred)
{
	struct sk_buff *skb;

	wait_locked(peer, now_ns, deferred);
	skb_queue_walk(&peer->txq.packets, skb)
		skb_orphan(skb);
}

/* Does @batch gain from waiting? A single packet of a burst does. */
static bool should_coalesce_locked(struct wg_peer *peer,
				   const struct wg_tx_batch *batch)
{
	struct wg_txq *txq = &peer->txq;

	lockdep_assert_held(&peer->lock);
	return batch->messages == 1 && !skb_is_gso(batch->list) &&
	       wg_burst_send(&txq->burst, jiffies) &&
	       peer->slots[WG_SLOT_CURRENT] &&
	       skb_queue_len(&txq->packets) < WG_STAGED_MAX;
}

static enum wg_tx_answer coalesce_locked(struct wg_peer *peer,
					 struct sk_buff *skb)
{
	struct wg_txq *txq = &peer->txq;

	put_locked(peer, skb, false);
	if (skb_queue_len(&txq->packets) >= WG_TXQ_BATCH)
		return WG_TX_FLUSH;
	if (READ_ONCE(txq->is_coalescing))
		return WG_TX_QUEUED;
	WRITE_ONCE(txq->is_coalescing, true);
	refcount_inc(&peer->refs);
	return WG_TX_COALESCE;
}

static enum wg_tx_answer submit_locked(struct wg_peer *peer,
				       const struct wg_tx_batch *batch,
				       u64 now_ns, struct wg_tx_context *ctx,
				       struct deferred *deferred)
{
	struct wg_txq *txq = &peer->txq;
	bool is_turn = ctx && !txq->is_flushing &&
		       skb_queue_empty(&txq->packets);
	struct sk_buff *skb;

	if (ctx && should_coalesce_locked(peer, batch))
		return coalesce_locked(peer, batch->list);
	if (!wg_session_may_send_locked(peer, is_turn ? batch->messages : 1,
					now_ns)) {
		for (skb = batch->list; skb; skb = skb->next)
			skb_orphan(skb);
		put_locked(peer, batch->list, false);
		wait_locked(peer, now_ns, deferred);
		return WG_TX_QUEUED;
	}
	if (is_turn) {
		deferred->actions = wg_session_reserve_locked(peer, batch,
							      now_ns, ctx);
		return WG_TX_SEND;
	}
	put_locked(peer, batch->list, false);
	trim_locked(peer, UINT_MAX, deferred);
	return txq->is_flushing ? WG_TX_QUEUED : WG_TX_FLUSH;
}

enum wg_tx_answer wg_txq_submit(struct wg_peer *peer,
				const struct wg_tx_batch *batch,
				struct wg_tx_context *ctx)
{
	u64 now_ns = wg_clock_now_ns();
	struct deferred deferred;
	enum wg_tx_answer answer;

	lock(peer, &deferred);
	answer = submit_locked(peer, batch, now_ns, ctx, &deferred);
	unlock(peer, &deferred);
	return answer;
}

/* Some packets as a list by ->next. */
static struct sk_buff *take_some_locked(struct wg_peer *peer)
{
	struct sk_buff *list = NULL, **tail = &list, *skb;
	struct sk_buff_head *packets = &peer->txq.packets;
	unsigned int taken = 0;

	while (taken < WG_TXQ_BATCH && (skb = skb_peek(packets))) {
		if (list && skb_is_gso(skb))
			break;
		*tail = take_first_locked(&peer->txq);
		tail = &skb->next;
		taken += skb_is_gso(skb) ? WG_TXQ_BATCH : 1;
	}
	return list;
}

struct sk_buff *wg_txq_take(struct wg_peer *peer, bool is_ours)
{
	u64 now_ns = wg_clock_now_ns();
	struct wg_txq *txq = &peer->txq;
	struct sk_buff *list = NULL;
	struct deferred deferred;

	lock(peer, &deferred);
	if (is_ours || !txq->is_flushing) {
		if (wg_session_may_send_locked(peer, 1, now_ns))
			list = take_some_locked(peer);
		else if (!skb_queue_empty(&txq->packets))
			wait_anew_locked(peer, now_ns, &deferred);
		txq->is_flushing = list;
	}
	unlock(peer, &deferred);
	return list;
}

void wg_txq_leave(struct wg_peer *peer)
{
	spin_lock(&peer->lock);
	peer->txq.is_flushing = false;
	spin_unlock(&peer->lock);
}

bool wg_tx_reserve(struct wg_peer *peer, const struct wg_tx_batch *batch,
		   struct wg_tx_context *ctx)
{
	u64 now_ns = wg_clock_now_ns();
	struct deferred deferred;
	bool may_send;

	lock(peer, &deferred);
	may_send = wg_session_may_send_locked(peer, batch->messages, now_ns);
	if (may_send) {
		deferred.actions = wg_session_reserve_locked(peer, batch,
							     now_ns, ctx);
	} else {
		put_locked(peer, batch->list, true);
		wait_anew_locked(peer, now_ns, &deferred);
		if (batch->list)
			peer->txq.is_flushing = false;
	}
	unlock(peer, &deferred);
	return may_send;
}

void wg_txq_empty(struct wg_peer *peer, struct sk_buff_head *packets)
{
	__skb_queue_head_init(packets);
	spin_lock_bh(&peer->lock);
	take_all_locked(&peer->txq, packets);
	spin_unlock_bh(&peer->lock);
}

void wg_txq_purge(struct wg_peer *peer, enum wg_drop_reason reason)
{
	struct sk_buff_head victims;

	wg_txq_empty(peer, &victims);
	drop_all(peer, &victims, reason);
}
