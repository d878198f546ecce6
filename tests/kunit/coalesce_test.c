// SPDX-License-Identifier: GPL-2.0
/*
 * Single packets of a burst: they wait to be coalesced, leave together by the
 * timer or when there are enough, and are accounted for when device or peer
 * end meanwhile. With BHs disabled no timer lets them go.
 */
#include "path/coalesce.h"

#include "path/cb.h"
#include "reader.h"

/* Packets of a burst have different lengths, the first few one padded length. */
static struct packet_form numbered(unsigned int i)
{
	return (struct packet_form){ .payload = 200 + i, .to = 1 };
}

/* What follows within this tick, or the next one, is part of a burst. */
static void begin_burst(struct wg_peer *peer)
{
	spin_lock_bh(&peer->lock);
	peer->txq.burst = (struct wg_burst){
		.tick = jiffies, .sent = WG_BURST_PACKETS, .is_on = true,
	};
	spin_unlock_bh(&peer->lock);
}

/*
 * Send packets number @first to @end - 1 of a burst. BHs are disabled on
 * return: what waits then waits until they are enabled.
 */
static void hold_burst(struct kunit *test, struct remote *remote,
		       unsigned int first, unsigned int end)
{
	struct sk_buff_head packets;
	struct packet_form form;
	struct sk_buff *skb;
	unsigned int i;

	__skb_queue_head_init(&packets);
	for (i = first; i < end; i++) {
		form = numbered(i);
		__skb_queue_tail(&packets, packet_make(test, &form));
	}
	local_bh_disable();
	while ((skb = __skb_dequeue(&packets))) {
		begin_burst(remote->peer);
		KUNIT_EXPECT_EQ(test, xmit(test->priv, skb), NETDEV_TX_OK);
	}
}

static void expect_burst(struct kunit *test, struct reader *r,
			 unsigned int first, unsigned int end)
{
	struct packet_form form;
	unsigned int i;

	for (i = first; i < end; i++) {
		form = numbered(i);
		expect_list(test, r, packet_expected(test, &form));
	}
}

/* A session was asked for; under it the first @count packets arrive. */
static void expect_under_new_session(struct kunit *test, struct remote *remote,
				     unsigned int count)
{
	struct reader *r;

	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_drain(test->priv), 1);
	r = make_reader(test, fixture_initiate(test, remote));
	wg_tx_flush(remote->peer);
	expect_burst(test, r, 0, count);
	expect_nothing_more(test, r);
}

/* The timer has fired, and whoever it let go has let go of its peer. */
static void expect_released(struct kunit *test, struct wg_peer *peer,
			    unsigned int refs)
{
	KUNIT_EXPECT_TRUE(test,
			  comes_true(!READ_ONCE(peer->txq.is_coalescing)));
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), refs);
}

static void a_lone_packet_leaves_at_once(struct kunit *test)
{
	struct packet_form form = numbered(0);
	struct reader *r = new_reader(test);
	struct sk_buff *skb = packet_make(test, &form);

	local_bh_disable();
	xmit(r->f, skb);
	KUNIT_EXPECT_EQ(test, staged(r->remote), 0);
	KUNIT_EXPECT_EQ(test, r->remote->peer->counters.tx_packets, 1);
	local_bh_enable();
	expect_burst(test, r, 0, 1);
}

static void a_burst_leaves_by_the_timer_as_one_run(struct kunit *test)
{
	struct reader *r = new_reader(test);

	hold_burst(test, r->remote, 0, 5);
	KUNIT_EXPECT_EQ(test, staged(r->remote), 5);
	KUNIT_EXPECT_EQ(test, r->remote->peer->counters.tx_packets, 0);
	local_bh_enable();
	expect_released(test, r->remote->peer, 2);
	KUNIT_EXPECT_EQ(test, staged(r->remote), 0);
	expect_burst(test, r, 0, 5);
	expect_nothing_more(test, r);
	KUNIT_EXPECT_EQ(test, r->runs, 1);
}

/* Nobody waits for the timer once there are enough for a run. */
static void a_full_run_leaves_at_once(struct kunit *test)
{
	struct reader *r = new_reader(test);

	hold_burst(test, r->remote, 0, WG_GSO_MESSAGES_MAX + 3);
	KUNIT_EXPECT_EQ(test, staged(r->remote), 3);
	KUNIT_EXPECT_EQ(test, r->remote->peer->counters.tx_packets,
			WG_GSO_MESSAGES_MAX);
	local_bh_enable();
	expect_released(test, r->remote->peer, 2);
	expect_burst(test, r, 0, WG_GSO_MESSAGES_MAX + 3);
	expect_nothing_more(test, r);
}

static void a_gso_packet_takes_along_what_waits(struct kunit *test)
{
	struct packet_form form = { .is_tcp = true, .payload = 3000,
				    .size = 1000, .to = 1 };
	struct reader *r = new_reader(test);
	struct sk_buff *skb = packet_make(test, &form);

	hold_burst(test, r->remote, 0, 3);
	xmit(r->f, skb);
	KUNIT_EXPECT_EQ(test, staged(r->remote), 0);
	KUNIT_EXPECT_EQ(test, r->remote->peer->counters.tx_packets, 6);
	local_bh_enable();
	expect_burst(test, r, 0, 3);
	expect_list(test, r, packet_expected(test, &form));
	expect_nothing_more(test, r);
	expect_released(test, r->remote->peer, 2);
}

