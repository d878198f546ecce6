// SPDX-License-Identifier: GPL-2.0
#include "core/session.h"

#include <linux/slab.h>
#include <net/dst.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/peer.h"
#include "core/upcall.h"
#include "proto/limits.h"
#include "proto/slots.h"
#include "proto/timers.h"

static struct kmem_cache *session_cache;
static atomic64_t next_id = ATOMIC64_INIT(0);

int wg_session_register(void)
{
	session_cache = KMEM_CACHE(wg_session, 0);
	return session_cache ? 0 : -ENOMEM;
}

void wg_session_unregister(void)
{
	kmem_cache_destroy(session_cache);
}

struct wg_session *wg_session_create(struct wg_peer *peer)
{
	struct wg_session *session = kmem_cache_zalloc(session_cache,
						       GFP_KERNEL);

	if (!session)
		return NULL;
	refcount_set(&session->refs, 1);
	refcount_inc(&peer->refs);
	session->peer = peer;
	return session;
}

static void free_session(struct rcu_head *rcu)
{
	struct wg_session *session = container_of(rcu, struct wg_session, rcu);
	struct wg_peer *peer = session->peer;

	pr_debug("%s: Keypair %llu destroyed for peer %llu\n",
		 peer->wg->dev->name, session->id, peer->id);
	dst_release(session->route.dst);
	memzero_explicit(session, sizeof(*session));
	kmem_cache_free(session_cache, session);
	wg_peer_put(peer);
}

bool wg_session_get_rcu(struct wg_session *session)
{
	return refcount_inc_not_zero(&session->refs);
}

void wg_session_put(struct wg_session *session)
{
	if (refcount_dec_and_test(&session->refs))
		call_rcu(&session->rcu, free_session);
}

void wg_session_discard(struct wg_session *session)
{
	wg_index_remove(&session->peer->wg->index, &session->index);
	wg_session_put(session);
}

struct wg_session *wg_session_by_index_rcu(struct wg_device *wg, __le32 index)
{
	struct wg_index_entry *entry = wg_index_lookup_rcu(&wg->index, index);

	/* pairs with publish_index() */
	if (!entry || smp_load_acquire(&entry->kind) != WG_INDEX_SESSION)
		return NULL;
	return container_of(entry, struct wg_session, index);
}

static unsigned int taken_slots(const struct wg_peer *peer)
{
	unsigned int slot, taken = 0;

	for (slot = 0; slot < WG_SLOT_COUNT; slot++)
		taken |= peer->slots[slot] ? 1U << slot : 0;
	return taken;
}

static void end_locked(struct wg_peer *peer, struct wg_session *session)
{
	lockdep_assert_held(&peer->lock);
	session->is_dead = true;
	wg_index_remove(&peer->wg->index, &session->index);
	wg_session_put(session);
}

/* Move the sessions as the plan says; @new is the one just made, if any. */
static void move_locked(struct wg_peer *peer, enum wg_slots_event event,
			struct wg_session *new)
{
	struct wg_slots_plan plan = wg_slots_plan(event, taken_slots(peer));
	struct wg_session *old[WG_SLOT_COUNT + 2] = {
		peer->slots[WG_SLOT_PREVIOUS],
		peer->slots[WG_SLOT_CURRENT],
		peer->slots[WG_SLOT_NEXT],
		[WG_SLOT_NEW] = new,
		[WG_SLOT_NONE] = NULL,
	};
	unsigned int slot;

	lockdep_assert_held(&peer->lock);
	for (slot = 0; slot < WG_SLOT_COUNT; slot++) {
		peer->slots[slot] = old[plan.from[slot]];
		if (plan.dies & 1U << slot)
			end_locked(peer, old[slot]);
	}
}

bool wg_session_end_all_locked(struct wg_peer *peer)
{
	bool had_any = taken_slots(peer);

	move_locked(peer, WG_SLOTS_WIPED, NULL);
	return had_any;
}

void wg_session_reset_routes_locked(struct wg_peer *peer)
{
	unsigned int slot;

	lockdep_assert_held(&peer->lock);
	for (slot = 0; slot < WG_SLOT_COUNT; slot++) {
		if (!peer->slots[slot])
			continue;
		dst_release(peer->slots[slot]->route.dst);
		peer->slots[slot]->route.dst = NULL;
	}
}

/* We may send under the current session from now on. */
static u32 ready_locked(struct wg_peer *peer, u64 now_ns)
{
	ktime_get_real_ts64(&peer->last_handshake);
	return wg_clock_event_locked(peer, WG_EV_SESSION_READY, now_ns);
}

/* From now on packets find the session. */
static bool publish_index(struct wg_session *session)
{
	struct wg_peer *peer = session->peer;

	if (session->is_initiator)
		return wg_index_replace(&peer->wg->index, &peer->hs->index,
					&session->index, WG_INDEX_SESSION);
	/* pairs with wg_session_by_index_rcu(): the keys are there */
	smp_store_release(&session->index.kind, WG_INDEX_SESSION);
	return true;
}

