/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cuts what the stack sends into packets that each become one message: a
 * single packet, a list of them, or one GSO packet. Plain TCP and UDP GSO
 * packets are never cut into skbs: their segments are written one after the
 * other, straight from headers and frags, to where they will be sealed.
 */
#ifndef _WG_PATH_SEGMENT_H
#define _WG_PATH_SEGMENT_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "core/txq.h"

/**
 * struct wg_segments - packets to come
 * @batch: packets that are not yet written; a GSO packet stands alone. The
 *	bytes are those of all that there were
 * @gso: used for a GSO packet only
 */
struct wg_segments {
	struct wg_tx_batch batch;
	struct wg_segment_gso {
		unsigned int headers; /* length; 0: it is a list */
		unsigned int transport; /* offset of TCP or UDP */
		unsigned int offset; /* of the next segment's payload */
		unsigned int index; /* of the next segment */
		bool is_tcp;
		bool is_ip6;
	} gso;
};

/*
 * Take @skb, any packet, apart. wg_tx_cb(skb) is set. BH disabled.
 * Return: 0; -errno when the kernel cannot segment it: @skb is untouched.
 */
int wg_segments_begin(struct wg_segments *segments, struct sk_buff *skb);

/* Take a list by ->next of packets none of which is GSO. */
void wg_segments_begin_list(struct wg_segments *segments,
			    struct sk_buff *list);

/* Length of the next packet and of its message; there is one. */
unsigned int wg_segments_next_len(struct wg_segments *segments,
				  unsigned int *padded_len);

/*
 * Write the next packet, checksum included, to @dst and go on to the one
 * after it. Return: the packet that is done with it, if any, for the caller.
 */
struct sk_buff *wg_segments_write(struct wg_segments *segments, u8 *dst);

#endif
