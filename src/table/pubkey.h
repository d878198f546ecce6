/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Public keys to the objects of peers. The 32 bytes of a key stay where they
 * are, in the caller's object; an entry points at them. Hashed with SipHash
 * under a secret, so that nobody who may choose keys can choose long chains.
 *
 * Lookups under RCU, from any context; changes under the caller's mutex.
 */
#ifndef _WG_TABLE_PUBKEY_H
#define _WG_TABLE_PUBKEY_H

#include <linux/rhashtable-types.h>
#include <linux/types.h>

/**
 * struct wg_pubkey_entry - embedded in what has a public key
 * @node: link in the table
 * @key: WG_KEY_SIZE bytes that do not change while the entry is in the table
 */
struct wg_pubkey_entry {
	struct rhash_head node;
	const u8 *key;
};

struct wg_pubkeys {
	struct rhashtable table;
};

/* Return: 0 or -ENOMEM. Process context. */
int wg_pubkeys_init(struct wg_pubkeys *pubkeys);

/* Free the table, which need not be empty; nobody uses it any more. */
void wg_pubkeys_destroy(struct wg_pubkeys *pubkeys);

/*
 * Let @key (WG_KEY_SIZE bytes, which must outlive the entry) be found.
 * Process context, caller's mutex.
 * Return: 0; -EEXIST: another entry has it; -ENOMEM, -EBUSY, -E2BIG.
 */
int wg_pubkeys_insert(struct wg_pubkeys *pubkeys,
		      struct wg_pubkey_entry *entry, const u8 *key);

/*
 * Take @entry, which must be in the table, out of it. Cannot fail. Lookups may
 * still see it for a grace period. Process context, caller's mutex.
 */
void wg_pubkeys_remove(struct wg_pubkeys *pubkeys,
		       struct wg_pubkey_entry *entry);

/*
 * The entry with @key, or NULL. RCU read section or caller's mutex, which keeps
 * the entry's memory. @key need not be aligned.
 */
struct wg_pubkey_entry *wg_pubkeys_lookup_rcu(struct wg_pubkeys *pubkeys,
					      const u8 *key);

#endif
