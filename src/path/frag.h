/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that packets of one CPU share: pages of 32 KB, as long as these last,
 * so that a short run of messages does not cost a whole page.
 */
#ifndef _WG_PATH_FRAG_H
#define _WG_PATH_FRAG_H

#include <linux/percpu.h>
#include <linux/skbuff.h>

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
