/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a packet was dropped. Each packet is counted once, by the outermost
 * function that frees it: on the device and, where the reason is one that
 * concerns a known peer, on the peer as well.
 *
 * The names are part of the interface: netlink, ethtool, tracepoints and wgctl
 * print them. Append, never rename. The numbers are not: those of the device's
 * reasons follow those of a peer's.
 *
 * Beside the counts there are notes of what was refused last, for whoever asks
 * why there is no handshake: of each peer one, of what concerns none a few for
 * each reason. However much is refused, they take no more memory, and one of a
 * reason is noted in a tick.
 */
#ifndef _WG_CORE_DROP_H
#define _WG_CORE_DROP_H

#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "core/endpoint.h"
#include "proto/crypto.h"
#include "proto/rate.h"

struct wg_device;
struct wg_peer;

/* X(enumerator, name, what it means) — reasons with a known peer come first */
#define WG_DROP_REASONS_OF_PEER(X)					\
	X(NO_ENDPOINT, "no-endpoint", "peer has no endpoint yet")	\
	X(STAGED_FULL, "staged-full", "too many packets wait for a session") \
	X(STAGED_STALE, "staged-stale", "gave up on the handshake")	\
	X(NO_ROUTE, "no-route", "no route to the endpoint")		\
	X(SEND_LOOP, "send-loop", "endpoint is routed into the tunnel")	\
	X(NO_MEMORY, "no-memory", "allocation failed")			\
	X(SESSION_STALE, "session-stale", "session too old or used up")	\
	X(BAD_TAG, "bad-tag", "authentication failed")			\
	X(REPLAY, "replay", "counter seen before or too old")		\
	X(BAD_INNER, "bad-inner", "inner packet is not IPv4 or IPv6")	\
	X(INNER_LENGTH, "inner-length", "inner length does not fit")	\
	X(SOURCE_NOT_ALLOWED, "source-not-allowed",			\
	  "inner source address is not of this peer")			\
	X(BAD_ECN, "bad-ecn", "ECN combination that RFC 6040 drops")	\
	X(HS_REPLAY, "handshake-replay", "initiation's timestamp is old") \
	X(HS_FLOOD, "handshake-flood", "initiations of a peer too fast") \
	X(HS_BAD_RESPONSE, "handshake-response",			\
	  "response does not authenticate")				\
	X(COOKIE_INVALID, "cookie-invalid", "cookie reply does not fit") \
	X(OTHER_PEER_GONE, "peer-gone", "peer was removed meanwhile")	\
	X(PEER_OFF, "peer-off", "peer is disabled or has expired")

#define WG_DROP_REASONS_OF_DEVICE(X)					\
	X(NOT_IP, "not-ip", "neither IPv4 nor IPv6 was sent")		\
	X(NO_PEER, "no-peer", "no peer has the destination address")	\
	X(BAD_SEGMENTS, "bad-segments", "segmentation failed")		\
	X(TOO_SHORT, "too-short", "length does not fit the message type")	\
	X(BAD_TYPE, "bad-type", "message type unknown")			\
	X(UNKNOWN_INDEX, "unknown-index", "receiver index is not ours")	\
	X(HS_QUEUE_FULL, "handshake-queue-full", "too many handshakes wait") \
	X(BAD_MAC1, "bad-mac1", "mac1 does not verify")			\
	X(COOKIE_SENT, "cookie-sent", "under load: a cookie was sent instead") \
	X(RATE_LIMITED, "rate-limited", "under load: source sends too fast") \
	X(HS_UNKNOWN_PEER, "unknown-peer", "initiation of an unknown key") \
	X(HS_BAD_INITIATION, "handshake-initiation",			\
	  "initiation does not authenticate")				\
	X(NO_KEY, "no-key", "device has no private key")		\
	X(DEVICE_DOWN, "device-down", "device is down")			\
	X(RX_QUEUE_FULL, "rx-queue-full", "receive queue overflowed")	\
	X(BAD_CSUM, "bad-checksum", "outer UDP checksum does not verify") \
	X(HS_EXCESS, "handshake-excess",				\
	  "more handshakes in one aggregate than a device sends")

