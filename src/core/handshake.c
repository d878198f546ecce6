// SPDX-License-Identifier: GPL-2.0
#include "core/handshake.h"

#include <linux/random.h>
#include <linux/timekeeping.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/peer.h"
#include "core/session.h"
#include "proto/cookie.h"
#include "proto/noise.h"

/* The generator is seeded: who takes the locks has waited for that before. */
static void draw_ephemeral(struct wg_noise_fresh *fresh)
{
	struct timespec64 now;

	get_random_bytes(fresh->ephemeral, sizeof(fresh->ephemeral));
	ktime_get_real_ts64(&now);
	wg_timestamp_encode(&fresh->timestamp, now.tv_sec, now.tv_nsec);
}

/* hs_lock held. */
static void stamp(struct wg_peer *peer, void *message, size_t len)
{
	wg_cookie_maker_stamp(&peer->hs->cookie, message, len,
			      peer->remote.public_key, wg_clock_now_ns());
}

static bool may_initiate(struct wg_peer *peer)
{
	bool may;

	spin_lock_bh(&peer->lock);
	may = !peer->is_dead &&
	      wg_timers_may_initiate(&peer->timers, wg_clock_now_ns());
	spin_unlock_bh(&peer->lock);
	return may;
}

static enum wg_drop_reason reason_of(enum wg_noise_verdict verdict)
{
	switch (verdict) {
	case WG_NOISE_OK:
		return WG_DROP_NONE;
	case WG_NOISE_NO_KEY:
		return WG_DROP_NO_KEY;
	case WG_NOISE_LOW_ORDER_STATIC:
	case WG_NOISE_LOW_ORDER_EPHEMERAL:
	case WG_NOISE_BAD_STATIC:
	case WG_NOISE_WRONG_PEER:
	case WG_NOISE_BAD_TIMESTAMP:
		return WG_DROP_HS_BAD_INITIATION;
	case WG_NOISE_REPLAY:
		return WG_DROP_HS_REPLAY;
	case WG_NOISE_FLOOD:
		return WG_DROP_HS_FLOOD;
	case WG_NOISE_BAD_STATE:
	case WG_NOISE_BAD_INDEX:
	case WG_NOISE_BAD_NOTHING:
		break;
	}
	return WG_DROP_HS_BAD_RESPONSE;
}

/*
 * hs_lock held, so that nothing is taken from before the peer was made anew:
 * that waits for the lock, and then forgets the endpoint.
 */
static void heard(struct wg_peer *peer, const struct wg_endpoint *from,
		  unsigned int bytes)
{
	wg_peer_heard(peer, from, bytes);
	wg_clock_event(peer, WG_EV_HANDSHAKE_RECEIVED);
}

/*
 * What both static keys have in common is computed when a handshake first needs
 * it. What was agreed under another key of ours ends here at the latest: the
 * change of the key may not have come to this peer yet. local_lock and hs_lock
 * held.
 */
static void pair(struct wg_peer *peer)
{
	if (wg_noise_is_paired(&peer->remote, &peer->wg->local))
		return;
	if (peer->remote.generation)
		wg_peer_end_all_locked(peer, WG_EV_KEYS_GONE);
	wg_noise_remote_pair(&peer->remote, &peer->wg->local);
}

/* ------------------------------------------------------------- initiator */

/*
 * A handshake of ours is under way as long as its index is in the table: both
 * come and go together. local_lock and hs_lock held.
 */
static int write_initiation(struct wg_peer *peer,
			    struct wg_message_initiation *message)
{
	struct wg_noise_fresh fresh;
	enum wg_noise_verdict verdict;
	int err;

	if (!wg_peer_make_hs_locked(peer))
		return -ENOMEM;
	wg_handshake_forget_locked(peer);
	err = wg_index_insert(&peer->wg->index, &peer->hs->index,
			      WG_INDEX_HANDSHAKE);
	if (err)
		return err;
	draw_ephemeral(&fresh);
	fresh.index = peer->hs->index.value;
	verdict = wg_noise_create_initiation(message, &peer->hs->noise,
					     &peer->wg->local, &peer->remote,
					     &fresh);
	wg_wipe(&fresh, sizeof(fresh));
	if (verdict) {
		wg_index_remove(&peer->wg->index, &peer->hs->index);
		return verdict == WG_NOISE_NO_KEY ? -ENOKEY : -EINVAL;
	}
	stamp(peer, message, sizeof(*message));
	return 0;
}

/*
 * Whether the message could be made or not, this was the attempt: a device
 * without a key must not spin.
 */
