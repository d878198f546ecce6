/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allowed IPs: prefixes of IPv4 and IPv6 addresses to values, found by longest
 * match. Knows nothing of what a value is; keeps no list of what belongs to
 * whom.
 *
 * Readers look up under RCU and see, per family, a change whole or not at all.
 * Writers change the trie in transactions, one at a time, under a mutex of the
 * caller: all that can fail, fails before the commit.
 *
 *	wg_trie_begin(&txn, trie);
 *	err = wg_trie_set(&txn, AF_INET, &addr, 24, value, &old);
 *	...
 *	if (err)
 *		wg_trie_abort(&txn);
 *	else
 *		wg_trie_commit(&txn);
 *
 * What a committed transaction displaced (*old) may still be seen by readers:
 * free it after a grace period.
 */
#ifndef _WG_TABLE_TRIE_H
#define _WG_TABLE_TRIE_H

#include <linux/types.h>

struct in6_addr;
struct wg_trie_retired;

/* The two address families are two tries, each hanging from one pointer. */
enum wg_trie_root {
	WG_TRIE_IPV4,
	WG_TRIE_IPV6,
	WG_TRIE_ROOTS,
};

/**
 * struct wg_trie - prefixes to values. All zero is an empty trie
 * @roots: what readers see
 * @count: prefixes in both families; caller's mutex
 * @epoch: number of the newest transaction; caller's mutex
 */
struct wg_trie {
	void __rcu *roots[WG_TRIE_ROOTS];
	unsigned int count;
	u64 epoch;
};

/**
 * struct wg_trie_txn - a change under way; lives on the caller's stack or in
 *	an object of its own
 * @trie: what it changes
 * @roots: what readers will see
 * @count: prefixes there will be
 * @epoch: its number: nodes that bear it were built by it
 * @retired: nodes that readers see and the change does without
 */
struct wg_trie_txn {
	struct wg_trie *trie;
	void *roots[WG_TRIE_ROOTS];
	unsigned int count;
	u64 epoch;
	struct wg_trie_retired *retired;
};

void wg_trie_init(struct wg_trie *trie);

/*
 * Free the trie, but none of the values. No reader is left and no transaction
 * is open. Process context. Memory of earlier transactions is still with RCU:
 * the module calls rcu_barrier() before it goes.
 */
void wg_trie_destroy(struct wg_trie *trie);

/**
 * wg_trie_lookup4_rcu() - the value of the longest prefix that holds @addr
 * @trie: where
 * @addr: IPv4 address
 *
 * Context: any, in an RCU read section, which keeps the value alive too.
 * Return: the value, or NULL where no prefix holds @addr.
 */
void *wg_trie_lookup4_rcu(const struct wg_trie *trie, __be32 addr);

/* The same for IPv6; @addr need not be aligned. */
void *wg_trie_lookup6_rcu(const struct wg_trie *trie,
			  const struct in6_addr *addr);

/*
 * Begin a transaction. Cannot fail. Process context; the caller's mutex is
 * held from here to abort or commit.
 */
void wg_trie_begin(struct wg_trie_txn *txn, struct wg_trie *trie);

/**
 * wg_trie_set() - let a prefix have a value
 * @txn: the transaction
 * @family: AF_INET or AF_INET6
 * @addr: the address, network order, of any alignment; host bits are ignored
 * @cidr: prefix length, 0 to 32 or 128
 * @value: not NULL
 * @old: gets the value that the prefix had, or NULL
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOMEM: nothing was changed; the transaction may go on or be
 * aborted.
 */
int wg_trie_set(struct wg_trie_txn *txn, int family, const void *addr,
		unsigned int cidr, void *value, void **old);

/*
 * Take a prefix away; @old gets the value that it had, or NULL where there was
 * none. Otherwise as wg_trie_set(); it may need memory too.
 */
int wg_trie_clear(struct wg_trie_txn *txn, int family, const void *addr,
		  unsigned int cidr, void **old);

/*
 * The value of exactly this prefix as @txn sees it, or NULL. Process context.
 */
void *wg_trie_find(const struct wg_trie_txn *txn, int family,
		   const void *addr, unsigned int cidr);

/* End without effect. Cannot fail. Process context. */
void wg_trie_abort(struct wg_trie_txn *txn);

/*
 * End with effect: readers see all of it. Cannot fail, allocates nothing and
 * does not wait: nodes no longer needed go one grace period later.
 */
void wg_trie_commit(struct wg_trie_txn *txn);

#endif
