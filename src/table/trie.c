// SPDX-License-Identifier: GPL-2.0
/*
 * How it is changed
 *
 * What readers see is never written to. A transaction copies the nodes on the
 * path from the root to the place of the change, once; a node that bears the
 * transaction's own number is its own and is changed in place. Numbers never
 * rise on a way down, since a copy's ancestors were copied with it. So an
 * abort finds what it has to free from the root, and need not look below a
 * node of another number.
 *
 *	before         in the transaction         after commit
 *
 *	 roots          roots      txn.roots       roots
 *	   |              |            |             |
 *	   a              a            a'            a'     a: freed by RCU
 *	  / \            / \          / \           / \
 *	 b   c          b   c        b   c'        b   c'   c: freed by RCU
 *
 * What the new version does without is noted in blocks, of which each
 * operation first makes sure that they hold as much as it can note: from then
 * on only the making of nodes and leaves can fail, and each is made before
 * anything hangs on it.
 */
#include "table/trie.h"

#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "table/trie_node.h"

/**
 * struct wg_trie_retired - a block of nodes and leaves that wait for RCU
 * @rcu: for freeing
 * @next: another one
 * @count: length of @objects
 * @objects: to be freed
 */
struct wg_trie_retired {
	struct rcu_head rcu;
	struct wg_trie_retired *next;
	unsigned int count;
	void *objects[124];
};

/* An operation copies one path and may take away a leaf besides. */
#define RETIRED_ROOM (DEPTH_MAX + 1)

static_assert(sizeof(struct wg_trie_retired) <= 1024);
static_assert(sizeof_field(struct wg_trie_retired, objects) >=
	      RETIRED_ROOM * sizeof(void *));

/*
 * A value is only read once it is known to be the one: until then it is
 * remembered where it lies. ndo_start_xmit is called in a BH section alone, or,
 * for a packet socket that bypasses queues, with BHs disabled: RCU waits for
 * both.
 */
static void *lookup(const struct wg_trie *trie, enum wg_trie_root root,
		    struct wg_trie_key key)
{
	void *at = rcu_dereference_check(trie->roots[root],
					 rcu_read_lock_bh_held());
	const struct wg_trie_node *node;
	struct wg_trie_place place = {};
	void *const *best = NULL;
	void *const *longer;
	unsigned int step;

	while (at && !is_leaf(at)) {
		node = at;
		at = NULL;
		if (!has_prefix(key, node->key, node->offset))
			break;
		step = step_of(key, node->offset);
		longer = node->prefixes ? longest_in(node, step) : NULL;
		if (longer)
			best = longer;
		place.child = BIT_ULL(step);
		if (node->children & place.child)
			at = node->slots[rank_of(node, place)];
	}
	if (at && has_prefix(key, to_leaf(at)->key, to_leaf(at)->cidr))
		return to_leaf(at)->value;
	return best ? *best : NULL;
}

void *wg_trie_lookup4_rcu(const struct wg_trie *trie, __be32 addr)
{
	return lookup(trie, WG_TRIE_IPV4, key4(addr));
}

void *wg_trie_lookup6_rcu(const struct wg_trie *trie,
			  const struct in6_addr *addr)
{
	return lookup(trie, WG_TRIE_IPV6, key6(addr));
}

/*
 * Slots that a node with @count of them has room for: the allocator's sizes of
 * 64, 96, 128, 192, 256, 512 and 1024 bytes, less the head of 40, in 64-bit
 * pointers. A node may have more room than that, but never less.
 */
static unsigned int capacity_for(unsigned int count)
{
	static const u8 capacities[] = { 3, 7, 11, 19, 27, 59, 123 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(capacities); i++)
		if (count <= capacities[i])
			return capacities[i];
	return 2 * STEP_VALUES - 1;
}

static struct wg_trie_node *node_alloc(unsigned int count)
{
	struct wg_trie_node *node;

	return kmalloc(sizeof(*node) +
		       capacity_for(count) * sizeof(node->slots[0]),
		       GFP_KERNEL);
}

static void node_put(struct wg_trie_node *node, struct wg_trie_place place,
		     void *content)
{
	unsigned int count = node_count(node), rank = rank_of(node, place);
	void **slot = &node->slots[rank];

	memmove(slot + 1, slot, (count - rank) * sizeof(*slot));
	*slot = content;
	node->children |= place.child;
	node->prefixes |= place.prefix;
}

static void node_drop(struct wg_trie_node *node, struct wg_trie_place place)
{
	unsigned int count = node_count(node), rank = rank_of(node, place);
	void **slot = &node->slots[rank];

	memmove(slot, slot + 1, (count - rank - 1) * sizeof(*slot));
	node->children &= ~place.child;
	node->prefixes &= ~place.prefix;
}

