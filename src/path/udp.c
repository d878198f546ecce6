// SPDX-License-Identifier: GPL-2.0
#include "path/udp.h"

#include <linux/cgroup.h>
#include <linux/filter.h>
#include <linux/inetdevice.h>
#include <linux/memcontrol.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>
#include <net/udp_tunnel.h>

#include "compat.h"
#include "core/device.h"
#include "core/peer.h"
#include "core/session.h"
#include "path/path.h"
#include "proto/limits.h"

/*
 * Room for what arrives before a socket is in use, or while we sleep, and for
 * what several CPUs that share it bring at a time: an aggregate from each.
 */
#define RCVBUF_BYTES (2 << 20)

/*
 * UDP as it is, by family, but for the limit on what all UDP sockets of the
 * machine hold together: who fills others must not stop the tunnel. What ours
 * hold is bounded by RCVBUF_BYTES, and counted like anybody's. And but for
 * destroying by diagnosis (ss -K), which would not close our sockets, only take
 * from them device and group, and the port, if the kernel chose it.
 */
static struct proto unlimited[2];

static void lift_limit(struct sock *sk)
{
	struct proto *proto = &unlimited[sk->sk_family == AF_INET6];
	static long limits[] = { LONG_MAX, LONG_MAX, LONG_MAX };
	static DEFINE_MUTEX(lock);

	mutex_lock(&lock);
	if (!proto->sysctl_mem) {
		*proto = *sk->sk_prot;
		proto->sysctl_mem = limits;
		proto->diag_destroy = NULL;
	}
	mutex_unlock(&lock);
	WRITE_ONCE(sk->sk_prot, proto);
}

/* What the tunnel receives is nothing that who brought the link up keeps. */
static void leave_memcg(struct sock *sk)
{
#ifdef CONFIG_MEMCG
	if (!sk->sk_memcg)
		return;
	css_put(&sk->sk_memcg->css);
	sk->sk_memcg = NULL;
#endif
}

/*
 * Nor are its datagrams to pass the filters of whoever brought it up: systemd's
 * IPAddressDeny= of a unit, say, which would also outlive the unit.
 */
static void leave_cgroup(struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	struct cgroup *cgroup = sock_cgroup_ptr(&sk->sk_cgrp_data);

	cgroup_bpf_get(&cgrp_dfl_root.cgrp);
	sk->sk_cgrp_data.cgroup = &cgrp_dfl_root.cgrp;
	cgroup_bpf_put(cgroup);
	cgroup_put(cgroup);
#endif
}

/*
 * Several sockets share a port if they are of one user. Ours are of none, so that
 * no process joins them and takes messages away; while others of the device take
 * their place on the port, of one whom a process would have to be just then.
 */
#define OWNER INVALID_UID
#define OWNER_MOVING KUIDT_INIT(-2)

static void set_owner(struct sock *sk, kuid_t uid)
{
	SOCK_INODE(sk->sk_socket)->i_uid = uid;
	WRITE_ONCE(sk->sk_uid, uid);
}

/* From here on no new datagram finds the socket. */
static void hide_sock(struct sock *sk)
{
	sk->sk_prot->unhash(sk);
}

/*
 * After a grace period, so that nobody puts anything into the queue any more.
 * Others may hold the socket for longer than the module lives, and then find
 * nothing of ours in it.
 */
static void close_sock(struct sock *sk)
{
	sk_clear_memalloc(sk);
	WRITE_ONCE(sk->sk_prot, sk->sk_prot_creator);
	rcu_assign_sk_user_data(sk, NULL);
	sock_release(sk->sk_socket);
}

/*
 * A plain UDP socket with UDP_GRO and without encap_rcv: that is what lets
 * received aggregates through whole. Nobody reads it; data_ready takes off
 * what comes once it is in use. Memory that is kept for swapping may be spent
 * on it, since the way to the swap space may lead through the tunnel.
 */
