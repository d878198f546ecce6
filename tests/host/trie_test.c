// SPDX-License-Identifier: GPL-2.0
#include "table/trie.h"

#include <arpa/inet.h>
#include <linux/errno.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "heap.h"

/* Large enough to nest deep, small enough for the naive list to be searched. */
#define NAIVE_MAX 384

/* One prefix in the naive list; an address is compared bit by bit. */
struct naive {
	int family;
	u8 addr[16];
	unsigned int cidr;
	void *value;
};

struct naive_list {
	struct naive entries[NAIVE_MAX];
	unsigned int count;
};

static bool bits_agree(const u8 *a, const u8 *b, unsigned int bits)
{
	unsigned int i;

	for (i = 0; i < bits; i++)
		if ((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static struct naive *naive_find(struct naive_list *list,
				const struct naive *like)
{
	unsigned int i;

	for (i = 0; i < list->count; i++)
		if (list->entries[i].family == like->family &&
		    list->entries[i].cidr == like->cidr &&
		    bits_agree(list->entries[i].addr, like->addr, like->cidr))
			return &list->entries[i];
	return NULL;
}

static void *naive_lookup(const struct naive_list *list, int family,
			  const u8 *addr)
{
	const struct naive *entry, *best = NULL;

	for (entry = list->entries; entry < list->entries + list->count;
	     entry++)
		if (entry->family == family &&
		    (!best || entry->cidr > best->cidr) &&
		    bits_agree(entry->addr, addr, entry->cidr))
			best = entry;
	return best ? best->value : NULL;
}

/* Return: what the prefix had before. */
static void *naive_set(struct naive_list *list, const struct naive *entry)
{
	struct naive *found = naive_find(list, entry);
	void *old;

	if (!found) {
		list->entries[list->count++] = *entry;
		return NULL;
	}
	old = found->value;
	found->value = entry->value;
	return old;
}

static void *naive_clear(struct naive_list *list, const struct naive *entry)
{
	struct naive *found = naive_find(list, entry);
	void *old;

	if (!found)
		return NULL;
	old = found->value;
	*found = list->entries[--list->count];
	return old;
}

static void *trie_lookup(const struct wg_trie *trie, int family,
			 const u8 *addr)
{
	struct in6_addr addr6;
	__be32 addr4;

	if (family == AF_INET) {
		memcpy(&addr4, addr, sizeof(addr4));
		return wg_trie_lookup4_rcu(trie, addr4);
	}
	memcpy(&addr6, addr, sizeof(addr6));
	return wg_trie_lookup6_rcu(trie, &addr6);
}

static int txn_set(struct wg_trie_txn *txn, const struct naive *entry,
		   void **old)
{
	return wg_trie_set(txn, entry->family, entry->addr, entry->cidr,
			   entry->value, old);
}

static int txn_clear(struct wg_trie_txn *txn, const struct naive *entry,
		     void **old)
{
	return wg_trie_clear(txn, entry->family, entry->addr, entry->cidr,
			     old);
}

static void *txn_find(const struct wg_trie_txn *txn,
		      const struct naive *entry)
{
	return wg_trie_find(txn, entry->family, entry->addr, entry->cidr);
}

/*
 * An address near one of a few, so that prefixes nest, meet and differ at any
 * bit; now and then any address at all.
 */
static void random_addr(struct random *random, int *family, u8 *addr)
{
	static const u8 bases[][16] = {
		{ 10, 0, 0, 0 }, { 192, 168, 1, 0 }, { 255, 255, 255, 255 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1 },
		{ 0xfd, 1, 2, 3, 4, 5, 6, 7, 0x80 }, { 0 },
	};
	unsigned int i, bits, flips;

	*family = random_below(random, 2) ? AF_INET : AF_INET6;
	bits = *family == AF_INET ? 32 : 128;
	memset(addr, 0, 16);
	if (!random_below(random, 8)) {
		random_bytes(random, addr, bits / 8);
		return;
	}
	memcpy(addr, bases[random_below(random, ARRAY_SIZE(bases))], bits / 8);
	flips = random_below(random, 5);
	for (i = 0; i < flips; i++) {
		unsigned int bit = random_below(random, bits);

		addr[bit / 8] ^= 0x80 >> bit % 8;
	}
}

/* Values are told apart by their number; nothing is where they point. */
static void random_prefix(struct random *random, struct naive *entry)
{
	random_addr(random, &entry->family, entry->addr);
	entry->cidr = random_below(random, entry->family == AF_INET ? 33 : 129);
	entry->value = (void *)(unsigned long)(1 + random_u64(random) % 100000);
}

static void random_known(struct random *random, const struct naive_list *list,
			 struct naive *entry)
{
	random_prefix(random, entry);
	if (list->count && random_below(random, 4))
		*entry = list->entries[random_below(random, list->count)];
}

static void check_lookup(struct random *random, const struct wg_trie *trie,
			 const struct naive_list *list)
{
	u8 addr[16];
	int family;

	random_addr(random, &family, addr);
	CHECK(trie_lookup(trie, family, addr) ==
	      naive_lookup(list, family, addr));
}

static void check_set(struct random *random, struct wg_trie_txn *txn,
		      struct naive_list *list)
{
	struct naive entry;
	void *old;

	random_prefix(random, &entry);
	if (list->count == NAIVE_MAX && !naive_find(list, &entry))
		return;
	CHECK_EQ(txn_set(txn, &entry, &old), 0);
	CHECK(old == naive_set(list, &entry));
}

static void check_clear(struct random *random, struct wg_trie_txn *txn,
			struct naive_list *list)
{
	struct naive entry;
	void *old;

	random_known(random, list, &entry);
	CHECK_EQ(txn_clear(txn, &entry, &old), 0);
	CHECK(old == naive_clear(list, &entry));
}

static void check_find(struct random *random, const struct wg_trie_txn *txn,
		       struct naive_list *list)
{
	struct naive entry, *found;

	random_known(random, list, &entry);
	found = naive_find(list, &entry);
	CHECK(txn_find(txn, &entry) == (found ? found->value : NULL));
}

static void check_everything(struct random *random,
			     const struct wg_trie *trie,
			     const struct naive_list *list)
{
	unsigned int i;

	CHECK_EQ(trie->count, list->count);
	for (i = 0; i < list->count; i++)
		CHECK(trie_lookup(trie, list->entries[i].family,
				  list->entries[i].addr) ==
		      naive_lookup(list, list->entries[i].family,
				   list->entries[i].addr));
	for (i = 0; i < 64; i++)
		check_lookup(random, trie, list);
}

/* One random operation; sets and clears outweigh each other in turns. */
static void random_operation(struct random *random, struct wg_trie_txn *txn,
			     const struct naive_list *live,
			     struct naive_list *next, bool is_growing)
{
	switch (random_below(random, 8)) {
	case 0:
	case 1:
	case 2:
		check_lookup(random, txn->trie, live);
		break;
	case 3:
		check_find(random, txn, next);
		break;
	case 4:
	case 5:
		if (is_growing)
			check_set(random, txn, next);
		else
			check_clear(random, txn, next);
		break;
	case 6:
		check_set(random, txn, next);
		break;
	case 7:
		check_clear(random, txn, next);
		break;
	}
}

TEST(trie_agrees_with_a_naive_list)
{
	static struct naive_list live, next;
	struct random random = { 20240607 };
	unsigned int done = 0, length, i;
	struct wg_trie_txn txn;
	struct wg_trie trie;

	printf("# seed %llu\n", random.state);
	live.count = 0;
	wg_trie_init(&trie);
	while (done < 1000000) {
		next = live;
		wg_trie_begin(&txn, &trie);
		length = 1 + random_below(&random, 200);
		for (i = 0; i < length; i++)
			random_operation(&random, &txn, &live, &next,
					 done / 50000 % 2 == 0);
		CHECK_EQ(txn.count, next.count);
		if (random_below(&random, 4)) {
			wg_trie_commit(&txn);
			live = next;
		} else {
			wg_trie_abort(&txn);
		}
		if (random_below(&random, 2))
			rcu_end_grace_period();
		if (!random_below(&random, 64))
			check_everything(&random, &trie, &live);
		done += length;
	}
	wg_trie_destroy(&trie);
	rcu_end_grace_period();
	CHECK_EQ(heap_bytes(), 0);
}

/* A trie and its list with @count random prefixes. */
static void fill(struct random *random, struct wg_trie *trie,
		 struct naive_list *list, unsigned int count)
{
	struct wg_trie_txn txn;
	struct naive entry;
	void *old;

	list->count = 0;
	wg_trie_init(trie);
	wg_trie_begin(&txn, trie);
	while (list->count < count) {
		random_prefix(random, &entry);
		CHECK_EQ(txn_set(&txn, &entry, &old), 0);
		naive_set(list, &entry);
	}
	wg_trie_commit(&txn);
	rcu_end_grace_period();
}

struct step {
	struct naive entry;
	bool is_clear;
};

static void random_steps(struct random *random, const struct naive_list *list,
			 struct step *steps, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		steps[i].is_clear = random_below(random, 2);
		if (steps[i].is_clear)
			random_known(random, list, &steps[i].entry);
		else
			random_prefix(random, &steps[i].entry);
	}
}

static int do_step(struct wg_trie_txn *txn, const struct step *step,
		   void **old)
{
	return step->is_clear ? txn_clear(txn, &step->entry, old) :
				txn_set(txn, &step->entry, old);
}

static void naive_step(struct naive_list *list, const struct step *step)
{
	if (step->is_clear)
		naive_clear(list, &step->entry);
	else
		naive_set(list, &step->entry);
}

static bool txn_agrees(const struct wg_trie_txn *txn, struct naive_list *list)
{
	unsigned int i;

	for (i = 0; i < list->count; i++)
		if (txn_find(txn, &list->entries[i]) != list->entries[i].value)
			return false;
	return txn->count == list->count;
}

#define STEPS 12

/* Let the @nth allocation fail. Return: false: there were fewer. */
static bool abort_at(struct random *random, struct wg_trie *trie,
		     const struct naive_list *list, const struct step *steps,
		     unsigned long nth)
{
	size_t before = heap_bytes();
	struct wg_trie_txn txn;
	unsigned int i;
	int err = 0;
	void *old;

	wg_trie_begin(&txn, trie);
	heap_fail(nth);
	for (i = 0; i < STEPS && !err; i++)
		err = do_step(&txn, &steps[i], &old);
	heap_fail(0);
	if (err)
		CHECK_EQ(-err, ENOMEM);
	wg_trie_abort(&txn);
	rcu_end_grace_period();
	CHECK_EQ(heap_bytes(), before);
	check_everything(random, trie, list);
	return err;
}

TEST(trie_abort_after_each_failed_allocation_leaves_all_as_it_was)
{
	static struct naive_list list;
	struct random random = { 7 };
	struct step steps[STEPS];
	unsigned long nth, failures = 0;
	unsigned int round;
	struct wg_trie trie;

	printf("# seed %llu\n", random.state);
	for (round = 0; round < 40; round++) {
		fill(&random, &trie, &list, round * 9 % NAIVE_MAX);
		random_steps(&random, &list, steps, STEPS);
		for (nth = 1; abort_at(&random, &trie, &list, steps, nth);
		     nth++)
			failures++;
		wg_trie_destroy(&trie);
		CHECK_EQ(heap_bytes(), 0);
	}
	CHECK(failures > 40 * STEPS);
}

/*
 * The same, but the failed operation is repeated and the transaction
 * committed. Return: false: there was no failure, the steps took fewer.
 */
static bool go_on_at(struct random *random, struct wg_trie *trie,
		     struct naive_list *list, const struct step *steps,
		     unsigned long nth)
{
	struct wg_trie_txn txn;
	bool has_failed;
	unsigned int i;
	void *old;

	wg_trie_begin(&txn, trie);
	heap_fail(nth);
	for (i = 0; i < STEPS; i++) {
		if (do_step(&txn, &steps[i], &old)) {
			CHECK(txn_agrees(&txn, list));
			CHECK(!do_step(&txn, &steps[i], &old));
		}
		naive_step(list, &steps[i]);
		CHECK(txn_agrees(&txn, list));
	}
	has_failed = heap_has_failed();
	heap_fail(0);
	wg_trie_commit(&txn);
	rcu_end_grace_period();
	check_everything(random, trie, list);
	return has_failed;
}

TEST(trie_failed_operation_changes_nothing_in_the_transaction)
{
	static struct naive_list list;
	struct random random = { 8 };
	struct step steps[STEPS];
	struct wg_trie trie;
	unsigned long nth;
	bool has_failed;

	printf("# seed %llu\n", random.state);
	for (nth = 1, has_failed = true; has_failed; nth++) {
		fill(&random, &trie, &list, 20 + nth * 5 % 300);
		random_steps(&random, &list, steps, STEPS);
		has_failed = go_on_at(&random, &trie, &list, steps, nth);
		wg_trie_destroy(&trie);
		CHECK_EQ(heap_bytes(), 0);
	}
	CHECK(nth > STEPS);
}

/* Commit one transaction that clears what @list has from @from on. */
static void clear_from(struct wg_trie *trie, struct naive_list *list,
		       unsigned int from)
{
	struct wg_trie_txn txn;
	void *old;

	wg_trie_begin(&txn, trie);
	while (list->count > from) {
		list->count--;
		CHECK_EQ(txn_clear(&txn, &list->entries[list->count], &old), 0);
		CHECK(old == list->entries[list->count].value);
	}
	wg_trie_commit(&txn);
	rcu_end_grace_period();
}

TEST(trie_takes_as_much_memory_after_removals_as_if_built_so)
{
	static struct naive_list list;
	struct random random = { 9 };
	struct wg_trie trie, fresh;
	struct wg_trie_txn txn;
	size_t shrunk, built;
	unsigned int i;
	void *old;

	printf("# seed %llu\n", random.state);
	fill(&random, &trie, &list, NAIVE_MAX);
	clear_from(&trie, &list, NAIVE_MAX / 4);
	shrunk = heap_bytes();

	wg_trie_init(&fresh);
	wg_trie_begin(&txn, &fresh);
	for (i = list.count; i--; )
		CHECK_EQ(txn_set(&txn, &list.entries[i], &old), 0);
	wg_trie_commit(&txn);
	rcu_end_grace_period();
	built = heap_bytes() - shrunk;
	CHECK_EQ(shrunk, built);
	wg_trie_destroy(&fresh);

	clear_from(&trie, &list, 0);
	CHECK_EQ(heap_bytes(), 0);
	CHECK(!trie.roots[WG_TRIE_IPV4] && !trie.roots[WG_TRIE_IPV6]);
}

TEST(trie_readers_keep_their_version_for_a_grace_period)
{
	static struct naive_list list, next;
	struct random random = { 10 };
	struct step steps[STEPS];
	struct wg_trie_txn txn;
	struct wg_trie trie;
	struct wg_trie seen;
	unsigned int i;
	void *old;

	printf("# seed %llu\n", random.state);
	fill(&random, &trie, &list, NAIVE_MAX / 2);
	seen = trie;
	next = list;
	random_steps(&random, &list, steps, STEPS);
	wg_trie_begin(&txn, &trie);
	for (i = 0; i < STEPS; i++) {
		CHECK_EQ(do_step(&txn, &steps[i], &old), 0);
		naive_step(&next, &steps[i]);
		check_everything(&random, &trie, &list);
	}
	wg_trie_commit(&txn);
	check_everything(&random, &seen, &list);
	check_everything(&random, &trie, &next);
	rcu_end_grace_period();
	check_everything(&random, &trie, &next);
	wg_trie_destroy(&trie);
	CHECK_EQ(heap_bytes(), 0);
}

static void set_text(struct wg_trie *trie, const char *text, unsigned int cidr,
		     const char *value)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	struct wg_trie_txn txn;
	u8 addr[16];
	void *old;

	CHECK_EQ(inet_pton(family, text, addr), 1);
	wg_trie_begin(&txn, trie);
	CHECK_EQ(wg_trie_set(&txn, family, addr, cidr, (void *)value, &old), 0);
	wg_trie_commit(&txn);
	rcu_end_grace_period();
}

static const char *lookup_text(const struct wg_trie *trie, const char *text)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	const char *value;
	u8 addr[16];

	CHECK_EQ(inet_pton(family, text, addr), 1);
	value = trie_lookup(trie, family, addr);
	return value ? value : "nobody";
}

