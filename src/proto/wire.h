/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What travels between peers: the four messages, which of them some bytes
 * are, the padding of inner packets and the timestamp of initiations. Only
 * shapes and lengths: nothing here authenticates anything. Any context.
 */
#ifndef _WG_PROTO_WIRE_H
#define _WG_PROTO_WIRE_H

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include "proto/limits.h"

/* Values of the first 32 bits; the two others are verdicts of the parser. */
enum wg_message_type {
	WG_MESSAGE_BAD_TYPE = 0, /* no message begins like this */
	WG_MESSAGE_INITIATION = 1,
	WG_MESSAGE_RESPONSE = 2,
	WG_MESSAGE_COOKIE = 3,
	WG_MESSAGE_DATA = 4,
	WG_MESSAGE_BAD_LENGTH = 5, /* the type is known, the length is wrong */
};

/* The end of each handshake message. */
struct wg_message_macs {
	u8 mac1[WG_MAC_SIZE];
	u8 mac2[WG_MAC_SIZE];
} __packed;

/* Seconds of TAI64 and nanoseconds, big-endian: compares as bytes. */
struct wg_timestamp {
	__be64 s;
	__be32 ns;
} __packed;

/*
 * Handshake initiation, 148 bytes
 *
 *   0      4       8           40                  88               116   132
 *   +------+-------+-----------+-------------------+----------------+-----+-----+
 *   | type | our   | ephemeral | static public key | timestamp      | mac | mac |
 *   |    1 | index | public 32 | 32 + tag 16       | 12 + tag 16    | 1   | 2   |
 *   +------+-------+-----------+-------------------+----------------+-----+-----+
 */
struct wg_message_initiation {
	__le32 type;
	__le32 sender_index;
	u8 ephemeral[WG_KEY_SIZE];
	u8 encrypted_static[WG_KEY_SIZE + WG_TAG_SIZE];
	u8 encrypted_timestamp[WG_TIMESTAMP_SIZE + WG_TAG_SIZE];
	struct wg_message_macs macs;
} __packed;

/*
 * Handshake response, 92 bytes
 *
 *   0      4       8       12          44        60    76
 *   +------+-------+-------+-----------+---------+-----+-----+
 *   | type | our   | their | ephemeral | nothing | mac | mac |
 *   |    2 | index | index | public 32 | tag 16  | 1   | 2   |
 *   +------+-------+-------+-----------+---------+-----+-----+
 */
struct wg_message_response {
	__le32 type;
	__le32 sender_index;
	__le32 receiver_index;
	u8 ephemeral[WG_KEY_SIZE];
	u8 encrypted_nothing[WG_TAG_SIZE];
	struct wg_message_macs macs;
} __packed;

/*
 * Cookie reply, 64 bytes
 *
 *   0      4       8          32
 *   +------+-------+----------+------------------+
 *   | type | their | nonce 24 | cookie           |
 *   |    3 | index |          | 16 + tag 16      |
 *   +------+-------+----------+------------------+
 */
struct wg_message_cookie {
	__le32 type;
	__le32 receiver_index;
	u8 nonce[WG_XNONCE_SIZE];
	u8 encrypted_cookie[WG_COOKIE_SIZE + WG_TAG_SIZE];
} __packed;

/*
 * Transport data, 32 bytes and the padded inner packet
 *
 *   0      4       8         16
 *   +------+-------+---------+-------------------------+--------+
 *   | type | their | counter | inner packet and zeroes | tag 16 |
 *   |    4 | index | 8       | (nothing: keepalive)    |        |
 *   +------+-------+---------+-------------------------+--------+
 */
struct wg_message_data {
	__le32 type;
	__le32 receiver_index;
	__le64 counter;
	u8 ciphertext[];
} __packed;

/* Bytes that a data message adds to the padded inner packet. */
#define WG_DATA_OVERHEAD (sizeof(struct wg_message_data) + WG_TAG_SIZE)

static_assert(sizeof(struct wg_timestamp) == WG_TIMESTAMP_SIZE);
static_assert(sizeof(struct wg_message_macs) == 32);

static_assert(sizeof(struct wg_message_initiation) == 148);
static_assert(offsetof(struct wg_message_initiation, sender_index) == 4);
static_assert(offsetof(struct wg_message_initiation, ephemeral) == 8);
static_assert(offsetof(struct wg_message_initiation, encrypted_static) == 40);
static_assert(offsetof(struct wg_message_initiation,
		       encrypted_timestamp) == 88);
static_assert(offsetof(struct wg_message_initiation, macs) == 116);

static_assert(sizeof(struct wg_message_response) == 92);
static_assert(offsetof(struct wg_message_response, sender_index) == 4);
static_assert(offsetof(struct wg_message_response, receiver_index) == 8);
static_assert(offsetof(struct wg_message_response, ephemeral) == 12);
static_assert(offsetof(struct wg_message_response, encrypted_nothing) == 44);
static_assert(offsetof(struct wg_message_response, macs) == 60);

static_assert(sizeof(struct wg_message_cookie) == 64);
static_assert(offsetof(struct wg_message_cookie, receiver_index) == 4);
static_assert(offsetof(struct wg_message_cookie, nonce) == 8);
static_assert(offsetof(struct wg_message_cookie, encrypted_cookie) == 32);

static_assert(sizeof(struct wg_message_data) == 16);
static_assert(offsetof(struct wg_message_data, receiver_index) == 4);
static_assert(offsetof(struct wg_message_data, counter) == 8);
static_assert(offsetof(struct wg_message_data, ciphertext) == 16);
static_assert(WG_DATA_OVERHEAD == 32);

/**
 * wg_wire_parse() - which message are these bytes?
 * @bytes: one UDP payload, of any alignment; may be NULL when @len is 0
 * @len: its length
 *
 * The type word must be exact, reserved bytes included; handshake and cookie
 * messages must have their exact length. A data message may have any length
 * from a keepalive's on: other implementations leave packets at the edge of
 * the MTU unpadded.
 *
 * Return: a type, after which @bytes may be read as that message; else
 * WG_MESSAGE_BAD_TYPE or WG_MESSAGE_BAD_LENGTH.
 */
enum wg_message_type wg_wire_parse(const void *bytes, size_t len);

/**
 * wg_wire_padded_len() - length of an inner packet with its padding
 * @len: length of the inner packet
 * @mtu: MTU of the device, 0 for none
 *
 * Return: @len rounded up to a multiple of WG_PAD_SIZE, but not beyond @mtu.
 * A packet that is longer than the MTU will leave in fragments, so the last
 * piece of it is what gets padded, again not beyond @mtu.
 */
unsigned int wg_wire_padded_len(unsigned int len, unsigned int mtu);

/**
 * wg_timestamp_encode() - wall clock time as TAI64N
 * @timestamp: result
 * @unix_s: seconds since 1970
 * @ns: nanoseconds of that second, under 10^9; rounded down to a multiple of
 *	WG_TIMESTAMP_STEP_NS, so that nobody gets a fine clock from it
 */
void wg_timestamp_encode(struct wg_timestamp *timestamp, u64 unix_s, u32 ns);

/* Is @a later than @b? */
bool wg_timestamp_is_after(const struct wg_timestamp *a,
			   const struct wg_timestamp *b);

#endif
