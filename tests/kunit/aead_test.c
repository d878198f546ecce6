// SPDX-License-Identifier: GPL-2.0
/*
 * The AEAD of data messages agrees with the kernel library's, on whatever
 * code the processor makes the library choose.
 */
#include "proto/aead.h"

#include <crypto/chacha20poly1305.h>
#include <kunit/test.h>
#include <linux/prandom.h>

#define LEN_MAX 2048
#define SEED 8439
#define BUFFER_SIZE (WG_AEAD_ROOM + LEN_MAX + WG_TAG_SIZE + 16)

struct buffers {
	u8 plain[LEN_MAX];
	u8 expected[LEN_MAX + WG_TAG_SIZE];
	u8 room[WG_AEAD_ROOM];
	u8 ours[BUFFER_SIZE];
	u8 key[WG_KEY_SIZE];
};

static struct buffers *make_buffers(struct kunit *test)
{
	struct buffers *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	struct rnd_state random;

	KUNIT_ASSERT_NOT_NULL(test, b);
	prandom_seed_state(&random, SEED);
	prandom_bytes_state(&random, b->plain, sizeof(b->plain));
	prandom_bytes_state(&random, b->key, sizeof(b->key));
	prandom_bytes_state(&random, b->room, sizeof(b->room));
	return b;
}

/* Seal @len bytes at @text and compare with the library. */
static bool seals_like_the_library(struct buffers *b, u8 *text, size_t len,
				   u64 counter)
{
	chacha20poly1305_encrypt(b->expected, b->plain, len, NULL, 0, counter,
				 b->key);
	memcpy(text - WG_AEAD_ROOM, b->room, WG_AEAD_ROOM);
	memcpy(text, b->plain, len);
	text[len + WG_TAG_SIZE] = 0x5a;
	wg_aead_seal_in_place(text, len, counter, b->key);
	return !memcmp(text, b->expected, len + WG_TAG_SIZE) &&
	       !memcmp(text - WG_AEAD_ROOM, b->room, WG_AEAD_ROOM) &&
	       text[len + WG_TAG_SIZE] == 0x5a;
}

/* Open what the library sealed. */
static bool opens_what_the_library_sealed(struct buffers *b, u8 *text,
					  size_t len, u64 counter)
{
	chacha20poly1305_encrypt(text, b->plain, len, NULL, 0, counter, b->key);
	text[len + WG_TAG_SIZE] = 0x5a;
	return wg_aead_open_in_place(text, len + WG_TAG_SIZE, counter, b->key) &&
	       !memcmp(text, b->plain, len) &&
	       text[len + WG_TAG_SIZE] == 0x5a;
}

static void every_length_is_sealed_like_the_library(struct kunit *test)
{
	struct buffers *b = make_buffers(test);
	u8 *text = b->ours + WG_AEAD_ROOM;
	size_t len;
	u64 counter;

	for (len = 0; len <= LEN_MAX; len++) {
		counter = len * 0x100000001ULL;
		KUNIT_EXPECT_TRUE_MSG(test, seals_like_the_library(b, text, len,
								   counter),
				      "%zu bytes, seed %u", len, SEED);
	}
}

static void every_length_is_opened_like_the_library(struct kunit *test)
{
	struct buffers *b = make_buffers(test);
	size_t len;
	bool opens;

	for (len = 0; len <= LEN_MAX; len++) {
		opens = opens_what_the_library_sealed(b, b->ours, len,
						      ~(u64)len);
		KUNIT_EXPECT_TRUE_MSG(test, opens, "%zu bytes, seed %u", len,
				      SEED);
	}
}

static void any_alignment_will_do(struct kunit *test)
{
	struct buffers *b = make_buffers(test);
	unsigned int shift;
	bool agrees;
	u8 *text;

	for (shift = 0; shift < 16; shift++) {
		text = b->ours + WG_AEAD_ROOM + shift;
		agrees = seals_like_the_library(b, text, 1408, shift) &&
			 opens_what_the_library_sealed(b, text, 1408, shift);
		KUNIT_EXPECT_TRUE_MSG(test, agrees, "%u", shift);
	}
}

/* Is what lies at @b->ours refused, and left as it is? */
static bool is_refused(struct buffers *b, size_t len, u64 counter)
{
	memcpy(b->expected, b->ours, len);
	return !wg_aead_open_in_place(b->ours, len, counter, b->key) &&
	       !memcmp(b->ours, b->expected, len);
}

static void what_is_not_authentic_stays_as_it_is(struct kunit *test)
{
	struct buffers *b = make_buffers(test);
	size_t sealed_len = 600 + WG_TAG_SIZE, i;

	chacha20poly1305_encrypt(b->ours, b->plain, 600, NULL, 0, 7, b->key);
	for (i = 0; i < sealed_len; i++) {
		b->ours[i] ^= 0x10;
		KUNIT_EXPECT_TRUE(test, is_refused(b, sealed_len, 7));
		b->ours[i] ^= 0x10;
	}
	KUNIT_EXPECT_TRUE(test, is_refused(b, sealed_len, 8));
	KUNIT_EXPECT_TRUE(test, is_refused(b, sealed_len - 1, 7));
	b->key[0] ^= 1;
	KUNIT_EXPECT_TRUE(test, is_refused(b, sealed_len, 7));
}

static struct kunit_case aead_test_cases[] = {
	KUNIT_CASE(every_length_is_sealed_like_the_library),
	KUNIT_CASE(every_length_is_opened_like_the_library),
	KUNIT_CASE(any_alignment_will_do),
	KUNIT_CASE(what_is_not_authentic_stays_as_it_is),
	{}
};

static struct kunit_suite aead_test_suite = {
	.name = "wg_aead",
	.test_cases = aead_test_cases,
};

kunit_test_suite(aead_test_suite);
