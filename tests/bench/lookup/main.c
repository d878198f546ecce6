// SPDX-License-Identifier: GPL-2.0
/*
 * Fill a table with so many entries, ask it for each in no order and for one again
 * and again, and say what that took. All of it happens while the module is loaded,
 * which fails in the end, so that it need not be removed.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/vmstat.h>

#include "lookup.h"

#define ROUNDS 9
#define LOOKUPS 65536

static unsigned int count = 1000;
module_param(count, uint, 0);
MODULE_PARM_DESC(count, "entries");

static u32 keys[LOOKUPS];

static unsigned long slab_bytes(void)
{
	rcu_barrier();
	return global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B) *
	       PAGE_SIZE;
}

/* Of several rounds the quickest: whatever else runs makes them slower only. */
static unsigned int round_ns(const struct lookup_table *table)
{
	u64 best = U64_MAX, begin;
	unsigned int round, i, found;

	for (round = 0; round < ROUNDS; round++) {
		rcu_read_lock_bh();
		rcu_read_lock();
		begin = ktime_get_ns();
		for (i = found = 0; i < LOOKUPS; i++)
			found += table->has(keys[i]);
		best = min(best, ktime_get_ns() - begin);
		rcu_read_unlock();
		rcu_read_unlock_bh();
		WARN_ON_ONCE(found != LOOKUPS);
		cond_resched();
	}
	return best * 10 / LOOKUPS;
}

/* One entry in no order; @hot: one and the same. */
static unsigned int ask(const struct lookup_table *table, bool hot)
{
	unsigned int i;

	for (i = 0; i < LOOKUPS; i++)
		keys[i] = table->key(hot ? count / 2 :
				     (u64)i * 2654435761U % count);
	return round_ns(table);
}

static int fill(const struct lookup_table *table)
{
	unsigned int n;
	int err = table->begin(count);

	for (n = 0; n < count && !err; n++) {
		err = table->add(n);
		cond_resched();
	}
	return err;
}

static int measure(const struct lookup_table *table)
{
	unsigned long before = slab_bytes(), bytes;
	unsigned int random, hot;
	int err;

	if (count > table->most)
		return 0;
	err = fill(table);
	if (err)
		return err;
	bytes = slab_bytes() - before;
	random = ask(table, false);
	hot = ask(table, true);
	pr_info("@ %s %u %u.%u %u.%u %lu\n", table->name, count, random / 10,
		random % 10, hot / 10, hot % 10, bytes / count);
	table->end();
	return 0;
}

static int __init wg_lookup_init(void)
{
	if (!count)
		return -EINVAL;
	return measure(&intree_trie) ?: measure(&our_trie) ?:
	       measure(&intree_index) ?: measure(&our_index) ?: -EAGAIN;
}

module_init(wg_lookup_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Lookups in the tables of wg.ko and of the kernel's module");
