// SPDX-License-Identifier: GPL-2.0
/*
 * What waits for a poll, and what one poll takes upon itself: what is nobody's
 * never waits, whatever it says of itself; the work of a poll ends; neither
 * family waits for the other; and what is damaged decides nothing.
 */
#include "path/rx.h"

#include <linux/ipv6.h>
#include <net/ip.h>

#include "poll.h"

/* --- what is nobody's --- */

/* Datagrams of messages for nobody, as tun, tap and virtio may write them. */
struct claim {
	const char *name;
	unsigned int len;
	unsigned int gso_type;
	unsigned int gso_size; /* gso_segs is left 0 */
	unsigned int messages; /* that are in it */
	enum wg_drop_reason reason;
};

static const struct claim claims[] = {
	{ "one message", 200, 0, 0, 1, WG_DROP_UNKNOWN_INDEX },
	{ "aggregate", 2000, SKB_GSO_UDP_L4, 100, 20, WG_DROP_UNKNOWN_INDEX },
	{ "aggregate of keepalives", 2048, SKB_GSO_UDP_L4, 32, 64,
	  WG_DROP_UNKNOWN_INDEX },
	{ "aggregate of 31 bytes each", 310, SKB_GSO_UDP_L4, 31, 10,
	  WG_DROP_TOO_SHORT },
	{ "aggregate of single bytes", 1000, SKB_GSO_UDP_L4, 1, 1000,
	  WG_DROP_TOO_SHORT },
	{ "aggregate of nothing", 0, SKB_GSO_UDP_L4, 100, 1,
	  WG_DROP_TOO_SHORT },
	{ "aggregate of one", 200, SKB_GSO_UDP_L4, 60000, 1,
	  WG_DROP_UNKNOWN_INDEX },
	{ "UFO", 2000, SKB_GSO_UDP, 100, 1, WG_DROP_UNKNOWN_INDEX },
	{ "UFO of single bytes", 2000, SKB_GSO_UDP, 1, 1,
	  WG_DROP_UNKNOWN_INDEX },
	{ "TCP", 2000, SKB_GSO_TCPV4, 1, 1, WG_DROP_UNKNOWN_INDEX },
	{ "much in one", 60000, 0, 0, 1, WG_DROP_UNKNOWN_INDEX },
};