static enum wg_drop_reason begin_locked(struct wg_session *session,
					u32 *actions)
{
	struct wg_peer *peer = session->peer;

	lockdep_assert_held(&peer->lock);
	if (peer->is_dead)
		return WG_DROP_OTHER_PEER_GONE;
	if (!peer->timers.is_started)
		return WG_DROP_DEVICE_DOWN;
	if (!publish_index(session))
		return WG_DROP_UNKNOWN_INDEX;
	move_locked(peer, session->is_initiator ? WG_SLOTS_INITIATED :
						  WG_SLOTS_RESPONDED, session);
	*actions = wg_clock_event_locked(peer, WG_EV_SESSION_MADE,
					 session->birth_ns);
	if (session->is_initiator)
		*actions |= ready_locked(peer, session->birth_ns);
	return WG_DROP_NONE;
}

enum wg_drop_reason wg_session_begin(struct wg_session *session,
				     struct wg_noise_handshake *hs)
{
	struct wg_peer *peer = session->peer;
	bool is_initiator = wg_noise_is_initiator(hs);
	enum wg_drop_reason reason;
	u32 actions = 0;

	lockdep_assert_held(&peer->hs_lock);
	session->is_initiator = is_initiator;
	session->remote_index = hs->remote_index;
	session->birth_ns = wg_clock_now_ns();
	if (WARN_ON_ONCE(wg_noise_derive(&session->keys, hs))) {
		wg_session_discard(session);
		return WG_DROP_HS_BAD_RESPONSE;
	}
	session->id = atomic64_inc_return(&next_id);
	pr_debug("%s: Keypair %llu created for peer %llu\n",
		 peer->wg->dev->name, session->id, peer->id);
	spin_lock_bh(&peer->lock);
	reason = begin_locked(session, &actions);
	spin_unlock_bh(&peer->lock);
	if (reason)
		wg_session_discard(session);
	else if (!is_initiator)
		wg_notify_peer(peer, WG_CMD_SESSION_MADE_NTF, NULL);
	wg_clock_act(peer, actions);
	return reason;
}

static struct wg_timers_age age_of(const struct wg_session *session)
{
	return (struct wg_timers_age){
		.birth_ns = session->birth_ns,
		.counter = session->send_counter,
		.is_initiator = session->is_initiator,
		.chance = le32_to_cpu(session->index.value),
	};
}

bool wg_session_may_send_locked(const struct wg_peer *peer,
				unsigned int messages, u64 now_ns)
{
	const struct wg_session *session = peer->slots[WG_SLOT_CURRENT];
	struct wg_timers_age age;

	lockdep_assert_held(&peer->lock);
	if (!session)
		return false;
	age = age_of(session);
	/* a batch is sent under one session or not at all */
	return wg_timers_quota(&age, messages, now_ns) == messages;
}

u32 wg_session_reserve_locked(struct wg_peer *peer,
			      const struct wg_tx_batch *batch, u64 now_ns,
			      struct wg_tx_context *ctx)
{
	struct wg_session *session = peer->slots[WG_SLOT_CURRENT];
	unsigned int packets = batch->list ? batch->messages : 0;
	struct wg_timers_age age;
	u32 actions;

	lockdep_assert_held(&peer->lock);
	*ctx = (struct wg_tx_context){
		.wg = peer->wg,
		.peer = peer,
		.session = session,
		.counter = session->send_counter,
		.endpoint = peer->endpoint,
	};
	session->send_counter += batch->messages;
	peer->counters.tx_packets += packets;
	peer->counters.tx_bytes += batch->bytes;
	peer->sent = (struct wg_last){ now_ns, packets ? "data" : "keepalive" };
	wg_device_count_tx(peer->wg, batch->messages, batch->bytes);
	actions = wg_clock_event_locked(peer, packets ? WG_EV_DATA_SENT :
							WG_EV_KEEPALIVE_SENT,
					now_ns);
	age = age_of(session);
	if (wg_timers_must_renew_on_send(&age, now_ns))
		actions |= wg_clock_event_locked(peer, WG_EV_WANT_SESSION,
						 now_ns);
	return actions;
}

/* What a batch came to. */
struct tally {
	unsigned int messages;
	unsigned int packets; /* messages that are not keepalives */
	unsigned int bytes;
};

/* Authentic messages from the first on whose counters follow each other. */
static unsigned int run_length(const struct wg_arrival *arrivals,
			       unsigned int count)
{
	unsigned int len;

	for (len = 0; len < min(count, 64U); len++) {
		if (arrivals[len].verdict ||
		    arrivals[len].counter != arrivals[0].counter + len)
			break;
	}
	return len;
}

