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

/**
 * struct wg_segments - packets to come
 * @skb: list by ->next of packets that are not yet written; a GSO packet
 *	stands alone
 * @count: packets to come
 * @bytes: UDP payload of their messages in all
 * @gso: the rest is used for a GSO packet only
 */
struct wg_segments {
	struct sk_buff *skb;
	unsigned int count;
	unsigned int bytes;
	struct wg_segment_gso {
		unsigned int headers; /* length; 0: @skb is a list */
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
