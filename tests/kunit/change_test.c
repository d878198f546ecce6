// SPDX-License-Identifier: GPL-2.0
/*
 * Set requests as one transaction: on a registered device, with messages made
 * of real attributes, judged by what a get request would report.
 */
#include "ctl/change.h"

#include <kunit/test.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#include <uapi/linux/wg.h>

#include "core/device.h"
#include "core/peer.h"
#include "ctl/dump.h"
#include "ctl/netdev.h"
#include "proto/crypto.h"
#include "fault.h"

#define MESSAGE_MAX (1024 * 1024)

static struct task_struct *fault_task; /* who is asked; NULL: nobody */
static unsigned int fault_countdown;

void wg_fault_arm(unsigned int nth)
{
	fault_countdown = nth;
	WRITE_ONCE(fault_task, current);
}

bool wg_fault_disarm(void)
{
	WRITE_ONCE(fault_task, NULL);
	return !fault_countdown;
}

bool wg_fault_is_due(void)
{
	if (READ_ONCE(fault_task) != current || !fault_countdown)
		return false;
	return !--fault_countdown;
}

/* Who takes part; the last byte tells them apart. */
static const u8 anna[WG_KEY_LEN] = { [0] = 9, [31] = 1 };
static const u8 bert[WG_KEY_LEN] = { [0] = 9, [31] = 2 };
static const u8 carl[WG_KEY_LEN] = { [0] = 9, [31] = 3 };
static const u8 dora[WG_KEY_LEN] = { [0] = 9, [31] = 4 };
static const u8 secret[WG_KEY_LEN] = { [0] = 0x50, [31] = 0x47 };
static const u8 other_secret[WG_KEY_LEN] = { [0] = 0x60, [31] = 0x48 };

struct fixture {
	struct net_device *dev;
	struct wg_device *wg;
	struct sk_buff *message; /* the request that is being written */
	struct netlink_ext_ack extack;
	struct nlattr *peers, *peer, *ips; /* nests that are open */
};

static int change_test_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	f->dev = alloc_netdev(sizeof(struct wg_device), "wgkunit%d",
			      NET_NAME_UNKNOWN, wg_netdev_setup);
	KUNIT_ASSERT_NOT_NULL(test, f->dev);
	f->wg = netdev_priv(f->dev);
	rtnl_lock();
	err = wg_netdev_create(f->dev, &init_net);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
	return 0;
}

static void change_test_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f || !f->dev)
		return;
	rtnl_lock();
	unregister_netdevice(f->dev);
	rtnl_unlock();
	kfree_skb(f->message);
}

/* --- writing requests; a message that is full fails the test at the end --- */

static void begin(struct fixture *f)
{
	kfree_skb(f->message);
	f->message = alloc_skb(MESSAGE_MAX, GFP_KERNEL | __GFP_NOFAIL);
	f->peers = NULL;
	f->peer = NULL;
	f->ips = NULL;
}

static void close_nest(struct fixture *f, struct nlattr **nest)
{
	if (*nest)
		nla_nest_end(f->message, *nest);
	*nest = NULL;
}

static void end_peer(struct fixture *f)
{
	close_nest(f, &f->ips);
	close_nest(f, &f->peer);
}

static void end_peers(struct fixture *f)
{
	end_peer(f);
	close_nest(f, &f->peers);
}

static void add_peer(struct fixture *f, const u8 *key, u32 flags)
{
	end_peer(f);
	if (!f->peers)
		f->peers = nla_nest_start(f->message, WG_DEVICE_A_PEERS);
	f->peer = nla_nest_start(f->message, 0);
	nla_put(f->message, WG_PEER_A_PUBLIC_KEY, WG_KEY_LEN, key);
	if (flags)
		nla_put_u32(f->message, WG_PEER_A_FLAGS, flags);
}

static void put_ip(struct fixture *f, __be32 addr, u8 cidr, u32 flags)
{
	struct nlattr *nest;

	if (!f->ips)
		f->ips = nla_nest_start(f->message, WG_PEER_A_ALLOWEDIPS);
	nest = nla_nest_start(f->message, 0);
	nla_put_u16(f->message, WG_ALLOWEDIP_A_FAMILY, AF_INET);
	nla_put(f->message, WG_ALLOWEDIP_A_IPADDR, sizeof(addr), &addr);
	nla_put_u8(f->message, WG_ALLOWEDIP_A_CIDR_MASK, cidr);
	if (flags)
		nla_put_u32(f->message, WG_ALLOWEDIP_A_FLAGS, flags);
	nla_nest_end(f->message, nest);
}

