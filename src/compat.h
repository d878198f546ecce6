/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only file that looks at the kernel's version. Everything else is
 * written against the newest kernel; each block here gives older kernels the
 * newer name with the newer signature, and says what differs, since when, and
 * who needs it.
 */
#ifndef _WG_COMPAT_H
#define _WG_COMPAT_H

#include <linux/version.h>

/*
 * What: crypto_memneq() moved from crypto/algapi.h to crypto/utils.h.
 * Since: 6.4. Who: proto/crypto.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#include <crypto/utils.h>
#else
#include <crypto/algapi.h>
#endif

/*
 * What: get_unaligned_*() moved from asm/unaligned.h to linux/unaligned.h.
 * Since: 6.12. Who: whoever reads or writes integers in packets.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/*
 * What: BLAKE2s takes key, input, output, each followed by its length; it
 * took output, input, key and then the three lengths.
 * Since: 6.19. Who: proto/crypto.
 */
#include <crypto/blake2s.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define blake2s_ctx blake2s_state

static inline void wg_compat_blake2s(const u8 *key, size_t keylen,
				     const u8 *in, size_t inlen,
				     u8 *out, size_t outlen)
{
	blake2s(out, in, key, outlen, inlen, keylen);
}

#define blake2s wg_compat_blake2s
#endif

#endif
