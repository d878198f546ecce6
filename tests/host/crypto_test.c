// SPDX-License-Identifier: GPL-2.0
/* Known answers for proto/crypto and for the library behind it. */
#include <crypto/blake2s.h>
#include <crypto/curve25519.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "proto/crypto.h"
#include "../kunit/crypto_vectors.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* 0, 1, 2 ... */
static const u8 *count_up(void)
{
	static u8 bytes[128];

	count_from(bytes, sizeof(bytes), 0);
	return bytes;
}

static void check_hex(const u8 *got, size_t len, const char *digits)
{
	u8 expected[64];

	hex(expected, len, digits);
	CHECK_BYTES(got, expected, len);
}

TEST(crypto_hash_of_abc_is_that_of_rfc_7693)
{
	u8 got[32];

	wg_hash(got, wg_bytes("abc", 3), wg_bytes(NULL, 0));
	check_hex(got, 32, hash_of_abc);
	wg_hash(got, wg_bytes("a", 1), wg_bytes("bc", 2));
	check_hex(got, 32, hash_of_abc);
	wg_hash(got, wg_bytes(NULL, 0), wg_bytes("abc", 3));
	check_hex(got, 32, hash_of_abc);
}

TEST(crypto_blake2s_passes_self_test_of_rfc_7693)
{
	u8 in[1024], got[32];

	self_test_of_rfc_7693(got, in);
	check_hex(got, 32, self_test_answer);
}

TEST(crypto_hash_in_pieces_equals_hash_in_one)
{
	struct random random = { 7693 };
	u8 message[300], one[32], two[32];
	unsigned int i, cut;

	random_bytes(&random, message, sizeof(message));
	wg_hash(one, wg_bytes(message, sizeof(message)), wg_bytes(NULL, 0));
	for (i = 0; i < 1000; i++) {
		cut = random_below(&random, sizeof(message) + 1);
		wg_hash(two, wg_bytes(message, cut),
			wg_bytes(message + cut, sizeof(message) - cut));
		if (!CHECK_BYTES(two, one, 32))
			return;
	}
}

TEST(crypto_hash_may_overwrite_its_input)
{
	u8 expected[32], state[32] = "a";

	wg_hash(expected, wg_bytes(state, 32), wg_bytes("b", 1));
	wg_hash(state, wg_bytes(state, 32), wg_bytes("b", 1));
	CHECK_BYTES(state, expected, 32);
}

TEST(crypto_mac_is_keyed_blake2s_of_16_bytes)
{
	unsigned int i;
	u8 got[16];

	for (i = 0; i < COUNT(mac_vectors); i++) {
		wg_mac(got, wg_bytes(count_up(), mac_vectors[i].key_len),
		       wg_bytes(count_up(), mac_vectors[i].len));
		check_hex(got, 16, mac_vectors[i].answer);
	}
}

TEST(crypto_hmac_known_answers)
{
	unsigned int i;
	u8 got[32];

	for (i = 0; i < COUNT(hmac_vectors); i++) {
		wg_hmac(got, wg_bytes(count_up(), hmac_vectors[i].key_len),
			wg_bytes(count_up(), hmac_vectors[i].len));
		check_hex(got, 32, hmac_vectors[i].answer);
	}
}

TEST(crypto_kdf_known_answers)
{
	u8 got[3][32], untouched[32];
	u8 *const out[] = { got[0], got[1], got[2] };
	unsigned int count, i;

	memset(untouched, 0xee, 32);
	for (count = 1; count <= 3; count++) {
		memset(got, 0xee, sizeof(got));
		wg_kdf(out, count, count_up(), wg_bytes(count_up(), 100));
		for (i = 0; i < count; i++)
			check_hex(got[i], 32, kdf_answers[i]);
		for (; i < 3; i++)
			CHECK_BYTES(got[i], untouched, 32);
	}
}

TEST(crypto_kdf_may_replace_the_chain)
{
	u8 chain[32], key[32];
	u8 *const out[] = { chain, key };

	memcpy(chain, count_up(), 32);
	wg_kdf(out, 2, chain, wg_bytes(count_up(), 100));
	check_hex(chain, 32, kdf_answers[0]);
	check_hex(key, 32, kdf_answers[1]);
}

TEST(crypto_x25519_vectors_of_rfc_7748)
{
	u8 scalar[32], point[32], got[32];
	unsigned int i;

	for (i = 0; i < COUNT(x25519_vectors); i++) {
		hex(scalar, 32, x25519_vectors[i].scalar);
		hex(point, 32, x25519_vectors[i].point);
		curve25519_clamp_secret(scalar);
		CHECK(curve25519(got, scalar, point));
		check_hex(got, 32, x25519_vectors[i].product);
	}
}

TEST(crypto_x25519_diffie_hellman_of_rfc_7748)
{
	u8 a[32], b[32], a_public[32], b_public[32], got[32];

	hex(a, 32, diffie_hellman.a);
	hex(b, 32, diffie_hellman.b);
	curve25519_clamp_secret(a);
	curve25519_clamp_secret(b);
	CHECK(curve25519_generate_public(a_public, a));
	check_hex(a_public, 32, diffie_hellman.a_public);
	CHECK(curve25519_generate_public(b_public, b));
	check_hex(b_public, 32, diffie_hellman.b_public);
	CHECK(curve25519(got, a, b_public));
	check_hex(got, 32, diffie_hellman.shared);
	CHECK(curve25519(got, b, a_public));
	check_hex(got, 32, diffie_hellman.shared);
}

