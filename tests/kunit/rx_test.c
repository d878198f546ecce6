// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of a far side, as datagrams and aggregates on the loopback device:
 * what of them reaches the stack, in which order, and what is counted of the
 * rest. Every message is either handed up or counted as dropped, once.
 */
#include "path/rx.h"

#include "fault.h"
#include "fixture.h"
#include "path/cb.h"

#define INNER_MAX 1408
#define SOURCE_PORT 40000

/* --- the far side --- */

/*
 * An inner IPv4 packet of @len bytes from 10.N.0.2 that tells its @number, in
 * @padded bytes of @dst.
 */
static void write_inner(u8 *dst, u8 n, u16 number, unsigned int len,
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

static u8 number_of(struct fixture *f, struct far *far)
{
	return far - f->far + 1;
}

/**
 * struct writer - messages in the making
 * @f: the fixture
 * @far: who writes
 * @session: under which
 * @bytes: the messages
 * @len: their length
 * @number: of the next inner packet
 */
struct writer {
	struct fixture *f;
	struct far *far;
	struct far_session session;
	u8 bytes[65536];
	unsigned int len;
	u16 number;
};

static struct writer *make_writer(struct kunit *test, struct far *far,
				  struct far_session session)
{
	struct writer *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->f = test->priv;
	w->far = far;
	w->session = session;
	return w;
}

/* A message with an inner packet of @len bytes, or a keepalive for 0. */
static u8 *write_message(struct writer *w, unsigned int len)
{
	unsigned int padded = DIV_ROUND_UP(len, 16) * 16;
	u8 inner[INNER_MAX], *message = w->bytes + w->len;

	if (len)
		write_inner(inner, number_of(w->f, w->far), w->number++, len,
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

static void add_piece(struct kunit *test, struct sk_buff *skb,
		      const u8 *bytes, unsigned int len)
{
	struct page *page = alloc_pages(GFP_ATOMIC | __GFP_COMP, 3);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_LT(test, skb_shinfo(skb)->nr_frags, MAX_SKB_FRAGS);
	memcpy(page_address(page), bytes, len);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 0, len, len);
}

static void add_listed(struct kunit *test, struct sk_buff *skb,
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
static struct sk_buff *take_datagram(struct kunit *test, struct writer *w,
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
static void send_from(struct kunit *test, struct writer *w, unsigned int size,
		      u16 port)
{
	struct sk_buff *skb = take_datagram(test, w, &flat);

	if (size)
		fixture_aggregate(skb, size);
	KUNIT_ASSERT_EQ(test, fixture_inject(w->f, skb, port), 0);
}

static void send(struct kunit *test, struct writer *w, unsigned int size)
{
	send_from(test, w, size, SOURCE_PORT);
}

/* --- the stack's side --- */

/* The next inner packet is number @number, of @len bytes. */
static void expect_inner(struct kunit *test, struct fixture *f, u16 number,
			 unsigned int len)
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

static void expect_inners(struct kunit *test, struct fixture *f, u16 first,
			  unsigned int count, unsigned int len)
{
	unsigned int i;

	fixture_await(f, count);
	for (i = 0; i < count; i++)
		expect_inner(test, f, first + i, len);
}

static void expect_quiet(struct kunit *test, struct fixture *f)
{
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&f->arrived));
}

/* Soon @count packets were dropped for @reason. */
static void expect_drops(struct kunit *test, struct fixture *f,
			 enum wg_drop_reason reason, unsigned int count)
{
	unsigned int tries;

	for (tries = 0; tries < 200; tries++) {
		if (fixture_drops(f, reason) >= count)
			break;
		usleep_range(100, 1000);
	}
	KUNIT_EXPECT_EQ_MSG(test, fixture_drops(f, reason), count, "%s",
			    wg_drop_name(reason));
}

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

static unsigned int message_len(unsigned int inner)
{
	return DIV_ROUND_UP(inner, 16) * 16 + 32;
}

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
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));

	KUNIT_ASSERT_EQ(test, fixture_inject(f, make_shape(test, w, shape, -1),
					     SOURCE_PORT), 0);
	fixture_await(f, shape->count);
	expect_inners(test, f, 0, shape->count - 1, shape->len);
	expect_inner(test, f, shape->count - 1, shape->tail);
	expect_quiet(test, f);
	KUNIT_EXPECT_EQ(test, far->peer->counters.rx_packets, shape->count);
}

static void a_corrupted_message_costs_itself_alone(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));
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
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(far->peer, WG_DROP_BAD_TAG),
			1);
}

/* --- several datagrams --- */

