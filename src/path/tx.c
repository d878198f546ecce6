// SPDX-License-Identifier: GPL-2.0
#include "path/tx.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/percpu.h>
#include <net/dst.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/ip_tunnels.h>

#include "core/device.h"
#include "core/peer.h"
#include "core/txq.h"
#include "core/upcall.h"
#include "path/cb.h"
#include "path/coalesce.h"
#include "path/crypt.h"
#include "path/gso.h"
#include "path/segment.h"
#include "path/udp.h"
#include "proto/wire.h"

/* So many batches, the longest stretch with BHs off, and the work goes on. */
#define FLUSH_BATCHES 4

/*
 * Whose packet this CPU sends. A task, not a depth: with PREEMPT_RT another one
 * may send while this one is preempted.
 */
static DEFINE_PER_CPU(struct task_struct *, sender);

/* What waited leaves as one packet. */
static_assert(WG_TXQ_BATCH <= WG_GSO_MESSAGES_MAX);

/* Who sends, on what terms, and the hash of the flow that is being sent. */
struct sending {
	struct wg_tx_context ctx;
	struct wg_gso gso;
	u32 hash;
};

/* The outer packet @skb is complete: off with it, or count its messages. */
static void send_outer(struct sending *s, struct sk_buff *skb, u8 ds,
		       unsigned int messages)
{
	enum wg_drop_reason reason;

	/* as of layer 4, else IP forgets it: queues below see the inner flows */
	if (s->hash)
		__skb_set_sw_hash(skb, s->hash, true);
	reason = wg_udp_send(&s->ctx, skb, ds);
	if (reason)
		wg_drop_count(s->ctx.wg, s->ctx.peer, reason, messages);
}

static void send_gso(struct sending *s)
{
	unsigned int messages = s->gso.messages;
	u8 ds = s->gso.ds;

	if (s->gso.skb)
		send_outer(s, wg_gso_take(&s->gso), ds, messages);
}

/* Room for one more message; what does not fit together leaves first. */
static u8 *extend_gso(struct sending *s, unsigned int len, u8 ds,
		      unsigned int more)
{
	u8 *bytes = NULL;

	if (wg_gso_fits(&s->gso, len, ds))
		bytes = wg_gso_extend(&s->gso, len, ds, more);
	if (bytes || !s->gso.skb)
		return bytes;
	send_gso(s);
	return wg_gso_extend(&s->gso, len, ds, more);
}

/* A packet for which there is no message is dropped, its counter unused. */
static void drop_next(struct sending *s, struct wg_segments *segments,
		      enum wg_drop_reason reason)
{
	struct sk_buff *skb = segments->batch.list;

	if (segments->gso.headers) {
		/* the rest of a GSO packet is as good as lost with it */
		wg_drop_count(s->ctx.wg, s->ctx.peer, reason,
			      segments->batch.messages);
		kfree_skb(skb);
		segments->batch.messages = 0;
		return;
	}
	segments->batch.list = skb->next;
	segments->batch.messages--;
	skb_mark_not_on_list(skb);
	wg_drop_skb(s->ctx.wg, s->ctx.peer, skb, reason);
}

/* With an MTU of 64 KiB a message may be longer than UDP can carry. */
static bool is_too_long(unsigned int padded_len)
{
	return WG_DATA_OVERHEAD + padded_len > WG_GSO_BYTES_MAX;
}

static void seal_next(struct sending *s, struct wg_segments *segments)
{
	unsigned int len, padded_len;
	u8 ds = wg_tx_cb(segments->batch.list)->ds;
	struct sk_buff *done;
	u8 *message;

	len = wg_segments_next_len(segments, &padded_len);
	if (is_too_long(padded_len)) {
		drop_next(s, segments, WG_DROP_INNER_LENGTH);
		return;
	}
	message = extend_gso(s, WG_DATA_OVERHEAD + padded_len, ds,
			     segments->batch.messages - 1);
	if (!message) {
		drop_next(s, segments, WG_DROP_NO_MEMORY);
		return;
	}
	done = wg_segments_write(segments,
				 message + sizeof(struct wg_message_data));
	if (done)
		wg_gso_take_over(&s->gso, done);
	wg_crypt_seal(message, len, padded_len, s->ctx.session,
		      s->ctx.counter);
}

static void send_segments(struct sending *s, struct wg_segments *segments)
{
	while (segments->batch.messages) {
		seal_next(s, segments);
		s->ctx.counter++;
	}
	send_gso(s);
}

/* May the message be made where the packet is, without a copy? */
static bool can_seal_in_place(const struct sk_buff *skb, unsigned int tail)
{
	return !skb_is_gso(skb) && !skb_is_nonlinear(skb) &&
	       !skb_cloned(skb) && !skb_shared(skb) &&
	       skb_headroom(skb) >= WG_UDP_HEADROOM +
				    sizeof(struct wg_message_data) &&
	       skb_tailroom(skb) >= tail;
}