/* A pointer to a new leaf, as slots hold it, or NULL. */
static void *leaf_new(const struct wg_trie_txn *txn,
		      const struct wg_trie_prefix *prefix, void *value)
{
	struct wg_trie_leaf *leaf = kmalloc(sizeof(*leaf), GFP_KERNEL);

	if (!leaf)
		return NULL;
	leaf->key = prefix->key;
	leaf->value = value;
	leaf->birth = txn->epoch;
	leaf->cidr = prefix->cidr;
	return (void *)leaf + 1;
}

/* Make sure that one operation can note all that it takes away. */
static int prepare(struct wg_trie_txn *txn)
{
	struct wg_trie_retired *block = txn->retired;

	if (block && block->count + RETIRED_ROOM <= ARRAY_SIZE(block->objects))
		return 0;
	block = kmalloc(sizeof(*block), GFP_KERNEL);
	if (!block)
		return -ENOMEM;
	block->next = txn->retired;
	block->count = 0;
	txn->retired = block;
	return 0;
}

/* Take one node or leaf out of the new version. Cannot fail after prepare(). */
static void dispose(struct wg_trie_txn *txn, void *at)
{
	void *object = is_leaf(at) ? to_leaf(at) : at;

	if (birth_of(at) == txn->epoch)
		kfree(object);
	else
		txn->retired->objects[txn->retired->count++] = object;
}

/*
 * Put a copy that has room for @count slots, which are not fewer than the node
 * has, where *@at points. Return: the copy; NULL: no memory.
 */
static struct wg_trie_node *node_renew(struct wg_trie_txn *txn, void **at,
				       unsigned int count)
{
	struct wg_trie_node *node = *at, *copy = node_alloc(count);

	if (!copy)
		return NULL;
	*copy = *node;
	copy->birth = txn->epoch;
	memcpy(copy->slots, node->slots,
	       node_count(node) * sizeof(node->slots[0]));
	dispose(txn, node);
	*at = copy;
	return copy;
}

/*
 * The node that *@at points at, made the transaction's own, with room for
 * @count slots, which are not fewer than it has. Return: NULL: no memory.
 */
static struct wg_trie_node *node_own(struct wg_trie_txn *txn, void **at,
				     unsigned int count)
{
	struct wg_trie_node *node = *at;

	if (node->birth == txn->epoch &&
	    capacity_for(count) <= capacity_for(node_count(node)))
		return node;
	return node_renew(txn, at, count);
}

/* Give back what an own node has too much of, if there is memory to do so. */
static void node_shrink(struct wg_trie_txn *txn, void **at)
{
	unsigned int count = node_count(*at);

	if (capacity_for(count) < capacity_for(count + 1))
		node_renew(txn, at, count);
}

/* What a slot at @place holds for @prefix: a leaf or the value itself. */
static void *content_new(const struct wg_trie_txn *txn,
			 struct wg_trie_place place,
			 const struct wg_trie_prefix *prefix, void *value)
{
	return place.child ? leaf_new(txn, prefix, value) : value;
}

static int set_in_empty(struct wg_trie_txn *txn, void **at,
			const struct wg_trie_prefix *prefix, void *value)
{
	void *leaf = leaf_new(txn, prefix, value);

	if (!leaf)
		return -ENOMEM;
	*at = leaf;
	txn->count++;
	return 0;
}

static int set_in_leaf(struct wg_trie_txn *txn, void **at,
		       const struct wg_trie_prefix *prefix, void *value,
		       void **old)
{
	void *was = *at, *leaf;

	*old = to_leaf(was)->value;
	if (birth_of(was) == txn->epoch) {
		to_leaf(was)->value = value;
		return 0;
	}
	leaf = leaf_new(txn, prefix, value);
	if (!leaf)
		return -ENOMEM;
	*at = leaf;
	dispose(txn, was);
	return 0;
}

/* The last step of @prefix is in the node at *@at, which is our own. */
static int set_in_node(struct wg_trie_txn *txn, void **at,
		       const struct wg_trie_prefix *prefix, void *value,
		       void **old)
{
	struct wg_trie_node *node = *at;
	struct wg_trie_place place = place_of(node, prefix);
	void *content, **slot;

	if (node_has(node, place)) {
		slot = &node->slots[rank_of(node, place)];
		*old = *slot;
		*slot = value;
		return 0;
	}
	node = node_own(txn, at, node_count(node) + 1);
	if (!node)
		return -ENOMEM;
	content = content_new(txn, place, prefix, value);
	if (!content)
		return -ENOMEM;
	node_put(node, place, content);
	txn->count++;
	return 0;
}

