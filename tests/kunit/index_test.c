// SPDX-License-Identifier: GPL-2.0
#include "table/index.h"

#include <kunit/test.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "fault.h"
#include "threads.h"

#define CROWD 20000

static int index_test_init(struct kunit *test)
{
	struct wg_index *index;

	index = kunit_kzalloc(test, sizeof(*index), GFP_KERNEL);
	if (!index)
		return -ENOMEM;
	test->priv = index;
	return wg_index_init(index);
}

static void index_test_exit(struct kunit *test)
{
	if (test->priv)
		wg_index_destroy(test->priv);
}

static struct wg_index_entry *look_up(struct wg_index *index, __le32 value)
{
	struct wg_index_entry *entry;

	rcu_read_lock();
	entry = wg_index_lookup_rcu(index, value);
	rcu_read_unlock();
	return entry;
}

static void index_finds_what_was_inserted(struct kunit *test)
{
	struct wg_index_entry hs = {}, session = {};
	struct wg_index *index = test->priv;

	KUNIT_ASSERT_EQ(test, 0, wg_index_insert(index, &hs,
						 WG_INDEX_HANDSHAKE));
	KUNIT_ASSERT_EQ(test, 0, wg_index_insert(index, &session,
						 WG_INDEX_SESSION));
	KUNIT_EXPECT_PTR_EQ(test, look_up(index, hs.value), &hs);
	KUNIT_EXPECT_PTR_EQ(test, look_up(index, session.value), &session);
	KUNIT_EXPECT_EQ(test, hs.kind, WG_INDEX_HANDSHAKE);
	KUNIT_EXPECT_EQ(test, session.kind, WG_INDEX_SESSION);
	KUNIT_EXPECT_NULL(test, look_up(index, ~hs.value));
	wg_index_remove(index, &hs);
	wg_index_remove(index, &session);
}

static void index_removes_once(struct kunit *test)
{
	struct wg_index_entry entry = {}, never = {};
	struct wg_index *index = test->priv;

	KUNIT_EXPECT_FALSE(test, wg_index_remove(index, &never));
	KUNIT_ASSERT_EQ(test, 0, wg_index_insert(index, &entry,
						 WG_INDEX_SESSION));
	KUNIT_EXPECT_TRUE(test, wg_index_remove(index, &entry));
	KUNIT_EXPECT_NULL(test, look_up(index, entry.value));
	KUNIT_EXPECT_FALSE(test, wg_index_remove(index, &entry));
}

static void index_replace_keeps_the_number(struct kunit *test)
{
	struct wg_index_entry hs = {}, session = {}, late = {};
	struct wg_index *index = test->priv;
	__le32 value;

	KUNIT_ASSERT_EQ(test, 0, wg_index_insert(index, &hs,
						 WG_INDEX_HANDSHAKE));
	value = hs.value;
	KUNIT_EXPECT_TRUE(test, wg_index_replace(index, &hs, &session,
						 WG_INDEX_SESSION));
	KUNIT_EXPECT_EQ(test, (__force u32)session.value, (__force u32)value);
	KUNIT_EXPECT_EQ(test, session.kind, WG_INDEX_SESSION);
	KUNIT_EXPECT_PTR_EQ(test, look_up(index, value), &session);

	KUNIT_EXPECT_FALSE(test, wg_index_remove(index, &hs));
	KUNIT_EXPECT_FALSE(test, wg_index_replace(index, &hs, &late,
						  WG_INDEX_SESSION));
	KUNIT_EXPECT_PTR_EQ(test, look_up(index, value), &session);
	KUNIT_EXPECT_TRUE(test, wg_index_remove(index, &session));
	KUNIT_EXPECT_NULL(test, look_up(index, value));
}

static struct wg_index_entry *insert_crowd(struct kunit *test,
					   struct wg_index *index)
{
	struct wg_index_entry *crowd = vcalloc(CROWD, sizeof(*crowd));
	unsigned int i, failures = 0;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	for (i = 0; i < CROWD; i++)
		failures += !!wg_index_insert(index, &crowd[i],
					      WG_INDEX_SESSION);
	KUNIT_EXPECT_EQ(test, failures, 0);
	return crowd;
}

