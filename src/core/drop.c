// SPDX-License-Identifier: GPL-2.0
#include "core/drop.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/peer.h"
#include "core/upcall.h"

#define CREATE_TRACE_POINTS
#include <trace/events/wg.h>

#define WG_DROP_NAME(id, name, text) [WG_DROP_##id] = name,
static const char *const names[WG_DROP_END] = {
	[WG_DROP_NONE] = "none",
	WG_DROP_REASONS_OF_PEER(WG_DROP_NAME)
	WG_DROP_REASONS_OF_DEVICE(WG_DROP_NAME)
};

const char *wg_drop_name(enum wg_drop_reason reason)
{
	return names[reason];
}

/* NULL: there is no memory. */
static struct wg_peer_drops *drops_of(struct wg_peer *peer)
{
	struct wg_peer_drops *drops = READ_ONCE(peer->drops);

	if (drops)
		return drops;
	drops = kzalloc(sizeof(*drops), GFP_ATOMIC | __GFP_NOWARN);
	if (drops && cmpxchg(&peer->drops, NULL, drops))
		kfree(drops); /* another CPU was first */
	return READ_ONCE(peer->drops);
}

/*
 * Put @new before the others of @row, which has room for @len. One in a tick
 * says it all; the same again, from nobody knows where, is but later.
 * Return: whether it is news.
 */
static bool note(struct wg_refusals *refusals, struct wg_refusal *row,
		 unsigned int len, const struct wg_refusal *new)
{
	bool is_same, is_news;

	/* a flood, on whatever CPUs, takes the lock once in a tick */
	if (READ_ONCE(row->time_ns) == new->time_ns &&
	    READ_ONCE(row->reason) == new->reason)
		return false;
	spin_lock_bh(&refusals->lock);
	is_same = row->reason == new->reason;
	is_news = !is_same || row->time_ns != new->time_ns;
	if (is_news && (!is_same || wg_endpoint_is_set(&new->about))) {
		memmove(row + 1, row, (len - 1) * sizeof(*row));
		*row = *new;
	}
	WRITE_ONCE(row->time_ns, new->time_ns);
	spin_unlock_bh(&refusals->lock);
	return is_news;
}

void wg_drop_note(struct wg_device *wg, struct wg_peer *peer,
		  enum wg_drop_reason reason, const struct wg_endpoint *about,
		  const u8 *public_key)
{
	struct wg_refusal new = { wg_clock_now_ns(), reason };
	struct wg_peer_drops *drops = NULL;
	bool is_news = false;

	if (about)
		new.about = *about;
	if (public_key || peer)
		memcpy(new.public_key, public_key ?: peer->remote.public_key,
		       WG_KEY_SIZE);
	if (reason >= WG_DROP_PEER_END)
		is_news = note(&wg->refusals, wg->refusals.kept[reason -
			       WG_DROP_PEER_END], WG_REFUSALS_KEPT, &new);
	else if (peer)
		drops = drops_of(peer);
	if (drops)
		is_news = note(&wg->refusals, &drops->last, 1, &new);
	if (is_news)
		wg_notify_diag(wg, &new);
}

void wg_drop_count(struct wg_device *wg, struct wg_peer *peer,
		   enum wg_drop_reason reason, unsigned int packets)
{
	struct wg_peer_drops *drops;

	this_cpu_add(wg->drops->count[reason], packets);
	if (!peer || reason >= WG_DROP_PEER_END)
		return;
	drops = drops_of(peer);
	if (drops)
		atomic_add(packets, &drops->count[reason]);
	wg_drop_note(wg, peer, reason, NULL, NULL);
}

u64 wg_drop_sum(const struct wg_device *wg, enum wg_drop_reason reason)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(wg->drops, cpu)->count[reason]);
	return sum;
}

/* The kernel's own word for it, where it has one. */
static const enum skb_drop_reason kernel_reasons[WG_DROP_END] = {
	[WG_DROP_NO_MEMORY] = SKB_DROP_REASON_NOMEM,
	[WG_DROP_NO_ROUTE] = SKB_DROP_REASON_IP_OUTNOROUTES,
	[WG_DROP_TOO_SHORT] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[WG_DROP_INNER_LENGTH] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[WG_DROP_BAD_INNER] = SKB_DROP_REASON_UNHANDLED_PROTO,
	[WG_DROP_NOT_IP] = SKB_DROP_REASON_UNHANDLED_PROTO,
	[WG_DROP_STAGED_FULL] = SKB_DROP_REASON_FULL_RING,
	[WG_DROP_HS_QUEUE_FULL] = SKB_DROP_REASON_FULL_RING,
	[WG_DROP_RX_QUEUE_FULL] = SKB_DROP_REASON_FULL_RING,
	[WG_DROP_BAD_CSUM] = SKB_DROP_REASON_UDP_CSUM,
	[WG_DROP_BAD_SEGMENTS] = SKB_DROP_REASON_SKB_GSO_SEG,
};

/* The inner address for which there is no peer, or that is not this one's. */
static void note_inner(struct wg_device *wg, struct wg_peer *peer,
		       const struct sk_buff *skb, enum wg_drop_reason reason)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	bool is_to = reason == WG_DROP_NO_PEER;
	const struct iphdr *ip = ip_hdr(skb);
	struct wg_endpoint about = { };

	about.addr.sa_family = ip->version == 4 ? AF_INET : AF_INET6;
	if (ip->version == 4)
		about.addr4.sin_addr.s_addr = is_to ? ip->daddr : ip->saddr;
	else
		about.addr6.sin6_addr = is_to ? ip6->daddr : ip6->saddr;
	wg_drop_note(wg, peer, reason, &about, NULL);
}

void wg_drop_packets(struct wg_device *wg, struct wg_peer *peer,
		     struct sk_buff *skb, enum wg_drop_reason reason,
		     unsigned int packets)
{
	if (reason == WG_DROP_SOURCE_NOT_ALLOWED || reason == WG_DROP_NO_PEER)
		note_inner(wg, peer, skb, reason);
	wg_drop_count(wg, peer, reason, packets);
	trace_wg_drop(wg->dev, peer ? peer->id : 0, skb, reason);
	kfree_skb_reason(skb, kernel_reasons[reason] ?:
			      SKB_DROP_REASON_NOT_SPECIFIED);
}

void wg_drop_skb(struct wg_device *wg, struct wg_peer *peer,
		 struct sk_buff *skb, enum wg_drop_reason reason)
{
	unsigned int packets = skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1;

	wg_drop_packets(wg, peer, skb, reason, max(packets, 1U));
}
