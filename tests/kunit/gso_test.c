// SPDX-License-Identifier: GPL-2.0
/*
 * What a run may hold, and that its packet holds just that.
 */
#include "path/gso.h"

#include <kunit/test.h>
#include <linux/bottom_half.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "path/udp.h"

/* Message @i of a run: its bytes are all this. */
static u8 byte_of(unsigned int i)
{
	return 1 + i;
}

/* As many messages of @len as fit, @wanted at most. BH disabled. */
static unsigned int fill(struct kunit *test, struct wg_gso *gso,
			 unsigned int wanted, unsigned int len)
{
	unsigned int i;
	u8 *bytes;

	for (i = 0; i < wanted && wg_gso_fits(gso, len, 0); i++) {
		bytes = wg_gso_extend(gso, len, 0, wanted - i - 1);
		if (!bytes)
			break;
		memset(bytes, byte_of(i), len);
	}
	KUNIT_EXPECT_EQ(test, gso->messages, i);
	return i;
}

/* @skb is @count messages of @len bytes as fill() made them. */
static void expect_packet(struct kunit *test, struct sk_buff *skb,
			  unsigned int count, unsigned int len)
{
	u8 *bytes = kunit_kzalloc(test, 1 << 16, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, skb && bytes);
	KUNIT_ASSERT_EQ(test, skb->len, count * len);
	KUNIT_ASSERT_EQ(test, skb_copy_bits(skb, 0, bytes, skb->len), 0);
	for (i = 0; i < count; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(bytes + i * len,
						   byte_of(i), len));
	KUNIT_EXPECT_EQ(test, skb_is_gso(skb), count > 1);
	if (count > 1) {
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, len);
		KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_segs, count);
		KUNIT_EXPECT_TRUE(test, skb->ip_summed == CHECKSUM_PARTIAL);
	}
	KUNIT_EXPECT_GE(test, skb_headroom(skb), WG_UDP_HEADROOM);
	KUNIT_EXPECT_LE(test, skb_shinfo(skb)->nr_frags, MAX_SKB_FRAGS);
	KUNIT_EXPECT_LE(test, skb->len, WG_GSO_BYTES_MAX);
	kfree_skb(skb);
}

struct size {
	unsigned int wanted;
	unsigned int len;
	unsigned int fit; /* 0: all */
};

static const struct size sizes[] = {
	{ 1, 32 }, { 1, 1452 }, { 2, 1452 }, { 45, 1452 },
	{ 63, 96 }, { 64, 96 }, { 65, 96, 64 }, { 129, 96, 64 },
	{ 46, 1452, 45 }, { 64, 9000, 7 }, { 2, 65487, 1 }, { 2, 32000 },
	{ 3, 32000, 2 },
};

static void describe(const struct size *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u of %u bytes", size->wanted,
		 size->len);
}

KUNIT_ARRAY_PARAM(size, sizes, describe);

static void a_run_ends_at_64_messages_or_65487_bytes(struct kunit *test)
{
	const struct size *size = test->param_value;
	unsigned int count, expected = size->fit ?: size->wanted;
	struct wg_gso gso = { };

	local_bh_disable();
	count = fill(test, &gso, size->wanted, size->len);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, count, expected);
	KUNIT_EXPECT_EQ(test, gso.messages, count);
	expect_packet(test, wg_gso_take(&gso), count, size->len);
	KUNIT_EXPECT_NULL(test, gso.skb);
	KUNIT_EXPECT_EQ(test, gso.messages, 0);
}

static void only_the_last_message_is_shorter(struct kunit *test)
{
	struct wg_gso gso = { };
	struct sk_buff *skb;

	local_bh_disable();
	KUNIT_EXPECT_EQ(test, fill(test, &gso, 3, 128), 3);
	KUNIT_EXPECT_FALSE(test, wg_gso_fits(&gso, 129, 0));
	KUNIT_EXPECT_TRUE(test, wg_gso_fits(&gso, 128, 0));
	KUNIT_EXPECT_TRUE(test, wg_gso_fits(&gso, 32, 0));
	KUNIT_EXPECT_NOT_NULL(test, wg_gso_extend(&gso, 32, 0, 5));
	KUNIT_EXPECT_FALSE(test, wg_gso_fits(&gso, 32, 0));
	KUNIT_EXPECT_FALSE(test, wg_gso_fits(&gso, 128, 0));
	local_bh_enable();
	skb = wg_gso_take(&gso);
	KUNIT_EXPECT_EQ(test, skb->len, 3 * 128 + 32);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, 128);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_segs, 4);
	kfree_skb(skb);
}

static void a_run_has_one_traffic_class(struct kunit *test)
{
	struct wg_gso gso = { };

	local_bh_disable();
	KUNIT_EXPECT_TRUE(test, wg_gso_fits(&gso, 128, 3));
	KUNIT_EXPECT_NOT_NULL(test, wg_gso_extend(&gso, 128, 3, 9));
	KUNIT_EXPECT_TRUE(test, wg_gso_fits(&gso, 128, 3));
	KUNIT_EXPECT_FALSE(test, wg_gso_fits(&gso, 128, 0));
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, gso.ds, 3);
	kfree_skb(wg_gso_take(&gso));
}