TEST(trie_finds_the_longest_prefix)
{
	static const struct {
		const char *addr;
		unsigned int cidr;
		const char *value;
	} prefixes[] = {
		{ "10.0.0.0", 8, "a" }, { "10.64.0.0", 10, "b" },
		{ "10.64.1.0", 24, "c" }, { "10.64.1.7", 32, "d" },
		{ "192.168.5.5", 16, "e" }, { "0.0.0.0", 0, "any4" },
		{ "128.0.0.0", 1, "high" }, { "255.255.255.255", 31, "end" },
		{ "2001:db8::", 32, "f" }, { "2001:db8::1", 128, "g" },
		{ "2001:db8:0:0:8000::", 65, "h" }, { "fd00::1", 8, "i" },
		{ "2001:db8:0:0:ffff::", 64, "j" }, { "fd00::2", 127, "k" },
		{ "fd00::", 61, "l" },
	};
	static const struct {
		const char *addr;
		const char *value;
	} rows[] = {
		{ "10.1.2.3", "a" }, { "10.64.0.1", "b" },
		{ "10.127.255.255", "b" }, { "10.128.0.0", "a" },
		{ "10.64.1.6", "c" }, { "10.64.1.7", "d" },
		{ "10.64.2.7", "b" }, { "192.168.200.1", "e" },
		{ "192.169.0.0", "high" }, { "127.255.255.255", "any4" },
		{ "255.255.255.254", "end" }, { "255.255.255.253", "high" },
		{ "0.0.0.0", "any4" }, { "11.0.0.0", "any4" },
		{ "2001:db8:1::", "f" }, { "2001:db8::1", "g" },
		{ "2001:db8::2", "j" }, { "2001:db8::8000:0:0:1", "h" },
		{ "2001:db8:0:1::1", "f" }, { "fdff::", "i" },
		{ "fd00::3", "k" }, { "fd00::4", "l" },
		{ "fd00:0:0:7:ffff::", "l" }, { "fd00:0:0:8::", "i" },
		{ "2001:db9::", "nobody" }, { "::", "nobody" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "nobody" },
	};
	struct wg_trie trie;
	unsigned int i;

	wg_trie_init(&trie);
	for (i = 0; i < ARRAY_SIZE(prefixes); i++)
		set_text(&trie, prefixes[i].addr, prefixes[i].cidr,
			 prefixes[i].value);
	CHECK_EQ(trie.count, ARRAY_SIZE(prefixes));
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_ROW(!strcmp(lookup_text(&trie, rows[i].addr),
				  rows[i].value), rows[i].addr);
	wg_trie_destroy(&trie);
	CHECK_EQ(heap_bytes(), 0);
}

