/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inner packets of all shapes, as the stack hands them to a device, and what
 * the kernel makes of them when it segments a copy itself.
 */
#ifndef _WG_TESTS_KUNIT_PACKETS_H
#define _WG_TESTS_KUNIT_PACKETS_H

#include <kunit/test.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/net_namespace.h>

#include "compat.h"

#define PACKET_HEADROOM 256
#define PACKET_FRAG_ORDER 3

/**
 * struct packet_form - what a packet is to be
 * @name: of the case
 * @is_tcp: TCP; else UDP
 * @is_ip6: IPv6; else IPv4
 * @payload: bytes behind the TCP or UDP header
 * @size: payload of each segment; 0: no GSO packet
 * @linear: bytes of payload in the linear part; the rest is in frags
 * @frag: bytes of each frag; 0: all of the payload is linear
 * @shift: how far the headers are from the best alignment
 * @option: bytes of TCP options, or of IPv4 options of a UDP packet
 * @flags: TCP flags, the 14th byte of the header
 * @gso_type: more bits of it
 * @to: second byte of 10.N.0.1, fourth of fd00:N::1: the destination
 */
struct packet_form {
	const char *name;
	bool is_tcp;
	bool is_ip6;
	unsigned int payload;
	unsigned int size;
	unsigned int linear;
	unsigned int frag;
	unsigned int shift;
	unsigned int option;
	u8 flags;
	unsigned int gso_type;
	u8 to;
};

static inline void packet_describe(const struct packet_form *form, char *desc)
{
	strscpy(desc, form->name, KUNIT_PARAM_DESC_SIZE);
}

static inline u8 packet_byte(unsigned int i)
{
	return i * 7 + (i >> 8) * 13 + 1;
}

static inline void packet_fill(u8 *bytes, unsigned int first, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		bytes[i] = packet_byte(first + i);
}

static inline void packet_put_ip4(const struct packet_form *form,
				  struct sk_buff *skb, unsigned int rest)
{
	unsigned int options = form->is_tcp ? 0 : form->option;
	unsigned int len = sizeof(struct iphdr) + options;
	struct iphdr *ip = skb_put_zero(skb, len);

	ip->version = 4;
	ip->ihl = len / 4;
	ip->tos = 2;
	ip->tot_len = htons(len + rest);
	ip->id = htons(0xfffe); /* soon wraps */
	ip->frag_off = htons(IP_DF);
	ip->ttl = 63;
	ip->protocol = form->is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
	ip->saddr = htonl(0xc0a80102);
	ip->daddr = htonl(10 << 24 | form->to << 16 | 1);
	memset(ip + 1, IPOPT_NOP, options);
	ip_send_check(ip);
	skb->protocol = htons(ETH_P_IP);
}

static inline void packet_put_ip6(const struct packet_form *form,
				  struct sk_buff *skb, unsigned int rest)
{
	struct ipv6hdr *ip = skb_put_zero(skb, sizeof(*ip));

	ip->version = 6;
	ip->priority = 0;
	ip->flow_lbl[2] = 0x77;
	ip->payload_len = htons(rest);
	ip->nexthdr = form->is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
	ip->hop_limit = 63;
	ip->saddr.s6_addr[0] = 0xfd;
	ip->saddr.s6_addr[15] = 2;
	ip->daddr.s6_addr[0] = 0xfd;
	ip->daddr.s6_addr[3] = form->to;
	ip->daddr.s6_addr[15] = 1;
	skb->protocol = htons(ETH_P_IPV6);
}

/* What stands in a checksum field that is still to be completed. */
static inline __sum16 packet_pseudo_sum(struct sk_buff *skb, unsigned int len,
					u8 protocol)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	const struct iphdr *ip4 = ip_hdr(skb);

	if (skb->protocol == htons(ETH_P_IPV6))
		return ~csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len,
					protocol, 0);
	return ~csum_tcpudp_magic(ip4->saddr, ip4->daddr, len, protocol, 0);
}

static inline void packet_put_tcp(const struct packet_form *form,
				  struct sk_buff *skb)
{
	unsigned int len = sizeof(struct tcphdr) + form->option;
	struct tcphdr *tcp = skb_put_zero(skb, len);

