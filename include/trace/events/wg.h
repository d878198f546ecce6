/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM wg

#if !defined(_TRACE_WG_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_WG_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>

#include "core/device.h"
#include "core/drop.h"
#include "core/peer.h"

/* Without these a program that reads the format prints numbers. */
#define WG_DROP_EXPORT(id, name, text) TRACE_DEFINE_ENUM(WG_DROP_##id);
WG_DROP_REASONS_OF_PEER(WG_DROP_EXPORT)
WG_DROP_REASONS_OF_DEVICE(WG_DROP_EXPORT)
#undef WG_DROP_EXPORT

/* What TRACE_EVENT prints for a reason: its lasting name. */
#define WG_DROP_SYMBOL(id, name, text) { WG_DROP_##id, name },

TRACE_EVENT(wg_drop,

	TP_PROTO(const struct net_device *dev, u64 peer_id,
		 const struct sk_buff *skb, enum wg_drop_reason reason),

	TP_ARGS(dev, peer_id, skb, reason),

	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u64, peer_id)
		__field(const void *, skbaddr)
		__field(unsigned int, len)
		__field(unsigned int, reason)
	),

	TP_fast_assign(
		strscpy_pad(__entry->dev, dev->name, IFNAMSIZ);
		__entry->peer_id = peer_id;
		__entry->skbaddr = skb;
		__entry->len = skb->len;
		__entry->reason = reason;
	),

	TP_printk("dev=%s peer=%llu skbaddr=%p len=%u reason=%s",
		  __entry->dev, __entry->peer_id, __entry->skbaddr,
		  __entry->len,
		  __print_symbolic(__entry->reason,
				   WG_DROP_REASONS_OF_PEER(WG_DROP_SYMBOL)
				   WG_DROP_REASONS_OF_DEVICE(WG_DROP_SYMBOL)
				   { 0, "none" }))
);

DECLARE_EVENT_CLASS(wg_of_peer,

	TP_PROTO(const struct wg_peer *peer, const char *event),

	TP_ARGS(peer, event),

	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u64, peer_id)
		__array(char, event, 20)
	),

	TP_fast_assign(
		strscpy_pad(__entry->dev, peer->wg->dev->name, IFNAMSIZ);
		__entry->peer_id = peer->id;
		strscpy_pad(__entry->event, event, sizeof(__entry->event));
	),

	TP_printk("dev=%s peer=%llu event=%s",
		  __entry->dev, __entry->peer_id, __entry->event)
);

/* Of a session or an endpoint: what notifications tell. */
DEFINE_EVENT(wg_of_peer, wg_peer,
	TP_PROTO(const struct wg_peer *peer, const char *event),
	TP_ARGS(peer, event));

/* An authentic "initiation" or "response". */
DEFINE_EVENT(wg_of_peer, wg_hs_received,
	TP_PROTO(const struct wg_peer *peer, const char *event),
	TP_ARGS(peer, event));

DEFINE_EVENT(wg_of_peer, wg_hs_sent,
	TP_PROTO(const struct wg_peer *peer, const char *event),
	TP_ARGS(peer, event));

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH trace/events
#define TRACE_INCLUDE_FILE wg
#include <trace/define_trace.h>
