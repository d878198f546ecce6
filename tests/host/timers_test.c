// SPDX-License-Identifier: GPL-2.0
/*
 * The timer machine, as tables: at a time something happens; these actions
 * must follow, and that must be the next deadline. Each table is one row, or
 * a few that belong together, of Documentation/state.rst, "Timers".
 */
#include <stdio.h>

#include "harness.h"
#include "proto/timers.h"

#define MS WG_NS_PER_MS
#define S(seconds) ((seconds) * 1000ULL)
#define NEVER (~0ULL)

/* What a step may be, besides an event. */
enum {
	DUE = 100, /* the timer fires */
	PERSISTENT, /* + seconds: persistent keepalive is set */
};

#define CLEAR WG_ACT_CLEAR_SOURCE
#define DROP WG_ACT_DROP_STAGED
#define LOST WG_ACT_SESSION_LOST
#define FORGET WG_ACT_FORGET_KEYS
#define KEEPALIVE WG_ACT_KEEPALIVE
#define INITIATE WG_ACT_INITIATE

struct step {
	u64 at_ms;
	unsigned int what;
	u32 actions;
	u64 next_ms;
	u64 jitter_ms;
};

static u32 do_step(struct wg_timers *timers, const struct step *step)
{
	u64 now_ns = step->at_ms * MS;
	u64 jitter_ns = step->jitter_ms * MS;

	if (step->what >= PERSISTENT)
		return wg_timers_set_persistent(timers, step->what - PERSISTENT,
						now_ns);
	if (step->what == DUE)
		return wg_timers_due(timers, now_ns, jitter_ns);
	return wg_timers_event(timers, step->what, now_ns, jitter_ns);
}

static void play_on(struct wg_timers *timers, const struct step *steps,
		    unsigned int count)
{
	unsigned int i;
	char row[32];
	u64 next_ns;

	for (i = 0; i < count; i++) {
		snprintf(row, sizeof(row), "step %u at %llu ms", i,
			 steps[i].at_ms);
		CHECK_EQ_ROW(do_step(timers, &steps[i]), steps[i].actions,
			     row);
		next_ns = wg_timers_next(timers);
		CHECK_EQ_ROW(next_ns == WG_NEVER_NS ? NEVER : next_ns / MS,
			     steps[i].next_ms, row);
	}
}

#define PLAY_ON(timers, steps)						\
	play_on(timers, steps, sizeof(steps) / sizeof(*(steps)))

/* A peer on a device that went up at time 0. */
static void start(struct wg_timers *timers)
{
	wg_timers_init(timers);
	CHECK_EQ(wg_timers_event(timers, WG_EV_STARTED, 0, 0), 0);
	CHECK_EQ(wg_timers_next(timers), WG_NEVER_NS);
}

/* One table that begins when the device goes up. */
#define TABLE(claim, ...)						\
	TEST(claim)							\
	{								\
		static const struct step steps[] = { __VA_ARGS__ };	\
		struct wg_timers timers;				\
									\
		start(&timers);						\
		PLAY_ON(&timers, steps);				\
	}

TABLE(rules_initiation_on_demand,
	{ S(100), WG_EV_WANT_SESSION, INITIATE, S(105) },
	{ S(100) + 1, WG_EV_INITIATION_SENT, 0, S(105) + 1 },
	/* more data meanwhile */
	{ S(101), WG_EV_WANT_SESSION, 0, S(105) + 1 },
	{ S(101), WG_EV_HANDSHAKE_RECEIVED, 0, S(105) + 1 },
	{ S(101), WG_EV_SESSION_MADE, 0, S(105) + 1 },
	{ S(101), WG_EV_SESSION_READY, 0, S(641) })

TABLE(rules_retransmit_each_5_seconds_and_jitter,
	{ S(10), WG_EV_WANT_SESSION, INITIATE, S(15) + 333, 333 },
	{ S(10), WG_EV_INITIATION_SENT, 0, S(15) + 200, 200 },
	{ S(15) + 199, DUE, 0, S(15) + 200, 7 },
	{ S(15) + 200, DUE, CLEAR | INITIATE, S(20) + 233, 33 },
	{ S(15) + 201, WG_EV_INITIATION_SENT, 0, S(20) + 202, 1 },
	{ S(20) + 202, DUE, CLEAR | INITIATE, S(25) + 202 },
	/* this one could not be sent: tried again all the same */
	{ S(25) + 202, DUE, CLEAR | INITIATE, S(30) + 202 })