static void put_ip6(struct fixture *f, u8 last_byte, u8 cidr)
{
	struct in6_addr addr = { .s6_addr = { 0xfd, [15] = last_byte } };
	struct nlattr *nest;

	if (!f->ips)
		f->ips = nla_nest_start(f->message, WG_PEER_A_ALLOWEDIPS);
	nest = nla_nest_start(f->message, 0);
	nla_put_u16(f->message, WG_ALLOWEDIP_A_FAMILY, AF_INET6);
	nla_put(f->message, WG_ALLOWEDIP_A_IPADDR, sizeof(addr), &addr);
	nla_put_u8(f->message, WG_ALLOWEDIP_A_CIDR_MASK, cidr);
	nla_nest_end(f->message, nest);
}

static void put_endpoint(struct fixture *f, __be32 addr)
{
	const struct sockaddr_in endpoint = {
		.sin_family = AF_INET,
		.sin_port = htons(51820),
		.sin_addr.s_addr = addr,
	};

	nla_put(f->message, WG_PEER_A_ENDPOINT, sizeof(endpoint), &endpoint);
}

static __be32 ip4(u8 a, u8 b, u8 c, u8 d)
{
	return htonl((u32)a << 24 | b << 16 | c << 8 | d);
}

static int apply(struct fixture *f)
{
	end_peers(f);
	memset(&f->extack, 0, sizeof(f->extack));
	return wg_change_apply(f->wg, (struct nlattr *)f->message->data,
			       f->message->len, &f->extack);
}

/* --- looking at the device --- */

static struct wg_peer *find(struct fixture *f, const u8 *key)
{
	struct wg_peer *peer;

	mutex_lock(&f->wg->config_lock);
	peer = wg_peer_find_locked(f->wg, key);
	mutex_unlock(&f->wg->config_lock);
	return peer;
}

/* Whose address is it? */
static struct wg_peer *owner(struct fixture *f, __be32 addr)
{
	struct wg_allowed_ip *ip;
	struct wg_peer *peer;

	rcu_read_lock();
	ip = wg_trie_lookup4_rcu(&f->wg->ips, addr);
	peer = ip ? ip->peer : NULL;
	rcu_read_unlock();
	return peer;
}

static unsigned int count_ips(const struct wg_peer *peer)
{
	return list_count_nodes((struct list_head *)&peer->allowed_ips);
}

/* All that a get request reports, in messages of @size bytes. */
static struct sk_buff *dump(struct kunit *test, struct fixture *f,
			    unsigned int size)
{
	struct sk_buff *all = alloc_skb(MESSAGE_MAX, GFP_KERNEL);
	struct sk_buff *part = alloc_skb(size, GFP_KERNEL);
	struct wg_dump state = { .device_id = f->wg->id };

	KUNIT_ASSERT_NOT_NULL(test, all);
	KUNIT_ASSERT_NOT_NULL(test, part);
	mutex_lock(&f->wg->config_lock);
	while (!state.is_done) {
		skb_trim(part, 0);
		if (skb_tailroom(part) > size)
			skb_reserve(part, skb_tailroom(part) - size);
		if (wg_dump_fill_locked(&state, part, f->wg)) {
			KUNIT_FAIL(test, "a message of %u bytes holds nothing",
				   size);
			break;
		}
		skb_put_data(all, part->data, part->len);
	}
	mutex_unlock(&f->wg->config_lock);
	kfree_skb(part);
	return all;
}

