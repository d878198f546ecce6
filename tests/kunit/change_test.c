// SPDX-License-Identifier: GPL-2.0
/*
 * Set requests as one transaction, judged by what a get request would report.
 */
#include "ctl/change.h"

#include <crypto/curve25519.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <net/ipv6.h>

#include "ctl/parse.h"
#include "fault.h"
#include "listener.h"
#include "proto/crypto.h"
#include "request.h"

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
	/* 3 arrays, 2 peers, 1 name, 8 allowed IPs, and the trie's */
	KUNIT_EXPECT_GT(test, nth, 14);
	KUNIT_EXPECT_EQ(test, err, 0);
	expect_rich(test);
}

/* A device with peers that is up. */
static void open_base(struct kunit *test)
{
	struct fixture *f = test->priv;
	int err;

	set_base(test);
	rtnl_lock();
	err = dev_open(f->dev, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
}

static void a_busy_port_changes_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(4712),
	};
	struct sk_buff *before;
	struct socket *sock;
	int err;

	open_base(test);
	err = sock_create_kern(&init_net, AF_INET, SOCK_DGRAM, IPPROTO_UDP,
			       &sock);
	KUNIT_ASSERT_EQ(test, err, 0);
	err = kernel_bind(sock, (void *)&addr, sizeof(addr));
	before = dump(test, f, 1 << 16);
	write_rich(f);
	end_peers(f);
	nla_put_u16(f->message, WG_DEVICE_A_LISTEN_PORT, 4712);
	KUNIT_EXPECT_EQ(test, apply(f), -EADDRINUSE);
	sock_release(sock);
	KUNIT_EXPECT_EQ(test, err, 0);
	expect_unchanged(test, f, before);
}

static void a_running_device_takes_a_new_port(struct kunit *test)
{
	struct fixture *f = test->priv;

	open_base(test);
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

/* Request what the device is to be bound to, and no other change. */
static int apply_bound(struct fixture *f, const char *dev, __be32 addr)
{
	struct in6_addr mapped = { };

	if (addr)
		ipv6_addr_set_v4mapped(addr, &mapped);
	begin(f);
	nla_put_string(f->message, WG_DEVICE_A_BIND_DEVICE, dev);
	nla_put_in6_addr(f->message, WG_DEVICE_A_BIND_ADDRESS, &mapped);
	return apply(f);
}

static void a_running_device_is_bound_anew_on_its_port(struct kunit *test)
{
	const __be32 here = ip4(127, 0, 0, 1);
	struct fixture *f = test->priv;
	struct sock *sk;

	open_base(test);
	KUNIT_ASSERT_EQ(test, apply_bound(f, "lo", here), 0);
	sk = rcu_dereference_protected(f->wg->sock4, true);
	KUNIT_ASSERT_NOT_NULL(test, sk);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(f->wg->sock6));
	KUNIT_EXPECT_EQ(test, sk->sk_bound_dev_if,
			init_net.loopback_dev->ifindex);
	KUNIT_EXPECT_EQ(test, inet_sk(sk)->inet_rcv_saddr, here);
	KUNIT_EXPECT_EQ(test, ntohs(inet_sk(sk)->inet_sport), 4711);
	KUNIT_EXPECT_EQ(test, !!sk->sk_reuseport, wg_rx_cpus() > 1);
	KUNIT_EXPECT_TRUE(test, uid_eq(sk->sk_uid, INVALID_UID));
	KUNIT_EXPECT_EQ(test, apply_bound(f, "", 0), 0);
	sk = rcu_dereference_protected(f->wg->sock4, true);
	KUNIT_EXPECT_EQ(test, sk->sk_bound_dev_if, 0);
	KUNIT_EXPECT_EQ(test, f->wg->listen_port, 4711);
	KUNIT_EXPECT_EQ(test, apply_bound(f, "", 0), 0);
	KUNIT_EXPECT_PTR_EQ(test, sk,
			    rcu_dereference_protected(f->wg->sock4, true));
	KUNIT_EXPECT_EQ(test, !rcu_access_pointer(f->wg->sock6),
			!ipv6_mod_enabled());
}

