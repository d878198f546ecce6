// SPDX-License-Identifier: GPL-2.0
#include "path/rx.h"

#include "core/device.h"
#include "core/peer.h"
#include "core/session.h"
#include "path/batch.h"
#include "path/cb.h"
#include "path/crypt.h"
#include "path/decap.h"
#include "path/merge.h"
#include "path/path.h"

/*
 * This many messages cost several times what handing them to another CPU costs
 * (5 us against 1 us for 8 full ones); fewer are sooner done than handed over.
 */
#define HAND_OVER_MESSAGES 8

/*
 * A worker may have this many batches before it before others help: a sender
 * that is not held up at once fills the gaps that the receiver leaves.
 */
#define WAITING_PER_WORKER 4

/*
 * What a poll does is counted in messages, or, where they are longer than
 * usual, in pieces of this many bytes.
 */
#define WORK_BYTES 2048

/*
 * Memory of what a lane has not looked at yet, beside as much that its poll has
 * at hand. One GRO aggregate has a truesize of up to 130 KB, so this is 60 of
 * them, 64 KB of payload each: what comes in 1.25 ms at 25 Gbit/s.
 */
#define ARRIVED_BYTES (8 << 20)

/* ------------------------------------------------------------ letting in */

/* The order within a peer is kept: all of it goes the same way. */
static struct wg_rx_lane *lane_of(const struct wg_rx *rx,
				  const struct wg_peer *peer)
{
	/* pairs with use_lanes() */
	unsigned int count = smp_load_acquire(&rx->lane_count);

	return rx->lanes[(u32)peer->id % count];
}

static bool join_lane(struct wg_rx_lane *lane, struct sk_buff *datagram)
{
	bool has_room;

	spin_lock(&lane->arrived.lock);
	has_room = lane->bytes < ARRIVED_BYTES;
	if (has_room) {
		lane->bytes += datagram->truesize;
		__skb_queue_tail(&lane->arrived, datagram);
	}
	spin_unlock(&lane->arrived.lock);
	return has_room;
}

void wg_rx_let_in(struct wg_rx *rx, struct sk_buff *datagram)
{
	struct wg_session *session = wg_rx_cb(datagram)->session;
	unsigned int messages = wg_rx_cb(datagram)->messages;
	struct wg_rx_lane *lane = lane_of(rx, session->peer);

	/* it may end before the lane gets to it, and is there until then */
	if (!wg_session_get_rcu(session)) {
		wg_drop_packets(rx->wg, NULL, datagram, WG_DROP_UNKNOWN_INDEX,
				messages);
		return;
	}
	if (join_lane(lane, datagram)) {
		napi_schedule(&lane->napi);
		return;
	}
	wg_drop_packets(rx->wg, NULL, datagram, WG_DROP_RX_QUEUE_FULL,
			messages);
	wg_session_put(session);
}

/* ------------------------------------------------------------ finishing */

/* An opened packet that was judged: up the stack with it, or not. */
static void deliver(struct wg_rx_lane *lane, struct wg_decap_source *source,
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
		wg_drop_skb(source->wg, source->peer, skb, reason);
		return;
	}
	skb->dev = source->wg->dev;
	napi_gro_receive(&lane->napi, skb);
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
static void deliver_split(struct wg_rx_lane *lane,
			  struct wg_decap_source *source,
			  struct sk_buff *plain,
			  const struct wg_arrival *arrival)
{
	struct sk_buff *list = wg_merge_split(plain), *segment, *next;

	if (!list)
		deliver(lane, source, plain, WG_DROP_NO_MEMORY);
	skb_list_walk_safe(list, segment, next) {
		skb_mark_not_on_list(segment);
		deliver(lane, source, segment, (arrival++)->verdict);
	}
}