int wg_handshake_initiate(struct wg_peer *peer,
			  struct wg_message_initiation *message)
{
	struct wg_device *wg = peer->wg;
	int err = -EALREADY;

	wait_for_random_bytes();
	down_read(&wg->local_lock);
	mutex_lock(&peer->hs_lock);
	if (may_initiate(peer)) {
		pair(peer);
		err = write_initiation(peer, message);
		wg_clock_event(peer, WG_EV_INITIATION_SENT);
	}
	mutex_unlock(&peer->hs_lock);
	up_read(&wg->local_lock);
	return err;
}

/* The peer whose handshake has @index, with a reference; or NULL. */
static struct wg_peer *get_by_handshake(struct wg_device *wg, __le32 index)
{
	struct wg_index_entry *entry;
	struct wg_peer *peer = NULL;

	rcu_read_lock();
	entry = wg_index_lookup_rcu(&wg->index, index);
	if (entry && READ_ONCE(entry->kind) == WG_INDEX_HANDSHAKE)
		peer = wg_peer_get_rcu(container_of(entry, struct wg_peer_hs,
						    index)->peer);
	rcu_read_unlock();
	return peer;
}

/* local_lock and hs_lock held. Consumes @session. */
static enum wg_drop_reason
consume_response(struct wg_peer *peer, struct wg_session *session,
		 const struct wg_message_response *message,
		 const struct wg_endpoint *from)
{
	enum wg_noise_verdict verdict;

	verdict = wg_noise_consume_response(&peer->hs->noise, message,
					    &peer->wg->local, &peer->remote);
	if (verdict) {
		wg_session_discard(session);
		return reason_of(verdict);
	}
	heard(peer, from, sizeof(*message));
	return wg_session_begin(session, &peer->hs->noise);
}

enum wg_drop_reason
wg_handshake_complete(struct wg_device *wg,
		      const struct wg_message_response *message,
		      const struct wg_endpoint *from, struct wg_peer **peer)
{
	struct wg_session *session;
	enum wg_drop_reason reason;

	*peer = get_by_handshake(wg, message->receiver_index);
	if (!*peer)
		return WG_DROP_UNKNOWN_INDEX;
	session = wg_session_create(*peer);
	if (!session)
		return WG_DROP_NO_MEMORY;
	down_read(&wg->local_lock);
	mutex_lock(&(*peer)->hs_lock);
	reason = consume_response(*peer, session, message, from);
	mutex_unlock(&(*peer)->hs_lock);
	up_read(&wg->local_lock);
	return reason;
}

/* ------------------------------------------------------------- responder */

/*
 * hs_lock held. The checks that need the peer. That the message is its own comes
 * first: who does not have its key makes us keep and change nothing.
 */
static enum wg_drop_reason
check_initiation(struct wg_peer *peer, struct wg_noise_initiation *opened,
		 const struct wg_message_initiation *message, u64 now_ns)
{
	enum wg_noise_verdict verdict;

	verdict = wg_noise_check_initiation(opened, message, &peer->remote);
	if (verdict)
		return reason_of(verdict);
	if (!wg_peer_make_hs_locked(peer))
		return WG_DROP_NO_MEMORY;
	verdict = wg_noise_past_check(&peer->hs->past, &opened->timestamp,
				      now_ns);
	if (!verdict)
		wg_noise_past_note(&peer->hs->past, &opened->timestamp, now_ns);
	return reason_of(verdict);
}

/* hs_lock held. The peer's initiation is as good as answered. */
static void note_response(struct wg_peer *peer)
{
	bool must_yield = wg_noise_must_yield(&peer->hs->noise,
					      &peer->wg->local, &peer->remote);

	if (must_yield)
		wg_handshake_forget_locked(peer);
	wg_clock_event(peer, must_yield ? WG_EV_YIELDED : WG_EV_RESPONSE_SENT);
}

/* local_lock and hs_lock held. Consumes @session, whose index is reserved. */
static enum wg_drop_reason
write_response(struct wg_peer *peer, struct wg_session *session,
	       const struct wg_noise_initiation *opened,
	       const struct wg_endpoint *from,
	       struct wg_message_response *response)
{
	struct wg_noise_fresh fresh;
	struct wg_noise_handshake hs;
	enum wg_noise_verdict verdict;
	enum wg_drop_reason reason;

