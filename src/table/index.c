// SPDX-License-Identifier: GPL-2.0
#include "table/index.h"

#include <linux/errno.h>
#include <linux/random.h>
#include <linux/rhashtable.h>

/*
 * A handshake's entry is inserted anew while lookups may still be passing
 * through it: the number under their eyes changes.
 */
static int compare(struct rhashtable_compare_arg *arg, const void *object)
{
	const struct wg_index_entry *entry = object;
	const __le32 *value = arg->key;

	return READ_ONCE(entry->value) != *value;
}

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct wg_index_entry, value),
	.key_offset = offsetof(struct wg_index_entry, value),
	.head_offset = offsetof(struct wg_index_entry, node),
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

int wg_index_init(struct wg_index *index)
{
	return rhashtable_init(&index->table, &params);
}

void wg_index_destroy(struct wg_index *index)
{
	rhashtable_destroy(&index->table);
}

/* With a million entries, one number in four thousand is taken already. */
int wg_index_insert(struct wg_index *index, struct wg_index_entry *entry,
		    enum wg_index_kind kind)
{
	int err;

	entry->kind = kind;
	do {
		WRITE_ONCE(entry->value, (__force __le32)get_random_u32());
		err = rhashtable_lookup_insert_fast(&index->table,
						    &entry->node, params);
	} while (err == -EEXIST);
	return err;
}

bool wg_index_replace(struct wg_index *index, struct wg_index_entry *old,
		      struct wg_index_entry *new, enum wg_index_kind kind)
{
	new->kind = kind;
	WRITE_ONCE(new->value, old->value);
	return !rhashtable_replace_fast(&index->table, &old->node, &new->node,
					params);
}

bool wg_index_remove(struct wg_index *index, struct wg_index_entry *entry)
{
	return !rhashtable_remove_fast(&index->table, &entry->node, params);
}

struct wg_index_entry *wg_index_lookup_rcu(struct wg_index *index,
					   __le32 value)
{
	return rhashtable_lookup(&index->table, &value, params);
}
