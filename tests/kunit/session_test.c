// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions made by real handshakes: which is used for what, the right to send
 * a batch, and what a received batch does.
 */
#include "core/session.h"

#include "fixture.h"

#define AGE(s) ((s) * WG_NS_PER_S)

/* --- what a case looks at and how it sets the scene --- */

static bool is_live(struct fixture *f, struct wg_session *session)
{
	bool is_found;

	rcu_read_lock();
	is_found = wg_session_by_index_rcu(f->wg, session->index.value) ==
		   session;
	rcu_read_unlock();
	return is_found;
}

/* The slots are these, each with its reference and its index. */
static void expect_slots(struct kunit *test, struct remote *remote,
			 struct wg_session *previous,
			 struct wg_session *current_,
			 struct wg_session *next)
{
	struct wg_session *expected[] = { previous, current_, next };
	unsigned int i;

	for (i = 0; i < WG_SLOT_COUNT; i++) {
		KUNIT_EXPECT_PTR_EQ_MSG(test, fixture_slot(remote->peer, i),
					expected[i], "slot %u", i);
		if (expected[i])
			KUNIT_EXPECT_TRUE(test, is_live(test->priv,
							expected[i]));
	}
}

/* Make @session that old; it was made just now. */
static void make_old(struct wg_session *session, u64 age_ns)
{
	spin_lock_bh(&session->peer->lock);
	session->birth_ns = wg_clock_now_ns() - age_ns;
	spin_unlock_bh(&session->peer->lock);
}

/* A handshake is wanted, or under way. */
static bool has_attempt(struct wg_peer *peer)
{
	bool has;

	spin_lock_bh(&peer->lock);
	has = peer->timers.retry_ns != WG_NEVER_NS;
	spin_unlock_bh(&peer->lock);
	return has;
}

static void end_attempt(struct wg_peer *peer)
{
	fixture_settle();
	spin_lock_bh(&peer->lock);
	peer->timers.retry_ns = WG_NEVER_NS;
	peer->timers.give_up_ns = WG_NEVER_NS;
	spin_unlock_bh(&peer->lock);
}

static struct sk_buff nobody; /* a batch's packets, which nobody looks at */

static bool reserve(struct wg_peer *peer, unsigned int messages,
		    struct wg_tx_context *ctx)
{
	const struct wg_tx_batch batch = {
		.list = &nobody,
		.messages = messages,
		.bytes = messages * 128,
	};
	u32 actions = 0;
	bool may_send;

	spin_lock_bh(&peer->lock);
	may_send = wg_session_may_send_locked(peer, messages,
					      wg_clock_now_ns());
	if (may_send)
		actions = wg_session_reserve_locked(peer, &batch,
						    wg_clock_now_ns(), ctx);
	spin_unlock_bh(&peer->lock);
	wg_clock_act(peer, actions);
	return may_send;
}

static const struct wg_endpoint here = {
	.addr4 = {
		.sin_family = AF_INET,
		.sin_port = htons(1000),
		.sin_addr.s_addr = htonl(0x7f000001),
	},
};

static const struct wg_endpoint there = {
	.addr4 = {
		.sin_family = AF_INET,
		.sin_port = htons(2000),
		.sin_addr.s_addr = htonl(0x7f000002),
	},
};

static void receive(struct wg_session *session, struct wg_arrival *arrivals,
		    unsigned int count, const struct wg_endpoint *from)
{
	rcu_read_lock_bh();
	wg_session_receive(session, arrivals, count, from);
	rcu_read_unlock_bh();
}

/* Receive one packet with @counter from here. Return: its verdict. */
static enum wg_drop_reason receive_one(struct wg_session *session, u64 counter)
{
	struct wg_arrival arrival = { .counter = counter, .len = 96 };

	receive(session, &arrival, 1, &here);
	return arrival.verdict;
}

/* --- rotation --- */

static void both_sides_have_the_same_keys(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct remote_session first = fixture_initiate(test, remote);
	struct remote_session second = fixture_respond(test, remote);

	KUNIT_EXPECT_MEMEQ(test, first.keys.send, first.session->keys.receive,
			   WG_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, first.keys.receive, first.session->keys.send,
			   WG_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, second.keys.send,
			   second.session->keys.receive, WG_KEY_SIZE);
	KUNIT_EXPECT_MEMNEQ(test, first.keys.send, second.keys.send,
			    WG_KEY_SIZE);
	KUNIT_EXPECT_MEMNEQ(test, first.keys.send, first.keys.receive,
			    WG_KEY_SIZE);
	KUNIT_EXPECT_TRUE(test, first.session->is_initiator);
	KUNIT_EXPECT_FALSE(test, second.session->is_initiator);
}