#define WG_DROP_ENUM(id, name, text) WG_DROP_##id,
enum wg_drop_reason {
	WG_DROP_NONE, /* not dropped */
	WG_DROP_REASONS_OF_PEER(WG_DROP_ENUM)
	WG_DROP_PEER_END, /* reasons below this are counted on peers too */
	WG_DROP_BEFORE_DEVICE = WG_DROP_PEER_END - 1,
	WG_DROP_REASONS_OF_DEVICE(WG_DROP_ENUM)
	WG_DROP_END,
};
#undef WG_DROP_ENUM

/* Drops of one CPU on one device; summed when somebody asks. */
struct wg_drop_stats {
	u64 count[WG_DROP_END];
};

/**
 * struct wg_refusal - what was refused, and what is known of it
 * @time_ns: when, of core/clock; 0: nothing was
 * @reason: why
 * @about: where it came from; of WG_DROP_SOURCE_NOT_ALLOWED the inner source,
 *	of WG_DROP_NO_PEER the inner destination. May be unset
 * @public_key: whose it is or claims to be; all zero: not known
 */
struct wg_refusal {
	u64 time_ns;
	enum wg_drop_reason reason;
	struct wg_endpoint about;
	u8 public_key[WG_KEY_SIZE];
};

#define WG_REFUSALS_KEPT 4 /* of each reason that concerns no peer */
#define WG_REFUSAL_ROWS (WG_DROP_END - WG_DROP_PEER_END)

/**
 * struct wg_refusals - of one device
 * @lock: guards the rest, and struct wg_peer_drops.last of its peers
 * @kept: by reason, from WG_DROP_PEER_END on; the newest first
 * @told: how often those who listen are told, by reason
 */
struct wg_refusals {
	spinlock_t lock;
	struct wg_refusal kept[WG_REFUSAL_ROWS][WG_REFUSALS_KEPT];
	struct wg_token_bucket told[WG_DROP_END];
};

/*
 * Drops of a peer, made when it has the first: most have none. Rare events, so
 * plain atomics.
 */
struct wg_peer_drops {
	atomic_t count[WG_DROP_PEER_END];
	struct wg_refusal last;
};

/* The lasting name of @reason, such as "replay". Any context. */
const char *wg_drop_name(enum wg_drop_reason reason);

/*
 * Count @packets dropped for @reason. @peer may be NULL. Any context in which
 * @peer is held or protected by RCU.
 */
void wg_drop_count(struct wg_device *wg, struct wg_peer *peer,
		   enum wg_drop_reason reason, unsigned int packets);

/*
 * Note that something was refused, and tell those who listen; wg_drop_count()
 * does for what concerns @peer. Who knows more than that calls this first.
 * @peer and @about may be NULL; @public_key is whose it claims to be, NULL:
 * @peer's. Any context.
 */
void wg_drop_note(struct wg_device *wg, struct wg_peer *peer,
		  enum wg_drop_reason reason, const struct wg_endpoint *about,
		  const u8 *public_key);

/* Count and free @skb, which holds @packets packets. Any context. */
void wg_drop_packets(struct wg_device *wg, struct wg_peer *peer,
		     struct sk_buff *skb, enum wg_drop_reason reason,
		     unsigned int packets);

/*
 * Count and free @skb; a GSO packet of the stack's or of our own counts as its
 * segments. Any context.
 */
void wg_drop_skb(struct wg_device *wg, struct wg_peer *peer,
		 struct sk_buff *skb, enum wg_drop_reason reason);

/* Sum of a device's drops for @reason over all CPUs. */
u64 wg_drop_sum(const struct wg_device *wg, enum wg_drop_reason reason);

#endif
