/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _HOST_CRYPTO_UTILS_H
#define _HOST_CRYPTO_UTILS_H

#include <stddef.h>

/* 0 when equal, 1 when not. */
int crypto_memneq(const void *a, const void *b, size_t size);

#endif
