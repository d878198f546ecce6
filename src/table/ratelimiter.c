// SPDX-License-Identifier: GPL-2.0
/*
 * The table is an array of 65,536 buckets in sets of 16. A source may use any
 * bucket of the set that the hash of its address chooses, and no other. There
 * are no lists and nothing is ever removed: a bucket that is full is as good
 * as none, so that its place is free to be taken by the next source. Buckets
 * are full again a quarter of a second after their source fell silent.
 *
 *	hash:  | ....  | set in block, 4 bits | block, 8 bits |
 *
 *	blocks [256] -> block, 4 KiB [16] -> set [16] -> key, bucket
 *
 * Half full, one newcomer in 120 meets a set with no free place and is
 * refused; nobody can aim at a set without knowing the secret.
 */
#include "table/ratelimiter.h"

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "compat.h"
#include "proto/rate.h"

#define BLOCK_BITS 8
#define BLOCKS BIT(BLOCK_BITS)
#define SETS 16 /* in a block */
#define WAYS 16 /* buckets in a set */

/* All buckets are full when nobody has asked for so long: 250 ms would do. */
#define TRIM_DELAY HZ

struct wg_bucket {
	u64 source;
	struct wg_token_bucket tokens;
};

struct wg_bucket_block {
	struct wg_bucket sets[SETS][WAYS];
};

static_assert(sizeof(struct wg_bucket_block) == 4096);
static_assert(BLOCKS * SETS * WAYS == WG_RATELIMITER_MAX);

static void free_blocks(struct wg_bucket_block **blocks)
{
	unsigned int i;

	if (!blocks)
		return;
	for (i = 0; i < BLOCKS; i++)
		kfree(blocks[i]);
	kfree(blocks);
}

static void trim(struct work_struct *work)
{
	struct wg_ratelimiter *limiter =
		container_of(work, struct wg_ratelimiter, trim.work);
	struct wg_bucket_block **blocks = NULL;

	spin_lock_bh(&limiter->lock);
	if (limiter->trimmed == limiter->asked) {
		blocks = limiter->blocks;
		limiter->blocks = NULL;
		limiter->block_count = 0;
	} else {
		limiter->trimmed = limiter->asked;
		schedule_delayed_work(&limiter->trim, TRIM_DELAY);
	}
	spin_unlock_bh(&limiter->lock);
	free_blocks(blocks);
}

void wg_ratelimiter_init(struct wg_ratelimiter *limiter)
{
	memset(limiter, 0, sizeof(*limiter));
	spin_lock_init(&limiter->lock);
	get_random_bytes(&limiter->secret, sizeof(limiter->secret));
	INIT_DELAYED_WORK(&limiter->trim, trim);
}

void wg_ratelimiter_destroy(struct wg_ratelimiter *limiter)
{
	cancel_delayed_work_sync(&limiter->trim);
	free_blocks(limiter->blocks);
	limiter->blocks = NULL;
}

/* The place of block @number, with what leads to it allocated; or NULL. */
static struct wg_bucket_block **block_place(struct wg_ratelimiter *limiter,
					    unsigned int number)
{
	if (!limiter->blocks) {
		limiter->blocks = kcalloc(BLOCKS, sizeof(*limiter->blocks),
					  GFP_ATOMIC | __GFP_NOWARN);
		if (!limiter->blocks)
			return NULL;
		schedule_delayed_work(&limiter->trim, TRIM_DELAY);
	}
	return &limiter->blocks[number];
}

/* The set of @source, or NULL: no memory. */
static struct wg_bucket *set_of(struct wg_ratelimiter *limiter, u64 source)
{
	u64 hash = siphash_1u64(source, &limiter->secret);
	struct wg_bucket_block **block;

	block = block_place(limiter, hash % BLOCKS);
	if (!block)
		return NULL;
	if (!*block) {
		*block = kzalloc(sizeof(**block), GFP_ATOMIC | __GFP_NOWARN);
		if (!*block)
			return NULL;
		limiter->block_count++;
	}
	return (*block)->sets[(hash >> BLOCK_BITS) % SETS];
}

/* The bucket of @source, else one that may become it, or NULL. */
static struct wg_bucket *find_bucket(struct wg_bucket *set, u64 source,
				     u64 now_ns)
{
	struct wg_bucket *bucket, *free = NULL;

	for (bucket = set; bucket < set + WAYS; bucket++) {
		if (bucket->source == source)
			return bucket;
		if (!free && wg_token_bucket_is_full(&bucket->tokens, now_ns))
			free = bucket;
	}
	return free;
}

static bool take(struct wg_ratelimiter *limiter, u64 source, u64 now_ns)
{
	struct wg_bucket *set, *bucket;
	bool may = false;

	spin_lock_bh(&limiter->lock);
	limiter->asked++;
	set = set_of(limiter, source);
	bucket = set ? find_bucket(set, source, now_ns) : NULL;
	if (bucket) {
		bucket->source = source;
		may = wg_token_bucket_take(&bucket->tokens, now_ns);
	}
	spin_unlock_bh(&limiter->lock);
	return may;
}

/*
 * The first half of an IPv6 address is the source; an IPv4 address is put
 * where no IPv6 source can be, among the multicast addresses.
 */
bool wg_ratelimiter_allow4(struct wg_ratelimiter *limiter, __be32 addr,
			   u64 now_ns)
{
	return take(limiter, 0xffULL << 56 | be32_to_cpu(addr), now_ns);
}

bool wg_ratelimiter_allow6(struct wg_ratelimiter *limiter,
			   const struct in6_addr *addr, u64 now_ns)
{
	return take(limiter, get_unaligned_be64(addr), now_ns);
}
