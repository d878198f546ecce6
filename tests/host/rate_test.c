// SPDX-License-Identifier: GPL-2.0
#include "harness.h"
#include "proto/rate.h"

#define MS WG_NS_PER_MS

TEST(token_bucket_table)
{
	static const struct {
		u64 at_ms;
		bool may_pass;
	} rows[] = {
		/* five at once, no more */
		{ 1000, true }, { 1000, true }, { 1000, true },
		{ 1000, true }, { 1000, true }, { 1000, false },
		/* one each 50 ms */
		{ 1049, false }, { 1050, true }, { 1050, false },
		{ 1100, true }, { 1149, false },
		/* three in 150 ms */
		{ 1250, true }, { 1250, true }, { 1250, true },
		{ 1250, false },
		/* full again, not fuller */
		{ 9000, true }, { 9000, true }, { 9000, true },
		{ 9000, true }, { 9000, true }, { 9000, false },
	};
	struct wg_token_bucket bucket = { };
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_EQ(wg_token_bucket_take(&bucket, rows[i].at_ms * MS),
			 rows[i].may_pass);
}

TEST(token_bucket_lets_20_a_second_pass_in_the_long_run)
{
	struct wg_token_bucket bucket = { };
	unsigned int passed = 0;
	u64 now_ms;

	for (now_ms = 5000; now_ms < 65000; now_ms++)
		passed += wg_token_bucket_take(&bucket, now_ms * MS);
	/* 60 s at 20 a second, and the burst; the first is taken at once */
	CHECK(passed >= 60 * 20 + 4 && passed <= 60 * 20 + 5);
}

TEST(token_bucket_refusal_costs_nothing)
{
	struct wg_token_bucket bucket = { };
	unsigned int i;

	for (i = 0; i < 1000; i++)
		wg_token_bucket_take(&bucket, 1000 * MS);
	CHECK(wg_token_bucket_take(&bucket, 1050 * MS));
}

TEST(token_bucket_is_full_after_a_quarter_second)
{
	struct wg_token_bucket bucket = { };
	unsigned int i;

	CHECK(wg_token_bucket_is_full(&bucket, 0));
	for (i = 0; i < 5; i++)
		wg_token_bucket_take(&bucket, 1000 * MS);
	CHECK(!wg_token_bucket_is_full(&bucket, 1000 * MS));
	CHECK(!wg_token_bucket_is_full(&bucket, 1250 * MS - 1));
	CHECK(wg_token_bucket_is_full(&bucket, 1250 * MS));
}

TEST(load_table)
{
	static const struct {
		const char *claim;
		u64 at_ms;
		unsigned int queued;
		bool is_loaded;
	} rows[] = {
		{ "empty", 0, 0, false },
		{ "below an eighth", 10, 511, false },
		{ "an eighth", 20, 512, true },
		{ "less, but a second has not passed", 1019, 0, true },
		{ "a second later", 1020, 0, false },
		{ "full", 2000, 4096, true },
		{ "counts from the last time", 2500, 600, true },
		{ "still", 3499, 511, true },
		{ "over", 3500, 511, false },
	};
	struct wg_load load = { };
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_EQ_ROW(wg_load_note(&load, rows[i].queued, 4096,
					  rows[i].at_ms * MS),
			     rows[i].is_loaded, rows[i].claim);
}

TEST(burst_begins_with_the_packet_that_makes_it_one)
{
	struct wg_burst burst = { };
	unsigned int i;

	for (i = 1; i < WG_BURST_PACKETS; i++)
		CHECK(!wg_burst_send(&burst, 7));
	CHECK(wg_burst_send(&burst, 7));
	CHECK(wg_burst_send(&burst, 7));
	/* it goes on in the next tick, from its first packet */
	CHECK(wg_burst_send(&burst, 8));
}

TEST(burst_ends_after_a_slow_tick_or_a_pause)
{
	struct wg_burst burst = { };
	unsigned int i;

	for (i = 0; i < WG_BURST_PACKETS; i++)
		wg_burst_send(&burst, 7);
	CHECK(wg_burst_send(&burst, 8));
	CHECK(!wg_burst_send(&burst, 9));
	for (i = 1; i < WG_BURST_PACKETS; i++)
		wg_burst_send(&burst, 9);
	CHECK(!wg_burst_send(&burst, 11));
}

TEST(burst_is_not_who_gets_answers)
{
	struct wg_burst burst = { };
	unsigned int i;

	for (i = 0; i < 10 * WG_BURST_PACKETS; i++) {
		CHECK(!wg_burst_send(&burst, 7));
		wg_burst_hear(&burst);
	}
	for (i = 0; i < WG_BURST_PACKETS; i++)
		wg_burst_send(&burst, 7);
	wg_burst_hear(&burst);
	CHECK(!wg_burst_send(&burst, 7));
	CHECK(!wg_burst_send(&burst, 8));
}
