// SPDX-License-Identifier: GPL-2.0
/*
 * The outer sockets: pairs on one port, all or nothing; and where messages go,
 * from where, and with what in their headers.
 */
#include "path/udp.h"

#include <linux/sock_diag.h>

#include "compat.h"
#include "writer.h"

#define NOWHERE 0xc6336401 /* 198.51.100.1, for documentation */

static int bind_pair(struct fixture *f, u16 port, struct wg_udp_sockets *pair)
{
	int err;

	mutex_lock(&f->wg->config_lock);
	err = wg_udp_bind(f->wg, &init_net, &f->wg->bound, port, pair);
	mutex_unlock(&f->wg->config_lock);
	return err;
}

static void expect_port(struct kunit *test, const struct wg_udp_sockets *pair,
			u16 port)
{
	KUNIT_EXPECT_EQ(test, ntohs(inet_sk(pair->v4[0])->inet_sport), port);
	if (pair->v6[0])
		KUNIT_EXPECT_EQ(test, ntohs(inet_sk(pair->v6[0])->inet_sport),
				port);
}

static void a_pair_shares_a_port_and_gives_it_back(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_udp_sockets pair;
	u16 port;

	KUNIT_ASSERT_EQ(test, bind_pair(f, 0, &pair), 0);
	port = pair.port;
	KUNIT_EXPECT_NE(test, port, 0);
	KUNIT_EXPECT_EQ(test, !!pair.v6[0], IS_ENABLED(CONFIG_IPV6));
	expect_port(test, &pair, port);
	wg_udp_discard(&pair);
	KUNIT_ASSERT_EQ(test, bind_pair(f, port, &pair), 0);
	expect_port(test, &pair, port);
	wg_udp_discard(&pair);
}

/* Whoever may: to share a port asks for one user, and ours is nobody's. */
static void no_other_socket_shares_the_port(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sock *sk = rcu_dereference_protected(f->wg->sock4, true);
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(f->wg->listen_port),
	};
	struct socket *other;

	/* as where there are several CPUs */
	sock_set_reuseport(sk);
	KUNIT_ASSERT_EQ(test, sock_create_kern(&init_net, AF_INET, SOCK_DGRAM,
					       IPPROTO_UDP, &other), 0);
	sock_set_reuseport(other->sk);
	KUNIT_EXPECT_EQ(test, kernel_bind(other, (void *)&addr, sizeof(addr)),
			-EADDRINUSE);
	sock_release(other);
}

/* A port that is taken for one family is bound for none. */
static void half_a_pair_is_none(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct udp_port_cfg cfg = { .family = AF_INET6, .ipv6_v6only = true };
	struct wg_udp_sockets pair;
	struct socket *other;
	u16 port;

	if (!IS_ENABLED(CONFIG_IPV6))
		kunit_skip(test, "one family only");
	KUNIT_ASSERT_EQ(test, udp_sock_create(&init_net, &cfg, &other), 0);
	port = ntohs(inet_sk(other->sk)->inet_sport);
	KUNIT_EXPECT_EQ(test, bind_pair(f, port, &pair),
			-EADDRINUSE);
	KUNIT_EXPECT_NULL(test, pair.v4[0]);
	sock_release(other);
	KUNIT_ASSERT_EQ(test, bind_pair(f, port, &pair), 0);
	wg_udp_discard(&pair);
}

/* Does a message of @w reach the stack? */
static bool is_received(struct kunit *test, struct writer *w,
			bool is_pfmemalloc)
{
	struct fixture *f = test->priv;
	struct sk_buff *skb;

	write_message(w, 200);
	skb = take_datagram(test, w, &flat);
	skb->pfmemalloc = is_pfmemalloc;
	KUNIT_ASSERT_EQ(test, fixture_inject(f, skb, SOURCE_PORT), 0);
	fixture_await(f, 1);
	skb = skb_dequeue(&f->arrived);
	kfree_skb(skb);
	return skb;
}

/* The way to the swap space may lead through the tunnel. */
static void reserves_may_be_spent_on_the_tunnel(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, is_received(test, new_writer(test), true));
}

static void other_sockets_cannot_stop_the_tunnel(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sock *sk = rcu_dereference_protected(f->wg->sock4, true);
	long *limits = sk->sk_prot_creator->sysctl_mem, old[3];
	struct writer *w = new_writer(test);

	memcpy(old, limits, sizeof(old));
	memset(limits, 0, sizeof(old));
	KUNIT_EXPECT_TRUE(test, is_received(test, w, false));
	memcpy(limits, old, sizeof(old));
}

