// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that must not be: each is refused with the attribute that is wrong,
 * and nothing changes. And what is left of those that were read.
 */
#include "ctl/parse.h"

#include <net/ipv6.h>

#include "request.h"

struct refusal {
	const char *name;
	void (*write)(struct fixture *f);
	int err;
	const char *message; /* NULL: whatever the kernel's parser says */
};

static void long_prefix4(struct fixture *f)
{
	put_ip(f, ip4(10, 0, 0, 0), 33, 0);
}

static void long_prefix6(struct fixture *f)
{
	put_ip6(f, 1, 129);
}

static void short_endpoint(struct fixture *f)
{
	const struct sockaddr_in6 endpoint = { .sin6_family = AF_INET6 };

	nla_put(f->message, WG_PEER_A_ENDPOINT, sizeof(struct sockaddr_in),
		&endpoint);
}

static void odd_family(struct fixture *f)
{
	struct nlattr *ips = nla_nest_start(f->message, WG_PEER_A_ALLOWEDIPS);
	struct nlattr *nest = nla_nest_start(f->message, 0);

	nla_put_u16(f->message, WG_ALLOWEDIP_A_FAMILY, AF_UNIX);
	nla_put_u32(f->message, WG_ALLOWEDIP_A_IPADDR, 0);
	nla_put_u8(f->message, WG_ALLOWEDIP_A_CIDR_MASK, 0);
	nla_nest_end(f->message, nest);
	nla_nest_end(f->message, ips);
}

static void no_address(struct fixture *f)
{
	struct nlattr *ips = nla_nest_start(f->message, WG_PEER_A_ALLOWEDIPS);
	struct nlattr *nest = nla_nest_start(f->message, 0);

	nla_put_u16(f->message, WG_ALLOWEDIP_A_FAMILY, AF_INET);
	nla_nest_end(f->message, nest);
	nla_nest_end(f->message, ips);
}

static void unknown_flag(struct fixture *f)
{
	nla_put_u32(f->message, WG_PEER_A_FLAGS, 1U << 3);
}

static void unknown_attribute(struct fixture *f)
{
	nla_put_u32(f->message, WG_PEER_A_MAX + 1, 0);
}

static void future_protocol(struct fixture *f)
{
	nla_put_u32(f->message, WG_PEER_A_PROTOCOL_VERSION, 2);
}

static void control_in_name(struct fixture *f)
{
	nla_put_string(f->message, WG_PEER_A_NAME, "a\nb");
}

static void latin1_name(struct fixture *f)
{
	nla_put_string(f->message, WG_PEER_A_NAME, "K\xf6ln");
}

static void long_name(struct fixture *f)
{
	char name[WG_PEER_NAME_MAX + 2] = {};

	memset(name, 'n', WG_PEER_NAME_MAX + 1);
	nla_put_string(f->message, WG_PEER_A_NAME, name);
}

static void short_psk(struct fixture *f)
{
	nla_put(f->message, WG_PEER_A_PRESHARED_KEY, WG_KEY_LEN - 1, anna);
}

static void sent_back_counters(struct fixture *f)
{
	nla_put_u32(f->message, WG_PEER_A_COUNTERS, 0);
}

static void no_public_key(struct fixture *f)
{
	end_peer(f);
	f->peer = nla_nest_start(f->message, 0);
	nla_put_u16(f->message, WG_PEER_A_PERSISTENT_KEEPALIVE, 1);
}

static void bind_to(struct fixture *f, struct in6_addr addr)
{
	end_peers(f);
	nla_put_in6_addr(f->message, WG_DEVICE_A_BIND_ADDRESS, &addr);
}

static void broadcast_bound(struct fixture *f)
{
	struct in6_addr addr;

	ipv6_addr_set_v4mapped(htonl(INADDR_BROADCAST), &addr);
	bind_to(f, addr);
}

static void group4_bound(struct fixture *f)
{
	struct in6_addr addr;

	ipv6_addr_set_v4mapped(ip4(224, 0, 0, 1), &addr);
	bind_to(f, addr);
}

static void group6_bound(struct fixture *f)
{
	bind_to(f, (struct in6_addr){ .s6_addr = { 0xff, 2, [15] = 1 } });
}

