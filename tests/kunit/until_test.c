// SPDX-License-Identifier: GPL-2.0
/*
 * Peers that end at a time: when the clock is looked at, and what is seen then.
 * The clock itself is not touched: the end moves instead.
 */
#include "ctl/until.h"

#include <linux/timekeeping.h>

#include "fixture.h"
#include "listener.h"
#include "packets.h"

static void set_until(struct remote *remote, s64 offset_s)
{
	struct wg_device *wg = remote->peer->wg;

	mutex_lock(&wg->config_lock);
	remote->peer->until_s = ktime_get_real_seconds() + offset_s;
	mutex_unlock(&wg->config_lock);
}

/* The clock is looked at, once. */
static void look(struct fixture *f)
{
	mod_delayed_work(f->wg->workqueue, &f->wg->until_work, 0);
	flush_delayed_work(&f->wg->until_work);
}

static void a_peer_ends_with_its_sessions(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *ending = fixture_remote(test);
	struct remote *lasting = fixture_remote(test);

	fixture_initiate(test, ending);
	fixture_initiate(test, lasting);
	set_until(ending, 0);
	set_until(lasting, 100);
	look(f);
	KUNIT_EXPECT_TRUE(test, ending->peer->is_off);
	KUNIT_EXPECT_NULL(test, fixture_slot(ending->peer, WG_SLOT_CURRENT));
	KUNIT_EXPECT_FALSE(test, lasting->peer->is_off);
	KUNIT_EXPECT_NOT_NULL(test,
			      fixture_slot(lasting->peer, WG_SLOT_CURRENT));
}

/* As for who sets a clock back that was wrong. */
static void a_peer_whose_end_is_ahead_again_is_on(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	set_until(remote, -5);
	look(f);
	KUNIT_EXPECT_TRUE(test, remote->peer->is_off);
	set_until(remote, 100);
	look(f);
	KUNIT_EXPECT_FALSE(test, remote->peer->is_off);
	fixture_initiate(test, remote);
}

static void a_peer_without_an_end_needs_no_clock(struct kunit *test)
{
	struct fixture *f = test->priv;

	fixture_remote(test);
	look(f);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&f->wg->until_work));
}

/* Is it the work's turn in @s seconds, late by as much as the kernel's wheel may be? */
static bool looks_within(struct fixture *f, unsigned int s)
{
	unsigned long now = jiffies, at = f->wg->until_work.timer.expires;

	return delayed_work_pending(&f->wg->until_work) &&
	       time_before_eq(at + (at - now) * 8 / 63, now + s * HZ);
}

/* Whatever is set, the clock is looked at within a minute. */
static void the_clock_may_jump(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *soon = fixture_remote(test);
	struct remote *never = fixture_remote(test);

	set_until(never, 1LL << 40);
	look(f);
	KUNIT_EXPECT_TRUE(test, looks_within(f, 60));
	set_until(soon, 5);
	look(f);
	KUNIT_EXPECT_TRUE(test, looks_within(f, 5));
	set_until(soon, -5);
	look(f);
	KUNIT_EXPECT_TRUE(test, looks_within(f, 60));
}

/* It waits for a handshake of a peer that ends; another one does so in 2 s. */
static void look_slowly(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *ending = fixture_remote(test);

	set_until(ending, 0);
	set_until(fixture_remote(test), 2);
	mutex_lock(&ending->peer->hs_lock);
	mod_delayed_work(f->wg->workqueue, &f->wg->until_work, 0);
	KUNIT_EXPECT_TRUE(test, comes_true(READ_ONCE(ending->peer->is_off)));
	msleep(100);
	mutex_unlock(&ending->peer->hs_lock);
	flush_workqueue(f->wg->workqueue);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&f->wg->until_work));
}

#define MANY_PEERS 1000000

static void looking_takes_a_hundredth_of_the_time(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->wg->peer_count += MANY_PEERS;
	look_slowly(test);
	f->wg->peer_count -= MANY_PEERS;
	KUNIT_EXPECT_FALSE(test, looks_within(f, 5));
}

static void what_others_take_is_no_cost_of_looking(struct kunit *test)
{
	struct fixture *f = test->priv;

	look_slowly(test);
	KUNIT_EXPECT_TRUE(test, looks_within(f, 2));
}

