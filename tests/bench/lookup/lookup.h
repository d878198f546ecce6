/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables that are filled and asked: the same numbers in the one and the other.
 */
#ifndef _WG_BENCH_LOOKUP_H
#define _WG_BENCH_LOOKUP_H

#include <linux/types.h>

/**
 * struct lookup_table - a table under test
 * @name: its module, and what it is
 * @most: entries that it can be filled with in a reasonable time
 * @begin: make room for so many entries
 * @add: put one in; its key is what @key says afterwards
 * @key: key of the n-th entry
 * @has: is the key there? In a read section
 * @end: free all
 */
struct lookup_table {
	const char *name;
	unsigned int most;
	int (*begin)(unsigned int count);
	int (*add)(unsigned int n);
	u32 (*key)(unsigned int n);
	bool (*has)(u32 key);
	void (*end)(void);
};

extern const struct lookup_table our_trie, our_index;
extern const struct lookup_table intree_trie, intree_index;

/* The n-th IPv4 address, in host order: each only once, and in no order. */
static inline u32 address_of(unsigned int n)
{
	return n * 2654435761U + 12345;
}

#endif
