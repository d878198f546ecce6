// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of a remote peer: what of them reaches the stack, in which order,
 * and what is counted of the rest. Every message is either handed up or
 * counted as dropped, once.
 */
#include "path/rx.h"

#include <linux/tcp.h>

#include "fault.h"
#include "path/cb.h"
#include "writer.h"

/* --- aggregates of all shapes --- */

struct shape {
	const char *name;
	unsigned int count;
	unsigned int len;
	unsigned int tail;
	struct layout layout;
};

static const struct shape shapes[] = {
	{ "1", 1, 1000, 1000, { .linear = 65536 } },
	{ "2", 2, 1000, 1000, { .linear = 65536 } },
	{ "2, short tail", 2, 1000, 20, { .linear = 65536 } },
	{ "44, linear", 44, 1400, 900, { .linear = 65536 } },
	{ "44, frags straddled", 44, 1400, 900, { 500, 4096 } },
	{ "44, frags of one message", 44, 1400, 900, { 1440 * 28, 1440 } },
	{ "44, list straddled", 44, 1400, 900, { 500, 3001, true } },
	{ "44, list of one message each", 44, 1400, 900, { 1440, 1440, true } },
	{ "63", 63, 900, 900, { 100, 4000 } },
	{ "64, short tail", 64, 900, 30, { .linear = 65536 } },
	{ "65", 65, 900, 900, { .linear = 65536 } },
	{ "129", 129, 300, 200, { 100, 3333 } },
};