static void single_messages_arrive_in_order(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));
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
	struct far *one = fixture_far(test), *two = fixture_far(test);
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
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));

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
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));

	write_message(w, 200);
	write_message(w, 200);
	memcpy(w->bytes + w->len, w->bytes, w->len);
	w->len *= 2;
	write_message(w, 200);
	send(test, w, message_len(200));
	expect_inners(test, f, 0, 3, 200);
	expect_quiet(test, f);
	expect_drops(test, f, WG_DROP_REPLAY, 2);
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(far->peer, WG_DROP_REPLAY),
			2);
}

static void the_endpoint_follows_the_last_batch(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));
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
	wg_peer_copy_endpoint(far->peer, &endpoint);
	KUNIT_EXPECT_EQ(test, endpoint.addr4.sin_port, htons(2222));
	KUNIT_EXPECT_EQ(test, endpoint.src4.s_addr, FAR_ADDR);
}

static void a_proof_lets_go_what_waits(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_respond(test, far));
	struct sk_buff *waiting = fixture_datagram(test, 100);

	skb_put_zero(waiting, 100);
	spin_lock_bh(&far->peer->lock);
	__skb_queue_tail(&far->peer->staged, waiting);
	spin_unlock_bh(&far->peer->lock);
	write_message(w, 0);
	send_from(test, w, 0, ntohs(f->port));
	expect_quiet(test, f);
	KUNIT_EXPECT_PTR_EQ(test, fixture_slot(far->peer, WG_SLOT_CURRENT),
			    w->session.session);
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 1);
	KUNIT_EXPECT_EQ(test, far->peer->counters.rx_packets, 0);
	KUNIT_EXPECT_EQ(test, far->peer->counters.rx_bytes, 32);
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
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));
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

/* --- memory that runs out --- */

/* Batches are opened by who polls: the task whose allocations fail. */
static void use_no_ring(struct fixture *f)
{
	f->wg->path->rx.worker_count = 0;
}

/* Each message arrives or is counted, whatever allocation fails. */
static void each_failed_allocation_costs_one_message(struct kunit *test)
{
	static const struct shape shape = { "", 44, 900, 900, { 500, 4096 } };
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));
	struct sk_buff *skb;
	bool has_failed = true;
	unsigned int nth;

	use_no_ring(f);
	for (nth = 1; has_failed; nth++) {
		skb = make_shape(test, w, &shape, -1);
		local_bh_disable();
		KUNIT_EXPECT_EQ(test, fixture_inject(f, skb, SOURCE_PORT), 0);
		wg_fault_arm(nth);
		local_bh_enable();
		fixture_await(f, 43);
		has_failed = wg_fault_disarm();
		KUNIT_EXPECT_EQ(test, skb_queue_len(&f->arrived),
				has_failed ? 43 : 44);
		skb_queue_purge(&f->arrived);
	}
	KUNIT_EXPECT_EQ(test, nth, 46);
	expect_drops(test, f, WG_DROP_NO_MEMORY, 44);
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(far->peer,
						 WG_DROP_NO_MEMORY), 44);
}

static void a_mixed_aggregate_loses_what_has_no_memory(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));
	bool has_failed = true;
	unsigned int nth;

	use_no_ring(f);
	for (nth = 1; has_failed; nth++) {
		write_message(w, 200);
		write_message(w, 200)[0] = 9;
		write_message(w, 200);
		local_bh_disable();
		send(test, w, message_len(200));
		wg_fault_arm(nth);
		local_bh_enable();
		fixture_await(f, 2 * nth - 2);
		has_failed = wg_fault_disarm();
	}
	/* three copies, and two packets */
	KUNIT_EXPECT_EQ(test, nth, 7);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_NO_MEMORY), 5);
}

/* --- what ends meanwhile --- */

/* Batches go by way of the ring, even on a single CPU. */
static void use_ring(struct fixture *f)
{
	f->wg->path->rx.worker_count = 1;
}

static bool is_ring_empty(struct fixture *f)
{
	struct wg_rx *rx = &f->wg->path->rx;

	return READ_ONCE(rx->head) == READ_ONCE(rx->tail);
}

/* Send @batches aggregates of @size messages, which may be on their way. */
static void send_batches(struct kunit *test, struct writer *w,
			 unsigned int batches, unsigned int size)
{
	unsigned int i, j;

	local_bh_disable();
	for (i = 0; i < batches; i++) {
		for (j = 0; j < size; j++)
			write_message(w, 600);
		send(test, w, message_len(600));
	}
	local_bh_enable();
}

/* Each of @count messages was handed up or dropped for one of two reasons. */
static void expect_all_accounted(struct kunit *test, struct fixture *f,
				 unsigned int count)
{
	unsigned int tries, up = 0, dropped = 0;

	for (tries = 0; tries < 200 && up + dropped < count; tries++) {
		if (tries)
			usleep_range(100, 1000);
		up = skb_queue_len_lockless(&f->arrived);
		dropped = fixture_drops(f, WG_DROP_SESSION_STALE) +
			  fixture_drops(f, WG_DROP_OTHER_PEER_GONE) +
			  fixture_drops(f, WG_DROP_UNKNOWN_INDEX) +
			  fixture_drops(f, WG_DROP_SOURCE_NOT_ALLOWED);
	}
	KUNIT_EXPECT_EQ(test, up + dropped, count);
	kunit_info(test, "%u handed up, %u dropped", up, dropped);
}