/* Nothing of the inner packet's journey shows on the outer one but its flow. */
static void scrub(struct sk_buff *skb)
{
	skb_scrub_packet(skb, true);
	skb_reset_redirect(skb);
	skb->priority = 0;
	skb->queue_mapping = 0;
	skb->ip_summed = CHECKSUM_NONE;
	skb->encapsulation = 0;
	skb->pkt_type = PACKET_HOST;
	skb->tstamp = 0;
}

static void seal_in_place(struct sending *s, struct sk_buff *skb,
			  unsigned int padded_len)
{
	unsigned int len = skb->len;
	u8 ds = wg_tx_cb(skb)->ds;

	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) {
		wg_drop_skb(s->ctx.wg, s->ctx.peer, skb, WG_DROP_NO_MEMORY);
		return;
	}
	skb_put(skb, padded_len - len + WG_TAG_SIZE);
	wg_crypt_seal(skb_push(skb, sizeof(struct wg_message_data)), len,
		      padded_len, s->ctx.session, s->ctx.counter);
	scrub(skb);
	send_outer(s, skb, ds, 1);
}

/* Packets of one flow, or a GSO packet. */
static void send_flow(struct sending *s, struct wg_segments *segments)
{
	struct sk_buff *skb;
	unsigned int len, padded_len;

	/* their routes were for telling the senders; now they are on the way */
	for (skb = segments->batch.list; skb; skb = skb->next)
		skb_dst_drop(skb);
	skb = segments->batch.list;
	s->hash = skb_get_hash(skb);
	if (segments->batch.messages == 1) {
		len = wg_segments_next_len(segments, &padded_len);
		if (!is_too_long(padded_len) &&
		    can_seal_in_place(skb, padded_len - len + WG_TAG_SIZE)) {
			seal_in_place(s, skb, padded_len);
			s->ctx.counter++;
			return;
		}
	}
	send_segments(s, segments);
}

/* Take those of the first one's flow, in their order, out of @list. */
static struct sk_buff *take_flow(struct sk_buff **list)
{
	struct sk_buff *flow = NULL, **tail = &flow, **link = list, *skb;
	u32 hash = skb_get_hash(*list);

	while ((skb = *link)) {
		if (skb_get_hash(skb) != hash) {
			link = &skb->next;
			continue;
		}
		*link = skb->next;
		*tail = skb;
		tail = &skb->next;
	}
	*tail = NULL;
	return flow;
}

/*
 * Flow by flow: one outer packet, one flow, and counters without gaps within
 * it.
 */
static void transmit(struct sending *s, struct wg_segments *segments)
{
	struct sk_buff *list = segments->batch.list;
	struct wg_segments flow;

	if (segments->gso.headers) {
		send_flow(s, segments);
		return;
	}
	while (list) {
		wg_segments_begin_list(&flow, take_flow(&list));
		send_flow(s, &flow);
	}
}

/* Return: false when the flush has ended: there is no session. */
static bool flush_list(struct wg_peer *peer, struct sk_buff *list)
{
	struct wg_segments segments;
	struct sending s = { };

	if (wg_segments_begin(&segments, list)) {
		wg_drop_skb(peer->wg, peer, list, WG_DROP_BAD_SEGMENTS);
		return true;
	}
	if (!wg_tx_reserve(peer, &segments.batch, &s.ctx))
		return false;
	transmit(&s, &segments);
	return true;
}

/*
 * What is sent may come back, by a tunnel within a tunnel, and be staged
 * again: a work goes on after a bounded number of batches.
 */
void wg_tx_flush(struct wg_peer *peer)
{
	unsigned int batches = 0;
	struct sk_buff *list;

	rcu_read_lock_bh();
	list = wg_txq_take(peer, false);
	while (list && flush_list(peer, list)) {
		if (++batches == FLUSH_BATCHES) {
			wg_txq_leave(peer);
			wg_peer_queue_flush(peer);
			break;
		}
		list = wg_txq_take(peer, true);
	}
	rcu_read_unlock_bh();
}

void wg_tx_peer_work(struct work_struct *work)
{
	wg_tx_flush(container_of(work, struct wg_peer, flush_work));
}

void wg_tx_keepalive(struct wg_peer *peer)
{
	const struct wg_tx_batch batch = {
		.messages = 1,
		.bytes = WG_DATA_OVERHEAD,
	};
	struct sending s = { };
	u8 *message;

	rcu_read_lock_bh();
	if (wg_tx_reserve(peer, &batch, &s.ctx)) {
		message = wg_gso_extend(&s.gso, WG_DATA_OVERHEAD, 0, 0);
		if (message)
			wg_crypt_seal(message, 0, 0, s.ctx.session,
				      s.ctx.counter);
		else
			wg_drop_count(peer->wg, peer, WG_DROP_NO_MEMORY, 1);
		send_gso(&s);
	}
	rcu_read_unlock_bh();
}