static void describe(const struct shape *shape, char *desc)
{
	strscpy(desc, shape->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(shape, shapes, describe);

/* One aggregate of @shape under the session of @w. */
static struct sk_buff *make_shape(struct kunit *test, struct writer *w,
				  const struct shape *shape, int broken)
{
	struct sk_buff *skb;
	unsigned int i;
	u8 *message;

	for (i = 0; i < shape->count; i++) {
		message = write_message(w, i + 1 < shape->count ? shape->len :
								  shape->tail);
		if (i == broken)
			message[20] ^= 4;
	}
	skb = take_datagram(test, w, &shape->layout);
	if (shape->count > 1)
		fixture_aggregate(skb, message_len(shape->len));
	return skb;
}

static void an_aggregate_arrives_whole_and_in_order(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	KUNIT_ASSERT_EQ(test, fixture_inject(f, make_shape(test, w, shape, -1),
					     SOURCE_PORT), 0);
	fixture_await(f, shape->count);
	expect_inners(test, f, 0, shape->count - 1, shape->len);
	expect_inner(test, f, shape->count - 1, shape->tail);
	expect_quiet(test, f);
	KUNIT_EXPECT_EQ(test, w->remote->peer->counters.rx_packets,
			shape->count);
}

static void a_corrupted_message_costs_itself_alone(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	unsigned int broken = shape->count / 2, i;

	KUNIT_ASSERT_EQ(test, fixture_inject(f, make_shape(test, w, shape,
							   broken),
					     SOURCE_PORT), 0);
	fixture_await(f, shape->count - 1);
	expect_drops(test, f, WG_DROP_BAD_TAG, 1);
	for (i = 0; i < shape->count; i++) {
		if (i != broken)
			expect_inner(test, f, i, i + 1 < shape->count ?
					     shape->len : shape->tail);
	}
	expect_quiet(test, f);
	KUNIT_EXPECT_EQ(test,
			fixture_peer_drops(w->remote->peer, WG_DROP_BAD_TAG),
			1);
}

/* --- several datagrams --- */

static void single_messages_arrive_in_order(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	unsigned int i;

	local_bh_disable();
	for (i = 0; i < 150; i++) {
		write_message(w, 500);
		send(test, w, 0);
	}
	local_bh_enable();
	expect_inners(test, f, 0, 150, 500);
	expect_quiet(test, f);
}

static void messages_of_two_peers_may_be_mixed(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *one = fixture_remote(test), *two = fixture_remote(test);
	struct writer *a = make_writer(test, one, fixture_initiate(test, one));
	struct writer *b = make_writer(test, two, fixture_initiate(test, two));
	unsigned int i;

	/* one aggregate, with receiver indices by turns */
	for (i = 0; i < 10; i++) {
		write_message(b, 200);
		memcpy(a->bytes + a->len, b->bytes, b->len);
		a->len += b->len;
		b->len = 0;
		write_message(a, 200);
	}
	send(test, a, message_len(200));
	fixture_await(f, 20);
	for (i = 0; i < 20; i++)
		expect_inner(test, f, i / 2, 200);
	KUNIT_EXPECT_EQ(test, one->peer->counters.rx_packets, 10);
	KUNIT_EXPECT_EQ(test, two->peer->counters.rx_packets, 10);
}

static void an_aggregate_may_hold_what_is_no_data(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	write_message(w, 200);
	write_message(w, 200)[0] = 9;
	write_message(w, 200)[4] ^= 0xff;
	write_message(w, 200);
	memset(w->bytes + w->len, 4, 10);
	w->len += 10;
	send(test, w, message_len(200));
	fixture_await(f, 2);
	expect_inner(test, f, 0, 200);
	expect_inner(test, f, 3, 200);
	expect_drops(test, f, WG_DROP_UNKNOWN_INDEX, 1);
	expect_drops(test, f, WG_DROP_BAD_TYPE, 2);
	expect_quiet(test, f);
}

static void replays_inside_a_batch_are_dropped(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	write_message(w, 200);
	write_message(w, 200);
	memcpy(w->bytes + w->len, w->bytes, w->len);
	w->len *= 2;
	write_message(w, 200);
	send(test, w, message_len(200));
	expect_inners(test, f, 0, 3, 200);
	expect_quiet(test, f);
	expect_drops(test, f, WG_DROP_REPLAY, 2);
	KUNIT_EXPECT_EQ(test,
			fixture_peer_drops(w->remote->peer, WG_DROP_REPLAY), 2);
}

static void the_endpoint_follows_the_last_batch(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct wg_endpoint endpoint;

	local_bh_disable();
	write_message(w, 200);
	send_from(test, w, 0, 1111);
	write_message(w, 200);
	send_from(test, w, 0, 2222);
	write_message(w, 200)[30] ^= 1;
	send_from(test, w, 0, 3333);
	local_bh_enable();
	expect_inners(test, f, 0, 2, 200);
	expect_drops(test, f, WG_DROP_BAD_TAG, 1);
	wg_peer_copy_endpoint(w->remote->peer, &endpoint);
	KUNIT_EXPECT_EQ(test, endpoint.addr4.sin_port, htons(2222));
	KUNIT_EXPECT_EQ(test, endpoint.src4.s_addr, REMOTE_ADDR);
}

static void a_proof_lets_go_what_waits(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct writer *w =
		make_writer(test, remote, fixture_respond(test, remote));
	struct sk_buff *waiting = fixture_datagram(test, 100);
	unsigned int sent = 0;

	skb_put_zero(waiting, 100);
	put_waiting(remote, waiting);
	write_message(w, 0);
	send_from(test, w, 0, ntohs(f->port));
	comes_true(fixture_slot(remote->peer, WG_SLOT_CURRENT));
	expect_quiet(test, f);
	KUNIT_EXPECT_PTR_EQ(test, fixture_slot(remote->peer, WG_SLOT_CURRENT),
			    w->session.session);
	comes_true((sent += fixture_drain(f)) > 0);
	KUNIT_EXPECT_EQ(test, sent, 1);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_packets, 0);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_bytes, 148 + 32);
}

/* --- inner packets --- */

struct inner {
	const char *name;
	unsigned int len; /* of the inner packet with its padding */
	unsigned int offset; /* byte of it that is changed to @byte */
	u8 byte;
	u8 offset2;
	u8 byte2;
	u8 outer_ecn;
	enum wg_drop_reason reason;
};

