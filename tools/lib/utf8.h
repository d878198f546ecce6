/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UTF-8, as RFC 3629 has it.
 */
#ifndef _WGCTL_LIB_UTF8_H
#define _WGCTL_LIB_UTF8_H

#include <stddef.h>
#include <stdint.h>

/**
 * utf8_next() - read one character
 * @point: filled with its code point
 * @text: where it begins
 * @len: of @text, not 0
 *
 * Return: how many bytes it has; 0 for what is no UTF-8.
 */
size_t utf8_next(uint32_t *point, const unsigned char *text, size_t len);

/* How many bytes the control character has that begins here; 0: it is none. */
size_t utf8_control(const unsigned char *text);

#endif
