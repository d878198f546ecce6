// SPDX-License-Identifier: GPL-2.0
/*
 * Known answers, through proto/crypto and the real kernel library: arguments
 * in the right order on each kernel.
 */
#include "proto/crypto.h"

#include <crypto/curve25519.h>
#include <kunit/test.h>
#include <linux/hex.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "compat.h"
#include "crypto_vectors.h"

/* Bytes of hexadecimal @text, which holds just @len. */
static void unhex(struct kunit *test, u8 *bytes, size_t len, const char *text)
{
	KUNIT_ASSERT_EQ(test, strlen(text), 2 * len);
	KUNIT_ASSERT_EQ(test, hex2bin(bytes, text, len), 0);
}

static void expect_hex(struct kunit *test, const u8 *got, size_t len,
		       const char *text)
{
	u8 expected[64];

	KUNIT_ASSERT_LE(test, len, sizeof(expected));
	unhex(test, expected, len, text);
	KUNIT_EXPECT_MEMEQ(test, got, expected, len);
}

static void hash_of_abc_is_that_of_rfc_7693(struct kunit *test)
{
	u8 got[32];

	wg_hash(got, wg_bytes("abc", 3), wg_bytes(NULL, 0));
	expect_hex(test, got, 32, hash_of_abc);
	wg_hash(got, wg_bytes("a", 1), wg_bytes("bc", 2));
	expect_hex(test, got, 32, hash_of_abc);
	wg_hash(got, wg_bytes(NULL, 0), wg_bytes("abc", 3));
	expect_hex(test, got, 32, hash_of_abc);
}

static void blake2s_passes_self_test_of_rfc_7693(struct kunit *test)
{
	u8 *in = kunit_kzalloc(test, 1024, GFP_KERNEL), got[32];

	KUNIT_ASSERT_NOT_NULL(test, in);
	self_test_of_rfc_7693(got, in);
	expect_hex(test, got, 32, self_test_answer);
}

static void mac_is_keyed_blake2s_of_16_bytes(struct kunit *test)
{
	u8 bytes[100], got[16];
	unsigned int i;

	count_from(bytes, sizeof(bytes), 0);
	for (i = 0; i < ARRAY_SIZE(mac_vectors); i++) {
		wg_mac(got, wg_bytes(bytes, mac_vectors[i].key_len),
		       wg_bytes(bytes, mac_vectors[i].len));
		expect_hex(test, got, 16, mac_vectors[i].answer);
	}
}

static void hmac_known_answers(struct kunit *test)
{
	u8 bytes[100], got[32];
	unsigned int i;

	count_from(bytes, sizeof(bytes), 0);
	for (i = 0; i < ARRAY_SIZE(hmac_vectors); i++) {
		wg_hmac(got, wg_bytes(bytes, hmac_vectors[i].key_len),
			wg_bytes(bytes, hmac_vectors[i].len));
		expect_hex(test, got, 32, hmac_vectors[i].answer);
	}
}

static void kdf_known_answers(struct kunit *test)
{
	u8 got[3][32], bytes[100];
	u8 *const out[] = { got[0], got[1], got[2] };
	unsigned int count, i;

	count_from(bytes, sizeof(bytes), 0);
	for (count = 1; count <= 3; count++) {
		memset(got, 0xee, sizeof(got));
		wg_kdf(out, count, bytes, wg_bytes(bytes, 100));
		for (i = 0; i < count; i++)
			expect_hex(test, got[i], 32, kdf_answers[i]);
		for (; i < 3; i++)
			KUNIT_EXPECT_NULL(test, memchr_inv(got[i], 0xee, 32));
	}
}

static void kdf_may_replace_the_chain(struct kunit *test)
{
	u8 chain[32], key[32], input[100];
	u8 *const out[] = { chain, key };

	count_from(chain, sizeof(chain), 0);
	count_from(input, sizeof(input), 0);
	wg_kdf(out, 2, chain, wg_bytes(input, 100));
	expect_hex(test, chain, 32, kdf_answers[0]);
	expect_hex(test, key, 32, kdf_answers[1]);
}

static void x25519_vectors_of_rfc_7748(struct kunit *test)
{
	u8 scalar[32], point[32], got[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(x25519_vectors); i++) {
		unhex(test, scalar, 32, x25519_vectors[i].scalar);
		unhex(test, point, 32, x25519_vectors[i].point);
		curve25519_clamp_secret(scalar);
		KUNIT_EXPECT_TRUE(test, curve25519(got, scalar, point));
		expect_hex(test, got, 32, x25519_vectors[i].product);
	}
}

