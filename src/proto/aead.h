/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The AEAD of data messages: the same ChaCha20-Poly1305 as wg_aead_seal()
 * and wg_aead_open(), without associated data, put together from the kernel
 * library's two halves so that one pass makes the one-time key as well.
 *
 * The library makes that key, block 0 of the key stream, by a scalar call of
 * its own. Here block 0 comes out of a vector pass over the text. Sealing
 * begins the pass one block before the text:
 *
 *	     | block 0: 64 bytes | text: blocks 1, 2, ...     | tag |
 *	     ^ text - 64         ^ text
 *
 * The 64 bytes before the text are borrowed for that. Opening makes blocks 0
 * to 7 aside, verifies, and only then changes the text. Any context.
 */
#ifndef _WG_PROTO_AEAD_H
#define _WG_PROTO_AEAD_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "proto/limits.h"

/* How much must lie before a text that is sealed. */
#define WG_AEAD_ROOM 64

/**
 * wg_aead_seal_in_place() - seal in place
 * @text: plaintext of @len bytes, room for a tag behind it, and before it
 *	WG_AEAD_ROOM bytes that nobody else looks at meanwhile; they are what
 *	they were afterwards
 * @len: length of the plaintext
 * @counter: of the message; never twice under one @key
 * @key: the key
 */
void wg_aead_seal_in_place(u8 *text, size_t len, u64 counter,
			   const u8 key[WG_KEY_SIZE]);

/**
 * wg_aead_open_in_place() - undo wg_aead_seal_in_place(), in place
 * @text: ciphertext and tag, which nobody else can change: it is read twice
 * @len: length of both; at least a tag
 * @counter: of the message
 * @key: the key
 *
 * Return: whether the tag verifies. If not, @text is what it was.
 */
bool __must_check wg_aead_open_in_place(u8 *text, size_t len, u64 counter,
					const u8 key[WG_KEY_SIZE]);

#endif