/* What cannot be bound leaves the sockets that there are, and all else. */
static void what_cannot_be_bound_changes_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *before;
	struct sock *sk;
	bool is_shared;

	open_base(test);
	before = dump(test, f, 1 << 16);
	sk = rcu_dereference_protected(f->wg->sock4, true);
	is_shared = sk->sk_reuseport;
	KUNIT_EXPECT_EQ(test, apply_bound(f, "none", 0), -ENODEV);
	KUNIT_EXPECT_EQ(test, apply_bound(f, "", ip4(192, 0, 2, 77)),
			-EADDRNOTAVAIL);
	/* broadcast of the network of lo: it is bound, but nothing is sent from it */
	KUNIT_EXPECT_EQ(test, apply_bound(f, "", ip4(127, 255, 255, 255)),
			-EADDRNOTAVAIL);
	KUNIT_EXPECT_PTR_EQ(test, sk,
			    rcu_dereference_protected(f->wg->sock4, true));
	KUNIT_EXPECT_EQ(test, !!sk->sk_reuseport, is_shared);
	KUNIT_EXPECT_TRUE(test, uid_eq(sk->sk_uid, INVALID_UID));
	expect_unchanged(test, f, before);
}

static void write_exclusive(struct fixture *f, u8 is_exclusive)
{
	begin(f);
	nla_put_u8(f->message, WG_DEVICE_A_EXCLUSIVE, is_exclusive);
}

static void write_move(struct fixture *f)
{
	add_peer(f, carl, 0);
	put_ip(f, ip4(10, 0, 0, 2), 32, 0); /* bert's */
}

static void an_exclusive_device_lets_no_allowed_ip_move(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *before;

	set_base(test);
	write_exclusive(f, 1);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	before = dump(test, f, 1 << 16);
	begin(f);
	write_move(f);
	KUNIT_EXPECT_EQ(test, apply(f), -EEXIST);
	expect_unchanged(test, f, before);
}

static void what_is_given_up_first_may_be_taken(struct kunit *test)
{
	struct fixture *f = test->priv;

	set_base(test);
	write_exclusive(f, 1);
	add_peer(f, bert, WG_PEER_F_REPLACE_ALLOWEDIPS);
	write_move(f);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 0, 0, 2)), find(f, carl));
	KUNIT_EXPECT_EQ(test, f->wg->ips_moved, 0);
}

static void a_request_may_end_exclusivity_and_move(struct kunit *test)
{
	struct fixture *f = test->priv;

	set_base(test);
	write_exclusive(f, 1);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	write_exclusive(f, 0);
	write_move(f);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_FALSE(test, f->wg->is_exclusive);
}

static void write_switches(struct fixture *f, u8 disabled, u64 until_s)
{
	begin(f);
	add_peer(f, anna, 0);
	nla_put_u8(f->message, WG_PEER_A_DISABLED, disabled);
	nla_put_u64_64bit(f->message, WG_PEER_A_UNTIL, until_s, WG_PEER_A_PAD);
}

static void a_peer_is_switched_by_the_request(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_peer *peer;

	open_base(test);
	peer = find(f, anna);
	write_switches(f, 1, 0);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_TRUE(test, peer->is_off);
	KUNIT_EXPECT_FALSE(test, peer->timers.is_started);
	KUNIT_EXPECT_PTR_EQ(test, owner(f, ip4(10, 0, 0, 1)), peer);
	write_switches(f, 0, 5);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_TRUE(test, peer->is_off);
	write_switches(f, 0, U64_MAX);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_FALSE(test, peer->is_off);
	KUNIT_EXPECT_TRUE(test, peer->timers.is_started);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&f->wg->until_work));
}

/* There may be a million others. */
static void an_end_that_is_set_has_nobody_else_looked_at(struct kunit *test)
{
	struct fixture *f = test->priv;

	open_base(test);
	find(f, bert)->until_s = 5;
	write_switches(f, 0, 5);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	flush_workqueue(f->wg->workqueue);
	KUNIT_EXPECT_TRUE(test, find(f, anna)->is_off);
	KUNIT_EXPECT_FALSE(test, find(f, bert)->is_off);
}

/* Request an end, and wait @s seconds at most, or the more that looking costs. */
static bool looks_within(struct fixture *f, u64 end_in_s, unsigned int s)
{
	write_switches(f, 0, ktime_get_real_seconds() + end_in_s);
	return !apply(f) && delayed_work_pending(&f->wg->until_work) &&
	       time_before_eq(f->wg->until_work.timer.expires,
			      jiffies + s * HZ);
}

