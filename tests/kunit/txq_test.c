// SPDX-License-Identifier: GPL-2.0
/*
 * What waits on a peer: in which order, whose memory it is, how much it may be,
 * and that there is always somebody who will send or drop it.
 */
#include "core/txq.h"

#include <net/sock.h>

#include "path/cb.h"
#include "reader.h"

static const struct packet_form small = { .payload = 200, .to = 1 };

static const struct packet_form large = {
	.is_tcp = true, .payload = 44 * 1360, .size = 1360, .to = 1,
};

/* Submit a small packet. A caller without @ctx cannot send now. */
static enum wg_tx_answer submit(struct kunit *test, struct wg_peer *peer,
				struct wg_tx_context *ctx)
{
	const struct wg_tx_batch batch = {
		.list = packet_make(test, &small),
		.messages = 1,
		.bytes = 256,
	};
	enum wg_tx_answer answer;

	rcu_read_lock_bh();
	answer = wg_txq_submit(peer, &batch, ctx);
	rcu_read_unlock_bh();
	if (answer == WG_TX_SEND)
		kfree_skb(batch.list);
	return answer;
}

static void set_flushing(struct wg_peer *peer, bool is_flushing)
{
	spin_lock_bh(&peer->lock);
	peer->txq.is_flushing = is_flushing;
	spin_unlock_bh(&peer->lock);
}

static void newer_packets_stand_in_line(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	struct wg_tx_context ctx;

	fixture_initiate(test, remote);
	KUNIT_EXPECT_EQ(test, submit(test, peer, &ctx), WG_TX_SEND);
	KUNIT_EXPECT_EQ(test, submit(test, peer, NULL), WG_TX_FLUSH);
	KUNIT_EXPECT_EQ(test, submit(test, peer, &ctx), WG_TX_FLUSH);
	set_flushing(peer, true);
	KUNIT_EXPECT_EQ(test, submit(test, peer, &ctx), WG_TX_QUEUED);
	wg_txq_purge(peer, WG_DROP_STAGED_STALE);
	KUNIT_EXPECT_EQ(test, submit(test, peer, &ctx), WG_TX_QUEUED);
	KUNIT_EXPECT_EQ(test, staged(remote), 1);
	wg_txq_purge(peer, WG_DROP_STAGED_STALE);
	set_flushing(peer, false);
	KUNIT_EXPECT_EQ(test, submit(test, peer, &ctx), WG_TX_SEND);
	KUNIT_EXPECT_EQ(test, ctx.counter, 1);
	KUNIT_EXPECT_EQ(test, peer->counters.tx_packets, 2);
}

/* Neither is who took packets off the line stopped by those behind them. */
static void the_flusher_need_not_stand_in_line(struct kunit *test)
{
	const struct wg_tx_batch batch = { .messages = 64, .bytes = 64 * 128 };
	struct remote *remote = fixture_remote(test);
	struct wg_tx_context ctx;

	fixture_initiate(test, remote);
	submit(test, remote->peer, NULL);
	set_flushing(remote->peer, true);
	rcu_read_lock_bh();
	KUNIT_EXPECT_TRUE(test, wg_tx_reserve(remote->peer, &batch, &ctx));
	rcu_read_unlock_bh();
	KUNIT_EXPECT_EQ(test, ctx.counter, 0);
	set_flushing(remote->peer, false);
}

/* The packets, and who waits for the timer, are one step of the lock. */
/* In the tick after one with enough packets. Return: when, in ticks. */
static unsigned long begin_burst(struct wg_peer *peer)
{
	unsigned long tick = jiffies;

	spin_lock_bh(&peer->lock);
	peer->txq.burst = (struct wg_burst){
		.tick = tick, .sent = WG_BURST_PACKETS, .is_on = true,
	};
	spin_unlock_bh(&peer->lock);
	return tick;
}

static void packets_of_a_burst_ask_for_one_timer(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	enum wg_tx_answer answer;
	struct wg_tx_context ctx;
	unsigned long tick;

	fixture_initiate(test, remote);
	while (staged(remote) < 65) {
		tick = begin_burst(peer);
		answer = submit(test, peer, &ctx);
		if (jiffies - tick > 1) /* a slow machine: the burst was over */
			continue;
		KUNIT_EXPECT_EQ(test, answer,
				staged(remote) == 1 ? WG_TX_COALESCE :
				staged(remote) < WG_TXQ_BATCH ? WG_TX_QUEUED :
								WG_TX_FLUSH);
	}
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 3);
	WRITE_ONCE(peer->txq.is_coalescing, false);
	wg_peer_put(peer);
}

