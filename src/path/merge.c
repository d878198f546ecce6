// SPDX-License-Identifier: GPL-2.0
#include "path/merge.h"

#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include "compat.h"
#include "path/cb.h"

/* A segment with one of these stands alone. */
#define FLAGS_ALONE (TCP_FLAG_SYN | TCP_FLAG_RST | TCP_FLAG_URG | TCP_FLAG_CWR)

/* A segment with one of these is the last. */
#define FLAGS_LAST (TCP_FLAG_PSH | TCP_FLAG_FIN)

DEFINE_PER_CPU(struct wg_frag_memory, wg_merge_memory) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

/*
 * Length of the IP header at @bytes if all of a packet is there and it is
 * whole, plain TCP; else 0. *@len becomes the packet's length without padding.
 */
static unsigned int ip4_headers(const u8 *bytes, unsigned int *len)
{
	const struct iphdr *ip = (const struct iphdr *)bytes;
	unsigned int padded_len = *len;

	*len = ntohs(ip->tot_len);
	if (ip->ihl != 5 || ip->protocol != IPPROTO_TCP ||
	    ip->frag_off & ~htons(IP_DF) || *len > padded_len ||
	    ip_fast_csum(ip, 5))
		return 0;
	return sizeof(*ip);
}

static unsigned int ip6_headers(const u8 *bytes, unsigned int *len)
{
	const struct ipv6hdr *ip = (const struct ipv6hdr *)bytes;
	unsigned int padded_len = *len;

	*len = sizeof(*ip) + ntohs(ip->payload_len);
	if (ip->nexthdr != IPPROTO_TCP || *len > padded_len)
		return 0;
	return sizeof(*ip);
}

static unsigned int ip_headers(const u8 *bytes, unsigned int *len)
{
	if (*len < sizeof(struct ipv6hdr) + sizeof(struct tcphdr))
		return 0;
	switch (bytes[0] >> 4) {
	case 4:
		return ip4_headers(bytes, len);
	case 6:
		return ip6_headers(bytes, len);
	}
	return 0;
}

/* The flags, and with them the other fields of their word. */
static __be32 *flags_of(const struct wg_merge *merge, u8 *headers)
{
	return &tcp_flag_word((struct tcphdr *)(headers + merge->transport));
}

/* Take out of @headers what may differ: lengths, checksums, the last's flags. */
static void take_out(const struct wg_merge *merge, u8 *headers)
{
	struct tcphdr *tcp = (struct tcphdr *)(headers + merge->transport);
	struct ipv6hdr *ip6 = (struct ipv6hdr *)headers;
	struct iphdr *ip4 = (struct iphdr *)headers;

	if (merge->transport == sizeof(*ip6)) {
		ip6->payload_len = 0;
	} else {
		ip4->tot_len = 0;
		ip4->check = 0;
	}
	tcp->check = 0;
	*flags_of(merge, headers) &= ~FLAGS_LAST;
}

/* From the headers of one segment to those of the one behind it. */
static void advance(struct wg_merge *merge)
{
	struct tcphdr *tcp = (struct tcphdr *)(merge->next + merge->transport);
	struct iphdr *ip4 = (struct iphdr *)merge->next;

	if (merge->transport == sizeof(*ip4))
		ip4->id = htons(ntohs(ip4->id) + 1);
	tcp->seq = htonl(ntohl(tcp->seq) + merge->size);
	merge->counter++;
}

void wg_merge_begin(struct wg_merge *merge, struct sk_buff *plain,
		    u64 counter)
{
	unsigned int len = plain->len;
	const struct tcphdr *tcp;

	merge->head = NULL;
	merge->transport = ip_headers(plain->data, &len);
	if (!merge->transport)
		return;
	tcp = (const struct tcphdr *)(plain->data + merge->transport);
	merge->headers = merge->transport + tcp->doff * 4;
	if (tcp->doff < 5 || merge->headers >= len ||
	    (tcp_flag_word(tcp) & (FLAGS_ALONE | FLAGS_LAST)) || !tcp->ack)
		return;
	merge->size = len - merge->headers;
	merge->counter = counter;
	memcpy(merge->next, plain->data, merge->headers);
	take_out(merge, merge->next);
	advance(merge);
	skb_trim(plain, len);
	plain->protocol = merge->transport == sizeof(struct ipv6hdr) ?
			  htons(ETH_P_IPV6) : htons(ETH_P_IP);
	merge->at = NULL;
	merge->head = plain;
}

/* What GRO asks: what the device takes, and what 16 bits can count. */
static bool is_full(const struct wg_merge *merge)
{
	const struct sk_buff *head = merge->head;
	unsigned int end = min(netif_get_gro_max_size(head->dev, head),
			       GRO_LEGACY_MAX_SIZE);

	return head->len + merge->size >= end || !wg_frag_has_slot(head);
}