static void the_nearest_end_is_waited_for(struct kunit *test)
{
	struct fixture *f = test->priv;

	open_base(test);
	KUNIT_EXPECT_TRUE(test, looks_within(f, 1000, 60));
	KUNIT_EXPECT_FALSE(test, looks_within(f, 1000, 20));
	KUNIT_EXPECT_TRUE(test, looks_within(f, 20, 20));
	KUNIT_EXPECT_TRUE(test, looks_within(f, 1000, 20));
}

static void an_end_waits_where_looking_takes_long(struct kunit *test)
{
	struct fixture *f = test->priv;

	open_base(test);
	f->wg->until_cost = HZ;
	KUNIT_EXPECT_FALSE(test, looks_within(f, 2, 99));
	KUNIT_EXPECT_TRUE(test, looks_within(f, 2, 100));
}

/* And not before the change, by which listeners know of the peer. */
static void an_end_that_is_set_is_told_once(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct socket *sock;

	open_base(test);
	sock = listen(test);
	write_switches(f, 1, 5);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	expect_change_then(test, sock, WG_CMD_PEER_ENDED_NTF);
	write_switches(f, 0, 5);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	expect_change_then(test, sock, 0);
	write_switches(f, 0, 0);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	expect_change_then(test, sock, WG_CMD_PEER_RENEWED_NTF);
	sock_release(sock);
}

/* A file that is set again, with a peer in it whose time is over. */
static void a_peer_that_is_made_anew_is_over_already(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct socket *sock = listen(test);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		write_switches(f, 0, 5);
		end_peers(f);
		nla_put_u32(f->message, WG_DEVICE_A_FLAGS,
			    WG_DEVICE_F_REPLACE_PEERS);
		KUNIT_EXPECT_EQ(test, apply(f), 0);
		expect_change_then(test, sock, i ? 0 : WG_CMD_PEER_ENDED_NTF);
		KUNIT_EXPECT_TRUE(test, find(f, anna)->is_off);
	}
	sock_release(sock);
}

/* Before it can say anything. */
static void a_new_peer_may_be_off_from_the_start(struct kunit *test)
{
	struct fixture *f = test->priv;

	open_base(test);
	begin(f);
	add_peer(f, carl, 0);
	nla_put_u8(f->message, WG_PEER_A_DISABLED, 1);
	nla_put_u16(f->message, WG_PEER_A_PERSISTENT_KEEPALIVE, 1);
	put_endpoint(f, ip4(127, 0, 0, 1));
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_ASSERT_NOT_NULL(test, find(f, carl));
	KUNIT_EXPECT_FALSE(test, find(f, carl)->timers.is_started);
	KUNIT_EXPECT_EQ(test, find(f, carl)->timers.persistent_s, 1);
}

static void a_peer_that_is_made_anew_is_on(struct kunit *test)
{
	struct fixture *f = test->priv;

	open_base(test);
	write_switches(f, 1, 5);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	begin(f);
	add_peer(f, anna, WG_PEER_F_REMOVE_ME);
	add_peer(f, anna, 0);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	KUNIT_EXPECT_FALSE(test, find(f, anna)->is_off);
	KUNIT_EXPECT_TRUE(test, find(f, anna)->timers.is_started);
	KUNIT_EXPECT_EQ(test, find(f, anna)->until_s, 0);
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
	curve25519_clamp_secret(clamped);
	KUNIT_ASSERT_TRUE(test, curve25519_generate_public(ours, clamped));
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
	struct sk_buff *before;

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
	expect_unchanged(test, f, before);
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
	/* one grace period for all; one for each would take a tick at least */
	KUNIT_EXPECT_LT(test, jiffies - start, count);
}

/* A device that says it has so many: to make them would take all memory. */
static void one_peer_too_many_changes_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *before;

	open_base(test);
	f->wg->peer_count = WG_PEERS_MAX - 1;
	before = dump(test, f, 1 << 16);
	begin(f);
	add_peer(f, carl, 0);
	add_peer(f, dora, 0);
	KUNIT_EXPECT_EQ(test, apply(f), -ENOSPC);
	KUNIT_EXPECT_NOT_NULL(test, strstr(f->extack._msg, "1048576"));
	expect_unchanged(test, f, before);
	begin(f);
	add_peer(f, carl, 0);
	KUNIT_EXPECT_EQ(test, apply(f), 0);
	f->wg->peer_count = list_count_nodes(&f->wg->peers);
}