TEST(trie_reads_addresses_of_any_alignment)
{
	struct wg_trie trie;
	u8 packet[40] = {};
	unsigned int i;

	wg_trie_init(&trie);
	set_text(&trie, "2001:db8::", 32, "f");
	for (i = 0; i < 16; i++) {
		memcpy(packet + i, "\x20\x01\x0d\xb8", 4);
		CHECK(wg_trie_lookup6_rcu(&trie, (void *)(packet + i)));
		packet[i] = 0;
	}
	wg_trie_destroy(&trie);
}

#define BULK 100000

/* The figures in trie_node.h; the bound leaves no room for a lost shape. */
TEST(trie_of_random_addresses_is_small_and_quickly_built)
{
	struct random random = { 11 };
	struct wg_trie_txn txn;
	unsigned long allocations;
	struct wg_trie trie;
	unsigned int i;
	__be32 addr;
	void *old;

	printf("# seed %llu\n", random.state);
	allocations = heap_allocations();
	wg_trie_init(&trie);
	wg_trie_begin(&txn, &trie);
	for (i = 0; i < BULK; i++) {
		addr = random_u64(&random);
		CHECK_EQ(wg_trie_set(&txn, AF_INET, &addr, 32, &trie, &old), 0);
	}
	wg_trie_commit(&txn);
	rcu_end_grace_period();
	allocations = heap_allocations() - allocations;
	printf("# %zu bytes and %lu.%02lu allocations for each of %u\n",
	       heap_bytes() / trie.count, allocations / BULK,
	       allocations % BULK * 100 / BULK, trie.count);
	CHECK(heap_bytes() / trie.count <= 60);
	CHECK(allocations <= 2 * BULK);
	wg_trie_destroy(&trie);
	CHECK_EQ(heap_bytes(), 0);
}