/* Move what is at *@at, a node or a leaf, into @node, which goes above it. */
static void hang_below(struct wg_trie_txn *txn, struct wg_trie_node *node,
		       void *at)
{
	struct wg_trie_prefix extent = extent_of(at);
	struct wg_trie_place place = place_of(node, &extent);

	if (place.child) {
		node_put(node, place, at);
		return;
	}
	node_put(node, place, to_leaf(at)->value);
	dispose(txn, at);
}

/*
 * @prefix goes where *@at is, a node or leaf that is not above it: put a node
 * there that tells the two apart.
 */
static int set_beside(struct wg_trie_txn *txn, void **at,
		      const struct wg_trie_prefix *prefix, void *value)
{
	struct wg_trie_prefix extent = extent_of(*at);
	unsigned int shared = min(extent.cidr, prefix->cidr);
	struct wg_trie_node *node;
	struct wg_trie_place place;
	void *content;

	shared = min(shared, common_bits(extent.key, prefix->key));
	node = node_alloc(2);
	if (!node)
		return -ENOMEM;
	node->offset = shared - shared % STEP;
	node->key = mask_key(prefix->key, node->offset);
	node->children = 0;
	node->prefixes = 0;
	node->birth = txn->epoch;
	place = place_of(node, prefix);
	content = content_new(txn, place, prefix, value);
	if (!content) {
		kfree(node);
		return -ENOMEM;
	}
	hang_below(txn, node, *at);
	node_put(node, place, content);
	*at = node;
	txn->count++;
	return 0;
}

int wg_trie_set(struct wg_trie_txn *txn, int family, const void *addr,
		unsigned int cidr, void *value, void **old)
{
	struct wg_trie_prefix prefix = prefix_of(family, addr, cidr);
	void **at = &txn->roots[root_of(family)];
	struct wg_trie_place place;
	struct wg_trie_node *node;

	*old = NULL;
	if (prepare(txn))
		return -ENOMEM;
	while (*at && !is_leaf(*at) && is_above(*at, &prefix)) {
		node = node_own(txn, at, node_count(*at));
		if (!node)
			return -ENOMEM;
		place = place_of(node, &prefix);
		if (!(node->children & place.child))
			return set_in_node(txn, at, &prefix, value, old);
		at = &node->slots[rank_of(node, place)];
	}
	if (!*at)
		return set_in_empty(txn, at, &prefix, value);
	if (is_leaf_of(*at, &prefix))
		return set_in_leaf(txn, at, &prefix, value, old);
	return set_beside(txn, at, &prefix, value);
}

/* The prefix whose number in @node is @number. */
static struct wg_trie_prefix inner_prefix(const struct wg_trie_node *node,
					  unsigned int number)
{
	unsigned int len = fls64(number) - 1;
	unsigned int step = number << (STEP - len) & (STEP_VALUES - 1);

	return (struct wg_trie_prefix){
		put_step(node->key, node->offset, step), node->offset + len
	};
}

/*
 * The node at *@at has two slots and loses that at @place: put the other in
 * the node's stead.
 */
static int collapse(struct wg_trie_txn *txn, void **at,
		    struct wg_trie_place place)
{
	struct wg_trie_node *node = *at;
	struct wg_trie_place other = {
		.child = node->children & ~place.child,
		.prefix = node->prefixes & ~place.prefix,
	};
	void *content = node->slots[rank_of(node, other)];
	struct wg_trie_prefix prefix;

	if (other.prefix) {
		prefix = inner_prefix(node, fls64(other.prefix) - 1);
		content = leaf_new(txn, &prefix, content);
		if (!content)
			return -ENOMEM;
	}
	*at = content;
	dispose(txn, node);
	return 0;
}

/* Take what is at @place, a leaf or a value, out of the node at *@at. */
static int clear_in_node(struct wg_trie_txn *txn, void **at,
			 struct wg_trie_place place)
{
	struct wg_trie_node *node = *at;
	unsigned int count = node_count(node);
	void *content = node->slots[rank_of(node, place)];

	if (count == 2) {
		if (collapse(txn, at, place))
			return -ENOMEM;
	} else {
		node = node_own(txn, at, count);
		if (!node)
			return -ENOMEM;
		node_drop(node, place);
		node_shrink(txn, at);
	}
	if (place.child)
		dispose(txn, content);
	return 0;
}