TEST(timers_give_up_after_90_seconds)
{
	struct wg_timers timers;
	u64 now_ns = 0;
	unsigned int sent = 0;
	u32 actions;

	start(&timers);
	actions = wg_timers_event(&timers, WG_EV_WANT_SESSION, now_ns, 0);
	while (actions & WG_ACT_INITIATE) {
		sent++;
		wg_timers_event(&timers, WG_EV_INITIATION_SENT, now_ns,
				WG_JITTER_MAX_NS);
		now_ns = wg_timers_next(&timers);
		actions = wg_timers_due(&timers, now_ns, WG_JITTER_MAX_NS);
	}
	CHECK_EQ(actions, DROP | LOST);
	CHECK_EQ(now_ns, 90 * WG_NS_PER_S);
	/* at 0, 5.333, ... 85.328 */
	CHECK_EQ(sent, 17);
	/* nothing is due any more but the wiping of keys, 540 s later */
	CHECK_EQ(wg_timers_next(&timers), 630 * WG_NS_PER_S);
	CHECK_EQ(wg_timers_event(&timers, WG_EV_WANT_SESSION,
				 91 * WG_NS_PER_S, 0), INITIATE);
}

TABLE(rules_give_up_ends_the_wait_for_something_to_answer_with,
	{ S(0), WG_EV_SESSION_MADE, 0, S(540) },
	{ S(0), WG_EV_WANT_SESSION, INITIATE, S(5) },
	{ S(85), DUE, CLEAR | INITIATE, S(90) },
	{ S(89), WG_EV_DATA_RECEIVED, 0, S(90) },
	/* keys of the session before go at their time */
	{ S(90), DUE, DROP | LOST, S(540) },
	{ S(540), DUE, FORGET, NEVER })

TABLE(rules_data_of_the_last_15_seconds_outlives_the_attempt,
	{ S(0), WG_EV_SESSION_MADE, 0, S(540) },
	{ S(0), WG_EV_WANT_SESSION, INITIATE, S(5) },
	{ S(85), DUE, CLEAR | INITIATE, S(90) },
	{ S(89), WG_EV_DATA_SENT, 0, S(90) },
	{ S(90), DUE, DROP | LOST, S(104) },
	{ S(104), DUE, CLEAR | INITIATE, S(109) })

/* Also where more was sent before, of which the silence passed in the attempt. */
TABLE(rules_the_last_data_of_an_attempt_counts,
	{ S(0), WG_EV_SESSION_MADE, 0, S(540) },
	{ S(0), WG_EV_DATA_SENT, 0, S(15) },
	{ S(15), DUE, CLEAR | INITIATE, S(20) },
	{ S(87), WG_EV_DATA_SENT, 0, S(20) },
	{ S(100), DUE, CLEAR | INITIATE, S(102) },
	{ S(101), WG_EV_DATA_SENT, 0, S(105) },
	{ S(105), DUE, DROP | LOST, S(116) },
	{ S(116), DUE, CLEAR | INITIATE, S(121) })

TABLE(rules_one_initiation_per_5_seconds,
	{ S(10), WG_EV_WANT_SESSION, INITIATE, S(15) },
	{ S(10), WG_EV_INITIATION_SENT, 0, S(15) },
	{ S(11), WG_EV_SESSION_MADE, 0, S(15) },
	{ S(11), WG_EV_SESSION_READY, 0, S(551) },
	/* lost again at once: wait until the 5 s are over, and do
	 * not take that for a retry */
	{ S(12), WG_EV_WANT_SESSION, 0, S(15), 100 },
	{ S(13), WG_EV_WANT_SESSION, 0, S(15), 100 },
	{ S(14), DUE, 0, S(15) },
	{ S(15), DUE, INITIATE, S(20) + 50, 50 },
	{ S(15), WG_EV_INITIATION_SENT, 0, S(20) },
	{ S(20), DUE, CLEAR | INITIATE, S(25) })

