/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys: making them, their base64 form, reading them from files.
 *
 * The only user of libsodium. No function here prints, and none takes a
 * secret from the command line.
 */
#ifndef _WGCTL_MODEL_KEY_H
#define _WGCTL_MODEL_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/wg.h>

#include "lib/fault.h"

#define KEY_TEXT_LEN 44 /* base64 of 32 bytes, with its one '=' */
#define KEY_TEXT_MAX (KEY_TEXT_LEN + 1)

/**
 * key_init() - start libsodium and forbid core files and tracing
 *
 * To be called before any secret is read.
 *
 * Return: 0 or a negative errno.
 */
int key_init(void);

/**
 * key_make_private() - a fresh, clamped X25519 private key
 * @key: filled
 */
void key_make_private(uint8_t key[WG_KEY_LEN]);

/**
 * key_make_psk() - a fresh preshared key
 * @key: filled
 */
void key_make_psk(uint8_t key[WG_KEY_LEN]);

/**
 * key_public() - the public key of a private key
 * @public_key: filled
 * @private_key: need not be clamped
 */
void key_public(uint8_t public_key[WG_KEY_LEN],
		const uint8_t private_key[WG_KEY_LEN]);

/**
 * key_parse() - read exactly 44 characters of canonical base64
 * @key: filled on success, wiped otherwise
 * @text: not necessarily terminated
 * @len: of @text
 *
 * Return: true if it is a key.
 */
bool key_parse(uint8_t key[WG_KEY_LEN], const char *text, size_t len);

/**
 * key_text() - write a key in base64
 * @key: to write
 * @text: KEY_TEXT_MAX bytes; to be wiped by the caller when secret
 *
 * Return: @text.
 */
const char *key_text(const uint8_t key[WG_KEY_LEN], char text[KEY_TEXT_MAX]);

/**
 * key_read_file() - read a key from a file, as "private-key FILE" does
 * @key: filled; all zero for /dev/null or an empty file, which means, as it
 *	does for wg: remove the key
 * @path: of a file, a pipe or a device such as /dev/stdin
 * @fault: says which file, and why not
 *
 * White space around the key is allowed, anything else is not. White space
 * alone and an empty pipe are no key, and no wish to remove one.
 *
 * Return: 0 or a negative errno.
 */
int key_read_file(uint8_t key[WG_KEY_LEN], const char *path,
		  struct fault *fault);

/** key_is_zero() - is there no key? Return: true if all bytes are zero. */
bool key_is_zero(const uint8_t key[WG_KEY_LEN]);

/** key_equal() - compare two keys in constant time. Return: true if same. */
bool key_equal(const uint8_t a[WG_KEY_LEN], const uint8_t b[WG_KEY_LEN]);

#endif
