// SPDX-License-Identifier: GPL-2.0
#include "proto/crypto.h"

#include <crypto/blake2s.h>
#include <crypto/chacha20poly1305.h>
#include <linux/string.h>

#include "compat.h"

void wg_hash(u8 out[WG_HASH_SIZE], struct wg_bytes a, struct wg_bytes b)
{
	struct blake2s_ctx ctx;

	blake2s_init(&ctx, WG_HASH_SIZE);
	blake2s_update(&ctx, a.data, a.len);
	blake2s_update(&ctx, b.data, b.len);
	blake2s_final(&ctx, out);
}

void wg_mac(u8 out[WG_MAC_SIZE], struct wg_bytes key, struct wg_bytes message)
{
	blake2s(key.data, key.len, message.data, message.len, out,
		WG_MAC_SIZE);
}

void wg_hmac(u8 out[WG_HASH_SIZE], struct wg_bytes key,
	     struct wg_bytes message)
{
	u8 pad[BLAKE2S_BLOCK_SIZE] = { };
	u8 inner[WG_HASH_SIZE];
	size_t i;

	memcpy(pad, key.data, key.len);
	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	wg_hash(inner, wg_bytes(pad, sizeof(pad)), message);

	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	wg_hash(out, wg_bytes(pad, sizeof(pad)),
		wg_bytes(inner, sizeof(inner)));

	wg_wipe(pad, sizeof(pad));
	wg_wipe(inner, sizeof(inner));
}

void wg_kdf(u8 *const out[], unsigned int count, const u8 chain[WG_HASH_SIZE],
	    struct wg_bytes input)
{
	u8 block[WG_HASH_SIZE + 1]; /* the result before, and its number */
	u8 root[WG_HASH_SIZE];
	size_t before = 0;
	unsigned int i;

	wg_hmac(root, wg_bytes(chain, WG_HASH_SIZE), input);
	for (i = 0; i < count; i++) {
		block[before] = i + 1;
		wg_hmac(block, wg_bytes(root, sizeof(root)),
			wg_bytes(block, before + 1));
		before = WG_HASH_SIZE;
		memcpy(out[i], block, WG_HASH_SIZE);
	}
	wg_wipe(root, sizeof(root));
	wg_wipe(block, sizeof(block));
}

void wg_aead_seal(u8 *dst, const u8 *src, size_t len, const void *ad,
		  size_t ad_len, u64 counter, const u8 key[WG_KEY_SIZE])
{
	chacha20poly1305_encrypt(dst, src, len, ad, ad_len, counter, key);
}

bool wg_aead_open(u8 *dst, const u8 *src, size_t len, const void *ad,
		  size_t ad_len, u64 counter, const u8 key[WG_KEY_SIZE])
{
	return chacha20poly1305_decrypt(dst, src, len, ad, ad_len, counter,
					key);
}

void wg_xaead_seal(u8 *dst, const u8 *src, size_t len, const void *ad,
		   size_t ad_len, const u8 nonce[WG_XNONCE_SIZE],
		   const u8 key[WG_KEY_SIZE])
{
	xchacha20poly1305_encrypt(dst, src, len, ad, ad_len, nonce, key);
}

bool wg_xaead_open(u8 *dst, const u8 *src, size_t len, const void *ad,
		   size_t ad_len, const u8 nonce[WG_XNONCE_SIZE],
		   const u8 key[WG_KEY_SIZE])
{
	return xchacha20poly1305_decrypt(dst, src, len, ad, ad_len, nonce,
					 key);
}

bool wg_equal(const void *a, const void *b, size_t len)
{
	return !crypto_memneq(a, b, len);
}

void wg_wipe(void *secret, size_t len)
{
	memzero_explicit(secret, len);
}
