/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shape of the trie: keys, nodes, leaves, and how to find one's way among
 * them. Reads and computes only; for trie.c alone.
 *
 * How it is built
 *
 * A radix trie of steps six bits wide. A node stands at a bit offset that is a
 * multiple of six; all prefixes below it share the bits before its offset, and
 * it tells them apart by the six bits from there on. It has 64 possible
 * children, one for each value of the six bits, and 63 possible values, one
 * for each prefix that ends inside the step, after 0 to 5 of its bits. Two
 * bitmaps say which of them there are; what there is lies packed in one array,
 * children first, found by counting the bits below one's own. A place for a
 * child whose prefixes number only one holds a leaf: that prefix in full. So a
 * node is made only where at least two things hang from it, and neither long
 * common beginnings nor lonely long prefixes cost a chain of nodes.
 *
 *	10.0.0.0/8 > A    10.64.0.0/10 > B    10.64.1.0/24 > C    192.168/16 > D
 *
 *	root --> node at 0           children      values
 *	         bits 0-5:           000010 ----+  (none ends in bits 0-5)
 *	                             110000 --> leaf 192.168.0.0/16 > D
 *	                                        |
 *	         +------------------------------+
 *	         v
 *	         node at 6, 000010   children               values
 *	         bits 6-11:          100100 --> leaf C      10      > A  (bits 6,7)
 *	                                                    1001    > B  (bits 6-9)
 *
 * The leaf carries its whole prefix because the bits between the step and the
 * prefix's end (here 12-23) stand nowhere else; likewise each node carries the
 * bits that the steps above it passed over.
 *
 * The value of a prefix inside a step has the number 1xxxx, xxxx being its
 * bits: 1 for none, 10 and 11 for one bit, 100 to 111 for two, and so on. The
 * prefixes that hold an address are then its six bits with a 1 in front,
 * shifted right by 1 to 6: the longest is the first that is there.
 *
 * An IPv4 address is the first 32 bits of a key of 128. A hundred thousand
 * random IPv4 addresses cost 51 bytes each: 32 for a leaf, 8 for the pointer
 * to it, the rest for nodes. A lookup among them passes three nodes (the
 * uppermost two are 65 in all and stay in the cache) and a leaf.
 */
#ifndef _WG_TABLE_TRIE_NODE_H
#define _WG_TABLE_TRIE_NODE_H

#include <linux/bitops.h>
#include <linux/string.h>
#include <linux/socket.h>
#include <linux/types.h>

#include "compat.h"

#define STEP 6 /* bits: the children fit one word, and so do the prefixes */
#define STEP_VALUES BIT(STEP)
#define DEPTH_MAX (128 / STEP + 1) /* nodes on a path */

/* Bits of an address, the first one topmost. */
struct wg_trie_key {
	u64 hi;
	u64 lo;
};

struct wg_trie_prefix {
	struct wg_trie_key key;
	unsigned int cidr;
};

/**
 * struct wg_trie_node - a step
 * @key: the bits before @offset; zero from there
 * @children: bit i: there is a child for step value i
 * @prefixes: bit n: the prefix of number n has a value; bit 0 is free
 * @birth: number of the transaction that made it
 * @offset: where the step begins, a multiple of STEP
 * @slots: children in ascending order, then values likewise
 */
struct wg_trie_node {
	struct wg_trie_key key;
	u64 children;
	u64 prefixes;
	u64 birth : 56;
	u64 offset : 8;
	void *slots[];
};

/**
 * struct wg_trie_leaf - one prefix alone
 * @key: its bits, zero from @cidr
 * @value: its value
 * @birth: number of the transaction that made it
 * @cidr: its length
 */
struct wg_trie_leaf {
	struct wg_trie_key key;
	void *value;
	u64 birth : 56;
	u64 cidr : 8;
};

/* A place in a node: one bit in one of the two, for its bitmaps. */
struct wg_trie_place {
	u64 child;
	u64 prefix;
};

/* The first @len bits of a word; @len may lie outside of it. */
static inline u64 first_bits(int len)
{
	if (len <= 0)
		return 0;
	return len >= 64 ? ~0ULL : ~(~0ULL >> len);
}

static inline bool has_prefix(struct wg_trie_key key,
			      struct wg_trie_key prefix, int len)
{
	return !((key.hi ^ prefix.hi) & first_bits(len)) &&
	       !((key.lo ^ prefix.lo) & first_bits(len - 64));
}

static inline struct wg_trie_key mask_key(struct wg_trie_key key, int len)
{
	key.hi &= first_bits(len);
	key.lo &= first_bits(len - 64);
	return key;
}

/* How many bits are equal from the first one on? */
static inline unsigned int common_bits(struct wg_trie_key a,
				       struct wg_trie_key b)
{
	if (a.hi != b.hi)
		return 64 - fls64(a.hi ^ b.hi);
	return 128 - fls64(a.lo ^ b.lo);
}