static void each_turn_of_the_clock_is_told_once(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct socket *sock = listen(test);

	set_until(remote, -5);
	look(f);
	KUNIT_EXPECT_EQ(test, hear(sock), WG_CMD_PEER_ENDED_NTF);
	look(f);
	KUNIT_EXPECT_EQ(test, hear(sock), 0);
	set_until(remote, 100);
	look(f);
	KUNIT_EXPECT_EQ(test, hear(sock), WG_CMD_PEER_RENEWED_NTF);
	KUNIT_EXPECT_EQ(test, hear(sock), 0);
	sock_release(sock);
}

static void the_end_of_a_disabled_peer_is_told(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct socket *sock = listen(test);

	remote->peer->is_disabled = true;
	look(f);
	KUNIT_EXPECT_EQ(test, hear(sock), 0);
	set_until(remote, -5);
	look(f);
	KUNIT_EXPECT_EQ(test, hear(sock), WG_CMD_PEER_ENDED_NTF);
	remote->peer->is_disabled = false;
	look(f);
	KUNIT_EXPECT_EQ(test, hear(sock), 0);
	sock_release(sock);
}

static void an_end_that_comes_is_not_missed(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	set_until(remote, 1);
	look(f);
	KUNIT_EXPECT_TRUE(test, comes_true(READ_ONCE(remote->peer->is_off)));
	KUNIT_EXPECT_GE(test, (u64)ktime_get_real_seconds(),
			remote->peer->until_s);
}

/* The works rest while the machine sleeps. */
static void an_end_that_passes_in_sleep_is_seen_on_waking(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	wg_netdev_sleep();
	set_until(remote, 0);
	wg_netdev_wake();
	KUNIT_EXPECT_TRUE(test, remote->peer->is_off);
	KUNIT_EXPECT_FALSE(test, remote->peer->timers.is_started);
	look(f);
}

/* Where nothing is done about a sleep, the work's timer has slept nevertheless. */
static void a_device_that_did_not_sleep_looks_on_waking(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	set_until(remote, 1000);
	look(f);
	set_until(remote, 0);
	wg_netdev_wake();
	KUNIT_EXPECT_TRUE(test, comes_true(READ_ONCE(remote->peer->is_off)));
}

/* The clock was set back, and nobody has looked yet. */
static void an_end_ahead_is_waited_for_by_a_device_that_comes_up(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	set_until(remote, -5);
	look(f);
	set_until(remote, 5);
	fixture_up(f, false);
	fixture_up(f, true);
	KUNIT_EXPECT_FALSE(test, remote->peer->is_off);
	KUNIT_EXPECT_TRUE(test, looks_within(f, 5));
}

static void who_sends_to_a_peer_that_ended_is_told(struct kunit *test)
{
	struct packet_form form = { .payload = 100, .to = 1 };
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct sk_buff *skb = packet_make(test, &form);

	set_until(remote, 0);
	look(f);
	skb->dev = f->dev;
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, (int)f->dev->netdev_ops->ndo_start_xmit(skb,
								      f->dev),
			-EHOSTUNREACH);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(remote->peer,
						 WG_DROP_PEER_OFF), 1);
	KUNIT_EXPECT_TRUE(test, wg_txq_is_empty(&remote->peer->txq));
}

static struct kunit_case until_test_cases[] = {
	KUNIT_CASE(a_peer_ends_with_its_sessions),
	KUNIT_CASE(a_peer_whose_end_is_ahead_again_is_on),
	KUNIT_CASE(a_peer_without_an_end_needs_no_clock),
	KUNIT_CASE(the_clock_may_jump),
	KUNIT_CASE(looking_takes_a_hundredth_of_the_time),
	KUNIT_CASE(what_others_take_is_no_cost_of_looking),
	KUNIT_CASE(each_turn_of_the_clock_is_told_once),
	KUNIT_CASE(the_end_of_a_disabled_peer_is_told),
	KUNIT_CASE(an_end_that_comes_is_not_missed),
	KUNIT_CASE(an_end_that_passes_in_sleep_is_seen_on_waking),
	KUNIT_CASE(a_device_that_did_not_sleep_looks_on_waking),
	KUNIT_CASE(an_end_ahead_is_waited_for_by_a_device_that_comes_up),
	KUNIT_CASE(who_sends_to_a_peer_that_ended_is_told),
	{}
};

static struct kunit_suite until_test_suite = {
	.name = "wg_until",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = until_test_cases,
};

kunit_test_suite(until_test_suite);
