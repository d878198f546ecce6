/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands in for src/compat.h: the shims here have the newest kernel's names
 * and signatures, so there is nothing to make up for.
 */
#ifndef _HOST_COMPAT_H
#define _HOST_COMPAT_H

#include <crypto/blake2s.h>
#include <crypto/chacha.h>
#include <crypto/utils.h>
#include <linux/unaligned.h>

#endif
