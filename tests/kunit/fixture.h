/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device that is up, and the remote side of its peers: their keys, one UDP
 * socket on 127.0.0.1 where all of them listen, and what the device hands to
 * the stack. Handshakes are real, their remote half done by proto/noise alone.
 */
#ifndef _WG_TESTS_KUNIT_FIXTURE_H
#define _WG_TESTS_KUNIT_FIXTURE_H

#include <kunit/test-bug.h>
#include <kunit/test.h>
#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/ip.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/handshake.h"
#include "core/peer.h"
#include "core/session.h"
#include "ctl/netdev.h"
#include "path/path.h"
#include "proto/wire.h"

#define REMOTE_ADDR htonl(INADDR_LOOPBACK)
#define REMOTE_MAX 4

/**
 * struct remote - a peer's own half
 * @peer: the peer, as the device knows it
 * @local: its identity
 * @device: our device, as it knows that
 * @initiations: how many it wrote: timestamps rise
 */
struct remote {
	struct wg_peer *peer;
	struct wg_noise_local local;
	struct wg_noise_remote device;
	u32 initiations;
};

/* A packet waits, as if it had come while it could not leave. */
static inline void put_waiting(struct remote *remote, struct sk_buff *skb)
{
	spin_lock_bh(&remote->peer->lock);
	__skb_queue_tail(&remote->peer->txq.packets, skb);
	remote->peer->txq.bytes += skb->len;
	spin_unlock_bh(&remote->peer->lock);
}

/**
 * struct remote_session - a session, both halves
 * @session: the device's; NULL: the handshake failed
 * @keys: the remote side's
 * @counter: the next one that it sends
 */
struct remote_session {
	struct wg_session *session;
	struct wg_noise_keys keys;
	u64 counter;
};

/**
 * struct fixture - what a test case has
 * @dev: the device
 * @wg: its private part
 * @sock: where the remote sides listen
 * @port: its port
 * @remote: the remote sides, with peers 10.N.0.0/16 and fd00:N::/32
 * @remote_count: how many there are
 * @arrived: inner packets that the device handed to the stack
 */
struct fixture {
	struct net_device *dev;
	struct wg_device *wg;
	struct socket *sock;
	__be16 port;
	struct remote remote[REMOTE_MAX];
	unsigned int remote_count;
	struct sk_buff_head arrived;
};

static inline rx_handler_result_t fixture_arrive(struct sk_buff **skb)
{
	struct fixture *f = rcu_dereference((*skb)->dev->rx_handler_data);

	skb_queue_tail(&f->arrived, *skb);
	return RX_HANDLER_CONSUMED;
}

static inline int fixture_listen(struct fixture *f)
{
	struct udp_port_cfg cfg = {
		.family = AF_INET,
		.local_ip.s_addr = REMOTE_ADDR,
	};
	int err, on = 1;

	err = udp_sock_create(&init_net, &cfg, &f->sock);
	if (err) {
		f->sock = NULL;
		return err;
	}
	f->port = inet_sk(f->sock->sk)->inet_sport;
	WRITE_ONCE(f->sock->sk->sk_rcvbuf, 64 << 20);
	return f->sock->ops->setsockopt(f->sock, SOL_UDP, UDP_GRO,
					KERNEL_SOCKPTR(&on), sizeof(on));
}

static inline int fixture_make_device(struct fixture *f)
{
	int err;

	f->dev = alloc_netdev(sizeof(struct wg_device), "wgkunit%d",
			      NET_NAME_UNKNOWN, wg_netdev_setup);
	if (!f->dev)
		return -ENOMEM;
	f->wg = netdev_priv(f->dev);
	rtnl_lock();
	err = wg_netdev_create(f->dev, &init_net);
	if (!err)
		err = netdev_rx_handler_register(f->dev, fixture_arrive, f);
	if (!err)
		err = dev_open(f->dev, NULL);
	mutex_lock(&f->wg->config_lock);
	if (!err) /* whatever the machine */
		err = wg_rx_set_lanes(&f->wg->path->rx, 1);
	mutex_unlock(&f->wg->config_lock);
	/* packets are to be seen one by one */
	f->dev->features &= ~NETIF_F_GRO;
	rtnl_unlock();
	return err;
}

