/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Values of the model as several verbs print them: keys, lists of prefixes.
 * Where out.h says "label", NULL shows nothing in text.
 */
#ifndef _WGCTL_MODEL_PRINT_H
#define _WGCTL_MODEL_PRINT_H

#include "lib/out.h"
#include "model/tunnel.h"

/**
 * print_key() - a key in full, secret or not
 * @out: where
 * @key: JSON name
 * @label: in text
 * @value: WG_KEY_LEN bytes; one of zeroes is none, JSON's null
 */
void print_key(struct out *out, const char *key, const char *label,
	       const uint8_t *value);

/**
 * print_ips() - a list of prefixes: in one line of text, a list in JSON
 * @out: where
 * @key: JSON name
 * @label: in text
 * @none: in text, if the list is empty; NULL: no line at all
 * @ips: to print
 */
void print_ips(struct out *out, const char *key, const char *label,
	       const char *none, const struct allowed_ips *ips);

#endif
