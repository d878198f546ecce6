// SPDX-License-Identifier: GPL-2.0
/*
 * TCP segments that the kernel cut from one packet, each in a message: opened,
 * they are one packet again, unless something about one of them forbids it. In
 * any case the kernel, asked to cut what comes out, makes the very bytes that
 * went in.
 */
#include "path/merge.h"

#include <crypto/chacha20poly1305.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/vmalloc.h>

#include "core/drop.h"
#include "core/session.h"
#include "fault.h"
#include "packets.h"
#include "path/batch.h"
#include "path/cb.h"
#include "path/crypt.h"
#include "proto/wire.h"

#define FIRST_COUNTER 0xfffffffdULL /* soon needs its upper half */
#define SEGMENTS 10
#define CHANGED 4 /* the segment that a case changes */
#define PAYLOAD 1000 /* of each, in most cases */

static const struct packet_form forms[] = {
	{ "IPv4", true, false, 10 * 1000, 1000 },
	{ "IPv4, time stamps", true, false, 10 * 1368, 1368, .option = 12 },
	{ "IPv6", true, true, 10 * 800, 800 },
	{ "IPv6, all options", true, true, 10 * 1300, 1300, .option = 40 },
	{ "short tail", true, false, 9 * 1000 + 33, 1000, .option = 12 },
	{ "PSH at the end", true, false, 10 * 500, 500, .flags = 0x18 },
	{ "FIN at the end", true, true, 10 * 500, 500, .flags = 0x11 },
	{ "ECE in all", true, false, 10 * 500, 500, .flags = 0x50 },
};

KUNIT_ARRAY_PARAM(form, forms, packet_describe);

/**
 * struct stream - segments on their way
 * @session: under which they are sealed
 * @segments: they, as a list by ->next
 * @batch: the messages
 * @napi: of the device that opens them
 * @broken: message whose tag is wrong; -1: none
 * @skipped: counters left out before CHANGED
 * @padding: bytes more behind CHANGED
 * @ds: outer traffic class of CHANGED
 */
struct stream {
	struct wg_session session;
	struct sk_buff *segments;
	struct wg_batch batch;
	struct napi_struct napi;
	int broken;
	unsigned int skipped;
	unsigned int padding;
	u8 ds;
};

static struct stream *make_stream(struct kunit *test,
				  const struct packet_form *form)
{
	struct stream *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct packet_form real = *form;

	KUNIT_ASSERT_NOT_NULL(test, s);
	memset(s->session.keys.receive, 0x22, WG_KEY_SIZE);
	s->napi.dev = alloc_etherdev(0);
	KUNIT_ASSERT_NOT_NULL(test, s->napi.dev);
	s->napi.dev->features = NETIF_F_GRO;
	s->broken = -1;
	if (!real.flags)
		real.flags = 0x10;
	s->segments = packet_expected(test, &real);
	KUNIT_ASSERT_EQ(test, packet_count(s->segments), SEGMENTS);
	return s;
}

static struct sk_buff *segment_of(struct stream *s, unsigned int i)
{
	struct sk_buff *segment = s->segments;

	while (i--)
		segment = segment->next;
	return segment;
}

