// SPDX-License-Identifier: GPL-2.0
#include <linux/minmax.h>
#include <string.h>

#include "harness.h"
#include "proto/replay.h"

/*
 * The naive window: every counter ever received is remembered (as long as it
 * matters: twice the window, and a range that tests stay in).
 */
#define NAIVE_SPAN (1U << 20)

struct naive {
	u64 base; /* what counter 0 of @seen stands for */
	u64 next;
	bool seen[NAIVE_SPAN];
};

static enum wg_replay_verdict naive_accept(struct naive *naive, u64 counter)
{
	bool *seen = &naive->seen[counter - naive->base];

	if (counter >= WG_REJECT_AFTER_MESSAGES)
		return WG_REPLAY_BEYOND;
	if (naive->next > 8192 && counter < naive->next - 8192)
		return WG_REPLAY_TOO_OLD;
	if (*seen)
		return WG_REPLAY_DUPLICATE;
	*seen = true;
	if (counter >= naive->next)
		naive->next = counter + 1;
	return WG_REPLAY_OK;
}

static struct naive *naive_new(u64 base)
{
	static struct naive naive;

	memset(&naive, 0, sizeof(naive));
	naive.base = base;
	return &naive;
}

/* Steps ahead, far jumps, late ones, repeats: as networks do it and worse. */
static u64 next_counter(struct random *random, u64 next)
{
	switch (random_below(random, 8)) {
	case 0:
		return next + random_below(random, 300);
	case 1:
		return next - min_t(u64, next, random_below(random, 9000));
	case 2:
		return next - min_t(u64, next, random_below(random, 70));
	case 3:
		/* exactly at the edge, one inside, one outside */
		return next - min_t(u64, next, 8191 +
				    random_below(random, 3));
	default:
		return next;
	}
}

TEST(replay_equals_a_naive_set)
{
	struct random random = { 6479 };
	struct naive *naive = naive_new(0);
	struct wg_replay replay = { };
	unsigned int i;
	u64 counter;

	for (i = 0; i < 30000; i++) {
		counter = next_counter(&random, replay.next);
		if (!CHECK_EQ(wg_replay_accept(&replay, counter),
			      naive_accept(naive, counter)))
			return;
	}
	CHECK(replay.next > 8 * 8192);
}

TEST(replay_runs_equal_single_counters)
{
	struct wg_replay one = { }, runs = { };
	struct random random = { 9746 };
	unsigned int i, j, count;
	u64 first, mask;

	for (i = 0; i < 20000; i++) {
		first = next_counter(&random, one.next);
		count = 1 + random_below(&random, 64);
		mask = 0;
		for (j = 0; j < count; j++)
			if (wg_replay_accept(&one, first + j) == WG_REPLAY_OK)
				mask |= 1ULL << j;
		if (!CHECK_EQ(wg_replay_accept_run(&runs, first, count),
			      mask) ||
		    !CHECK_BYTES(&runs, &one, sizeof(one)))
			return;
	}
}

TEST(replay_whole_run_of_64)
{
	struct wg_replay replay = { };

	CHECK_EQ(wg_replay_accept_run(&replay, 5, 64), ~0ULL);
	CHECK_EQ(wg_replay_accept_run(&replay, 5, 64), 0);
	CHECK_EQ(wg_replay_accept_run(&replay, 4, 2), 1);
	CHECK_EQ(wg_replay_accept_run(&replay, 64, 64), ~0ULL << 5);
}

TEST(replay_takes_each_counter_once)
{
	struct wg_replay replay = { };
	u64 counter;

	for (counter = 0; counter < 20000; counter++)
		CHECK_EQ(wg_replay_accept(&replay, counter), WG_REPLAY_OK);
	for (counter = 20000 - 8192; counter < 20000; counter++)
		CHECK_EQ(wg_replay_accept(&replay, counter),
			 WG_REPLAY_DUPLICATE);
	CHECK_EQ(wg_replay_accept(&replay, 20000 - 8193),
		 WG_REPLAY_TOO_OLD);
}

TEST(replay_takes_all_of_the_window_backwards)
{
	struct wg_replay replay = { };
	u64 last;

	/* whatever bit of its word the greatest counter is */
	for (last = 100000; last < 100128; last++) {
		unsigned int i;

		memset(&replay, 0, sizeof(replay));
		CHECK_EQ(wg_replay_accept(&replay, last), WG_REPLAY_OK);
		for (i = 1; i < 8192; i++)
			CHECK_EQ(wg_replay_accept(&replay, last - i),
				 WG_REPLAY_OK);
		CHECK_EQ(wg_replay_accept(&replay, last - 8192),
			 WG_REPLAY_TOO_OLD);
	}
}

TEST(replay_verdict_other_than_ok_changes_nothing)
{
	struct wg_replay replay = { }, before;

	wg_replay_accept(&replay, 50000);
	before = replay;
	wg_replay_accept(&replay, 50000);
	wg_replay_accept(&replay, 50001 - 8193);
	wg_replay_accept(&replay, WG_REJECT_AFTER_MESSAGES);
	wg_replay_accept(&replay, ~0ULL);
	wg_replay_accept_run(&replay, 50000, 1);
	CHECK_BYTES(&replay, &before, sizeof(before));
}

TEST(replay_jump_over_the_whole_ring_forgets_it)
{
	struct wg_replay replay = { };
	u64 i;

	for (i = 0; i < 8256; i++)
		wg_replay_accept(&replay, i);
	CHECK_EQ(wg_replay_accept(&replay, 1ULL << 40), WG_REPLAY_OK);
	for (i = 1; i < 8192; i++)
		CHECK_EQ(wg_replay_accept(&replay, (1ULL << 40) - i),
			 WG_REPLAY_OK);
}

TEST(replay_end_of_the_counters)
{
	/* 2^64 - 2^13 - 1 */
	const u64 limit = 0xffffffffffffdfffULL;
	struct wg_replay replay = { };

	CHECK_EQ(WG_REJECT_AFTER_MESSAGES, limit);
	CHECK_EQ(wg_replay_accept(&replay, limit), WG_REPLAY_BEYOND);
	CHECK_EQ(wg_replay_accept(&replay, ~0ULL), WG_REPLAY_BEYOND);
	CHECK_EQ(wg_replay_accept(&replay, limit - 1), WG_REPLAY_OK);
	CHECK_EQ(wg_replay_accept(&replay, limit - 1), WG_REPLAY_DUPLICATE);
	CHECK_EQ(wg_replay_accept(&replay, limit - 8192), WG_REPLAY_OK);
	CHECK_EQ(wg_replay_accept(&replay, limit - 8193), WG_REPLAY_TOO_OLD);
	CHECK_EQ(wg_replay_accept(&replay, 0), WG_REPLAY_TOO_OLD);
}

TEST(replay_run_across_the_limit)
{
	struct wg_replay replay = { };

	CHECK_EQ(wg_replay_accept_run(&replay, WG_REJECT_AFTER_MESSAGES - 3,
				      10), 7);
	CHECK_EQ(wg_replay_accept_run(&replay, ~0ULL - 20, 10), 0);
}
