// SPDX-License-Identifier: GPL-2.0
/* Endpoints as values: when two are one, and what a datagram says. */
#include "core/endpoint.h"

#include <kunit/test.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/udp.h>
#include <net/ipv6.h>

#define AT4(a, p, s, i)							\
	{ .addr4 = { .sin_family = AF_INET, .sin_port = htons(p),	\
		     .sin_addr.s_addr = htonl(a) },			\
	  .src4.s_addr = htonl(s), .src_if4 = i }
#define AT6(a, p, scope, s)						\
	{ .addr6 = { .sin6_family = AF_INET6, .sin6_port = htons(p),	\
		     .sin6_addr.s6_addr = { 0xfe, 0x80, [15] = a },	\
		     .sin6_scope_id = scope },				\
	  .src6.s6_addr = { 0xfe, 0x80, [15] = s } }

struct pair {
	const char *name;
	struct wg_endpoint a;
	struct wg_endpoint b;
	bool is_equal;
};

static const struct pair pairs[] = {
	{ "none", { }, { }, true },
	{ "none and one", { }, AT4(1, 2, 3, 4), false },
	{ "IPv4, the same", AT4(1, 2, 3, 4), AT4(1, 2, 3, 4), true },
	{ "another address", AT4(1, 2, 3, 4), AT4(9, 2, 3, 4), false },
	{ "another port", AT4(1, 2, 3, 4), AT4(1, 9, 3, 4), false },
	{ "another local address", AT4(1, 2, 3, 4), AT4(1, 2, 9, 4), false },
	{ "another interface", AT4(1, 2, 3, 4), AT4(1, 2, 3, 9), false },
	{ "IPv6, the same", AT6(1, 2, 3, 4), AT6(1, 2, 3, 4), true },
	{ "IPv6, another address", AT6(1, 2, 3, 4), AT6(9, 2, 3, 4), false },
	{ "IPv6, another port", AT6(1, 2, 3, 4), AT6(1, 9, 3, 4), false },
	{ "IPv6, another scope", AT6(1, 2, 3, 4), AT6(1, 2, 9, 4), false },
	{ "IPv6, another local address", AT6(1, 2, 3, 4), AT6(1, 2, 3, 9),
	  false },
	{ "of two families", AT4(1, 2, 3, 4), AT6(1, 2, 3, 4), false },
};

static void describe(const struct pair *pair, char *desc)
{
	strscpy(desc, pair->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pair, pairs, describe);

static void every_part_counts(struct kunit *test)
{
	const struct pair *pair = test->param_value;

	KUNIT_EXPECT_EQ(test, wg_endpoint_equal(&pair->a, &pair->b),
			pair->is_equal);
	KUNIT_EXPECT_EQ(test, wg_endpoint_equal(&pair->b, &pair->a),
			pair->is_equal);
}

static void without_its_source_the_remote_half_stays(struct kunit *test)
{
	static const struct wg_endpoint bare4 = AT4(1, 2, 0, 0);
	struct wg_endpoint four = AT4(1, 2, 3, 4), six = AT6(1, 2, 3, 4);

	wg_endpoint_clear_source(&four);
	KUNIT_EXPECT_TRUE(test, wg_endpoint_equal(&four, &bare4));
	wg_endpoint_clear_source(&six);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_any(&six.src6));
	KUNIT_EXPECT_EQ(test, six.addr6.sin6_scope_id, 3);
	KUNIT_EXPECT_EQ(test, six.addr6.sin6_addr.s6_addr[15], 1);
}

/* A datagram that came in at interface 7 with a network header of @len bytes. */
static struct sk_buff *datagram(struct kunit *test, __be16 protocol,
				unsigned int len)
{
	struct sk_buff *skb = alloc_skb(len + sizeof(struct udphdr),
					GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, len + sizeof(struct udphdr));
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, len);
	udp_hdr(skb)->source = htons(4444);
	udp_hdr(skb)->dest = htons(51820);
	skb->protocol = protocol;
	skb->skb_iif = 7;
	return skb;
}

static void a_datagram_says_where_it_came_from(struct kunit *test)
{
	struct sk_buff *skb = datagram(test, htons(ETH_P_IP), 20);
	static const struct wg_endpoint expected =
		AT4(0xc0000201, 4444, 0xc0000202, 7);
	struct wg_endpoint endpoint;

	ip_hdr(skb)->saddr = htonl(0xc0000201);
	ip_hdr(skb)->daddr = htonl(0xc0000202);
	memset(&endpoint, 0xee, sizeof(endpoint));
	KUNIT_EXPECT_TRUE(test, wg_endpoint_from_skb(&endpoint, skb));
	KUNIT_EXPECT_TRUE(test, wg_endpoint_equal(&endpoint, &expected));
	kfree_skb(skb);
}

/* A link-local address means something on its own link alone. */
static void an_ipv6_datagram_says_on_which_link(struct kunit *test)
{
	struct sk_buff *skb = datagram(test, htons(ETH_P_IPV6), 40);
	static const struct wg_endpoint expected = AT6(1, 4444, 7, 2);
	struct wg_endpoint endpoint;

	ipv6_hdr(skb)->saddr = expected.addr6.sin6_addr;
	ipv6_hdr(skb)->daddr = expected.src6;
	memset(&endpoint, 0xee, sizeof(endpoint));
	KUNIT_EXPECT_TRUE(test, wg_endpoint_from_skb(&endpoint, skb));
	KUNIT_EXPECT_TRUE(test, wg_endpoint_equal(&endpoint, &expected));
	ipv6_hdr(skb)->saddr.s6_addr[0] = 0x20;
	KUNIT_EXPECT_TRUE(test, wg_endpoint_from_skb(&endpoint, skb));
	KUNIT_EXPECT_EQ(test, endpoint.addr6.sin6_scope_id, 0);
	kfree_skb(skb);
}

static void what_is_no_ip_has_no_endpoint(struct kunit *test)
{
	struct sk_buff *skb = datagram(test, htons(ETH_P_ARP), 20);
	struct wg_endpoint endpoint;

	KUNIT_EXPECT_FALSE(test, wg_endpoint_from_skb(&endpoint, skb));
	KUNIT_EXPECT_FALSE(test, wg_endpoint_is_set(&endpoint));
	kfree_skb(skb);
}

static struct kunit_case endpoint_test_cases[] = {
	KUNIT_CASE_PARAM(every_part_counts, pair_gen_params),
	KUNIT_CASE(without_its_source_the_remote_half_stays),
	KUNIT_CASE(a_datagram_says_where_it_came_from),
	KUNIT_CASE(an_ipv6_datagram_says_on_which_link),
	KUNIT_CASE(what_is_no_ip_has_no_endpoint),
	{}
};

static struct kunit_suite endpoint_test_suite = {
	.name = "wg_endpoint",
	.test_cases = endpoint_test_cases,
};

kunit_test_suite(endpoint_test_suite);