static int configure(struct socket *sock)
{
	struct sock *sk = sock->sk;
	int on = 1, err;

	err = sock->ops->setsockopt(sock, SOL_UDP, UDP_GRO,
				    KERNEL_SOCKPTR(&on), sizeof(on));
	if (err)
		return err;
	lock_sock(sk);
	sk->sk_allocation = GFP_ATOMIC;
	sk->sk_sndbuf = INT_MAX;
	WRITE_ONCE(sk->sk_rcvbuf, RCVBUF_BYTES);
	sk->sk_userlocks |= SOCK_RCVBUF_LOCK | SOCK_SNDBUF_LOCK;
	WRITE_ONCE(sk->sk_data_ready, wg_intake_data_ready);
	leave_memcg(sk);
	leave_cgroup(sk);
	lift_limit(sk);
	release_sock(sk);
	if (sk->sk_family == AF_INET6)
		return ip6_sock_set_v6only(sk);
	ip_sock_set_pktinfo(sk); /* for is_copy() of path/intake */
	return 0;
}

/* What is sent to a group on the link is not to be copied for each CPU. */
static int ignore_groups(struct socket *sock)
{
	bool is_v4 = sock->sk->sk_family == AF_INET;
	int off = 0;

	return sock->ops->setsockopt(sock, is_v4 ? SOL_IP : SOL_IPV6,
				     is_v4 ? IP_MULTICAST_ALL :
					     IPV6_MULTICAST_ALL,
				     KERNEL_SOCKPTR(&off), sizeof(off));
}

static bool has_family(const struct wg_bound *bound, sa_family_t family)
{
	if (!ipv6_addr_any(&bound->addr))
		return ipv6_addr_v4mapped(&bound->addr) == (family == AF_INET);
	return family == AF_INET ||
	       (IS_ENABLED(CONFIG_IPV6) && ipv6_mod_enabled());
}

static int bind_sock(struct socket *sock, const struct wg_bound *bound,
		     __be16 port)
{
	struct sockaddr_in6 addr6 = {
		.sin6_family = AF_INET6,
		.sin6_port = port,
		.sin6_addr = bound->addr,
	};
	struct sockaddr_in addr4 = {
		.sin_family = AF_INET,
		.sin_port = port,
		.sin_addr.s_addr = bound->addr.s6_addr32[3],
	};
	int err = sock_setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE,
				  KERNEL_SOCKPTR((void *)bound->dev),
				  sizeof(bound->dev));

	if (err)
		return err;
	if (sock->sk->sk_family == AF_INET6)
		return kernel_bind(sock, (struct sockaddr_unsized *)&addr6,
				   sizeof(addr6));
	return kernel_bind(sock, (struct sockaddr_unsized *)&addr4,
			   sizeof(addr4));
}

/*
 * All that a datagram meets is in place before the first can come. The first
 * one has the port for itself until it is bound, and so no two devices share
 * one, unless it moves to that of the device's old ones.
 */
static struct sock *open_sock(struct net *net, const struct wg_bound *bound,
			      sa_family_t family,
			      const struct wg_udp_sockets *sockets,
			      unsigned int index)
{
	struct socket *sock;
	int err;

	err = sock_create_kern(net, family, SOCK_DGRAM, IPPROTO_UDP, &sock);
	if (err)
		return ERR_PTR(err);
	sk_set_memalloc(sock->sk);
	set_owner(sock->sk, sockets->is_moving ? OWNER_MOVING : OWNER);
	sock->sk->sk_reuseport = sockets->is_moving || index;
	err = configure(sock);
	if (!err && index)
		err = ignore_groups(sock);
	if (!err)
		err = bind_sock(sock, bound, htons(sockets->port));
	if (err) {
		close_sock(sock->sk);
		return ERR_PTR(err);
	}
	return sock->sk;
}

/* Has the group that @sk is in a program: that of the device's old sockets? */
static bool is_shared(const struct sock *sk)
{
	const struct sock_reuseport *group;
	bool is;

	rcu_read_lock();
	group = rcu_dereference(sk->sk_reuseport_cb);
	is = group && rcu_access_pointer(group->prog);
	rcu_read_unlock();
	return is;
}

/*
 * Each of the sockets that share the port of @sk has its CPUs. Where there is no
 * memory for the program, or somebody else has all that is for such, or a CPU has
 * come that has no socket, the kernel chooses by addresses, which is as good but
 * for neighbours on one lock.
 */
