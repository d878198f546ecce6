/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel library's ChaCha20, implemented in crypto_host.c. */
#ifndef _HOST_CRYPTO_CHACHA_H
#define _HOST_CRYPTO_CHACHA_H

#include <linux/types.h>

#define CHACHA_BLOCK_SIZE 64
#define CHACHA_IV_SIZE 16

struct chacha_state {
	u32 x[16];
};

void chacha_init(struct chacha_state *state, const u32 key[8],
		 const u8 iv[CHACHA_IV_SIZE]);
void chacha_crypt(struct chacha_state *state, u8 *dst, const u8 *src,
		  unsigned int bytes, int rounds);

#endif
