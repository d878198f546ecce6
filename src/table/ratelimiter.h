/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many handshakes a source address may cost us while we are under load:
 * one token bucket (proto/rate) per IPv4 address or IPv6 /64, one table per
 * device, of at most WG_RATELIMITER_MAX sources. It does not judge whether we
 * are under load; ask it only then, and only for addresses that a cookie has
 * proven.
 *
 * It owns no memory before it is first asked, at most 1 MiB while it is being
 * asked, and gives all of it back within two seconds of the last question.
 * It fails closed: where the table is full of sources that have asked in the
 * last quarter of a second, or memory is short, newcomers are refused.
 */
#ifndef _WG_TABLE_RATELIMITER_H
#define _WG_TABLE_RATELIMITER_H

#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct in6_addr;
struct wg_bucket_block;

#define WG_RATELIMITER_MAX 65536

/**
 * struct wg_ratelimiter - the buckets of a device
 * @lock: guards the rest
 * @secret: key of the hash, constant
 * @blocks: array of pointers to parts of the table, or NULL. Which of them are
 *	there depends on who has asked
 * @block_count: how many are there
 * @asked: changes with every question
 * @trimmed: @asked, as @trim saw it last
 * @trim: gives the memory back when nobody asks any more
 */
struct wg_ratelimiter {
	spinlock_t lock; /* guards all but @secret */
	siphash_key_t secret;
	struct wg_bucket_block **blocks;
	unsigned int block_count;
	unsigned int asked;
	unsigned int trimmed;
	struct delayed_work trim;
};

/* Cannot fail: there is nothing to allocate. Process context. */
void wg_ratelimiter_init(struct wg_ratelimiter *limiter);

/* Free all. Nobody asks any more. Process context, sleeps. */
void wg_ratelimiter_destroy(struct wg_ratelimiter *limiter);

/*
 * May this source have a handshake now? If so, its token is taken.
 * Process context or softirq. @now_ns never runs backwards by more than calls
 * on other CPUs take.
 */
bool wg_ratelimiter_allow4(struct wg_ratelimiter *limiter, __be32 addr,
			   u64 now_ns);
bool wg_ratelimiter_allow6(struct wg_ratelimiter *limiter,
			   const struct in6_addr *addr, u64 now_ns);

#endif