static void describe(const struct claim *claim, char *desc)
{
	strscpy(desc, claim->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(claim, claims, describe);

static void inject_claim(struct kunit *test, const struct claim *claim)
{
	struct sk_buff *skb = fixture_datagram(test, claim->len);
	unsigned int size = DIV_ROUND_UP(claim->len, claim->messages), offset;

	skb_put_zero(skb, claim->len);
	for (offset = 0; offset < claim->len; offset += size)
		skb->data[offset] = WG_MESSAGE_DATA;
	skb_shinfo(skb)->gso_type = claim->gso_type;
	skb_shinfo(skb)->gso_size = claim->gso_size;
	KUNIT_ASSERT_EQ(test, fixture_inject(test->priv, skb, SOURCE_PORT), 0);
}

/* It is gone before any poll, and while none runs. */
static void what_is_nobody_s_never_waits(struct kunit *test)
{
	const struct claim *claim = test->param_value;
	const unsigned int count = 70;
	struct fixture *f = test->priv;
	unsigned int i;

	poll_hold(f);
	for (i = 0; i < count; i++)
		inject_claim(test, claim);
	expect_drops(test, f, claim->reason, count * claim->messages);
	KUNIT_EXPECT_EQ(test, poll_waiting(f), 0);
	poll_let_go(f);
}

/* --- the work of a poll --- */

static void the_work_of_a_poll_ends(struct kunit *test)
{
	const unsigned int count = 70, size = 20;
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	unsigned int i, j, done;

	poll_hold(f);
	for (i = 0; i < count; i++) {
		for (j = 0; j < size; j++)
			write_message(w, 200);
		send(test, w, message_len(200));
	}
	KUNIT_EXPECT_EQ(test, poll_waiting(f), count);
	KUNIT_EXPECT_EQ(test, poll_once(f), POLL_BUDGET);
	done = count - poll_waiting(f);
	KUNIT_EXPECT_GE(test, done, 1);
	KUNIT_EXPECT_LE(test, done, DIV_ROUND_UP(POLL_BUDGET, size));
	poll_let_go(f);
	expect_inners(test, f, 0, count * size, 200);
}

/* --- both families --- */

/* As fixture_inject(), from ::1. */
static void inject6(struct kunit *test, struct sk_buff *skb)
{
	struct fixture *f = test->priv;
	struct ipv6hdr *ip;
	struct udphdr *udp;

	udp = skb_push(skb, sizeof(*udp));
	*udp = (struct udphdr){
		.source = htons(SOURCE_PORT),
		.dest = htons(f->wg->listen_port),
		.len = htons(skb->len),
		.check = htons(1), /* not verified: see below */
	};
	skb_reset_transport_header(skb);
	ip = skb_push(skb, sizeof(*ip));
	*ip = (struct ipv6hdr){
		.version = 6, .nexthdr = IPPROTO_UDP, .hop_limit = 64,
		.payload_len = udp->len,
		.saddr = in6addr_loopback, .daddr = in6addr_loopback,
	};
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	skb->protocol = htons(ETH_P_IPV6);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->pkt_type = PACKET_HOST;
	skb->dev = init_net.loopback_dev;
	KUNIT_ASSERT_EQ(test, netif_rx(skb), 0);
}

static void neither_family_waits_for_the_other(struct kunit *test)
{
	const unsigned int count = 100;
	struct fixture *f = test->priv;
	struct writer *v4 = new_writer(test), *v6 = new_writer(test);
	unsigned int i, early = 0;
	struct sk_buff *skb;

	poll_hold(f);
	for (i = 0; i < count; i++) {
		write_message(v4, 200);
		send(test, v4, 0);
		write_message(v6, 200);
		inject6(test, take_datagram(test, v6, &flat));
	}
	poll_let_go(f);
	fixture_await(f, 2 * count);
	for (i = 0; i < count; i++) {
		skb = skb_dequeue(&f->arrived);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		early += ip_hdr(skb)->saddr == htonl(10 << 24 | 2 << 16 | 2);
		kfree_skb(skb);
	}
	/* of the first half that arrived, about half came over IPv6 */
	KUNIT_EXPECT_GE(test, early, count / 4);
	KUNIT_EXPECT_LE(test, early, 3 * count / 4);
}

/* --- the outer checksum --- */

/* Give @skb to the socket with a checksum that nobody has looked at yet. */
static void inject_unverified(struct kunit *test, struct sk_buff *skb,
			      bool is_damaged)
{
	struct fixture *f = test->priv;
	struct udphdr *udp;

	KUNIT_ASSERT_EQ(test, fixture_wrap(f, skb, SOURCE_PORT, 0), 0);
	udp = udp_hdr(skb);
	udp->check = csum_tcpudp_magic(REMOTE_ADDR, REMOTE_ADDR,
				       ntohs(udp->len), IPPROTO_UDP,
				       csum_partial(udp, ntohs(udp->len), 0));
	if (is_damaged)
		udp->source ^= htons(1);
	skb->ip_summed = CHECKSUM_NONE;
	KUNIT_ASSERT_EQ(test, netif_rx(skb), 0);
}

static unsigned long damaged_so_far(void)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += snmp_get_cpu_field(init_net.mib.udp_statistics, cpu,
					  UDP_MIB_CSUMERRORS);
	return sum;
}

static void what_is_damaged_moves_no_endpoint(struct kunit *test)
{
	unsigned long before = damaged_so_far();
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct wg_endpoint endpoint;

	write_message(w, 200);
	inject_unverified(test, take_datagram(test, w, &flat), false);
	expect_inners(test, f, 0, 1, 200);
	write_message(w, 200);
	inject_unverified(test, take_datagram(test, w, &flat), true);
	expect_drops(test, f, WG_DROP_BAD_CSUM, 1);
	expect_quiet(test, f);
	wg_peer_copy_endpoint(w->remote->peer, &endpoint);
	KUNIT_EXPECT_EQ(test, endpoint.addr4.sin_port, htons(SOURCE_PORT));
	KUNIT_EXPECT_EQ(test, damaged_so_far() - before, 1);
}

static struct kunit_case poll_test_cases[] = {
	KUNIT_CASE_PARAM(what_is_nobody_s_never_waits, claim_gen_params),
	KUNIT_CASE(the_work_of_a_poll_ends),
	KUNIT_CASE(neither_family_waits_for_the_other),
	KUNIT_CASE(what_is_damaged_moves_no_endpoint),
	{}
};

static struct kunit_suite poll_test_suite = {
	.name = "wg_poll",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = poll_test_cases,
};

kunit_test_suite(poll_test_suite);
