/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel library's X25519, implemented in crypto_host.c. */
#ifndef _HOST_CRYPTO_CURVE25519_H
#define _HOST_CRYPTO_CURVE25519_H

#include <linux/types.h>

bool __must_check curve25519(u8 out[32], const u8 secret[32],
			     const u8 point[32]);
bool __must_check curve25519_generate_public(u8 pub[32], const u8 secret[32]);
void curve25519_clamp_secret(u8 secret[32]);

#endif
