/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a peer was last heard: its address and port, and the local address
 * and interface on which it was heard, which replies keep using (the "sticky"
 * source). Plain data with value semantics; whoever holds one guards it.
 * Sending and routing live in path/udp.
 */
#ifndef _WG_CORE_ENDPOINT_H
#define _WG_CORE_ENDPOINT_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/types.h>

struct sk_buff;

struct wg_endpoint {
	union {
		struct sockaddr addr; /* family 0: no endpoint */
		struct sockaddr_in addr4;
		struct sockaddr_in6 addr6;
	};
	union {
		struct {
			struct in_addr src4; /* any: not known */
			int src_if4; /* ifindex, 0: not known */
		};
		struct in6_addr src6; /* its interface is addr6's scope */
	};
	u32 moves; /* of a peer's, how often it changed; core/peer counts */
};

/* Is an address known? */
static inline bool wg_endpoint_is_set(const struct wg_endpoint *endpoint)
{
	return endpoint->addr.sa_family != AF_UNSPEC;
}

/* Bytes of the address, as a sockaddr; 0: none is known. */
static inline unsigned int wg_endpoint_len(const struct wg_endpoint *endpoint)
{
	switch (endpoint->addr.sa_family) {
	case AF_INET:
		return sizeof(endpoint->addr4);
	case AF_INET6:
		return sizeof(endpoint->addr6);
	}
	return 0;
}

/* The same remote address, port, local address and interface? */
bool wg_endpoint_equal(const struct wg_endpoint *a,
		       const struct wg_endpoint *b);

/* Forget the local half: the next packet asks the routing table again. */
void wg_endpoint_clear_source(struct wg_endpoint *endpoint);

/*
 * The endpoint that received UDP datagram @skb came from. The network and
 * transport headers must be in the linear part. False if it is neither IPv4
 * nor IPv6.
 */
bool wg_endpoint_from_skb(struct wg_endpoint *endpoint,
			  const struct sk_buff *skb);

#endif
