/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What waits to be sent to a peer, in order: for a session, for its turn behind
 * what waits already, or to be coalesced with others. The one owner of it: in
 * one section of peer->lock it says whether packets are sent now, wait, or are
 * to be flushed with those that wait. path/tx sends; path/coalesce has the
 * timer.
 *
 * Nothing waits without somebody who will send or drop it: the flusher, a timer
 * or work that is going to flush, or, without a session, the attempt at one,
 * whose end drops what waits. A session that came before such a section is seen
 * in it, and one that comes after it flushes by itself.
 *
 * All with BH disabled, peer->lock not held, but where it says otherwise.
 */
#ifndef _WG_CORE_TXQ_H
#define _WG_CORE_TXQ_H

#include <linux/llist.h>
#include <linux/skbuff.h>

#include "core/drop.h"
#include "core/endpoint.h"
#include "proto/rate.h"

struct sock;
struct wg_device;
struct wg_peer;
struct wg_session;

/* Packets that are sent, or wait to be coalesced, as one batch. */
#define WG_TXQ_BATCH 64

/**
 * struct wg_txq - what waits to be sent to a peer; peer->lock
 * @packets: in the order in which they came
 * @bytes: of all of them
 * @burst: whether single packets come so fast that they are coalesced
 * @is_flushing: somebody sends of @packets: newer ones wait behind
 * @is_coalescing: on a list of path/coalesce, which will flush. Set under the
 *	lock; cleared by who takes it off the list, before he flushes
 * @node: entry in that list, which holds a reference to the peer
 */
struct wg_txq {
	struct sk_buff_head packets;
	unsigned int bytes;
	struct wg_burst burst;
	bool is_flushing;
	bool is_coalescing;
	struct llist_node node;
};

/**
 * struct wg_tx_batch - messages that are sent under one session or not at all
 * @list: their packets by ->next; NULL: an empty message
 * @messages: how many
 * @bytes: UDP payload of all
 */
struct wg_tx_batch {
	struct sk_buff *list;
	unsigned int messages;
	unsigned int bytes;
};

/**
 * struct wg_tx_context - what a batch is sent with: valid in the RCU read
 *	section in which it was reserved
 * @wg: from this device
 * @peer: whose messages they are; NULL: of nobody yet, a cookie reply
 * @session: seal with its keys; NULL, where a message only wants to be sent
 * @sk: the socket by which it leaves; path/udp's
 * @counter: counter of the batch's first message
 * @endpoint: send there
 */
struct wg_tx_context {
	struct wg_device *wg;
	struct wg_peer *peer;
	struct wg_session *session;
	struct sock *sk;
	u64 counter;
	struct wg_endpoint endpoint;
};

/**
 * enum wg_tx_answer - what becomes of a batch
 * @WG_TX_SEND: the caller sends it now, with the context that it got
 * @WG_TX_QUEUED: it waits, or nobody would send it and it was dropped
 * @WG_TX_FLUSH: it waits, and the caller has it flushed
 * @WG_TX_COALESCE: it waits, and the caller has a timer flush it: he has
 *	wg_txq.node, and a reference
 */
enum wg_tx_answer {
	WG_TX_SEND,
	WG_TX_QUEUED,
	WG_TX_FLUSH,
	WG_TX_COALESCE,
};

/*
 * Send @batch, or have it wait. Newer packets do not overtake older ones. Where
 * it finds no session, one is asked for.
 * @ctx: for WG_TX_SEND; NULL: the caller cannot send now.
 * RCU read section.
 */
enum wg_tx_answer wg_txq_submit(struct wg_peer *peer,
				const struct wg_tx_batch *batch,
				struct wg_tx_context *ctx);

/*
 * For the flusher: some packets, to be sent as one batch: a GSO packet, or
 * single ones up to the next GSO packet, as a list by ->next. Who comes new is
 * not yet the flusher, and says so by @is_ours.
 * Return: NULL: there is none, or no session, or somebody else flushes. The
 * caller does not.
 */
struct sk_buff *wg_txq_take(struct wg_peer *peer, bool is_ours);

/* The flusher goes; somebody else, or another time, flushes on. */
void wg_txq_leave(struct wg_peer *peer);

/*
 * Reserve counters of @peer's session for @batch, which need not stand in line:
 * what the flusher took, or an empty message. They are counted, and the timers
 * take note. RCU read section.
 * Return: false: there is no session; one is asked for. The packets are the
 * first again, and who flushed does no longer.
 */
bool wg_tx_reserve(struct wg_peer *peer, const struct wg_tx_batch *batch,
		   struct wg_tx_context *ctx);

/* Take all that waits. Any context. */
void wg_txq_empty(struct wg_peer *peer, struct sk_buff_head *packets);

/* Drop all that waits. Any context. */
void wg_txq_purge(struct wg_peer *peer, enum wg_drop_reason reason);

/* Does nothing wait? May be wrong by now. Any context. */
static inline bool wg_txq_is_empty(const struct wg_txq *txq)
{
	return skb_queue_empty_lockless(&txq->packets);
}

#endif
