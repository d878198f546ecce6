// SPDX-License-Identifier: GPL-2.0
#include "core/endpoint.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/udp.h>
#include <net/ipv6.h>

static bool equal4(const struct wg_endpoint *a, const struct wg_endpoint *b)
{
	return a->addr4.sin_port == b->addr4.sin_port &&
	       a->addr4.sin_addr.s_addr == b->addr4.sin_addr.s_addr &&
	       a->src4.s_addr == b->src4.s_addr && a->src_if4 == b->src_if4;
}

static bool equal6(const struct wg_endpoint *a, const struct wg_endpoint *b)
{
	return a->addr6.sin6_port == b->addr6.sin6_port &&
	       ipv6_addr_equal(&a->addr6.sin6_addr, &b->addr6.sin6_addr) &&
	       a->addr6.sin6_scope_id == b->addr6.sin6_scope_id &&
	       ipv6_addr_equal(&a->src6, &b->src6);
}

bool wg_endpoint_equal(const struct wg_endpoint *a,
		       const struct wg_endpoint *b)
{
	if (a->addr.sa_family != b->addr.sa_family)
		return false;
	/* one that is not set is all zero, as IPv6 too */
	return a->addr.sa_family == AF_INET ? equal4(a, b) : equal6(a, b);
}

void wg_endpoint_clear_source(struct wg_endpoint *endpoint)
{
	/* all variants of the local half lie in this one union */
	endpoint->src6 = in6addr_any;
}

static void from_ip4(struct wg_endpoint *endpoint, const struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);

	endpoint->addr4.sin_family = AF_INET;
	endpoint->addr4.sin_port = udp_hdr(skb)->source;
	endpoint->addr4.sin_addr.s_addr = ip->saddr;
	endpoint->src4.s_addr = ip->daddr;
	endpoint->src_if4 = skb->skb_iif;
}

static void from_ip6(struct wg_endpoint *endpoint, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);

	endpoint->addr6.sin6_family = AF_INET6;
	endpoint->addr6.sin6_port = udp_hdr(skb)->source;
	endpoint->addr6.sin6_addr = ip->saddr;
	endpoint->addr6.sin6_scope_id =
		ipv6_iface_scope_id(&ip->saddr, skb->skb_iif);
	endpoint->src6 = ip->daddr;
}

bool wg_endpoint_from_skb(struct wg_endpoint *endpoint,
			  const struct sk_buff *skb)
{
	memset(endpoint, 0, sizeof(*endpoint));
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		from_ip4(endpoint, skb);
		return true;
	case htons(ETH_P_IPV6):
		from_ip6(endpoint, skb);
		return true;
	}
	return false;
}