static void the_ring_keeps_the_order(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));

	use_ring(f);
	send_batches(test, w, 20, 44);
	expect_inners(test, f, 0, 20 * 44, 600);
	KUNIT_EXPECT_TRUE(test, is_ring_empty(f));
	KUNIT_EXPECT_EQ(test, refcount_read(&w->session.session->refs), 1);
}

static void small_batches_queue_behind_the_ring(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));

	use_ring(f);
	local_bh_disable();
	send_batches(test, w, 1, 44);
	send_batches(test, w, 3, 2);
	send_batches(test, w, 1, 44);
	local_bh_enable();
	expect_inners(test, f, 0, 94, 600);
}

/* More than the ring takes stays in the socket until there is room. */
static void a_full_ring_loses_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));

	use_ring(f);
	send_batches(test, w, WG_RX_RING + 20, 9);
	expect_inners(test, f, 0, (WG_RX_RING + 20) * 9, 600);
	KUNIT_EXPECT_TRUE(test, is_ring_empty(f));
}

static void a_session_may_end_with_batches_under_way(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));
	struct wg_peer *peer = far->peer;

	use_ring(f);
	send_batches(test, w, 10, 44);
	spin_lock_bh(&peer->lock);
	wg_session_end_all_locked(peer);
	spin_unlock_bh(&peer->lock);
	expect_all_accounted(test, f, 440);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
}

static void a_peer_may_go_with_batches_under_way(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));
	struct wg_peer *peer = far->peer;

	use_ring(f);
	refcount_inc(&peer->refs);
	send_batches(test, w, 10, 44);
	fixture_kill(f, far);
	expect_all_accounted(test, f, 440);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
	wg_peer_put(peer);
}

/* Nothing is left in the socket, where it would be lost with that. */
static void await_poll(struct kunit *test, struct fixture *f)
{
	struct sock *sk = rcu_dereference_protected(f->wg->sock4, true);
	unsigned int tries;

	for (tries = 0; tries < 200; tries++) {
		if (!atomic_read(&sk->sk_rmem_alloc))
			return;
		usleep_range(100, 1000);
	}
	KUNIT_FAIL(test, "the socket is not drained");
}

static void a_device_may_go_down_with_batches_under_way(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));

	use_ring(f);
	send_batches(test, w, 7, 9);
	await_poll(test, f);
	fixture_up(f, false);
	expect_all_accounted(test, f, 63);
	KUNIT_EXPECT_TRUE(test, is_ring_empty(f));
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&far->peer->refs), 1);

	fixture_up(f, true);
	skb_queue_purge(&f->arrived);
	w->session = fixture_initiate(test, far);
	w->number = 0;
	send_batches(test, w, 1, 44);
	expect_inners(test, f, 0, 44, 600);
}

/* The worker is stopped before it gets to them, where there is one CPU. */
static void what_is_in_the_ring_is_dropped_when_it_stops(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_rx *rx = &f->wg->path->rx;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));

	use_ring(f);
	send_batches(test, w, 7, 9);
	await_poll(test, f);
	wg_rx_stop(rx);
	KUNIT_EXPECT_TRUE(test, is_ring_empty(f));
	expect_all_accounted(test, f, 63);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_OTHER_PEER_GONE),
			fixture_peer_drops(far->peer,
					   WG_DROP_OTHER_PEER_GONE));
	KUNIT_EXPECT_EQ(test, refcount_read(&w->session.session->refs), 1);
	wg_rx_start(rx);
	skb_queue_purge(&f->arrived);
	w->number = 0;
	send_batches(test, w, 1, 44);
	expect_inners(test, f, 0, 44, 600);
}

/* --- what is no data --- */

static void nonsense_is_counted_for_what_it_is(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct writer *w = make_writer(test, far, fixture_initiate(test, far));

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
	KUNIT_CASE(each_failed_allocation_costs_one_message),
	KUNIT_CASE(a_mixed_aggregate_loses_what_has_no_memory),
	KUNIT_CASE(the_ring_keeps_the_order),
	KUNIT_CASE(small_batches_queue_behind_the_ring),
	KUNIT_CASE(a_full_ring_loses_nothing),
	KUNIT_CASE(a_session_may_end_with_batches_under_way),
	KUNIT_CASE(a_peer_may_go_with_batches_under_way),
	KUNIT_CASE(a_device_may_go_down_with_batches_under_way),
	KUNIT_CASE(what_is_in_the_ring_is_dropped_when_it_stops),
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