static enum wg_drop_reason refusal(u64 counter)
{
	return counter < WG_REJECT_AFTER_MESSAGES ? WG_DROP_REPLAY :
						    WG_DROP_SESSION_STALE;
}

static void judge_run_locked(struct wg_session *session,
			     struct wg_arrival *arrivals, unsigned int count,
			     struct tally *tally)
{
	u64 accepted = wg_replay_accept_run(&session->replay,
					    arrivals[0].counter, count);
	unsigned int i;

	lockdep_assert_held(&session->peer->lock);
	for (i = 0; i < count; i++) {
		if (!(accepted & 1ULL << i)) {
			arrivals[i].verdict = refusal(arrivals[i].counter);
			continue;
		}
		tally->messages++;
		tally->packets += arrivals[i].len ? 1 : 0;
		tally->bytes += arrivals[i].len + WG_DATA_OVERHEAD;
	}
}

/* Nothing is accepted under a session that is too old or out of its slot. */
static void refuse_all(struct wg_arrival *arrivals, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		arrivals[i].verdict = arrivals[i].verdict ?:
				      WG_DROP_SESSION_STALE;
}

static struct tally judge_locked(struct wg_session *session,
				 struct wg_arrival *arrivals,
				 unsigned int count, u64 now_ns)
{
	struct tally tally = { };
	unsigned int i, len;

	if (session->is_dead ||
	    !wg_timers_may_receive(session->birth_ns, now_ns)) {
		refuse_all(arrivals, count);
		return tally;
	}
	for (i = 0; i < count; i += max(len, 1U)) {
		len = run_length(arrivals + i, count - i);
		if (len)
			judge_run_locked(session, arrivals + i, len, &tally);
	}
	return tally;
}

static bool may_promote_locked(const struct wg_session *session, u64 now_ns)
{
	const struct wg_peer *peer = session->peer;
	const struct wg_session *used = peer->slots[WG_SLOT_CURRENT];

	lockdep_assert_held(&peer->lock);
	return !used || wg_slots_may_promote(session->id > used->id,
					     used->birth_ns, now_ns);
}

/* 5.4.6: the initiator has proved that it has the session, so use it. */
static u32 confirm_locked(struct wg_session *session, u64 now_ns,
			  bool *is_confirmed)
{
	struct wg_peer *peer = session->peer;

	*is_confirmed = session == peer->slots[WG_SLOT_NEXT] &&
			may_promote_locked(session, now_ns);
	if (!*is_confirmed)
		return 0;
	move_locked(peer, WG_SLOTS_CONFIRMED, NULL);
	return ready_locked(peer, now_ns);
}

static u32 renew_locked(struct wg_session *session, u64 now_ns)
{
	struct wg_timers_age age = age_of(session);

	if (session->is_rekey_asked ||
	    session != session->peer->slots[WG_SLOT_CURRENT] ||
	    !wg_timers_must_renew_on_receive(&age, now_ns))
		return 0;
	session->is_rekey_asked = true;
	return wg_clock_event_locked(session->peer, WG_EV_WANT_SESSION,
				     now_ns);
}

static u32 note_locked(struct wg_peer *peer, const struct tally *tally,
		       u64 now_ns)
{
	peer->counters.rx_packets += tally->packets;
	peer->counters.rx_bytes += tally->bytes;
	peer->heard = (struct wg_last){ now_ns, tally->packets ? "data" :
								 "keepalive" };
	wg_burst_hear(&peer->txq.burst);
	return wg_clock_event_locked(peer, tally->packets ?
					   WG_EV_DATA_RECEIVED :
					   WG_EV_KEEPALIVE_RECEIVED,
				     now_ns);
}

void wg_session_receive(struct wg_session *session,
			struct wg_arrival *arrivals, unsigned int count,
			const struct wg_endpoint *from)
{
	struct wg_peer *peer = session->peer;
	bool is_confirmed = false, has_moved = false;
	u64 now_ns = wg_clock_now_ns();
	struct tally tally;
	u32 actions = 0;

	spin_lock(&peer->lock);
	tally = judge_locked(session, arrivals, count, now_ns);
	if (tally.messages) {
		actions = confirm_locked(session, now_ns, &is_confirmed);
		actions |= note_locked(peer, &tally, now_ns);
		actions |= renew_locked(session, now_ns);
		has_moved = wg_peer_roam_locked(peer, from);
	}
	spin_unlock(&peer->lock);
	if (!tally.messages)
		return;

	wg_device_count_rx(peer->wg, tally.messages, tally.bytes);
	wg_clock_act(peer, actions);
	if (has_moved)
		wg_notify_peer(peer, WG_CMD_ENDPOINT_NTF, from);
	if (is_confirmed) {
		wg_notify_peer(peer, WG_CMD_SESSION_UP_NTF, NULL);
		wg_tx_flush(peer);
	}
}