static void as_initiator_the_new_session_is_current(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a, *b, *c;

	a = fixture_initiate(test, remote).session;
	expect_slots(test, remote, NULL, a, NULL);
	b = fixture_initiate(test, remote).session;
	expect_slots(test, remote, a, b, NULL);
	KUNIT_ASSERT_TRUE(test, wg_session_get_rcu(a));
	c = fixture_initiate(test, remote).session;
	expect_slots(test, remote, b, c, NULL);
	KUNIT_EXPECT_FALSE(test, is_live(test->priv, a));
	KUNIT_EXPECT_TRUE(test, a->is_dead);
	wg_session_put(a);
}

static void as_responder_a_message_must_prove_it(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a, *b, *c;

	a = fixture_respond(test, remote).session;
	expect_slots(test, remote, NULL, NULL, a);
	KUNIT_EXPECT_EQ(test, receive_one(a, 0), 0);
	expect_slots(test, remote, NULL, a, NULL);
	b = fixture_respond(test, remote).session;
	expect_slots(test, remote, NULL, a, b);
	KUNIT_EXPECT_EQ(test, receive_one(a, 1), 0);
	expect_slots(test, remote, NULL, a, b);
	KUNIT_EXPECT_EQ(test, receive_one(b, 0), 0);
	expect_slots(test, remote, a, b, NULL);
	KUNIT_EXPECT_EQ(test, receive_one(a, 2), 0);
	expect_slots(test, remote, a, b, NULL);
	c = fixture_respond(test, remote).session;
	expect_slots(test, remote, a, b, c);
	KUNIT_EXPECT_EQ(test, receive_one(c, 7), 0);
	expect_slots(test, remote, b, c, NULL);
}

static void a_next_that_was_never_proved_gives_way(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a, *b;

	a = fixture_respond(test, remote).session;
	KUNIT_ASSERT_TRUE(test, wg_session_get_rcu(a));
	b = fixture_respond(test, remote).session;
	expect_slots(test, remote, NULL, NULL, b);
	KUNIT_EXPECT_TRUE(test, a->is_dead);
	wg_session_put(a);
}

/*
 * The peer's initiation crossed ours: what it sends under next before it has
 * heard from us changes nothing, what it sends so for ever does.
 */
static void a_next_that_crossed_ours_has_to_insist(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a, *b, *c;

	a = fixture_initiate(test, remote).session;
	b = fixture_respond(test, remote).session;
	c = fixture_initiate(test, remote).session;
	expect_slots(test, remote, a, c, b);
	KUNIT_EXPECT_EQ(test, receive_one(a, 0), 0);
	KUNIT_EXPECT_EQ(test, receive_one(b, 0), 0);
	KUNIT_EXPECT_EQ(test, receive_one(c, 0), 0);
	expect_slots(test, remote, a, c, b);
	make_old(c, AGE(5));
	KUNIT_EXPECT_EQ(test, receive_one(b, 1), 0);
	expect_slots(test, remote, c, b, NULL);
}

static void ended_sessions_are_found_by_nobody(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_session *b = fixture_respond(test, remote).session;

	KUNIT_ASSERT_TRUE(test, wg_session_get_rcu(a));
	KUNIT_ASSERT_TRUE(test, wg_session_get_rcu(b));
	spin_lock_bh(&remote->peer->lock);
	wg_session_end_all_locked(remote->peer);
	spin_unlock_bh(&remote->peer->lock);
	expect_slots(test, remote, NULL, NULL, NULL);
	KUNIT_EXPECT_FALSE(test, is_live(test->priv, a));
	KUNIT_EXPECT_FALSE(test, is_live(test->priv, b));
	KUNIT_EXPECT_EQ(test, receive_one(a, 0), WG_DROP_SESSION_STALE);
	KUNIT_EXPECT_EQ(test, receive_one(b, 0), WG_DROP_SESSION_STALE);
	wg_session_put(a);
	wg_session_put(b);
}

/* --- sessions that must not come to be --- */

/* @hs is ready, as it is on a CPU that has just computed it; begin with it. */
static enum wg_drop_reason begin(struct kunit *test, struct remote *remote,
				 enum wg_noise_state state)
{
	struct wg_session *session = wg_session_create(remote->peer);
	struct wg_noise_handshake hs = { .state = state };
	enum wg_drop_reason reason;