/**
 * struct changer - a thread that makes a change, with a pause before its commit
 * @f: what it changes; f->message is the request
 * @task: the thread
 * @is_reserved: all that may fail has been done
 * @may_commit: the pause is over
 * @is_done: the change is made
 */
struct changer {
	struct fixture *f;
	struct task_struct *task;
	struct completion is_reserved;
	struct completion may_commit;
	struct completion is_done;
};

static void reserve_and_commit(struct changer *c, struct wg_request *request)
{
	struct wg_change change;

	mutex_lock(&c->f->wg->config_lock);
	wg_change_begin(&change, c->f->wg, request, &c->f->extack);
	if (!wg_change_reserve(&change)) {
		complete(&c->is_reserved);
		wait_for_completion(&c->may_commit);
		wg_change_commit(&change);
	}
	wg_change_end(&change);
	mutex_unlock(&c->f->wg->config_lock);
}

static int run_changer(void *data)
{
	struct changer *c = data;
	struct wg_request request;

	if (!wg_request_parse(&request, (struct nlattr *)c->f->message->data,
			      c->f->message->len, &c->f->extack)) {
		reserve_and_commit(c, &request);
		wg_request_free(&request);
	}
	complete_all(&c->is_reserved);
	complete(&c->is_done);
	return 0;
}

static void start_changer(struct kunit *test, struct changer *c)
{
	struct task_struct *task;

	end_peers(test->priv);
	c->f = test->priv;
	init_completion(&c->is_reserved);
	init_completion(&c->may_commit);
	init_completion(&c->is_done);
	task = kthread_create(run_changer, c, "wg-changer");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	c->task = get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&c->is_reserved);
}

/* Let it commit until it is done, or waits for a lock of ours. */
static void let_commit(struct changer *c)
{
	complete(&c->may_commit);
	while (READ_ONCE(c->task->__state) != TASK_UNINTERRUPTIBLE &&
	       !completion_done(&c->is_done))
		usleep_range(100, 1000);
}

static bool is_seen(struct fixture *f, const u8 *key)
{
	struct wg_peer *peer = wg_peer_get_by_key(f->wg, key);

	if (peer)
		wg_peer_put(peer);
	return !!peer;
}

static struct wg_peer *find_unseen(struct fixture *f, const u8 *key)
{
	struct wg_pubkey_entry *entry;

	rcu_read_lock();
	entry = wg_pubkeys_lookup_rcu(&f->wg->pubkeys, key);
	rcu_read_unlock();
	return entry ? container_of(entry, struct wg_peer, pubkey) : NULL;
}

/*
 * Let a change, whose request is written, stop where it sets or forgets what
 * the handshake of @key needs: nobody may find the peer then.
 */
static void expect_unseen_until_whole(struct kunit *test, const u8 *key,
				      const u8 *psk)
{
	struct fixture *f = test->priv;
	struct wg_peer *peer;
	struct changer c;

	start_changer(test, &c);
	peer = find_unseen(f, key);
	KUNIT_EXPECT_NOT_NULL(test, peer);
	if (peer)
		mutex_lock(&peer->hs_lock);
	let_commit(&c);
	KUNIT_EXPECT_FALSE(test, completion_done(&c.is_done));
	KUNIT_EXPECT_FALSE(test, is_seen(f, key));
	if (peer)
		mutex_unlock(&peer->hs_lock);
	wait_for_completion(&c.is_done);
	put_task_struct(c.task);
	KUNIT_ASSERT_TRUE(test, is_seen(f, key));
	KUNIT_EXPECT_TRUE(test, wg_equal(find(f, key)->remote.psk, psk,
					 WG_KEY_LEN));
}

static void a_new_peer_is_seen_when_it_has_its_keys(struct kunit *test)
{
	struct fixture *f = test->priv;

	open_base(test);
	begin(f);
	add_peer(f, carl, 0);
	nla_put(f->message, WG_PEER_A_PRESHARED_KEY, WG_KEY_LEN, dora);
	expect_unseen_until_whole(test, carl, dora);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 3);
}