static bool is_same(const struct sk_buff *a, const struct sk_buff *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* --- the requests --- */

static void write_base(struct fixture *f)
{
	begin(f);
	nla_put(f->message, WG_DEVICE_A_PRIVATE_KEY, WG_KEY_LEN, secret);
	nla_put_u16(f->message, WG_DEVICE_A_LISTEN_PORT, 4711);
	add_peer(f, anna, 0);
	nla_put(f->message, WG_PEER_A_PRESHARED_KEY, WG_KEY_LEN, dora);
	nla_put_string(f->message, WG_PEER_A_NAME, "anna");
	put_endpoint(f, ip4(192, 0, 2, 1));
	put_ip(f, ip4(10, 0, 0, 1), 32, 0);
	put_ip(f, ip4(10, 1, 0, 0), 16, 0);
	add_peer(f, bert, 0);
	put_ip(f, ip4(10, 0, 0, 2), 32, 0);
	put_ip6(f, 2, 128);
}

static void set_base(struct kunit *test)
{
	struct fixture *f = test->priv;

	write_base(f);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
}

/* Something of everything, in an order that matters. */
static void write_rich(struct fixture *f)
{
	begin(f);
	nla_put(f->message, WG_DEVICE_A_PRIVATE_KEY, WG_KEY_LEN,
		other_secret);
	nla_put_u32(f->message, WG_DEVICE_A_FWMARK, 77);
	add_peer(f, anna, WG_PEER_F_REMOVE_ME);
	add_peer(f, carl, 0);
	nla_put_string(f->message, WG_PEER_A_NAME, "carl");
	nla_put_u16(f->message, WG_PEER_A_PERSISTENT_KEEPALIVE, 25);
	put_endpoint(f, ip4(192, 0, 2, 3));
	put_ip(f, ip4(10, 0, 0, 2), 32, 0); /* bert's */
	put_ip(f, ip4(10, 1, 0, 0), 16, 0); /* was anna's */
	put_ip6(f, 3, 64);
	end_peers(f);
	add_peer(f, anna, 0); /* again, in a second nest of peers */
	put_ip(f, ip4(10, 0, 0, 9), 24, 0);
	add_peer(f, dora, 0);
	put_ip(f, ip4(10, 0, 0, 9), 32, 0);
	add_peer(f, bert, WG_PEER_F_REPLACE_ALLOWEDIPS);
	put_ip(f, ip4(10, 9, 0, 0), 16, 0);
	add_peer(f, dora, WG_PEER_F_REMOVE_ME);
	add_peer(f, carl, 0);
	nla_put(f->message, WG_PEER_A_PRESHARED_KEY, WG_KEY_LEN, dora);
	put_ip(f, ip4(10, 9, 9, 0), 24, 0);
}

static void expect_rich(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_peer *a = find(f, anna), *b = find(f, bert);
	struct wg_peer *c = find(f, carl);

	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_ASSERT_NOT_NULL(test, c);
	KUNIT_EXPECT_NULL(test, find(f, dora));
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 3);
	KUNIT_EXPECT_EQ(test, f->wg->fwmark, 77);
	KUNIT_EXPECT_EQ(test, f->wg->ips_moved, 1);
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 0, 0, 2)), c);
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 0, 0, 1)), a);
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 0, 0, 9)), a);
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 1, 2, 3)), c);
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 9, 1, 1)), b);
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 9, 9, 1)), c);
	KUNIT_EXPECT_EQ(test, count_ips(a), 1);
	KUNIT_EXPECT_EQ(test, count_ips(b), 1);
	KUNIT_EXPECT_EQ(test, count_ips(c), 4);
	KUNIT_EXPECT_STREQ(test, c->name, "carl");
	KUNIT_EXPECT_FALSE(test, wg_endpoint_is_set(&a->endpoint));
	KUNIT_EXPECT_NULL(test, a->name);
	KUNIT_EXPECT_TRUE(test, wg_equal(c->remote.psk, dora, WG_KEY_LEN));
}

/* --- cases --- */

