/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts TCP segments that were opened one after the other together again, as
 * segment.h took them apart: what GRO would make of them, but without an skb
 * for each.
 *
 * The first segment is a packet as any, the head. Each later one is opened so
 * that its payload comes to lie behind the payload before it:
 *
 *	head: |headers|payload 0|
 *	frag: |headers 1|payload 1       |payload 2       |
 *	                        |headers 2|
 *
 * Its headers overwrite the end of that one meanwhile. They are compared with
 * what the next segment of the stream must have, and what they overwrote is
 * put back.
 */
#ifndef _WG_PATH_MERGE_H
#define _WG_PATH_MERGE_H

#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "compat.h"
#include "path/gso.h"

/* IP without options or extension headers, TCP with all options. */
#define WG_MERGE_HEADERS_MAX (sizeof(struct ipv6hdr) + 60)

/**
 * struct wg_merge - a stream being put together, within one batch
 * @head: its first segment; NULL: nothing that others could join
 * @headers: length of each segment's IP and TCP headers
 * @transport: offset of the TCP header in them
 * @size: payload of each segment but the last
 * @counter: of the message that the next segment must come in
 * @next: headers that the next segment must have, without what may differ
 * @at: where the next message is opened; NULL: nowhere yet
 * @under: what @at overwrites, if @is_over
 * @is_over: @at begins within a payload
 */
struct wg_merge {
	struct sk_buff *head;
	unsigned int headers;
	unsigned int transport;
	unsigned int size;
	u64 counter;
	u8 next[WG_MERGE_HEADERS_MAX] __aligned(4);
	u8 *at;
	u8 under[WG_MERGE_HEADERS_MAX];
	bool is_over;
};

/* Where one batch at a time is opened, on each CPU. */
DECLARE_PER_CPU(struct wg_frag_memory, wg_merge_memory);

/*
 * What this CPU opens until wg_merge_leave() is one batch. BH disabled, and with
 * PREEMPT_RT, where that does not exclude others on this CPU, a lock. Inline, for
 * sparse, which counts locks within functions.
 */
static inline void wg_merge_enter(void)
{
	local_lock_nested_bh(&wg_merge_memory.lock);
}

static inline void wg_merge_leave(void)
{
	local_unlock_nested_bh(&wg_merge_memory.lock);
}

/*
 * May others join @plain, an authentic linear packet with its wg_plain_cb, which
 * came in message @counter? Then it is the head until wg_merge_end(). Within wg_merge_enter().
 */
void wg_merge_begin(struct wg_merge *merge, struct sk_buff *plain,
		    u64 counter);

/*
 * Where to open the next message: @len writable bytes. NULL: it cannot join,
 * or there is no memory.
 */
u8 *wg_merge_room(struct wg_merge *merge, unsigned int len);

/*
 * The message that was opened there is authentic, its plaintext is @len bytes
 * long, and it came with @counter and outer traffic class @ds.
 *
 * Return: true: it is part of the head now. False: it cannot be; it lies there
 * until wg_merge_end().
 */
bool wg_merge_join(struct wg_merge *merge, unsigned int len, u64 counter,
		   u8 ds);

/* Nobody else joins; what lies in the room is no longer valid. */
void wg_merge_end(struct wg_merge *merge);

/*
 * Make the head @skb, which others have joined, the GSO packet that its
 * headers say.
 */
void wg_merge_complete(struct sk_buff *skb);

/*
 * Take @skb apart again, to have a verdict for each segment.
 * Return: list by ->next, with @skb's wg_plain_cb but for its messages; NULL:
 * no memory, @skb is complete.
 */
struct sk_buff *wg_merge_split(struct sk_buff *skb);

/* Free the pages that CPUs keep. Process context, no merge exists. */
void wg_merge_unregister(void);

#endif
