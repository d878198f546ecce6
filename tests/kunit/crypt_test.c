// SPDX-License-Identifier: GPL-2.0
/*
 * Messages against the kernel library's AEAD, sealed in place and opened
 * wherever in an skb they lie.
 */
#include "path/crypt.h"

#include <crypto/chacha20poly1305.h>
#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "core/drop.h"
#include "core/session.h"
#include "datagrams.h"
#include "path/batch.h"
#include "path/cb.h"
#include "proto/wire.h"

#define FIRST_COUNTER 0xfffffffdULL /* soon needs its upper half */
#define REMOTE_INDEX 0x89abcdef
#define STREAM_MAX 65000

/* A session with keys, in no slot of no peer. */
static struct wg_session *make_session(struct kunit *test)
{
	struct wg_session *session = kunit_kzalloc(test, sizeof(*session),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, session);
	memset(session->keys.send, 0x11, WG_KEY_SIZE);
	memset(session->keys.receive, 0x22, WG_KEY_SIZE);
	session->remote_index = cpu_to_le32(REMOTE_INDEX);
	return session;
}

/* --- sealing --- */

static void a_sealed_message_has_header_padding_and_tag(struct kunit *test)
{
	static const u8 header[16] = { 4, 0, 0, 0, 0xef, 0xcd, 0xab, 0x89,
				       8, 7, 6, 5, 4, 3, 2, 1 };
	static const unsigned int lens[][2] = {
		{ 0, 0 }, { 1, 16 }, { 16, 16 }, { 84, 96 }, { 1391, 1392 },
		{ 1420, 1420 }, { 1419, 1420 }, { 1408, 1420 },
	};
	struct wg_session *session = make_session(test);
	u8 *buffer = kunit_kzalloc(test, 2048, GFP_KERNEL);
	u8 *plain = kunit_kzalloc(test, 2048, GFP_KERNEL);
	u8 *expected = kunit_kzalloc(test, 2048, GFP_KERNEL);
	u8 *message = buffer + WG_CRYPT_ROOM + 16;
	unsigned int i, len, padded_len;

	KUNIT_ASSERT_TRUE(test, buffer && plain && expected);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		len = lens[i][0];
		padded_len = lens[i][1];
		memset(plain, 0, 2048);
		memset(plain, 0x77, len);
		chacha20poly1305_encrypt(expected, plain, padded_len, NULL, 0,
					 0x0102030405060708ULL,
					 session->keys.send);
		memset(buffer, 0xc3, 2048);
		memcpy(message + 16, plain, len);
		wg_crypt_seal(message, len, padded_len, session,
			      0x0102030405060708ULL);
		KUNIT_EXPECT_MEMEQ(test, message, header, sizeof(header));
		KUNIT_EXPECT_MEMEQ(test, message + 16, expected,
				   padded_len + WG_TAG_SIZE);
		KUNIT_EXPECT_NULL(test, memchr_inv(buffer, 0xc3,
						   WG_CRYPT_ROOM + 16));
		KUNIT_EXPECT_EQ(test, message[32 + padded_len], 0xc3);
	}
}

/* --- opening --- */

/**
 * struct layout - where the messages of a datagram lie
 * @name: of the case
 * @count: messages
 * @inner: plaintext of each
 * @tail: plaintext of the last one
 * @linear: bytes in the linear part; the rest is in frags or in frag_list
 * @frag: bytes of each frag, 0: none
 * @listed: bytes of each skb of frag_list, 0: none
 */
struct layout {
	const char *name;
	unsigned int count;
	unsigned int inner;
	unsigned int tail;
	unsigned int linear;
	unsigned int frag;
	unsigned int listed;
};

static const struct layout layouts[] = {
	{ "1, linear", 1, 1408, 1408, STREAM_MAX },
	{ "1, keepalive", 1, 0, 0, STREAM_MAX },
	{ "1, in a frag", 1, 1408, 1408, 0, 2000 },
	{ "1, header in the linear part", 1, 1408, 1408, 16, 2000 },
	{ "1, header cut", 1, 1408, 1408, 7, 700 },
	{ "2, linear, short tail", 2, 1408, 16, STREAM_MAX },
	{ "2, tail is a keepalive", 2, 96, 0, STREAM_MAX },
	{ "45, linear", 45, 1408, 1408, STREAM_MAX },
	{ "45, one frag each", 45, 1408, 1408, 1440 * 29, 1440 },
	{ "45, frags straddled", 45, 1408, 1407, 100, 4096 },
	{ "63, frags of odd length", 63, 200, 3, 1, 997 },
	{ "64, one list skb each", 64, 900, 900, 932, 0, 932 },
	{ "64, list skbs straddled", 64, 900, 55, 500, 0, 1501 },
	{ "64, small frags and odd lengths", 64, 83, 31, 3, 457 },
	{ "45, list skbs of 3 messages", 45, 1408, 800, 1440 * 3, 0,
	  1440 * 3 },
};