static void share_by_cpu(struct sock *sk)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_CPU),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, WG_RX_CPUS_MAX),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct sock_fprog_kern program = { ARRAY_SIZE(code), code };
	struct bpf_prog *prog;

	/* 6.1 frees a program that is replaced under who runs it */
	if (is_shared(sk) || bpf_prog_create(&prog, &program))
		return;
	if (reuseport_attach_prog(sk, prog))
		bpf_prog_destroy(prog);
}

static int open_socks(struct net *net, const struct wg_bound *bound,
		      sa_family_t family, struct wg_udp_sockets *sockets)
{
	struct sock **socks = family == AF_INET ? sockets->v4 : sockets->v6;
	struct sock *sk;
	unsigned int i;

	if (!has_family(bound, family))
		return 0;
	for (i = 0; i < sockets->count; i++) {
		sk = open_sock(net, bound, family, sockets, i);
		if (IS_ERR(sk))
			return PTR_ERR(sk);
		socks[i] = sk;
		/* bound to a network's broadcast address, it sends from any */
		if (family == AF_INET && bound->addr.s6_addr32[3] &&
		    !inet_sk(sk)->inet_saddr)
			return -EADDRNOTAVAIL;
		sk->sk_reuseport = sockets->count > 1;
		sockets->port = ntohs(inet_sk(sk)->inet_sport);
	}
	if (i > 1)
		share_by_cpu(socks[0]);
	return 0;
}

/* What was opened when it fails is in @sockets nevertheless. */
static int bind_once(struct net *net, const struct wg_bound *bound, u16 port,
		     bool is_moving, struct wg_udp_sockets *sockets)
{
	memset(sockets, 0, sizeof(*sockets));
	sockets->count = wg_rx_cpus();
	sockets->port = port;
	sockets->is_moving = is_moving;
	return open_socks(net, bound, AF_INET, sockets) ?:
	       open_socks(net, bound, AF_INET6, sockets);
}

static void with_all_socks(struct wg_udp_sockets *sockets,
			   void (*act)(struct sock *sk))
{
	unsigned int i;

	for (i = 0; i < WG_RX_CPUS_MAX; i++) {
		if (sockets->v4[i])
			act(sockets->v4[i]);
		if (sockets->v6[i])
			act(sockets->v6[i]);
	}
}

/* The old ones on the port let others of ours come beside them. */
static void begin_move(struct sock *sk)
{
	set_owner(sk, OWNER_MOVING);
	sk->sk_reuseport = true;
}

static void own_alone(struct sock *sk)
{
	set_owner(sk, OWNER);
	sk->sk_reuseport = false;
}

static void own_shared(struct sock *sk)
{
	set_owner(sk, OWNER);
}

static void end_move(struct wg_udp_sockets *sockets)
{
	with_all_socks(sockets, sockets->count > 1 ? own_shared : own_alone);
}

/* The new sockets come beside those in use, on the same port. */
static int bind_beside(struct wg_device *wg, struct net *net,
		       const struct wg_bound *bound,
		       struct wg_udp_sockets *sockets)
{
	/* two devices that move could meet on a port and share it */
	static DEFINE_MUTEX(move_lock);
	int err;

	mutex_lock(&move_lock);
	with_all_socks(&wg->path->sockets, begin_move);
	err = bind_once(net, bound, wg->listen_port, true, sockets);
	end_move(sockets);
	end_move(&wg->path->sockets);
	mutex_unlock(&move_lock);
	if (err)
		wg_udp_discard(sockets);
	return err;
}

int wg_udp_bind(struct wg_device *wg, struct net *net,
		const struct wg_bound *bound, u16 port,
		struct wg_udp_sockets *sockets)
{
	unsigned int tries = port ? 1 : 100;
	int err;

	lockdep_assert_held(&wg->config_lock);
	if (wg_udp_is_open(wg) && port == wg->listen_port)
		return bind_beside(wg, net, bound, sockets);
	/* a port that the kernel chose for IPv4 may be taken for IPv6 */
	do {
		err = bind_once(net, bound, port, false, sockets);
		if (err)
			wg_udp_discard(sockets);
	} while (err == -EADDRINUSE && --tries);
	return err;
}

void wg_udp_discard(struct wg_udp_sockets *sockets)
{
	if (!sockets->v4[0] && !sockets->v6[0])
		return;
	with_all_socks(sockets, hide_sock);
	synchronize_net();
	with_all_socks(sockets, close_sock);
	memset(sockets, 0, sizeof(*sockets));
}