static const struct inner inners[] = {
	{ "whole", 96, 0, 0x45, 0, 0x45, 0, 0 },
	{ "version 5", 96, 0, 0x55, 0, 0x55, 0, WG_DROP_BAD_INNER },
	{ "version 0", 96, 0, 0x05, 0, 0x05, 0, WG_DROP_BAD_INNER },
	{ "longer than it is", 96, 3, 97, 0, 0x45, 0, WG_DROP_INNER_LENGTH },
	{ "shorter than a header", 96, 3, 19, 0, 0x45, 0,
	  WG_DROP_INNER_LENGTH },
	{ "no room for a header", 16, 3, 16, 0, 0x45, 0,
	  WG_DROP_INNER_LENGTH },
	{ "IPv6, no room for a header", 32, 0, 0x60, 4, 0,
	  0, WG_DROP_INNER_LENGTH },
	{ "IPv6, longer than it is", 96, 0, 0x60, 4, 1, 0,
	  WG_DROP_INNER_LENGTH },
	{ "of another peer", 96, 13, 99, 0, 0x45, 0,
	  WG_DROP_SOURCE_NOT_ALLOWED },
	{ "CE outside, not ECT inside", 96, 1, 0, 0, 0x45, 3,
	  WG_DROP_BAD_ECN },
	{ "CE outside, ECT inside", 96, 1, 2, 0, 0x45, 3, 0 },
};

static void describe_inner(const struct inner *inner, char *desc)
{
	strscpy(desc, inner->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(inner, inners, describe_inner);

static void inner_packets_are_checked(struct kunit *test)
{
	const struct inner *inner = test->param_value;
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	u8 plain[96];
	struct sk_buff *skb;

	write_inner(plain, 1, 0, 96, 96);
	plain[inner->offset] = inner->byte;
	plain[inner->offset2] = inner->byte2;
	w->len = fixture_seal(&w->session, w->bytes, plain, inner->len);
	skb = take_datagram(test, w, &flat);
	KUNIT_ASSERT_EQ(test, fixture_inject_ds(f, skb, SOURCE_PORT,
						inner->outer_ecn), 0);
	if (inner->reason) {
		expect_drops(test, f, inner->reason, 1);
		expect_quiet(test, f);
		return;
	}
	fixture_await(f, 1);
	skb = skb_dequeue(&f->arrived);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, ip_hdr(skb)->tos, inner->outer_ecn);
	kfree_skb(skb);
}

/* --- TCP segments --- */

#define STREAM 20 /* segments */
#define PAYLOAD 500 /* of each */
#define TCP_PACKET 40 /* headers */
#define TCP_MESSAGE message_len(TCP_PACKET + PAYLOAD)

/* A message with the next segment of a stream from 10.@n.0.2. */
static void write_segment(struct writer *w, u8 n)
{
	unsigned int len = TCP_PACKET + PAYLOAD;
	unsigned int padded = DIV_ROUND_UP(len, 16) * 16;
	struct iphdr *ip;
	u8 inner[INNER_MAX];

	write_inner(inner, n, w->number, len, padded);
	ip = (struct iphdr *)inner;
	ip->protocol = IPPROTO_TCP;
	ip_send_check(ip);
	*(struct tcphdr *)(ip + 1) = (struct tcphdr){
		.source = htons(443), .dest = htons(50000), .doff = 5,
		.seq = htonl(w->number++ * PAYLOAD), .ack = 1,
	};
	w->len += fixture_seal(&w->session, w->bytes + w->len, inner, padded);
}

/* Of a device that aggregates, unlike that of the other cases. */
static struct writer *new_tcp_writer(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->dev->features |= NETIF_F_GRO;
	return new_writer(test);
}

static void write_stream(struct writer *w, u8 n)
{
	unsigned int i;

	for (i = 0; i < STREAM; i++)
		write_segment(w, n);
}

/* Take what arrived. Return: how many segments. */
static unsigned int take_segments(struct kunit *test, struct fixture *f)
{
	unsigned int count = 0, payload;
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&f->arrived))) {
		payload = skb->len - TCP_PACKET;
		KUNIT_EXPECT_EQ(test, payload % PAYLOAD, 0);
		count += payload / PAYLOAD;
		kfree_skb(skb);
	}
	return count;
}

/* Send one of the stream's messages before the others, which replay it. */
static void send_early(struct kunit *test, struct writer *w)
{
	struct sk_buff *skb = fixture_datagram(test, TCP_MESSAGE);

	skb_put_data(skb, w->bytes + 7 * TCP_MESSAGE, TCP_MESSAGE);
	KUNIT_ASSERT_EQ(test, fixture_inject(w->f, skb, SOURCE_PORT), 0);
	fixture_await(w->f, 1);
	KUNIT_EXPECT_EQ(test, take_segments(test, w->f), 1);
}