TEST(timers_may_initiate_only_in_an_attempt)
{
	const u64 s = WG_NS_PER_S;
	struct wg_timers timers;

	start(&timers);
	CHECK(!wg_timers_may_initiate(&timers, 10 * s));
	wg_timers_event(&timers, WG_EV_WANT_SESSION, 10 * s, 0);
	CHECK(wg_timers_may_initiate(&timers, 10 * s));
	wg_timers_event(&timers, WG_EV_INITIATION_SENT, 10 * s, 0);
	CHECK(!wg_timers_may_initiate(&timers, 10 * s));
	CHECK(!wg_timers_may_initiate(&timers, 15 * s - 1));
	CHECK(wg_timers_may_initiate(&timers, 15 * s));
	/* the peer was faster: its session is ready */
	wg_timers_event(&timers, WG_EV_SESSION_READY, 12 * s, 0);
	CHECK(!wg_timers_may_initiate(&timers, 15 * s));
}

TABLE(rules_initiation_after_the_attempt_starts_none,
	{ S(10), WG_EV_WANT_SESSION, INITIATE, S(15) },
	{ S(10), WG_EV_SESSION_READY, 0, NEVER },
	{ S(10), WG_EV_INITIATION_SENT, 0, NEVER },
	{ S(11), WG_EV_WANT_SESSION, 0, S(15) })

/* The peer's own initiation, 5.333 s after the last at most, comes first. */
TABLE(rules_a_response_puts_an_initiation_off,
	{ S(100), WG_EV_RESPONSE_SENT, 0, NEVER },
	{ S(101), WG_EV_WANT_SESSION, 0, S(105) },
	{ S(105), DUE, INITIATE, S(110) },
	{ S(105), WG_EV_INITIATION_SENT, 0, S(110) + 10, 10 },
	{ S(106), WG_EV_RESPONSE_SENT, 0, S(111) + 333 },
	{ S(111), DUE, 0, S(111) + 333 },
	{ S(111) + 333, DUE, CLEAR | INITIATE, S(116) + 333 },
	/* and never forward */
	{ S(111) + 333, WG_EV_INITIATION_SENT, 0, S(116) + 366, 33 },
	{ S(111) + 340, WG_EV_RESPONSE_SENT, 0, S(116) + 673 })

/* Both sides may have forgotten theirs: the other one is to come first. */
TABLE(rules_who_yields_comes_second,
	{ S(100), WG_EV_WANT_SESSION, INITIATE, S(105) },
	{ S(100), WG_EV_INITIATION_SENT, 0, S(105) },
	{ S(101), WG_EV_YIELDED, 0, S(111) },
	{ S(111), DUE, CLEAR | INITIATE, S(116) },
	{ S(112), WG_EV_SESSION_READY, 0, NEVER },
	{ S(113), WG_EV_YIELDED, 0, NEVER })

TEST(timers_a_response_bars_initiations_for_5_seconds)
{
	const u64 s = WG_NS_PER_S;
	struct wg_timers timers;

	start(&timers);
	wg_timers_event(&timers, WG_EV_WANT_SESSION, 10 * s, 0);
	wg_timers_event(&timers, WG_EV_RESPONSE_SENT, 12 * s, 0);
	CHECK(!wg_timers_may_initiate(&timers, 17 * s - 1));
	CHECK(wg_timers_may_initiate(&timers, 17 * s));
}

TABLE(rules_passive_keepalive_after_10_seconds,
	{ S(100), WG_EV_DATA_RECEIVED, 0, S(110) },
	{ S(110) - 1, DUE, 0, S(110) },
	{ S(110), DUE, KEEPALIVE, NEVER },
	{ S(110), WG_EV_KEEPALIVE_SENT, 0, NEVER })

TABLE(rules_passive_keepalive_once_more_when_data_went_on,
	{ S(100), WG_EV_DATA_RECEIVED, 0, S(110) },
	{ S(105), WG_EV_DATA_RECEIVED, 0, S(110) },
	{ S(110), DUE, KEEPALIVE, NEVER },
	{ S(110), WG_EV_KEEPALIVE_SENT, 0, S(120) },
	{ S(120), DUE, KEEPALIVE, NEVER },
	{ S(120), WG_EV_KEEPALIVE_SENT, 0, NEVER })