/* A datagram with @segment as message number @i. */
static struct sk_buff *seal(struct kunit *test, struct stream *s,
			    const struct sk_buff *segment, unsigned int i)
{
	unsigned int len = wg_wire_padded_len(segment->len, 1420);
	u64 counter = FIRST_COUNTER + i;
	struct wg_message_data *message;
	struct sk_buff *skb;
	struct iphdr *ip;

	if (i == CHANGED)
		len += s->padding;
	if (i >= CHANGED)
		counter += s->skipped;
	skb = alloc_skb(64 + len + WG_DATA_OVERHEAD, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reset_network_header(skb);
	ip = skb_put_zero(skb, sizeof(*ip));
	ip->tos = i == CHANGED ? s->ds : 0;
	skb_pull(skb, sizeof(*ip));
	skb->protocol = htons(ETH_P_IP);
	message = skb_put_zero(skb, len + WG_DATA_OVERHEAD);
	put_unaligned_le32(WG_MESSAGE_DATA, &message->type);
	put_unaligned_le64(counter, &message->counter);
	memcpy(message->ciphertext, segment->data, segment->len);
	chacha20poly1305_encrypt(message->ciphertext, message->ciphertext, len,
				 NULL, 0, counter, s->session.keys.receive);
	if (s->broken == i)
		message->ciphertext[len] ^= 1;
	return skb;
}

/* The @fail-th allocation of it fails; 0: none. */
static void open_failing(struct kunit *test, struct stream *s,
			 unsigned int fail)
{
	struct sk_buff *segment, **tail = &s->batch.datagrams;
	unsigned int i = 0;

	for (segment = s->segments; segment; segment = segment->next) {
		*tail = seal(test, s, segment, i++);
		tail = &(*tail)->next;
	}
	s->batch.session = &s->session;
	local_bh_disable();
	if (fail)
		wg_fault_arm(fail);
	wg_crypt_open_batch(&s->batch, &s->napi);
	local_bh_enable();
}

static void open_stream(struct kunit *test, struct stream *s)
{
	open_failing(test, s, 0);
	KUNIT_EXPECT_EQ(test, s->batch.opened, SEGMENTS);
}

/* @packets begin with message @i. Return: how many messages they were. */
static unsigned int expect_packets(struct kunit *test, struct stream *s,
				   const struct sk_buff *packets,
				   unsigned int i)
{
	const struct sk_buff *packet, *segment;
	unsigned int count = 0;

	for (packet = packets; packet; packet = packet->next) {
		segment = segment_of(s, i + count++);
		KUNIT_ASSERT_GE(test, packet->len, segment->len);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(packet->data, segment->data,
						 segment->len), 0,
				    "message %u", i + count - 1);
	}
	return count;
}

static unsigned int expect_plain(struct kunit *test, struct stream *s,
				 struct sk_buff *plain, unsigned int i)
{
	const struct wg_arrival *arrival = &s->batch.arrivals[i];
	const struct wg_plain_cb *cb = wg_plain_cb(plain);
	struct sk_buff *cut;
	unsigned int count;

	KUNIT_EXPECT_EQ(test, cb->ds, i == CHANGED ? s->ds : 0);
	KUNIT_EXPECT_EQ(test, arrival->verdict,
			i == s->broken ? WG_DROP_BAD_TAG : WG_DROP_NONE);
	if (arrival->verdict)
		return 1;
	if (cb->messages == 1)
		return expect_packets(test, s, plain, i);
	KUNIT_EXPECT_EQ(test, skb_shinfo(plain)->gso_segs, cb->messages);
	wg_merge_complete(plain);
	cut = packet_cut(test, plain);
	count = expect_packets(test, s, cut, i);
	KUNIT_EXPECT_EQ(test, count, cb->messages);
	kfree_skb_list(cut);
	return count;
}

static void free_stream(struct stream *s)
{
	kfree_skb_list(s->batch.datagrams);
	kfree_skb_list(s->segments);
	free_netdev(s->napi.dev);
}

/* Each message is accounted for as it was sealed. */
static void expect_arrivals(struct kunit *test, struct stream *s)
{
	unsigned int i, len;

	for (i = 0; i < SEGMENTS; i++) {
		len = wg_wire_padded_len(segment_of(s, i)->len, 1420);
		KUNIT_EXPECT_EQ(test, s->batch.arrivals[i].len,
				len + (i == CHANGED ? s->padding : 0));
		KUNIT_EXPECT_EQ(test, s->batch.arrivals[i].counter,
				FIRST_COUNTER + i +
				(i >= CHANGED ? s->skipped : 0));
	}
}