u8 *wg_merge_room(struct wg_merge *merge, unsigned int len)
{
	struct page_frag *frag = this_cpu_ptr(&wg_merge_memory.frag);
	struct sk_buff *head = merge->head;

	if (!head || is_full(merge) || !wg_frag_refill(frag, len))
		return NULL;
	merge->is_over = wg_frag_follows(head, frag);
	if (merge->is_over) {
		merge->at = wg_frag_bytes(frag) - merge->headers;
		memcpy(merge->under, merge->at, merge->headers);
	} else {
		merge->at = wg_frag_bytes(frag);
	}
	return merge->at;
}

static void put_back(struct wg_merge *merge)
{
	if (merge->is_over)
		memcpy(merge->at, merge->under, merge->headers);
	merge->at = NULL;
}

/*
 * Is the plaintext of *@len bytes the next segment? Then *@len becomes the
 * length of its payload and *@flags which of FLAGS_LAST it has.
 */
static bool is_next(const struct wg_merge *merge, unsigned int *len,
		    __be32 *flags)
{
	u8 headers[WG_MERGE_HEADERS_MAX] __aligned(4);

	/* what is shorter may end where the page ends */
	if (*len <= merge->headers)
		return false;
	memcpy(headers, merge->at, merge->headers);
	if (ip_headers(headers, len) != merge->transport ||
	    *len <= merge->headers)
		return false;
	*flags = *flags_of(merge, headers) & FLAGS_LAST;
	take_out(merge, headers);
	if (memcmp(headers, merge->next, merge->headers))
		return false;
	*len -= merge->headers;
	return *len <= merge->size;
}

static void count_segment(struct wg_merge *merge, __be32 flags)
{
	struct skb_shared_info *info = skb_shinfo(merge->head);

	wg_plain_cb(merge->head)->messages++;
	*flags_of(merge, merge->head->data) |= flags;
	info->gso_size = merge->size;
	info->gso_segs = wg_plain_cb(merge->head)->messages;
	info->gso_type = merge->transport == sizeof(struct ipv6hdr) ?
			 SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
}

bool wg_merge_join(struct wg_merge *merge, unsigned int len, u64 counter,
		   u8 ds)
{
	struct page_frag *frag = this_cpu_ptr(&wg_merge_memory.frag);
	__be32 flags;

	if (counter != merge->counter || ds != wg_plain_cb(merge->head)->ds ||
	    !is_next(merge, &len, &flags))
		return false;
	if (!merge->is_over)
		frag->offset += merge->headers;
	put_back(merge);
	wg_frag_attach(merge->head, frag, len);
	count_segment(merge, flags);
	advance(merge);
	if (len < merge->size || flags)
		merge->head = NULL;
	return true;
}

void wg_merge_end(struct wg_merge *merge)
{
	if (merge->head && merge->at)
		put_back(merge);
	merge->head = NULL;
}

static __sum16 pseudo_sum4(struct iphdr *ip, unsigned int len)
{
	ip->tot_len = htons(sizeof(*ip) + len);
	ip_send_check(ip);
	return ~csum_tcpudp_magic(ip->saddr, ip->daddr, len, IPPROTO_TCP, 0);
}

static __sum16 pseudo_sum6(struct ipv6hdr *ip, unsigned int len)
{
	ip->payload_len = htons(len);
	return ~csum_ipv6_magic(&ip->saddr, &ip->daddr, len, IPPROTO_TCP, 0);
}

void wg_merge_complete(struct sk_buff *skb)
{
	bool is_ip6 = skb->protocol == htons(ETH_P_IPV6);
	struct tcphdr *tcp;

	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, is_ip6 ? sizeof(struct ipv6hdr) :
					       sizeof(struct iphdr));
	tcp = tcp_hdr(skb);
	tcp->check = is_ip6 ?
		pseudo_sum6(ipv6_hdr(skb), skb->len - sizeof(struct ipv6hdr)) :
		pseudo_sum4(ip_hdr(skb), skb->len - sizeof(struct iphdr));
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
}

struct sk_buff *wg_merge_split(struct sk_buff *skb)
{
	struct wg_plain_cb cb = *wg_plain_cb(skb);
	struct sk_buff *list, *segment;

	wg_merge_complete(skb);
	list = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(list))
		return NULL;
	consume_skb(skb);
	cb.messages = 1;
	for (segment = list; segment; segment = segment->next)
		*wg_plain_cb(segment) = cb;
	return list;
}

void wg_merge_unregister(void)
{
	wg_frag_free(&wg_merge_memory.frag);
}