TEST(timers_anything_sent_answers_data)
{
	static const unsigned int sent[] = {
		WG_EV_INITIATION_SENT, WG_EV_KEEPALIVE_SENT,
	};
	struct wg_timers timers;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		const struct step steps[] = {
			{ S(100), WG_EV_DATA_RECEIVED, 0, S(110) },
			{ S(105), sent[i], 0, NEVER },
			{ S(106), WG_EV_DATA_RECEIVED, 0, S(116) },
		};

		start(&timers);
		PLAY_ON(&timers, steps);
	}
}

/* What it answers may have been given up since, and it is heard by nobody. */
TABLE(rules_a_response_does_not_answer_data,
	{ S(100), WG_EV_DATA_RECEIVED, 0, S(110) },
	{ S(105), WG_EV_RESPONSE_SENT, 0, S(110) },
	{ S(106), WG_EV_YIELDED, 0, S(110) },
	{ S(110), DUE, KEEPALIVE, NEVER })

TABLE(rules_data_sent_answers_all_data_received,
	{ S(100), WG_EV_DATA_RECEIVED, 0, S(110) },
	{ S(101), WG_EV_DATA_RECEIVED, 0, S(110) },
	{ S(102), WG_EV_DATA_SENT, 0, S(117) },
	{ S(103), WG_EV_DATA_RECEIVED, 0, S(113) },
	{ S(113), DUE, KEEPALIVE, NEVER },
	/* no second one: nothing came while this was armed */
	{ S(113), WG_EV_KEEPALIVE_SENT, 0, NEVER })

TABLE(rules_keepalives_are_not_answered,
	{ S(100), WG_EV_KEEPALIVE_RECEIVED, 0, NEVER },
	{ S(101), WG_EV_HANDSHAKE_RECEIVED, 0, NEVER },
	{ S(102), WG_EV_KEEPALIVE_SENT, 0, NEVER })

TABLE(rules_silence_of_15_seconds_starts_a_handshake,
	{ S(100), WG_EV_DATA_SENT, 0, S(115) },
	/* counts from the first data that was not answered */
	{ S(110), WG_EV_DATA_SENT, 0, S(115) },
	{ S(115) - 1, DUE, 0, S(115) },
	{ S(115), DUE, CLEAR | INITIATE, S(120) + 1, 1 })

TEST(timers_anything_received_ends_the_silence)
{
	static const unsigned int received[] = {
		WG_EV_DATA_RECEIVED, WG_EV_KEEPALIVE_RECEIVED,
		WG_EV_HANDSHAKE_RECEIVED,
	};
	static const u64 next_ms[] = { S(114), NEVER, NEVER };
	struct wg_timers timers;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		const struct step steps[] = {
			{ S(100), WG_EV_DATA_SENT, 0, S(115) },
			{ S(104), received[i], 0, next_ms[i] },
			{ S(105), WG_EV_DATA_SENT, 0, S(120) },
		};

		start(&timers);
		PLAY_ON(&timers, steps);
	}
}

TABLE(rules_silence_in_an_attempt_changes_nothing,
	{ S(100), WG_EV_DATA_SENT, 0, S(115) },
	{ S(112), WG_EV_WANT_SESSION, INITIATE, S(115) },
	{ S(112), WG_EV_INITIATION_SENT, 0, S(115) },
	{ S(115), DUE, CLEAR, S(117) })

TABLE(rules_keys_go_after_540_seconds_without_a_new_session,
	{ S(100), WG_EV_SESSION_MADE, 0, S(640) },
	{ S(200), WG_EV_SESSION_MADE, 0, S(740) },
	{ S(740) - 1, DUE, 0, S(740) },
	{ S(740), DUE, FORGET, NEVER })

