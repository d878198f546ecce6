// SPDX-License-Identifier: GPL-2.0
#include "path/segment.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "compat.h"
#include "path/cb.h"
#include "proto/wire.h"

/* What of a GSO packet we write ourselves; everything else the kernel cuts. */
#define GSO_TCP (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)
#define GSO_WRITTEN (GSO_TCP | SKB_GSO_TCP_ECN | SKB_GSO_UDP_L4)

static unsigned int message_bytes(unsigned int len, unsigned int mtu)
{
	return WG_DATA_OVERHEAD + wg_wire_padded_len(len, mtu);
}

static bool is_writable_type(const struct sk_buff *skb)
{
	unsigned int type = skb_shinfo(skb)->gso_type;

	return !(type & ~GSO_WRITTEN) && !skb->encapsulation &&
	       !skb_has_frag_list(skb) && skb->ip_summed == CHECKSUM_PARTIAL;
}

/* Transport protocol right behind the IP header, or 0. */
static u8 transport_protocol(const struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		return skb_network_header_len(skb) == sizeof(struct ipv6hdr) ?
		       ipv6_hdr(skb)->nexthdr : 0;
	return ip_hdr(skb)->protocol;
}

/*
 * Fill in @gso for a packet whose segments differ only in what write_*()
 * below knows. False: leave it to the kernel.
 */
static bool prepare_written(struct wg_segment_gso *gso, struct sk_buff *skb)
{
	bool is_tcp = skb_shinfo(skb)->gso_type & GSO_TCP;
	unsigned int transport = skb_checksum_start_offset(skb);
	unsigned int headers = transport + (is_tcp ? sizeof(struct tcphdr) :
						     sizeof(struct udphdr));

	if (!pskb_may_pull(skb, headers) ||
	    skb_transport_offset(skb) != transport ||
	    transport_protocol(skb) != (is_tcp ? IPPROTO_TCP : IPPROTO_UDP))
		return false;
	if (is_tcp)
		headers = transport + tcp_hdrlen(skb);
	if (!pskb_may_pull(skb, headers) || skb->len <= headers)
		return false;
	*gso = (struct wg_segment_gso){
		.headers = headers,
		.transport = transport,
		.is_tcp = is_tcp,
		.is_ip6 = skb->protocol == htons(ETH_P_IPV6),
	};
	return true;
}

static int begin_written(struct wg_segments *segments, struct sk_buff *skb)
{
	unsigned int headers = segments->gso.headers;
	unsigned int size = skb_shinfo(skb)->gso_size;
	unsigned int payload = skb->len - headers;
	unsigned int full = payload / size, rest = payload % size;
	unsigned int mtu = wg_tx_cb(skb)->mtu;

	segments->batch.list = skb;
	segments->batch.messages = full + !!rest;
	segments->batch.bytes = full * message_bytes(headers + size, mtu);
	if (rest)
		segments->batch.bytes += message_bytes(headers + rest, mtu);
	return 0;
}

void wg_segments_begin_list(struct wg_segments *segments,
			    struct sk_buff *list)
{
	struct sk_buff *skb;

	*segments = (struct wg_segments){ .batch.list = list };
	for (skb = list; skb; skb = skb->next) {
		segments->batch.messages++;
		segments->batch.bytes += message_bytes(skb->len,
						       wg_tx_cb(skb)->mtu);
	}
}

static int begin_cut(struct wg_segments *segments, struct sk_buff *skb)
{
	struct wg_tx_cb cb = *wg_tx_cb(skb);
	struct sk_buff *list, *segment;

	list = skb_gso_segment(skb, 0);
	if (IS_ERR(list))
		return PTR_ERR(list);
	if (!list) /* claims to be GSO and is not: as good as an error */
		return -EINVAL;
	consume_skb(skb);
	for (segment = list; segment; segment = segment->next)
		*wg_tx_cb(segment) = cb;
	wg_segments_begin_list(segments, list);
	return 0;
}

int wg_segments_begin(struct wg_segments *segments, struct sk_buff *skb)
{
	if (!skb_is_gso(skb)) {
		wg_segments_begin_list(segments, skb);
		return 0;
	}
	if (is_writable_type(skb) && prepare_written(&segments->gso, skb))
		return begin_written(segments, skb);
	return begin_cut(segments, skb);
}

