// SPDX-License-Identifier: GPL-2.0
#include "path/tx.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/percpu.h>
#include <net/dst.h>
#include <net/dst_metadata.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip_tunnels.h>

#include "compat.h"
#include "core/clock.h"
#include "core/device.h"
#include "core/peer.h"
#include "core/session.h"
#include "path/cb.h"
#include "path/crypt.h"
#include "path/gather.h"
#include "path/run.h"
#include "path/segment.h"
#include "path/udp.h"
#include "proto/wire.h"

/*
 * A tunnel in a tunnel would send in the stack frames of the other, about 1 KB
 * each and several times that with KASAN; it leaves through the peer's work
 * instead.
 */
#define TX_DEPTH_MAX 1

/* Packets that one flush takes under one lease. */
#define FLUSH_PACKETS WG_RUN_MESSAGES_MAX

/* So many batches, the longest stretch with BHs off, and the work goes on. */
#define FLUSH_BATCHES 4

static DEFINE_PER_CPU(unsigned int, tx_depth);

/* Who sends, and on what terms. */
struct sending {
	struct wg_device *wg;
	struct wg_peer *peer;
	struct wg_lease lease;
	struct wg_run run;
};

static void send_run(struct sending *s)
{
	enum wg_drop_reason reason;
	unsigned int messages = s->run.messages;
	u8 ds = s->run.ds;

	if (!s->run.skb)
		return;
	reason = wg_udp_send(s->wg, s->peer, s->lease.session,
			     wg_run_take(&s->run), &s->lease.endpoint, ds);
	if (reason)
		wg_drop_count(s->wg, s->peer, reason, messages);
}

/* Room for one more message; what does not fit together leaves first. */
static u8 *extend_run(struct sending *s, unsigned int len, u8 ds,
		      unsigned int more)
{
	u8 *bytes = NULL;

	if (wg_run_fits(&s->run, len, ds))
		bytes = wg_run_extend(&s->run, len, ds, more);
	if (bytes || !s->run.skb)
		return bytes;
	send_run(s);
	return wg_run_extend(&s->run, len, ds, more);
}

/* A packet for which there is no message is dropped, its counter unused. */
static void drop_next(struct sending *s, struct wg_segments *segments,
		      enum wg_drop_reason reason)
{
	struct sk_buff *skb = segments->skb;

	if (segments->gso.headers) {
		/* the rest of a GSO packet is as good as lost with it */
		wg_drop_count(s->wg, s->peer, reason, segments->count);
		kfree_skb(skb);
		segments->count = 0;
		return;
	}
	segments->skb = skb->next;
	segments->count--;
	skb_mark_not_on_list(skb);
	wg_drop_skb(s->wg, s->peer, skb, reason);
}

/* With an MTU of 64 KiB a message may be longer than UDP can carry. */
static bool is_too_long(unsigned int padded_len)
{
	return WG_DATA_OVERHEAD + padded_len > WG_RUN_BYTES_MAX;
}

static void seal_next(struct sending *s, struct wg_segments *segments)
{
	unsigned int len, padded_len;
	u8 ds = wg_tx_cb(segments->skb)->ds;
	struct sk_buff *done;
	u8 *message;

	len = wg_segments_next_len(segments, &padded_len);
	if (is_too_long(padded_len)) {
		drop_next(s, segments, WG_DROP_INNER_LENGTH);
		return;
	}
	message = extend_run(s, WG_DATA_OVERHEAD + padded_len, ds,
			     segments->count - 1);
	if (!message) {
		drop_next(s, segments, WG_DROP_NO_MEMORY);
		return;
	}
	done = wg_segments_write(segments,
				 message + sizeof(struct wg_message_data));
	if (done)
		wg_run_take_over(&s->run, done);
	wg_crypt_seal(message, len, padded_len, s->lease.session,
		      s->lease.counter);
}

static void send_segments(struct sending *s, struct wg_segments *segments)
{
	while (segments->count) {
		seal_next(s, segments);
		s->lease.counter++;
	}
	send_run(s);
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

/* Nothing of the inner packet's journey shows on the outer one. */
static void scrub(struct sk_buff *skb)
{
	skb_scrub_packet(skb, true);
	skb_clear_hash(skb);
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
	enum wg_drop_reason reason;
	unsigned int len = skb->len;
	u8 ds = wg_tx_cb(skb)->ds;

	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) {
		wg_drop_skb(s->wg, s->peer, skb, WG_DROP_NO_MEMORY);
		return;
	}
	skb_put(skb, padded_len - len + WG_TAG_SIZE);
	wg_crypt_seal(skb_push(skb, sizeof(struct wg_message_data)), len,
		      padded_len, s->lease.session, s->lease.counter);
	scrub(skb);
	reason = wg_udp_send(s->wg, s->peer, s->lease.session, skb,
			     &s->lease.endpoint, ds);
	if (reason)
		wg_drop_count(s->wg, s->peer, reason, 1);
}