TABLE(rules_persistent_keepalive,
	/* switched on: one at once */
	{ S(100), PERSISTENT + 25, KEEPALIVE, S(125) },
	{ S(100), WG_EV_KEEPALIVE_SENT, 0, S(125) },
	{ S(125), DUE, KEEPALIVE, S(150) },
	/* anything authenticated, either way, puts it off */
	{ S(126), WG_EV_KEEPALIVE_RECEIVED, 0, S(151) },
	{ S(127), WG_EV_HANDSHAKE_RECEIVED, 0, S(152) },
	{ S(128), WG_EV_INITIATION_SENT, 0, S(153) },
	{ S(129), WG_EV_RESPONSE_SENT, 0, S(154) },
	{ S(130), WG_EV_KEEPALIVE_SENT, 0, S(155) },
	{ S(131), WG_EV_DATA_SENT, 0, S(146) },
	{ S(132), WG_EV_DATA_RECEIVED, 0, S(142) },
	{ S(133), WG_EV_KEEPALIVE_SENT, 0, S(158) },
	/* another interval counts from now, off is off */
	{ S(140), PERSISTENT + 5, 0, S(145) },
	{ S(141), PERSISTENT + 0, 0, NEVER },
	{ S(142), WG_EV_KEEPALIVE_SENT, 0, NEVER })

TABLE(rules_persistent_keepalive_of_the_greatest_interval,
	{ S(1), PERSISTENT + 65535, KEEPALIVE, S(65536) },
	{ S(65536), DUE, KEEPALIVE, S(131071) })

TABLE(rules_persistent_keepalive_begins_anew_after_giving_up,
	{ S(0), PERSISTENT + 25, KEEPALIVE, S(25) },
	/* no session to send it under */
	{ S(0), WG_EV_WANT_SESSION, INITIATE, S(5) },
	{ S(0), WG_EV_INITIATION_SENT, 0, S(5) },
	{ S(85), WG_EV_INITIATION_SENT, 0, S(90) },
	{ S(90), DUE, DROP | LOST, S(110) },
	{ S(110), DUE, KEEPALIVE, S(135) },
	{ S(110), WG_EV_WANT_SESSION, INITIATE, S(115) })

TEST(timers_start_of_the_device_starts_persistent_keepalives)
{
	static const struct step steps[] = {
		{ S(1), PERSISTENT + 25, 0, NEVER },
		{ S(10), WG_EV_STARTED, KEEPALIVE, S(35) },
		{ S(20), WG_EV_STOPPED, 0, NEVER },
		{ S(30), WG_EV_STARTED, KEEPALIVE, S(55) },
	};
	struct wg_timers timers;

	wg_timers_init(&timers);
	PLAY_ON(&timers, steps);
}

TEST(timers_stopped_peer_does_nothing)
{
	struct wg_timers timers;
	unsigned int event;

	start(&timers);
	wg_timers_set_persistent(&timers, 25, 0);
	wg_timers_event(&timers, WG_EV_DATA_SENT, 0, 0);
	wg_timers_event(&timers, WG_EV_DATA_RECEIVED, 0, 0);
	wg_timers_event(&timers, WG_EV_SESSION_MADE, 0, 0);
	wg_timers_event(&timers, WG_EV_WANT_SESSION, 0, 0);
	wg_timers_event(&timers, WG_EV_STOPPED, 1, 0);
	CHECK_EQ(wg_timers_next(&timers), WG_NEVER_NS);
	for (event = 0; event <= WG_EV_KEYS_GONE; event++) {
		if (event == WG_EV_STARTED)
			continue;
		CHECK_EQ(wg_timers_event(&timers, event, 2, 0), 0);
		CHECK_EQ(wg_timers_next(&timers), WG_NEVER_NS);
	}
	CHECK_EQ(wg_timers_due(&timers, 1000 * WG_NS_PER_S, 0), 0);
	CHECK(!wg_timers_may_initiate(&timers, 1000 * WG_NS_PER_S));
}

TABLE(rules_stop_forgets_when_the_last_initiation_was,
	{ S(10), WG_EV_WANT_SESSION, INITIATE, S(15) },
	{ S(10), WG_EV_INITIATION_SENT, 0, S(15) },
	{ S(11), WG_EV_STOPPED, 0, NEVER },
	{ S(12), WG_EV_STARTED, 0, NEVER },
	{ S(12), WG_EV_WANT_SESSION, INITIATE, S(17) })

