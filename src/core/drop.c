// SPDX-License-Identifier: GPL-2.0
#include "core/drop.h"

#include <linux/kernel.h>

#include "core/device.h"
#include "core/peer.h"

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

void wg_drop_count(struct wg_device *wg, struct wg_peer *peer,
		   enum wg_drop_reason reason, unsigned int packets)
{
	if (peer && reason < WG_DROP_PEER_END)
		atomic_add(packets, &peer->drops.count[reason]);
	this_cpu_add(wg->drops->count[reason], packets);
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
static enum skb_drop_reason kernel_reason(enum wg_drop_reason reason)
{
	switch (reason) {
	case WG_DROP_NO_MEMORY:
		return SKB_DROP_REASON_NOMEM;
	case WG_DROP_NO_ROUTE:
		return SKB_DROP_REASON_IP_OUTNOROUTES;
	case WG_DROP_TOO_SHORT:
	case WG_DROP_INNER_LENGTH:
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	case WG_DROP_BAD_INNER:
	case WG_DROP_NOT_IP:
		return SKB_DROP_REASON_UNHANDLED_PROTO;
	case WG_DROP_STAGED_FULL:
	case WG_DROP_HS_QUEUE_FULL:
	case WG_DROP_RX_QUEUE_FULL:
		return SKB_DROP_REASON_FULL_RING;
	case WG_DROP_BAD_CSUM:
		return SKB_DROP_REASON_UDP_CSUM;
	case WG_DROP_BAD_SEGMENTS:
		return SKB_DROP_REASON_SKB_GSO_SEG;
	default:
		return SKB_DROP_REASON_NOT_SPECIFIED;
	}
}

void wg_drop_packets(struct wg_device *wg, struct wg_peer *peer,
		     struct sk_buff *skb, enum wg_drop_reason reason,
		     unsigned int packets)
{
	wg_drop_count(wg, peer, reason, packets);
	trace_wg_drop(wg->dev, peer ? peer->id : 0, skb, reason);
	kfree_skb_reason(skb, kernel_reason(reason));
}

void wg_drop_skb(struct wg_device *wg, struct wg_peer *peer,
		 struct sk_buff *skb, enum wg_drop_reason reason)
{
	unsigned int packets = skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1;

	wg_drop_packets(wg, peer, skb, reason, max(packets, 1U));
}