/*
 * Two runs that grow by turns never have two messages side by side, so each
 * message takes a frag of its own: there are so many of these.
 */
static void frags_that_run_out_end_the_run(struct kunit *test)
{
	struct wg_gso one = { }, other = { };
	unsigned int count = 0;

	local_bh_disable();
	while (count < 64 && wg_gso_fits(&one, 256, 0) &&
	       wg_gso_extend(&one, 256, 0, 60)) {
		count++;
		if (!wg_gso_extend(&other, 256, 0, 60))
			kfree_skb(wg_gso_take(&other));
	}
	local_bh_enable();
	KUNIT_EXPECT_LE(test, count, MAX_SKB_FRAGS);
	KUNIT_EXPECT_GE(test, count, MAX_SKB_FRAGS - 1);
	KUNIT_EXPECT_EQ(test, one.messages, count);
	KUNIT_EXPECT_EQ(test, one.skb->len, count * 256);
	kfree_skb(wg_gso_take(&one));
	kfree_skb(wg_gso_take(&other));
}

/* Runs share pages: what is written to one is seen in no other. */
static void runs_do_not_overlap(struct kunit *test)
{
	struct wg_gso gsos[5] = { };
	unsigned int i;

	local_bh_disable();
	for (i = 0; i < ARRAY_SIZE(gsos); i++)
		KUNIT_EXPECT_EQ(test, fill(test, &gsos[i], 7, 100 + i), 7);
	local_bh_enable();
	for (i = 0; i < ARRAY_SIZE(gsos); i++)
		expect_packet(test, wg_gso_take(&gsos[i]), 7, 100 + i);
}

/* No page is that large: a real allocation that fails. */
static void a_message_without_memory_leaves_an_empty_run(struct kunit *test)
{
	struct wg_gso gso = { };

	local_bh_disable();
	KUNIT_EXPECT_NULL(test, wg_gso_extend(&gso, 1U << 30, 0, 1));
	KUNIT_EXPECT_NULL(test, gso.skb);
	KUNIT_EXPECT_EQ(test, gso.messages, 0);
	KUNIT_EXPECT_TRUE(test, wg_gso_fits(&gso, 96, 0));
	KUNIT_EXPECT_EQ(test, fill(test, &gso, 2, 96), 2);
	local_bh_enable();
	expect_packet(test, wg_gso_take(&gso), 2, 96);
}

static void a_run_without_memory_for_more_can_still_leave(struct kunit *test)
{
	struct wg_gso gso = { };

	local_bh_disable();
	KUNIT_EXPECT_EQ(test, fill(test, &gso, 3, 96), 3);
	KUNIT_EXPECT_NULL(test, wg_gso_extend(&gso, 1U << 30, 0, 1));
	KUNIT_EXPECT_EQ(test, gso.messages, 3);
	local_bh_enable();
	expect_packet(test, wg_gso_take(&gso), 3, 96);
}

/* --- who is charged --- */

static struct sock *make_sock(struct kunit *test, int type)
{
	struct socket *sock;

	KUNIT_ASSERT_EQ(test, sock_create_kern(&init_net, AF_INET, type, 0,
					       &sock), 0);
	test->priv = sock;
	return sock->sk;
}

static void release_sock_of(struct kunit *test)
{
	if (test->priv)
		sock_release(test->priv);
	test->priv = NULL;
}

/* Like TCP's own, which is not exported everywhere. */
static void uncharge(struct sk_buff *skb)
{
	WARN_ON(refcount_sub_and_test(skb->truesize, &skb->sk->sk_wmem_alloc));
}

static void hold_nothing(struct sk_buff *skb)
{
}

/**
 * struct owner - a packet's relation to its socket
 * @name: of the case
 * @type: of the socket
 * @destructor: of the packet
 * @is_charged: the socket counts it
 */
struct owner {
	const char *name;
	int type;
	void (*destructor)(struct sk_buff *skb);
	bool is_charged;
};

static const struct owner owners[] = {
	{ "UDP", SOCK_DGRAM, sock_wfree, true },
	{ "TCP, as a fragment", SOCK_STREAM, sock_wfree, true },
	{ "TCP", SOCK_STREAM, uncharge, true },
	{ "TCP, behind netem", SOCK_STREAM, sock_efree, false },
	{ "TCP, from a receive queue", SOCK_STREAM, sock_rfree, false },
	{ "UDP, behind netem", SOCK_DGRAM, sock_efree, false },
	{ "UDP, something else", SOCK_DGRAM, hold_nothing, false },
};