TABLE(rules_keys_gone_leaves_the_persistent_keepalive,
	{ S(10), PERSISTENT + 60, KEEPALIVE, S(70) },
	{ S(10), WG_EV_WANT_SESSION, INITIATE, S(15) },
	{ S(10), WG_EV_INITIATION_SENT, 0, S(15) },
	{ S(11), WG_EV_SESSION_MADE, 0, S(15) },
	{ S(11), WG_EV_SESSION_READY, 0, S(70) },
	{ S(11), WG_EV_DATA_SENT, 0, S(26) },
	{ S(11), WG_EV_DATA_RECEIVED, 0, S(21) },
	{ S(12), WG_EV_KEYS_GONE, 0, S(71) },
	{ S(13), WG_EV_WANT_SESSION, INITIATE, S(18) })

TABLE(rules_keys_gone_asks_again_for_what_was_not_answered,
	{ S(10), WG_EV_DATA_SENT, 0, S(25) },
	{ S(12), WG_EV_KEYS_GONE, INITIATE, S(17) })

/* Somebody may wait for the session of this attempt, and goes on to. */
TABLE(rules_keys_gone_in_an_attempt_begins_it_anew,
	{ S(10), WG_EV_WANT_SESSION, INITIATE, S(15) },
	{ S(10), WG_EV_INITIATION_SENT, 0, S(15) },
	{ S(95), DUE, CLEAR | INITIATE, S(100) },
	{ S(95), WG_EV_INITIATION_SENT, 0, S(100) },
	{ S(96), WG_EV_KEYS_GONE, INITIATE, S(101) },
	{ S(97), WG_EV_WANT_SESSION, 0, S(101) },
	{ S(185), WG_EV_INITIATION_SENT, 0, S(186) },
	{ S(186), DUE, DROP | LOST, S(726) })

TABLE(rules_all_that_is_due_comes_at_once,
	{ S(0), WG_EV_SESSION_MADE, 0, S(540) },
	{ S(0), PERSISTENT + 600, KEEPALIVE, S(540) },
	{ S(1), WG_EV_DATA_SENT, 0, S(16) },
	{ S(2), WG_EV_DATA_RECEIVED, 0, S(12) },
	{ S(3), WG_EV_DATA_RECEIVED, 0, S(12) },
	/* the machine slept */
	{ S(700), DUE, KEEPALIVE | FORGET, S(1300) })

/* What is due has been dealt with: asking again gives nothing new. */
TEST(timers_due_moves_the_deadline)
{
	struct random random = { 540 };
	struct wg_timers timers;
	u64 now_ns = 0;
	unsigned int i, event;

	start(&timers);
	for (i = 0; i < 100000; i++) {
		now_ns += random_below(&random, 2000) * MS;
		event = random_below(&random, WG_EV_KEYS_GONE + 1);
		if (random_below(&random, 50) == 0)
			wg_timers_set_persistent(&timers,
						 random_below(&random, 100),
						 now_ns);
		if (event == WG_EV_STOPPED && i % 64)
			event = WG_EV_STARTED;
		wg_timers_event(&timers, event, now_ns,
				random_below(&random, 334) * MS);
		if (wg_timers_next(&timers) > now_ns) {
			CHECK_EQ(wg_timers_due(&timers, now_ns, 0), 0);
			continue;
		}
		CHECK(wg_timers_due(&timers, now_ns, 0));
		CHECK(wg_timers_next(&timers) > now_ns);
	}
}

/* Which of what is sent and received within a session asks for a new one. */

#define AGE_MS(birth_ms, counter, is_initiator)				\
	{ (birth_ms) * MS, counter, is_initiator }

/* Of a session of ours, born at 0, with such a number. */
#define AGE_BY(number) { .counter = 1, .chance = (number), .is_initiator = true }