static void each_failed_allocation_changes_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *before, *after;
	unsigned int nth;
	int err;

	set_base(test);
	before = dump(test, f, 1 << 16);
	for (nth = 1; ; nth++) {
		bool has_failed;

		write_rich(f);
		wg_fault_arm(nth);
		err = apply(f);
		has_failed = wg_fault_disarm();
		if (!has_failed)
			break;
		after = dump(test, f, 1 << 16);
		KUNIT_EXPECT_EQ_MSG(test, err, -ENOMEM, "allocation %u", nth);
		KUNIT_EXPECT_TRUE_MSG(test, is_same(before, after),
				      "allocation %u", nth);
		kfree_skb(after);
		if (err != -ENOMEM)
			break;
	}
	kfree_skb(before);
	kunit_info(test, "%u allocations", nth - 1);
	/* 2 arrays, 4 drafts, 2 peers, 1 name, 8 allowed IPs, and the trie's */
	KUNIT_EXPECT_GT(test, nth, 17);
	KUNIT_EXPECT_EQ(test, err, 0);
	expect_rich(test);
}

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
	nla_put_u32(f->message, WG_PEER_A_PAD + 1, 0);
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
	struct sk_buff *before, *after;
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
	after = dump(test, f, 1 << 16);
	KUNIT_EXPECT_TRUE(test, is_same(before, after));
	kfree_skb(before);
	kfree_skb(after);
}

static void a_busy_port_changes_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(4712),
	};
	struct sk_buff *before, *after;
	struct socket *sock;
	int err;

	set_base(test);
	rtnl_lock();
	err = dev_open(f->dev, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
	err = sock_create_kern(&init_net, AF_INET, SOCK_DGRAM, IPPROTO_UDP,
			       &sock);
	KUNIT_ASSERT_EQ(test, err, 0);
	err = kernel_bind(sock, (void *)&addr, sizeof(addr));
	before = dump(test, f, 1 << 16);
	write_rich(f);
	end_peers(f);
	nla_put_u16(f->message, WG_DEVICE_A_LISTEN_PORT, 4712);
	KUNIT_EXPECT_EQ(test, apply(f), -EADDRINUSE);
	after = dump(test, f, 1 << 16);
	sock_release(sock);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE(test, is_same(before, after));
	kfree_skb(before);
	kfree_skb(after);
}

static void a_running_device_takes_a_new_port(struct kunit *test)
{
	struct fixture *f = test->priv;
	int err;

	set_base(test);
	rtnl_lock();
	err = dev_open(f->dev, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
	begin(f);
	nla_put_u16(f->message, WG_DEVICE_A_LISTEN_PORT, 4713);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_EQ(test, f->wg->listen_port, 4713);
	begin(f);
	nla_put_u16(f->message, WG_DEVICE_A_LISTEN_PORT, 0);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_NE(test, f->wg->listen_port, 4713);
	KUNIT_EXPECT_NE(test, f->wg->listen_port, 0);
}

static void unknown_peers_are_passed_over(struct kunit *test)
{
	struct fixture *f = test->priv;

	begin(f);
	add_peer(f, anna, WG_PEER_F_REMOVE_ME);
	add_peer(f, bert, WG_PEER_F_UPDATE_ONLY);
	put_ip(f, ip4(10, 0, 0, 2), 32, 0);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 0);
	KUNIT_EXPECT_NULL(test, owner(f, ip4(10, 0, 0, 2)));
}

static void our_own_key_is_no_peer(struct kunit *test)
{
	struct fixture *f = test->priv;
	u8 clamped[WG_KEY_LEN], ours[WG_KEY_LEN];

	memcpy(clamped, secret, sizeof(clamped));
	wg_clamp(clamped);
	KUNIT_ASSERT_TRUE(test, wg_x25519_public(ours, clamped));
	begin(f);
	add_peer(f, ours, 0);
	put_ip(f, ip4(10, 0, 0, 2), 32, 0);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 1);

	/* the peer's key becomes ours: the peer goes */
	begin(f);
	nla_put(f->message, WG_DEVICE_A_PRIVATE_KEY, WG_KEY_LEN, secret);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 0);
	KUNIT_EXPECT_NULL(test, owner(f, ip4(10, 0, 0, 2)));

	/* and does not come again */
	begin(f);
	add_peer(f, ours, 0);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 0);
}