static void describe_owner(const struct owner *owner, char *desc)
{
	strscpy(desc, owner->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(owner, owners, describe_owner);

static struct sk_buff *make_owned(struct kunit *test, struct sock *sk,
				  const struct owner *owner)
{
	struct sk_buff *skb = alloc_skb(1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	if (owner->destructor == sock_rfree) {
		skb_set_owner_r(skb, sk);
		return skb;
	}
	skb->sk = sk;
	skb->destructor = owner->destructor;
	if (owner->is_charged)
		refcount_add(skb->truesize, &sk->sk_wmem_alloc);
	else if (owner->destructor == sock_efree)
		sock_hold(sk);
	return skb;
}

/* A run of two messages that held @count packets of @sk. */
static struct sk_buff *make_charged(struct kunit *test, struct sock *sk,
				    const struct owner *owner,
				    unsigned int count)
{
	struct wg_gso gso = { };

	local_bh_disable();
	KUNIT_EXPECT_EQ(test, fill(test, &gso, 2, 96), 2);
	local_bh_enable();
	while (count--)
		wg_gso_take_over(&gso, make_owned(test, sk, owner));
	return wg_gso_take(&gso);
}

/*
 * The socket's share of what is queued below is the outer packet, no more and
 * no less, until that is gone; what frees it is not ours.
 */
static void a_socket_is_charged_for_the_outer_packet(struct kunit *test)
{
	const struct owner *owner = test->param_value;
	struct sock *sk = make_sock(test, owner->type);
	unsigned int base = refcount_read(&sk->sk_wmem_alloc), count;
	struct sk_buff *skb;

	/* less memory than the outer packet, and more */
	for (count = 1; count <= 64; count += 63) {
		skb = make_charged(test, sk, owner, count);
		KUNIT_EXPECT_PTR_EQ(test, skb->destructor,
				    owner->is_charged ? owner->destructor :
							NULL);
		KUNIT_EXPECT_EQ(test, refcount_read(&sk->sk_wmem_alloc),
				base + (owner->is_charged ? skb->truesize : 0));
		kfree_skb(skb);
		KUNIT_EXPECT_EQ(test, refcount_read(&sk->sk_wmem_alloc), base);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&sk->sk_rmem_alloc), 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&sk->sk_refcnt), 1);
}

static void a_pure_acknowledgment_charges_nobody(struct kunit *test)
{
	static const struct owner owner = { "", SOCK_STREAM, uncharge, true };
	struct sock *sk = make_sock(test, SOCK_STREAM);
	unsigned int base = refcount_read(&sk->sk_wmem_alloc);
	struct wg_gso gso = { };
	struct sk_buff *ack = make_owned(test, sk, &owner);

	refcount_set(&sk->sk_wmem_alloc, base + 2);
	ack->truesize = 2; /* net/tcp.h, skb_is_tcp_pure_ack() */
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, fill(test, &gso, 2, 96), 2);
	local_bh_enable();
	wg_gso_take_over(&gso, ack);
	KUNIT_EXPECT_NULL(test, gso.skb->destructor);
	KUNIT_EXPECT_EQ(test, refcount_read(&sk->sk_wmem_alloc), base);
	kfree_skb(wg_gso_take(&gso));
}

/* Of two sockets one is charged; the other may send at once. */
static void one_run_has_one_socket(struct kunit *test)
{
	struct sock *sk = make_sock(test, SOCK_DGRAM);
	unsigned int base = refcount_read(&sk->sk_wmem_alloc);
	struct socket *other;
	struct wg_gso gso = { };
	struct sk_buff *skb;

	KUNIT_ASSERT_EQ(test, sock_create_kern(&init_net, AF_INET, SOCK_DGRAM,
					       0, &other), 0);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, fill(test, &gso, 2, 96), 2);
	local_bh_enable();
	wg_gso_take_over(&gso, make_owned(test, sk, &owners[0]));
	wg_gso_take_over(&gso, make_owned(test, other->sk, &owners[0]));
	skb = wg_gso_take(&gso);
	KUNIT_EXPECT_PTR_EQ(test, skb->sk, sk);
	KUNIT_EXPECT_EQ(test, refcount_read(&other->sk->sk_wmem_alloc), base);
	kfree_skb(skb);
	KUNIT_EXPECT_EQ(test, refcount_read(&sk->sk_wmem_alloc), base);
	sock_release(other);
}

static struct kunit_case gso_test_cases[] = {
	KUNIT_CASE_PARAM(a_run_ends_at_64_messages_or_65487_bytes,
			 size_gen_params),
	KUNIT_CASE(only_the_last_message_is_shorter),
	KUNIT_CASE(a_run_has_one_traffic_class),
	KUNIT_CASE(frags_that_run_out_end_the_run),
	KUNIT_CASE(runs_do_not_overlap),
	KUNIT_CASE(a_message_without_memory_leaves_an_empty_run),
	KUNIT_CASE(a_run_without_memory_for_more_can_still_leave),
	KUNIT_CASE_PARAM(a_socket_is_charged_for_the_outer_packet,
			 owner_gen_params),
	KUNIT_CASE(a_pure_acknowledgment_charges_nobody),
	KUNIT_CASE(one_run_has_one_socket),
	{}
};

static struct kunit_suite gso_test_suite = {
	.name = "wg_gso",
	.exit = release_sock_of,
	.test_cases = gso_test_cases,
};

kunit_test_suite(gso_test_suite);