void wg_udp_wake_locked(struct wg_device *wg)
{
	lockdep_assert_held(&wg->config_lock);
	with_all_socks(&wg->path->sockets, wg_intake_wake);
}

static void attach(struct wg_path *path)
{
	struct wg_udp_sockets *sockets = &path->sockets;
	unsigned int i;

	for (i = 0; i < WG_RX_CPUS_MAX; i++) {
		if (sockets->v4[i])
			wg_intake_attach(&path->intakes[i], sockets->v4[i]);
		if (sockets->v6[i])
			wg_intake_attach(&path->intakes[i], sockets->v6[i]);
	}
}

void wg_udp_replace_locked(struct wg_device *wg,
			   struct wg_udp_sockets *sockets)
{
	struct wg_udp_sockets old = wg->path->sockets;

	lockdep_assert_held(&wg->config_lock);
	wg->path->sockets = *sockets;
	rcu_assign_pointer(wg->sock4, sockets->v4[0]);
	rcu_assign_pointer(wg->sock6, sockets->v6[0]);
	if (sockets->port)
		wg->listen_port = sockets->port;
	attach(wg->path);
	memset(sockets, 0, sizeof(*sockets));
	/* who found no intake has put the datagram into its socket by then */
	if (wg_udp_is_open(wg))
		synchronize_net();
	wg_udp_wake_locked(wg);
	/* waits for packets on their way out, too */
	wg_udp_discard(&old);
}

/* A source that no longer fits is forgotten for good. */
static void forget_source(const struct wg_tx_context *ctx)
{
	if (ctx->peer)
		wg_peer_refuse_source(ctx->peer, &ctx->endpoint);
}

/*
 * Route, source and endpoint belong together, and a context outlasts a move of
 * the peer's. The route that a session keeps is that to the peer's present
 * endpoint, since each move forgets it: it is taken, and a new one kept, only by
 * whom the peer has not moved away from. peer->lock held.
 */
static struct wg_route *route_of_locked(const struct wg_tx_context *ctx)
{
	lockdep_assert_held(&ctx->peer->lock);
	return ctx->peer->endpoint.moves == ctx->endpoint.moves ?
	       &ctx->session->route : NULL;
}

/* The route that is kept, with a reference to it in @route->dst; or none. */
static bool take_route(const struct wg_tx_context *ctx, struct wg_route *route)
{
	struct wg_route *kept;

	route->dst = NULL;
	if (!ctx->session)
		return false;
	spin_lock(&ctx->peer->lock);
	kept = route_of_locked(ctx);
	if (kept && kept->dst && !dst_check(kept->dst, kept->cookie)) {
		/* what it holds is not to wait for the next one */
		dst_release(kept->dst);
		kept->dst = NULL;
	}
	if (kept && kept->dst) {
		*route = *kept;
		dst_hold(route->dst);
	}
	spin_unlock(&ctx->peer->lock);
	return route->dst;
}

static void keep_route(const struct wg_tx_context *ctx,
		       const struct wg_route *route)
{
	struct wg_route *kept;

	if (!ctx->session)
		return;
	spin_lock(&ctx->peer->lock);
	kept = route_of_locked(ctx);
	if (kept) {
		dst_release(kept->dst);
		*kept = *route;
		dst_hold(kept->dst);
	}
	spin_unlock(&ctx->peer->lock);
}

/*
 * One tunnel through another of the same device is welcome; a peer whose
 * endpoint is reached through that very peer would swallow its own messages
 * for ever.
 */
static bool is_loop(const struct wg_tx_context *ctx,
		    const struct net_device *dev)
{
	const struct wg_endpoint *to = &ctx->endpoint;
	const struct wg_peer *peer;

	if (!ctx->peer || dev != ctx->wg->dev)
		return false;
	peer = to->addr.sa_family == AF_INET ?
	       wg_peer_by_addr4_rcu(ctx->wg, to->addr4.sin_addr.s_addr) :
	       wg_peer_by_addr6_rcu(ctx->wg, &to->addr6.sin6_addr);
	return peer == ctx->peer;
}