	KUNIT_ASSERT_NOT_NULL(test, session);
	if (state == WG_NOISE_RESPONDER_READY)
		KUNIT_ASSERT_EQ(test, wg_index_insert(&remote->peer->wg->index,
						      &session->index,
						      WG_INDEX_RESERVED), 0);
	mutex_lock(&remote->peer->hs_lock);
	KUNIT_EXPECT_TRUE(test, wg_peer_make_hs_locked(remote->peer));
	reason = wg_session_begin(session, &hs);
	mutex_unlock(&remote->peer->hs_lock);
	rcu_barrier();
	return reason;
}

static void nothing_begins_on_a_device_that_went_down(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	KUNIT_EXPECT_EQ(test, begin(test, remote, WG_NOISE_RESPONDER_READY), 0);
	fixture_up(f, false);
	KUNIT_EXPECT_EQ(test, begin(test, remote, WG_NOISE_RESPONDER_READY),
			WG_DROP_DEVICE_DOWN);
	expect_slots(test, remote, NULL, NULL, NULL);
	KUNIT_EXPECT_EQ(test, refcount_read(&remote->peer->refs), 1);
}

/* The initiator's index is the handshake's, and that was forgotten. */
static void a_session_that_nobody_would_find_is_none(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);

	KUNIT_EXPECT_EQ(test, begin(test, remote, WG_NOISE_INITIATOR_READY),
			WG_DROP_UNKNOWN_INDEX);
	expect_slots(test, remote, NULL, NULL, NULL);
	KUNIT_EXPECT_EQ(test, refcount_read(&remote->peer->refs), 1);
}

struct expiry {
	struct work_struct work;
	struct wg_peer *peer;
};

static void expire(struct work_struct *work)
{
	struct wg_peer *peer = container_of(work, struct expiry, work)->peer;

	mutex_lock(&peer->wg->config_lock);
	wg_peer_expire_locked(peer);
	mutex_unlock(&peer->wg->config_lock);
}

/*
 * Who ends everything waits for the handshake that another CPU is about to
 * end. Where he comes late, there is nothing to see, which is no failure.
 */
static void no_session_slips_past_the_end_of_all(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *session = wg_session_create(remote->peer);
	struct wg_noise_handshake hs = { .state = WG_NOISE_RESPONDER_READY };
	struct expiry expiry = { .peer = remote->peer };

	KUNIT_ASSERT_NOT_NULL(test, session);
	KUNIT_ASSERT_EQ(test, wg_index_insert(&remote->peer->wg->index,
					      &session->index,
					      WG_INDEX_RESERVED), 0);
	INIT_WORK_ONSTACK(&expiry.work, expire);
	mutex_lock(&remote->peer->hs_lock);
	schedule_work(&expiry.work);
	msleep(20);
	KUNIT_EXPECT_EQ(test, wg_session_begin(session, &hs), 0);
	mutex_unlock(&remote->peer->hs_lock);
	flush_work(&expiry.work);
	destroy_work_on_stack(&expiry.work);
	expect_slots(test, remote, NULL, NULL, NULL);
}

/* --- reserving --- */

static void a_reservation_numbers_a_batch(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_counters sum;
	struct wg_tx_context ctx;

	KUNIT_EXPECT_TRUE(test, reserve(remote->peer, 44, &ctx));
	KUNIT_EXPECT_PTR_EQ(test, ctx.session, a);
	KUNIT_EXPECT_EQ(test, ctx.counter, 0);
	KUNIT_EXPECT_EQ(test, ctx.endpoint.addr4.sin_port,
			((struct fixture *)test->priv)->port);
	KUNIT_EXPECT_TRUE(test, reserve(remote->peer, 1, &ctx));
	KUNIT_EXPECT_EQ(test, ctx.counter, 44);
	KUNIT_EXPECT_TRUE(test, reserve(remote->peer, 2, &ctx));
	KUNIT_EXPECT_EQ(test, ctx.counter, 45);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.tx_packets, 47);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.tx_bytes, 47 * 128);
	wg_device_sum_counters(remote->peer->wg, &sum);
	KUNIT_EXPECT_EQ(test, sum.tx_packets, 47);
	KUNIT_EXPECT_EQ(test, sum.tx_bytes, 47 * 128);
}