static void without_a_session_one_is_asked_for(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_tx_context ctx;
	unsigned int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, submit(test, remote->peer, &ctx),
				WG_TX_QUEUED);
	KUNIT_EXPECT_EQ(test, staged(remote), 3);
	KUNIT_EXPECT_NE(test, remote->peer->timers.give_up_ns, WG_NEVER_NS);
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_drain(test->priv), 1);
}

static void a_dead_peer_keeps_nothing(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	struct wg_tx_context ctx;

	fixture_initiate(test, remote);
	refcount_inc(&peer->refs);
	fixture_kill(test->priv, remote);
	KUNIT_EXPECT_EQ(test, submit(test, peer, &ctx), WG_TX_QUEUED);
	KUNIT_EXPECT_TRUE(test, wg_txq_is_empty(&peer->txq));
	KUNIT_EXPECT_EQ(test, fixture_drops(test->priv,
					    WG_DROP_OTHER_PEER_GONE), 1);
	wg_peer_put(peer);
}

/* What the remote sides' socket is charged for. */
static unsigned int charged(struct kunit *test)
{
	struct fixture *f = test->priv;

	return refcount_read(&f->sock->sk->sk_wmem_alloc) - 1;
}

static struct sk_buff *make_owned(struct kunit *test)
{
	struct sk_buff *skb = packet_make(test, &small);
	struct fixture *f = test->priv;

	skb_set_owner_w(skb, f->sock->sk);
	return skb;
}

/* A peer that does not answer keeps nobody from sending to others. */
static void what_waits_for_a_session_is_not_charged(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	unsigned int i;

	for (i = 0; i < 5; i++)
		xmit(test->priv, make_owned(test));
	KUNIT_EXPECT_EQ(test, staged(remote), 5);
	KUNIT_EXPECT_EQ(test, charged(test), 0);
}

static unsigned int staged_bytes(struct remote *remote)
{
	struct sk_buff *skb;
	unsigned int bytes = 0;

	spin_lock_bh(&remote->peer->lock);
	skb_queue_walk(&remote->peer->txq.packets, skb)
		bytes += skb->len;
	spin_unlock_bh(&remote->peer->lock);
	return bytes;
}

static unsigned int letting_go; /* how often it was */

static void count_letting_go(struct sk_buff *skb)
{
	letting_go++;
}

/* With each packet that comes, no more than that one is looked at. */
static void what_waits_already_is_passed_over(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_txq *txq = &remote->peer->txq;
	unsigned int i;

	letting_go = 0;
	for (i = 0; i < 5; i++)
		xmit(test->priv, packet_make(test, &small));
	spin_lock_bh(&remote->peer->lock);
	skb_peek(&txq->packets)->destructor = count_letting_go;
	spin_unlock_bh(&remote->peer->lock);
	xmit(test->priv, packet_make(test, &small));
	KUNIT_EXPECT_EQ(test, letting_go, 0);
	KUNIT_EXPECT_EQ(test, txq->bytes, staged_bytes(remote));
	wg_txq_purge(remote->peer, WG_DROP_STAGED_STALE);
	KUNIT_EXPECT_EQ(test, letting_go, 1);
	KUNIT_EXPECT_EQ(test, txq->bytes, 0);
}

/* Nor what waited for its turn only, when the session ends meanwhile. */
static void what_waited_under_a_session_is_let_go_without(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	unsigned int i;

	fixture_initiate(test, remote);
	spin_lock_bh(&peer->lock);
	peer->txq.is_flushing = true;
	spin_unlock_bh(&peer->lock);
	for (i = 0; i < 5; i++)
		xmit(test->priv, make_owned(test));
	KUNIT_EXPECT_EQ(test, staged(remote), 5);
	KUNIT_EXPECT_GT(test, charged(test), 0);
	spin_lock_bh(&peer->lock);
	peer->txq.is_flushing = false;
	wg_session_end_all_locked(peer);
	spin_unlock_bh(&peer->lock);
	wg_tx_flush(peer);
	KUNIT_EXPECT_EQ(test, staged(remote), 5);
	KUNIT_EXPECT_EQ(test, charged(test), 0);
}