/* Tell whoever sent @skb that its destination cannot be reached. */
static void send_unreachable(struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else if (skb->protocol == htons(ETH_P_IPV6))
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH,
				ICMPV6_ADDR_UNREACH, 0);
}

void wg_tx_drop_staged(struct wg_peer *peer)
{
	struct sk_buff_head victims;
	struct sk_buff *skb;

	wg_txq_empty(peer, &victims);
	while ((skb = __skb_dequeue(&victims))) {
		skb->dev = peer->wg->dev;
		send_unreachable(skb);
		wg_drop_skb(peer->wg, peer, skb, WG_DROP_STAGED_STALE);
	}
}

/* Whose is it, and can it be sent? */
static enum wg_drop_reason classify(struct wg_device *wg, struct sk_buff *skb,
				    struct wg_peer **peer)
{
	__be16 protocol = ip_tunnel_parse_protocol(skb);

	if (!protocol || skb->protocol != protocol)
		return WG_DROP_NOT_IP;
	*peer = protocol == htons(ETH_P_IP) ?
		wg_peer_by_addr4_rcu(wg, ip_hdr(skb)->daddr) :
		wg_peer_by_addr6_rcu(wg, &ipv6_hdr(skb)->daddr);
	if (!*peer)
		return WG_DROP_NO_PEER;
	if (READ_ONCE((*peer)->is_off))
		return WG_DROP_PEER_OFF;
	/* a race does no harm: wg_udp_send() looks again */
	if (READ_ONCE((*peer)->endpoint.addr.sa_family) == AF_UNSPEC)
		return WG_DROP_NO_ENDPOINT;
	return WG_DROP_NONE;
}

/* What a local sender is told; the driver's answer to sendmsg(). */
static int refuse(struct wg_device *wg, struct wg_peer *peer,
		  struct sk_buff *skb, enum wg_drop_reason reason)
{
	int err = -EPROTONOSUPPORT;

	if (reason == WG_DROP_NO_PEER)
		err = -ENOKEY;
	else if (reason == WG_DROP_NO_ENDPOINT)
		err = -EDESTADDRREQ;
	else if (reason == WG_DROP_PEER_OFF)
		err = -EHOSTUNREACH;
	if (reason != WG_DROP_NOT_IP)
		send_unreachable(skb);
	wg_drop_skb(wg, peer, skb, reason);
	return err;
}

/* What its message must know of the packet and its route. */
static void prepare(struct sk_buff *skb, const struct net_device *dev)
{
	*wg_tx_cb(skb) = (struct wg_tx_cb){
		.mtu = skb_valid_dst(skb) ? dst_mtu(skb_dst(skb)) : dev->mtu,
		.ds = ip_tunnel_ecn_encap(0, ip_hdr(skb), skb),
	};
}

/* Consumes @skb, one packet or a GSO packet. */
static void send_packet(struct wg_peer *peer, struct sk_buff *skb)
{
	struct wg_segments segments;
	struct sending s = { };

	if (wg_segments_begin(&segments, skb)) {
		wg_drop_skb(peer->wg, peer, skb, WG_DROP_BAD_SEGMENTS);
		return;
	}
	switch (wg_txq_submit(peer, &segments.batch, &s.ctx)) {
	case WG_TX_SEND:
		transmit(&s, &segments);
		break;
	case WG_TX_FLUSH:
		wg_tx_flush(peer);
		break;
	case WG_TX_COALESCE:
		wg_coalesce(peer);
		break;
	case WG_TX_QUEUED:
		break;
	}
}

/*
 * A tunnel in a tunnel would send in the stack frames of the other, about 1 KB
 * each and several times that with KASAN; a work sends instead.
 */
static void send_later(struct wg_peer *peer, struct sk_buff *skb)
{
	const struct wg_tx_batch batch = { .list = skb, .messages = 1 };

	if (wg_txq_submit(peer, &batch, NULL) == WG_TX_FLUSH)
		wg_peer_queue_flush(peer);
}

netdev_tx_t wg_tx_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct wg_device *wg = netdev_priv(dev);
	enum wg_drop_reason reason;
	struct wg_peer *peer = NULL;

	reason = classify(wg, skb, &peer);
	if (reason)
		return refuse(wg, peer, skb, reason);
	skb_mark_not_on_list(skb);
	prepare(skb, dev);
	if (this_cpu_read(sender) == current) {
		send_later(peer, skb);
		return NETDEV_TX_OK;
	}
	this_cpu_write(sender, current);
	send_packet(peer, skb);
	this_cpu_write(sender, NULL);
	return NETDEV_TX_OK;
}
