// SPDX-License-Identifier: GPL-2.0
/*
 * Several lanes: each peer has one, in which its order is kept and in which it
 * waits for nobody of another lane; their number may change at any time.
 */
#include "path/rx.h"

#include "path/cb.h"
#include "poll.h"

#define LANES 4

static void set_lanes(struct kunit *test, unsigned int count)
{
	struct fixture *f = test->priv;

	rtnl_lock();
	mutex_lock(&f->wg->config_lock);
	KUNIT_EXPECT_EQ(test, wg_rx_set_lanes(&f->wg->path->rx, count), 0);
	mutex_unlock(&f->wg->config_lock);
	rtnl_unlock();
}

/* Those whose sessions hold data of @w's peer: one. */
static struct wg_rx_lane *lane_with(struct fixture *f, struct writer *w)
{
	struct wg_rx_lane *found = NULL, *lane;
	struct sk_buff *skb;
	unsigned int i;

	for (i = 0; i < LANES; i++) {
		lane = f->wg->path->rx.lanes[i];
		skb_queue_walk(&lane->arrived, skb)
			if (wg_rx_cb(skb)->session == w->session.session)
				found = lane;
	}
	return found;
}

static void hold_all(struct fixture *f)
{
	unsigned int i;

	for (i = 0; i < LANES; i++)
		poll_hold_lane(f->wg->path->rx.lanes[i]);
}

static void let_all_go(struct fixture *f)
{
	unsigned int i;

	for (i = 0; i < LANES; i++)
		poll_let_lane_go(f->wg->path->rx.lanes[i]);
}

static void write_one(struct kunit *test, struct writer *w)
{
	write_message(w, 200);
	send(test, w, 0);
}

/* Take all that arrived: each peer's in order. Return: how many. */
static unsigned int take_in_order(struct kunit *test, struct fixture *f)
{
	u16 next[256] = { };
	unsigned int count;
	struct sk_buff *skb;
	u8 n;

	for (count = 0; (skb = skb_dequeue(&f->arrived)); count++) {
		n = ntohl(ip_hdr(skb)->saddr) >> 16;
		KUNIT_EXPECT_EQ(test, ntohs(ip_hdr(skb)->id), next[n]);
		next[n] = ntohs(ip_hdr(skb)->id) + 1;
		kfree_skb(skb);
	}
	return count;
}

/* Of peers made one after the other each has a lane of its own. */
static void neighbours_have_different_lanes(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w[LANES];
	unsigned int i, j;

	set_lanes(test, LANES);
	hold_all(f);
	for (i = 0; i < LANES; i++) {
		w[i] = new_writer(test);
		write_one(test, w[i]);
	}
	for (i = 0; i < LANES; i++) {
		KUNIT_EXPECT_NOT_NULL(test, lane_with(f, w[i]));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, lane_with(f, w[i]),
					    lane_with(f, w[j]));
	}
	let_all_go(f);
	fixture_await(f, LANES);
	KUNIT_EXPECT_EQ(test, take_in_order(test, f), LANES);
}

static void each_peer_s_order_is_kept(struct kunit *test)
{
	const unsigned int rounds = 100;
	struct fixture *f = test->priv;
	struct writer *w[LANES];
	unsigned int i, j;

	f->wg->path->rx.worker_count = 1;
	for (i = 0; i < ARRAY_SIZE(w); i++)
		w[i] = new_writer(test);
	/* two of them share one */
	set_lanes(test, LANES - 1);
	for (i = 0; i < rounds; i++) {
		for (j = 0; j < ARRAY_SIZE(w); j++) {
			/* now and then one that goes by the ring */
			while (w[j]->len < (i + j) % 13 * message_len(200))
				write_message(w[j], 200);
			write_message(w[j], 200);
			send(test, w[j], message_len(200));
		}
	}
	for (i = 0, j = 0; i < ARRAY_SIZE(w); i++)
		j += w[i]->number;
	fixture_await(f, j);
	KUNIT_EXPECT_EQ(test, take_in_order(test, f), j);
}

static void nobody_waits_for_another_lane(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *a = new_writer(test), *b = new_writer(test);
	struct wg_rx_lane *slow;

	set_lanes(test, LANES);
	hold_all(f);
	write_one(test, a);
	slow = lane_with(f, a);
	KUNIT_ASSERT_NOT_NULL(test, slow);
	let_all_go(f);
	fixture_await(f, 1);
	skb_queue_purge(&f->arrived);

	poll_hold_lane(slow);
	write_one(test, a);
	write_one(test, b);
	fixture_await(f, 1);
	expect_inner(test, f, 0, 200);
	expect_quiet(test, f);
	poll_let_lane_go(slow);
	fixture_await(f, 1);
	expect_inner(test, f, 1, 200);
}

