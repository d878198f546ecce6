// SPDX-License-Identifier: GPL-2.0
#include "path/hs.h"

#include <linux/random.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/handshake.h"
#include "core/peer.h"
#include "core/upcall.h"
#include "path/path.h"
#include "path/udp.h"
#include "proto/cookie.h"
#include "proto/wire.h"

/* A message being answered. */
struct received {
	struct wg_device *wg;
	struct wg_endpoint from;
	const void *bytes;
	unsigned int len;
	enum wg_message_type type;
	u64 now_ns;
};

/* ------------------------------------------------------------- the gate */

static bool is_under_load(struct wg_hs *hs, u64 now_ns)
{
	bool is_loaded;

	spin_lock_bh(&hs->queue.lock);
	is_loaded = wg_load_note(&hs->load, skb_queue_len(&hs->queue),
				 WG_HS_QUEUE_MAX, now_ns);
	spin_unlock_bh(&hs->queue.lock);
	return is_loaded;
}

static void cookie_source(struct wg_cookie_source *source,
			  const struct wg_endpoint *from)
{
	if (from->addr.sa_family == AF_INET)
		wg_cookie_source_set(source, &from->addr4.sin_addr,
				     sizeof(from->addr4.sin_addr),
				     from->addr4.sin_port);
	else
		wg_cookie_source_set(source, &from->addr6.sin6_addr,
				     sizeof(from->addr6.sin6_addr),
				     from->addr6.sin6_port);
}

/* checker_lock held. */
static void renew_secret(struct wg_cookie_checker *checker, u64 now_ns)
{
	u8 secret[WG_HASH_SIZE];

	if (!wg_cookie_checker_needs_secret(checker, now_ns))
		return;
	get_random_bytes(secret, sizeof(secret));
	wg_cookie_checker_set_secret(checker, secret, now_ns);
	wg_wipe(secret, sizeof(secret));
}

static void send_cookie(const struct received *m,
			const struct wg_cookie_source *source)
{
	struct wg_message_cookie reply;

	wait_for_random_bytes();
	get_random_bytes(reply.nonce, sizeof(reply.nonce));
	down_read(&m->wg->local_lock);
	spin_lock_bh(&m->wg->checker_lock);
	renew_secret(&m->wg->checker, m->now_ns);
	wg_cookie_checker_reply(&m->wg->checker, &reply, m->bytes, m->len,
				source);
	spin_unlock_bh(&m->wg->checker_lock);
	up_read(&m->wg->local_lock);
	wg_udp_send_message(m->wg, NULL, &reply, sizeof(reply), &m->from);
}

static bool has_mac2(const struct received *m,
		     const struct wg_cookie_source *source)
{
	bool is_right;

	spin_lock_bh(&m->wg->checker_lock);
	is_right = wg_cookie_checker_has_mac2(&m->wg->checker, m->bytes,
					      m->len, source, m->now_ns);
	spin_unlock_bh(&m->wg->checker_lock);
	return is_right;
}

static bool may_take(const struct received *m)
{
	struct wg_ratelimiter *limiter = &m->wg->ratelimiter;
	const struct wg_endpoint *from = &m->from;

	if (from->addr.sa_family == AF_INET)
		return wg_ratelimiter_allow4(limiter,
					     from->addr4.sin_addr.s_addr,
					     m->now_ns);
	return wg_ratelimiter_allow6(limiter, &from->addr6.sin6_addr,
				     m->now_ns);
}

/* Under load only who proves to receive at its address is served, at a rate. */
static enum wg_drop_reason admit_under_load(const struct received *m)
{
	struct wg_cookie_source source;

	cookie_source(&source, &m->from);
	if (!has_mac2(m, &source)) {
		send_cookie(m, &source);
		return WG_DROP_COOKIE_SENT;
	}
	return may_take(m) ? WG_DROP_NONE : WG_DROP_RATE_LIMITED;
}

static enum wg_drop_reason admit(struct wg_hs *hs, const struct received *m)
{
	bool has_mac1;

	down_read(&m->wg->local_lock);
	has_mac1 = wg_cookie_checker_has_mac1(&m->wg->checker, m->bytes,
					      m->len);
	up_read(&m->wg->local_lock);
	if (!has_mac1)
		return WG_DROP_BAD_MAC1;
	return is_under_load(hs, m->now_ns) ? admit_under_load(m) :
					      WG_DROP_NONE;
}

/* ---------------------------------------------------------- the messages */

/* Did it leave? */
static bool send_to_peer(struct wg_peer *peer, const void *message,
			 unsigned int len)
{
	struct wg_endpoint endpoint;
	enum wg_drop_reason reason;

	wg_peer_copy_endpoint(peer, &endpoint);
	reason = wg_udp_send_message(peer->wg, peer, message, len, &endpoint);
	if (reason)
		wg_drop_count(peer->wg, peer, reason, 1);
	else
		wg_peer_count_sent(peer, len);
	return !reason;
}

static enum wg_drop_reason take_initiation(const struct received *m,
					   struct wg_peer **peer)
{
	struct wg_message_response response;
	enum wg_drop_reason reason;

