/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only file that looks at the kernel's version. Everything else is
 * written against the newest kernel; each block here gives older kernels the
 * newer name with the newer signature, and says what differs, since when, and
 * who needs it.
 */
#ifndef _WG_COMPAT_H
#define _WG_COMPAT_H

#include <linux/version.h>

/*
 * What: crypto_memneq() moved from crypto/algapi.h to crypto/utils.h.
 * Since: 6.4. Who: proto/crypto.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#include <crypto/utils.h>
#else
#include <crypto/algapi.h>
#endif

/*
 * What: get_unaligned_*() moved from asm/unaligned.h to linux/unaligned.h.
 * Since: 6.12. Who: whoever reads or writes integers in packets.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/*
 * What: BLAKE2s takes key, input, output, each followed by its length; it
 * took output, input, key and then the three lengths.
 * Since: 6.19. Who: proto/crypto.
 */
#include <crypto/blake2s.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define blake2s_ctx blake2s_state

static inline void wg_compat_blake2s(const u8 *key, size_t keylen,
				     const u8 *in, size_t inlen,
				     u8 *out, size_t outlen)
{
	blake2s(out, in, key, outlen, inlen, keylen);
}

#define blake2s wg_compat_blake2s
#endif

/*
 * What: a dump callback finds the request's attributes in genl_info_dump();
 * the older genl_dumpit_info() has a member of the same name.
 * Since: 6.6. Who: ctl/genl, which reads ->attrs and ->family of it and nothing
 * else.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define genl_info_dump(cb) genl_dumpit_info(cb)
#endif

/*
 * What: struct rtnl_link_ops.newlink takes the device, a struct of parameters
 * and the extack. WG_COMPAT_NEWLINK(name, function) defines @name, which has
 * the type that the kernel wants, to call @function, which has the new one.
 * Since: 6.15. Who: ctl/netdev.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define WG_COMPAT_NEWLINK(name, function)				\
static int name(struct net_device *dev,					\
		struct rtnl_newlink_params *params,			\
		struct netlink_ext_ack *extack)				\
{									\
	return function(dev, params, extack);				\
}
#else
struct net;
struct rtnl_newlink_params {
	struct net *src_net;
};

static inline struct net *
rtnl_newlink_link_net(struct rtnl_newlink_params *params)
{
	return params->src_net;
}

#define WG_COMPAT_NEWLINK(name, function)				\
static int name(struct net *net, struct net_device *dev,		\
		struct nlattr *tb[], struct nlattr *data[],		\
		struct netlink_ext_ack *extack)				\
{									\
	struct rtnl_newlink_params params = { .src_net = net };		\
									\
	return function(dev, &params, extack);				\
}
#endif

/*
 * What: a device that needs no lock around ndo_start_xmit says so in
 * dev->lltx; it was a feature bit. WG_COMPAT_SET_LLTX(dev) sets either.
 * Since: 6.12. Who: ctl/netdev.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define WG_COMPAT_SET_LLTX(dev) ((dev)->lltx = true)
#else
#define WG_COMPAT_SET_LLTX(dev) ((dev)->features |= NETIF_F_LLTX)
#endif

/*
 * What: the timer's container is timer_container_of(); it was from_timer().
 * Since: 6.16. Who: core/clock.
 */
#include <linux/timer.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define timer_container_of from_timer
#endif

/*
 * What: sending through a UDP tunnel takes flags for the IP layer's control
 * block as a last argument.
 * Since: 6.18. Who: path/udp, which passes 0.
 */
#include <net/udp_tunnel.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
static inline void
wg_compat_xmit4(struct rtable *rt, struct sock *sk, struct sk_buff *skb,
		__be32 src, __be32 dst, __u8 tos, __u8 ttl, __be16 df,
		__be16 src_port, __be16 dst_port, bool xnet, bool nocheck,
		u16 flags)
{
	udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, df, src_port,
			    dst_port, xnet, nocheck);
}

static inline void
wg_compat_xmit6(struct dst_entry *dst, struct sock *sk, struct sk_buff *skb,
		struct net_device *dev, const struct in6_addr *saddr,
		const struct in6_addr *daddr, __u8 prio, __u8 ttl,
		__be32 label, __be16 src_port, __be16 dst_port, bool nocheck,
		u16 flags)
{
	/* 6.1 lacks the const, not the care */
	udp_tunnel6_xmit_skb(dst, sk, skb, dev, (struct in6_addr *)saddr,
			     (struct in6_addr *)daddr, prio, ttl, label,
			     src_port, dst_port, nocheck);
}

#define udp_tunnel_xmit_skb wg_compat_xmit4
#define udp_tunnel6_xmit_skb wg_compat_xmit6
#endif

/*
 * What: skb_gso_segment() moved from linux/netdevice.h to net/gso.h.
 * Since: 6.5. Who: path/segment, path/merge.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#else
#include <linux/netdevice.h>
#endif

/*
 * What: the state of ChaCha20 is a struct; it was an array of words.
 * Since: 6.16. Who: proto/aead.
 */
#include <crypto/chacha.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
struct chacha_state {
	u32 x[CHACHA_STATE_WORDS];
};

static inline void wg_compat_chacha_init(struct chacha_state *state,
					 const u32 *key, const u8 *iv)
{
	chacha_init(state->x, key, iv);
}

static inline void wg_compat_chacha_crypt(struct chacha_state *state, u8 *dst,
					  const u8 *src, unsigned int bytes,
					  int rounds)
{
	chacha_crypt(state->x, dst, src, bytes, rounds);
}

#define chacha_init wg_compat_chacha_init
#define chacha_crypt wg_compat_chacha_crypt
#endif

/*
 * What: hrtimer_setup() sets the function too; hrtimer_init() did not.
 * Since: 6.13. Who: path/coalesce.
 */
#include <linux/hrtimer.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void
wg_compat_hrtimer_setup(struct hrtimer *timer,
			enum hrtimer_restart (*function)(struct hrtimer *),
			clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}

#define hrtimer_setup wg_compat_hrtimer_setup
#endif

/*
 * What: with BHs disabled, local_lock_nested_bh() excludes other tasks of the
 * CPU where PREEMPT_RT no longer does; before, BHs disabled were enough.
 * Since: 6.11. Who: path/gso, path/merge.
 */
#include <linux/local_lock.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define local_lock_nested_bh(lock) ((void)(lock))
#define local_unlock_nested_bh(lock) ((void)(lock))
#endif

/*
 * What: what a socket dropped is read by sk_drops_read(); it was a plain
 * counter.
 * Since: 6.18. Who: path/intake.
 */
#include <net/sock.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define sk_drops_read(sk) atomic_read(&(sk)->sk_drops)
#endif

/*
 * What: kernel_bind() takes a struct sockaddr_unsized; it was a sockaddr.
 * Since: 6.19. Who: path/udp.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define sockaddr_unsized sockaddr
#endif

/*
 * What: a device limits GRO's packets by family; it had one limit.
 * Since: 6.3. Who: path/merge.
 */
#include <linux/netdevice.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline unsigned int
netif_get_gro_max_size(const struct net_device *dev, const struct sk_buff *skb)
{
	return READ_ONCE(dev->gro_max_size);
}
#endif

#endif
