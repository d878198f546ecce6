// SPDX-License-Identifier: GPL-2.0
#include "proto/cookie.h"

#include <linux/string.h>

#include "compat.h"

static const u8 mac1_label[8] = "mac1----";
static const u8 cookie_label[8] = "cookie--";

/* The macs of a handshake message, which are its end. */
static struct wg_message_macs *macs_of(const void *message, size_t len)
{
	return (void *)message + len - sizeof(struct wg_message_macs);
}

static void label_key(u8 key[WG_HASH_SIZE], const u8 label[8],
		      const u8 public_key[WG_KEY_SIZE])
{
	wg_hash(key, wg_bytes(label, 8), wg_bytes(public_key, WG_KEY_SIZE));
}

static void make_mac1(u8 mac1[WG_MAC_SIZE], const u8 key[WG_HASH_SIZE],
		      const void *message, size_t len)
{
	wg_mac(mac1, wg_bytes(key, WG_HASH_SIZE),
	       wg_bytes(message, len - sizeof(struct wg_message_macs)));
}

/* mac2 covers mac1 as well. */
static void make_mac2(u8 mac2[WG_MAC_SIZE], const u8 cookie[WG_COOKIE_SIZE],
		      const void *message, size_t len)
{
	wg_mac(mac2, wg_bytes(cookie, WG_COOKIE_SIZE),
	       wg_bytes(message, len - WG_MAC_SIZE));
}

static void make_cookie(u8 cookie[WG_COOKIE_SIZE],
			const struct wg_cookie_checker *checker,
			const struct wg_cookie_source *source)
{
	wg_mac(cookie, wg_bytes(checker->secret, sizeof(checker->secret)),
	       wg_bytes(source->bytes, source->len));
}

void wg_cookie_source_set(struct wg_cookie_source *source, const void *addr,
			  size_t addr_len, __be16 port)
{
	memcpy(source->bytes, addr, addr_len);
	memcpy(source->bytes + addr_len, &port, sizeof(port));
	source->len = addr_len + sizeof(port);
}

void wg_cookie_checker_set_key(struct wg_cookie_checker *checker,
			       const u8 *public_key)
{
	checker->has_keys = public_key;
	if (!public_key) {
		wg_wipe(checker->mac1_key, WG_HASH_SIZE);
		wg_wipe(checker->cookie_key, WG_HASH_SIZE);
		return;
	}
	label_key(checker->mac1_key, mac1_label, public_key);
	label_key(checker->cookie_key, cookie_label, public_key);
}

bool wg_cookie_checker_has_mac1(const struct wg_cookie_checker *checker,
				const void *message, size_t len)
{
	u8 mac1[WG_MAC_SIZE];

	if (!checker->has_keys)
		return false;
	make_mac1(mac1, checker->mac1_key, message, len);
	return wg_equal(mac1, macs_of(message, len)->mac1, WG_MAC_SIZE);
}

bool wg_cookie_checker_has_mac2(const struct wg_cookie_checker *checker,
				const void *message, size_t len,
				const struct wg_cookie_source *source,
				u64 now_ns)
{
	u8 cookie[WG_COOKIE_SIZE];
	u8 mac2[WG_MAC_SIZE];

	if (wg_cookie_checker_needs_secret(checker, now_ns))
		return false;
	make_cookie(cookie, checker, source);
	make_mac2(mac2, cookie, message, len);
	wg_wipe(cookie, sizeof(cookie));
	return wg_equal(mac2, macs_of(message, len)->mac2, WG_MAC_SIZE);
}

bool wg_cookie_checker_needs_secret(const struct wg_cookie_checker *checker,
				    u64 now_ns)
{
	return !checker->has_secret ||
	       now_ns >= checker->secret_birth_ns + WG_COOKIE_TIME_NS;
}

void wg_cookie_checker_set_secret(struct wg_cookie_checker *checker,
				  const u8 secret[WG_HASH_SIZE], u64 now_ns)
{
	memcpy(checker->secret, secret, WG_HASH_SIZE);
	checker->secret_birth_ns = now_ns;
	checker->has_secret = true;
}

void wg_cookie_checker_reply(const struct wg_cookie_checker *checker,
			     struct wg_message_cookie *reply,
			     const void *message, size_t len,
			     const struct wg_cookie_source *source)
{
	/* The sender's index is at the same place in both messages. */
	const struct wg_message_initiation *initiation = message;
	u8 cookie[WG_COOKIE_SIZE];

	reply->type = cpu_to_le32(WG_MESSAGE_COOKIE);
	reply->receiver_index = initiation->sender_index;
	make_cookie(cookie, checker, source);
	wg_xaead_seal(reply->encrypted_cookie, cookie, sizeof(cookie),
		      macs_of(message, len)->mac1, WG_MAC_SIZE, reply->nonce,
		      checker->cookie_key);
	wg_wipe(cookie, sizeof(cookie));
}

static bool has_fresh_cookie(const struct wg_cookie_maker *maker, u64 now_ns)
{
	return maker->has_cookie &&
	       now_ns < maker->birth_ns + WG_COOKIE_TIME_NS;
}

void wg_cookie_maker_stamp(struct wg_cookie_maker *maker, void *message,
			   size_t len, const u8 public_key[WG_KEY_SIZE],
			   u64 now_ns)
{
	struct wg_message_macs *macs = macs_of(message, len);
	u8 key[WG_HASH_SIZE];

	label_key(key, mac1_label, public_key);
	make_mac1(macs->mac1, key, message, len);
	memcpy(maker->mac1, macs->mac1, WG_MAC_SIZE);
	maker->tries = WG_COOKIE_TRIES;

	if (has_fresh_cookie(maker, now_ns))
		make_mac2(macs->mac2, maker->cookie, message, len);
	else
		memset(macs->mac2, 0, WG_MAC_SIZE);
}

enum wg_cookie_verdict
wg_cookie_maker_take(struct wg_cookie_maker *maker,
		     const struct wg_message_cookie *reply,
		     const u8 public_key[WG_KEY_SIZE], u64 now_ns)
{
	u8 cookie[WG_COOKIE_SIZE];
	u8 key[WG_HASH_SIZE];

	if (!maker->tries)
		return WG_COOKIE_UNASKED;
	maker->tries--;
	label_key(key, cookie_label, public_key);
	if (!wg_xaead_open(cookie, reply->encrypted_cookie,
			   sizeof(reply->encrypted_cookie), maker->mac1,
			   WG_MAC_SIZE, reply->nonce, key))
		return WG_COOKIE_BAD;
	memcpy(maker->cookie, cookie, WG_COOKIE_SIZE);
	wg_wipe(cookie, sizeof(cookie));
	maker->birth_ns = now_ns;
	maker->has_cookie = true;
	maker->tries = 0;
	return WG_COOKIE_OK;
}
