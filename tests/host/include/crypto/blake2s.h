/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel library's BLAKE2s, implemented in crypto_host.c. */
#ifndef _HOST_CRYPTO_BLAKE2S_H
#define _HOST_CRYPTO_BLAKE2S_H

#include <linux/types.h>

#define BLAKE2S_BLOCK_SIZE 64

struct blake2s_ctx {
	u32 h[8];
	u64 total;
	u8 block[BLAKE2S_BLOCK_SIZE];
	size_t filled;
	size_t outlen;
};

void blake2s_init(struct blake2s_ctx *ctx, size_t outlen);
void blake2s_update(struct blake2s_ctx *ctx, const u8 *in, size_t inlen);
void blake2s_final(struct blake2s_ctx *ctx, u8 *out);
void blake2s(const u8 *key, size_t keylen, const u8 *in, size_t inlen,
	     u8 *out, size_t outlen);

#endif
