// SPDX-License-Identifier: GPL-2.0
#include "path/stage.h"

#include <linux/if_ether.h>
#include <net/dst.h>

#include "core/clock.h"
#include "core/peer.h"
#include "core/session.h"
#include "path/gso.h"
#include "proto/limits.h"

/* Packets that are taken at a time, to be sent under one reservation. */
#define FLUSH_PACKETS WG_GSO_MESSAGES_MAX

/*
 * What waits for a session is no more than as many packets of an MTU: a GSO
 * packet counts for what it becomes.
 */
#define WAITING_BYTES_MAX (WG_STAGED_MAX * ETH_DATA_LEN)

/**
 * struct aftermath - what is to be done once peer->lock is released
 * @victims: packets to drop
 * @reason: why
 * @actions: of the timer machine
 */
struct aftermath {
	struct sk_buff_head victims;
	enum wg_drop_reason reason;
	u32 actions;
};

static void begin_aftermath(struct aftermath *after)
{
	__skb_queue_head_init(&after->victims);
	after->reason = WG_DROP_STAGED_FULL;
	after->actions = 0;
}

static void end_aftermath(struct wg_peer *peer, struct aftermath *after)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(&after->victims)))
		wg_drop_skb(peer->wg, peer, skb, after->reason);
	wg_clock_act(peer, after->actions);
}

/* A list by ->next is staged, before all others if @is_first. */
static void put_locked(struct wg_peer *peer, struct sk_buff *list,
		       bool is_first)
{
	struct sk_buff_head packets;
	struct sk_buff *skb, *next;

	lockdep_assert_held(&peer->lock);
	__skb_queue_head_init(&packets);
	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		skb_dst_force(skb);
		__skb_queue_tail(&packets, skb);
	}
	if (is_first)
		skb_queue_splice(&packets, &peer->staged);
	else
		skb_queue_splice_tail(&packets, &peer->staged);
}

/* The oldest go when there are too many; the newest stays. */
static void trim_locked(struct wg_peer *peer, unsigned int most_bytes,
			struct aftermath *after)
{
	struct sk_buff *skb;
	unsigned int bytes = 0;

	lockdep_assert_held(&peer->lock);
	skb_queue_walk(&peer->staged, skb)
		bytes += skb->len;
	while (skb_queue_len(&peer->staged) > WG_STAGED_MAX ||
	       (bytes > most_bytes && skb_queue_len(&peer->staged) > 1)) {
		skb = __skb_dequeue(&peer->staged);
		bytes -= skb->len;
		__skb_queue_tail(&after->victims, skb);
	}
}

/*
 * There is no session. What is staged waits for one: it is asked for, and its
 * attempt, when it is given up, ends the waiting. Without an attempt nobody
 * would, and nothing may wait. What waits no longer counts for its senders,
 * which one silent peer would keep from sending to others.
 */
static void wait_locked(struct wg_peer *peer, struct aftermath *after)
{
	struct sk_buff *skb;

	lockdep_assert_held(&peer->lock);
	after->actions = wg_clock_event_locked(peer, WG_EV_WANT_SESSION,
					       wg_clock_now_ns());
	if (peer->is_dead || peer->timers.give_up_ns == WG_NEVER_NS) {
		skb_queue_splice_tail_init(&peer->staged, &after->victims);
		after->reason = peer->is_dead ? WG_DROP_OTHER_PEER_GONE :
						WG_DROP_DEVICE_DOWN;
		return;
	}
	trim_locked(peer, WAITING_BYTES_MAX, after);
	skb_queue_walk(&peer->staged, skb)
		skb_orphan(skb);
}

bool wg_stage(struct wg_peer *peer, struct sk_buff *list)
{
	struct aftermath after;
	bool is_usable;

	begin_aftermath(&after);
	spin_lock(&peer->lock);
	put_locked(peer, list, false);
	is_usable = wg_session_is_usable_locked(peer, 1);
	if (is_usable)
		trim_locked(peer, UINT_MAX, &after);
	else
		wait_locked(peer, &after);
	spin_unlock(&peer->lock);
	end_aftermath(peer, &after);
	return is_usable;
}

bool wg_stage_back(struct wg_peer *peer, struct sk_buff *list,
		   unsigned int messages)
{
	struct aftermath after;
	bool is_usable;

	begin_aftermath(&after);
	spin_lock(&peer->lock);
	put_locked(peer, list, true);
	is_usable = wg_session_is_usable_locked(peer, messages);
	if (!is_usable)
		wait_locked(peer, &after);
	peer->is_flushing = is_usable;
	spin_unlock(&peer->lock);
	end_aftermath(peer, &after);
	return is_usable;
}

/* Some staged packets as a list by ->next; the session is good. */
static struct sk_buff *take_some_locked(struct wg_peer *peer)
{
	struct sk_buff *list = NULL, **tail = &list, *skb;
	unsigned int packets = 0;

	while (packets < FLUSH_PACKETS && (skb = skb_peek(&peer->staged))) {
		if (list && skb_is_gso(skb))
			break;
		__skb_unlink(skb, &peer->staged);
		*tail = skb;
		tail = &skb->next;
		packets += skb_is_gso(skb) ? FLUSH_PACKETS : 1;
	}
	return list;
}

struct sk_buff *wg_stage_take(struct wg_peer *peer, bool is_ours)
{
	struct sk_buff *list = NULL;
	struct aftermath after;

	begin_aftermath(&after);
	spin_lock(&peer->lock);
	if (is_ours || !peer->is_flushing) {
		if (wg_session_is_usable_locked(peer, 1))
			list = take_some_locked(peer);
		else if (!skb_queue_empty(&peer->staged))
			wait_locked(peer, &after);
		peer->is_flushing = list;
	}
	spin_unlock(&peer->lock);
	end_aftermath(peer, &after);
	return list;
}

void wg_stage_leave(struct wg_peer *peer)
{
	spin_lock(&peer->lock);
	peer->is_flushing = false;
	spin_unlock(&peer->lock);
}