/* Walk to a prefix that is there, through nodes made our own, and remove it. */
static int clear_at(struct wg_trie_txn *txn, void **at,
		    const struct wg_trie_prefix *prefix)
{
	struct wg_trie_place place;
	struct wg_trie_node *node;

	while (!is_leaf(*at)) {
		node = *at;
		place = place_of(node, prefix);
		if (place.prefix ||
		    is_leaf(node->slots[rank_of(node, place)]))
			return clear_in_node(txn, at, place);
		node = node_own(txn, at, node_count(node));
		if (!node)
			return -ENOMEM;
		at = &node->slots[rank_of(node, place)];
	}
	/* Only at the root: the trie was this leaf. */
	dispose(txn, *at);
	*at = NULL;
	return 0;
}

static void *find_exact(void *at, const struct wg_trie_prefix *prefix)
{
	const struct wg_trie_node *node;
	struct wg_trie_place place;

	while (at && !is_leaf(at)) {
		node = at;
		if (!is_above(node, prefix))
			return NULL;
		place = place_of(node, prefix);
		if (!node_has(node, place))
			return NULL;
		at = node->slots[rank_of(node, place)];
		if (place.prefix)
			return at;
	}
	return at && is_leaf_of(at, prefix) ? to_leaf(at)->value : NULL;
}

int wg_trie_clear(struct wg_trie_txn *txn, int family, const void *addr,
		  unsigned int cidr, void **old)
{
	struct wg_trie_prefix prefix = prefix_of(family, addr, cidr);
	void **at = &txn->roots[root_of(family)];
	void *value = find_exact(*at, &prefix);

	*old = NULL;
	if (!value)
		return 0;
	if (prepare(txn) || clear_at(txn, at, &prefix))
		return -ENOMEM;
	*old = value;
	txn->count--;
	return 0;
}

void *wg_trie_find(const struct wg_trie_txn *txn, int family,
		   const void *addr, unsigned int cidr)
{
	struct wg_trie_prefix prefix = prefix_of(family, addr, cidr);

	return find_exact(txn->roots[root_of(family)], &prefix);
}

/*
 * Free what hangs at @at and was made by transaction @since or later ones.
 * Recursion ends after DEPTH_MAX nodes: each begins a step below the last.
 */
static void free_since(void *at, u64 since)
{
	struct wg_trie_node *node = at;
	unsigned int i, children;

	if (!at || birth_of(at) < since)
		return;
	if (is_leaf(at)) {
		kfree(to_leaf(at));
		return;
	}
	children = hweight64(node->children);
	for (i = 0; i < children; i++)
		free_since(node->slots[i], since);
	kfree(node);
	cond_resched();
}

void wg_trie_init(struct wg_trie *trie)
{
	memset(trie, 0, sizeof(*trie));
}

void wg_trie_destroy(struct wg_trie *trie)
{
	unsigned int i;

	for (i = 0; i < WG_TRIE_ROOTS; i++)
		free_since(rcu_dereference_protected(trie->roots[i], true), 0);
	wg_trie_init(trie);
}

void wg_trie_begin(struct wg_trie_txn *txn, struct wg_trie *trie)
{
	unsigned int i;

	/* The caller's mutex keeps out other writers. */
	for (i = 0; i < WG_TRIE_ROOTS; i++)
		txn->roots[i] = rcu_dereference_protected(trie->roots[i], true);
	txn->trie = trie;
	txn->count = trie->count;
	txn->epoch = ++trie->epoch;
	txn->retired = NULL;
}

void wg_trie_abort(struct wg_trie_txn *txn)
{
	struct wg_trie_retired *block, *next;
	unsigned int i;

	for (i = 0; i < WG_TRIE_ROOTS; i++)
		free_since(txn->roots[i], txn->epoch);
	for (block = txn->retired; block; block = next) {
		next = block->next;
		kfree(block);
	}
}

static void free_retired(struct rcu_head *rcu)
{
	struct wg_trie_retired *block =
		container_of(rcu, struct wg_trie_retired, rcu);

	while (block->count)
		kfree(block->objects[--block->count]);
	kfree(block);
}

void wg_trie_commit(struct wg_trie_txn *txn)
{
	struct wg_trie_retired *block, *next;
	struct wg_trie *trie = txn->trie;
	unsigned int i;

	for (i = 0; i < WG_TRIE_ROOTS; i++)
		rcu_assign_pointer(trie->roots[i], txn->roots[i]);
	trie->count = txn->count;
	for (block = txn->retired; block; block = next) {
		next = block->next;
		call_rcu(&block->rcu, free_retired);
	}
}