static void replacing_keeps_only_what_is_named(struct kunit *test)
{
	struct fixture *f = test->priv;

	set_base(test);
	begin(f);
	nla_put_u32(f->message, WG_DEVICE_A_FLAGS,
		    WG_DEVICE_F_REPLACE_PEERS);
	add_peer(f, anna, 0);
	put_ip(f, ip4(10, 0, 0, 2), 32, 0);
	add_peer(f, carl, 0);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 2);
	KUNIT_EXPECT_NULL(test, find(f, bert));
	KUNIT_ASSERT_NOT_NULL(test, find(f, anna));
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 0, 0, 2)), find(f, anna));
	KUNIT_EXPECT_NULL(test, owner(f, ip4(10, 0, 0, 1)));
	KUNIT_EXPECT_NULL(test, owner(f, ip4(10, 1, 0, 1)));
	KUNIT_EXPECT_NULL(test, find(f, anna)->name);
	KUNIT_EXPECT_FALSE(test,
			   wg_endpoint_is_set(&find(f, anna)->endpoint));
	KUNIT_EXPECT_EQ(test, f->wg->ips_moved, 0);
}

static void a_moved_prefix_is_refused_on_request(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *before, *after;

	set_base(test);
	before = dump(test, f, 1 << 16);
	begin(f);
	nla_put_u32(f->message, WG_DEVICE_A_FLAGS, WG_DEVICE_F_EXCLUSIVE_IPS);
	add_peer(f, carl, 0);
	put_ip(f, ip4(10, 7, 0, 0), 16, 0);
	put_ip(f, ip4(10, 0, 0, 2), 32, 0);
	KUNIT_EXPECT_EQ(test, apply(f), -EEXIST);
	KUNIT_EXPECT_STREQ(test, f->extack._msg,
			   "allowed IP belongs to another peer");
	after = dump(test, f, 1 << 16);
	KUNIT_EXPECT_TRUE(test, is_same(before, after));
	kfree_skb(before);
	kfree_skb(after);
}

static void only_the_owner_loses_a_prefix(struct kunit *test)
{
	struct fixture *f = test->priv;

	set_base(test);
	begin(f);
	add_peer(f, anna, 0);
	put_ip(f, ip4(10, 0, 0, 2), 32, WG_ALLOWEDIP_F_REMOVE_ME); /* bert's */
	put_ip(f, ip4(10, 0, 0, 1), 32, WG_ALLOWEDIP_F_REMOVE_ME);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 0, 0, 2)), find(f, bert));
	KUNIT_EXPECT_NULL(test, owner(f, ip4(10, 0, 0, 1)));
	KUNIT_EXPECT_EQ(test, count_ips(find(f, anna)), 1);
}

static void host_bits_are_masked(struct kunit *test)
{
	struct fixture *f = test->priv;
	const struct wg_allowed_ip *ip;

	begin(f);
	add_peer(f, anna, 0);
	put_ip(f, ip4(10, 255, 255, 255), 9, 0);
	put_ip(f, ip4(10, 255, 0, 1), 9, 0); /* the same */
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_ASSERT_EQ(test, count_ips(find(f, anna)), 1);
	ip = list_first_entry(&find(f, anna)->allowed_ips,
			      struct wg_allowed_ip, node);
	KUNIT_EXPECT_EQ(test, ip->ip.v4.s_addr, ip4(10, 128, 0, 0));
	KUNIT_EXPECT_EQ(test, ip->cidr, 9);
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

static void make_key(u8 *key, unsigned int number)
{
	memset(key, 0, WG_KEY_LEN);
	key[0] = 9;
	memcpy(key + 4, &number, sizeof(number));
}

/* A thousand peers of 40 bytes each fit in one nest. */
static void write_many(struct fixture *f, unsigned int count, u32 flags)
{
	u8 key[WG_KEY_LEN];
	unsigned int i;

	begin(f);
	for (i = 0; i < count; i++) {
		if (i % 500 == 0)
			end_peers(f);
		make_key(key, i);
		add_peer(f, key, flags);
		if (!flags)
			put_ip(f, htonl(i << 4), 28, 0);
	}
}

static void thousands_come_and_go_in_one_request(struct kunit *test)
{
	const unsigned int count = 5000;
	struct fixture *f = test->priv;
	unsigned long start;

	write_many(f, count, 0);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, count);
	KUNIT_EXPECT_NOT_NULL(test, owner(f, htonl((count - 1) << 4)));
	write_many(f, count, WG_PEER_F_REMOVE_ME);
	start = jiffies;
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->wg->peers));
	KUNIT_EXPECT_NULL(test, owner(f, 0));
	/* one grace period for all: far less than one for each */
	KUNIT_EXPECT_LT(test, jiffies_to_msecs(jiffies - start), 2000);
}

