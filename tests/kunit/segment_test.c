// SPDX-License-Identifier: GPL-2.0
/*
 * What we cut ourselves is, byte for byte, what the kernel's own segmentation
 * makes of a copy.
 */
#include "path/segment.h"

#include <kunit/test.h>

#include "packets.h"
#include "path/cb.h"
#include "proto/wire.h"

#define MTU 1420
#define POISON 0xa5

static const struct packet_form forms[] = {
	{ "UDP v4, no GSO", .payload = 900 },
	{ "UDP v6, no GSO, frags", .is_ip6 = true, .payload = 900, .frag = 301,
	  .linear = 11 },
	{ "TCP v4, no GSO, nothing but headers", .is_tcp = true },
	{ "TCP v4, 2 equal", .is_tcp = true, .payload = 2720, .size = 1360 },
	{ "TCP v4, 2, tail of 1", .is_tcp = true, .payload = 1361,
	  .size = 1360 },
	{ "TCP v4, 63, all flags", .is_tcp = true, .payload = 63 * 500 - 7,
	  .size = 500, .flags = 0xff, .gso_type = SKB_GSO_TCP_ECN },
	{ "TCP v4, 64, options", .is_tcp = true, .payload = 64 * 500,
	  .size = 500, .option = 12, .flags = 0x18 },
	{ "TCP v4, 65, FIN", .is_tcp = true, .payload = 65 * 500 - 499,
	  .size = 500, .flags = 0x11 },
	{ "TCP v4, 129", .is_tcp = true, .payload = 129 * 400 - 33,
	  .size = 400, .flags = 0x10 },
	{ "TCP v6, 45, CWR", .is_tcp = true, .is_ip6 = true,
	  .payload = 45 * 1340, .size = 1340, .flags = 0x98, .option = 12,
	  .gso_type = SKB_GSO_TCP_ECN },
	{ "TCP v6, 3, in frags", .is_tcp = true, .is_ip6 = true,
	  .payload = 4000, .size = 1340, .frag = 999, .linear = 0 },
	{ "TCP v4, in frags of 1 byte more", .is_tcp = true, .payload = 16000,
	  .size = 1000, .frag = 1001, .linear = 3 },
	{ "TCP v4, 44, in large frags", .is_tcp = true, .payload = 44 * 1360,
	  .size = 1360, .frag = 32000, .linear = 5 },
	{ "TCP v4, odd headers", .is_tcp = true, .payload = 4001, .size = 999,
	  .shift = 1, .option = 4 },
	{ "TCP v6, odd everything", .is_tcp = true, .is_ip6 = true,
	  .payload = 4001, .size = 777, .shift = 3, .frag = 1111,
	  .linear = 1 },
	{ "TCP v4, one IP id for all", .is_tcp = true, .payload = 4000,
	  .size = 1360, .gso_type = SKB_GSO_TCP_FIXEDID },
	{ "UDP v4, 2 equal", .payload = 2400, .size = 1200 },
	{ "UDP v4, 64, tail", .payload = 64 * 600 - 1, .size = 600 },
	{ "UDP v6, 44", .is_ip6 = true, .payload = 44 * 1300, .size = 1300 },
	{ "UDP v6, odd frags", .is_ip6 = true, .payload = 5000, .size = 1201,
	  .frag = 701, .linear = 7, .shift = 1 },
	{ "UDP v4, IP options", .payload = 5000, .size = 1000, .option = 8 },
};

KUNIT_ARRAY_PARAM(form, forms, packet_describe);

/* What a message of an inner packet of @len bytes is to be padded to. */
static unsigned int padded(unsigned int len, unsigned int mtu)
{
	return min(DIV_ROUND_UP(len, 16) * 16, mtu);
}

static unsigned int expected_bytes(const struct sk_buff *list)
{
	unsigned int bytes = 0;

	for (; list; list = list->next)
		bytes += 32 + padded(list->len, MTU);
	return bytes;
}

/*
 * The next of @segments is @expected, and nothing beside it is touched.
 * Return: the packet that is done with it.
 */
static struct sk_buff *expect_next(struct kunit *test,
				   struct wg_segments *segments,
				   const struct sk_buff *expected, u8 *buffer)
{
	unsigned int len, padded_len;
	struct sk_buff *done;
	u8 *dst = buffer + 16;

	memset(buffer, POISON, 2048);
	len = wg_segments_next_len(segments, &padded_len);
	KUNIT_ASSERT_EQ(test, len, expected->len);
	KUNIT_EXPECT_EQ(test, padded_len, padded(len, MTU));
	done = wg_segments_write(segments, dst);
	KUNIT_EXPECT_MEMEQ(test, dst, expected->data, len);
	KUNIT_EXPECT_EQ(test, dst[-1], POISON);
	KUNIT_EXPECT_EQ(test, dst[len], POISON);
	return done;
}

static int begin(struct wg_segments *segments, struct sk_buff *skb)
{
	int err;

	wg_tx_cb(skb)->mtu = MTU;
	local_bh_disable();
	err = wg_segments_begin(segments, skb);
	local_bh_enable();
	return err;
}