TEST(timers_quota_table)
{
	const u64 limit = 0xffffffffffffdfffULL; /* 2^64 - 2^13 - 1 */
	const struct {
		const char *claim;
		struct wg_timers_age age;
		u64 now_ms;
		unsigned int wanted, quota;
	} rows[] = {
		{ "new", AGE_MS(0, 0, true), 0, 64, 64 },
		{ "last moment", AGE_MS(1, 9, true), S(175), 64, 64 },
		{ "175 s old", AGE_MS(0, 9, true), S(175), 64, 0 },
		{ "so as responder", AGE_MS(0, 9, false), S(175), 1, 0 },
		{ "counters end in the batch", AGE_MS(0, limit - 3, true),
		  0, 64, 3 },
		{ "last counter", AGE_MS(0, limit - 1, true), 0, 1, 1 },
		{ "no counter left", AGE_MS(0, limit, true), 0, 1, 0 },
		{ "nor beyond", AGE_MS(0, ~0ULL, true), 0, 1, 0 },
		{ "another CPU's clock is behind", AGE_MS(5, 0, true), 4, 2,
		  2 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_EQ_ROW(wg_timers_quota(&rows[i].age, rows[i].wanted,
					     rows[i].now_ms * MS),
			     rows[i].quota, rows[i].claim);
}

TEST(timers_renew_on_send_table)
{
	const struct {
		const char *claim;
		struct wg_timers_age age;
		u64 now_ms;
		bool must;
	} rows[] = {
		{ "new", AGE_MS(0, 1, true), 1, false },
		{ "under 120 s", AGE_MS(0, 1, true), S(120) - 1, false },
		{ "120 s", AGE_MS(0, 1, true), S(120), true },
		{ "its chance is greatest", AGE_BY(~0U), S(110), false },
		{ "and that is under 10 s", AGE_BY(~0U), S(110) + 1, true },
		{ "an even chance is half", AGE_BY(1U << 31), S(115), true },
		{ "and not more", AGE_BY(1U << 31), S(115) - 1, false },
		{ "responder does not by time", AGE_MS(0, 1, false),
		  S(170), false },
		{ "2^60 - 1 sent", AGE_MS(0, (1ULL << 60) - 1, true), 1,
		  false },
		{ "2^60 sent", AGE_MS(0, 1ULL << 60, true), 1, true },
		{ "2^60 sent as responder", AGE_MS(0, 1ULL << 60, false), 1,
		  true },
	};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_EQ_ROW(wg_timers_must_renew_on_send(&rows[i].age,
							  rows[i].now_ms * MS),
			     rows[i].must, rows[i].claim);
}

TEST(timers_renew_on_receive_table)
{
	const struct {
		const char *claim;
		struct wg_timers_age age;
		u64 now_ms;
		bool must;
	} rows[] = {
		{ "under 165 s", AGE_MS(0, 1, true), S(165) - 1, false },
		{ "165 s", AGE_MS(0, 1, true), S(165), true },
		{ "by an even chance", AGE_BY(1U << 31), S(160), true },
		{ "not before", AGE_BY(1U << 31), S(160) - 1, false },
		{ "as responder never", AGE_MS(0, 1, false), S(179), false },
	};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_EQ_ROW(wg_timers_must_renew_on_receive(&rows[i].age,
							     rows[i].now_ms *
							     MS),
			     rows[i].must, rows[i].claim);
}

TEST(timers_receive_until_180_seconds)
{
	CHECK(wg_timers_may_receive(5, 5));
	CHECK(wg_timers_may_receive(5, 4));
	CHECK(wg_timers_may_receive(5, 180 * WG_NS_PER_S + 4));
	CHECK(!wg_timers_may_receive(5, 180 * WG_NS_PER_S + 5));
}

/* The white paper, section 6, and what other implementations use. */
TEST(timers_constants_are_those_of_the_protocol)
{
	const u64 s = 1000000000;

	CHECK_EQ(WG_REKEY_AFTER_MESSAGES, 1152921504606846976);
	CHECK_EQ(WG_REKEY_AFTER_TIME_NS, 120 * s);
	CHECK_EQ(WG_REJECT_AFTER_TIME_NS, 180 * s);
	CHECK_EQ(WG_REKEY_ATTEMPT_TIME_NS, 90 * s);
	CHECK_EQ(WG_REKEY_TIMEOUT_NS, 5 * s);
	CHECK_EQ(WG_KEEPALIVE_TIMEOUT_NS, 10 * s);
	CHECK_EQ(WG_JITTER_MAX_NS, 333000000);
	CHECK_EQ(WG_STAGED_MAX, 128);
	CHECK_EQ(WG_PEERS_MAX, 1048576);
	CHECK_EQ(WG_DSCP_HANDSHAKE, 0x88);
}