static void x25519_diffie_hellman_of_rfc_7748(struct kunit *test)
{
	u8 a[32], b[32], got[32];

	unhex(test, a, 32, diffie_hellman.a);
	unhex(test, b, 32, diffie_hellman.b);
	curve25519_clamp_secret(a);
	curve25519_clamp_secret(b);
	KUNIT_EXPECT_TRUE(test, curve25519_generate_public(got, a));
	expect_hex(test, got, 32, diffie_hellman.a_public);
	KUNIT_EXPECT_TRUE(test, curve25519_generate_public(got, b));
	expect_hex(test, got, 32, diffie_hellman.b_public);
	unhex(test, b, 32, diffie_hellman.b_public);
	KUNIT_EXPECT_TRUE(test, curve25519(got, a, b));
	expect_hex(test, got, 32, diffie_hellman.shared);
}

static void x25519_refuses_points_of_low_order(struct kunit *test)
{
	static const u8 zero[32];
	u8 scalar[32], point[32], got[32];
	unsigned int i;

	count_from(scalar, 32, 0);
	curve25519_clamp_secret(scalar);
	for (i = 0; i < ARRAY_SIZE(low_order_points); i++) {
		unhex(test, point, 32, low_order_points[i]);
		memset(got, 0xee, 32);
		KUNIT_EXPECT_FALSE_MSG(test, curve25519(got, scalar, point),
				       "%s", low_order_points[i]);
		KUNIT_EXPECT_MEMEQ(test, got, zero, 32);
	}
	KUNIT_EXPECT_FALSE(test, curve25519_generate_public(got, zero));
}

static void clamp_fixes_five_bits(struct kunit *test)
{
	u8 ones[32], zeroes[32] = { };

	memset(ones, 0xff, 32);
	curve25519_clamp_secret(ones);
	curve25519_clamp_secret(zeroes);
	KUNIT_EXPECT_EQ(test, ones[0], 0xf8);
	KUNIT_EXPECT_NULL(test, memchr_inv(ones + 1, 0xff, 30));
	KUNIT_EXPECT_EQ(test, ones[31], 0x7f);
	KUNIT_EXPECT_NULL(test, memchr_inv(zeroes, 0, 31));
	KUNIT_EXPECT_EQ(test, zeroes[31], 0x40);
}

static struct draft *draft_of_rfc_8439(struct kunit *test)
{
	struct draft *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, d);
	KUNIT_ASSERT_EQ(test, sizeof(draft_plain) - 1, sizeof(d->plain));
	memcpy(d->plain, draft_plain, sizeof(d->plain));
	unhex(test, d->sealed, sizeof(d->sealed), draft_sealed);
	unhex(test, d->ad, 12, draft_ad);
	unhex(test, d->key, 32, draft_key);
	return d;
}

static void aead_vector_of_rfc_8439(struct kunit *test)
{
	struct draft *d = draft_of_rfc_8439(test);

	wg_aead_seal(d->buffer, d->plain, sizeof(d->plain), d->ad, 12,
		     DRAFT_COUNTER, d->key);
	KUNIT_EXPECT_MEMEQ(test, d->buffer, d->sealed, sizeof(d->sealed));
	memset(d->buffer, 0, sizeof(d->buffer));
	KUNIT_EXPECT_TRUE(test, wg_aead_open(d->buffer, d->sealed,
					     sizeof(d->sealed), d->ad, 12,
					     DRAFT_COUNTER, d->key));
	KUNIT_EXPECT_MEMEQ(test, d->buffer, d->plain, sizeof(d->plain));
}

static void aead_works_in_place(struct kunit *test)
{
	struct draft *d = draft_of_rfc_8439(test);

	memcpy(d->buffer, d->plain, sizeof(d->plain));
	wg_aead_seal(d->buffer, d->buffer, sizeof(d->plain), d->ad, 12,
		     DRAFT_COUNTER, d->key);
	KUNIT_EXPECT_MEMEQ(test, d->buffer, d->sealed, sizeof(d->sealed));
	KUNIT_EXPECT_TRUE(test, wg_aead_open(d->buffer, d->buffer,
					     sizeof(d->sealed), d->ad, 12,
					     DRAFT_COUNTER, d->key));
	KUNIT_EXPECT_MEMEQ(test, d->buffer, d->plain, sizeof(d->plain));
}

