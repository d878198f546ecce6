// SPDX-License-Identifier: GPL-2.0
#include "path/rx.h"

#include <linux/udp.h>
#include <net/gro.h>
#include <net/udp.h>

#include "compat.h"
#include "core/device.h"
#include "core/peer.h"
#include "core/session.h"
#include "path/batch.h"
#include "path/cb.h"
#include "path/crypt.h"
#include "path/decap.h"
#include "path/merge.h"
#include "path/path.h"
#include "path/sift.h"

/*
 * A batch of this many messages costs several times what handing it to
 * another CPU costs (5 us against 1 us for 8 full messages); a smaller one is
 * sooner done than handed over.
 */
#define HAND_OVER_MESSAGES 8

/*
 * A worker may have this many batches before it before others help: a sender
 * that is not held up at once fills the gaps that the receiver leaves.
 */
#define WAITING_PER_WORKER 4

/*
 * What a poll does is counted in messages that are looked at, or, where they
 * are longer than usual, in pieces of this many bytes.
 */
#define WORK_BYTES 2048

/* A socket may bring this much work before the other one has its turn. */
#define TURN_WORK 32

void wg_rx_data_ready(struct sock *sk)
{
	struct wg_device *wg;

	rcu_read_lock();
	wg = rcu_dereference_sk_user_data(sk);
	if (wg)
		napi_schedule(&wg->path->rx.napi);
	rcu_read_unlock();
}

void wg_rx_wake(struct wg_rx *rx)
{
	local_bh_disable();
	napi_schedule(&rx->napi);
	local_bh_enable();
}

static struct sk_buff *dequeue(struct sock *sk)
{
	struct sk_buff *skb;
	int offset = 0, err;

	if (!sk || (skb_queue_empty_lockless(&sk->sk_receive_queue) &&
		    skb_queue_empty_lockless(&udp_sk(sk)->reader_queue)))
		return NULL;
	skb = __skb_recv_udp(sk, MSG_DONTWAIT, &offset, &err);
	if (skb) /* UDP kept notes of its own in the field */
		skb->dev = NULL;
	return skb;
}

/* The socket whose turn it is; NULL: there is none. */
static struct sock *turn_sock(struct wg_rx *rx)
{
	return rx->is_turn6 ? rcu_dereference(rx->wg->sock6) :
			      rcu_dereference(rx->wg->sock4);
}

/*
 * The next datagram, which came from *@sk. Neither socket's traffic waits for
 * the other's to end.
 */
static struct sk_buff *next_datagram(struct wg_rx *rx, struct sock **sk)
{
	unsigned int passes = 0;
	struct sk_buff *skb;

	do {
		*sk = turn_sock(rx);
		skb = rx->turn > 0 ? dequeue(*sk) : NULL;
		if (skb)
			return skb;
		rx->is_turn6 = !rx->is_turn6;
		rx->turn = TURN_WORK;
	} while (passes++ < 2);
	return NULL;
}

/* What UDP threw away because a socket's queue was full; an aggregate is one. */
static void count_overflow(struct wg_rx *rx, struct sock *sk,
			   unsigned int *seen)
{
	unsigned int drops = sk ? sk_drops_read(sk) : 0;

	if (likely(drops == *seen))
		return;
	/* fewer than before: the socket is a new one */
	wg_drop_count(rx->wg, NULL, WG_DROP_RX_QUEUE_FULL,
		      drops > *seen ? drops - *seen : drops);
	*seen = drops;
}

/* ------------------------------------------------------------ finishing */

/* An opened packet that was judged: up the stack with it, or not. */
static void deliver(struct wg_rx *rx, struct wg_decap_source *source,
		    struct sk_buff *skb, enum wg_drop_reason reason)
{
	if (!reason && !skb->len) { /* a keepalive has done its work */
		consume_skb(skb);
		return;
	}
	if (wg_plain_cb(skb)->messages > 1) {
		wg_merge_complete(skb);
	} else {
		/* the tag proves more than any checksum inside, at every level */
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_level = SKB_MAX_CSUM_LEVEL;
	}
	if (!reason)
		reason = wg_decap_check(source, skb);
	if (reason) {
		wg_drop_skb(rx->wg, source->peer, skb, reason);
		return;
	}
	skb->dev = rx->wg->dev;
	napi_gro_receive(&rx->napi, skb);
}

