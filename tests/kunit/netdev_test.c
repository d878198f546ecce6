// SPDX-License-Identifier: GPL-2.0
/*
 * What befalls a device from outside: a machine that sleeps, a virtual machine
 * that was copied while it ran. That the kernel says so, through notifiers that
 * no module may call, is tests/net/suspend.sh.
 */
#include "ctl/netdev.h"

#include <linux/random.h>

#include "writer.h"

/* Say what the driver of the generation counter says. False: it is no module. */
static bool fork_machine(void)
{
#if IS_MODULE(CONFIG_VMGENID)
	static const u8 generation[16] = { 4, 8, 15, 16, 23, 42 };

	add_vmfork_randomness(generation, sizeof(generation));
	return true;
#else
	return false;
#endif
}

static void expect_no_session(struct kunit *test, struct remote *remote)
{
	unsigned int i;

	for (i = 0; i < WG_SLOT_COUNT; i++)
		KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, i));
	KUNIT_EXPECT_EQ(test, fixture_hs_state(remote->peer), WG_NOISE_NONE);
}

static void end_attempt(struct wg_peer *peer)
{
	fixture_settle();
	spin_lock_bh(&peer->lock);
	peer->timers.retry_ns = WG_NEVER_NS;
	peer->timers.give_up_ns = WG_NEVER_NS;
	spin_unlock_bh(&peer->lock);
}

/* Both machines would number messages under the same keys by the same counters. */
static void a_copy_of_the_machine_ends_every_session(struct kunit *test)
{
	struct remote *one = fixture_remote(test), *two = fixture_remote(test);
	struct wg_message_initiation initiation;
	__le32 index;

	fixture_initiate(test, one);
	fixture_respond(test, one);
	index = fixture_initiate(test, two).session->index.value;
	fixture_write_initiation(two->peer, &initiation);
	/* who waits for a session goes on to, by another initiation */
	end_attempt(two->peer);
	if (!fork_machine())
		kunit_skip(test, "this kernel exports no way to say it");
	expect_no_session(test, one);
	expect_no_session(test, two);
	rcu_read_lock();
	KUNIT_EXPECT_NULL(test, wg_session_by_index_rcu(two->peer->wg, index));
	rcu_read_unlock();
	fixture_initiate(test, one);
	fixture_initiate(test, two);
}

/* Packets wait for the next session as they would have for the first one. */
static void a_copy_of_the_machine_loses_no_packet(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct sk_buff *waiting = fixture_datagram(test, 100);

	skb_put_zero(waiting, 100);
	put_waiting(remote, waiting);
	if (!fork_machine())
		kunit_skip(test, "this kernel exports no way to say it");
	KUNIT_EXPECT_EQ(test,
			skb_queue_len_lockless(&remote->peer->txq.packets), 1);
	KUNIT_EXPECT_TRUE(test, netif_running(f->dev));
}

/* When the call returns, the keys are not in memory any more. */
static void a_machine_that_sleeps_has_no_keys(struct kunit *test)
{
	struct remote *one = fixture_remote(test), *two = fixture_remote(test);
	struct wg_message_initiation initiation;

	fixture_initiate(test, one);
	fixture_respond(test, one);
	fixture_initiate(test, two);
	fixture_write_initiation(two->peer, &initiation);
	wg_netdev_sleep();
	expect_no_session(test, one);
	expect_no_session(test, two);
	/* a session that is not freed, and so wiped, holds its peer */
	KUNIT_EXPECT_EQ(test, refcount_read(&one->peer->refs), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&two->peer->refs), 1);
	wg_netdev_wake();
	fixture_initiate(test, one);
	fixture_respond(test, two);
}

/* A handshake that began before, and one that begins now. */
static void no_session_begins_in_a_machine_that_sleeps(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_message_initiation ours, theirs;
	struct wg_message_response response;
	struct wg_endpoint from = { };
	struct wg_noise_handshake hs;
	struct wg_peer *peer = NULL;

	KUNIT_ASSERT_EQ(test, fixture_write_initiation(remote->peer, &ours), 0);
	KUNIT_ASSERT_EQ(test, fixture_answer(remote, &ours, 7, &response, &hs),
			0);
	wg_netdev_sleep();
	KUNIT_EXPECT_NE(test, wg_handshake_complete(f->wg, &response, &from,
						    &peer), 0);
	KUNIT_EXPECT_NULL(test, peer);
	KUNIT_ASSERT_EQ(test, fixture_remote_initiation(remote, &theirs, &hs),
			0);
	KUNIT_EXPECT_NE(test, wg_handshake_respond(f->wg, &theirs, &from,
						   &response, &peer), 0);
	if (peer)
		wg_peer_put(peer);
	KUNIT_EXPECT_NE(test, fixture_write_initiation(remote->peer, &ours), 0);
	expect_no_session(test, remote);
	wg_netdev_wake();
	fixture_initiate(test, remote);
}

static void a_device_sleeps_in_whatever_state_it_is(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	wg_netdev_sleep();
	fixture_up(f, false);
	wg_netdev_wake();
	KUNIT_EXPECT_FALSE(test, f->wg->is_running);
	wg_netdev_sleep();
	fixture_up(f, true);
	KUNIT_EXPECT_FALSE(test, f->wg->is_running);
	wg_netdev_wake();
	KUNIT_EXPECT_TRUE(test, f->wg->is_running);
	wg_netdev_wake(); /* there is none without a sleep; be it so */
	fixture_initiate(test, remote);
}

/* Between the notifiers and the freezer processes still send. */
static void what_waits_through_a_sleep_leaves_afterwards(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct sk_buff *waiting = fixture_datagram(test, 100);

	skb_put_zero(waiting, 100);
	wg_netdev_sleep();
	put_waiting(remote, waiting);
	wg_netdev_wake();
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 1);
	KUNIT_EXPECT_EQ(test, fixture_hs_state(remote->peer),
			WG_NOISE_INITIATION_SENT);
}

static void what_comes_in_a_sleep_is_received_afterwards(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *junk = fixture_datagram(test, 100);

	skb_put_zero(junk, 100);
	wg_netdev_sleep();
	KUNIT_ASSERT_EQ(test, fixture_inject(f, junk, SOURCE_PORT), 0);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_BAD_TYPE), 0);
	wg_netdev_wake();
	expect_drops(test, f, WG_DROP_BAD_TYPE, 1);
}

static struct kunit_case netdev_test_cases[] = {
	KUNIT_CASE(a_copy_of_the_machine_ends_every_session),
	KUNIT_CASE(a_copy_of_the_machine_loses_no_packet),
	KUNIT_CASE(a_machine_that_sleeps_has_no_keys),
	KUNIT_CASE(no_session_begins_in_a_machine_that_sleeps),
	KUNIT_CASE(a_device_sleeps_in_whatever_state_it_is),
	KUNIT_CASE(what_waits_through_a_sleep_leaves_afterwards),
	KUNIT_CASE(what_comes_in_a_sleep_is_received_afterwards),
	{}
};

static struct kunit_suite netdev_test_suite = {
	.name = "wg_netdev",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = netdev_test_cases,
};

kunit_test_suite(netdev_test_suite);