static void tcp_segments_arrive_as_one_packet(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_tcp_writer(test);
	struct sk_buff *skb;

	write_stream(w, 1);
	send(test, w, TCP_MESSAGE);
	fixture_await(f, 1);
	skb = skb_dequeue(&f->arrived);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb->len, TCP_PACKET + STREAM * PAYLOAD);
	KUNIT_EXPECT_EQ(test, ntohs(ip_hdr(skb)->tot_len), skb->len);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_segs, STREAM);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, PAYLOAD);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_type, SKB_GSO_TCPV4);
	KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_PARTIAL);
	KUNIT_EXPECT_PTR_EQ(test, skb->dev, f->dev);
	kfree_skb(skb);
	expect_quiet(test, f);
	KUNIT_EXPECT_EQ(test, w->remote->peer->counters.rx_packets, STREAM);
	KUNIT_EXPECT_EQ(test, w->remote->peer->counters.rx_bytes,
			92 + STREAM * TCP_MESSAGE);
}

static void a_replayed_segment_costs_itself_alone(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_tcp_writer(test);

	write_stream(w, 1);
	send_early(test, w);
	send(test, w, TCP_MESSAGE);
	expect_drops(test, f, WG_DROP_REPLAY, 1);
	fixture_await(f, 2);
	KUNIT_EXPECT_EQ(test, take_segments(test, f), STREAM - 1);
	KUNIT_EXPECT_EQ(test, w->remote->peer->counters.rx_packets, STREAM);
	/* and all of it again */
	w->len = STREAM * TCP_MESSAGE;
	send(test, w, TCP_MESSAGE);
	expect_drops(test, f, WG_DROP_REPLAY, 1 + STREAM);
	expect_quiet(test, f);
}

static void each_segment_of_a_wrong_source_counts(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_tcp_writer(test);

	write_stream(w, 99);
	send(test, w, TCP_MESSAGE);
	expect_drops(test, f, WG_DROP_SOURCE_NOT_ALLOWED, STREAM);
	expect_quiet(test, f);
}

/* --- memory that runs out --- */

/* Batches are opened by who polls: the task whose allocations fail. */
static void use_no_ring(struct fixture *f)
{
	f->wg->path->rx.worker_count = 0;
}

/*
 * The allocation before @nth has not failed: were there fewer of ours than @all? On a
 * busy machine a thread of its own polls, whose allocations do not fail: then it
 * is that one's turn once more.
 */
static bool is_to_repeat(unsigned int *nth, unsigned int all)
{
	if (wg_fault_asked() >= all)
		return false;
	--*nth;
	return true;
}

/* Each message arrives or is counted, whatever allocation fails. */
static void each_failed_allocation_costs_one_message(struct kunit *test)
{
	static const struct shape shape = { "", 44, 900, 900, { 500, 4096 } };
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct sk_buff *skb;
	bool has_failed = true;
	unsigned int nth, lost = 0;

	use_no_ring(f);
	for (nth = 1; has_failed || is_to_repeat(&nth, 44); nth++) {
		skb = make_shape(test, w, &shape, -1);
		local_bh_disable();
		KUNIT_EXPECT_EQ(test, fixture_inject(f, skb, SOURCE_PORT), 0);
		wg_fault_arm(nth);
		local_bh_enable();
		comes_true(skb_queue_len(&f->arrived) +
			   fixture_drops(f, WG_DROP_NO_MEMORY) - lost >= 44);
		lost = fixture_drops(f, WG_DROP_NO_MEMORY);
		has_failed = wg_fault_disarm();
		KUNIT_EXPECT_EQ(test, skb_queue_len(&f->arrived),
				44 - has_failed);
		skb_queue_purge(&f->arrived);
	}
	KUNIT_EXPECT_EQ(test, nth, 46);
	expect_drops(test, f, WG_DROP_NO_MEMORY, 44);
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(w->remote->peer,
						 WG_DROP_NO_MEMORY), 44);
}

