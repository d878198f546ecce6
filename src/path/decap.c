// SPDX-License-Identifier: GPL-2.0
#include "path/decap.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/dsfield.h>
#include <net/inet_ecn.h>
#include <net/ipv6.h>

#include "core/device.h"
#include "core/peer.h"
#include "path/cb.h"

static bool is_allowed4(struct wg_decap_source *source, __be32 addr)
{
	if (addr && addr == source->last4)
		return true;
	if (wg_peer_by_addr4_rcu(source->wg, addr) != source->peer)
		return false;
	source->last4 = addr;
	return true;
}

static bool is_allowed6(struct wg_decap_source *source,
			const struct in6_addr *addr)
{
	if (!ipv6_addr_any(addr) && ipv6_addr_equal(addr, &source->last6))
		return true;
	if (wg_peer_by_addr6_rcu(source->wg, addr) != source->peer)
		return false;
	source->last6 = *addr;
	return true;
}

/* RFC 6040, 4.2: outer CE goes in, or the packet is lost if it cannot. */
static enum wg_drop_reason take_ecn(struct sk_buff *skb, u8 inner)
{
	return INET_ECN_decapsulate(skb, wg_plain_cb(skb)->ds, inner) > 1 ?
	       WG_DROP_BAD_ECN : WG_DROP_NONE;
}

static enum wg_drop_reason check4(struct wg_decap_source *source,
				  struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);
	unsigned int len;

	if (skb->len < sizeof(*ip))
		return WG_DROP_INNER_LENGTH;
	len = ntohs(ip->tot_len);
	if (len < sizeof(*ip) || len > skb->len)
		return WG_DROP_INNER_LENGTH;
	if (!is_allowed4(source, ip->saddr))
		return WG_DROP_SOURCE_NOT_ALLOWED;
	skb_trim(skb, len);
	skb->protocol = htons(ETH_P_IP);
	return take_ecn(skb, ip->tos);
}

static enum wg_drop_reason check6(struct wg_decap_source *source,
				  struct sk_buff *skb)
{
	const struct ipv6hdr *ip = ipv6_hdr(skb);
	unsigned int len;

	if (skb->len < sizeof(*ip))
		return WG_DROP_INNER_LENGTH;
	len = sizeof(*ip) + ntohs(ip->payload_len);
	if (len > skb->len)
		return WG_DROP_INNER_LENGTH;
	if (!is_allowed6(source, &ip->saddr))
		return WG_DROP_SOURCE_NOT_ALLOWED;
	skb_trim(skb, len);
	skb->protocol = htons(ETH_P_IPV6);
	return take_ecn(skb, ipv6_get_dsfield(ip));
}

enum wg_drop_reason wg_decap_check(struct wg_decap_source *source,
				   struct sk_buff *skb)
{
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	switch (skb->data[0] >> 4) {
	case 4:
		return check4(source, skb);
	case 6:
		return check6(source, skb);
	}
	return WG_DROP_BAD_INNER;
}
