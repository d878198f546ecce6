/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The outer sockets: one for IPv4, one for IPv6, on the same port, in the
 * namespace where the device was born. Binds them, sends messages through
 * them, hands what they receive to path/rx.
 */
#ifndef _WG_PATH_UDP_H
#define _WG_PATH_UDP_H

#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/types.h>
#include <linux/udp.h>

#include "core/device.h"
#include "core/drop.h"
#include "core/endpoint.h"

struct net;
struct sk_buff;
struct sock;
struct wg_tx_context;
struct wg_peer;

/* What the lower layers prepend: IPv6, UDP, and room for the link. */
#define WG_UDP_HEADROOM \
	(LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/* A bound pair that no packet uses yet. */
struct wg_udp_pair {
	struct sock *sock4;
	struct sock *sock6; /* NULL where IPv6 is off, or the address is IPv4 */
	u16 port; /* host order; 0: there are no sockets */
};

/* Has the device sockets? Any context; to rely on it, config_lock. */
static inline bool wg_udp_is_open(const struct wg_device *wg)
{
	return rcu_access_pointer(wg->sock4) || rcu_access_pointer(wg->sock6);
}

/*
 * Bind a pair to @bound and @port in @net; 0 lets the kernel choose one that is
 * free for both. The port may be that of the pair in use, which is to be
 * replaced. Process context, may sleep, config_lock held.
 * Return: 0; -ENODEV; -EADDRINUSE, -EADDRNOTAVAIL and what else bind says.
 */
int wg_udp_bind(struct wg_device *wg, struct net *net,
		const struct wg_bound *bound, u16 port,
		struct wg_udp_pair *pair);

/*
 * Close a pair, or NULLs, that nobody is given any more, after a grace period.
 * Process context.
 */
void wg_udp_discard(struct wg_udp_pair *pair);

/*
 * Put @pair to use and close the one before it, if there was one, after a
 * grace period. A pair of NULLs only closes. Cannot fail. Process context,
 * wg->config_lock held.
 */
void wg_udp_replace_locked(struct wg_device *wg, struct wg_udp_pair *pair);

/*
 * Send @skb, one message or a UDP GSO packet of messages that begin at
 * skb->data, to the endpoint of @ctx with traffic class @ds. Its session, if
 * there is one, keeps the route. Consumes @skb in any case. BH disabled, RCU
 * read section, peer->lock not held.
 * Return: 0, or the reason why it could not be sent, which the caller counts.
 */
enum wg_drop_reason wg_udp_send(struct wg_tx_context *ctx,
				struct sk_buff *skb, u8 ds);

/*
 * Send the @len bytes of @message to @endpoint: a handshake message to @peer,
 * marked AF41, or, where that is NULL, a cookie to nobody in particular,
 * unmarked as everybody's are. Any context.
 */
enum wg_drop_reason wg_udp_send_message(struct wg_device *wg,
					struct wg_peer *peer,
					const void *message, unsigned int len,
					const struct wg_endpoint *endpoint);

#endif