/* Who is answered is no burst: the next packet may be a question. */
static void a_message_from_the_peer_ends_the_waiting(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct remote_session session = fixture_initiate(test, remote);
	struct sk_buff *skb = fixture_datagram(test, WG_DATA_OVERHEAD);

	begin_burst(remote->peer);
	fixture_seal(&session, skb_put(skb, WG_DATA_OVERHEAD), NULL, 0);
	KUNIT_ASSERT_EQ(test, fixture_inject(f, skb, ntohs(f->port)), 0);
	comes_true(!READ_ONCE(remote->peer->txq.burst.is_on));
	KUNIT_EXPECT_FALSE(test, remote->peer->txq.burst.is_on);
	KUNIT_EXPECT_EQ(test, remote->peer->txq.burst.sent, 0);
}

/* Without a session packets wait as always, in one line with the others. */
static void without_a_session_nothing_is_coalesced(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);

	hold_burst(test, remote, 0, 3);
	KUNIT_EXPECT_FALSE(test, remote->peer->txq.is_coalescing);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, staged(remote), 3);
	expect_under_new_session(test, remote, 3);
}

/* --- what ends meanwhile --- */

/* The session ends: the packets are not lost, but wait for the next one. */
static void packets_outlive_the_session_they_waited_for(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);

	fixture_initiate(test, remote);
	hold_burst(test, remote, 0, 5);
	spin_lock_bh(&remote->peer->lock);
	remote->peer->timers.may_initiate_ns = 0;
	wg_session_end_all_locked(remote->peer);
	spin_unlock_bh(&remote->peer->lock);
	local_bh_enable();
	expect_released(test, remote->peer, 1);
	KUNIT_EXPECT_EQ(test, staged(remote), 5);
	expect_under_new_session(test, remote, 5);
}

static void a_killed_peer_drops_what_waits_once(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;

	fixture_initiate(test, remote);
	refcount_inc(&peer->refs);
	mutex_lock(&f->wg->config_lock);
	hold_burst(test, remote, 0, 5);
	KUNIT_EXPECT_EQ(test, staged(remote), 5);
	wg_peer_kill_locked(peer);
	KUNIT_EXPECT_EQ(test, staged(remote), 0);
	local_bh_enable();
	fixture_forget_ips(f, remote);
	fixture_finish(remote);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_OTHER_PEER_GONE), 5);
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 0);
	expect_released(test, peer, 1);
	wg_peer_put(peer);
}

static u64 count_lost(struct fixture *f)
{
	return fixture_drops(f, WG_DROP_OTHER_PEER_GONE) +
	       fixture_drops(f, WG_DROP_DEVICE_DOWN);
}

/*
 * However far the timer has come when the device goes down: a packet has left,
 * or is counted, as one that found no socket or one that nobody let go.
 */
static void a_device_may_go_down_while_packets_wait(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	unsigned int round, arrived, lost;
	struct reader *r;
	u64 before;

	for (round = 0; round < 20; round++) {
		r = make_reader(test, fixture_initiate(test, remote));
		before = count_lost(f);
		hold_burst(test, remote, 0, 5);
		local_bh_enable();
		if (round % 2)
			udelay(round * 5);
		fixture_up(f, false);
		lost = count_lost(f) - before;
		for (arrived = 0; next_plain(test, r) > 0; arrived++)
			;
		KUNIT_EXPECT_EQ_MSG(test, arrived + lost, 5, "round %u: %u lost",
				    round, lost);
		expect_released(test, remote->peer, 1);
		fixture_up(f, true);
	}
}

/* However far the timer has come when the peer is removed. */
static void a_peer_may_go_while_packets_wait(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_peer *peer;
	unsigned int round;
	struct remote *remote;

	for (round = 0; round < 20; round++) {
		f->remote_count = 0; /* the same remote side again and again */
		remote = fixture_remote(test);
		peer = remote->peer;
		refcount_inc(&peer->refs);
		fixture_initiate(test, remote);
		hold_burst(test, remote, 0, 5);
		local_bh_enable();
		if (round % 2)
			udelay(round * 5);
		fixture_kill(f, remote);
		expect_released(test, peer, 1);
		wg_peer_put(peer);
	}
}

static struct kunit_case coalesce_test_cases[] = {
	KUNIT_CASE(a_lone_packet_leaves_at_once),
	KUNIT_CASE(a_burst_leaves_by_the_timer_as_one_run),
	KUNIT_CASE(a_full_run_leaves_at_once),
	KUNIT_CASE(a_gso_packet_takes_along_what_waits),
	KUNIT_CASE(a_message_from_the_peer_ends_the_waiting),
	KUNIT_CASE(without_a_session_nothing_is_coalesced),
	KUNIT_CASE(packets_outlive_the_session_they_waited_for),
	KUNIT_CASE(a_killed_peer_drops_what_waits_once),
	KUNIT_CASE(a_device_may_go_down_while_packets_wait),
	KUNIT_CASE(a_peer_may_go_while_packets_wait),
	{}
};

static struct kunit_suite coalesce_test_suite = {
	.name = "wg_coalesce",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = coalesce_test_cases,
};

kunit_test_suite(coalesce_test_suite);
