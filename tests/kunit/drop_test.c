// SPDX-License-Identifier: GPL-2.0
/* What is noted of what was refused, and what was heard and sent last. */
#include "core/drop.h"

#include "fixture.h"

static const struct wg_endpoint here = {
	.addr4 = { .sin_family = AF_INET, .sin_port = htons(7) },
};

static void a_peer_that_nothing_was_refused_has_no_memory_for_it(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);

	fixture_initiate(test, remote);
	KUNIT_EXPECT_NULL(test, remote->peer->drops);
}

static void the_last_refusal_of_a_peer_is_kept(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct fixture *f = test->priv;
	const struct wg_refusal *last;

	wg_drop_note(f->wg, remote->peer, WG_DROP_HS_REPLAY, &here, NULL);
	wg_drop_count(f->wg, remote->peer, WG_DROP_HS_REPLAY, 1);
	KUNIT_ASSERT_NOT_NULL(test, remote->peer->drops);
	last = &remote->peer->drops->last;
	KUNIT_EXPECT_EQ(test, last->reason, WG_DROP_HS_REPLAY);
	KUNIT_EXPECT_TRUE(test, wg_endpoint_equal(&last->about, &here));

	/* who counts later on does not know from where */
	fixture_next_tick();
	wg_drop_count(f->wg, remote->peer, WG_DROP_HS_REPLAY, 1);
	KUNIT_EXPECT_TRUE(test, wg_endpoint_equal(&last->about, &here));
	wg_drop_count(f->wg, remote->peer, WG_DROP_NO_ROUTE, 1);
	KUNIT_EXPECT_EQ(test, last->reason, WG_DROP_NO_ROUTE);
	KUNIT_EXPECT_FALSE(test, wg_endpoint_is_set(&last->about));
}

/* The newest first, from four of the last ticks that something came in. */
static void a_flood_leaves_its_last_few(struct kunit *test)
{
	static const u8 keys[2][WG_KEY_SIZE] = { { 1 }, { 2 } };
	struct fixture *f = test->priv;
	const struct wg_refusal *kept =
		f->wg->refusals.kept[WG_DROP_HS_UNKNOWN_PEER -
				     WG_DROP_PEER_END];
	unsigned int i;

	wg_drop_note(f->wg, NULL, WG_DROP_BAD_MAC1, &here, NULL);
	for (i = 0; i < 100000; i++)
		wg_drop_note(f->wg, NULL, WG_DROP_HS_UNKNOWN_PEER, &here,
			     keys[0]);
	fixture_next_tick();
	wg_drop_note(f->wg, NULL, WG_DROP_HS_UNKNOWN_PEER, &here, keys[1]);
	KUNIT_EXPECT_MEMEQ(test, kept[0].public_key, keys[1], WG_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, kept[1].public_key, keys[0], WG_KEY_SIZE);
	for (i = 1; i < WG_REFUSALS_KEPT && kept[i].time_ns; i++)
		KUNIT_EXPECT_LT(test, kept[i].time_ns, kept[i - 1].time_ns);
	KUNIT_EXPECT_EQ(test, f->wg->refusals.kept[WG_DROP_BAD_MAC1 -
				     WG_DROP_PEER_END][0].reason,
			WG_DROP_BAD_MAC1);
}

static void what_concerns_a_peer_is_not_noted_without_one(struct kunit *test)
{
	struct fixture *f = test->priv;

	wg_drop_note(f->wg, NULL, WG_DROP_NO_MEMORY, &here, NULL);
	KUNIT_EXPECT_NULL(test, memchr_inv(f->wg->refusals.kept, 0,
					   sizeof(f->wg->refusals.kept)));
}

static void what_was_heard_and_sent_last_is_known(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;

	KUNIT_EXPECT_NULL(test, peer->heard.message);
	KUNIT_EXPECT_NULL(test, peer->sent.message);
	wg_peer_heard(peer, &here, sizeof(struct wg_message_initiation));
	KUNIT_EXPECT_STREQ(test, peer->heard.message, "initiation");
	wg_peer_count_sent(peer, sizeof(struct wg_message_response));
	KUNIT_EXPECT_STREQ(test, peer->sent.message, "response");
	KUNIT_EXPECT_LE(test, peer->sent.time_ns, wg_clock_now_ns());
	wg_peer_heard(peer, &here, sizeof(struct wg_message_response));
	KUNIT_EXPECT_STREQ(test, peer->heard.message, "response");
}

static struct kunit_case drop_test_cases[] = {
	KUNIT_CASE(a_peer_that_nothing_was_refused_has_no_memory_for_it),
	KUNIT_CASE(the_last_refusal_of_a_peer_is_kept),
	KUNIT_CASE(a_flood_leaves_its_last_few),
	KUNIT_CASE(what_concerns_a_peer_is_not_noted_without_one),
	KUNIT_CASE(what_was_heard_and_sent_last_is_known),
	{}
};

static struct kunit_suite drop_test_suite = {
	.name = "wg_drop",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = drop_test_cases,
};

kunit_test_suite(drop_test_suite);