/* Who holds a socket for longer than we do finds nothing of ours in it. */
static void a_closed_socket_is_udp_s_own_again(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_udp_sockets pair;
	struct sock *sk;

	KUNIT_ASSERT_EQ(test, bind_pair(f, 0, &pair), 0);
	sk = pair.v4[0];
	KUNIT_EXPECT_PTR_NE(test, sk->sk_prot, sk->sk_prot_creator);
	sock_hold(sk);
	wg_udp_discard(&pair);
	KUNIT_EXPECT_PTR_EQ(test, sk->sk_prot, &udp_prot);
	KUNIT_EXPECT_NULL(test, READ_ONCE(sk->sk_user_data));
	KUNIT_EXPECT_FALSE(test, sock_flag(sk, SOCK_MEMALLOC));
	sock_put(sk);
}

/* Which would leave it open, without its port, device and group. */
static void no_socket_is_destroyed_by_diagnosis(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_udp_sockets pair;
	struct sock *sk;

	KUNIT_ASSERT_EQ(test, bind_pair(f, 0, &pair), 0);
	sk = pair.v4[0];
	KUNIT_EXPECT_EQ(test, sock_diag_destroy(sk, ECONNABORTED),
			-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, ntohs(inet_sk(sk)->inet_sport), pair.port);
	KUNIT_EXPECT_EQ(test, sk->sk_err, 0);
	wg_udp_discard(&pair);
}

static void what_comes_before_a_pair_is_in_use_is_read(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct wg_udp_sockets pair;

	KUNIT_ASSERT_EQ(test, bind_pair(f, 0, &pair), 0);
	mutex_lock(&f->wg->config_lock);
	f->wg->listen_port = pair.port;
	write_message(w, 200);
	send_from(test, w, 0, SOURCE_PORT);
	expect_quiet(test, f);
	wg_udp_replace_locked(f->wg, &pair);
	mutex_unlock(&f->wg->config_lock);
	expect_inners(test, f, 0, 1, 200);
}

static unsigned int sockets_drops(const struct wg_udp_sockets *sockets)
{
	unsigned int i, drops = 0;

	for (i = 0; i < sockets->count; i++)
		drops += sk_drops_read(sockets->v4[i]);
	return drops;
}

/* UDP's own counters say how many these are. */
static void what_the_sockets_have_no_room_for_is_counted(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct wg_udp_sockets pair;
	unsigned int i, drops;

	KUNIT_ASSERT_EQ(test, bind_pair(f, 0, &pair), 0);
	for (i = 0; i < pair.count; i++)
		WRITE_ONCE(pair.v4[i]->sk_rcvbuf, 0);
	mutex_lock(&f->wg->config_lock);
	f->wg->listen_port = pair.port;
	for (i = 0; i < 2 * WG_RX_CPUS_MAX; i++) {
		write_message(w, 200);
		send_from(test, w, i, SOURCE_PORT);
	}
	expect_quiet(test, f);
	drops = sockets_drops(&pair);
	wg_udp_replace_locked(f->wg, &pair);
	mutex_unlock(&f->wg->config_lock);
	fixture_await(f, 1);
	KUNIT_EXPECT_GE(test, drops, WG_RX_CPUS_MAX);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_RX_QUEUE_FULL), drops);
}

/* --- messages --- */

static enum wg_drop_reason send_eight(struct fixture *f, struct wg_peer *peer)
{
	struct wg_endpoint endpoint;

	wg_peer_copy_endpoint(peer, &endpoint);
	return wg_udp_send_message(f->wg, peer, "message", 8, &endpoint);
}

static void a_message_arrives_as_it_should_look(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *skb;

	f->wg->fwmark = 0x77;
	KUNIT_EXPECT_EQ(test, send_eight(f, fixture_remote(test)->peer), 0);
	skb = fixture_receive(f);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb->len, 8);
	KUNIT_EXPECT_MEMEQ(test, skb->data, "message", 8);
	KUNIT_EXPECT_EQ(test, ip_hdr(skb)->tos, 0x88); /* AF41 */
	KUNIT_EXPECT_EQ(test, ip_hdr(skb)->frag_off & htons(IP_DF), 0);
	KUNIT_EXPECT_EQ(test, ip_hdr(skb)->saddr, REMOTE_ADDR);
	KUNIT_EXPECT_EQ(test, udp_hdr(skb)->source, htons(f->wg->listen_port));
	KUNIT_EXPECT_EQ(test, skb->mark, 0x77);
	kfree_skb(skb);
}

