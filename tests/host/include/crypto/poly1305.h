/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel library's Poly1305, implemented in crypto_host.c. */
#ifndef _HOST_CRYPTO_POLY1305_H
#define _HOST_CRYPTO_POLY1305_H

#include <linux/types.h>
#include <sodium.h>

#define POLY1305_BLOCK_SIZE 16

struct poly1305_desc_ctx {
	crypto_onetimeauth_poly1305_state state;
};

void poly1305_init(struct poly1305_desc_ctx *ctx, const u8 key[32]);
void poly1305_update(struct poly1305_desc_ctx *ctx, const u8 *src,
		     unsigned int len);
void poly1305_final(struct poly1305_desc_ctx *ctx, u8 digest[16]);

#endif
