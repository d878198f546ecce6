/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is a string fit to be shown to people? Pure; any context.
 */
#ifndef _WG_CTL_UTF8_H
#define _WG_CTL_UTF8_H

#include <linux/types.h>

/*
 * Are the @len bytes UTF-8 by RFC 3629 (no overlong forms, no surrogates,
 * nothing above U+10FFFF) without control characters (C0, DEL, C1)?
 */
bool wg_utf8_is_printable(const u8 *bytes, size_t len);

#endif