static void deliver_batch(struct wg_rx_lane *lane,
			  const struct wg_batch *batch)
{
	const struct wg_arrival *arrival = batch->arrivals;
	struct wg_decap_source source = {
		.wg = lane->rx->wg,
		.peer = batch->session->peer,
	};
	struct sk_buff *plain, *next;
	unsigned int messages;

	skb_list_walk_safe(batch->plain, plain, next) {
		skb_mark_not_on_list(plain);
		messages = wg_plain_cb(plain)->messages;
		if (is_unanimous(arrival, messages))
			deliver(lane, &source, plain, arrival->verdict);
		else
			deliver_split(lane, &source, plain, arrival);
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
static void finish(struct wg_rx_lane *lane, struct wg_batch *batch)
{
	struct wg_session *session = batch->session;
	struct wg_endpoint from;

	if (batch->opened < batch->messages)
		wg_drop_count(lane->rx->wg, session->peer, WG_DROP_NO_MEMORY,
			      batch->messages - batch->opened);
	wg_endpoint_from_skb(&from, batch->datagrams);
	wg_session_receive(session, batch->arrivals, batch->opened, &from);
	deliver_batch(lane, batch);
	wg_session_put(session);
	free_datagrams(batch);
}

/* ------------------------------------------------- handing over to workers */

static struct wg_batch *place(struct wg_rx_lane *lane, unsigned int index)
{
	return &lane->ring[index % WG_RX_RING];
}

/* The oldest batch that nobody has taken, now ours, if more than @leave are. */
static struct wg_batch *take_waiting(struct wg_rx_lane *lane,
				     unsigned int leave)
{
	struct wg_batch *batch = NULL;

	spin_lock_bh(&lane->lock);
	if (lane->tail - lane->taken > leave)
		batch = place(lane, lane->taken++);
	spin_unlock_bh(&lane->lock);
	return batch;
}

static void open_batch(struct wg_rx_lane *lane, struct wg_batch *batch)
{
	wg_crypt_open_batch(batch, &lane->napi);
	/* pairs with finish_in_order() */
	smp_store_release(&batch->is_open, true);
}

/* No poll gets in between, which would wait for what has been taken. */
static bool open_next(struct wg_rx_lane *lane)
{
	struct wg_batch *batch;

	local_bh_disable();
	batch = take_waiting(lane, 0);
	if (batch) {
		open_batch(lane, batch);
		/* the poll finishes it, here, as soon as BHs are on again */
		napi_schedule(&lane->napi);
	}
	local_bh_enable();
	return batch;
}

static void work(struct work_struct *work)
{
	struct wg_rx_worker *worker =
		container_of(work, struct wg_rx_worker, work);

	while (open_next(worker->lane))
		cond_resched();
}

static bool is_ring_empty(const struct wg_rx_lane *lane)
{
	return lane->head == lane->tail;
}

/*
 * May a datagram come? It may end one batch and begin another, and one place is
 * always free, where the next one comes to be.
 */
static bool has_room(const struct wg_rx_lane *lane)
{
	return lane->tail - lane->head + 2 < WG_RX_RING;
}

/*
 * Let the batch that stands behind the ring's end be part of the ring, and wake
 * as many workers as there are batches waiting.
 */
static void hand_over(struct wg_rx_lane *lane)
{
	struct wg_rx *rx = lane->rx;
	unsigned int waiting;

	spin_lock_bh(&lane->lock);
	waiting = ++lane->tail - lane->taken;
	spin_unlock_bh(&lane->lock);
	queue_work(rx->workqueue,
		   &lane->workers[min(waiting, rx->worker_count) - 1].work);
}

/*
 * Finish what is open at the ring's head, up to @budget messages and the rest
 * of a batch. Return: messages finished.
 */
static int finish_in_order(struct wg_rx_lane *lane, int budget)
{
	struct wg_batch *batch;
	int messages = 0;

	while (messages < budget && !is_ring_empty(lane)) {
		batch = place(lane, lane->head);
		/* pairs with open_batch() */
		if (!smp_load_acquire(&batch->is_open))
			break;
		messages += batch->messages;
		finish(lane, batch);
		lane->head++;
	}
	return messages;
}

/*
 * More batches wait than the workers should have before them: the poll's CPU
 * lends a hand before it lets more in.
 */
static void help(struct wg_rx_lane *lane)
{
	const unsigned int leave = WAITING_PER_WORKER * lane->rx->worker_count;
	struct wg_batch *batch;

	while ((batch = take_waiting(lane, leave)))
		open_batch(lane, batch);
}

/* ------------------------------------------------------------- batches in */

/* Has this CPU more before it than this batch, so that others may help? */
static bool should_offload(const struct wg_rx_lane *lane,
			   const struct wg_batch *batch)
{
	unsigned int waiting = batch->messages + skb_queue_len(&lane->at_hand);

	return lane->rx->worker_count &&
	       (waiting >= HAND_OVER_MESSAGES || !is_ring_empty(lane));
}

/* No more joins the batch behind the ring's end, if there is one. */
static void dispatch(struct wg_rx_lane *lane)
{
	struct wg_batch *batch = place(lane, lane->tail);

	if (!batch->datagrams)
		return;
	if (should_offload(lane, batch)) {
		hand_over(lane);
		return;
	}
	open_batch(lane, batch);
	finish(lane, batch);
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
static void add_to_batch(struct wg_rx_lane *lane, struct sk_buff *datagram)
{
	struct wg_batch *batch = place(lane, lane->tail);
	struct wg_session *session = wg_rx_cb(datagram)->session;

	if (may_join(batch, datagram)) {
		batch->last->next = datagram;
		wg_session_put(session); /* the batch has a reference */
	} else {
		dispatch(lane);
		batch = place(lane, lane->tail);
		memset(batch, 0, offsetof(struct wg_batch, arrivals));
		batch->session = session;
		batch->datagrams = datagram;
	}
	batch->last = datagram;
	batch->messages += wg_rx_cb(datagram)->messages;
}

/* The next datagram that arrived, or NULL. */
static struct sk_buff *next_datagram(struct wg_rx_lane *lane)
{
	if (skb_queue_empty(&lane->at_hand) &&
	    !skb_queue_empty_lockless(&lane->arrived)) {
		spin_lock(&lane->arrived.lock);
		skb_queue_splice_init(&lane->arrived, &lane->at_hand);
		lane->bytes = 0;
		spin_unlock(&lane->arrived.lock);
	}
	return __skb_dequeue(&lane->at_hand);
}

/* Is there more that no worker would wake the poll for? */
static bool may_take_in(struct wg_rx_lane *lane)
{
	return has_room(lane) && (!skb_queue_empty(&lane->at_hand) ||
				  !skb_queue_empty_lockless(&lane->arrived));
}

/*
 * Make batches of what has arrived, up to @budget and the rest of a datagram.
 * Return: the work done.
 */
static int take_in(struct wg_rx_lane *lane, int budget)
{
	struct sk_buff *skb;
	int done = 0;

	while (done < budget && has_room(lane) &&
	       (skb = next_datagram(lane))) {
		done += max(wg_rx_cb(skb)->messages, skb->len / WORK_BYTES);
		add_to_batch(lane, skb);
	}
	dispatch(lane);
	return done;
}

static int poll(struct napi_struct *napi, int budget)
{
	struct wg_rx_lane *lane = container_of(napi, struct wg_rx_lane, napi);
	int done;

	if (!budget) /* netpoll, which wants room for what it sends */
		return 0;
	rcu_read_lock();
	done = finish_in_order(lane, budget);
	done += take_in(lane, budget - done);
	if (!is_ring_empty(lane)) {
		help(lane);
		done += finish_in_order(lane, budget - done);
	}
	rcu_read_unlock();

	/* who polls may have a budget that is greater than the ring */
	if (done >= budget || may_take_in(lane))
		return budget;
	napi_complete_done(napi, done);
	return done;
}

/* ------------------------------------------------------------------- lanes */

static struct wg_rx_lane *make_lane(struct wg_rx *rx)
{
	struct wg_rx_lane *lane = kvzalloc(sizeof(*lane), GFP_KERNEL_ACCOUNT);
	unsigned int i;

	if (!lane)
		return NULL;
	lane->rx = rx;
	spin_lock_init(&lane->lock);
	skb_queue_head_init(&lane->arrived);
	__skb_queue_head_init(&lane->at_hand);
	for (i = 0; i < WG_RX_WORKERS_MAX; i++) {
		lane->workers[i].lane = lane;
		INIT_WORK(&lane->workers[i].work, work);
	}
	netif_napi_add(rx->wg->dev, &lane->napi, poll);
	return lane;
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

/* What never became a batch; each datagram has a reference to its session. */
static bool drop_next(struct wg_rx_lane *lane)
{
	struct wg_session *session;
	struct sk_buff *datagram;

	local_bh_disable();
	datagram = next_datagram(lane);
	if (datagram) {
		session = wg_rx_cb(datagram)->session;
		wg_drop_packets(lane->rx->wg, session->peer, datagram,
				WG_DROP_OTHER_PEER_GONE,
				wg_rx_cb(datagram)->messages);
		wg_session_put(session);
	}
	local_bh_enable();
	return datagram;
}

/* Nothing joins it any more. */
static void stop_lane(struct wg_rx_lane *lane)
{
	unsigned int i;

	napi_disable(&lane->napi);
	for (i = 0; i < WG_RX_WORKERS_MAX; i++)
		cancel_work_sync(&lane->workers[i].work);
	while (!is_ring_empty(lane))
		drop_batch(lane->rx, place(lane, lane->head++));
	lane->taken = lane->head;
	while (drop_next(lane))
		cond_resched();
}

/* Have @count lanes at least; new ones are as the others: running or not. */
static int grow(struct wg_rx *rx, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (rx->lanes[i])
			continue;
		rx->lanes[i] = make_lane(rx);
		if (!rx->lanes[i])
			return -ENOMEM;
		if (rx->is_running)
			napi_enable(&rx->lanes[i]->napi);
	}
	return 0;
}

static int use_lanes(struct wg_rx *rx, unsigned int count)
{
	int err = grow(rx, count);

	if (!err) /* pairs with lane_of() */
		smp_store_release(&rx->lane_count, count);
	return err;
}

int wg_rx_set_lanes(struct wg_rx *rx, unsigned int count)
{
	int err;

	lockdep_assert_held(&rx->wg->config_lock);
	err = use_lanes(rx, count);
	rx->is_count_set |= !err;
	return err;
}

/* ------------------------------------------------------------------- life */

unsigned int wg_rx_cpus(void)
{
	return min_t(unsigned int, cpumask_last(cpu_online_mask) + 1,
		     WG_RX_CPUS_MAX);
}

int wg_rx_init(struct wg_rx *rx, struct wg_device *wg)
{
	rx->workqueue = alloc_workqueue("wg-rx-%s", WQ_UNBOUND | WQ_HIGHPRI |
					WQ_MEM_RECLAIM, 0, wg->dev->name);
	if (!rx->workqueue)
		return -ENOMEM;
	rx->wg = wg;
	rx->lane_count = wg_rx_cpus();
	if (!grow(rx, rx->lane_count))
		return 0;
	wg_rx_uninit(rx);
	return -ENOMEM;
}

void wg_rx_uninit(struct wg_rx *rx)
{
	unsigned int i;

	for (i = 0; i < WG_RX_CPUS_MAX && rx->lanes[i]; i++)
		__netif_napi_del(&rx->lanes[i]->napi);
	/* one grace period for all of them: rtnl is held */
	synchronize_net();
	for (i = 0; i < WG_RX_CPUS_MAX && rx->lanes[i]; i++)
		kvfree(rx->lanes[i]);
	destroy_workqueue(rx->workqueue);
}

void wg_rx_start(struct wg_rx *rx)
{
	unsigned int i;

	rx->worker_count = min_t(unsigned int, num_online_cpus() - 1,
				 WG_RX_WORKERS_MAX);
	/* CPUs may have come or gone; without memory the lanes stay as they are */
	if (!rx->is_count_set)
		use_lanes(rx, wg_rx_cpus());
	for (i = 0; i < WG_RX_CPUS_MAX && rx->lanes[i]; i++)
		napi_enable(&rx->lanes[i]->napi);
	rx->is_running = true;
}

void wg_rx_stop(struct wg_rx *rx)
{
	unsigned int i;

	rx->is_running = false;
	for (i = 0; i < WG_RX_CPUS_MAX && rx->lanes[i]; i++)
		stop_lane(rx->lanes[i]);
}
