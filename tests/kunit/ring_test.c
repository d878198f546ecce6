// SPDX-License-Identifier: GPL-2.0
/*
 * Batches that path/rx hands to other CPUs: they come back in order, and each
 * message is accounted for when session, peer or device end meanwhile.
 */
#include "path/rx.h"

#include "path/cb.h"
#include "path/crypt.h"
#include "poll.h"

/* Batches go by way of the ring, even on a single CPU. */
static void use_ring(struct fixture *f)
{
	f->wg->path->rx.worker_count = 1;
}

static bool is_ring_empty(struct fixture *f)
{
	struct wg_rx_lane *lane = poll_lane(f);

	return READ_ONCE(lane->head) == READ_ONCE(lane->tail);
}

/* Send @batches aggregates of @size messages, which may be on their way. */
static void send_batches(struct kunit *test, struct writer *w,
			 unsigned int batches, unsigned int size)
{
	unsigned int i, j;

	local_bh_disable();
	for (i = 0; i < batches; i++) {
		for (j = 0; j < size; j++)
			write_message(w, 600);
		send(test, w, message_len(600));
	}
	local_bh_enable();
}

static unsigned int count_dropped(struct fixture *f)
{
	return fixture_drops(f, WG_DROP_SESSION_STALE) +
	       fixture_drops(f, WG_DROP_OTHER_PEER_GONE) +
	       fixture_drops(f, WG_DROP_UNKNOWN_INDEX) +
	       fixture_drops(f, WG_DROP_SOURCE_NOT_ALLOWED);
}

/* Each of @count messages was handed up or dropped for one of two reasons. */
static void expect_all_accounted(struct kunit *test, struct fixture *f,
				 unsigned int count)
{
	unsigned int up, dropped;

	comes_true(skb_queue_len_lockless(&f->arrived) + count_dropped(f) >=
		   count);
	up = skb_queue_len_lockless(&f->arrived);
	dropped = count_dropped(f);
	KUNIT_EXPECT_EQ(test, up + dropped, count);
	kunit_info(test, "%u handed up, %u dropped", up, dropped);
}

static void the_ring_keeps_the_order(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	use_ring(f);
	send_batches(test, w, 20, 44);
	expect_inners(test, f, 0, 20 * 44, 600);
	KUNIT_EXPECT_TRUE(test, is_ring_empty(f));
	KUNIT_EXPECT_EQ(test, refcount_read(&w->session.session->refs), 1);
}

static void small_batches_queue_behind_the_ring(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	use_ring(f);
	local_bh_disable();
	send_batches(test, w, 1, 44);
	send_batches(test, w, 3, 2);
	send_batches(test, w, 1, 44);
	local_bh_enable();
	expect_inners(test, f, 0, 94, 600);
}

/* More than the ring takes stays before it until there is room. */
static void a_full_ring_loses_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	use_ring(f);
	send_batches(test, w, WG_RX_RING + 20, 9);
	expect_inners(test, f, 0, (WG_RX_RING + 20) * 9, 600);
	KUNIT_EXPECT_TRUE(test, is_ring_empty(f));
}

static void do_nothing(struct work_struct *work)
{
}

/* The oldest batch, which somebody has taken and not opened yet. */
static struct wg_batch *take_oldest(struct wg_rx_lane *lane)
{
	struct wg_batch *batch;

	spin_lock_bh(&lane->lock);
	batch = &lane->ring[lane->taken++ % WG_RX_RING];
	spin_unlock_bh(&lane->lock);
	return batch;
}

/*
 * One aggregate may make more batches than the ring has room for: a worker is
 * slow with the oldest, and no other one can leave before it.
 */
