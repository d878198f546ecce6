// SPDX-License-Identifier: GPL-2.0
/*
 * What the host tests of the trie cannot show: readers on other CPUs while it
 * changes, real RCU, the kernel's allocator.
 */
#include "table/trie.h"

#include <kunit/test.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/socket.h>

#include "fault.h"
#include "threads.h"

enum magic {
	SHOWN = 0x600d,
	HIDDEN = 0xbad,
	FREED = 0xdead,
};

/* What the trie's values point at; @magic says whether it may be seen. */
struct value {
	enum magic magic;
	struct value *next;
	struct rcu_head rcu;
};

static struct value *value_new(struct kunit *test, enum magic magic)
{
	struct value *value = kzalloc(sizeof(*value), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, value);
	value->magic = magic;
	return value;
}

static void value_free_rcu(struct rcu_head *rcu)
{
	struct value *value = container_of(rcu, struct value, rcu);

	WRITE_ONCE(value->magic, FREED);
	kfree(value);
}

/* A transaction and the values that it displaces. */
struct change {
	struct wg_trie_txn txn;
	struct value *displaced;
};

static void displace(struct change *change, struct value *old)
{
	if (!old)
		return;
	old->next = change->displaced;
	change->displaced = old;
}

static void set4(struct kunit *test, struct change *change, u32 addr,
		 unsigned int cidr)
{
	struct value *value = value_new(test, SHOWN);
	__be32 addr4 = cpu_to_be32(addr);
	void *old;

	KUNIT_ASSERT_EQ(test, 0, wg_trie_set(&change->txn, AF_INET, &addr4,
					     cidr, value, &old));
	displace(change, old);
}

static void clear4(struct kunit *test, struct change *change, u32 addr,
		   unsigned int cidr)
{
	__be32 addr4 = cpu_to_be32(addr);
	void *old;

	KUNIT_ASSERT_EQ(test, 0, wg_trie_clear(&change->txn, AF_INET, &addr4,
					       cidr, &old));
	displace(change, old);
}

static void commit(struct change *change)
{
	struct value *value, *next;

	wg_trie_commit(&change->txn);
	for (value = change->displaced; value; value = next) {
		next = value->next;
		call_rcu(&value->rcu, value_free_rcu);
	}
}

#define NET 0x0a000000U /* 10.0.0.0 */

/* Somebody holds each address of 10/8 at any time, and never a hidden value. */
static unsigned int look_up_round(void *context)
{
	struct wg_trie *trie = context;
	unsigned int i, mistakes = 0;
	struct value *value;

	for (i = 0; i < 100; i++) {
		u32 addr = NET | (get_random_u32() & 0xffff);

		rcu_read_lock();
		value = wg_trie_lookup4_rcu(trie, cpu_to_be32(addr));
		if (!value || READ_ONCE(value->magic) != SHOWN)
			mistakes++;
		rcu_read_unlock();
	}
	return mistakes;
}

/* From one /16 to its 256 /24, with all values new, or back. */
static void change_shape(struct kunit *test, struct wg_trie *trie,
			 bool is_whole)
{
	struct change change = {};
	unsigned int i;

	wg_trie_begin(&change.txn, trie);
	for (i = 0; i < 256; i++) {
		if (is_whole)
			clear4(test, &change, NET | i << 8, 24);
		else
			set4(test, &change, NET | i << 8, 24);
	}
	if (is_whole)
		set4(test, &change, NET, 16);
	else
		clear4(test, &change, NET, 16);
	commit(&change);
}

static void clear_all(struct kunit *test, struct wg_trie *trie)
{
	struct change change = {};

	wg_trie_begin(&change.txn, trie);
	clear4(test, &change, NET, 16);
	commit(&change);
	KUNIT_EXPECT_EQ(test, trie->count, 0);
}

/* All of 10.0/16 to a value that nobody may see, then abort. */
static void change_mind(struct kunit *test, struct wg_trie *trie,
			struct value *hidden)
{
	struct wg_trie_txn txn;
	unsigned int i;
	__be32 addr;
	void *old;

	wg_trie_begin(&txn, trie);
	for (i = 0; i < 256; i++) {
		addr = cpu_to_be32(NET | i << 8);
		KUNIT_EXPECT_EQ(test, 0, wg_trie_set(&txn, AF_INET, &addr, 24,
						     hidden, &old));
		KUNIT_EXPECT_EQ(test, 0, wg_trie_clear(&txn, AF_INET, &addr,
						       16, &old));
	}
	wg_trie_abort(&txn);
}

static void trie_readers_see_changes_whole_or_not_at_all(struct kunit *test)
{
	struct value *hidden = value_new(test, HIDDEN);
	struct threads threads;
	struct wg_trie trie;
	unsigned int i;

	wg_trie_init(&trie);
	change_shape(test, &trie, true);
	threads_start(&threads, look_up_round, &trie);
	for (i = 0; i < 300; i++) {
		change_shape(test, &trie, i % 2);
		KUNIT_EXPECT_EQ(test, trie.count, i % 2 ? 1 : 256);
		change_mind(test, &trie, hidden);
		if (i % 8 == 0)
			threads_give_way(&threads);
	}
	threads_stop(test, &threads);
	change_shape(test, &trie, true);
	clear_all(test, &trie);
	wg_trie_destroy(&trie);
	rcu_barrier();
	kfree(hidden);
}