static const struct refusal refusals[] = {
	{ "IPv4 prefix longer than 32", long_prefix4, -EINVAL,
	  "prefix length exceeds 32" },
	{ "IPv6 prefix longer than 128", long_prefix6, -EINVAL,
	  "prefix length exceeds 128" },
	{ "endpoint whose length is of another family", short_endpoint,
	  -EINVAL, "endpoint is neither sockaddr_in nor sockaddr_in6" },
	{ "allowed IP of an odd family", odd_family, -EINVAL,
	  "family is neither IPv4 nor IPv6" },
	{ "allowed IP without address", no_address, -EINVAL,
	  "allowed IP lacks family, address or prefix length" },
	{ "unknown flag", unknown_flag, -EINVAL, NULL },
	{ "unknown attribute", unknown_attribute, -EINVAL, NULL },
	{ "protocol version 2", future_protocol, -EPFNOSUPPORT,
	  "protocol version is not 1" },
	{ "newline in a name", control_in_name, -EINVAL,
	  "name is not UTF-8 without control characters" },
	{ "name that is not UTF-8", latin1_name, -EINVAL,
	  "name is not UTF-8 without control characters" },
	{ "name of 64 bytes", long_name, -EINVAL, NULL },
	{ "preshared key of 31 bytes", short_psk, -ERANGE, NULL },
	{ "counters sent back", sent_back_counters, -EINVAL,
	  "only reported" },
	{ "peer without a public key", no_public_key, -EINVAL,
	  "peer lacks a public key" },
	{ "bound to broadcast", broadcast_bound, -EINVAL,
	  "broadcast or multicast, no address to send from" },
	{ "bound to an IPv4 group", group4_bound, -EINVAL,
	  "broadcast or multicast, no address to send from" },
	{ "bound to an IPv6 group", group6_bound, -EINVAL,
	  "broadcast or multicast, no address to send from" },
};

static void describe_refusal(const struct refusal *refusal, char *text)
{
	strscpy(text, refusal->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refusal, refusals, describe_refusal);

static void a_bad_attribute_is_named_and_changes_nothing(struct kunit *test)
{
	const struct refusal *refusal = test->param_value;
	struct fixture *f = test->priv;
	struct sk_buff *before;
	const u8 *bad;

	set_base(test);
	before = dump(test, f, 1 << 16);
	write_rich(f);
	add_peer(f, dora, 0);
	refusal->write(f);
	KUNIT_EXPECT_EQ(test, apply(f), refusal->err);
	bad = (const u8 *)f->extack.bad_attr;
	KUNIT_ASSERT_NOT_NULL(test, bad);
	KUNIT_EXPECT_LT(test, bad - f->message->data, f->message->len);
	KUNIT_EXPECT_GT(test, bad - f->message->data, 0);
	KUNIT_ASSERT_NOT_NULL(test, f->extack._msg);
	KUNIT_EXPECT_STREQ(test, f->extack._msg,
			   refusal->message ?: f->extack._msg);
	expect_unchanged(test, f, before);
}

static bool has_bytes(const struct sk_buff *skb, const u8 *bytes)
{
	unsigned int i;

	for (i = 0; i + WG_KEY_LEN <= skb->len; i += 4)
		if (!memcmp(skb->data + i, bytes, WG_KEY_LEN))
			return true;
	return false;
}

static void keys_do_not_stay_in_the_message(struct kunit *test)
{
	struct fixture *f = test->priv;

	write_base(f);
	KUNIT_EXPECT_TRUE(test, has_bytes(f->message, secret));
	KUNIT_EXPECT_TRUE(test, has_bytes(f->message, dora));
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_FALSE(test, has_bytes(f->message, secret));
	KUNIT_EXPECT_FALSE(test, has_bytes(f->message, dora));

	write_base(f); /* nor when the request is refused */
	long_prefix4(f);
	KUNIT_EXPECT_EQ(test, apply(f), -EINVAL);
	KUNIT_EXPECT_FALSE(test, has_bytes(f->message, secret));
	KUNIT_EXPECT_FALSE(test, has_bytes(f->message, dora));
}

static struct kunit_case parse_test_cases[] = {
	KUNIT_CASE_PARAM(a_bad_attribute_is_named_and_changes_nothing,
			 refusal_gen_params),
	KUNIT_CASE(keys_do_not_stay_in_the_message),
	{}
};

static struct kunit_suite parse_test_suite = {
	.name = "wg_parse",
	.init = request_init,
	.exit = request_exit,
	.test_cases = parse_test_cases,
};

kunit_test_suite(parse_test_suite);