static void a_full_ring_is_never_overrun(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *a = new_writer(test), *b = new_writer(test);
	struct wg_rx_lane *lane = poll_lane(f);
	work_func_t work = lane->workers[0].work.func;
	struct wg_batch *oldest;
	unsigned int i;

	use_ring(f);
	lane->workers[0].work.func = do_nothing;
	poll_hold(f);
	send_batches(test, a, 1, 9);
	poll_once(f);
	oldest = take_oldest(lane);
	for (i = 1; i < WG_RX_RING - 4; i++) {
		send_batches(test, a, 1, 9);
		poll_once(f);
	}
	for (i = 0; i < 30; i++) {
		write_message(b, 600);
		memcpy(a->bytes + a->len, b->bytes, b->len);
		a->len += b->len;
		b->len = 0;
		write_message(a, 600);
	}
	send(test, a, message_len(600));
	poll_once(f);
	KUNIT_EXPECT_EQ(test, lane->tail - lane->head, WG_RX_RING - 1);

	local_bh_disable();
	wg_crypt_open_batch(oldest, &lane->napi);
	local_bh_enable();
	/* pairs with finish_in_order() */
	smp_store_release(&oldest->is_open, true);
	lane->workers[0].work.func = work;
	/* what it was asked for meanwhile it did not do */
	queue_work(f->wg->path->rx.workqueue, &lane->workers[0].work);
	poll_let_go(f);
	fixture_await(f, (WG_RX_RING - 4) * 9 + 60);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&f->arrived),
			(WG_RX_RING - 4) * 9 + 60);
	KUNIT_EXPECT_TRUE(test, is_ring_empty(f));
	KUNIT_EXPECT_EQ(test, refcount_read(&b->session.session->refs), 1);
}

static void a_session_may_end_with_batches_under_way(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct wg_peer *peer = w->remote->peer;

	use_ring(f);
	send_batches(test, w, 10, 44);
	spin_lock_bh(&peer->lock);
	wg_session_end_all_locked(peer);
	spin_unlock_bh(&peer->lock);
	expect_all_accounted(test, f, 440);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
}

static void a_peer_may_go_with_batches_under_way(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct wg_peer *peer = w->remote->peer;

	use_ring(f);
	refcount_inc(&peer->refs);
	send_batches(test, w, 10, 44);
	fixture_kill(f, w->remote);
	expect_all_accounted(test, f, 440);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
	wg_peer_put(peer);
}

/* Nothing is left before the ring. */
static void await_poll(struct kunit *test, struct fixture *f)
{
	KUNIT_EXPECT_TRUE(test, comes_true(!poll_waiting(f)));
}

static void a_device_may_go_down_with_batches_under_way(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	use_ring(f);
	send_batches(test, w, 7, 9);
	await_poll(test, f);
	fixture_up(f, false);
	expect_all_accounted(test, f, 63);
	KUNIT_EXPECT_TRUE(test, is_ring_empty(f));
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&w->remote->peer->refs), 1);

	fixture_up(f, true);
	skb_queue_purge(&f->arrived);
	w->session = fixture_initiate(test, w->remote);
	w->number = 0;
	send_batches(test, w, 1, 44);
	expect_inners(test, f, 0, 44, 600);
}

/* The worker is stopped before it gets to them, where there is one CPU. */
static void what_is_in_the_ring_is_dropped_when_it_stops(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	use_ring(f);
	send_batches(test, w, 7, 9);
	await_poll(test, f);
	mutex_lock(&f->wg->config_lock);
	wg_path_stop(f->wg);
	KUNIT_EXPECT_TRUE(test, is_ring_empty(f));
	expect_all_accounted(test, f, 63);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_OTHER_PEER_GONE),
			fixture_peer_drops(w->remote->peer,
					   WG_DROP_OTHER_PEER_GONE));
	KUNIT_EXPECT_EQ(test, refcount_read(&w->session.session->refs), 1);
	wg_path_start(f->wg);
	mutex_unlock(&f->wg->config_lock);
	skb_queue_purge(&f->arrived);
	w->number = 0;
	send_batches(test, w, 1, 44);
	expect_inners(test, f, 0, 44, 600);
}

static struct kunit_case ring_test_cases[] = {
	KUNIT_CASE(the_ring_keeps_the_order),
	KUNIT_CASE(small_batches_queue_behind_the_ring),
	KUNIT_CASE(a_full_ring_loses_nothing),
	KUNIT_CASE(a_full_ring_is_never_overrun),
	KUNIT_CASE(a_session_may_end_with_batches_under_way),
	KUNIT_CASE(a_peer_may_go_with_batches_under_way),
	KUNIT_CASE(a_device_may_go_down_with_batches_under_way),
	KUNIT_CASE(what_is_in_the_ring_is_dropped_when_it_stops),
	{}
};

static struct kunit_suite ring_test_suite = {
	.name = "wg_ring",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = ring_test_cases,
};

kunit_test_suite(ring_test_suite);
