/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel library's two AEADs, implemented in crypto_host.c. */
#ifndef _HOST_CRYPTO_CHACHA20POLY1305_H
#define _HOST_CRYPTO_CHACHA20POLY1305_H

#include <linux/types.h>

void chacha20poly1305_encrypt(u8 *dst, const u8 *src, size_t src_len,
			      const u8 *ad, size_t ad_len, u64 nonce,
			      const u8 key[32]);
bool __must_check chacha20poly1305_decrypt(u8 *dst, const u8 *src,
					   size_t src_len, const u8 *ad,
					   size_t ad_len, u64 nonce,
					   const u8 key[32]);
void xchacha20poly1305_encrypt(u8 *dst, const u8 *src, size_t src_len,
			       const u8 *ad, size_t ad_len,
			       const u8 nonce[24], const u8 key[32]);
bool __must_check xchacha20poly1305_decrypt(u8 *dst, const u8 *src,
					    size_t src_len, const u8 *ad,
					    size_t ad_len,
					    const u8 nonce[24],
					    const u8 key[32]);

#endif
