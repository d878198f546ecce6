// SPDX-License-Identifier: GPL-2.0
/*
 * Random batches: whole and damaged TCP segments, keepalives, and what is
 * neither, in datagrams and aggregates of all shapes. Each message must come
 * out as if it had been opened alone. (TCP's checksum alone is mended, as by
 * GRO behind a device that has verified it.)
 *
 * A batch that fails is made again by insmod wg.ko stream_seed=SEED.
 */
#include <crypto/chacha20poly1305.h>
#include <linux/etherdevice.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include "core/drop.h"
#include "core/session.h"
#include "datagrams.h"
#include "packets.h"
#include "path/batch.h"
#include "path/cb.h"
#include "path/crypt.h"
#include "path/merge.h"
#include "proto/wire.h"

#define ROUNDS 300
#define MESSAGES_MAX 64
#define INNER_MAX 1500
#define DATAGRAM_MAX 0xff00

static unsigned int stream_seed = 1;
module_param(stream_seed, uint, 0);

/**
 * struct message - one of a batch
 * @counter: under which it is sealed
 * @len: of its plaintext
 * @is_broken: its tag is wrong
 * @inner: its plaintext
 */
struct message {
	u64 counter;
	unsigned int len;
	bool is_broken;
	u8 inner[INNER_MAX + 32];
};

/**
 * struct random_batch - messages, sealed and opened
 * @random: what they are made of
 * @seed: its seed
 * @session: under which they are
 * @napi: of the device that opens them
 * @batch: they, as datagrams
 * @count: how many messages there are
 * @messages: they
 * @sealed: one datagram
 */
struct random_batch {
	struct rnd_state random;
	unsigned int seed;
	struct wg_session session;
	struct napi_struct napi;
	struct wg_batch batch;
	unsigned int count;
	struct message messages[MESSAGES_MAX];
	u8 sealed[DATAGRAM_MAX];
};

static unsigned int below(struct random_batch *b, unsigned int end)
{
	return prandom_u32_state(&b->random) % end;
}

/* --- messages --- */

/* A message with @len bytes of @inner, and sometimes padding. */
static void add(struct random_batch *b, const u8 *inner, unsigned int len)
{
	struct message *m = &b->messages[b->count];
	u64 last = b->count ? m[-1].counter : 0xfffffff0ULL;

	if (b->count == MESSAGES_MAX || len > INNER_MAX)
		return;
	b->count++;
	m->counter = last + 1 + !below(b, 32);
	m->is_broken = !below(b, 32);
	m->len = below(b, 8) ? round_up(len, 16) : len + below(b, 32);
	memset(m->inner, 0, sizeof(m->inner));
	memcpy(m->inner, inner, len);
}

static void add_damaged(struct random_batch *b, u8 *inner, unsigned int len)
{
	switch (below(b, 32)) {
	case 0:
		add(b, NULL, 0); /* a keepalive before it */
		break;
	case 1:
		len = below(b, len + 1);
		break;
	case 2:
		inner[below(b, min(len, 100U))] ^= 1 << below(b, 8);
		break;
	case 3:
		inner[below(b, min(len, 100U))] = 0;
		break;
	case 4:
		return; /* it is lost */
	}
	add(b, inner, len);
}

static void add_stream(struct kunit *test, struct random_batch *b)
{
	unsigned int size = 1 + below(b, below(b, 2) ? 30 : 1300);
	const struct packet_form form = {
		.is_tcp = true,
		.is_ip6 = below(b, 2),
		.size = size,
		.payload = size * (1 + below(b, 12)) + 1 + below(b, size),
		.option = 4 * below(b, 11),
		.flags = below(b, 4) ? 0x10 : below(b, 256),
	};
	struct sk_buff *segments = packet_expected(test, &form), *segment;

	for (segment = segments; segment; segment = segment->next)
		add_damaged(b, segment->data, segment->len);
	kfree_skb_list(segments);
}

static void add_junk(struct random_batch *b)
{
	u8 inner[128];

	prandom_bytes_state(&b->random, inner, sizeof(inner));
	inner[0] = (below(b, 2) ? 0x45 : 0x60) ^ (below(b, 4) ? 0 : inner[0]);
	add(b, inner, below(b, sizeof(inner) + 1));
}

