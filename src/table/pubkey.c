// SPDX-License-Identifier: GPL-2.0
#include "table/pubkey.h"

#include <linux/once.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/string.h>

#include "proto/limits.h"

/*
 * One secret for all devices: a hash function of rhashtable does not get to
 * know the table. The table's own seed, new with each rehash, goes into it.
 */
static siphash_key_t secret __read_mostly;

static u32 hash_key(const void *key, u32 len, u32 seed)
{
	siphash_key_t seeded = secret;

	seeded.key[0] ^= seed;
	return siphash(key, WG_KEY_SIZE, &seeded);
}

static u32 hash_entry(const void *object, u32 len, u32 seed)
{
	const struct wg_pubkey_entry *entry = object;

	return hash_key(entry->key, WG_KEY_SIZE, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *object)
{
	const struct wg_pubkey_entry *entry = object;

	return memcmp(entry->key, arg->key, WG_KEY_SIZE);
}

static const struct rhashtable_params params = {
	.key_len = WG_KEY_SIZE,
	.head_offset = offsetof(struct wg_pubkey_entry, node),
	.hashfn = hash_key,
	.obj_hashfn = hash_entry,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

int wg_pubkeys_init(struct wg_pubkeys *pubkeys)
{
	get_random_once(&secret, sizeof(secret));
	return rhashtable_init(&pubkeys->table, &params);
}

void wg_pubkeys_destroy(struct wg_pubkeys *pubkeys)
{
	rhashtable_destroy(&pubkeys->table);
}

int wg_pubkeys_insert(struct wg_pubkeys *pubkeys,
		      struct wg_pubkey_entry *entry, const u8 *key)
{
	entry->key = key;
	return rhashtable_lookup_insert_key(&pubkeys->table, key, &entry->node,
					    params);
}

void wg_pubkeys_remove(struct wg_pubkeys *pubkeys,
		       struct wg_pubkey_entry *entry)
{
	rhashtable_remove_fast(&pubkeys->table, &entry->node, params);
}

struct wg_pubkey_entry *wg_pubkeys_lookup_rcu(struct wg_pubkeys *pubkeys,
					      const u8 *key)
{
	return rhashtable_lookup_fast(&pubkeys->table, key, params);
}