	reason = wg_handshake_respond(m->wg, m->bytes, &m->from, &response,
				      peer);
	if (!reason)
		send_to_peer(*peer, &response, sizeof(response));
	return reason;
}

/*
 * The session is ours to send under: what waited goes first; with nothing to
 * say an empty message proves to the responder that we have the session.
 */
static enum wg_drop_reason take_response(const struct received *m,
					 struct wg_peer **peer)
{
	enum wg_drop_reason reason;

	reason = wg_handshake_complete(m->wg, m->bytes, &m->from, peer);
	if (reason)
		return reason;
	if (wg_txq_is_empty(&(*peer)->txq))
		wg_tx_keepalive(*peer);
	else
		wg_tx_flush(*peer);
	wg_notify_peer(*peer, WG_CMD_SESSION_UP_NTF, NULL);
	return WG_DROP_NONE;
}

static enum wg_drop_reason take(struct wg_hs *hs, const struct received *m,
				struct wg_peer **peer)
{
	switch (m->type) {
	case WG_MESSAGE_COOKIE:
		return wg_handshake_take_cookie(m->wg, m->bytes, peer);
	case WG_MESSAGE_INITIATION:
		return admit(hs, m) ?: take_initiation(m, peer);
	case WG_MESSAGE_RESPONSE:
		return admit(hs, m) ?: take_response(m, peer);
	case WG_MESSAGE_DATA:
	case WG_MESSAGE_BAD_TYPE:
	case WG_MESSAGE_BAD_LENGTH:
		break;
	}
	/* pages that a sender spliced were changed since it was queued */
	return WG_DROP_BAD_TYPE;
}

static void answer(struct wg_hs *hs, struct sk_buff *skb)
{
	struct received m = { .wg = hs->wg, .now_ns = wg_clock_now_ns() };
	enum wg_drop_reason reason = WG_DROP_NO_MEMORY;
	struct wg_peer *peer = NULL;

	if (skb_linearize(skb))
		goto drop;
	m.bytes = skb->data;
	m.len = skb->len;
	m.type = wg_wire_parse(m.bytes, m.len);
	wg_endpoint_from_skb(&m.from, skb);
	reason = take(hs, &m, &peer);
drop:
	if (reason) {
		/* that was noted where it was known whose it claims to be */
		if (reason != WG_DROP_HS_UNKNOWN_PEER)
			wg_drop_note(hs->wg, peer, reason, &m.from, NULL);
		wg_drop_skb(hs->wg, peer, skb, reason);
	} else {
		consume_skb(skb);
	}
	if (peer)
		wg_peer_put(peer);
}

static void work(struct work_struct *work)
{
	struct wg_hs *hs = container_of(work, struct wg_hs_worker, work)->hs;
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&hs->queue))) {
		answer(hs, skb);
		cond_resched();
	}
}

void wg_hs_receive(struct wg_hs *hs, struct sk_buff *skb)
{
	/* about in turn: several CPUs may come with one each */
	unsigned int next = READ_ONCE(hs->next);

	if (wg_hs_is_full(hs)) {
		wg_drop_skb(hs->wg, NULL, skb, WG_DROP_HS_QUEUE_FULL);
		return;
	}
	WRITE_ONCE(hs->next, next + 1);
	skb_queue_tail(&hs->queue, skb);
	queue_work(hs->wg->workqueue,
		   &hs->workers[next % hs->worker_count].work);
}

/* ------------------------------------------------------- the peer's work */

/* What did not leave crosses nothing: we would yield to the peer's in vain. */
static void initiate(struct wg_peer *peer)
{
	struct wg_message_initiation message;

	if (!wg_handshake_initiate(peer, &message) &&
	    !send_to_peer(peer, &message, sizeof(message)))
		wg_handshake_forget(peer);
}

void wg_hs_peer_work(struct work_struct *work)
{
	struct wg_peer *peer = container_of(work, struct wg_peer, work);
	/* all at once: what is begun after the old is forgotten stays */
	unsigned long todo = xchg(&peer->todo, 0);

	if (test_bit(WG_TODO_FORGET, &todo))
		wg_handshake_forget(peer);
	if (test_bit(WG_TODO_INITIATE, &todo))
		initiate(peer);
}

/* ------------------------------------------------------------------- life */

void wg_hs_init(struct wg_hs *hs, struct wg_device *wg)
{
	unsigned int i;

	hs->wg = wg;
	skb_queue_head_init(&hs->queue);
	hs->worker_count = min_t(unsigned int, num_online_cpus(),
				 WG_HS_WORKERS_MAX);
	for (i = 0; i < WG_HS_WORKERS_MAX; i++) {
		hs->workers[i].hs = hs;
		INIT_WORK(&hs->workers[i].work, work);
	}
}

void wg_hs_stop(struct wg_hs *hs)
{
	unsigned int i;

	/* nobody waits here for what a flood has queued */
	skb_queue_purge(&hs->queue);
	for (i = 0; i < WG_HS_WORKERS_MAX; i++)
		cancel_work_sync(&hs->workers[i].work);
}
