// SPDX-License-Identifier: GPL-2.0
/*
 * The clock is an argument, so that no case sleeps: a second passes when the
 * case says so. The figures are those of the protocol: 20 handshakes a second
 * from one source, 5 at once.
 */
#include "table/ratelimiter.h"

#include <kunit/test.h>
#include <linux/in6.h>
#include <linux/slab.h>

#include "fault.h"
#include "threads.h"

#define MS 1000000ULL
#define NOW (1000000 * MS)
#define BURST 5
#define TOKEN (50 * MS)

static int ratelimiter_test_init(struct kunit *test)
{
	struct wg_ratelimiter *limiter;

	limiter = kunit_kzalloc(test, sizeof(*limiter), GFP_KERNEL);
	if (!limiter)
		return -ENOMEM;
	test->priv = limiter;
	wg_ratelimiter_init(limiter);
	return 0;
}

static void ratelimiter_test_exit(struct kunit *test)
{
	if (test->priv)
		wg_ratelimiter_destroy(test->priv);
}

static bool take4(struct wg_ratelimiter *limiter, u32 addr, u64 now_ns)
{
	return wg_ratelimiter_allow4(limiter, cpu_to_be32(addr), now_ns);
}

static bool take6(struct wg_ratelimiter *limiter, u64 net, u64 host, u64 now_ns)
{
	struct in6_addr addr;

	addr.s6_addr32[0] = cpu_to_be32(net >> 32);
	addr.s6_addr32[1] = cpu_to_be32(net);
	addr.s6_addr32[2] = cpu_to_be32(host >> 32);
	addr.s6_addr32[3] = cpu_to_be32(host);
	return wg_ratelimiter_allow6(limiter, &addr, now_ns);
}

static unsigned int take4_many(struct wg_ratelimiter *limiter, u32 addr,
			       u64 now_ns, unsigned int questions)
{
	unsigned int taken = 0;

	while (questions--)
		taken += take4(limiter, addr, now_ns);
	return taken;
}

static void buckets_allow_a_burst_and_then_the_rate(struct kunit *test)
{
	struct wg_ratelimiter *limiter = test->priv;
	unsigned int i, taken = 0;

	KUNIT_EXPECT_EQ(test, take4_many(limiter, 1, NOW, 50), BURST);
	KUNIT_EXPECT_FALSE(test, take4(limiter, 1, NOW + TOKEN - 1));
	KUNIT_EXPECT_TRUE(test, take4(limiter, 1, NOW + TOKEN));
	KUNIT_EXPECT_FALSE(test, take4(limiter, 1, NOW + TOKEN));
	for (i = 1; i <= 1000; i++)
		taken += take4(limiter, 1, NOW + TOKEN + i * MS);
	KUNIT_EXPECT_EQ(test, taken, 20);
	KUNIT_EXPECT_EQ(test, take4_many(limiter, 1, NOW + 10000 * MS, 50),
			BURST);
}

static void buckets_tell_sources_apart(struct kunit *test)
{
	struct wg_ratelimiter *limiter = test->priv;
	unsigned int i;

	for (i = 0; i < 32; i++)
		KUNIT_EXPECT_EQ(test, take4_many(limiter, 1U << i, NOW, 50),
				BURST);
	KUNIT_EXPECT_FALSE(test, take4(limiter, 1, NOW));
}

static void buckets_take_an_ipv6_network_for_one_source(struct kunit *test)
{
	struct wg_ratelimiter *limiter = test->priv;
	u64 net = 0x20010db800000001;
	unsigned int i, taken = 0;

	for (i = 0; i < 64; i++)
		taken += take6(limiter, net, 1ULL << i, NOW);
	KUNIT_EXPECT_EQ(test, taken, BURST);
	for (taken = 0, i = 0; i < 64; i++)
		taken += take6(limiter, net ^ 1ULL << i, 1, NOW);
	KUNIT_EXPECT_EQ(test, taken, 64);
}

/* Neither ::a.b.c.d nor the network 0:0:a.b:c.d::/64 is a.b.c.d. */
static void buckets_keep_the_families_apart(struct kunit *test)
{
	struct wg_ratelimiter *limiter = test->priv;

	KUNIT_EXPECT_EQ(test, take4_many(limiter, 0x0a000001, NOW, 50), BURST);
	KUNIT_EXPECT_TRUE(test, take6(limiter, 0x0a000001, 0, NOW));
	KUNIT_EXPECT_TRUE(test, take6(limiter, 0, 0x0a000001, NOW));
	KUNIT_EXPECT_TRUE(test, take6(limiter, 0x0a00000100000000, 0, NOW));
}

