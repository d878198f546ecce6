/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How often something may happen: a token bucket, and the judgements whether
 * a peer is sent a burst and whether the device is under load, as arithmetic
 * on one clock value each. No lock inside. Any context.
 */
#ifndef _WG_PROTO_RATE_H
#define _WG_PROTO_RATE_H

#include <linux/types.h>

#include "proto/limits.h"

/**
 * struct wg_token_bucket - a token bucket: WG_SOURCE_RATE a second,
 *	WG_SOURCE_BURST at once
 * @full_ns: when it will be full again; each token taken moves it further.
 *	All zero is a full bucket
 */
struct wg_token_bucket {
	u64 full_ns;
};

/* Take one token. Return: false when there is none; nothing changes then. */
bool wg_token_bucket_take(struct wg_token_bucket *bucket, u64 now_ns);

/* Is it full, thus not worth keeping? */
bool wg_token_bucket_is_full(const struct wg_token_bucket *bucket, u64 now_ns);

/*
 * So many packets sent within one tick, nothing heard in between, are a
 * burst: what follows gains more from being coalesced than it loses by waiting.
 */
#define WG_BURST_PACKETS 16

/**
 * struct wg_burst - does a peer get more single packets than it answers?
 *	All zero is no
 * @tick: the tick of the last packet
 * @sent: packets in that tick that nothing was heard after
 * @is_on: the tick before was a burst
 */
struct wg_burst {
	unsigned long tick;
	u16 sent;
	bool is_on;
};

/*
 * A single packet is about to be sent, in @tick, a counter of time (jiffies).
 * Return: whether it is one of a burst, which lasts until a tick has less
 * than WG_BURST_PACKETS packets or something is heard.
 */
bool wg_burst_send(struct wg_burst *burst, unsigned long tick);

/* Something was heard: who asks and is answered must not be kept waiting. */
void wg_burst_hear(struct wg_burst *burst);

/**
 * struct wg_load - is the device under load?
 * @until_ns: it is until then; all zero is not
 */
struct wg_load {
	u64 until_ns;
};

/**
 * wg_load_note() - judge by the queue of handshakes that wait
 * @load: the judgement so far
 * @queued: length of the queue
 * @capacity: its greatest length, not 0
 * @now_ns: the clock
 *
 * Return: whether the device is under load: one WG_LOAD_DIVISORth of the
 * queue is taken now or was in the last WG_LOAD_TIME_NS.
 */
bool wg_load_note(struct wg_load *load, unsigned int queued,
		  unsigned int capacity, u64 now_ns);

#endif