/* Who sends more than is taken loses it, and nobody else does. */
static void a_full_lane_is_its_peers_own(struct kunit *test)
{
	const unsigned int most = 10000;
	struct fixture *f = test->priv;
	struct writer *a = new_writer(test), *b = new_writer(test);
	struct wg_rx_lane *full;
	unsigned int sent, i;

	set_lanes(test, LANES);
	hold_all(f);
	write_one(test, a);
	full = lane_with(f, a);
	KUNIT_ASSERT_NOT_NULL(test, full);
	for (sent = 1; sent < most; sent += 40) {
		for (i = 0; i < 40; i++)
			write_message(a, 1392);
		send(test, a, message_len(1392));
		if (fixture_drops(f, WG_DROP_RX_QUEUE_FULL))
			break;
	}
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_RX_QUEUE_FULL), 40);
	write_one(test, b);
	KUNIT_EXPECT_NOT_NULL(test, lane_with(f, b));
	let_all_go(f);
	fixture_await(f, sent + 1);
	KUNIT_EXPECT_EQ(test, take_in_order(test, f), sent + 1);
	KUNIT_EXPECT_EQ(test, full->bytes, 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&a->session.session->refs), 1);
}

static void lanes_may_come_and_go_with_data_under_way(struct kunit *test)
{
	const unsigned int rounds = 60;
	struct fixture *f = test->priv;
	struct writer *w[LANES];
	unsigned int i, j;

	for (i = 0; i < LANES; i++)
		w[i] = new_writer(test);
	for (i = 0; i < rounds; i++) {
		local_bh_disable();
		for (j = 0; j < LANES; j++)
			write_one(test, w[j]);
		local_bh_enable();
		set_lanes(test, 1 + i % LANES);
	}
	fixture_await(f, rounds * LANES);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&f->arrived), rounds * LANES);
	for (i = 0; i < LANES; i++)
		KUNIT_EXPECT_EQ(test,
				refcount_read(&w[i]->session.session->refs), 1);
}

static void what_waits_in_a_lane_outlives_its_session(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct wg_peer *peer = w->remote->peer;

	poll_hold(f);
	write_one(test, w);
	write_one(test, w);
	spin_lock_bh(&peer->lock);
	wg_session_end_all_locked(peer);
	spin_unlock_bh(&peer->lock);
	rcu_barrier();
	poll_let_go(f);
	expect_drops(test, f, WG_DROP_SESSION_STALE, 2);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
}

static void what_waits_in_a_lane_goes_with_the_device(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	unsigned int i;

	set_lanes(test, LANES);
	hold_all(f);
	for (i = 0; i < 3; i++)
		write_one(test, w);
	KUNIT_EXPECT_NOT_NULL(test, lane_with(f, w));
	/* nothing polls before they are stopped */
	mutex_lock(&f->wg->config_lock);
	for (i = 0; i < LANES; i++)
		napi_enable(&f->wg->path->rx.lanes[i]->napi);
	wg_path_stop(f->wg);
	expect_drops(test, f, WG_DROP_OTHER_PEER_GONE, 3);
	KUNIT_EXPECT_EQ(test, refcount_read(&w->session.session->refs), 1);
	/* what comes now waits until it starts again */
	write_one(test, w);
	expect_quiet(test, f);
	wg_path_start(f->wg);
	mutex_unlock(&f->wg->config_lock);
	fixture_await(f, 1);
	expect_inner(test, f, 3, 200);
}

static struct kunit_case lanes_test_cases[] = {
	KUNIT_CASE(neighbours_have_different_lanes),
	KUNIT_CASE(each_peer_s_order_is_kept),
	KUNIT_CASE(nobody_waits_for_another_lane),
	KUNIT_CASE(a_full_lane_is_its_peers_own),
	KUNIT_CASE(lanes_may_come_and_go_with_data_under_way),
	KUNIT_CASE(what_waits_in_a_lane_outlives_its_session),
	KUNIT_CASE(what_waits_in_a_lane_goes_with_the_device),
	{}
};

static struct kunit_suite lanes_test_suite = {
	.name = "wg_lanes",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = lanes_test_cases,
};

kunit_test_suite(lanes_test_suite);
