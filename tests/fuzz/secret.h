/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For fuzzers of what people write: a key stands wherever the input has the
 * byte 1, and nothing that is said may have a piece of it.
 */
#ifndef _FUZZ_SECRET_H
#define _FUZZ_SECRET_H

#include "fuzz.h"
#include "model/key.h"

#define SECRET_MARK 1
#define SECRET_PIECE 8

static char secret[KEY_TEXT_MAX];

/* Another one each time: no corpus can have learned it. */
static inline void secret_make(void)
{
	uint8_t key[WG_KEY_LEN];

	key_make_private(key);
	key_text(key, secret);
}

/* The input with the secret in it, for free(). */
static inline char *secret_plant(const uint8_t *data, size_t size, size_t *len)
{
	char *text = malloc(size * KEY_TEXT_LEN + 1), *to = text;
	size_t i;

	CLAIM(text);
	for (i = 0; i < size; i++)
		if (data[i] == SECRET_MARK)
			to = mempcpy(to, secret, KEY_TEXT_LEN);
		else
			*to++ = (char)data[i];
	*len = (size_t)(to - text);
	return text;
}

/* The fuzzer learns from comparisons, also those of the C library: not from this. */
__attribute__((noinline, no_sanitize("coverage")))
static bool is_secret(const char *said, const char *piece)
{
	size_t i = 0;

	while (i < SECRET_PIECE && said[i] == piece[i])
		i++;
	return i == SECRET_PIECE;
}

static inline void secret_check(const char *said)
{
	size_t at, piece;

	for (at = 0; said[at]; at++)
		for (piece = 0; piece + SECRET_PIECE <= KEY_TEXT_LEN; piece++)
			CLAIM(!is_secret(said + at, secret + piece));
}

/* What a fuzzer that includes this does with a text in which the secret may be. */
static void try(const char *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len;
	char *text = secret_plant(data, size, &len);

	try(text, len);
	free(text);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	CLAIM(!key_init());
	secret_make();
	return 0;
}

#endif