static void transmit(struct sending *s, struct wg_segments *segments)
{
	struct sk_buff *skb;
	unsigned int len, padded_len;

	/* their routes were for telling the senders; now they are on the way */
	for (skb = segments->skb; skb; skb = skb->next)
		skb_dst_drop(skb);
	skb = segments->skb;
	if (segments->count == 1) {
		len = wg_segments_next_len(segments, &padded_len);
		if (!is_too_long(padded_len) &&
		    can_seal_in_place(skb, padded_len - len + WG_TAG_SIZE)) {
			seal_in_place(s, skb, padded_len);
			return;
		}
	}
	send_segments(s, segments);
}

/*
 * Let a list by ->next wait for a session, behind what waits already or, if it
 * was taken from there (@is_flush), before that; the oldest go when there are
 * too many. Asks for a session.
 */
static void stage(struct wg_peer *peer, struct sk_buff *list, bool is_flush)
{
	struct sk_buff_head packets, victims;
	struct sk_buff *skb, *next;
	enum wg_drop_reason reason;
	unsigned int most;
	u32 actions;

	__skb_queue_head_init(&packets);
	__skb_queue_head_init(&victims);
	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		skb_dst_force(skb);
		__skb_queue_tail(&packets, skb);
	}
	spin_lock_bh(&peer->lock);
	if (is_flush)
		skb_queue_splice(&packets, &peer->staged);
	else
		skb_queue_splice_tail(&packets, &peer->staged);
	reason = peer->is_dead ? WG_DROP_OTHER_PEER_GONE : WG_DROP_STAGED_FULL;
	most = peer->is_dead ? 0 : WG_STAGED_MAX;
	while (skb_queue_len(&peer->staged) > most)
		__skb_queue_tail(&victims, __skb_dequeue(&peer->staged));
	actions = wg_session_is_usable_locked(peer) ? 0 :
		  wg_clock_event_locked(peer, WG_EV_WANT_SESSION,
					wg_clock_now_ns());
	spin_unlock_bh(&peer->lock);

	while ((skb = __skb_dequeue(&victims)))
		wg_drop_skb(peer->wg, peer, skb, reason);
	wg_clock_act(peer, actions);
}

/* Without a session the packets wait for one; other reasons end them. */
static void not_leased(struct wg_peer *peer, struct wg_segments *segments,
		       bool is_flush, enum wg_drop_reason reason)
{
	struct sk_buff *skb, *next;

	if (reason == WG_DROP_NO_SESSION) {
		stage(peer, segments->skb, is_flush);
		return;
	}
	skb_list_walk_safe(segments->skb, skb, next) {
		skb_mark_not_on_list(skb);
		wg_drop_skb(peer->wg, peer, skb, reason);
	}
}

static enum wg_drop_reason send(struct wg_peer *peer,
				struct wg_segments *segments, bool is_flush)
{
	struct sending s = { .wg = peer->wg, .peer = peer };
	enum wg_drop_reason reason;

	reason = wg_session_lease(peer, segments->count, segments->bytes,
				  true, is_flush, &s.lease);
	if (reason)
		not_leased(peer, segments, is_flush, reason);
	else
		transmit(&s, segments);
	return reason;
}

/* Consumes @skb, one packet or a GSO packet. */
static enum wg_drop_reason send_packet(struct wg_peer *peer,
				       struct sk_buff *skb, bool is_flush)
{
	struct wg_segments segments;

	if (wg_segments_begin(&segments, skb)) {
		wg_drop_skb(peer->wg, peer, skb, WG_DROP_BAD_SEGMENTS);
		return WG_DROP_NONE;
	}
	return send(peer, &segments, is_flush);
}

/* Some staged packets as a list by ->next; the session is good. */
static struct sk_buff *take_some_locked(struct wg_peer *peer)
{
	struct sk_buff *list = NULL, **tail = &list, *skb;
	unsigned int packets = 0;

	while (packets < FLUSH_PACKETS && (skb = skb_peek(&peer->staged))) {
		if (list && skb_is_gso(skb))
			break;
		__skb_unlink(skb, &peer->staged);
		*tail = skb;
		tail = &skb->next;
		packets += skb_is_gso(skb) ? FLUSH_PACKETS : 1;
	}
	return list;
}