/* --- datagrams --- */

/* Seal message @m at @bytes. Return: its length there. */
static unsigned int seal(struct random_batch *b, const struct message *m,
			 u8 *bytes)
{
	struct wg_message_data *data = (struct wg_message_data *)bytes;

	memset(data, 0, sizeof(*data));
	put_unaligned_le32(WG_MESSAGE_DATA, &data->type);
	put_unaligned_le64(m->counter, &data->counter);
	chacha20poly1305_encrypt(data->ciphertext, m->inner, m->len, NULL, 0,
				 m->counter, b->session.keys.receive);
	data->ciphertext[m->len] ^= m->is_broken;
	return m->len + WG_DATA_OVERHEAD;
}

/* Are messages @first and @i, which follows, of one aggregate? */
static bool may_join(const struct random_batch *b, unsigned int first,
		     unsigned int i, unsigned int len)
{
	const struct message *m = b->messages;

	return i < b->count && m[i].len <= m[first].len &&
	       m[i - 1].len == m[first].len &&
	       len + m[i].len + WG_DATA_OVERHEAD <= DATAGRAM_MAX;
}

static struct datagram_form random_form(struct random_batch *b,
					unsigned int len)
{
	unsigned int piece = len / 8 + 1 + below(b, len);
	struct datagram_form form = { .linear = DATAGRAM_MAX };

	switch (below(b, 3)) {
	case 0:
		form.linear = below(b, len + 1);
		form.frag = min(piece, 30000U);
		break;
	case 1:
		form.linear = below(b, len + 1);
		form.listed = piece;
		break;
	}
	return form;
}

/* A datagram from message @first on. Return: the message after its last. */
static unsigned int make_datagram(struct kunit *test, struct random_batch *b,
				  unsigned int first, struct sk_buff **datagram)
{
	bool is_single = !below(b, 3);
	struct datagram_form form;
	unsigned int len, i;

	len = seal(b, &b->messages[first], b->sealed);
	for (i = first + 1; !is_single && may_join(b, first, i, len); i++)
		len += seal(b, &b->messages[i], b->sealed + len);
	form = random_form(b, len);
	if (i > first + 1)
		form.size = b->messages[first].len + WG_DATA_OVERHEAD;
	*datagram = datagram_make(test, &form, b->sealed, len);
	return i;
}

static void make_datagrams(struct kunit *test, struct random_batch *b)
{
	struct sk_buff **tail = &b->batch.datagrams;
	unsigned int i = 0;

	while (i < b->count) {
		i = make_datagram(test, b, i, tail);
		tail = &(*tail)->next;
	}
}

/* --- what comes out --- */

/* @m came out as the IP packet @segment, which is not padded. */
static bool is_same_segment(const struct message *m, struct sk_buff *segment)
{
	bool is_ip6 = m->inner[0] >> 4 == 6;
	unsigned int at = (is_ip6 ? sizeof(struct ipv6hdr) :
				    sizeof(struct iphdr)) +
			  offsetof(struct tcphdr, check);

	if (m->len < segment->len)
		return false;
	memcpy(segment->data + at, m->inner + at, sizeof(__sum16));
	return !memcmp(segment->data, m->inner, segment->len);
}

/* What the IP header of @m says, if it is one. */
static unsigned int packet_len(const struct message *m)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)m->inner;
	const struct iphdr *ip4 = (const struct iphdr *)m->inner;

	return ip4->version == 4 ? ntohs(ip4->tot_len) :
				   sizeof(*ip6) + ntohs(ip6->payload_len);
}

/* @m came out alone, its padding perhaps taken off already. */
static bool is_same_alone(const struct message *m, struct sk_buff *plain)
{
	return (plain->len == m->len || plain->len == packet_len(m)) &&
	       plain->len <= m->len &&
	       !memcmp(plain->data, m->inner, plain->len);
}

static bool is_same_packet(struct kunit *test, const struct message *m,
			   struct sk_buff *plain)
{
	unsigned int i = 0, messages = wg_plain_cb(plain)->messages;
	struct sk_buff *cut, *segment;
	bool is_same;