static inline struct fixture *fixture_make(struct kunit *test)
{
	static const u8 key[WG_KEY_SIZE] = { 0x10, 0x20, [31] = 0x44 };
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	skb_queue_head_init(&f->arrived);
	KUNIT_ASSERT_EQ(test, fixture_listen(f), 0);
	KUNIT_ASSERT_EQ(test, fixture_make_device(f), 0);
	mutex_lock(&f->wg->config_lock);
	wg_device_set_private_key_locked(f->wg, key);
	mutex_unlock(&f->wg->config_lock);
	return f;
}

static inline int fixture_init(struct kunit *test)
{
	test->priv = fixture_make(test);
	return 0;
}

static inline void fixture_free(struct fixture *f)
{
	rtnl_lock();
	netdev_rx_handler_unregister(f->dev);
	unregister_netdevice(f->dev);
	rtnl_unlock();
	skb_queue_purge(&f->arrived);
	sock_release(f->sock);
}

static inline void fixture_exit(struct kunit *test)
{
	if (test->priv)
		fixture_free(test->priv);
	test->priv = NULL;
}

static inline void fixture_up(struct fixture *f, bool is_up)
{
	rtnl_lock();
	if (is_up)
		dev_open(f->dev, NULL);
	else
		dev_close(f->dev);
	f->dev->features &= ~NETIF_F_GRO;
	rtnl_unlock();
}

static inline void fixture_allow(struct kunit *test, struct wg_peer *peer,
				 int family, const void *addr, u8 cidr)
{
	struct wg_allowed_ip *ip = wg_ip_alloc();
	struct wg_trie_txn txn;
	void *old;

	KUNIT_ASSERT_NOT_NULL(test, ip);
	ip->peer = peer;
	ip->family = family;
	ip->cidr = cidr;
	memcpy(&ip->ip, addr, family == AF_INET ? 4 : 16);
	wg_trie_begin(&txn, &peer->wg->ips);
	KUNIT_ASSERT_EQ(test, wg_trie_set(&txn, family, addr, cidr, ip, &old),
			0);
	wg_trie_commit(&txn);
	list_add_tail(&ip->node, &peer->allowed_ips);
}

/* One more remote side, whose peer is known to the device. */
static inline struct remote *fixture_remote(struct kunit *test)
{
	struct fixture *f = test->priv;
	u8 number = ++f->remote_count, key[WG_KEY_SIZE] = { 0x70, number };
	struct remote *remote = &f->remote[number - 1];
	const u8 addr4[4] = { 10, number }, addr6[16] = { 0xfd, 0, 0, number };
	struct wg_endpoint endpoint = { };

	endpoint.addr4.sin_family = AF_INET;
	endpoint.addr4.sin_port = f->port;
	endpoint.addr4.sin_addr.s_addr = REMOTE_ADDR;
	wg_noise_local_set(&remote->local, key);
	memcpy(remote->device.public_key, f->wg->local.public_key, WG_KEY_SIZE);
	wg_noise_remote_pair(&remote->device, &remote->local);

	mutex_lock(&f->wg->config_lock);
	remote->peer = wg_peer_create(f->wg, remote->local.public_key);
	if (!IS_ERR(remote->peer)) {
		wg_peer_set_endpoint(remote->peer, &endpoint);
		wg_peer_publish(remote->peer);
		fixture_allow(test, remote->peer, AF_INET, addr4, 16);
		fixture_allow(test, remote->peer, AF_INET6, addr6, 32);
	}
	mutex_unlock(&f->wg->config_lock);
	KUNIT_ASSERT_FALSE(test, IS_ERR(remote->peer));
	return remote;
}

