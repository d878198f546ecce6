/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The outer sockets: for IPv4 and for IPv6 one for each CPU on which messages
 * may arrive, all on the same port, in the namespace where the device was born.
 * Binds them, sends messages through the first ones, hands what they receive to
 * path/intake.
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
#include "path/rx.h"

struct net;
struct sk_buff;
struct sock;
struct wg_tx_context;
struct wg_peer;

/* What the lower layers prepend: IPv6, UDP, and room for the link. */
#define WG_UDP_HEADROOM \
	(LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/* Sockets that are bound to a port; NULL: there are no more. */
struct wg_udp_sockets {
	struct sock *v4[WG_RX_CPUS_MAX];
	struct sock *v6[WG_RX_CPUS_MAX]; /* none where IPv6 is off, or the address is IPv4 */
	unsigned int count; /* of each family that there is */
	u16 port; /* host order; 0: there are no sockets */
	bool is_moving; /* to the port of those in use, while they are bound */
};

/* Has the device sockets? Any context; to rely on it, config_lock. */
static inline bool wg_udp_is_open(const struct wg_device *wg)
{
	return rcu_access_pointer(wg->sock4) || rcu_access_pointer(wg->sock6);
}

/*
 * Bind @sockets to @bound and @port in @net; 0 lets the kernel choose one that is
 * free for both families. Nobody else can join them there. The port may be that
 * of the sockets in use, which are to be replaced. Process context, may sleep,
 * config_lock held.
 * Return: 0; -ENODEV; -EADDRINUSE, -EADDRNOTAVAIL and what else bind says.
 */
int wg_udp_bind(struct wg_device *wg, struct net *net,
		const struct wg_bound *bound, u16 port,
		struct wg_udp_sockets *sockets);

/*
 * Close what of @sockets there is and nobody is given any more, after a grace
 * period. Process context.
 */
void wg_udp_discard(struct wg_udp_sockets *sockets);

/*
 * Put @sockets to use and close those before, if there were any, after a grace
 * period. None at all only closes. Cannot fail. Process context,
 * wg->config_lock held.
 */
void wg_udp_replace_locked(struct wg_device *wg,
			   struct wg_udp_sockets *sockets);

/*
 * Have path/intake let in what the sockets received while it was closed. Process
 * context, wg->config_lock held.
 */
void wg_udp_wake_locked(struct wg_device *wg);

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