	if (messages == 1)
		return m->is_broken || is_same_alone(m, plain);
	wg_merge_complete(plain);
	cut = packet_cut(test, plain);
	is_same = packet_count(cut) == messages;
	for (segment = cut; is_same && segment; segment = segment->next, i++)
		is_same = is_same_segment(&m[i], segment) && !m[i].is_broken &&
			  m[i].counter == m[0].counter + i;
	kfree_skb_list(cut);
	return is_same;
}

/* Each message is accounted for as it was sealed. */
static void expect_arrivals(struct kunit *test, const struct random_batch *b)
{
	const struct wg_arrival *arrival = b->batch.arrivals;
	const struct message *m;

	KUNIT_ASSERT_EQ(test, b->batch.opened, b->count);
	for (m = b->messages; m < b->messages + b->count; m++, arrival++)
		KUNIT_ASSERT_TRUE_MSG(test, arrival->counter == m->counter &&
				      arrival->len == m->len &&
				      !arrival->verdict == !m->is_broken,
				      "seed %u, message %zu", b->seed,
				      m - b->messages);
}

/* Return: how many messages came out as part of a packet of others. */
static unsigned int expect_batch(struct kunit *test, struct random_batch *b)
{
	struct sk_buff *plain = b->batch.plain, *next;
	unsigned int i = 0, merged = 0, messages;

	expect_arrivals(test, b);
	skb_list_walk_safe(plain, plain, next) {
		skb_mark_not_on_list(plain);
		messages = wg_plain_cb(plain)->messages;
		KUNIT_ASSERT_LE(test, i + messages, b->count);
		KUNIT_ASSERT_TRUE_MSG(test, is_same_packet(test,
							   &b->messages[i],
							   plain),
				      "seed %u, message %u", b->seed, i);
		i += messages;
		merged += messages - 1;
		kfree_skb(plain);
	}
	KUNIT_EXPECT_EQ_MSG(test, i, b->count, "seed %u", b->seed);
	return merged;
}

static void make_batch(struct kunit *test, struct random_batch *b)
{
	unsigned int parts = 1 + below(b, 8);

	b->count = 0;
	add_junk(b);
	while (parts--) {
		if (below(b, 8))
			add_stream(test, b);
		else
			add_junk(b);
	}
	make_datagrams(test, b);
}

static unsigned int open_random(struct kunit *test, struct random_batch *b,
				unsigned int seed)
{
	struct net_device *dev = b->napi.dev;
	unsigned int merged;

	b->seed = seed;
	prandom_seed_state(&b->random, seed);
	dev->gro_max_size = below(b, 4) ? GRO_LEGACY_MAX_SIZE : below(b, 5000);
	dev->gro_ipv4_max_size = dev->gro_max_size;
	make_batch(test, b);
	b->batch.session = &b->session;
	local_bh_disable();
	wg_crypt_open_batch(&b->batch, &b->napi);
	local_bh_enable();
	merged = expect_batch(test, b);
	kfree_skb_list(b->batch.datagrams);
	b->batch.datagrams = NULL;
	return merged;
}

static void each_message_is_as_if_opened_alone(struct kunit *test)
{
	struct random_batch *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	unsigned int i, merged = 0;

	KUNIT_ASSERT_NOT_NULL(test, b);
	kunit_info(test, "stream_seed=%u", stream_seed);
	memset(b->session.keys.receive, 0x22, WG_KEY_SIZE);
	b->napi.dev = alloc_etherdev(0);
	KUNIT_ASSERT_NOT_NULL(test, b->napi.dev);
	b->napi.dev->features = NETIF_F_GRO;
	for (i = 0; i < ROUNDS; i++) {
		merged += open_random(test, b, stream_seed + i);
		cond_resched(); /* half a minute where all is instrumented and emulated */
	}
	/* else it would prove little */
	KUNIT_EXPECT_GT(test, merged, ROUNDS);
	free_netdev(b->napi.dev);
}

static struct kunit_case stream_test_cases[] = {
	KUNIT_CASE(each_message_is_as_if_opened_alone),
	{}
};

static struct kunit_suite stream_test_suite = {
	.name = "wg_stream",
	.test_cases = stream_test_cases,
};

kunit_test_suite(stream_test_suite);