/* The address on which the peer was heard went away: any other will do. */
static void a_source_that_is_not_ours_is_forgotten(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct sk_buff *skb;

	spin_lock_bh(&remote->peer->lock);
	remote->peer->endpoint.src4.s_addr = htonl(NOWHERE);
	remote->peer->endpoint.src_if4 = 77;
	spin_unlock_bh(&remote->peer->lock);
	KUNIT_EXPECT_EQ(test, send_eight(f, remote->peer), 0);
	skb = fixture_receive(f);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, ip_hdr(skb)->saddr, REMOTE_ADDR);
	kfree_skb(skb);
	KUNIT_EXPECT_EQ(test, remote->peer->endpoint.src4.s_addr, 0);
	KUNIT_EXPECT_EQ(test, remote->peer->endpoint.src_if4, 0);
	KUNIT_EXPECT_EQ(test, remote->peer->endpoint.addr4.sin_port, f->port);
}

/* Also that of an address which, as ::1, leaves no choice by itself. */
static void a_scope_decides_on_the_interface(struct kunit *test)
{
	struct wg_endpoint endpoint = {
		.addr6 = {
			.sin6_family = AF_INET6,
			.sin6_addr = IN6ADDR_LOOPBACK_INIT,
			.sin6_port = htons(1),
		},
	};
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	if (!IS_ENABLED(CONFIG_IPV6))
		kunit_skip(test, "IPv4 only");
	endpoint.addr6.sin6_scope_id = init_net.loopback_dev->ifindex;
	wg_peer_set_endpoint(remote->peer, &endpoint);
	KUNIT_EXPECT_EQ(test, send_eight(f, remote->peer), 0);
	endpoint.addr6.sin6_scope_id = 0x7fffffff;
	wg_peer_set_endpoint(remote->peer, &endpoint);
	KUNIT_EXPECT_EQ(test, send_eight(f, remote->peer), WG_DROP_NO_ROUTE);
}

/* As if it had been there when the socket was bound to it. */
static void an_address_that_is_not_ours_sends_nothing(struct kunit *test)
{
	const struct wg_endpoint endpoint = {
		.addr6 = {
			.sin6_family = AF_INET6,
			.sin6_addr = IN6ADDR_LOOPBACK_INIT,
			.sin6_port = htons(9),
		},
	};
	struct fixture *f = test->priv;
	struct sock *sk = rcu_dereference_protected(f->wg->sock6, true);
	struct remote *remote = fixture_remote(test);

	if (!sk)
		kunit_skip(test, "IPv4 only");
	wg_peer_set_endpoint(remote->peer, &endpoint);
	inet6_sk(sk)->saddr = (struct in6_addr){ .s6_addr = { 0x20, 1, 0xd,
							      0xb8 } };
	KUNIT_EXPECT_EQ(test, send_eight(f, remote->peer), WG_DROP_NO_ROUTE);
	inet6_sk(sk)->saddr = in6addr_loopback;
	KUNIT_EXPECT_EQ(test, send_eight(f, remote->peer), 0);
}

static void a_message_that_cannot_go_says_why(struct kunit *test)
{
	struct wg_endpoint nowhere = {
		.addr4 = {
			.sin_family = AF_INET,
			.sin_addr.s_addr = htonl(NOWHERE),
			.sin_port = htons(1),
		},
	};
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_endpoint none = { };

	wg_peer_set_endpoint(remote->peer, &none);
	KUNIT_EXPECT_EQ(test, send_eight(f, remote->peer), WG_DROP_NO_ENDPOINT);
	wg_peer_set_endpoint(remote->peer, &nowhere);
	KUNIT_EXPECT_EQ(test, send_eight(f, remote->peer), WG_DROP_NO_ROUTE);
	fixture_up(f, false);
	KUNIT_EXPECT_EQ(test, send_eight(f, remote->peer), WG_DROP_DEVICE_DOWN);
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 0);
}

/* --- routes that are kept --- */

static void reserve(struct kunit *test, struct wg_peer *peer,
		    struct wg_tx_context *ctx)
{
	const struct wg_tx_batch batch = { .messages = 1, .bytes = 32 };

	rcu_read_lock_bh();
	KUNIT_EXPECT_TRUE(test, wg_tx_reserve(peer, &batch, ctx));
	rcu_read_unlock_bh();
}

/* Send under @ctx, in a later tick than whatever was before. */
static void send_reserved(struct kunit *test, struct wg_peer *peer,
			  struct wg_tx_context *ctx)
{
	struct sk_buff *skb = alloc_skb(WG_UDP_HEADROOM + 32, GFP_KERNEL);
	unsigned long now = jiffies;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, WG_UDP_HEADROOM);
	skb_put_zero(skb, 32);
	while (!time_after(jiffies, now))
		usleep_range(100, 1000);
	rcu_read_lock_bh();
	KUNIT_EXPECT_EQ(test, wg_udp_send(ctx, skb, 0), 0);
	rcu_read_unlock_bh();
}