static void aead_notices_any_change(struct kunit *test)
{
	struct draft *d = draft_of_rfc_8439(test);
	size_t len = sizeof(d->sealed), i;

	for (i = 0; i < len; i++) {
		d->sealed[i] ^= 1;
		KUNIT_EXPECT_FALSE(test, wg_aead_open(d->buffer, d->sealed,
						      len, d->ad, 12,
						      DRAFT_COUNTER, d->key));
		d->sealed[i] ^= 1;
	}
	KUNIT_EXPECT_FALSE(test, wg_aead_open(d->buffer, d->sealed, len,
					      d->ad, 11, DRAFT_COUNTER,
					      d->key));
	KUNIT_EXPECT_FALSE(test, wg_aead_open(d->buffer, d->sealed, len,
					      d->ad, 12, DRAFT_COUNTER + 1,
					      d->key));
	KUNIT_EXPECT_FALSE(test, wg_aead_open(d->buffer, d->sealed, len - 1,
					      d->ad, 12, DRAFT_COUNTER,
					      d->key));
	KUNIT_EXPECT_FALSE(test, wg_aead_open(d->buffer, d->sealed,
					      WG_TAG_SIZE - 1, d->ad, 12,
					      DRAFT_COUNTER, d->key));
}

static void xaead_vector_of_the_xchacha_draft(struct kunit *test)
{
	u8 sealed[SUNSCREEN_LEN + WG_TAG_SIZE], got[sizeof(sealed)];
	u8 key[32], nonce[24], ad[12];

	count_from(key, sizeof(key), 128);
	count_from(nonce, sizeof(nonce), 64);
	unhex(test, ad, sizeof(ad), sunscreen_ad);
	unhex(test, sealed, sizeof(sealed), sunscreen_sealed);
	wg_xaead_seal(got, (const u8 *)sunscreen_plain, SUNSCREEN_LEN, ad,
		      sizeof(ad), nonce, key);
	KUNIT_EXPECT_MEMEQ(test, got, sealed, sizeof(sealed));
	KUNIT_EXPECT_TRUE(test, wg_xaead_open(got, sealed, sizeof(sealed), ad,
					      sizeof(ad), nonce, key));
	KUNIT_EXPECT_MEMEQ(test, got, sunscreen_plain, SUNSCREEN_LEN);
	nonce[23] ^= 1;
	KUNIT_EXPECT_FALSE(test, wg_xaead_open(got, sealed, sizeof(sealed), ad,
					       sizeof(ad), nonce, key));
}

static void equal_looks_at_every_byte(struct kunit *test)
{
	u8 a[32] = { }, b[32] = { };
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, wg_equal(a, b, 32));
	for (i = 0; i < 32; i++) {
		b[i] = 0x80;
		KUNIT_EXPECT_FALSE(test, wg_equal(a, b, 32));
		KUNIT_EXPECT_TRUE(test, wg_equal(a, b, i));
		b[i] = 0;
	}
}

static void wipe_leaves_zeroes_and_no_more(struct kunit *test)
{
	static const u8 expected[6] = { 1, 0, 0, 0, 0, 6 };
	u8 secret[6] = { 1, 2, 3, 4, 5, 6 };

	wg_wipe(secret + 1, 4);
	KUNIT_EXPECT_MEMEQ(test, secret, expected, 6);
}

static struct kunit_case crypto_test_cases[] = {
	KUNIT_CASE(hash_of_abc_is_that_of_rfc_7693),
	KUNIT_CASE(blake2s_passes_self_test_of_rfc_7693),
	KUNIT_CASE(mac_is_keyed_blake2s_of_16_bytes),
	KUNIT_CASE(hmac_known_answers),
	KUNIT_CASE(kdf_known_answers),
	KUNIT_CASE(kdf_may_replace_the_chain),
	KUNIT_CASE(x25519_vectors_of_rfc_7748),
	KUNIT_CASE(x25519_diffie_hellman_of_rfc_7748),
	KUNIT_CASE(x25519_refuses_points_of_low_order),
	KUNIT_CASE(clamp_fixes_five_bits),
	KUNIT_CASE(aead_vector_of_rfc_8439),
	KUNIT_CASE(aead_works_in_place),
	KUNIT_CASE(aead_notices_any_change),
	KUNIT_CASE(xaead_vector_of_the_xchacha_draft),
	KUNIT_CASE(equal_looks_at_every_byte),
	KUNIT_CASE(wipe_leaves_zeroes_and_no_more),
	{}
};

static struct kunit_suite crypto_test_suite = {
	.name = "wg_crypto",
	.test_cases = crypto_test_cases,
};

kunit_test_suite(crypto_test_suite);
