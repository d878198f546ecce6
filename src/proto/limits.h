/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every number of the protocol, once. Times are in nanoseconds, so that they
 * add to the clock values that callers pass; sizes are in bytes.
 */
#ifndef _WG_PROTO_LIMITS_H
#define _WG_PROTO_LIMITS_H

#include <linux/types.h>

/* Sizes of what the primitives take and give. */
enum wg_size {
	WG_KEY_SIZE = 32, /* X25519 keys, AEAD keys, preshared keys */
	WG_HASH_SIZE = 32,
	WG_MAC_SIZE = 16,
	WG_TAG_SIZE = 16,
	WG_COOKIE_SIZE = 16,
	WG_XNONCE_SIZE = 24,
	WG_TIMESTAMP_SIZE = 12,
	WG_PAD_SIZE = 16, /* inner packets are padded to a multiple of it */
};

#define WG_NS_PER_S 1000000000ULL
#define WG_NS_PER_MS 1000000ULL

/* A deadline that never comes. */
#define WG_NEVER_NS ((u64)-1)

/* 2^60, and 2^64 - 2^13 - 1 */
#define WG_REKEY_AFTER_MESSAGES 0x1000000000000000ULL
#define WG_REJECT_AFTER_MESSAGES 0xffffffffffffdfffULL

#define WG_REKEY_AFTER_TIME_NS (120 * WG_NS_PER_S)
#define WG_REJECT_AFTER_TIME_NS (180 * WG_NS_PER_S)
#define WG_REKEY_ATTEMPT_TIME_NS (90 * WG_NS_PER_S)
#define WG_REKEY_TIMEOUT_NS (5 * WG_NS_PER_S)
#define WG_KEEPALIVE_TIMEOUT_NS (10 * WG_NS_PER_S)

/* Random delay on top of a retransmit: 0 to this, inclusive. */
#define WG_JITTER_MAX_NS (333 * WG_NS_PER_MS)

/* Data sent and nothing heard for so long: the session may be gone. */
#define WG_SILENCE_TIME_NS (WG_KEEPALIVE_TIMEOUT_NS + WG_REKEY_TIMEOUT_NS)

/*
 * Older than this, a session is renewed when something is received under it,
 * in time for a handshake before it is rejected.
 */
#define WG_REKEY_ON_RECEIVE_NS (WG_REJECT_AFTER_TIME_NS - WG_SILENCE_TIME_NS)

/*
 * A session is renewed up to so much before its time: peers that came up in the
 * same second do not renew theirs in the same second for ever.
 */
#define WG_RENEWAL_SPREAD_NS (10 * WG_NS_PER_S)

/*
 * Older than this, nothing is sent under a session. The other side may have made
 * it half a round trip before us, and hears of what we send half a round trip
 * later: with one of up to REKEY_TIMEOUT it is still received.
 */
#define WG_SEND_TIME_NS (WG_REJECT_AFTER_TIME_NS - WG_REKEY_TIMEOUT_NS)

/* No new session for so long: all key material goes. */
#define WG_WIPE_TIME_NS (3 * WG_REJECT_AFTER_TIME_NS)

/* At most 50 initiations a second are accepted from one peer. */
#define WG_INITIATION_GAP_NS (WG_NS_PER_S / 50)

/*
 * Step of the timestamp in an initiation: the greatest power of two below
 * WG_INITIATION_GAP_NS, so that initiations a gap apart always differ.
 */
#define WG_TIMESTAMP_STEP_NS 0x1000000U

/* Life of a cookie, and of the secret that cookies are made from. */
#define WG_COOKIE_TIME_NS (120 * WG_NS_PER_S)

/*
 * Cookie replies that are tried for one message of ours. They pass no gate, and
 * whoever sees the message go by can forge them.
 */
#define WG_COOKIE_TRIES 32

/* Handshakes from one source address under load. */
#define WG_SOURCE_RATE 20 /* per second */
#define WG_SOURCE_BURST 5

/*
 * Under load is: this fraction of the handshake queue is in use, and for a
 * while after that.
 */
#define WG_LOAD_DIVISOR 8
#define WG_LOAD_TIME_NS WG_NS_PER_S

/* Counters that may arrive late, behind the greatest one received. */
#define WG_REPLAY_WINDOW 8192

#define WG_STAGED_MAX 128 /* packets that wait for a session, per peer */
#define WG_PEERS_MAX 0x100000U /* peers on a device */

#define WG_DSCP_HANDSHAKE 0x88 /* AF41, as an IPv4 TOS octet */

#endif