/* Length of the payload of the next segment of a GSO packet. */
static unsigned int next_payload(const struct wg_segments *segments)
{
	const struct wg_segment_gso *gso = &segments->gso;
	const struct sk_buff *skb = segments->batch.list;

	return min_t(unsigned int, skb_shinfo(skb)->gso_size,
		     skb->len - gso->headers - gso->offset);
}

unsigned int wg_segments_next_len(struct wg_segments *segments,
				  unsigned int *padded_len)
{
	struct sk_buff *skb = segments->batch.list;
	unsigned int len = skb->len;

	if (segments->gso.headers)
		len = segments->gso.headers + next_payload(segments);
	*padded_len = wg_wire_padded_len(len, wg_tx_cb(skb)->mtu);
	return len;
}

static void write_ip4(const struct wg_segment_gso *gso, u8 *dst,
		      unsigned int len)
{
	struct iphdr *ip = (struct iphdr *)dst;

	ip->tot_len = htons(len);
	ip->id = htons(ntohs(ip->id) + gso->index);
	ip->check = 0;
	ip->check = ip_fast_csum(dst, ip->ihl);
}

/* RFC 9293: only the last segment pushes or ends; RFC 3168: only the first
 * says that the congestion window was reduced.
 */
static void write_tcp(const struct wg_segments *segments, struct tcphdr *tcp)
{
	tcp->seq = htonl(ntohl(tcp->seq) + segments->gso.offset);
	tcp->cwr &= !segments->gso.index;
	tcp->psh &= segments->batch.messages == 1;
	tcp->fin &= segments->batch.messages == 1;
}

static __sum16 transport_sum(const struct wg_segment_gso *gso, const u8 *dst,
			     unsigned int len)
{
	u8 protocol = gso->is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
	__wsum sum = csum_partial(dst + gso->transport, len, 0);
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)dst;
	const struct iphdr *ip4 = (const struct iphdr *)dst;

	if (gso->is_ip6)
		return csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, protocol,
				       sum);
	return csum_tcpudp_magic(ip4->saddr, ip4->daddr, len, protocol, sum);
}

static void write_transport(const struct wg_segments *segments, u8 *dst,
			    unsigned int len)
{
	const struct wg_segment_gso *gso = &segments->gso;
	struct tcphdr *tcp = (struct tcphdr *)(dst + gso->transport);
	struct udphdr *udp = (struct udphdr *)(dst + gso->transport);

	len -= gso->transport;
	if (gso->is_tcp) {
		write_tcp(segments, tcp);
		tcp->check = 0;
		tcp->check = transport_sum(gso, dst, len);
	} else {
		udp->len = htons(len);
		udp->check = 0;
		udp->check = transport_sum(gso, dst, len) ?: CSUM_MANGLED_0;
	}
}

static struct sk_buff *write_segment(struct wg_segments *segments, u8 *dst)
{
	struct wg_segment_gso *gso = &segments->gso;
	struct sk_buff *skb = segments->batch.list;
	unsigned int payload = next_payload(segments);
	unsigned int len = gso->headers + payload;

	skb_copy_from_linear_data(skb, dst, gso->headers);
	skb_copy_bits(skb, gso->headers + gso->offset, dst + gso->headers,
		      payload);
	if (gso->is_ip6)
		((struct ipv6hdr *)dst)->payload_len =
			htons(len - sizeof(struct ipv6hdr));
	else
		write_ip4(gso, dst, len);
	write_transport(segments, dst, len);

	gso->offset += payload;
	gso->index++;
	if (--segments->batch.messages)
		return NULL;
	segments->batch.list = NULL;
	return skb;
}

/* What skb_checksum_help() does, on the copy. */
static void write_sum(const struct sk_buff *skb, u8 *dst)
{
	unsigned int start = skb_checksum_start_offset(skb);
	__sum16 *field = (__sum16 *)(dst + start + skb->csum_offset);
	__wsum sum = csum_partial(dst + start, skb->len - start, 0);

	*field = csum_fold(sum) ?: CSUM_MANGLED_0;
}

static struct sk_buff *write_packet(struct wg_segments *segments, u8 *dst)
{
	struct sk_buff *skb = segments->batch.list;

	skb_copy_bits(skb, 0, dst, skb->len);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		write_sum(skb, dst);
	segments->batch.messages--;
	segments->batch.list = skb->next;
	skb_mark_not_on_list(skb);
	return skb;
}

struct sk_buff *wg_segments_write(struct wg_segments *segments, u8 *dst)
{
	return segments->gso.headers ? write_segment(segments, dst) :
				       write_packet(segments, dst);
}
