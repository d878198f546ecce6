/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text for people: amounts in words, ages, bytes. Pure functions of their
 * arguments; units are marked for colouring (out.h).
 */
#ifndef _WGCTL_LIB_FORMAT_H
#define _WGCTL_LIB_FORMAT_H

#include <stdint.h>

#define FORMAT_MAX 192

/* "1 minute, 3 seconds": years of 365 days, days, hours, minutes, seconds */
const char *format_duration(int64_t seconds, char *buf);

/* "1 minute, 3 seconds ago", "Now", or that the clock went backwards */
const char *format_ago(int64_t then_s, int64_t now_s, char *buf);

/* "2.17 KiB": powers of 1024 from B to TiB */
const char *format_bytes(uint64_t bytes, char *buf);

/*
 * @text, where a '?' stands for each control character: a terminal obeys them.
 * Marks are left out.
 */
char *format_printable(char *text);

#endif