/* Every message came out, in @packets packets, as it went in. */
static void expect_stream(struct kunit *test, struct stream *s,
			  unsigned int packets)
{
	struct sk_buff *plain = s->batch.plain, *next;
	unsigned int i = 0, count = 0;

	for (; plain; plain = next) {
		next = plain->next;
		skb_mark_not_on_list(plain);
		i += expect_plain(test, s, plain, i);
		count++;
		kfree_skb(plain);
	}
	KUNIT_EXPECT_EQ(test, i, SEGMENTS);
	KUNIT_EXPECT_EQ(test, count, packets);
	expect_arrivals(test, s);
	free_stream(s);
}

static void segments_become_one_packet(struct kunit *test)
{
	struct stream *s = make_stream(test, test->param_value);

	open_stream(test, s);
	expect_stream(test, s, 1);
}

static void a_device_that_does_not_aggregate_gets_each(struct kunit *test)
{
	struct stream *s = make_stream(test, test->param_value);

	s->napi.dev->features = 0;
	open_stream(test, s);
	expect_stream(test, s, SEGMENTS);
}

static void a_device_with_an_xdp_program_gets_each(struct kunit *test)
{
	struct stream *s = make_stream(test, test->param_value);

	/* nobody runs it */
	RCU_INIT_POINTER(s->napi.dev->xdp_prog, (struct bpf_prog *)s);
	open_stream(test, s);
	expect_stream(test, s, SEGMENTS);
}

/* --- what forbids it --- */

/**
 * struct change - of one segment in the middle of a stream
 * @name: of the case
 * @is_ip6: the stream is IPv6; else IPv4
 * @at: byte that is changed: IPv4's header has 20, IPv6's 40, then comes TCP's
 * @flip: bits of it
 * @packets: that come out: 3 if the segment stands alone, 2 if it is the last
 *	of the first
 * @cut: bytes of its payload that it does not have
 */
struct change {
	const char *name;
	bool is_ip6;
	unsigned int at;
	u8 flip;
	unsigned int packets;
	unsigned int cut;
};

static const struct change changes[] = {
	{ "type of service", false, 1, 0x01, 3 },
	{ "identification", false, 4, 0x01, 3 },
	{ "don't fragment", false, 6, 0x40, 3 },
	{ "more fragments", false, 6, 0x20, 3 },
	{ "fragment offset", false, 7, 0x01, 3 },
	{ "time to live", false, 8, 0x01, 3 },
	{ "UDP", false, 9, IPPROTO_TCP ^ IPPROTO_UDP, 3 },
	{ "source", false, 15, 0x01, 3 },
	{ "destination", false, 19, 0x01, 3 },
	{ "source port", false, 21, 0x01, 3 },
	{ "destination port", false, 23, 0x01, 3 },
	{ "sequence number", false, 27, 0x01, 3 },
	{ "acknowledgment", false, 31, 0x01, 3 },
	{ "reserved bit", false, 32, 0x02, 3 },
	{ "FIN", false, 33, 0x01, 2 },
	{ "SYN", false, 33, 0x02, 3 },
	{ "RST", false, 33, 0x04, 3 },
	{ "PSH", false, 33, 0x08, 2 },
	{ "no ACK", false, 33, 0x10, 3 },
	{ "URG", false, 33, 0x20, 3 },
	{ "ECE", false, 33, 0x40, 3 },
	{ "CWR", false, 33, 0x80, 3 },
	{ "window", false, 35, 0x01, 3 },
	{ "urgent pointer", false, 39, 0x01, 3 },
	{ "first option", false, 40, 0x01, 3 },
	{ "last option", false, 51, 0x01, 3 },
	{ "shorter", false, 0, 0, 2, 100 },
	{ "no payload", false, 0, 0, 3, PAYLOAD },
	{ "IPv6 traffic class", true, 0, 0x01, 3 },
	{ "flow label", true, 2, 0x01, 3 },
	{ "next header", true, 6, IPPROTO_TCP ^ IPPROTO_DSTOPTS, 3 },
	{ "hop limit", true, 7, 0x01, 3 },
	{ "IPv6 source", true, 23, 0x01, 3 },
	{ "IPv6 destination", true, 39, 0x01, 3 },
	{ "IPv6 window", true, 55, 0x01, 3 },
	{ "IPv6 FIN", true, 53, 0x01, 2 },
};

