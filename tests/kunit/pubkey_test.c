// SPDX-License-Identifier: GPL-2.0
#include "table/pubkey.h"

#include <kunit/test.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "fault.h"
#include "threads.h"

#define KEY_SIZE 32
#define CROWD 20000

/* What has a key: the key lies in it, not in the entry. */
struct owner {
	struct wg_pubkey_entry entry;
	u8 key[KEY_SIZE];
};

static int pubkey_test_init(struct kunit *test)
{
	struct wg_pubkeys *pubkeys;

	pubkeys = kunit_kzalloc(test, sizeof(*pubkeys), GFP_KERNEL);
	if (!pubkeys)
		return -ENOMEM;
	test->priv = pubkeys;
	return wg_pubkeys_init(pubkeys);
}

static void pubkey_test_exit(struct kunit *test)
{
	if (test->priv)
		wg_pubkeys_destroy(test->priv);
}

static struct wg_pubkey_entry *look_up(struct wg_pubkeys *pubkeys,
				       const u8 *key)
{
	struct wg_pubkey_entry *entry;

	rcu_read_lock();
	entry = wg_pubkeys_lookup_rcu(pubkeys, key);
	rcu_read_unlock();
	return entry;
}

static int insert(struct wg_pubkeys *pubkeys, struct owner *owner)
{
	return wg_pubkeys_insert(pubkeys, &owner->entry, owner->key);
}

static void pubkey_differs_in_any_bit(struct kunit *test)
{
	struct wg_pubkeys *pubkeys = test->priv;
	struct owner owner = {};
	u8 key[1 + KEY_SIZE]; /* at an odd address */
	unsigned int bit;

	get_random_bytes(owner.key, KEY_SIZE);
	memcpy(key + 1, owner.key, KEY_SIZE);
	KUNIT_ASSERT_EQ(test, 0, insert(pubkeys, &owner));
	KUNIT_EXPECT_PTR_EQ(test, look_up(pubkeys, key + 1), &owner.entry);
	for (bit = 0; bit < 8 * KEY_SIZE; bit++) {
		key[1 + bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_NULL(test, look_up(pubkeys, key + 1));
		key[1 + bit / 8] ^= 1 << bit % 8;
	}
	wg_pubkeys_remove(pubkeys, &owner.entry);
}

static void pubkey_has_one_owner_at_a_time(struct kunit *test)
{
	struct wg_pubkeys *pubkeys = test->priv;
	struct owner first = { .key = { 1 } }, second = { .key = { 1 } };

	KUNIT_EXPECT_EQ(test, 0, insert(pubkeys, &first));
	KUNIT_EXPECT_EQ(test, -EEXIST, insert(pubkeys, &second));
	KUNIT_EXPECT_PTR_EQ(test, look_up(pubkeys, first.key), &first.entry);
	wg_pubkeys_remove(pubkeys, &first.entry);
	KUNIT_EXPECT_NULL(test, look_up(pubkeys, first.key));
	KUNIT_EXPECT_EQ(test, 0, insert(pubkeys, &second));
	KUNIT_EXPECT_PTR_EQ(test, look_up(pubkeys, first.key), &second.entry);
	wg_pubkeys_remove(pubkeys, &second.entry);
}

static struct owner *insert_crowd(struct kunit *test,
				  struct wg_pubkeys *pubkeys)
{
	struct owner *crowd = vcalloc(CROWD, sizeof(*crowd));
	unsigned int i, failures = 0;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	for (i = 0; i < CROWD; i++) {
		put_unaligned_le32(i, crowd[i].key + 7);
		failures += !!insert(pubkeys, &crowd[i]);
	}
	KUNIT_EXPECT_EQ(test, failures, 0);
	return crowd;
}

static void pubkey_finds_each_of_a_crowd(struct kunit *test)
{
	struct wg_pubkeys *pubkeys = test->priv;
	struct owner *crowd = insert_crowd(test, pubkeys);
	unsigned int i, lost = 0, left = 0;

	for (i = 0; i < CROWD; i++)
		lost += look_up(pubkeys, crowd[i].key) != &crowd[i].entry;
	KUNIT_EXPECT_EQ(test, lost, 0);
	for (i = 0; i < CROWD; i += 2)
		wg_pubkeys_remove(pubkeys, &crowd[i].entry);
	for (lost = 0, i = 0; i < CROWD; i++)
		if (i % 2)
			lost += look_up(pubkeys, crowd[i].key) !=
				&crowd[i].entry;
		else
			left += !!look_up(pubkeys, crowd[i].key);
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_EQ(test, left, 0);
	for (i = 1; i < CROWD; i += 2)
		wg_pubkeys_remove(pubkeys, &crowd[i].entry);
	synchronize_rcu();
	vfree(crowd);
}

struct look {
	struct wg_pubkeys *pubkeys;
	struct owner *owner;
};

static unsigned int look_up_round(void *context)
{
	struct look *look = context;
	unsigned int i, mistakes = 0;

	for (i = 0; i < 100; i++)
		mistakes += look_up(look->pubkeys, look->owner->key) !=
			    &look->owner->entry;
	return mistakes;
}

static void pubkey_readers_find_who_stays(struct kunit *test)
{
	struct wg_pubkeys *pubkeys = test->priv;
	struct owner owner = { .key = { [31] = 1 } };
	struct look look = { pubkeys, &owner };
	struct threads threads;
	struct owner *crowd;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, insert(pubkeys, &owner));
	threads_start(&threads, look_up_round, &look);
	crowd = insert_crowd(test, pubkeys);
	for (i = 0; i < CROWD; i++) {
		wg_pubkeys_remove(pubkeys, &crowd[i].entry);
		if (i % 1024 == 0)
			threads_give_way(&threads);
	}
	threads_stop(test, &threads);
	KUNIT_EXPECT_PTR_EQ(test, look_up(pubkeys, owner.key), &owner.entry);
	wg_pubkeys_remove(pubkeys, &owner.entry);
	synchronize_rcu();
	vfree(crowd);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pubkey_differs_in_any_bit),
	KUNIT_CASE(pubkey_has_one_owner_at_a_time),
	KUNIT_CASE(pubkey_finds_each_of_a_crowd),
	KUNIT_CASE(pubkey_readers_find_who_stays),
	{}
};

static struct kunit_suite suite = {
	.name = "wg-pubkey",
	.init = pubkey_test_init,
	.exit = pubkey_test_exit,
	.test_cases = cases,
};

kunit_test_suite(suite);