/*
 * Some staged packets, to be sent as one batch: a GSO packet, or single ones
 * up to the next GSO packet, as a list by ->next. NULL: no packet, or no
 * session, which is asked for; flushing has ended then.
 */
static struct sk_buff *take_staged(struct wg_peer *peer)
{
	struct sk_buff *list = NULL;
	u32 actions = 0;

	spin_lock(&peer->lock);
	if (skb_queue_empty(&peer->staged))
		;
	else if (wg_session_is_usable_locked(peer))
		list = take_some_locked(peer);
	else
		actions = wg_clock_event_locked(peer, WG_EV_WANT_SESSION,
						wg_clock_now_ns());
	peer->is_flushing = list;
	spin_unlock(&peer->lock);
	wg_clock_act(peer, actions);
	return list;
}

/* One flusher at a time keeps the order. */
static bool begin_flush(struct wg_peer *peer)
{
	bool is_ours;

	spin_lock(&peer->lock);
	is_ours = !peer->is_flushing && !skb_queue_empty(&peer->staged);
	peer->is_flushing |= is_ours;
	spin_unlock(&peer->lock);
	return is_ours;
}

static enum wg_drop_reason send_list(struct wg_peer *peer,
				     struct sk_buff *list)
{
	struct wg_segments segments;

	if (skb_is_gso(list))
		return send_packet(peer, list, true);
	wg_segments_begin_list(&segments, list);
	return send(peer, &segments, true);
}

/* Somebody else, or another time, flushes on. */
static void end_flush(struct wg_peer *peer)
{
	spin_lock(&peer->lock);
	peer->is_flushing = false;
	spin_unlock(&peer->lock);
}

/*
 * What is sent may come back, by a tunnel within a tunnel, and be staged
 * again: the peer's work goes on after a bounded number of batches.
 */
void wg_tx_flush(struct wg_peer *peer)
{
	unsigned int batches = 0;
	struct sk_buff *list;

	rcu_read_lock_bh();
	list = begin_flush(peer) ? take_staged(peer) : NULL;
	while (list) {
		if (send_list(peer, list) == WG_DROP_NO_SESSION) {
			end_flush(peer);
			break;
		}
		if (++batches == FLUSH_BATCHES) {
			end_flush(peer);
			wg_peer_queue(peer, WG_TODO_FLUSH);
			break;
		}
		list = take_staged(peer);
	}
	rcu_read_unlock_bh();
}

void wg_tx_keepalive(struct wg_peer *peer)
{
	struct sending s = { .wg = peer->wg, .peer = peer };
	enum wg_drop_reason reason;
	u8 *message;

	rcu_read_lock_bh();
	reason = wg_session_lease(peer, 1, WG_DATA_OVERHEAD, false, true,
				  &s.lease);
	if (reason == WG_DROP_NO_SESSION) {
		wg_clock_event(peer, WG_EV_WANT_SESSION);
	} else if (!reason) {
		message = wg_run_extend(&s.run, WG_DATA_OVERHEAD, 0, 0);
		if (message)
			wg_crypt_seal(message, 0, 0, s.lease.session,
				      s.lease.counter);
		else
			wg_drop_count(s.wg, peer, WG_DROP_NO_MEMORY, 1);
		send_run(&s);
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

	__skb_queue_head_init(&victims);
	spin_lock_bh(&peer->lock);
	skb_queue_splice_init(&peer->staged, &victims);
	spin_unlock_bh(&peer->lock);
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
	/* a race with roaming does no harm: an endpoint never goes away */
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
	if (reason != WG_DROP_NOT_IP)
		send_unreachable(skb);
	wg_drop_skb(wg, peer, skb, reason);
	return err;
}

/* What its message must know of the packet and its route. */
static void prepare(struct sk_buff *skb, const struct net_device *dev)
{
	struct wg_tx_cb cb = {
		.mtu = skb_valid_dst(skb) ? dst_mtu(skb_dst(skb)) : dev->mtu,
		.ds = ip_tunnel_ecn_encap(0, ip_hdr(skb), skb),
	};

	*wg_tx_cb(skb) = cb;
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
	if (__this_cpu_read(tx_depth) >= TX_DEPTH_MAX) {
		stage(peer, skb, false);
		wg_peer_queue(peer, WG_TODO_FLUSH);
		return NETDEV_TX_OK;
	}
	__this_cpu_inc(tx_depth);
	if (!wg_gather(peer, skb) &&
	    send_packet(peer, skb, false) == WG_DROP_NO_SESSION)
		wg_tx_flush(peer);
	__this_cpu_dec(tx_depth);
	return NETDEV_TX_OK;
}