static void describe(const struct layout *layout, char *desc)
{
	strscpy(desc, layout->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(layout, layouts, describe);

static unsigned int inner_len(const struct layout *layout, unsigned int i)
{
	return i + 1 == layout->count ? layout->tail : layout->inner;
}

static u8 inner_byte(unsigned int message)
{
	return 0x30 + message;
}

/* All messages one behind the other, from @bytes on. Return: their length. */
static unsigned int write_stream(const struct layout *layout,
				 const struct wg_session *session, u8 *bytes)
{
	struct wg_message_data *message;
	unsigned int i, len, total = 0;

	for (i = 0; i < layout->count; i++) {
		len = inner_len(layout, i);
		message = (struct wg_message_data *)(bytes + total);
		put_unaligned_le32(WG_MESSAGE_DATA, &message->type);
		put_unaligned_le64(FIRST_COUNTER + i, &message->counter);
		memset(message->ciphertext, inner_byte(i), len);
		chacha20poly1305_encrypt(message->ciphertext,
					 message->ciphertext, len, NULL, 0,
					 FIRST_COUNTER + i,
					 session->keys.receive);
		total += len + 32;
	}
	return total;
}

/* A received datagram whose payload is @bytes. */
static struct sk_buff *make_datagram(struct kunit *test,
				     const struct layout *layout,
				     const u8 *bytes, unsigned int len)
{
	const struct datagram_form form = {
		.linear = layout->linear,
		.frag = layout->frag,
		.listed = layout->listed,
		.size = layout->count > 1 ? layout->inner + 32 : 0,
		.tos = 0x53,
	};

	return datagram_make(test, &form, bytes, len);
}

static struct wg_batch opened; /* what open_batch() made */

static void open_batch(struct sk_buff *datagrams, struct wg_session *session)
{
	static struct napi_struct napi;

	napi.dev = init_net.loopback_dev;
	opened = (struct wg_batch){
		.session = session,
		.datagrams = datagrams,
	};
	local_bh_disable();
	wg_crypt_open_batch(&opened, &napi);
	local_bh_enable();
}

/* @plain is what came in message @i, or a verdict. */
static void expect_plain(struct kunit *test, struct sk_buff *plain,
			 const struct layout *layout, unsigned int i,
			 bool is_broken)
{
	const struct wg_arrival *arrival = &opened.arrivals[i];

	KUNIT_ASSERT_NOT_NULL(test, plain);
	KUNIT_EXPECT_EQ(test, arrival->counter, FIRST_COUNTER + i);
	KUNIT_EXPECT_EQ(test, arrival->len, inner_len(layout, i));
	KUNIT_EXPECT_EQ_MSG(test, arrival->verdict,
			    is_broken ? WG_DROP_BAD_TAG : WG_DROP_NONE,
			    "message %u", i);
	KUNIT_EXPECT_EQ(test, wg_plain_cb(plain)->ds, 0x53);
	KUNIT_EXPECT_EQ(test, wg_plain_cb(plain)->messages, 1);
	if (is_broken)
		return;
	KUNIT_EXPECT_FALSE(test, skb_is_nonlinear(plain));
	KUNIT_EXPECT_EQ(test, plain->len, inner_len(layout, i));
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(plain->data, inner_byte(i),
					       plain->len), "message %u", i);
}

/* Every message but @broken (-1: none) opens. */
static void expect_batch(struct kunit *test, const struct layout *layout,
			 int broken)
{
	struct sk_buff *plain = opened.plain;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, opened.opened, layout->count);
	for (i = 0; i < layout->count; i++) {
		expect_plain(test, plain, layout, i, i == broken);
		plain = plain->next;
	}
	KUNIT_EXPECT_NULL(test, plain);
	kfree_skb_list(opened.plain);
}

static void messages_open_wherever_they_lie(struct kunit *test)
{
	const struct layout *layout = test->param_value;
	struct wg_session *session = make_session(test);
	u8 *bytes = kunit_kzalloc(test, STREAM_MAX, GFP_KERNEL);
	struct sk_buff *batch;
	unsigned int len;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	len = write_stream(layout, session, bytes);
	batch = make_datagram(test, layout, bytes, len);
	open_batch(batch, session);
	expect_batch(test, layout, -1);
	kfree_skb(batch);
}

static void one_broken_message_breaks_no_other(struct kunit *test)
{
	const struct layout *layout = test->param_value;
	struct wg_session *session = make_session(test);
	u8 *bytes = kunit_kzalloc(test, STREAM_MAX, GFP_KERNEL);
	unsigned int len, broken = layout->count / 2, at;
	struct sk_buff *batch;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	len = write_stream(layout, session, bytes);
	/* its tag's last byte */
	at = broken * (layout->inner + 32) + inner_len(layout, broken) + 31;
	bytes[at] ^= 0x80;
	batch = make_datagram(test, layout, bytes, len);
	open_batch(batch, session);
	expect_batch(test, layout, broken);
	kfree_skb(batch);
}

