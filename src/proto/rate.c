// SPDX-License-Identifier: GPL-2.0
#include "proto/rate.h"

#include <linux/minmax.h>

/*
 * A bucket is kept as the time at which it will be full: one number instead
 * of a level and the time of that level. A token is this much time.
 */
#define TOKEN_NS (WG_NS_PER_S / WG_SOURCE_RATE)
#define EMPTY_NS (TOKEN_NS * WG_SOURCE_BURST)

bool wg_token_bucket_is_full(const struct wg_token_bucket *bucket, u64 now_ns)
{
	return bucket->full_ns <= now_ns;
}

bool wg_token_bucket_take(struct wg_token_bucket *bucket, u64 now_ns)
{
	u64 full_ns = max(bucket->full_ns, now_ns) + TOKEN_NS;

	if (full_ns - now_ns > EMPTY_NS)
		return false;
	bucket->full_ns = full_ns;
	return true;
}

bool wg_burst_send(struct wg_burst *burst, unsigned long tick)
{
	if (tick != burst->tick) {
		burst->is_on = tick == burst->tick + 1 &&
			       burst->sent >= WG_BURST_PACKETS;
		burst->tick = tick;
		burst->sent = 0;
	}
	if (burst->sent < WG_BURST_PACKETS)
		burst->sent++;
	return burst->is_on || burst->sent == WG_BURST_PACKETS;
}

void wg_burst_hear(struct wg_burst *burst)
{
	burst->sent = 0;
	burst->is_on = false;
}

bool wg_load_note(struct wg_load *load, unsigned int queued,
		  unsigned int capacity, u64 now_ns)
{
	if ((u64)queued * WG_LOAD_DIVISOR >= capacity)
		load->until_ns = now_ns + WG_LOAD_TIME_NS;
	return now_ns < load->until_ns;
}