/* The bits of @key from @offset to the end of the step, zero after bit 127. */
static inline unsigned int step_of(struct wg_trie_key key,
				   unsigned int offset)
{
	u64 word;

	if (offset < 64)
		word = key.hi << offset | key.lo >> 1 >> (63 - offset);
	else
		word = key.lo << (offset - 64);
	return word >> (64 - STEP);
}

/* The reverse: put @step into @key, whose bits are zero there. */
static inline struct wg_trie_key put_step(struct wg_trie_key key,
					  unsigned int offset,
					  unsigned int step)
{
	u64 word = (u64)step << (64 - STEP);

	if (offset < 64) {
		key.hi |= word >> offset;
		key.lo |= word << 1 << (63 - offset);
	} else {
		key.lo |= word >> (offset - 64);
	}
	return key;
}

static inline struct wg_trie_key key4(__be32 addr)
{
	return (struct wg_trie_key){ .hi = (u64)be32_to_cpu(addr) << 32 };
}

static inline struct wg_trie_key key6(const void *addr)
{
	const u8 *bytes = addr;

	return (struct wg_trie_key){
		.hi = get_unaligned_be64(bytes),
		.lo = get_unaligned_be64(bytes + 8),
	};
}

static inline struct wg_trie_prefix prefix_of(int family, const void *addr,
					      unsigned int cidr)
{
	struct wg_trie_key key;
	__be32 addr4;

	if (family == AF_INET) {
		memcpy(&addr4, addr, sizeof(addr4));
		key = key4(addr4);
	} else {
		key = key6(addr);
	}
	return (struct wg_trie_prefix){ mask_key(key, cidr), cidr };
}

static inline enum wg_trie_root root_of(int family)
{
	return family == AF_INET ? WG_TRIE_IPV4 : WG_TRIE_IPV6;
}

/* A pointer to a child is one to a leaf if its lowest bit is set. */
static inline bool is_leaf(const void *at)
{
	return (unsigned long)at & 1;
}

static inline struct wg_trie_leaf *to_leaf(void *at)
{
	return at - 1;
}

static inline u64 birth_of(void *at)
{
	if (is_leaf(at))
		return to_leaf(at)->birth;
	return ((struct wg_trie_node *)at)->birth;
}

/* What all prefixes at @at have in common. */
static inline struct wg_trie_prefix extent_of(void *at)
{
	const struct wg_trie_leaf *leaf = to_leaf(at);
	const struct wg_trie_node *node = at;

	if (is_leaf(at))
		return (struct wg_trie_prefix){ leaf->key, leaf->cidr };
	return (struct wg_trie_prefix){ node->key, node->offset };
}

static inline bool is_leaf_of(void *at, const struct wg_trie_prefix *prefix)
{
	const struct wg_trie_leaf *leaf = to_leaf(at);

	return is_leaf(at) && leaf->cidr == prefix->cidr &&
	       leaf->key.hi == prefix->key.hi && leaf->key.lo == prefix->key.lo;
}

/* Does @prefix belong below @node? */
static inline bool is_above(const struct wg_trie_node *node,
			    const struct wg_trie_prefix *prefix)
{
	return prefix->cidr >= node->offset &&
	       has_prefix(prefix->key, node->key, node->offset);
}

static inline unsigned int node_count(const struct wg_trie_node *node)
{
	return hweight64(node->children) + hweight64(node->prefixes);
}

/* Where in @node is @prefix, or the child under which it is? */
static inline struct wg_trie_place
place_of(const struct wg_trie_node *node, const struct wg_trie_prefix *prefix)
{
	unsigned int step = step_of(prefix->key, node->offset);
	unsigned int len = prefix->cidr - node->offset;

	if (len >= STEP)
		return (struct wg_trie_place){ .child = BIT_ULL(step) };
	return (struct wg_trie_place){
		.prefix = BIT_ULL((STEP_VALUES | step) >> (STEP - len)),
	};
}

static inline bool node_has(const struct wg_trie_node *node,
			    struct wg_trie_place place)
{
	return (node->children & place.child) |
	       (node->prefixes & place.prefix);
}

static inline unsigned int rank_of(const struct wg_trie_node *node,
				   struct wg_trie_place place)
{
	if (place.child)
		return hweight64(node->children & (place.child - 1));
	return hweight64(node->children) +
	       hweight64(node->prefixes & (place.prefix - 1));
}

/* The longest prefix in @node that holds addresses of @step, or NULL. */
static inline void *const *longest_in(const struct wg_trie_node *node,
				      unsigned int step)
{
	struct wg_trie_place place = {};
	unsigned int number;

	for (number = (STEP_VALUES | step) >> 1; number; number >>= 1) {
		place.prefix = BIT_ULL(number);
		if (node->prefixes & place.prefix)
			return &node->slots[rank_of(node, place)];
	}
	return NULL;
}

#endif
