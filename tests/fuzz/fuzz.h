/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For fuzzers: take the input apart, and stop with a report when a claim does
 * not hold.
 */
#ifndef _FUZZ_FUZZ_H
#define _FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM(claim) do {						\
	if (!(claim)) {							\
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__,	\
			__LINE__, #claim);				\
		abort();						\
	}								\
} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Take @len bytes off the input; zeroes once it has ended. */
static inline void fuzz_take(void *out, size_t len, const uint8_t **data,
			     size_t *size)
{
	size_t there = len < *size ? len : *size;

	memset(out, 0, len);
	if (there)
		memcpy(out, *data, there);
	*data += there;
	*size -= there;
}

#endif