static inline void fixture_forget_ips(struct fixture *f, struct remote *remote)
{
	struct wg_allowed_ip *ip;
	struct wg_trie_txn txn;
	void *old;

	wg_trie_begin(&txn, &f->wg->ips);
	list_for_each_entry(ip, &remote->peer->allowed_ips, node)
		wg_trie_clear(&txn, ip->family, &ip->ip, ip->cidr, &old);
	wg_trie_commit(&txn);
}

/* The end of a peer that was killed. */
static inline void fixture_finish(struct remote *remote)
{
	synchronize_net();
	wg_peer_finish(remote->peer);
	remote->peer = NULL;
}

/* Remove the peer of @remote as a change of configuration does. */
static inline void fixture_kill(struct fixture *f, struct remote *remote)
{
	mutex_lock(&f->wg->config_lock);
	fixture_forget_ips(f, remote);
	wg_peer_kill_locked(remote->peer);
	fixture_finish(remote);
	mutex_unlock(&f->wg->config_lock);
}

/* --- handshakes --- */

static inline struct wg_session *fixture_slot(struct wg_peer *peer,
					      enum wg_slot slot)
{
	struct wg_session *session;

	spin_lock_bh(&peer->lock);
	session = peer->slots[slot];
	spin_unlock_bh(&peer->lock);
	return session;
}

/* The device initiates, now, however short ago it did so before. */
static inline int fixture_write_initiation(struct wg_peer *peer,
					   struct wg_message_initiation *m)
{
	spin_lock_bh(&peer->lock);
	peer->timers.may_initiate_ns = 0;
	wg_clock_event_locked(peer, WG_EV_WANT_SESSION, wg_clock_now_ns());
	spin_unlock_bh(&peer->lock);
	return wg_handshake_initiate(peer, m);
}

/* The remote side's answer; its index is @index. */
static inline enum wg_noise_verdict
fixture_answer(struct remote *remote,
	       const struct wg_message_initiation *initiation, u32 index,
	       struct wg_message_response *response,
	       struct wg_noise_handshake *hs)
{
	struct wg_noise_fresh fresh = { .index = cpu_to_le32(index) };
	struct wg_noise_initiation opened;
	enum wg_noise_verdict verdict;

	get_random_bytes(fresh.ephemeral, sizeof(fresh.ephemeral));
	verdict = wg_noise_open_initiation(&opened, initiation, &remote->local);
	if (!verdict)
		verdict = wg_noise_check_initiation(&opened, initiation,
						    &remote->device);
	if (!verdict)
		verdict = wg_noise_create_response(response, hs, &opened,
						   &remote->device, &fresh);
	return verdict;
}

/* A session that the device began: it is current. */
static inline struct remote_session fixture_initiate(struct kunit *test,
						     struct remote *remote)
{
	struct wg_message_initiation initiation;
	struct wg_message_response response;
	struct wg_noise_handshake hs;
	struct remote_session s = { };
	struct wg_endpoint from;
	struct wg_peer *peer = NULL;

	KUNIT_ASSERT_EQ(test,
			fixture_write_initiation(remote->peer, &initiation), 0);
	KUNIT_ASSERT_EQ(test, fixture_answer(remote, &initiation, 0xfa4,
					     &response, &hs), 0);
	wg_peer_copy_endpoint(remote->peer, &from);
	KUNIT_ASSERT_EQ(test, wg_handshake_complete(remote->peer->wg, &response,
						    &from, &peer), 0);
	KUNIT_EXPECT_PTR_EQ(test, peer, remote->peer);
	wg_peer_put(peer);
	KUNIT_ASSERT_EQ(test, wg_noise_derive(&s.keys, &hs), 0);
	s.session = fixture_slot(remote->peer, WG_SLOT_CURRENT);
	KUNIT_ASSERT_NOT_NULL(test, s.session);
	return s;
}

/* The remote side's initiation, later than all before. */
static inline enum wg_noise_verdict
fixture_remote_initiation(struct remote *remote,
			  struct wg_message_initiation *m,
			  struct wg_noise_handshake *hs)
{
	struct wg_noise_fresh fresh = { .index = cpu_to_le32(0xfa5) };