static bool has_route(struct wg_session *session)
{
	return session->route.dst;
}

static const struct wg_endpoint elsewhere = {
	.addr4 = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(0x7f000002),
	},
};

/* Who reserved before the move, and looks its route up after it. */
static void a_route_to_a_place_that_was_left_is_not_kept(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *session = fixture_initiate(test, remote).session;
	struct wg_tx_context old, new;

	reserve(test, remote->peer, &old);
	fixture_drain(test->priv);
	wg_peer_set_endpoint(remote->peer, &elsewhere);
	send_reserved(test, remote->peer, &old);
	KUNIT_EXPECT_EQ(test, fixture_drain(test->priv), 1);
	KUNIT_EXPECT_FALSE(test, has_route(session));
	reserve(test, remote->peer, &new);
	send_reserved(test, remote->peer, &new);
	KUNIT_EXPECT_TRUE(test, has_route(session));
	KUNIT_EXPECT_EQ(test, fixture_drain(test->priv), 0);
}

/* The route that is kept is of another family even. */
static void a_route_is_not_used_for_a_place_that_was_left(struct kunit *test)
{
	const struct wg_endpoint endpoint = {
		.addr6 = {
			.sin6_family = AF_INET6,
			.sin6_addr = IN6ADDR_LOOPBACK_INIT,
			.sin6_port = htons(9),
		},
	};
	struct remote *remote = fixture_remote(test);
	struct wg_session *session = fixture_initiate(test, remote).session;
	struct wg_tx_context old, new;

	if (!IS_ENABLED(CONFIG_IPV6))
		kunit_skip(test, "IPv4 only");
	reserve(test, remote->peer, &old);
	fixture_drain(test->priv);
	wg_peer_set_endpoint(remote->peer, &endpoint);
	reserve(test, remote->peer, &new);
	send_reserved(test, remote->peer, &new);
	KUNIT_EXPECT_TRUE(test, has_route(session));
	send_reserved(test, remote->peer, &old);
	KUNIT_EXPECT_EQ(test, fixture_drain(test->priv), 1);
	KUNIT_EXPECT_TRUE(test, has_route(session));
}

/* What the peer's next place offers as a source is not for us to refuse. */
static void a_refused_source_is_that_of_its_endpoint(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_endpoint old, moved;

	wg_peer_copy_endpoint(remote->peer, &old);
	moved = old;
	moved.src4.s_addr = REMOTE_ADDR;
	wg_peer_heard(remote->peer, &moved, 0);
	wg_peer_refuse_source(remote->peer, &old);
	KUNIT_EXPECT_EQ(test, remote->peer->endpoint.src4.s_addr, REMOTE_ADDR);
	wg_peer_copy_endpoint(remote->peer, &moved);
	wg_peer_refuse_source(remote->peer, &moved);
	KUNIT_EXPECT_EQ(test, remote->peer->endpoint.src4.s_addr, 0);
}

static struct kunit_case udp_test_cases[] = {
	KUNIT_CASE(a_pair_shares_a_port_and_gives_it_back),
	KUNIT_CASE(no_other_socket_shares_the_port),
	KUNIT_CASE(half_a_pair_is_none),
	KUNIT_CASE(reserves_may_be_spent_on_the_tunnel),
	KUNIT_CASE(other_sockets_cannot_stop_the_tunnel),
	KUNIT_CASE(a_closed_socket_is_udp_s_own_again),
	KUNIT_CASE(no_socket_is_destroyed_by_diagnosis),
	KUNIT_CASE(what_comes_before_a_pair_is_in_use_is_read),
	KUNIT_CASE(what_the_sockets_have_no_room_for_is_counted),
	KUNIT_CASE(a_message_arrives_as_it_should_look),
	KUNIT_CASE(a_source_that_is_not_ours_is_forgotten),
	KUNIT_CASE(a_scope_decides_on_the_interface),
	KUNIT_CASE(an_address_that_is_not_ours_sends_nothing),
	KUNIT_CASE(a_message_that_cannot_go_says_why),
	KUNIT_CASE(a_route_to_a_place_that_was_left_is_not_kept),
	KUNIT_CASE(a_route_is_not_used_for_a_place_that_was_left),
	KUNIT_CASE(a_refused_source_is_that_of_its_endpoint),
	{}
};

static struct kunit_suite udp_test_suite = {
	.name = "wg_udp",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = udp_test_cases,
};

kunit_test_suite(udp_test_suite);
