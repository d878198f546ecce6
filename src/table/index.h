/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receiver indices: the random 32-bit numbers under which peers address our
 * handshakes and sessions. Chooses numbers that are unique on the device and
 * finds the entry of a number. What an entry is embedded in, and how long that
 * lives, is the caller's business.
 *
 * A hash table that grows and shrinks with its load (rhashtable): O(1) with
 * four sessions for each of a million peers, a page with none. Numbers come
 * from the kernel's generator, so nobody can choose a chain to be long.
 *
 * All but init and destroy may be called from process context and softirqs,
 * by any number of callers at once; nothing sleeps. Calls for one and the same
 * entry are to be kept apart by the caller.
 */
#ifndef _WG_TABLE_INDEX_H
#define _WG_TABLE_INDEX_H

#include <linux/rhashtable-types.h>
#include <linux/types.h>

/* What an entry is embedded in. */
enum wg_index_kind {
	WG_INDEX_RESERVED, /* nothing may be accepted under it yet */
	WG_INDEX_HANDSHAKE,
	WG_INDEX_SESSION,
};

/**
 * struct wg_index_entry - embedded in what has an index. All zero is an entry
 *	that is in no table
 * @node: link in the table
 * @value: the index, as it is on the wire
 * @kind: enum wg_index_kind
 */
struct wg_index_entry {
	struct rhash_head node;
	__le32 value;
	u8 kind;
};

struct wg_index {
	struct rhashtable table;
};

/* Return: 0 or -ENOMEM. Process context. */
int wg_index_init(struct wg_index *index);

/* Free the table, which need not be empty; nobody uses it any more. */
void wg_index_destroy(struct wg_index *index);

/**
 * wg_index_insert() - give @entry a fresh random number
 * @index: the table
 * @entry: in no table; its number is in @entry->value afterwards
 * @kind: what it is embedded in
 *
 * An entry may be inserted again as soon as it was removed: lookups that are
 * under way bear that. Its memory may only be freed after a grace period.
 *
 * Return: 0, or -ENOMEM, -EBUSY, -E2BIG: try again another time.
 */
int wg_index_insert(struct wg_index *index, struct wg_index_entry *entry,
		    enum wg_index_kind kind);

/*
 * Let @new, in no table, take over the number of @old at once: a lookup finds
 * one or the other.
 * Return: false when @old is not in the table (any more); then @new is not
 * either.
 */
bool wg_index_replace(struct wg_index *index, struct wg_index_entry *old,
		      struct wg_index_entry *new, enum wg_index_kind kind);

/* Return: false when @entry was not in the table; that is no error. */
bool wg_index_remove(struct wg_index *index, struct wg_index_entry *entry);

/*
 * The entry with number @value, or NULL; mind its kind. RCU read section,
 * which keeps the entry's memory, if the caller frees by the rule above.
 */
struct wg_index_entry *wg_index_lookup_rcu(struct wg_index *index,
					   __le32 value);

#endif
