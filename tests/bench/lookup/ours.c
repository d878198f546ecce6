// SPDX-License-Identifier: GPL-2.0
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/socket.h>

#include "lookup.h"
#include "table/index.h"
#include "table/trie.h"

static struct wg_trie trie;
static struct wg_trie_txn txn;
static struct wg_index index;
static struct wg_index_entry *entries;

static int begin_trie(unsigned int count)
{
	wg_trie_init(&trie);
	return 0;
}

static int add_ip(unsigned int n)
{
	__be32 addr = cpu_to_be32(address_of(n));
	void *old;
	int err;

	wg_trie_begin(&txn, &trie);
	err = wg_trie_set(&txn, AF_INET, &addr, 32, &trie, &old);
	if (err)
		wg_trie_abort(&txn);
	else
		wg_trie_commit(&txn);
	return err;
}

static u32 ip_of(unsigned int n)
{
	return address_of(n);
}

static bool has_ip(u32 addr)
{
	return wg_trie_lookup4_rcu(&trie, cpu_to_be32(addr));
}

static void end_trie(void)
{
	wg_trie_destroy(&trie);
}

const struct lookup_table our_trie = {
	"wg allowed-ips", 1 << 20, begin_trie, add_ip, ip_of, has_ip, end_trie,
};

static int begin_index(unsigned int count)
{
	entries = kvcalloc(count, sizeof(*entries), GFP_KERNEL);
	return entries ? wg_index_init(&index) : -ENOMEM;
}

static int add_entry(unsigned int n)
{
	return wg_index_insert(&index, &entries[n], WG_INDEX_SESSION);
}

static u32 number_of(unsigned int n)
{
	return (__force u32)entries[n].value;
}

static bool has_number(u32 number)
{
	return wg_index_lookup_rcu(&index, (__force __le32)number);
}

static void end_index(void)
{
	wg_index_destroy(&index);
	kvfree(entries);
}

const struct lookup_table our_index = {
	"wg index", 1 << 20, begin_index, add_entry, number_of, has_number,
	end_index,
};