static unsigned int bucket_count(struct wg_index *index)
{
	unsigned int size;

	rcu_read_lock();
	size = rht_dereference_rcu(index->table.tbl, &index->table)->size;
	rcu_read_unlock();
	return size;
}

/* Wait for the table's worker: has it, in the end, @min to @max buckets? */
static bool comes_to_size(struct wg_index *index, unsigned int min,
			  unsigned int max)
{
	unsigned int size, tries;

	for (tries = 0; tries < 5000; tries++) {
		size = bucket_count(index);
		if (size >= min && size <= max)
			return true;
		usleep_range(1000, 2000);
	}
	return false;
}

/* Two entries with one number: one of them would not find itself. */
static void index_numbers_are_unique_in_a_crowd(struct kunit *test)
{
	struct wg_index *index = test->priv;
	struct wg_index_entry *crowd = insert_crowd(test, index);
	unsigned int i, lost = 0, left = 0, in_order = 0;

	for (i = 0; i < CROWD; i++)
		lost += look_up(index, crowd[i].value) != &crowd[i];
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_TRUE(test, comes_to_size(index, CROWD, 4 * CROWD));

	/* Random numbers rise half of the time. */
	for (i = 1; i < CROWD; i++)
		in_order += le32_to_cpu(crowd[i].value) >
			    le32_to_cpu(crowd[i - 1].value);
	KUNIT_EXPECT_GT(test, in_order, CROWD * 2 / 5);
	KUNIT_EXPECT_LT(test, in_order, CROWD * 3 / 5);

	for (i = 0; i < CROWD; i++)
		wg_index_remove(index, &crowd[i]);
	for (i = 0; i < CROWD; i++)
		left += !!look_up(index, crowd[i].value);
	KUNIT_EXPECT_EQ(test, left, 0);
	KUNIT_EXPECT_TRUE(test, comes_to_size(index, 0, CROWD / 100));
	vfree(crowd);
}

/**
 * struct pair - two entries that take one number from each other
 * @index: their table
 * @entries: one of them is in the table at any time
 * @value: their number
 */
struct pair {
	struct wg_index *index;
	struct wg_index_entry entries[2];
	__le32 value;
};

static unsigned int look_up_pair_round(void *context)
{
	struct pair *pair = context;
	unsigned int i, mistakes = 0;
	struct wg_index_entry *entry;

	for (i = 0; i < 100; i++) {
		entry = look_up(pair->index, pair->value);
		if (entry != &pair->entries[0] && entry != &pair->entries[1])
			mistakes++;
	}
	return mistakes;
}

/*
 * While the table grows and shrinks, and while an entry comes and goes that
 * readers may be standing on.
 */
static void index_readers_find_one_or_the_other(struct kunit *test)
{
	struct wg_index_entry *crowd, restless = {};
	struct wg_index *index = test->priv;
	struct pair pair = { .index = index };
	struct threads threads;
	unsigned int i, failures = 0;

	KUNIT_ASSERT_EQ(test, 0, wg_index_insert(index, &pair.entries[0],
						 WG_INDEX_HANDSHAKE));
	pair.value = pair.entries[0].value;
	threads_start(&threads, look_up_pair_round, &pair);
	crowd = insert_crowd(test, index);
	for (i = 0; i < CROWD; i++) {
		failures += !wg_index_replace(index, &pair.entries[i % 2],
					      &pair.entries[!(i % 2)],
					      WG_INDEX_SESSION);
		failures += !!wg_index_insert(index, &restless,
					      WG_INDEX_HANDSHAKE);
		failures += !wg_index_remove(index, &restless);
		failures += !wg_index_remove(index, &crowd[i]);
		if (i % 1024 == 0)
			threads_give_way(&threads);
	}
	KUNIT_EXPECT_EQ(test, failures, 0);
	threads_stop(test, &threads);
	wg_index_remove(index, &pair.entries[0]);
	wg_index_remove(index, &pair.entries[1]);
	synchronize_rcu();
	vfree(crowd);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(index_finds_what_was_inserted),
	KUNIT_CASE(index_removes_once),
	KUNIT_CASE(index_replace_keeps_the_number),
	KUNIT_CASE(index_numbers_are_unique_in_a_crowd),
	KUNIT_CASE(index_readers_find_one_or_the_other),
	{}
};

static struct kunit_suite suite = {
	.name = "wg-index",
	.init = index_test_init,
	.exit = index_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