static bool is_unanimous(const struct wg_arrival *arrivals, unsigned int count)
{
	unsigned int i;

	for (i = 1; i < count; i++) {
		if (arrivals[i].verdict != arrivals[0].verdict)
			return false;
	}
	return true;
}

/* The messages of @plain have different verdicts: each is a packet again. */
static void deliver_split(struct wg_rx *rx, struct wg_decap_source *source,
			  struct sk_buff *plain,
			  const struct wg_arrival *arrival)
{
	struct sk_buff *list = wg_merge_split(plain), *segment, *next;

	if (!list)
		deliver(rx, source, plain, WG_DROP_NO_MEMORY);
	skb_list_walk_safe(list, segment, next) {
		skb_mark_not_on_list(segment);
		deliver(rx, source, segment, (arrival++)->verdict);
	}
}

static void deliver_batch(struct wg_rx *rx, const struct wg_batch *batch)
{
	const struct wg_arrival *arrival = batch->arrivals;
	struct wg_decap_source source = {
		.wg = rx->wg,
		.peer = batch->session->peer,
	};
	struct sk_buff *plain, *next;
	unsigned int messages;

	skb_list_walk_safe(batch->plain, plain, next) {
		skb_mark_not_on_list(plain);
		messages = wg_plain_cb(plain)->messages;
		if (is_unanimous(arrival, messages))
			deliver(rx, &source, plain, arrival->verdict);
		else
			deliver_split(rx, &source, plain, arrival);
		arrival += messages;
	}
}

static void free_datagrams(struct wg_batch *batch)
{
	struct sk_buff *datagram, *next;

	skb_list_walk_safe(batch->datagrams, datagram, next) {
		skb_mark_not_on_list(datagram);
		consume_skb(datagram);
	}
	batch->datagrams = NULL;
}

/* Judge an opened batch, hand it up, and leave its place empty. */
static void finish(struct wg_rx *rx, struct wg_batch *batch)
{
	struct wg_session *session = batch->session;
	struct wg_endpoint from;

	if (batch->opened < batch->messages)
		wg_drop_count(rx->wg, session->peer, WG_DROP_NO_MEMORY,
			      batch->messages - batch->opened);
	wg_endpoint_from_skb(&from, batch->datagrams);
	wg_session_receive(session, batch->arrivals, batch->opened, &from);
	deliver_batch(rx, batch);
	if (batch->has_reference)
		wg_session_put(session);
	free_datagrams(batch);
}

/* ------------------------------------------------- handing over to workers */

static struct wg_batch *place(struct wg_rx *rx, unsigned int index)
{
	return &rx->ring[index % WG_RX_RING];
}

/* The oldest batch that nobody has taken, now ours, if more than @leave are. */
static struct wg_batch *take_waiting(struct wg_rx *rx, unsigned int leave)
{
	struct wg_batch *batch = NULL;

	spin_lock_bh(&rx->lock);
	if (rx->tail - rx->taken > leave)
		batch = place(rx, rx->taken++);
	spin_unlock_bh(&rx->lock);
	return batch;
}

static void open_batch(struct wg_rx *rx, struct wg_batch *batch)
{
	wg_crypt_open_batch(batch, &rx->napi);
	/* pairs with finish_in_order() */
	smp_store_release(&batch->is_open, true);
}

static void work(struct work_struct *work)
{
	struct wg_rx *rx = container_of(work, struct wg_rx_worker, work)->rx;
	struct wg_batch *batch;

	while ((batch = take_waiting(rx, 0))) {
		local_bh_disable();
		open_batch(rx, batch);
		/* the poll finishes it, here, as soon as BHs are on again */
		napi_schedule(&rx->napi);
		local_bh_enable();
		cond_resched();
	}
}

static bool is_ring_empty(const struct wg_rx *rx)
{
	return rx->head == rx->tail;
}

/* One place is always free: the next batch comes to be there. */
static bool is_ring_full(const struct wg_rx *rx)
{
	return rx->tail - rx->head == WG_RX_RING - 1;
}