/* What was found, an error perhaps, becomes the route, and is kept. */
static enum wg_drop_reason use_route(const struct wg_tx_context *ctx,
				     struct wg_route *route,
				     struct dst_entry *dst)
{
	bool is_ip6 = ctx->endpoint.addr.sa_family == AF_INET6;

	if (IS_ERR(dst))
		return WG_DROP_NO_ROUTE;
	if (is_loop(ctx, dst->dev)) {
		dst_release(dst);
		return WG_DROP_SEND_LOOP;
	}
	route->dst = dst;
	route->cookie = is_ip6 ?
		rt6_get_cookie(container_of(dst, struct rt6_info, dst)) : 0;
	keep_route(ctx, route);
	return WG_DROP_NONE;
}

/* From *@source; if that is any, it becomes what the route says. */
static struct dst_entry *lookup4(const struct wg_tx_context *ctx,
				 __be32 *source)
{
	struct flowi4 flow = {
		.saddr = *source,
		.daddr = ctx->endpoint.addr4.sin_addr.s_addr,
		.fl4_dport = ctx->endpoint.addr4.sin_port,
		.fl4_sport = inet_sk(ctx->sk)->inet_sport,
		.flowi4_oif = ctx->sk->sk_bound_dev_if,
		.flowi4_mark = READ_ONCE(ctx->wg->fwmark),
		.flowi4_proto = IPPROTO_UDP,
	};
	struct rtable *rt;

	security_sk_classify_flow(ctx->sk, flowi4_to_flowi_common(&flow));
	rt = ip_route_output_flow(sock_net(ctx->sk), &flow, ctx->sk);
	*source = flow.saddr;
	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

/*
 * The sticky source is kept if it is still one of our addresses and replies
 * still leave by the interface on which the peer was heard.
 */
static struct dst_entry *route4(const struct wg_tx_context *ctx,
				__be32 *source)
{
	__be32 sticky = ctx->endpoint.src4.s_addr;
	/* a VRF receives what one of its devices will send */
	int oif = ctx->sk->sk_bound_dev_if ? 0 : ctx->endpoint.src_if4;
	struct dst_entry *dst;

	if (sticky && inet_confirm_addr(sock_net(ctx->sk), NULL, 0, sticky,
					RT_SCOPE_HOST)) {
		*source = sticky;
		dst = lookup4(ctx, source);
		if (!IS_ERR(dst) && (!oif || dst->dev->ifindex == oif))
			return dst;
		if (!IS_ERR(dst))
			dst_release(dst);
	}
	if (sticky)
		forget_source(ctx);
	*source = inet_sk(ctx->sk)->inet_saddr;
	return lookup4(ctx, source);
}

static enum wg_drop_reason send4(const struct wg_tx_context *ctx,
				 struct sk_buff *skb, u8 ds)
{
	enum wg_drop_reason reason;
	struct wg_route route;

	if (!take_route(ctx, &route)) {
		reason = use_route(ctx, &route, route4(ctx, &route.source4));
		if (reason)
			return reason;
	}
	udp_tunnel_xmit_skb(container_of(route.dst, struct rtable, dst),
			    ctx->sk, skb, route.source4,
			    ctx->endpoint.addr4.sin_addr.s_addr, ds,
			    ip4_dst_hoplimit(route.dst), 0,
			    inet_sk(ctx->sk)->inet_sport,
			    ctx->endpoint.addr4.sin_port, false, false, 0);
	return WG_DROP_NONE;
}

/* IPv4's lookup asks this itself; IPv6's believes that a source is ours. */
static bool is_source6(struct sock *sk, const struct in6_addr *addr)
{
	struct net *net = sock_net(sk);
	bool is;

	rcu_read_lock();
	is = ipv6_chk_addr(net, addr,
			   dev_get_by_index_rcu(net, sk->sk_bound_dev_if), 0);
	rcu_read_unlock();
	return is || ipv6_can_nonlocal_bind(net, inet_sk(sk));
}

static struct dst_entry *lookup6(const struct wg_tx_context *ctx,
				 struct in6_addr *source)
{
	struct flowi6 flow = {
		.saddr = *source,
		.daddr = ctx->endpoint.addr6.sin6_addr,
		.fl6_dport = ctx->endpoint.addr6.sin6_port,
		.fl6_sport = inet_sk(ctx->sk)->inet_sport,
		.flowi6_mark = READ_ONCE(ctx->wg->fwmark),
		.flowi6_oif = ctx->sk->sk_bound_dev_if ?:
			      ctx->endpoint.addr6.sin6_scope_id,
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *dst;

	if (!ipv6_addr_any(source) && !is_source6(ctx->sk, source))
		return ERR_PTR(-EADDRNOTAVAIL);
	security_sk_classify_flow(ctx->sk, flowi6_to_flowi_common(&flow));
	dst = ip6_dst_lookup_flow(sock_net(ctx->sk), ctx->sk, &flow, NULL);
	*source = flow.saddr;
	return dst;
}

static struct dst_entry *route6(const struct wg_tx_context *ctx,
				struct in6_addr *source)
{
	const struct in6_addr *sticky = &ctx->endpoint.src6;
	struct dst_entry *dst;

	if (!ipv6_addr_any(sticky)) {
		*source = *sticky;
		dst = lookup6(ctx, source);
		if (!IS_ERR(dst))
			return dst;
		forget_source(ctx);
	}
	*source = inet6_sk(ctx->sk)->saddr;
	return lookup6(ctx, source);
}

static enum wg_drop_reason send6(const struct wg_tx_context *ctx,
				 struct sk_buff *skb, u8 ds)
{
	enum wg_drop_reason reason;
	struct wg_route route;

	if (!IS_ENABLED(CONFIG_IPV6))
		return WG_DROP_NO_ROUTE;
	if (!take_route(ctx, &route)) {
		reason = use_route(ctx, &route, route6(ctx, &route.source6));
		if (reason)
			return reason;
	}
	udp_tunnel6_xmit_skb(route.dst, ctx->sk, skb, NULL, &route.source6,
			     &ctx->endpoint.addr6.sin6_addr, ds,
			     ip6_dst_hoplimit(route.dst), 0,
			     inet_sk(ctx->sk)->inet_sport,
			     ctx->endpoint.addr6.sin6_port, false, 0);
	return WG_DROP_NONE;
}

static enum wg_drop_reason send_skb(struct wg_tx_context *ctx,
				    struct sk_buff *skb, u8 ds)
{
	switch (ctx->endpoint.addr.sa_family) {
	case AF_INET:
		ctx->sk = rcu_dereference_bh(ctx->wg->sock4);
		return ctx->sk ? send4(ctx, skb, ds) : WG_DROP_DEVICE_DOWN;
	case AF_INET6:
		ctx->sk = rcu_dereference_bh(ctx->wg->sock6);
		return ctx->sk ? send6(ctx, skb, ds) : WG_DROP_DEVICE_DOWN;
	}
	return WG_DROP_NO_ENDPOINT;
}

enum wg_drop_reason wg_udp_send(struct wg_tx_context *ctx,
				struct sk_buff *skb, u8 ds)
{
	enum wg_drop_reason reason;

	/* the inner packet's device, mark, priority and route end here */
	skb->dev = NULL;
	skb->mark = READ_ONCE(ctx->wg->fwmark);
	/* an outer packet larger than a hop's MTU is fragmented, never lost */
	skb->ignore_df = 1;
	reason = send_skb(ctx, skb, ds);
	if (reason)
		kfree_skb(skb);
	return reason;
}

enum wg_drop_reason wg_udp_send_message(struct wg_device *wg,
					struct wg_peer *peer,
					const void *message, unsigned int len,
					const struct wg_endpoint *endpoint)
{
	struct wg_tx_context ctx = {
		.wg = wg,
		.peer = peer,
		.endpoint = *endpoint,
	};
	enum wg_drop_reason reason;
	struct sk_buff *skb;

	skb = alloc_skb(WG_UDP_HEADROOM + len, GFP_ATOMIC);
	if (!skb)
		return WG_DROP_NO_MEMORY;
	skb_reserve(skb, WG_UDP_HEADROOM);
	skb_put_data(skb, message, len);
	rcu_read_lock_bh();
	reason = wg_udp_send(&ctx, skb, peer ? WG_DSCP_HANDSHAKE : 0);
	rcu_read_unlock_bh();
	return reason;
}
