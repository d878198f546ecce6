/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to a registered device, made of real attributes, and what a get
 * request would report of it afterwards.
 */
#ifndef _WG_TESTS_KUNIT_REQUEST_H
#define _WG_TESTS_KUNIT_REQUEST_H

#include <kunit/test.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#include <uapi/linux/wg.h>

#include "core/device.h"
#include "core/peer.h"
#include "ctl/change.h"
#include "ctl/dump.h"
#include "ctl/netdev.h"

#define MESSAGE_MAX (1024 * 1024)

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

static inline int request_init(struct kunit *test)
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

static inline void request_exit(struct kunit *test)
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

static inline void begin(struct fixture *f)
{
	kfree_skb(f->message);
	f->message = alloc_skb(MESSAGE_MAX, GFP_KERNEL | __GFP_NOFAIL);
	f->peers = NULL;
	f->peer = NULL;
	f->ips = NULL;
}

static inline void close_nest(struct fixture *f, struct nlattr **nest)
{
	if (*nest)
		nla_nest_end(f->message, *nest);
	*nest = NULL;
}

static inline void end_peer(struct fixture *f)
{
	close_nest(f, &f->ips);
	close_nest(f, &f->peer);
}

static inline void end_peers(struct fixture *f)
{
	end_peer(f);
	close_nest(f, &f->peers);
}

static inline void add_peer(struct fixture *f, const u8 *key, u32 flags)
{
	end_peer(f);
	if (!f->peers)
		f->peers = nla_nest_start(f->message, WG_DEVICE_A_PEERS);
	f->peer = nla_nest_start(f->message, 0);
	nla_put(f->message, WG_PEER_A_PUBLIC_KEY, WG_KEY_LEN, key);
	if (flags)
		nla_put_u32(f->message, WG_PEER_A_FLAGS, flags);
}

static inline void put_ip(struct fixture *f, __be32 addr, u8 cidr, u32 flags)
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

static inline void put_ip6(struct fixture *f, u8 last_byte, u8 cidr)
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

static inline void put_endpoint(struct fixture *f, __be32 addr)
{
	const struct sockaddr_in endpoint = {
		.sin_family = AF_INET,
		.sin_port = htons(51820),
		.sin_addr.s_addr = addr,
	};

	nla_put(f->message, WG_PEER_A_ENDPOINT, sizeof(endpoint), &endpoint);
}

static inline __be32 ip4(u8 a, u8 b, u8 c, u8 d)
{
	return htonl((u32)a << 24 | b << 16 | c << 8 | d);
}

static inline int apply(struct fixture *f)
{
	end_peers(f);
	memset(&f->extack, 0, sizeof(f->extack));
	return wg_change_apply(f->wg, (struct nlattr *)f->message->data,
			       f->message->len, &f->extack);
}

/* --- looking at the device --- */

static inline struct wg_peer *find(struct fixture *f, const u8 *key)
{
	struct wg_peer *peer;

	mutex_lock(&f->wg->config_lock);
	peer = wg_peer_find_locked(f->wg, key);
	mutex_unlock(&f->wg->config_lock);
	return peer;
}

/* Whose address is it? */
static inline struct wg_peer *owner(struct fixture *f, __be32 addr)
{
	struct wg_allowed_ip *ip;
	struct wg_peer *peer;

	rcu_read_lock();
	ip = wg_trie_lookup4_rcu(&f->wg->ips, addr);
	peer = ip ? ip->peer : NULL;
	rcu_read_unlock();
	return peer;
}

static inline unsigned int count_ips(const struct wg_peer *peer)
{
	return list_count_nodes((struct list_head *)&peer->allowed_ips);
}

/* All that a get request reports, in messages of @size bytes. */
static inline struct sk_buff *dump(struct kunit *test, struct fixture *f,
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
	wg_dump_end(&state);
	kfree_skb(part);
	return all;
}

static inline bool is_same(const struct sk_buff *a, const struct sk_buff *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* The device is as it was at the dump @before, which is freed. */
static inline void expect_unchanged(struct kunit *test, struct fixture *f,
				    struct sk_buff *before)
{
	struct sk_buff *after = dump(test, f, 1 << 16);

	KUNIT_EXPECT_TRUE(test, is_same(before, after));
	kfree_skb(before);
	kfree_skb(after);
}

/* --- the requests --- */

static inline void write_base(struct fixture *f)
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

static inline void set_base(struct kunit *test)
{
	struct fixture *f = test->priv;

	write_base(f);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
}

/* Something of everything, in an order that matters. */
static inline void write_rich(struct fixture *f)
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

/* Different for each @number, and none of those above. */
static inline void make_key(u8 *key, unsigned int number)
{
	memset(key, 0, WG_KEY_LEN);
	key[0] = 9;
	memcpy(key + 4, &number, sizeof(number));
}

/* A thousand peers of 40 bytes each fit in one nest. */
static inline void write_many(struct fixture *f, unsigned int count, u32 flags)
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

#endif
