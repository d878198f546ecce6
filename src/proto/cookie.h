/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two macs at the end of handshake messages, and the cookies behind the
 * second. Two roles: a checker, one per device, for messages that come in; a
 * maker, one per peer, for messages that go out. mac1 proves that the sender
 * knows our public key; mac2 that it receives at its source address, which is
 * asked for under load only. No locks inside; randomness and time come in.
 * Any context.
 */
#ifndef _WG_PROTO_COOKIE_H
#define _WG_PROTO_COOKIE_H

#include <linux/types.h>

#include "proto/crypto.h"
#include "proto/wire.h"

/**
 * struct wg_cookie_checker - judges messages that come in. Secret.
 * @mac1_key: from our public key
 * @cookie_key: from our public key
 * @secret: cookies are made from it
 * @secret_birth_ns: when it was set
 * @has_keys: false: the device has no identity, no mac1 is right
 * @has_secret: false: no cookie was ever given out
 */
struct wg_cookie_checker {
	u8 mac1_key[WG_HASH_SIZE];
	u8 cookie_key[WG_HASH_SIZE];
	u8 secret[WG_HASH_SIZE];
	u64 secret_birth_ns;
	bool has_keys;
	bool has_secret;
};

/**
 * struct wg_cookie_source - where a message came from
 * @bytes: address, then port, both as on the wire
 * @len: how many of them are used
 */
struct wg_cookie_source {
	u8 bytes[18];
	u8 len;
};

/**
 * struct wg_cookie_maker - puts macs on messages to one peer. Secret.
 * @birth_ns: when @cookie was received
 * @cookie: what the peer gave us
 * @mac1: of the last message sent
 * @has_cookie: @cookie is valid, though maybe too old
 * @tries: replies that may still be tried with @mac1; 0: none is waited for
 */
struct wg_cookie_maker {
	u64 birth_ns;
	u8 cookie[WG_COOKIE_SIZE];
	u8 mac1[WG_MAC_SIZE];
	bool has_cookie;
	u8 tries;
};

enum wg_cookie_verdict {
	WG_COOKIE_OK,
	WG_COOKIE_UNASKED, /* nothing was sent that it could answer any more */
	WG_COOKIE_BAD, /* does not verify */
};

/*
 * Set the source address: @addr_len is 4 or 16; @port is in network order.
 */
void wg_cookie_source_set(struct wg_cookie_source *source, const void *addr,
			  size_t addr_len, __be16 port);

/* Our identity is @public_key now; NULL: none. The secret stays. */
void wg_cookie_checker_set_key(struct wg_cookie_checker *checker,
			       const u8 *public_key);

/*
 * Is mac1 right? @message is an initiation or a response, @len its exact
 * length.
 */
bool wg_cookie_checker_has_mac1(const struct wg_cookie_checker *checker,
				const void *message, size_t len);

/*
 * Is mac2 right for @source, by a secret that has not run out at @now_ns?
 * @message as above.
 */
bool wg_cookie_checker_has_mac2(const struct wg_cookie_checker *checker,
				const void *message, size_t len,
				const struct wg_cookie_source *source,
				u64 now_ns);

/*
 * Must wg_cookie_checker_set_secret() be called before the next reply,
 * because there is no secret or it has run out?
 */
bool wg_cookie_checker_needs_secret(const struct wg_cookie_checker *checker,
				    u64 now_ns);

/* Begin a new secret, @secret, 32 random bytes. */
void wg_cookie_checker_set_secret(struct wg_cookie_checker *checker,
				  const u8 secret[WG_HASH_SIZE], u64 now_ns);

/**
 * wg_cookie_checker_reply() - give a cookie to who sent a message
 * @checker: with a secret that has not run out
 * @reply: written
 * @message: an initiation or a response whose mac1 is right
 * @len: its exact length
 * @source: where it came from
 *
 * The caller has put 24 random bytes into reply->nonce.
 */
void wg_cookie_checker_reply(const struct wg_cookie_checker *checker,
			     struct wg_message_cookie *reply,
			     const void *message, size_t len,
			     const struct wg_cookie_source *source);

/**
 * wg_cookie_maker_stamp() - put both macs on a message that goes out
 * @maker: the peer's
 * @message: an initiation or a response, complete but for the macs
 * @len: its exact length
 * @public_key: the peer's
 * @now_ns: the clock
 */
void wg_cookie_maker_stamp(struct wg_cookie_maker *maker, void *message,
			   size_t len, const u8 public_key[WG_KEY_SIZE],
			   u64 now_ns);

/**
 * wg_cookie_maker_take() - take a cookie that the peer sent
 * @maker: the peer's; the cookie is changed when OK
 * @reply: the message
 * @public_key: the peer's
 * @now_ns: the clock
 *
 * Each message that was stamped may be answered by one cookie, and by a
 * bounded number of forged ones before.
 *
 * Return: OK, UNASKED, BAD.
 */
enum wg_cookie_verdict
wg_cookie_maker_take(struct wg_cookie_maker *maker,
		     const struct wg_message_cookie *reply,
		     const u8 public_key[WG_KEY_SIZE], u64 now_ns);

#endif