struct limit {
	const char *name;
	u64 counter;
	unsigned int packets;
	bool may;
};

static const struct limit limits[] = {
	{ "the last counter", WG_REJECT_AFTER_MESSAGES - 1, 1, true },
	{ "one too many", WG_REJECT_AFTER_MESSAGES - 1, 2, false },
	{ "the limit itself", WG_REJECT_AFTER_MESSAGES, 1, false },
	{ "64 that just fit", WG_REJECT_AFTER_MESSAGES - 64, 64, true },
	{ "64, the limit in their middle", WG_REJECT_AFTER_MESSAGES - 30, 64,
	  false },
	{ "64, the last one too many", WG_REJECT_AFTER_MESSAGES - 63, 64,
	  false },
};

static void describe(const struct limit *limit, char *desc)
{
	strscpy(desc, limit->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(limit, limits, describe);

static void a_batch_is_numbered_whole_or_not_at_all(struct kunit *test)
{
	const struct limit *limit = test->param_value;
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_tx_context ctx;

	a->send_counter = limit->counter;
	KUNIT_EXPECT_EQ(test, reserve(remote->peer, limit->packets, &ctx),
			limit->may);
	if (!limit->may) {
		KUNIT_EXPECT_EQ(test, a->send_counter, limit->counter);
		KUNIT_EXPECT_EQ(test, remote->peer->counters.tx_packets, 0);
	} else {
		KUNIT_EXPECT_EQ(test, ctx.counter, limit->counter);
		KUNIT_EXPECT_EQ(test, a->send_counter,
				limit->counter + limit->packets);
		KUNIT_EXPECT_TRUE(test, has_attempt(remote->peer));
	}
}

static void without_a_session_that_may_send_nothing_is_reserved(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a;
	struct wg_tx_context ctx;

	KUNIT_EXPECT_FALSE(test, reserve(remote->peer, 1, &ctx));
	fixture_respond(test, remote); /* next is not for sending */
	KUNIT_EXPECT_FALSE(test, reserve(remote->peer, 1, &ctx));
	a = fixture_initiate(test, remote).session;
	KUNIT_EXPECT_TRUE(test, reserve(remote->peer, 1, &ctx));
	make_old(a, AGE(150));
	KUNIT_EXPECT_TRUE(test, reserve(remote->peer, 1, &ctx));
	make_old(a, AGE(175));
	KUNIT_EXPECT_FALSE(test, reserve(remote->peer, 1, &ctx));
	KUNIT_EXPECT_EQ(test, a->send_counter, 2);
}

static void for_a_dead_peer_nothing_is_reserved(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	struct wg_tx_context ctx;

	fixture_initiate(test, remote);
	refcount_inc(&peer->refs);
	fixture_kill(test->priv, remote);
	KUNIT_EXPECT_FALSE(test, reserve(peer, 1, &ctx));
	wg_peer_put(peer);
}

static void only_the_initiator_renews_by_age_on_sending(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_tx_context ctx;

	make_old(a, AGE(60));
	KUNIT_EXPECT_TRUE(test, reserve(remote->peer, 1, &ctx));
	KUNIT_EXPECT_FALSE(test, has_attempt(remote->peer));
	make_old(a, AGE(120));
	KUNIT_EXPECT_TRUE(test, reserve(remote->peer, 1, &ctx));
	KUNIT_EXPECT_TRUE(test, has_attempt(remote->peer));
	end_attempt(remote->peer);

	a = fixture_respond(test, remote).session;
	KUNIT_EXPECT_EQ(test, receive_one(a, 0), 0);
	make_old(a, AGE(120));
	KUNIT_EXPECT_TRUE(test, reserve(remote->peer, 1, &ctx));
	KUNIT_EXPECT_FALSE(test, has_attempt(remote->peer));
	a->send_counter = WG_REKEY_AFTER_MESSAGES;
	KUNIT_EXPECT_TRUE(test, reserve(remote->peer, 1, &ctx));
	KUNIT_EXPECT_TRUE(test, has_attempt(remote->peer));
}

/* --- receiving --- */

static void a_replay_inside_a_batch_is_noticed(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_arrival batch[] = {
		{ .counter = 5 }, { .counter = 5 }, { .counter = 6 },
		{ .counter = 4 }, { .counter = 6 }, { .counter = 0 },
	};
	static const enum wg_drop_reason verdicts[] = {
		0, WG_DROP_REPLAY, 0, 0, WG_DROP_REPLAY, 0,
	};
	unsigned int i;

	receive(a, batch, ARRAY_SIZE(batch), &here);
	for (i = 0; i < ARRAY_SIZE(batch); i++)
		KUNIT_EXPECT_EQ_MSG(test, batch[i].verdict, verdicts[i],
				    "message %u", i);
	receive(a, batch, 1, &here);
	KUNIT_EXPECT_EQ(test, batch[0].verdict, WG_DROP_REPLAY);
}

static void the_window_holds_8192_counters(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_arrival batch[] = {
		{ .counter = 20000 }, { .counter = 20000 - 8191 },
		{ .counter = 20000 - 8191 }, { .counter = 20000 - 8192 - 64 },
		{ .counter = 20064 }, { .counter = 20064 - 8191 },
		{ .counter = 20000 }, { .counter = 0 },
	};
	static const enum wg_drop_reason verdicts[] = {
		0, 0, WG_DROP_REPLAY, WG_DROP_REPLAY, 0, 0, WG_DROP_REPLAY,
		WG_DROP_REPLAY,
	};
	unsigned int i;

	receive(a, batch, ARRAY_SIZE(batch), &here);
	for (i = 0; i < ARRAY_SIZE(batch); i++)
		KUNIT_EXPECT_EQ_MSG(test, batch[i].verdict, verdicts[i],
				    "message %u", i);
}

static void counters_end_in_the_middle_of_a_batch(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_arrival batch[4] = { };
	unsigned int i;

	for (i = 0; i < 4; i++)
		batch[i].counter = WG_REJECT_AFTER_MESSAGES - 2 + i;
	receive(a, batch, 4, &here);
	KUNIT_EXPECT_EQ(test, batch[0].verdict, 0);
	KUNIT_EXPECT_EQ(test, batch[1].verdict, 0);
	KUNIT_EXPECT_EQ(test, batch[2].verdict, WG_DROP_SESSION_STALE);
	KUNIT_EXPECT_EQ(test, batch[3].verdict, WG_DROP_SESSION_STALE);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_bytes, 92 + 2 * 32);
}

static void an_expired_session_accepts_nothing(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_respond(test, remote).session;

	make_old(a, AGE(180));
	KUNIT_EXPECT_EQ(test, receive_one(a, 0), WG_DROP_SESSION_STALE);
	expect_slots(test, remote, NULL, NULL, a);
	make_old(a, AGE(150));
	KUNIT_EXPECT_EQ(test, receive_one(a, 0), 0);
	expect_slots(test, remote, NULL, a, NULL);
}

static bool is_at(struct wg_peer *peer, const struct wg_endpoint *where)
{
	struct wg_endpoint endpoint;

	wg_peer_copy_endpoint(peer, &endpoint);
	return wg_endpoint_equal(&endpoint, where);
}

static void only_accepted_messages_move_the_endpoint(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_arrival forged = { .counter = 9, .verdict = WG_DROP_BAD_TAG };
	struct wg_arrival replay = { .counter = 3 };
	struct wg_arrival mixed[] = { forged, { .counter = 4 } };

	KUNIT_EXPECT_EQ(test, receive_one(a, 3), 0);
	KUNIT_EXPECT_TRUE(test, is_at(remote->peer, &here));
	receive(a, &forged, 1, &there);
	receive(a, &replay, 1, &there);
	KUNIT_EXPECT_EQ(test, forged.verdict, WG_DROP_BAD_TAG);
	KUNIT_EXPECT_EQ(test, replay.verdict, WG_DROP_REPLAY);
	KUNIT_EXPECT_TRUE(test, is_at(remote->peer, &here));
	receive(a, mixed, 2, &there);
	KUNIT_EXPECT_EQ(test, mixed[0].verdict, WG_DROP_BAD_TAG);
	KUNIT_EXPECT_EQ(test, mixed[1].verdict, 0);
	KUNIT_EXPECT_TRUE(test, is_at(remote->peer, &there));
	/* what did not authenticate left no mark in the window */
	KUNIT_EXPECT_EQ(test, receive_one(a, 9), 0);
}

static void forged_messages_confirm_nothing(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_respond(test, remote).session;
	struct wg_arrival forged = { .verdict = WG_DROP_BAD_TAG };

	receive(a, &forged, 1, &here);
	expect_slots(test, remote, NULL, NULL, a);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_bytes, 148);
	KUNIT_EXPECT_EQ(test, remote->peer->last_handshake.tv_sec, 0);
}

