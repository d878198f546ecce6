/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Received datagrams of all shapes, as a socket hands them to the module.
 */
#ifndef _WG_TESTS_KUNIT_DATAGRAMS_H
#define _WG_TESTS_KUNIT_DATAGRAMS_H

#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/mm.h>
#include <linux/skbuff.h>

/**
 * struct datagram_form - how the payload of a datagram lies in memory
 * @linear: bytes in the linear part; the rest is in frags or in frag_list
 * @frag: bytes of each frag; 0: none
 * @listed: bytes of each skb of frag_list; 0: none
 * @size: of each message of an aggregate but the last; 0: no aggregate
 * @tos: traffic class
 */
struct datagram_form {
	unsigned int linear;
	unsigned int frag;
	unsigned int listed;
	unsigned int size;
	u8 tos;
};

static inline void datagram_add_frags(struct kunit *test, struct sk_buff *skb,
				      const u8 *bytes, unsigned int len,
				      unsigned int size)
{
	unsigned int piece;
	struct page *page;
	int i;

	for (i = 0; len; i++, bytes += piece, len -= piece) {
		piece = min(size, len);
		KUNIT_ASSERT_LT(test, i, MAX_SKB_FRAGS);
		page = alloc_pages(GFP_KERNEL | __GFP_COMP, 3);
		KUNIT_ASSERT_NOT_NULL(test, page);
		memcpy(page_address(page) + 3, bytes, piece);
		skb_add_rx_frag(skb, i, page, 3, piece, piece);
	}
}

static inline void datagram_add_list(struct kunit *test, struct sk_buff *skb,
				     const u8 *bytes, unsigned int len,
				     unsigned int size)
{
	struct sk_buff **tail = &skb_shinfo(skb)->frag_list;
	unsigned int piece;

	for (; len; bytes += piece, len -= piece) {
		piece = min(size, len);
		*tail = alloc_skb(piece, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, *tail);
		skb_put_data(*tail, bytes, piece);
		tail = &(*tail)->next;
		skb->len += piece;
		skb->data_len += piece;
	}
}

/* A received datagram whose payload is @bytes. */
static inline struct sk_buff *
datagram_make(struct kunit *test, const struct datagram_form *form,
	      const u8 *bytes, unsigned int len)
{
	unsigned int linear = min(form->linear, len);
	struct sk_buff *skb = alloc_skb(100 + linear, GFP_KERNEL);
	struct iphdr *ip;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 50);
	skb_reset_network_header(skb);
	ip = skb_put_zero(skb, sizeof(*ip) + 8);
	ip->tos = form->tos;
	skb_pull(skb, sizeof(*ip) + 8);
	skb->protocol = htons(ETH_P_IP);
	skb_put_data(skb, bytes, linear);
	if (form->frag)
		datagram_add_frags(test, skb, bytes + linear, len - linear,
				   form->frag);
	else if (form->listed)
		datagram_add_list(test, skb, bytes + linear, len - linear,
				  form->listed);
	KUNIT_ASSERT_EQ(test, skb->len, len);
	skb_shinfo(skb)->gso_size = form->size;
	if (form->size)
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	return skb;
}

#endif
