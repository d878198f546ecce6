/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of a remote peer, as datagrams and aggregates on the loopback
 * device, and what of them reached the stack.
 */
#ifndef _WG_TESTS_KUNIT_WRITER_H
#define _WG_TESTS_KUNIT_WRITER_H

#include "fixture.h"

#define INNER_MAX 1408
#define SOURCE_PORT 40000

/* --- the remote side --- */

/*
 * An inner IPv4 packet of @len bytes from 10.N.0.2 that tells its @number, in
 * @padded bytes of @dst.
 */
static inline void write_inner(u8 *dst, u8 n, u16 number, unsigned int len,
			       unsigned int padded)
{
	struct iphdr *ip = (struct iphdr *)dst;

	memset(dst, 0, padded);
	memset(dst + sizeof(*ip), 0x66, len - sizeof(*ip));
	*ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
		.tot_len = htons(len), .id = htons(number),
		.saddr = htonl(10 << 24 | n << 16 | 2),
		.daddr = htonl(0xc0a80001),
	};
	ip_send_check(ip);
}

static inline u8 number_of(struct fixture *f, struct remote *remote)
{
	return remote - f->remote + 1;
}

/**
 * struct writer - messages in the making
 * @f: the fixture
 * @remote: who writes
 * @session: under which
 * @bytes: the messages
 * @len: their length
 * @number: of the next inner packet
 */
struct writer {
	struct fixture *f;
	struct remote *remote;
	struct remote_session session;
	u8 bytes[65536];
	unsigned int len;
	u16 number;
};

static inline struct writer *make_writer(struct kunit *test,
					 struct remote *remote,
					 struct remote_session session)
{
	struct writer *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->f = test->priv;
	w->remote = remote;
	w->session = session;
	return w;
}

/* Of a remote side whose session the device began just now. */
static inline struct writer *new_writer(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);

	return make_writer(test, remote, fixture_initiate(test, remote));
}

static inline unsigned int message_len(unsigned int inner)
{
	return DIV_ROUND_UP(inner, 16) * 16 + 32;
}

/* A message with an inner packet of @len bytes, or a keepalive for 0. */
static inline u8 *write_message(struct writer *w, unsigned int len)
{
	unsigned int padded = DIV_ROUND_UP(len, 16) * 16;
	u8 inner[INNER_MAX], *message = w->bytes + w->len;

	if (len)
		write_inner(inner, number_of(w->f, w->remote), w->number++, len,
			    padded);
	w->len += fixture_seal(&w->session, message, inner, padded);
	return message;
}

/* How the bytes of a datagram lie in its skb. */
struct layout {
	unsigned int linear;
	unsigned int frag; /* 0: all is linear */
	bool is_listed; /* pieces of @frag bytes are skbs, not frags */
};

static const struct layout flat = { .linear = 65536 };

static inline void add_piece(struct kunit *test, struct sk_buff *skb,
			     const u8 *bytes, unsigned int len)
{
	struct page *page = alloc_pages(GFP_ATOMIC | __GFP_COMP, 3);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_LT(test, skb_shinfo(skb)->nr_frags, MAX_SKB_FRAGS);
	memcpy(page_address(page), bytes, len);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 0, len, len);
}

static inline void add_listed(struct kunit *test, struct sk_buff *skb,
			      const u8 *bytes, unsigned int len)
{
	struct sk_buff **tail = &skb_shinfo(skb)->frag_list;
	struct sk_buff *piece = alloc_skb(len, GFP_ATOMIC);

	KUNIT_ASSERT_NOT_NULL(test, piece);
	skb_put_data(piece, bytes, len);
	while (*tail)
		tail = &(*tail)->next;
	*tail = piece;
	skb->len += len;
	skb->data_len += len;
	skb->truesize += piece->truesize;
}

/* All that was written, as one datagram; @w is empty again. */
static inline struct sk_buff *take_datagram(struct kunit *test,
					    struct writer *w,
					    const struct layout *layout)
{
	unsigned int offset = min(layout->linear, w->len), len;
	struct sk_buff *skb = fixture_datagram(test, offset);

	skb_put_data(skb, w->bytes, offset);
	for (; offset < w->len; offset += len) {
		len = min(layout->frag, w->len - offset);
		if (layout->is_listed)
			add_listed(test, skb, w->bytes + offset, len);
		else
			add_piece(test, skb, w->bytes + offset, len);
	}
	w->len = 0;
	return skb;
}

/* Send what was written: an aggregate if @size, else one message. */
static inline void send_from(struct kunit *test, struct writer *w,
			     unsigned int size, u16 port)
{
	struct sk_buff *skb = take_datagram(test, w, &flat);

	if (size)
		fixture_aggregate(skb, size);
	KUNIT_ASSERT_EQ(test, fixture_inject(w->f, skb, port), 0);
}

static inline void send(struct kunit *test, struct writer *w, unsigned int size)
{
	send_from(test, w, size, SOURCE_PORT);
}

/* --- the stack's side --- */

/* The next inner packet is number @number, of @len bytes. */
static inline void expect_inner(struct kunit *test, struct fixture *f,
				u16 number, unsigned int len)
{
	struct sk_buff *skb = skb_dequeue(&f->arrived);

	KUNIT_ASSERT_NOT_NULL_MSG(test, skb, "packet %u", number);
	KUNIT_EXPECT_EQ(test, skb->len, len);
	KUNIT_EXPECT_EQ(test, skb->protocol, htons(ETH_P_IP));
	KUNIT_EXPECT_PTR_EQ(test, skb->dev, f->dev);
	KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_UNNECESSARY);
	KUNIT_EXPECT_EQ(test, ntohs(ip_hdr(skb)->id), number);
	KUNIT_EXPECT_NULL(test, memchr_inv(skb->data + 20, 0x66, len - 20));
	kfree_skb(skb);
}

static inline void expect_inners(struct kunit *test, struct fixture *f,
				 u16 first, unsigned int count,
				 unsigned int len)
{
	unsigned int i;

	fixture_await(f, count);
	for (i = 0; i < count; i++)
		expect_inner(test, f, first + i, len);
}

static inline void expect_quiet(struct kunit *test, struct fixture *f)
{
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&f->arrived));
}

/* Soon @count packets were dropped for @reason. */
static inline void expect_drops(struct kunit *test, struct fixture *f,
				enum wg_drop_reason reason, unsigned int count)
{
	comes_true(fixture_drops(f, reason) >= count);
	KUNIT_EXPECT_EQ_MSG(test, fixture_drops(f, reason), count, "%s",
			    wg_drop_name(reason));
}

#endif