struct lookup_case {
	const char *desc;
	const char *addr;
	const char *value; /* NULL: nobody */
};

static const struct {
	const char *addr;
	unsigned int cidr;
} prefixes[] = {
	{ "10.0.0.0", 8 }, { "10.1.0.0", 16 }, { "10.1.2.3", 32 },
	{ "0.0.0.0", 0 }, { "2001:db8::", 32 }, { "2001:db8::1", 128 },
	{ "2001:db8:0:0:8000::", 65 },
};

static const struct lookup_case lookups[] = {
	{ "IPv4 host", "10.1.2.3", "10.1.2.3" },
	{ "IPv4 network in a network", "10.1.2.4", "10.1.0.0" },
	{ "IPv4 network", "10.2.0.0", "10.0.0.0" },
	{ "IPv4 default", "11.0.0.1", "0.0.0.0" },
	{ "IPv6 host", "2001:db8::1", "2001:db8::1" },
	{ "IPv6 beside the host", "2001:db8::2", "2001:db8::" },
	{ "IPv6 across the words", "2001:db8::8000:0:0:1",
	  "2001:db8:0:0:8000::" },
	{ "IPv6 of nobody", "2001:db9::1", NULL },
};

KUNIT_ARRAY_PARAM_DESC(lookups, lookups, desc);

static int parse(const char *text, u8 *addr)
{
	if (strchr(text, ':')) {
		in6_pton(text, -1, addr, -1, NULL);
		return AF_INET6;
	}
	in4_pton(text, -1, addr, -1, NULL);
	return AF_INET;
}

static void trie_finds_the_longest_prefix(struct kunit *test)
{
	const struct lookup_case *row = test->param_value;
	struct wg_trie_txn txn;
	struct wg_trie trie;
	struct in6_addr addr = {};
	const char *found;
	unsigned int i;
	int family;
	void *old;

	wg_trie_init(&trie);
	wg_trie_begin(&txn, &trie);
	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		family = parse(prefixes[i].addr, addr.s6_addr);
		KUNIT_EXPECT_EQ(test, 0,
				wg_trie_set(&txn, family, &addr,
					    prefixes[i].cidr,
					    (void *)prefixes[i].addr, &old));
	}
	wg_trie_commit(&txn);
	family = parse(row->addr, addr.s6_addr);
	rcu_read_lock();
	found = family == AF_INET ?
		wg_trie_lookup4_rcu(&trie, addr.s6_addr32[0]) :
		wg_trie_lookup6_rcu(&trie, &addr);
	rcu_read_unlock();
	KUNIT_EXPECT_STREQ(test, found ?: "nobody", row->value ?: "nobody");
	wg_trie_destroy(&trie);
}

#define CROWD 50

/* Return: false: there were fewer allocations. */
static bool abort_at(struct kunit *test, struct wg_trie *trie,
		     unsigned int nth)
{
	struct wg_trie_txn txn;
	bool has_failed;
	unsigned int i;
	__be32 addr;
	int err = 0;
	void *old;

	wg_trie_begin(&txn, trie);
	wg_fault_arm(nth);
	for (i = 0; i < CROWD && !err; i++) {
		addr = cpu_to_be32(NET | i << 8);
		err = i % 2 ? wg_trie_clear(&txn, AF_INET, &addr, 32, &old) :
			      wg_trie_set(&txn, AF_INET, &addr, 24, trie, &old);
	}
	has_failed = wg_fault_disarm();
	KUNIT_EXPECT_EQ(test, err, err && has_failed ? -ENOMEM : 0);
	wg_trie_abort(&txn);
	return has_failed;
}

static void trie_bears_each_failed_allocation(struct kunit *test)
{
	struct wg_trie_txn txn;
	unsigned int i, nth;
	struct wg_trie trie;
	__be32 addr;
	void *old;

	wg_trie_init(&trie);
	wg_trie_begin(&txn, &trie);
	for (i = 0; i < CROWD; i++) {
		addr = cpu_to_be32(NET | i << 8);
		KUNIT_ASSERT_EQ(test, 0, wg_trie_set(&txn, AF_INET, &addr, 32,
						     (void *)&prefixes[i % 7],
						     &old));
	}
	wg_trie_commit(&txn);
	for (nth = 1; abort_at(test, &trie, nth); nth++) {
		rcu_read_lock();
		for (i = 0; i < CROWD; i++)
			KUNIT_EXPECT_PTR_EQ(test,
					    wg_trie_lookup4_rcu(&trie, cpu_to_be32(NET | i << 8)),
					    (void *)&prefixes[i % 7]);
		rcu_read_unlock();
	}
	KUNIT_EXPECT_GT(test, nth, CROWD / 2);
	wg_trie_destroy(&trie);
	rcu_barrier();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(trie_readers_see_changes_whole_or_not_at_all),
	KUNIT_CASE_PARAM(trie_finds_the_longest_prefix, lookups_gen_params),
	KUNIT_CASE(trie_bears_each_failed_allocation),
	{}
};

static struct kunit_suite suite = {
	.name = "wg-trie",
	.test_cases = cases,
};

kunit_test_suite(suite);