	get_random_bytes(fresh.ephemeral, sizeof(fresh.ephemeral));
	wg_timestamp_encode(&fresh.timestamp, ++remote->initiations, 0);
	memset(hs, 0, sizeof(*hs));
	return wg_noise_create_initiation(m, hs, &remote->local,
					  &remote->device, &fresh);
}

/* A session that the remote side began: it is next, and not confirmed. */
/* How far a handshake of ours with @peer is. */
static inline enum wg_noise_state fixture_hs_state(const struct wg_peer *peer)
{
	return peer->hs ? peer->hs->noise.state : WG_NOISE_NONE;
}

/* The next initiation of @peer does not come too soon. */
static inline void fixture_let_initiate(struct wg_peer *peer)
{
	mutex_lock(&peer->hs_lock);
	if (peer->hs)
		peer->hs->past.accepted_ns = 0;
	mutex_unlock(&peer->hs_lock);
}

static inline struct remote_session fixture_respond(struct kunit *test,
						    struct remote *remote)
{
	struct wg_message_initiation initiation;
	struct wg_message_response response;
	struct wg_noise_handshake hs;
	struct remote_session s = { };
	struct wg_endpoint from;
	struct wg_peer *peer = NULL;

	wg_peer_copy_endpoint(remote->peer, &from);
	fixture_let_initiate(remote->peer);
	KUNIT_ASSERT_EQ(test,
			fixture_remote_initiation(remote, &initiation, &hs), 0);
	KUNIT_ASSERT_EQ(test,
			wg_handshake_respond(remote->peer->wg, &initiation,
					     &from, &response, &peer),
			0);
	wg_peer_put(peer);
	KUNIT_ASSERT_EQ(test, wg_noise_consume_response(&hs, &response,
							&remote->local,
							&remote->device), 0);
	KUNIT_ASSERT_EQ(test, wg_noise_derive(&s.keys, &hs), 0);
	s.session = fixture_slot(remote->peer, WG_SLOT_NEXT);
	KUNIT_ASSERT_NOT_NULL(test, s.session);
	return s;
}

/* --- what the device sends --- */

/*
 * The next datagram or run at the remote side, its payload at skb->data; NULL:
 * none. The softirq that brings it may still be on its way.
 */
static inline struct sk_buff *fixture_receive(struct fixture *f)
{
	struct sk_buff *skb = NULL;
	unsigned int tries;
	int offset = 0, err;

	for (tries = 0; !skb && tries < 5; tries++) {
		if (tries)
			usleep_range(100, 1000);
		skb = __skb_recv_udp(f->sock->sk, MSG_DONTWAIT, &offset, &err);
	}
	if (skb)
		skb->dev = NULL;
	return skb;
}

/* Forget what arrived at the remote side so far. Return: datagrams and runs. */
static inline unsigned int fixture_drain(struct fixture *f)
{
	unsigned int count = 0;
	struct sk_buff *skb;

	while ((skb = fixture_receive(f))) {
		count++;
		kfree_skb(skb);
	}
	return count;
}

/* --- what the device receives --- */

/*
 * Write a data message with @len bytes of @plain to @dst as the remote side of
 * @s does. Return: its length.
 */
static inline unsigned int fixture_seal(struct remote_session *s, u8 *dst,
					const void *plain, unsigned int len)
{
	struct wg_message_data *message = (struct wg_message_data *)dst;

	message->type = cpu_to_le32(WG_MESSAGE_DATA);
	message->receiver_index = s->session->index.value;
	message->counter = cpu_to_le64(s->counter);
	wg_aead_seal(message->ciphertext, plain, len, NULL, 0, s->counter,
		     s->keys.send);
	s->counter++;
	return len + WG_DATA_OVERHEAD;
}

/*
 * Put @skb, whose data are messages, into a datagram from 127.0.0.1 @port to
 * the device's, with traffic class @ds, as the loopback device has it.
 * Consumes @skb if there is an error.
 */