static void buckets_own_memory_only_while_asked(struct kunit *test)
{
	struct wg_ratelimiter *limiter = test->priv;

	KUNIT_EXPECT_NULL(test, limiter->blocks);
	KUNIT_EXPECT_TRUE(test, take4(limiter, 1, NOW));
	KUNIT_EXPECT_EQ(test, limiter->block_count, 1);

	/* Asked since the last look: the look is put off, and then comes. */
	flush_delayed_work(&limiter->trim);
	KUNIT_EXPECT_EQ(test, limiter->block_count, 1);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&limiter->trim));
	take4(limiter, 1, NOW);
	flush_delayed_work(&limiter->trim);
	KUNIT_EXPECT_EQ(test, limiter->block_count, 1);
	flush_delayed_work(&limiter->trim);
	KUNIT_EXPECT_EQ(test, limiter->block_count, 0);
	KUNIT_EXPECT_NULL(test, limiter->blocks);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&limiter->trim));

	KUNIT_EXPECT_TRUE(test, take4(limiter, 1, NOW + 2000 * MS));
	KUNIT_EXPECT_EQ(test, limiter->block_count, 1);
}

/* How many of @count newcomers from @addr on get in? */
static unsigned int crowd(struct wg_ratelimiter *limiter, u32 addr,
			  unsigned int count, u64 now_ns)
{
	unsigned int taken = 0;

	while (count--)
		taken += take4(limiter, addr++, now_ns);
	return taken;
}

static void buckets_refuse_newcomers_when_full(struct kunit *test)
{
	struct wg_ratelimiter *limiter = test->priv;
	unsigned int taken;

	taken = crowd(limiter, 0, WG_RATELIMITER_MAX / 4, NOW);
	KUNIT_EXPECT_GT(test, taken, WG_RATELIMITER_MAX / 4 - 100);
	taken += crowd(limiter, 1 << 20, 3 * WG_RATELIMITER_MAX, NOW);
	KUNIT_EXPECT_LE(test, taken, WG_RATELIMITER_MAX);
	KUNIT_EXPECT_GT(test, taken, WG_RATELIMITER_MAX / 100 * 99);
	KUNIT_EXPECT_LT(test, crowd(limiter, 1 << 24, 1000, NOW), 20);

	/* Who is in, keeps his other four tokens. */
	taken = crowd(limiter, 0, 1000, NOW);
	KUNIT_EXPECT_GT(test, taken, 900);

	/* A token's time later the silent ones have made room. */
	taken = crowd(limiter, 1 << 25, 1000, NOW + TOKEN);
	KUNIT_EXPECT_GT(test, taken, 900);
}

static void buckets_refuse_when_memory_is_short(struct kunit *test)
{
	struct wg_ratelimiter *limiter = test->priv;
	unsigned int nth;

	for (nth = 1; nth <= 2; nth++) {
		wg_fault_arm(nth);
		KUNIT_EXPECT_FALSE(test, take4(limiter, 1, NOW));
		KUNIT_EXPECT_TRUE(test, wg_fault_disarm());
		flush_delayed_work(&limiter->trim);
		flush_delayed_work(&limiter->trim);
		KUNIT_EXPECT_NULL(test, limiter->blocks);
	}
	KUNIT_EXPECT_EQ(test, take4_many(limiter, 1, NOW, 50), BURST);
}

static atomic_t taken_by_all;

static unsigned int take_round(void *context)
{
	if (take4(context, 1, NOW))
		atomic_inc(&taken_by_all);
	return 0;
}

static void buckets_count_right_on_all_cpus(struct kunit *test)
{
	struct wg_ratelimiter *limiter = test->priv;
	struct threads threads;
	unsigned int i;

	atomic_set(&taken_by_all, 0);
	threads_start(&threads, take_round, limiter);
	for (i = 0; i < 50; i++) {
		take_round(limiter);
		threads_give_way(&threads);
	}
	threads_stop(test, &threads);
	KUNIT_EXPECT_EQ(test, atomic_read(&taken_by_all), BURST);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(buckets_allow_a_burst_and_then_the_rate),
	KUNIT_CASE(buckets_tell_sources_apart),
	KUNIT_CASE(buckets_take_an_ipv6_network_for_one_source),
	KUNIT_CASE(buckets_keep_the_families_apart),
	KUNIT_CASE(buckets_own_memory_only_while_asked),
	KUNIT_CASE(buckets_refuse_newcomers_when_full),
	KUNIT_CASE(buckets_refuse_when_memory_is_short),
	KUNIT_CASE(buckets_count_right_on_all_cpus),
	{}
};

static struct kunit_suite suite = {
	.name = "wg-ratelimiter",
	.init = ratelimiter_test_init,
	.exit = ratelimiter_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
