/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A UDP GSO packet that is being filled: messages to one endpoint, all of one
 * length but a shorter last one. They are written and sealed in the very
 * memory that leaves.
 */
#ifndef _WG_PATH_GSO_H
#define _WG_PATH_GSO_H

#include <linux/local_lock.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>

/* The most messages: what UDP GSO takes on the oldest kernel. */
#define WG_GSO_MESSAGES_MAX 64

/* The most bytes: an IPv4 or IPv6 packet with UDP header holds them. */
#define WG_GSO_BYTES_MAX (65535 - 48)

/**
 * struct wg_gso - a packet being filled
 * @skb: the outer packet so far; NULL: nothing yet
 * @message_len: length of its messages
 * @messages: how many
 * @ds: traffic class of all
 * @is_closed: a shorter message was the last
 * @charged: memory that the socket of @skb is charged for so far
 */
struct wg_gso {
	struct sk_buff *skb;
	unsigned int message_len;
	unsigned int messages;
	u8 ds;
	bool is_closed;
	unsigned int charged;
};

/**
 * wg_gso_fits() - may a message join?
 * @gso: the packet, perhaps empty
 * @len: length of the message
 * @ds: its traffic class
 *
 * Return: false when it is too long, too many or of another class.
 */
bool wg_gso_fits(const struct wg_gso *gso, unsigned int len, u8 ds);

/**
 * wg_gso_extend() - room for one more message
 * @gso: the packet; wg_gso_fits() said yes
 * @len: length of the message
 * @ds: its traffic class
 * @more: messages that will follow it, at a guess: a single one gets a
 *	smaller packet
 *
 * Context: BH disabled.
 * Return: @len contiguous bytes, or NULL: no memory.
 */
u8 *wg_gso_extend(struct wg_gso *gso, unsigned int len, u8 ds,
		  unsigned int more);

/*
 * The last of the inner packet @skb is in @gso: the outer packet takes over its
 * socket, which so feels what is still queued below, and @skb is consumed.
 * An outer packet that holds those of several sockets has the first one's.
 */
void wg_gso_take_over(struct wg_gso *gso, struct sk_buff *skb);

/* Take what is in @gso as a packet ready for wg_udp_send(); @gso is empty. */
struct sk_buff *wg_gso_take(struct wg_gso *gso);

/* Free the pages that CPUs keep. Process context, no packet is being filled. */
void wg_gso_unregister(void);

/* ------------------------------------------------------------------ frags */

/*
 * Memory that the packets of one CPU share, those on their way out and those
 * that path/merge puts together: pages of 32 KB, as long as these last, so that
 * a few messages do not cost a whole page. With PREEMPT_RT, who has BHs disabled
 * may be preempted by others: the lock says whose turn it is.
 */
struct wg_frag_memory {
	local_lock_t lock;
	struct page_frag frag;
};

/*
 * Is there place for @len contiguous bytes in what @frag has or gets? They
 * begin at its free space. False: no memory. BH disabled.
 */
bool wg_frag_refill(struct page_frag *frag, unsigned int len);

/* The start of @frag's free space. */
static inline u8 *wg_frag_bytes(const struct page_frag *frag)
{
	return (u8 *)page_address(frag->page) + frag->offset;
}

/* Does the free space follow right behind what @skb has last? */
static inline bool wg_frag_follows(const struct sk_buff *skb,
				   const struct page_frag *frag)
{
	return skb_can_coalesce((struct sk_buff *)skb,
				skb_shinfo(skb)->nr_frags, frag->page,
				frag->offset);
}

/* May @skb get one more piece that does not follow? */
static inline bool wg_frag_has_slot(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->nr_frags < MAX_SKB_FRAGS;
}

/*
 * Attach the first @len bytes of @frag's free space to @skb, and have them no
 * longer free. Either they follow or @skb has a slot.
 */
void wg_frag_attach(struct sk_buff *skb, struct page_frag *frag,
		    unsigned int len);

/* Give back what each CPU has in @frags. Process context, nobody uses them. */
void wg_frag_free(struct page_frag __percpu *frags);

#endif