/* The counter is in the header, the tag does not cover it; the nonce does. */
static void a_changed_counter_breaks_the_message(struct kunit *test)
{
	static const struct layout layout = { "", 3, 96, 96, STREAM_MAX };
	struct wg_session *session = make_session(test);
	u8 *bytes = kunit_kzalloc(test, STREAM_MAX, GFP_KERNEL);
	struct sk_buff *batch;
	unsigned int len;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	len = write_stream(&layout, session, bytes);
	bytes[128 + 15] ^= 0x80;
	batch = make_datagram(test, &layout, bytes, len);
	open_batch(batch, session);
	KUNIT_ASSERT_EQ(test, opened.opened, 3);
	KUNIT_EXPECT_EQ(test, opened.arrivals[0].verdict, 0);
	KUNIT_EXPECT_EQ(test, opened.arrivals[1].verdict, WG_DROP_BAD_TAG);
	KUNIT_EXPECT_EQ(test, opened.arrivals[2].verdict, 0);
	kfree_skb_list(opened.plain);
	kfree_skb(batch);
}

static void datagrams_of_a_batch_open_in_order(struct kunit *test)
{
	static const struct layout layout = { "", 3, 96, 16, 5, 99 };
	struct wg_session *session = make_session(test);
	u8 *bytes = kunit_kzalloc(test, STREAM_MAX, GFP_KERNEL);
	struct sk_buff *batch = NULL, **tail = &batch, *plain;
	unsigned int i, len;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	len = write_stream(&layout, session, bytes);
	for (i = 0; i < 3; i++) {
		*tail = make_datagram(test, &layout, bytes, len);
		tail = &(*tail)->next;
	}
	open_batch(batch, session);
	KUNIT_ASSERT_EQ(test, opened.opened, 9);
	plain = opened.plain;
	for (i = 0; i < 9; i++) {
		KUNIT_ASSERT_NOT_NULL(test, plain);
		KUNIT_EXPECT_EQ(test, opened.arrivals[i].verdict, 0);
		KUNIT_EXPECT_EQ(test, opened.arrivals[i].counter,
				FIRST_COUNTER + i % 3);
		plain = plain->next;
	}
	KUNIT_EXPECT_NULL(test, plain);
	kfree_skb_list(opened.plain);
	kfree_skb_list(batch);
}

/* Outer IPv6 has its traffic class elsewhere. */
static void the_outer_traffic_class_is_kept(struct kunit *test)
{
	static const struct layout layout = { "", 1, 16, 16, STREAM_MAX };
	struct wg_session *session = make_session(test);
	u8 bytes[64] = { };
	struct sk_buff *batch;

	write_stream(&layout, session, bytes);
	batch = make_datagram(test, &layout, bytes, 48);
	skb_push(batch, sizeof(struct ipv6hdr));
	skb_reset_network_header(batch);
	memset(batch->data, 0, sizeof(struct ipv6hdr));
	batch->data[0] = 0x6b;
	batch->data[1] = 0x90;
	skb_pull(batch, sizeof(struct ipv6hdr));
	batch->protocol = htons(ETH_P_IPV6);
	open_batch(batch, session);
	KUNIT_EXPECT_EQ(test, wg_plain_cb(opened.plain)->ds, 0xb9);
	kfree_skb_list(opened.plain);
	kfree_skb(batch);
}

/* Who else has the datagram, such as a packet socket, still sees it sealed. */
static void opening_changes_no_byte_of_the_datagram(struct kunit *test)
{
	const struct layout *layout = test->param_value;
	struct wg_session *session = make_session(test);
	u8 *bytes = kunit_kzalloc(test, STREAM_MAX, GFP_KERNEL);
	u8 *after = kunit_kzalloc(test, STREAM_MAX, GFP_KERNEL);
	struct sk_buff *batch;
	unsigned int len;

	KUNIT_ASSERT_TRUE(test, bytes && after);
	len = write_stream(layout, session, bytes);
	batch = make_datagram(test, layout, bytes, len);
	open_batch(batch, session);
	KUNIT_ASSERT_EQ(test, skb_copy_bits(batch, 0, after, len), 0);
	KUNIT_EXPECT_EQ(test, memcmp(after, bytes, len), 0);
	kfree_skb_list(opened.plain);
	kfree_skb(batch);
}

static struct kunit_case crypt_test_cases[] = {
	KUNIT_CASE(a_sealed_message_has_header_padding_and_tag),
	KUNIT_CASE_PARAM(messages_open_wherever_they_lie, layout_gen_params),
	KUNIT_CASE_PARAM(one_broken_message_breaks_no_other,
			 layout_gen_params),
	KUNIT_CASE_PARAM(opening_changes_no_byte_of_the_datagram,
			 layout_gen_params),
	KUNIT_CASE(a_changed_counter_breaks_the_message),
	KUNIT_CASE(datagrams_of_a_batch_open_in_order),
	KUNIT_CASE(the_outer_traffic_class_is_kept),
	{}
};

static struct kunit_suite crypt_test_suite = {
	.name = "wg_crypt",
	.test_cases = crypt_test_cases,
};

kunit_test_suite(crypt_test_suite);
