// SPDX-License-Identifier: GPL-2.0
/*
 * The one timer of a peer: when it is set, that it does what is due, and that
 * it does nothing else. What is due when is proto/timers' and tested there:
 * here events happened as long ago as the case wants.
 */
#include "core/clock.h"

#include "fixture.h"
#include "packets.h"
#include "path/tx.h"

#define S(s) ((s) * WG_NS_PER_S)

/* @event happened @ago_ns before now. Return: what is due at once. */
static u32 happened(struct wg_peer *peer, enum wg_timers_event event,
		    u64 ago_ns)
{
	u32 actions;

	spin_lock_bh(&peer->lock);
	actions = wg_clock_event_locked(peer, event,
					wg_clock_now_ns() - ago_ns);
	spin_unlock_bh(&peer->lock);
	return actions;
}

static u64 armed_ns(struct wg_peer *peer)
{
	return READ_ONCE(peer->armed_ns);
}

static struct sk_buff *expect_message(struct kunit *test, unsigned int len)
{
	struct sk_buff *skb = NULL;

	KUNIT_EXPECT_TRUE(test, comes_true(skb = fixture_receive(test->priv)));
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb->len, len);
	return skb;
}

static void an_idle_peer_has_no_timer(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);

	KUNIT_EXPECT_FALSE(test, timer_pending(&remote->peer->timer));
	KUNIT_EXPECT_EQ(test, armed_ns(remote->peer), WG_NEVER_NS);
}

/* Deadlines that move away cost nothing: the timer stays where it is. */
static void the_timer_moves_only_towards_now(struct kunit *test)
{
	struct wg_peer *peer = fixture_remote(test)->peer;
	unsigned long expires;
	u64 first_ns;

	happened(peer, WG_EV_SESSION_MADE, 0);
	KUNIT_ASSERT_TRUE(test, timer_pending(&peer->timer));
	expires = peer->timer.expires;
	happened(peer, WG_EV_DATA_RECEIVED, 0);
	KUNIT_EXPECT_LT(test, peer->timer.expires, expires);
	expires = peer->timer.expires;
	first_ns = armed_ns(peer);
	KUNIT_EXPECT_GT(test, first_ns, wg_timers_next(&peer->timers));

	happened(peer, WG_EV_KEEPALIVE_SENT, 0);
	KUNIT_EXPECT_GT(test, wg_timers_next(&peer->timers), first_ns);
	KUNIT_EXPECT_EQ(test, armed_ns(peer), first_ns);
	KUNIT_EXPECT_EQ(test, peer->timer.expires, expires);
	happened(peer, WG_EV_DATA_SENT, 0);
	KUNIT_EXPECT_EQ(test, peer->timer.expires, expires);
}

static void a_timer_that_fires_too_early_is_set_anew(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;

	fixture_initiate(test, remote);
	/* due in 100 ms, but answered before that */
	happened(peer, WG_EV_DATA_RECEIVED, S(10) - 100 * WG_NS_PER_MS);
	happened(peer, WG_EV_DATA_SENT, 0);
	KUNIT_EXPECT_LT(test, armed_ns(peer), wg_timers_next(&peer->timers));
	KUNIT_EXPECT_TRUE(test, comes_true(armed_ns(peer) >
					   wg_timers_next(&peer->timers)));
	KUNIT_EXPECT_TRUE(test, timer_pending(&peer->timer));
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 0);
}

/* While the machine sleeps the wheel stands still, and the clock goes on. */
static void a_timer_from_before_a_sleep_stands_for_nothing(struct kunit *test)
{
	struct wg_peer *peer = fixture_remote(test)->peer;

	happened(peer, WG_EV_SESSION_MADE, 0);
	happened(peer, WG_EV_STOPPED, 0);
	spin_lock_bh(&peer->lock);
	peer->armed_ns = 1; /* an hour has gone by */
	spin_unlock_bh(&peer->lock);
	happened(peer, WG_EV_STARTED, 0);
	happened(peer, WG_EV_WANT_SESSION, 0);
	KUNIT_EXPECT_TRUE(test, time_before(peer->timer.expires,
					    jiffies + 7 * HZ));
}

static void a_keepalive_is_sent_when_it_is_due(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct remote_session s = fixture_initiate(test, remote);
	struct wg_message_data *message;
	struct sk_buff *skb;
	u8 nothing[1];

	happened(remote->peer, WG_EV_DATA_RECEIVED,
		 S(10) - 20 * WG_NS_PER_MS);
	skb = expect_message(test, 32);
	KUNIT_ASSERT_EQ(test, skb_linearize(skb), 0);
	message = (struct wg_message_data *)skb->data;
	KUNIT_EXPECT_EQ(test, message->type, cpu_to_le32(WG_MESSAGE_DATA));
	KUNIT_EXPECT_EQ(test, message->receiver_index, cpu_to_le32(0xfa4));
	KUNIT_EXPECT_TRUE(test, wg_aead_open(nothing, message->ciphertext,
					     WG_TAG_SIZE, NULL, 0, 0,
					     s.keys.receive));
	kfree_skb(skb);
}