/* The kernel's own module holds 128 packets, cut to the MTU. */
#define WAITING_BYTES (128 * 1500)

static void large_packets_wait_in_bounded_memory(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct sk_buff *newest = NULL;
	unsigned int i;

	for (i = 0; i < 40; i++) {
		newest = packet_make(test, &large);
		xmit(f, newest);
		KUNIT_EXPECT_LE(test, staged_bytes(remote), WAITING_BYTES);
		KUNIT_EXPECT_EQ(test, remote->peer->txq.bytes,
				staged_bytes(remote));
		KUNIT_EXPECT_PTR_EQ(test,
				    skb_peek_tail(&remote->peer->txq.packets),
				    newest);
	}
	KUNIT_EXPECT_GT(test, staged(remote), 1);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_STAGED_FULL),
			(40 - staged(remote)) * 44);
}

static void the_newest_packet_always_fits(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct sk_buff *skb = packet_make(test, &small);

	send(test, &small);
	skb->len = WAITING_BYTES + 1;
	xmit(test->priv, skb);
	KUNIT_EXPECT_EQ(test, staged(remote), 1);
	KUNIT_EXPECT_PTR_EQ(test, skb_peek(&remote->peer->txq.packets), skb);
}

/* Where nobody will ask for a session, nothing waits for one. */
static void nothing_waits_without_an_attempt(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	fixture_up(f, false);
	KUNIT_EXPECT_EQ(test, send(test, &small), NETDEV_TX_OK);
	KUNIT_EXPECT_EQ(test, staged(remote), 0);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_DEVICE_DOWN), 1);
	fixture_up(f, true);
}

static struct remote_session late; /* for come_late() */

/* The session may send again, and who made it so flushes, as always. */
static void come_late(struct sk_buff *skb)
{
	struct wg_peer *peer = late.session->peer;

	spin_lock(&peer->lock);
	late.session->send_counter = 0;
	spin_unlock(&peer->lock);
	wg_tx_flush(peer);
}

/*
 * The fatal order: a flush finds that its batch cannot be numbered, and before
 * it has ended the session comes. The packet that is one too many says when.
 */
static void a_session_that_comes_while_a_flush_ends_is_used(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct sk_buff *skb;
	unsigned int i;

	late = fixture_initiate(test, remote);
	late.session->send_counter = WG_REJECT_AFTER_MESSAGES - 10;
	for (i = 0; i <= WG_STAGED_MAX; i++) {
		skb = packet_make(test, &small);
		*wg_tx_cb(skb) = (struct wg_tx_cb){ .mtu = MTU };
		if (!i)
			skb->destructor = come_late;
		put_waiting(remote, skb);
	}
	wg_tx_flush(remote->peer);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_STAGED_FULL), 1);
	KUNIT_EXPECT_EQ(test, staged(remote), 0);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.tx_packets, WG_STAGED_MAX);
	KUNIT_EXPECT_FALSE(test, remote->peer->txq.is_flushing);
	KUNIT_EXPECT_EQ(test, remote->peer->txq.bytes, 0);
}

static struct kunit_case txq_test_cases[] = {
	KUNIT_CASE(newer_packets_stand_in_line),
	KUNIT_CASE(the_flusher_need_not_stand_in_line),
	KUNIT_CASE(packets_of_a_burst_ask_for_one_timer),
	KUNIT_CASE(without_a_session_one_is_asked_for),
	KUNIT_CASE(a_dead_peer_keeps_nothing),
	KUNIT_CASE(what_waits_for_a_session_is_not_charged),
	KUNIT_CASE(what_waits_already_is_passed_over),
	KUNIT_CASE(what_waited_under_a_session_is_let_go_without),
	KUNIT_CASE(large_packets_wait_in_bounded_memory),
	KUNIT_CASE(the_newest_packet_always_fits),
	KUNIT_CASE(nothing_waits_without_an_attempt),
	KUNIT_CASE(a_session_that_comes_while_a_flush_ends_is_used),
	{}
};

static struct kunit_suite txq_test_suite = {
	.name = "wg_txq",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = txq_test_cases,
};

kunit_test_suite(txq_test_suite);