TEST(crypto_x25519_refuses_points_of_low_order)
{
	u8 scalar[32], point[32], got[32];
	static const u8 zero[32];
	unsigned int i;

	memcpy(scalar, count_up(), 32);
	curve25519_clamp_secret(scalar);
	for (i = 0; i < COUNT(low_order_points); i++) {
		hex(point, 32, low_order_points[i]);
		memset(got, 0xee, 32);
		CHECK_ROW(!curve25519(got, scalar, point), low_order_points[i]);
		CHECK_BYTES(got, zero, 32);
	}
}

TEST(crypto_public_key_of_zero_is_none)
{
	static const u8 zero[32];
	u8 got[32];

	CHECK(!curve25519_generate_public(got, zero));
}

TEST(crypto_clamp_fixes_five_bits)
{
	u8 ones[32], zeroes[32] = { };

	memset(ones, 0xff, 32);
	curve25519_clamp_secret(ones);
	CHECK_EQ(ones[0], 0xf8);
	CHECK_EQ(ones[1], 0xff);
	CHECK_EQ(ones[31], 0x7f);
	curve25519_clamp_secret(zeroes);
	CHECK_EQ(zeroes[0], 0);
	CHECK_EQ(zeroes[31], 0x40);
}

static void load_draft(struct draft *d)
{
	CHECK_EQ(strlen(draft_plain), sizeof(d->plain));
	memcpy(d->plain, draft_plain, sizeof(d->plain));
	hex(d->key, 32, draft_key);
	hex(d->ad, 12, draft_ad);
	hex(d->sealed, sizeof(d->sealed), draft_sealed);
}

static bool open_draft(struct draft *d, size_t len, size_t ad_len, u64 counter)
{
	return wg_aead_open(d->buffer, d->sealed, len, d->ad, ad_len, counter,
			    d->key);
}

TEST(crypto_aead_vector_of_rfc_8439)
{
	struct draft d;

	load_draft(&d);
	wg_aead_seal(d.buffer, d.plain, DRAFT_LEN, d.ad, 12, DRAFT_COUNTER,
		     d.key);
	CHECK_BYTES(d.buffer, d.sealed, sizeof(d.sealed));
	memset(d.buffer, 0, sizeof(d.buffer));
	CHECK(open_draft(&d, sizeof(d.sealed), 12, DRAFT_COUNTER));
	CHECK_BYTES(d.buffer, d.plain, DRAFT_LEN);
}

TEST(crypto_aead_works_in_place)
{
	struct draft d;

	load_draft(&d);
	memcpy(d.buffer, d.plain, DRAFT_LEN);
	wg_aead_seal(d.buffer, d.buffer, DRAFT_LEN, d.ad, 12, DRAFT_COUNTER,
		     d.key);
	CHECK_BYTES(d.buffer, d.sealed, sizeof(d.sealed));
	CHECK(wg_aead_open(d.buffer, d.buffer, sizeof(d.sealed), d.ad, 12,
			   DRAFT_COUNTER, d.key));
	CHECK_BYTES(d.buffer, d.plain, DRAFT_LEN);
}

TEST(crypto_aead_notices_any_change)
{
	size_t len = DRAFT_LEN + WG_TAG_SIZE, i;
	struct draft d;

	load_draft(&d);
	for (i = 0; i < len; i++) {
		d.sealed[i] ^= 1;
		CHECK(!open_draft(&d, len, 12, DRAFT_COUNTER));
		d.sealed[i] ^= 1;
	}
	CHECK(!open_draft(&d, len, 11, DRAFT_COUNTER));
	CHECK(!open_draft(&d, len, 12, DRAFT_COUNTER + 1));
	CHECK(!open_draft(&d, len - 1, 12, DRAFT_COUNTER));
	CHECK(!open_draft(&d, WG_TAG_SIZE - 1, 12, DRAFT_COUNTER));
	d.key[31] ^= 0x80;
	CHECK(!open_draft(&d, len, 12, DRAFT_COUNTER));
}

TEST(crypto_xaead_vector_of_the_xchacha_draft)
{
	u8 sealed[SUNSCREEN_LEN + WG_TAG_SIZE], got[sizeof(sealed)];
	u8 key[32], nonce[24], ad[12];

	count_from(key, sizeof(key), 128);
	count_from(nonce, sizeof(nonce), 64);
	hex(ad, sizeof(ad), sunscreen_ad);
	hex(sealed, sizeof(sealed), sunscreen_sealed);
	CHECK_EQ(strlen(sunscreen_plain), SUNSCREEN_LEN);
	wg_xaead_seal(got, (const u8 *)sunscreen_plain, SUNSCREEN_LEN, ad,
		      sizeof(ad), nonce, key);
	CHECK_BYTES(got, sealed, sizeof(sealed));
	CHECK(wg_xaead_open(got, sealed, sizeof(sealed), ad, sizeof(ad), nonce,
			    key));
	CHECK_BYTES(got, sunscreen_plain, SUNSCREEN_LEN);
	nonce[23] ^= 1;
	CHECK(!wg_xaead_open(got, sealed, sizeof(sealed), ad, sizeof(ad),
			     nonce, key));
}

TEST(crypto_equal_looks_at_every_byte)
{
	u8 a[32] = { }, b[32] = { };
	unsigned int i;

	CHECK(wg_equal(a, b, 32));
	for (i = 0; i < 32; i++) {
		b[i] = 0x80;
		CHECK(!wg_equal(a, b, 32));
		CHECK(wg_equal(a, b, i));
		b[i] = 0;
	}
}

TEST(crypto_wipe_leaves_zeroes_and_no_more)
{
	static const u8 expected[6] = { 1, 0, 0, 0, 0, 6 };
	u8 secret[6] = { 1, 2, 3, 4, 5, 6 };

	wg_wipe(secret + 1, 4);
	CHECK_BYTES(secret, expected, 6);
}