static void silence_begins_a_handshake(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);

	fixture_initiate(test, remote);
	spin_lock_bh(&remote->peer->lock);
	remote->peer->timers.may_initiate_ns = 0;
	spin_unlock_bh(&remote->peer->lock);
	happened(remote->peer, WG_EV_DATA_SENT, S(15));
	kfree_skb(expect_message(test, sizeof(struct wg_message_initiation)));
}

static void an_attempt_that_fails_drops_what_waits(struct kunit *test)
{
	struct packet_form form = { .payload = 100, .to = 1 };
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct sk_buff *skb = packet_make(test, &form);

	skb->dev = f->dev;
	put_waiting(remote, skb);
	happened(remote->peer, WG_EV_WANT_SESSION, S(90));
	KUNIT_EXPECT_TRUE(test,
			  comes_true(fixture_drops(f, WG_DROP_STAGED_STALE) == 1));
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(remote->peer,
						 WG_DROP_STAGED_STALE), 1);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&remote->peer->txq.packets));
}

static void keys_are_wiped_when_they_are_due(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_message_initiation m;
	struct wg_peer *peer = remote->peer;

	fixture_initiate(test, remote);
	KUNIT_ASSERT_EQ(test, fixture_write_initiation(peer, &m), 0);
	/* its attempt ends with another session */
	happened(peer, WG_EV_SESSION_READY, 0);
	happened(peer, WG_EV_SESSION_MADE, S(540));
	KUNIT_EXPECT_TRUE(test,
			  comes_true(!fixture_slot(peer, WG_SLOT_CURRENT)));
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_hs_state(peer), WG_NOISE_NONE);
	KUNIT_EXPECT_NULL(test, memchr_inv(peer->hs->noise.ephemeral_private,
					   0, WG_KEY_SIZE));
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
}

/* It was made after the timer fired, and before what was due was done. */
static void a_session_just_made_is_not_wiped(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *session = fixture_initiate(test, remote).session;

	wg_clock_act(remote->peer, WG_ACT_FORGET_KEYS);
	KUNIT_EXPECT_PTR_EQ(test, fixture_slot(remote->peer, WG_SLOT_CURRENT),
			    session);
}

/* Its attempt began before the timer fired for older keys. */
static void a_handshake_under_way_is_not_wiped(struct kunit *test)
{
	struct wg_peer *peer = fixture_remote(test)->peer;
	struct wg_message_initiation m;

	KUNIT_ASSERT_EQ(test, fixture_write_initiation(peer, &m), 0);
	wg_clock_act(peer, WG_ACT_FORGET_KEYS);
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_hs_state(peer), WG_NOISE_INITIATION_SENT);
}

static void nothing_is_due_on_a_device_that_is_down(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;

	wg_clock_set_keepalive(peer, 1);
	fixture_settle();
	fixture_up(f, false);
	fixture_drain(f);
	happened(peer, WG_EV_DATA_RECEIVED, S(10));
	happened(peer, WG_EV_WANT_SESSION, S(5));
	KUNIT_EXPECT_EQ(test, wg_timers_next(&peer->timers), WG_NEVER_NS);
	KUNIT_EXPECT_TRUE(test,
			  comes_true(!timer_pending(&peer->timer) ||
				     time_after(peer->timer.expires, jiffies)));
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 0);
}

static struct kunit_case clock_test_cases[] = {
	KUNIT_CASE(an_idle_peer_has_no_timer),
	KUNIT_CASE(the_timer_moves_only_towards_now),
	KUNIT_CASE(a_timer_that_fires_too_early_is_set_anew),
	KUNIT_CASE(a_timer_from_before_a_sleep_stands_for_nothing),
	KUNIT_CASE(a_keepalive_is_sent_when_it_is_due),
	KUNIT_CASE(silence_begins_a_handshake),
	KUNIT_CASE(an_attempt_that_fails_drops_what_waits),
	KUNIT_CASE(keys_are_wiped_when_they_are_due),
	KUNIT_CASE(a_session_just_made_is_not_wiped),
	KUNIT_CASE(a_handshake_under_way_is_not_wiped),
	KUNIT_CASE(nothing_is_due_on_a_device_that_is_down),
	{}
};

static struct kunit_suite clock_test_suite = {
	.name = "wg_clock",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = clock_test_cases,
};

kunit_test_suite(clock_test_suite);
