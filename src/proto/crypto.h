/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's crypto library: BLAKE2s and the two AEADs under the names and in
 * the argument order of this project. (Its X25519 is used as it is.) Nothing is
 * computed here that the library computes; HMAC and the KDFs are put together
 * from its BLAKE2s. All functions run in any context and cannot fail, except
 * for the verdicts that they return.
 */
#ifndef _WG_PROTO_CRYPTO_H
#define _WG_PROTO_CRYPTO_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "proto/limits.h"

/**
 * struct wg_bytes - some bytes and how many
 * @data: the first one; may be NULL when @len is 0
 * @len: how many
 */
struct wg_bytes {
	const void *data;
	size_t len;
};

/* BLAKE2s of @a followed by @b, 32 bytes. @out may be part of either. */
void wg_hash(u8 out[WG_HASH_SIZE], struct wg_bytes a, struct wg_bytes b);

/* Keyed BLAKE2s of @message, 16 bytes. @key is of 1 to 32 bytes. */
void wg_mac(u8 out[WG_MAC_SIZE], struct wg_bytes key, struct wg_bytes message);

/* HMAC-BLAKE2s of @message. @key is of up to 64 bytes. */
void wg_hmac(u8 out[WG_HASH_SIZE], struct wg_bytes key,
	     struct wg_bytes message);

/**
 * wg_kdf() - HKDF over HMAC-BLAKE2s
 * @out: where the results go, in order, 32 bytes each; @chain may be one
 * @count: how many: 1, 2 or 3
 * @chain: the chaining key
 * @input: new key material
 */
void wg_kdf(u8 *const out[], unsigned int count, const u8 chain[WG_HASH_SIZE],
	    struct wg_bytes input);

/**
 * wg_aead_seal() - ChaCha20-Poly1305 of one linear buffer
 * @dst: @len + WG_TAG_SIZE bytes; may be @src
 * @src: plaintext
 * @len: length of the plaintext
 * @ad: associated data; may be NULL when @ad_len is 0
 * @ad_len: length of the associated data
 * @counter: the nonce's 64-bit half; never twice under one @key
 * @key: the key
 */
void wg_aead_seal(u8 *dst, const u8 *src, size_t len, const void *ad,
		  size_t ad_len, u64 counter, const u8 key[WG_KEY_SIZE]);

/**
 * wg_aead_open() - undo wg_aead_seal()
 * @dst: @len - WG_TAG_SIZE bytes; may be @src
 * @src: ciphertext and tag
 * @len: length of both together; less than a tag does not authenticate
 * @ad: associated data
 * @ad_len: length of the associated data
 * @counter: the nonce's 64-bit half
 * @key: the key
 *
 * Return: whether the tag verifies. If not, @dst must not be used.
 */
bool __must_check wg_aead_open(u8 *dst, const u8 *src, size_t len,
			       const void *ad, size_t ad_len, u64 counter,
			       const u8 key[WG_KEY_SIZE]);

/* XChaCha20-Poly1305, with a random @nonce; else as wg_aead_seal(). */
void wg_xaead_seal(u8 *dst, const u8 *src, size_t len, const void *ad,
		   size_t ad_len, const u8 nonce[WG_XNONCE_SIZE],
		   const u8 key[WG_KEY_SIZE]);

/* XChaCha20-Poly1305; else as wg_aead_open(). */
bool __must_check wg_xaead_open(u8 *dst, const u8 *src, size_t len,
				const void *ad, size_t ad_len,
				const u8 nonce[WG_XNONCE_SIZE],
				const u8 key[WG_KEY_SIZE]);

/* Are @len bytes equal? Takes the same time whatever they are. */
bool __must_check wg_equal(const void *a, const void *b, size_t len);

/* Zero @len bytes of a secret; the compiler does not leave it out. */
void wg_wipe(void *secret, size_t len);

static inline struct wg_bytes wg_bytes(const void *data, size_t len)
{
	return (struct wg_bytes){ data, len };
}

#endif