static void an_early_rekey_is_asked_for_once(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;

	make_old(a, AGE(150));
	KUNIT_EXPECT_EQ(test, receive_one(a, 0), 0);
	KUNIT_EXPECT_FALSE(test, has_attempt(remote->peer));
	make_old(a, AGE(165));
	KUNIT_EXPECT_EQ(test, receive_one(a, 1), 0);
	KUNIT_EXPECT_TRUE(test, has_attempt(remote->peer));
	end_attempt(remote->peer);
	KUNIT_EXPECT_EQ(test, receive_one(a, 2), 0);
	KUNIT_EXPECT_FALSE(test, has_attempt(remote->peer));
}

static void a_responder_does_not_rekey_on_receiving(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_respond(test, remote).session;

	make_old(a, AGE(165));
	KUNIT_EXPECT_EQ(test, receive_one(a, 0), 0);
	KUNIT_EXPECT_FALSE(test, has_attempt(remote->peer));
}

static void what_is_accepted_is_counted(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_arrival batch[] = {
		{ .counter = 0, .len = 96 }, { .counter = 1, .len = 0 },
		{ .counter = 0, .len = 96 }, { .counter = 2, .len = 1408 },
		{ .counter = 3, .len = 96, .verdict = WG_DROP_BAD_TAG },
	};
	struct wg_counters sum;

	receive(a, batch, ARRAY_SIZE(batch), &here);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_packets, 2);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_bytes,
			92 + 128 + 32 + 1440);
	wg_device_sum_counters(remote->peer->wg, &sum);
	/* the response, and the keepalive */
	KUNIT_EXPECT_EQ(test, sum.rx_packets, 4);
	KUNIT_EXPECT_EQ(test, sum.rx_bytes, 92 + 128 + 32 + 1440);
}