/* Count the peers that a dump in small parts has, and their allowed IPs. */
static void count_in_parts(struct sk_buff *all, unsigned int *peers,
			   unsigned int *ips)
{
	struct nlattr *attr, *peer, *part, *entry;
	int rest, rest2, rest3, rest4;

	nla_for_each_attr(attr, (struct nlattr *)all->data, all->len, rest) {
		if (nla_type(attr) != WG_DEVICE_A_PEERS)
			continue;
		nla_for_each_nested(peer, attr, rest2) {
			nla_for_each_nested(part, peer, rest3) {
				if (nla_type(part) == WG_PEER_A_RX_BYTES)
					(*peers)++;
				if (nla_type(part) != WG_PEER_A_ALLOWEDIPS)
					continue;
				nla_for_each_nested(entry, part, rest4)
					(*ips)++;
			}
		}
	}
}

static void a_dump_of_many_parts_is_whole(struct kunit *test)
{
	static const unsigned int sizes[] = { 2000, 3776, 16384, 1 << 18 };
	struct fixture *f = test->priv;
	unsigned int i;

	write_many(f, 300, 0);
	add_peer(f, anna, 0);
	for (i = 0; i < 1500; i++) /* more than a message holds */
		put_ip(f, htonl(0xc0000000 + i), 32, 0);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct sk_buff *all = dump(test, f, sizes[i]);
		unsigned int peers = 0, ips = 0;

		count_in_parts(all, &peers, &ips);
		KUNIT_EXPECT_EQ_MSG(test, peers, 301, "size %u", sizes[i]);
		KUNIT_EXPECT_EQ_MSG(test, ips, 1800, "size %u", sizes[i]);
		kfree_skb(all);
	}
}

static void a_dump_survives_the_removal_of_its_place(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *part = alloc_skb(4096, GFP_KERNEL);
	struct wg_dump state = {};
	unsigned int peers = 0, ips = 0;
	u8 key[WG_KEY_LEN];
	int err;

	KUNIT_ASSERT_NOT_NULL(test, part);
	write_many(f, 100, 0);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	mutex_lock(&f->wg->config_lock);
	err = wg_dump_fill_locked(&state, part, f->wg);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_ASSERT_NOT_NULL(test, state.peer);
	count_in_parts(part, &peers, &ips);

	begin(f);
	memcpy(key, state.peer->remote.public_key, sizeof(key));
	add_peer(f, key, WG_PEER_F_REMOVE_ME);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	while (!err && !state.is_done) {
		skb_trim(part, 0);
		mutex_lock(&f->wg->config_lock);
		err = wg_dump_fill_locked(&state, part, f->wg);
		mutex_unlock(&f->wg->config_lock);
		count_in_parts(part, &peers, &ips);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, peers, 99);
	kfree_skb(part);
}

static struct kunit_case change_test_cases[] = {
	KUNIT_CASE(each_failed_allocation_changes_nothing),
	KUNIT_CASE_PARAM(a_bad_attribute_is_named_and_changes_nothing,
			 refusal_gen_params),
	KUNIT_CASE(a_busy_port_changes_nothing),
	KUNIT_CASE(a_running_device_takes_a_new_port),
	KUNIT_CASE(unknown_peers_are_passed_over),
	KUNIT_CASE(our_own_key_is_no_peer),
	KUNIT_CASE(replacing_keeps_only_what_is_named),
	KUNIT_CASE(a_moved_prefix_is_refused_on_request),
	KUNIT_CASE(only_the_owner_loses_a_prefix),
	KUNIT_CASE(host_bits_are_masked),
	KUNIT_CASE(keys_do_not_stay_in_the_message),
	KUNIT_CASE(thousands_come_and_go_in_one_request),
	KUNIT_CASE(a_dump_of_many_parts_is_whole),
	KUNIT_CASE(a_dump_survives_the_removal_of_its_place),
	{}
};

static struct kunit_suite change_test_suite = {
	.name = "wg_change",
	.init = change_test_init,
	.exit = change_test_exit,
	.test_cases = change_test_cases,
};

kunit_test_suite(change_test_suite);