static inline int fixture_wrap(struct fixture *f, struct sk_buff *skb,
			       u16 port, u8 ds)
{
	struct flowi4 flow = { .daddr = REMOTE_ADDR, .saddr = REMOTE_ADDR };
	struct rtable *route = ip_route_output_key(&init_net, &flow);
	struct udphdr *udp;
	struct iphdr *ip;

	if (IS_ERR(route)) {
		kfree_skb(skb);
		return PTR_ERR(route);
	}
	udp = skb_push(skb, sizeof(*udp));
	*udp = (struct udphdr){
		.source = htons(port), .dest = htons(f->wg->listen_port),
		.len = htons(skb->len),
	};
	skb_reset_transport_header(skb);
	ip = skb_push(skb, sizeof(*ip));
	*ip = (struct iphdr){
		.version = 4, .ihl = 5, .tos = ds, .ttl = 64,
		.protocol = IPPROTO_UDP, .tot_len = htons(skb->len),
		.saddr = REMOTE_ADDR, .daddr = REMOTE_ADDR,
	};
	ip_send_check(ip);
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->pkt_type = PACKET_HOST;
	skb->dev = init_net.loopback_dev;
	skb_dst_set(skb, &route->dst);
	return 0;
}

/*
 * Give @skb to the device's socket in such a datagram. Takes effect at once
 * where BHs are on, else when they are on again. Consumes @skb.
 */
static inline int fixture_inject_ds(struct fixture *f, struct sk_buff *skb,
				    u16 port, u8 ds)
{
	int err = fixture_wrap(f, skb, port, ds);

	return err ?: netif_rx(skb);
}

static inline int fixture_inject(struct fixture *f, struct sk_buff *skb,
				 u16 port)
{
	return fixture_inject_ds(f, skb, port, 0);
}

/* An skb for @len bytes of messages, with room for what goes before them. */
static inline struct sk_buff *fixture_datagram(struct kunit *test,
					       unsigned int len)
{
	struct sk_buff *skb = alloc_skb(128 + len, GFP_ATOMIC);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 128);
	skb->dev = init_net.loopback_dev;
	return skb;
}

/* Say that @skb is an aggregate of messages of @size bytes. */
static inline void fixture_aggregate(struct sk_buff *skb, unsigned int size)
{
	skb_shinfo(skb)->gso_size = size;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(skb->len, size);
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
}

/* Does @claim become true? It is asked often; only a machine in need waits long. */
#define comes_true(claim)						\
({									\
	unsigned long end_ = jiffies + 20 * HZ;				\
	bool is_true_;							\
									\
	while (!(is_true_ = (claim)) && time_before(jiffies, end_))	\
		usleep_range(100, 1000);				\
	is_true_;							\
})

/* Until the device has handed over @count packets in all; bounded. */
static inline void fixture_await(struct fixture *f, unsigned int count)
{
	comes_true(skb_queue_len_lockless(&f->arrived) >= count);
}

/* How often the device dropped for @reason. */
static inline u64 fixture_drops(struct fixture *f, enum wg_drop_reason reason)
{
	return wg_drop_sum(f->wg, reason);
}

static inline int fixture_peer_drops(struct wg_peer *peer,
				     enum wg_drop_reason reason)
{
	return peer->drops ? atomic_read(&peer->drops->count[reason]) : 0;
}

/* The clock, which is as coarse as the tick, has moved on. */
static inline void fixture_next_tick(void)
{
	u64 now_ns = wg_clock_now_ns();

	while (wg_clock_now_ns() == now_ns)
		usleep_range(1000, 2000);
}

/* Work that was asked for is done. */
static inline void fixture_settle(void)
{
	struct fixture *f = kunit_get_current_test()->priv;

	flush_workqueue(f->wg->workqueue);
	flush_workqueue(f->wg->peer_workqueue);
	flush_workqueue(f->wg->flush_workqueue);
}

#endif