static void a_peer_made_anew_is_seen_when_it_has_its_keys(struct kunit *test)
{
	struct fixture *f = test->priv;

	open_base(test);
	begin(f);
	add_peer(f, anna, WG_PEER_F_REMOVE_ME);
	add_peer(f, anna, 0);
	nla_put(f->message, WG_PEER_A_PRESHARED_KEY, WG_KEY_LEN, bert);
	expect_unseen_until_whole(test, anna, bert);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 2);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&f->wg->peers), 2);
}

static void a_replaced_peer_is_seen_when_it_has_its_keys(struct kunit *test)
{
	struct fixture *f = test->priv;

	open_base(test);
	begin(f);
	nla_put_u32(f->message, WG_DEVICE_A_FLAGS, WG_DEVICE_F_REPLACE_PEERS);
	add_peer(f, anna, 0);
	nla_put(f->message, WG_PEER_A_PRESHARED_KEY, WG_KEY_LEN, bert);
	expect_unseen_until_whole(test, anna, bert);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 1);
}

/*
 * A new key and a new peer in one request: the peer is not to see who we were. The
 * change stops where it waits for a handshake that still uses the old key.
 */
static void a_new_peer_never_sees_the_old_key(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct changer c;

	open_base(test);
	begin(f);
	nla_put(f->message, WG_DEVICE_A_PRIVATE_KEY, WG_KEY_LEN, dora);
	add_peer(f, carl, 0);
	start_changer(test, &c);
	down_read(&f->wg->local_lock);
	let_commit(&c);
	KUNIT_EXPECT_FALSE(test, completion_done(&c.is_done));
	KUNIT_EXPECT_FALSE(test, is_seen(f, carl));
	up_read(&f->wg->local_lock);
	wait_for_completion(&c.is_done);
	put_task_struct(c.task);
	KUNIT_EXPECT_TRUE(test, is_seen(f, carl));
}

static struct kunit_case change_test_cases[] = {
	KUNIT_CASE(each_failed_allocation_changes_nothing),
	KUNIT_CASE(a_busy_port_changes_nothing),
	KUNIT_CASE(a_running_device_takes_a_new_port),
	KUNIT_CASE(a_running_device_is_bound_anew_on_its_port),
	KUNIT_CASE(what_cannot_be_bound_changes_nothing),
	KUNIT_CASE(an_exclusive_device_lets_no_allowed_ip_move),
	KUNIT_CASE(what_is_given_up_first_may_be_taken),
	KUNIT_CASE(a_request_may_end_exclusivity_and_move),
	KUNIT_CASE(a_peer_is_switched_by_the_request),
	KUNIT_CASE(an_end_that_is_set_has_nobody_else_looked_at),
	KUNIT_CASE(the_nearest_end_is_waited_for),
	KUNIT_CASE(an_end_waits_where_looking_takes_long),
	KUNIT_CASE(an_end_that_is_set_is_told_once),
	KUNIT_CASE(a_peer_that_is_made_anew_is_over_already),
	KUNIT_CASE(a_new_peer_may_be_off_from_the_start),
	KUNIT_CASE(a_peer_that_is_made_anew_is_on),
	KUNIT_CASE(unknown_peers_are_passed_over),
	KUNIT_CASE(our_own_key_is_no_peer),
	KUNIT_CASE(replacing_keeps_only_what_is_named),
	KUNIT_CASE(a_moved_prefix_is_refused_on_request),
	KUNIT_CASE(only_the_owner_loses_a_prefix),
	KUNIT_CASE(host_bits_are_masked),
	KUNIT_CASE(thousands_come_and_go_in_one_request),
	KUNIT_CASE(one_peer_too_many_changes_nothing),
	KUNIT_CASE(a_new_peer_is_seen_when_it_has_its_keys),
	KUNIT_CASE(a_peer_made_anew_is_seen_when_it_has_its_keys),
	KUNIT_CASE(a_replaced_peer_is_seen_when_it_has_its_keys),
	KUNIT_CASE(a_new_peer_never_sees_the_old_key),
	{}
};

static struct kunit_suite change_test_suite = {
	.name = "wg_change",
	.init = request_init,
	.exit = request_exit,
	.test_cases = change_test_cases,
};

kunit_test_suite(change_test_suite);