static void describe_change(const struct change *change, char *desc)
{
	strscpy(desc, change->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(change, changes, describe_change);

/* The length and the checksums of @segment are again what its bytes say. */
static void sum(struct sk_buff *segment)
{
	struct ipv6hdr *ip6 = (struct ipv6hdr *)segment->data;
	struct iphdr *ip4 = (struct iphdr *)segment->data;
	unsigned int at = ip4->version == 4 ? sizeof(*ip4) : sizeof(*ip6);
	struct tcphdr *tcp = (struct tcphdr *)(segment->data + at);
	__wsum bytes;

	tcp->check = 0;
	bytes = skb_checksum(segment, at, segment->len - at, 0);
	if (ip4->version == 4) {
		ip4->tot_len = htons(segment->len);
		ip_send_check(ip4);
		tcp->check = csum_tcpudp_magic(ip4->saddr, ip4->daddr,
					       segment->len - at, IPPROTO_TCP,
					       bytes);
	} else {
		tcp->check = csum_ipv6_magic(&ip6->saddr, &ip6->daddr,
					     segment->len - at, IPPROTO_TCP,
					     bytes);
	}
}

static struct stream *make_plain_stream(struct kunit *test, bool is_ip6)
{
	const struct packet_form form = {
		"", true, is_ip6, SEGMENTS * PAYLOAD, PAYLOAD, .option = 12,
	};

	return make_stream(test, &form);
}

static void a_segment_that_differs_stands_alone(struct kunit *test)
{
	const struct change *change = test->param_value;
	struct stream *s = make_plain_stream(test, change->is_ip6);
	struct sk_buff *segment = segment_of(s, CHANGED);

	segment->data[change->at] ^= change->flip;
	skb_trim(segment, segment->len - change->cut);
	sum(segment);
	open_stream(test, s);
	expect_stream(test, s, change->packets);
}

/* As GRO: packets are shorter than the limit of their family. */
static void expect_limit(struct kunit *test, bool is_ip6, unsigned int limit,
			 unsigned int packets)
{
	struct stream *s = make_plain_stream(test, is_ip6);

	s->napi.dev->gro_max_size = is_ip6 ? limit : 0;
	s->napi.dev->gro_ipv4_max_size = is_ip6 ? 0 : limit;
	open_stream(test, s);
	expect_stream(test, s, packets);
}

static void packets_are_no_longer_than_the_device_takes(struct kunit *test)
{
	unsigned int headers4 = sizeof(struct iphdr) + sizeof(struct tcphdr) +
				12;
	unsigned int headers6 = headers4 + sizeof(struct ipv6hdr) -
				sizeof(struct iphdr);

	expect_limit(test, false, headers4 + 5 * PAYLOAD, 3);
	expect_limit(test, false, headers4 + 5 * PAYLOAD + 1, 2);
	expect_limit(test, true, headers6 + 5 * PAYLOAD, 3);
	expect_limit(test, true, headers6 + 5 * PAYLOAD + 1, 2);
	expect_limit(test, false, 0, SEGMENTS);
	expect_limit(test, true, 0, SEGMENTS);
}

/* What GRO leaves alone even if all segments have it. */
static const struct change odd_streams[] = {
	{ "IPv4 header length", false, 0, 0x03 },
	{ "reserved bit of IPv4", false, 6, 0x80 },
	{ "more fragments", false, 6, 0x20 },
	{ "URG", false, 33, 0x20 },
	{ "CWR", false, 33, 0x80 },
	{ "PSH", false, 33, 0x08 },
	{ "hop-by-hop options", true, 6, IPPROTO_TCP ^ IPPROTO_HOPOPTS },
};

KUNIT_ARRAY_PARAM(odd_stream, odd_streams, describe_change);

static void such_a_stream_stays_segments(struct kunit *test)
{
	const struct change *odd = test->param_value;
	struct stream *s = make_plain_stream(test, odd->is_ip6);
	struct sk_buff *segment;

	for (segment = s->segments; segment; segment = segment->next) {
		segment->data[odd->at] ^= odd->flip;
		sum(segment);
	}
	open_stream(test, s);
	expect_stream(test, s, SEGMENTS);
}

static void a_wrong_ip_checksum_is_not_mended(struct kunit *test)
{
	struct stream *s = make_plain_stream(test, false);

	((struct iphdr *)segment_of(s, CHANGED)->data)->check ^= 1;
	open_stream(test, s);
	expect_stream(test, s, 3);
}

static void a_broken_message_ends_a_packet(struct kunit *test)
{
	struct stream *s = make_plain_stream(test, true);

	s->broken = CHANGED;
	open_stream(test, s);
	expect_stream(test, s, 3);
}

static void a_missing_message_ends_a_packet(struct kunit *test)
{
	struct stream *s = make_plain_stream(test, false);

	s->skipped = 1;
	open_stream(test, s);
	expect_stream(test, s, 2);
}

static void another_outer_traffic_class_ends_a_packet(struct kunit *test)
{
	struct stream *s = make_plain_stream(test, false);

	s->ds = 3;
	open_stream(test, s);
	expect_stream(test, s, 3);
}

static void other_padding_makes_no_difference(struct kunit *test)
{
	struct stream *s = make_plain_stream(test, false);

	s->padding = 16;
	open_stream(test, s);
	expect_stream(test, s, 1);
}

/* A keepalive, or what is no whole header, may be opened at a page's end. */
static void nothing_behind_a_short_message_is_read(struct kunit *test)
{
	struct stream *s = make_plain_stream(test, true);
	u8 *page = vzalloc(PAGE_SIZE); /* no page is mapped behind it */
	struct wg_merge merge = { };
	unsigned int len;

	KUNIT_ASSERT_NOT_NULL(test, page);
	wg_merge_begin(&merge, s->segments, 0);
	KUNIT_ASSERT_NOT_NULL(test, merge.head);
	*wg_plain_cb(merge.head) = (struct wg_plain_cb){ .messages = 1 };
	local_bh_disable();
	wg_merge_enter();
	for (len = 0; len <= merge.headers; len++) {
		merge.at = page + PAGE_SIZE - WG_TAG_SIZE - len;
		KUNIT_EXPECT_FALSE(test, wg_merge_join(&merge, len, 1, 0));
	}
	wg_merge_leave();
	local_bh_enable();
	vfree(page);
	free_stream(s);
}

/* --- memory that changes meanwhile --- */

static struct sk_buff *open_batch(struct stream *s)
{
	s->batch.session = &s->session;
	wg_crypt_open_batch(&s->batch, &s->napi);
	return s->batch.plain;
}

/* Its ciphertext is what follows @plain in the page of @plain's last frag. */
static void move_behind(struct sk_buff *datagram, const struct sk_buff *plain)
{
	const skb_frag_t *frag = skb_shinfo(plain)->frags +
				 skb_shinfo(plain)->nr_frags - 1;
	unsigned int at = skb_frag_off(frag) + skb_frag_size(frag) -
			  sizeof(struct wg_message_data);
	struct page *page = skb_frag_page(frag);
	unsigned int len = datagram->len;

	memcpy(page_address(page) + at, datagram->data, len);
	skb_trim(datagram, 0);
	get_page(page);
	skb_add_rx_frag(datagram, 0, page, at, len, len);
}

/*
 * A user may write to a page that he has sent while it is opened. Here the
 * message lies where it will be opened, so that opening itself writes to it:
 * authentic is what the first reading found.
 */
static void one_reading_of_a_message_decides(struct kunit *test)
{
	struct stream *first = make_plain_stream(test, false);
	struct stream *s = make_plain_stream(test, false);
	struct sk_buff *packet, *before;

	first->batch.datagrams = seal(test, first, segment_of(first, 0), 0);
	first->batch.datagrams->next = seal(test, first, segment_of(first, 1), 1);
	s->batch.datagrams = seal(test, s, segment_of(s, 0), 0);
	s->batch.datagrams->next = seal(test, s, segment_of(s, 1), 1);
	wg_merge_unregister(); /* and so begin a page */
	local_bh_disable();
	before = open_batch(first);
	move_behind(s->batch.datagrams->next, before);
	packet = open_batch(s);
	local_bh_enable();

	KUNIT_ASSERT_EQ(test, wg_plain_cb(packet)->messages, 2);
	/* headers between them: it was opened where it lay */
	KUNIT_EXPECT_PTR_EQ(test, skb_frag_address(skb_shinfo(packet)->frags),
			    skb_frag_address(skb_shinfo(before)->frags) +
			    before->data_len + skb_headlen(before) - PAYLOAD);
	KUNIT_EXPECT_EQ(test, expect_plain(test, s, packet, 0), 2);
	kfree_skb(packet);
	kfree_skb(before);
	free_stream(first);
	free_stream(s);
}

/* Whatever allocation fails, every message came out or is counted. */
static void each_failed_allocation_costs_one_message(struct kunit *test)
{
	bool has_failed = true;
	struct sk_buff *plain;
	unsigned int nth, count;
	struct stream *s;

	for (nth = 1; has_failed; nth++) {
		s = make_plain_stream(test, false);
		open_failing(test, s, nth);
		has_failed = wg_fault_disarm();
		count = SEGMENTS - s->batch.opened;
		KUNIT_EXPECT_LE(test, count, 1);
		for (plain = s->batch.plain; plain; plain = plain->next)
			count += wg_plain_cb(plain)->messages;
		KUNIT_EXPECT_EQ(test, count, SEGMENTS);
		kfree_skb_list(s->batch.plain);
		free_stream(s);
	}
	/* the head, and the page of each other segment */
	KUNIT_EXPECT_EQ(test, nth, SEGMENTS + 2);
}

static struct kunit_case merge_test_cases[] = {
	KUNIT_CASE_PARAM(segments_become_one_packet, form_gen_params),
	KUNIT_CASE_PARAM(a_device_that_does_not_aggregate_gets_each,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_device_with_an_xdp_program_gets_each,
			 form_gen_params),
	KUNIT_CASE_PARAM(a_segment_that_differs_stands_alone,
			 change_gen_params),
	KUNIT_CASE_PARAM(such_a_stream_stays_segments, odd_stream_gen_params),
	KUNIT_CASE(packets_are_no_longer_than_the_device_takes),
	KUNIT_CASE(a_wrong_ip_checksum_is_not_mended),
	KUNIT_CASE(a_broken_message_ends_a_packet),
	KUNIT_CASE(a_missing_message_ends_a_packet),
	KUNIT_CASE(another_outer_traffic_class_ends_a_packet),
	KUNIT_CASE(other_padding_makes_no_difference),
	KUNIT_CASE(nothing_behind_a_short_message_is_read),
	KUNIT_CASE(one_reading_of_a_message_decides),
	KUNIT_CASE(each_failed_allocation_costs_one_message),
	{}
};

static struct kunit_suite merge_test_suite = {
	.name = "wg_merge",
	.test_cases = merge_test_cases,
};

kunit_test_suite(merge_test_suite);