/* The keys, the memory and the peer's share of it go with the last one. */
static void a_session_lives_as_long_as_its_references(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	struct wg_session *a = fixture_initiate(test, remote).session;

	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 2);
	KUNIT_EXPECT_EQ(test, refcount_read(&a->refs), 1);
	KUNIT_ASSERT_TRUE(test, wg_session_get_rcu(a));
	spin_lock_bh(&peer->lock);
	wg_session_end_all_locked(peer);
	spin_unlock_bh(&peer->lock);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&a->refs), 1);
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 2);
	wg_session_put(a);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
}

static struct kunit_case session_test_cases[] = {
	KUNIT_CASE(both_sides_have_the_same_keys),
	KUNIT_CASE(as_initiator_the_new_session_is_current),
	KUNIT_CASE(as_responder_a_message_must_prove_it),
	KUNIT_CASE(a_next_that_was_never_proved_gives_way),
	KUNIT_CASE(a_next_that_crossed_ours_has_to_insist),
	KUNIT_CASE(ended_sessions_are_found_by_nobody),
	KUNIT_CASE(nothing_begins_on_a_device_that_went_down),
	KUNIT_CASE(a_session_that_nobody_would_find_is_none),
	KUNIT_CASE(no_session_slips_past_the_end_of_all),
	KUNIT_CASE(a_reservation_numbers_a_batch),
	KUNIT_CASE_PARAM(a_batch_is_numbered_whole_or_not_at_all,
			 limit_gen_params),
	KUNIT_CASE(without_a_session_that_may_send_nothing_is_reserved),
	KUNIT_CASE(for_a_dead_peer_nothing_is_reserved),
	KUNIT_CASE(only_the_initiator_renews_by_age_on_sending),
	KUNIT_CASE(a_replay_inside_a_batch_is_noticed),
	KUNIT_CASE(the_window_holds_8192_counters),
	KUNIT_CASE(counters_end_in_the_middle_of_a_batch),
	KUNIT_CASE(an_expired_session_accepts_nothing),
	KUNIT_CASE(only_accepted_messages_move_the_endpoint),
	KUNIT_CASE(forged_messages_confirm_nothing),
	KUNIT_CASE(an_early_rekey_is_asked_for_once),
	KUNIT_CASE(a_responder_does_not_rekey_on_receiving),
	KUNIT_CASE(what_is_accepted_is_counted),
	KUNIT_CASE(a_session_lives_as_long_as_its_references),
	{}
};

static struct kunit_suite session_test_suite = {
	.name = "wg_session",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = session_test_cases,
};

kunit_test_suite(session_test_suite);