	draw_ephemeral(&fresh);
	fresh.index = session->index.value;
	verdict = wg_noise_create_response(response, &hs, opened,
					   &peer->remote, &fresh);
	wg_wipe(&fresh, sizeof(fresh));
	if (verdict) {
		wg_session_discard(session);
		return reason_of(verdict);
	}
	stamp(peer, response, sizeof(*response));
	heard(peer, from, sizeof(struct wg_message_initiation));
	reason = wg_session_begin(session, &hs);
	wg_wipe(&hs, sizeof(hs));
	if (!reason)
		note_response(peer);
	return reason;
}

/* A session with a receiver index under which nothing is accepted yet. */
static struct wg_session *reserve_session(struct wg_peer *peer)
{
	struct wg_session *session = wg_session_create(peer);

	if (!session)
		return NULL;
	if (wg_index_insert(&peer->wg->index, &session->index,
			    WG_INDEX_RESERVED)) {
		wg_session_put(session);
		return NULL;
	}
	return session;
}

/* local_lock held. */
static enum wg_drop_reason
respond_to(struct wg_peer *peer, struct wg_noise_initiation *opened,
	   const struct wg_message_initiation *message,
	   const struct wg_endpoint *from,
	   struct wg_message_response *response)
{
	enum wg_drop_reason reason;
	struct wg_session *session;

	mutex_lock(&peer->hs_lock);
	pair(peer);
	reason = check_initiation(peer, opened, message, wg_clock_now_ns());
	if (!reason && READ_ONCE(peer->is_off))
		reason = WG_DROP_PEER_OFF;
	if (!reason) {
		session = reserve_session(peer);
		reason = session ? write_response(peer, session, opened, from,
						  response) :
				   WG_DROP_NO_MEMORY;
	}
	mutex_unlock(&peer->hs_lock);
	return reason;
}

static enum wg_drop_reason
refuse_unknown(struct wg_device *wg, const struct wg_noise_initiation *opened,
	       const struct wg_endpoint *from)
{
	wg_drop_note(wg, NULL, WG_DROP_HS_UNKNOWN_PEER, from,
		     opened->remote_static);
	return WG_DROP_HS_UNKNOWN_PEER;
}

enum wg_drop_reason
wg_handshake_respond(struct wg_device *wg,
		     const struct wg_message_initiation *message,
		     const struct wg_endpoint *from,
		     struct wg_message_response *response,
		     struct wg_peer **peer)
{
	struct wg_noise_initiation opened;
	enum wg_drop_reason reason;

	wait_for_random_bytes();
	down_read(&wg->local_lock);
	reason = reason_of(wg_noise_open_initiation(&opened, message,
						    &wg->local));
	if (!reason) {
		*peer = wg_peer_get_by_key(wg, opened.remote_static);
		reason = *peer ? respond_to(*peer, &opened, message, from,
					    response) :
				 refuse_unknown(wg, &opened, from);
	}
	up_read(&wg->local_lock);
	wg_wipe(&opened, sizeof(opened));
	return reason;
}

/* --------------------------------------------------------------- cookies */

/* Whose message does a cookie reply answer? An initiation's or a response's. */
static struct wg_peer *get_by_any_index(struct wg_device *wg, __le32 index)
{
	struct wg_session *session;
	struct wg_peer *peer = get_by_handshake(wg, index);

	if (peer)
		return peer;
	rcu_read_lock();
	session = wg_session_by_index_rcu(wg, index);
	if (session)
		peer = wg_peer_get_rcu(session->peer);
	rcu_read_unlock();
	return peer;
}

enum wg_drop_reason
wg_handshake_take_cookie(struct wg_device *wg,
			 const struct wg_message_cookie *message,
			 struct wg_peer **peer)
{
	enum wg_cookie_verdict verdict;

	*peer = get_by_any_index(wg, message->receiver_index);
	if (!*peer)
		return WG_DROP_UNKNOWN_INDEX;
	mutex_lock(&(*peer)->hs_lock);
	verdict = wg_cookie_maker_take(&(*peer)->hs->cookie, message,
				       (*peer)->remote.public_key,
				       wg_clock_now_ns());
	mutex_unlock(&(*peer)->hs_lock);
	return verdict ? WG_DROP_COOKIE_INVALID : WG_DROP_NONE;
}

void wg_handshake_forget_locked(struct wg_peer *peer)
{
	lockdep_assert_held(&peer->hs_lock);
	if (!peer->hs)
		return;
	wg_index_remove(&peer->wg->index, &peer->hs->index);
	wg_noise_forget(&peer->hs->noise);
}

void wg_handshake_forget(struct wg_peer *peer)
{
	mutex_lock(&peer->hs_lock);
	wg_handshake_forget_locked(peer);
	mutex_unlock(&peer->hs_lock);
}