static unsigned int segments_lost(struct fixture *f)
{
	return fixture_drops(f, WG_DROP_NO_MEMORY) +
	       fixture_drops(f, WG_DROP_REPLAY);
}

/* Each segment arrives or is counted, also when a packet is to be split. */
static void a_stream_without_memory_is_counted(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_tcp_writer(test);
	unsigned int nth, taken, lost = 0;
	bool has_failed = true;

	use_no_ring(f);
	for (nth = 1; has_failed || is_to_repeat(&nth, STREAM + 1); nth++) {
		write_stream(w, 1);
		send_early(test, w);
		local_bh_disable();
		send(test, w, TCP_MESSAGE);
		wg_fault_arm(nth);
		local_bh_enable();
		taken = 0;
		comes_true((taken += take_segments(test, f)) +
			   segments_lost(f) - lost >= STREAM);
		has_failed = wg_fault_disarm();
		KUNIT_EXPECT_EQ(test, taken + segments_lost(f) - lost, STREAM);
		lost = segments_lost(f);
	}
	/* the head, a page for each other segment, and the split */
	KUNIT_EXPECT_EQ(test, nth, STREAM + 3);
}

static void a_mixed_aggregate_loses_what_has_no_memory(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	bool has_failed = true;
	unsigned int nth;

	use_no_ring(f);
	for (nth = 1; has_failed || is_to_repeat(&nth, 4); nth++) {
		write_message(w, 200);
		write_message(w, 200)[0] = 9;
		write_message(w, 200);
		local_bh_disable();
		send(test, w, message_len(200));
		wg_fault_arm(nth);
		local_bh_enable();
		fixture_await(f, nth); /* one of two each time */
		has_failed = wg_fault_disarm();
	}
	/* two copies, and two packets; none for what is nobody's */
	KUNIT_EXPECT_EQ(test, nth, 6);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_NO_MEMORY), 4);
}

/* --- what is no data --- */

static void nonsense_is_counted_for_what_it_is(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	send(test, w, 0); /* no byte */
	expect_drops(test, f, WG_DROP_TOO_SHORT, 1);
	w->bytes[0] = 4;
	w->len = 31;
	send(test, w, 0);
	expect_drops(test, f, WG_DROP_TOO_SHORT, 2);
	memset(w->bytes, 0, 64);
	w->len = 64;
	send(test, w, 0);
	expect_drops(test, f, WG_DROP_BAD_TYPE, 1);
	w->bytes[0] = 1;
	w->len = 148;
	send(test, w, 0);
	expect_drops(test, f, WG_DROP_BAD_MAC1, 1);
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 0);
}

static struct kunit_case rx_test_cases[] = {
	KUNIT_CASE_PARAM(an_aggregate_arrives_whole_and_in_order,
			 shape_gen_params),
	KUNIT_CASE_PARAM(a_corrupted_message_costs_itself_alone,
			 shape_gen_params),
	KUNIT_CASE(single_messages_arrive_in_order),
	KUNIT_CASE(messages_of_two_peers_may_be_mixed),
	KUNIT_CASE(an_aggregate_may_hold_what_is_no_data),
	KUNIT_CASE(replays_inside_a_batch_are_dropped),
	KUNIT_CASE(the_endpoint_follows_the_last_batch),
	KUNIT_CASE(a_proof_lets_go_what_waits),
	KUNIT_CASE_PARAM(inner_packets_are_checked, inner_gen_params),
	KUNIT_CASE(tcp_segments_arrive_as_one_packet),
	KUNIT_CASE(a_replayed_segment_costs_itself_alone),
	KUNIT_CASE(each_segment_of_a_wrong_source_counts),
	KUNIT_CASE(each_failed_allocation_costs_one_message),
	KUNIT_CASE(a_stream_without_memory_is_counted),
	KUNIT_CASE(a_mixed_aggregate_loses_what_has_no_memory),
	KUNIT_CASE(nonsense_is_counted_for_what_it_is),
	{}
};

static struct kunit_suite rx_test_suite = {
	.name = "wg_rx",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = rx_test_cases,
};

kunit_test_suite(rx_test_suite);