static void segments_are_those_of_the_kernel(struct kunit *test)
{
	struct sk_buff *skb = packet_make(test, test->param_value);
	struct sk_buff *list = packet_cut(test, skb), *expected;
	u8 *buffer = kunit_kmalloc(test, 2048, GFP_KERNEL);
	struct sk_buff *done = NULL;
	struct wg_segments segments;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	KUNIT_ASSERT_EQ(test, begin(&segments, skb), 0);
	KUNIT_ASSERT_EQ(test, segments.batch.messages, packet_count(list));
	KUNIT_EXPECT_EQ(test, segments.batch.bytes, expected_bytes(list));
	for (expected = list; expected; expected = expected->next) {
		done = expect_next(test, &segments, expected, buffer);
		kfree_skb(done);
	}
	KUNIT_EXPECT_EQ(test, segments.batch.messages, 0);
	KUNIT_EXPECT_TRUE(test, done);
	kfree_skb_list(list);
}

/* A GSO packet may hold one segment only, which the kernel refuses to cut. */
static void a_gso_packet_of_one_segment_is_one_packet(struct kunit *test)
{
	struct packet_form form = { .is_tcp = true, .payload = 800 };
	struct sk_buff *list = packet_expected(test, &form);
	u8 *buffer = kunit_kmalloc(test, 2048, GFP_KERNEL);
	struct wg_segments segments;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	form.size = 900;
	KUNIT_ASSERT_EQ(test, begin(&segments, packet_make(test, &form)), 0);
	KUNIT_ASSERT_EQ(test, segments.batch.messages, 1);
	kfree_skb(expect_next(test, &segments, list, buffer));
	kfree_skb_list(list);
}

static void a_list_is_written_in_its_order(struct kunit *test)
{
	static const unsigned int lens[] = { 1, 900, 16, 1392, 17 };
	u8 *buffer = kunit_kmalloc(test, 2048, GFP_KERNEL);
	struct sk_buff *list = NULL, **tail = &list;
	struct sk_buff *cut[ARRAY_SIZE(lens)];
	struct wg_segments segments;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		struct packet_form form = { .payload = lens[i] };

		*tail = packet_make(test, &form);
		wg_tx_cb(*tail)->mtu = MTU;
		cut[i] = packet_cut(test, *tail);
		tail = &(*tail)->next;
	}
	wg_segments_begin_list(&segments, list);
	KUNIT_ASSERT_EQ(test, segments.batch.messages, ARRAY_SIZE(lens));
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		kfree_skb(expect_next(test, &segments, cut[i], buffer));
		kfree_skb(cut[i]);
	}
	KUNIT_EXPECT_NULL(test, segments.batch.list);
}

/* RFC 768: a sum of zero is sent as all ones, zero means none. */
static void a_sum_of_zero_is_sent_as_ones(struct kunit *test)
{
	struct packet_form form = { .payload = 2004, .size = 1002,
				    .shift = 0 };
	struct sk_buff *skb = packet_make(test, &form);
	u8 *buffer = kunit_kzalloc(test, 2048, GFP_KERNEL);
	struct udphdr *udp = (struct udphdr *)(buffer + 20);
	struct wg_segments segments;
	struct sk_buff *list;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	/* what the sum was without these two bytes, in their place: now 0 */
	memset(skb->data + 28, 0, 2);
	list = packet_cut(test, skb);
	memcpy(skb->data + 28, &udp_hdr(list)->check, 2);
	kfree_skb_list(list);
	list = packet_cut(test, skb);
	KUNIT_ASSERT_EQ(test, (__force u16)udp_hdr(list)->check, 0xffff);
	KUNIT_ASSERT_EQ(test, begin(&segments, skb), 0);
	KUNIT_EXPECT_NULL(test, wg_segments_write(&segments, buffer));
	KUNIT_EXPECT_EQ(test, (__force u16)udp->check, 0xffff);
	kfree_skb(wg_segments_write(&segments, buffer));
	kfree_skb_list(list);
}

static void nonsense_is_refused_untouched(struct kunit *test)
{
	struct packet_form form = { .is_tcp = true, .payload = 3000,
				    .size = 1000 };
	struct sk_buff *skb = packet_make(test, &form);
	struct wg_segments segments;

	/* a header longer than the packet's linear part and all that follows */
	skb_trim(skb, 30);
	KUNIT_EXPECT_LT(test, begin(&segments, skb), 0);
	KUNIT_EXPECT_EQ(test, skb->len, 30);
	KUNIT_EXPECT_EQ(test, refcount_read(&skb->users), 1);
	kfree_skb(skb);
}

static struct kunit_case segment_test_cases[] = {
	KUNIT_CASE_PARAM(segments_are_those_of_the_kernel, form_gen_params),
	KUNIT_CASE(a_gso_packet_of_one_segment_is_one_packet),
	KUNIT_CASE(a_list_is_written_in_its_order),
	KUNIT_CASE(a_sum_of_zero_is_sent_as_ones),
	KUNIT_CASE(nonsense_is_refused_untouched),
	{}
};

static struct kunit_suite segment_test_suite = {
	.name = "wg_segment",
	.test_cases = segment_test_cases,
};

kunit_test_suite(segment_test_suite);