/*
 * Let @batch, which stands behind the ring's end, be part of the ring, and wake
 * as many workers as there are batches waiting. False: the session is ending,
 * or one datagram made more batches than there is room for.
 */
static bool hand_over(struct wg_rx *rx, struct wg_batch *batch)
{
	unsigned int waiting;

	if (is_ring_full(rx) || !wg_session_get_rcu(batch->session))
		return false;
	batch->has_reference = true;
	spin_lock_bh(&rx->lock);
	waiting = ++rx->tail - rx->taken;
	spin_unlock_bh(&rx->lock);
	queue_work(rx->workqueue,
		   &rx->workers[min(waiting, rx->worker_count) - 1].work);
	return true;
}

/*
 * Finish what is open at the ring's head, up to @budget messages and the rest
 * of a batch. Return: messages finished.
 */
static int finish_in_order(struct wg_rx *rx, int budget)
{
	struct wg_batch *batch;
	int messages = 0;

	while (messages < budget && !is_ring_empty(rx)) {
		batch = place(rx, rx->head);
		/* pairs with open_batch() */
		if (!smp_load_acquire(&batch->is_open))
			break;
		messages += batch->messages;
		finish(rx, batch);
		rx->head++;
	}
	return messages;
}

/*
 * More batches wait than the workers should have before them: the poll's CPU
 * lends a hand before it lets more in.
 */
static void help(struct wg_rx *rx)
{
	const unsigned int leave = WAITING_PER_WORKER * rx->worker_count;
	struct wg_batch *batch;

	while ((batch = take_waiting(rx, leave)))
		open_batch(rx, batch);
}

/* ------------------------------------------------------------- batches in */

static bool should_offload(const struct wg_rx *rx,
			   const struct wg_batch *batch)
{
	return rx->worker_count && (batch->messages >= HAND_OVER_MESSAGES ||
				    !is_ring_empty(rx));
}

/* No more joins the batch behind the ring's end, if there is one. */
static void dispatch(struct wg_rx *rx)
{
	struct wg_batch *batch = place(rx, rx->tail);

	if (!batch->datagrams || (should_offload(rx, batch) &&
				  hand_over(rx, batch)))
		return;
	open_batch(rx, batch);
	finish(rx, batch);
}

static bool is_same_source(const struct sk_buff *a, const struct sk_buff *b)
{
	struct wg_endpoint from_a, from_b;

	return wg_endpoint_from_skb(&from_a, a) &&
	       wg_endpoint_from_skb(&from_b, b) &&
	       wg_endpoint_equal(&from_a, &from_b);
}

static bool may_join(const struct wg_batch *batch, struct sk_buff *datagram)
{
	const struct wg_rx_cb *cb = wg_rx_cb(datagram);

	return batch->datagrams && batch->session == cb->session &&
	       batch->messages + cb->messages <= WG_BATCH_MAX &&
	       is_same_source(batch->datagrams, datagram);
}

/* Add @datagram, data of one session, to the batch or begin another one. */
static void add_to_batch(struct wg_rx *rx, struct sk_buff *datagram)
{
	struct wg_batch *batch = place(rx, rx->tail);

	if (may_join(batch, datagram)) {
		batch->last->next = datagram;
	} else {
		dispatch(rx);
		batch = place(rx, rx->tail);
		memset(batch, 0, offsetof(struct wg_batch, arrivals));
		batch->session = wg_rx_cb(datagram)->session;
		batch->datagrams = datagram;
	}
	batch->last = datagram;
	batch->messages += wg_rx_cb(datagram)->messages;
}

/*
 * The outer checksum, which a plain socket leaves to who reads it, does not
 * fit: nothing in the datagram is to be believed, its source neither.
 */
static void drop_damaged(struct wg_rx *rx, struct sock *sk,
			 struct sk_buff *skb)
{
	__UDPX_INC_STATS(sk, UDP_MIB_CSUMERRORS);
	__UDPX_INC_STATS(sk, UDP_MIB_INERRORS);
	wg_drop_packets(rx->wg, NULL, skb, WG_DROP_BAD_CSUM,
			wg_crypt_messages(skb));
}