	skb_set_transport_header(skb, (u8 *)tcp - skb->data);
	tcp->source = htons(443);
	tcp->dest = htons(50123);
	tcp->seq = htonl(0xffffff00); /* soon wraps */
	tcp->ack_seq = htonl(77);
	tcp->doff = len / 4;
	((u8 *)tcp)[13] = form->flags;
	tcp->window = htons(500);
	memset(tcp + 1, 1 /* no operation */, form->option);
	tcp->check = packet_pseudo_sum(skb, len + form->payload, IPPROTO_TCP);
	skb->csum_offset = offsetof(struct tcphdr, check);
}

static inline void packet_put_udp(const struct packet_form *form,
				  struct sk_buff *skb)
{
	struct udphdr *udp = skb_put_zero(skb, sizeof(*udp));

	skb_set_transport_header(skb, (u8 *)udp - skb->data);
	udp->source = htons(4500);
	udp->dest = htons(50124);
	udp->len = htons(sizeof(*udp) + form->payload);
	udp->check = packet_pseudo_sum(skb, sizeof(*udp) + form->payload,
				       IPPROTO_UDP);
	skb->csum_offset = offsetof(struct udphdr, check);
}

/* The payload from byte @first on, in frags at odd offsets. */
static inline bool packet_add_frags(const struct packet_form *form,
				    struct sk_buff *skb, unsigned int first)
{
	unsigned int len, start = 1 + form->shift;
	struct page *page;
	int i;

	for (i = 0; first < form->payload; i++, first += len) {
		len = min(form->frag, form->payload - first);
		page = alloc_pages(GFP_KERNEL | __GFP_COMP, PACKET_FRAG_ORDER);
		if (!page)
			return false;
		packet_fill(page_address(page) + start, first, len);
		skb_add_rx_frag(skb, i, page, start, len, len);
	}
	return true;
}

static inline void packet_make_gso(const struct packet_form *form,
				   struct sk_buff *skb)
{
	unsigned int type = SKB_GSO_UDP_L4;

	if (form->is_tcp)
		type = form->is_ip6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
	skb_shinfo(skb)->gso_size = form->size;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(form->payload, form->size);
	skb_shinfo(skb)->gso_type = type | form->gso_type;
}

static inline struct sk_buff *packet_make(struct kunit *test,
					  const struct packet_form *form)
{
	unsigned int linear = form->frag ? form->linear : form->payload;
	unsigned int transport = form->is_tcp ?
		sizeof(struct tcphdr) + form->option : sizeof(struct udphdr);
	struct sk_buff *skb = alloc_skb(PACKET_HEADROOM + form->shift + 120 +
					linear + 64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, PACKET_HEADROOM + form->shift);
	skb->dev = init_net.loopback_dev;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	if (form->is_ip6)
		packet_put_ip6(form, skb, transport + form->payload);
	else
		packet_put_ip4(form, skb, transport + form->payload);
	if (form->is_tcp)
		packet_put_tcp(form, skb);
	else
		packet_put_udp(form, skb);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + skb_transport_offset(skb);
	packet_fill(skb_put(skb, linear), 0, linear);
	KUNIT_ASSERT_TRUE(test, packet_add_frags(form, skb, linear));
	if (form->size)
		packet_make_gso(form, skb);
	return skb;
}

/*
 * The packets that the kernel makes of a copy of @skb, as a list by ->next:
 * linear, with all checksums.
 */
static inline struct sk_buff *packet_cut(struct kunit *test,
					 const struct sk_buff *skb)
{
	struct sk_buff *copy = skb_copy(skb, GFP_KERNEL), *list, *segment;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	if (!skb_is_gso(copy)) {
		KUNIT_ASSERT_EQ(test, skb_checksum_help(copy), 0);
		return copy;
	}
	list = skb_gso_segment(copy, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_OR_NULL(list));
	consume_skb(copy);
	for (segment = list; segment; segment = segment->next)
		KUNIT_ASSERT_EQ(test, skb_linearize(segment), 0);
	return list;
}

/* The same of a packet of @form. */
static inline struct sk_buff *packet_expected(struct kunit *test,
					      const struct packet_form *form)
{
	struct sk_buff *skb = packet_make(test, form);
	struct sk_buff *list = packet_cut(test, skb);

	kfree_skb(skb);
	return list;
}

static inline unsigned int packet_count(const struct sk_buff *list)
{
	unsigned int count = 0;

	for (; list; list = list->next)
		count++;
	return count;
}

#endif
