// SPDX-License-Identifier: GPL-2.0
/*
 * What waits on a peer: whose memory it is, how much it may be, and that there
 * is always somebody who will send or drop it.
 */
#include "path/stage.h"

#include <net/sock.h>

#include "path/cb.h"
#include "reader.h"

static const struct packet_form small = { .payload = 200, .to = 1 };

static const struct packet_form large = {
	.is_tcp = true, .payload = 44 * 1360, .size = 1360, .to = 1,
};

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

/* Nor what waited for its turn only, when the session ends meanwhile. */
static void what_waited_under_a_session_is_let_go_without(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	unsigned int i;

	fixture_initiate(test, remote);
	spin_lock_bh(&peer->lock);
	peer->is_flushing = true;
	spin_unlock_bh(&peer->lock);
	for (i = 0; i < 5; i++)
		xmit(test->priv, make_owned(test));
	KUNIT_EXPECT_EQ(test, staged(remote), 5);
	KUNIT_EXPECT_GT(test, charged(test), 0);
	spin_lock_bh(&peer->lock);
	peer->is_flushing = false;
	wg_session_end_all_locked(peer);
	spin_unlock_bh(&peer->lock);
	wg_tx_flush(peer);
	KUNIT_EXPECT_EQ(test, staged(remote), 5);
	KUNIT_EXPECT_EQ(test, charged(test), 0);
}

/* The kernel's own module holds 128 packets, cut to the MTU. */
#define WAITING_BYTES (128 * 1500)

static unsigned int staged_bytes(struct remote *remote)
{
	struct sk_buff *skb;
	unsigned int bytes = 0;

	spin_lock_bh(&remote->peer->lock);
	skb_queue_walk(&remote->peer->staged, skb)
		bytes += skb->len;
	spin_unlock_bh(&remote->peer->lock);
	return bytes;
}

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
		KUNIT_EXPECT_PTR_EQ(test, skb_peek_tail(&remote->peer->staged),
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
	KUNIT_EXPECT_PTR_EQ(test, skb_peek(&remote->peer->staged), skb);
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
		__skb_queue_tail(&remote->peer->staged, skb);
	}
	wg_tx_flush(remote->peer);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_STAGED_FULL), 1);
	KUNIT_EXPECT_EQ(test, staged(remote), 0);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.tx_packets, WG_STAGED_MAX);
	KUNIT_EXPECT_FALSE(test, remote->peer->is_flushing);
}

static struct kunit_case stage_test_cases[] = {
	KUNIT_CASE(what_waits_for_a_session_is_not_charged),
	KUNIT_CASE(what_waited_under_a_session_is_let_go_without),
	KUNIT_CASE(large_packets_wait_in_bounded_memory),
	KUNIT_CASE(the_newest_packet_always_fits),
	KUNIT_CASE(nothing_waits_without_an_attempt),
	KUNIT_CASE(a_session_that_comes_while_a_flush_ends_is_used),
	{}
};

static struct kunit_suite stage_test_suite = {
	.name = "wg_stage",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = stage_test_cases,
};

kunit_test_suite(stage_test_suite);