/*
 * Consumes @skb, which came from @sk, whatever it is. Return: the work that it
 * made, 1 or more.
 */
static unsigned int receive(struct wg_rx *rx, struct sock *sk,
			    struct sk_buff *skb)
{
	unsigned int work = max(wg_crypt_messages(skb), skb->len / WORK_BYTES);
	struct sk_buff *datagram, *next;

	if (udp_lib_checksum_complete(skb)) {
		drop_damaged(rx, sk, skb);
		return work;
	}
	skb_list_walk_safe(wg_sift(rx->wg, skb), datagram, next) {
		skb_mark_not_on_list(datagram);
		if (wg_rx_cb(datagram)->session)
			add_to_batch(rx, datagram);
		else
			wg_hs_receive(&rx->wg->path->hs, datagram);
	}
	return work;
}

/*
 * Let in what the sockets have, up to @budget and the rest of a datagram.
 * Return: the work done.
 */
static int drain(struct wg_rx *rx, int budget)
{
	struct sk_buff *skb;
	int done = 0, work;
	struct sock *sk;

	while (done < budget && !is_ring_full(rx) &&
	       (skb = next_datagram(rx, &sk))) {
		work = receive(rx, sk, skb);
		rx->turn -= work;
		done += work;
	}
	dispatch(rx);
	return done;
}

static int poll(struct napi_struct *napi, int budget)
{
	struct wg_rx *rx = container_of(napi, struct wg_rx, napi);
	int done;

	if (!budget) /* netpoll, which wants room for what it sends */
		return 0;
	rcu_read_lock();
	done = finish_in_order(rx, budget);
	done += drain(rx, budget - done);
	if (!is_ring_empty(rx)) {
		help(rx);
		done += finish_in_order(rx, budget - done);
	}
	count_overflow(rx, rcu_dereference(rx->wg->sock4), &rx->overflow4);
	count_overflow(rx, rcu_dereference(rx->wg->sock6), &rx->overflow6);
	rcu_read_unlock();

	if (done >= budget)
		return budget;
	napi_complete_done(napi, done);
	return done;
}

/* ------------------------------------------------------------------- life */

int wg_rx_init(struct wg_rx *rx, struct wg_device *wg)
{
	unsigned int i;

	rx->workqueue = alloc_workqueue("wg-rx-%s", WQ_UNBOUND | WQ_HIGHPRI |
					WQ_MEM_RECLAIM, 0, wg->dev->name);
	if (!rx->workqueue)
		return -ENOMEM;
	rx->wg = wg;
	spin_lock_init(&rx->lock);
	for (i = 0; i < WG_RX_WORKERS_MAX; i++) {
		rx->workers[i].rx = rx;
		INIT_WORK(&rx->workers[i].work, work);
	}
	netif_napi_add(wg->dev, &rx->napi, poll);
	return 0;
}

void wg_rx_uninit(struct wg_rx *rx)
{
	netif_napi_del(&rx->napi);
	destroy_workqueue(rx->workqueue);
}

void wg_rx_start(struct wg_rx *rx)
{
	rx->worker_count = min_t(unsigned int, num_online_cpus() - 1,
				 WG_RX_WORKERS_MAX);
	napi_enable(&rx->napi);
	/* for what the sockets have got already */
	wg_rx_wake(rx);
}

static void drop_batch(struct wg_rx *rx, struct wg_batch *batch)
{
	wg_drop_count(rx->wg, batch->session->peer, WG_DROP_OTHER_PEER_GONE,
		      batch->messages);
	kfree_skb_list(batch->plain);
	wg_session_put(batch->session);
	kfree_skb_list(batch->datagrams);
	batch->datagrams = NULL;
}

void wg_rx_stop(struct wg_rx *rx)
{
	unsigned int i;

	napi_disable(&rx->napi);
	for (i = 0; i < WG_RX_WORKERS_MAX; i++)
		cancel_work_sync(&rx->workers[i].work);
	while (!is_ring_empty(rx))
		drop_batch(rx, place(rx, rx->head++));
	rx->taken = rx->head;
}
