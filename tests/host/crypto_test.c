// SPDX-License-Identifier: GPL-2.0
/*
 * Known answers for proto/crypto and for the library behind it: from RFC 7693,
 * 7748, 8439 and draft-irtf-cfrg-xchacha-03; those for keyed BLAKE2s, HMAC
 * and the KDF were computed with Python's hashlib and hmac.
 */
#include <crypto/blake2s.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "proto/crypto.h"

/* 0, 1, 2 ... */
static const u8 *count_up(void)
{
	static u8 bytes[128];
	unsigned int i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	return bytes;
}

TEST(crypto_hash_of_abc_is_that_of_rfc_7693)
{
	u8 expected[32], got[32];

	hex(expected, 32, "508c5e8c327c14e2e1a72ba34eeb452f"
			  "37458b209ed63a294d999b4c86675982");
	wg_hash(got, wg_bytes("abc", 3), wg_bytes(NULL, 0));
	CHECK_BYTES(got, expected, 32);
	wg_hash(got, wg_bytes("a", 1), wg_bytes("bc", 2));
	CHECK_BYTES(got, expected, 32);
	wg_hash(got, wg_bytes(NULL, 0), wg_bytes("abc", 3));
	CHECK_BYTES(got, expected, 32);
}

/* RFC 7693, appendix E: input made by a Fibonacci generator. */
static void fibonacci(u8 *out, size_t len, u32 seed)
{
	u32 a = 0xdead4bad * seed, b = 1, sum;
	size_t i;

	for (i = 0; i < len; i++) {
		sum = a + b;
		a = b;
		b = sum;
		out[i] = sum >> 24;
	}
}

TEST(crypto_blake2s_passes_self_test_of_rfc_7693)
{
	static const size_t out_lens[] = { 16, 20, 28, 32 };
	static const size_t in_lens[] = { 0, 3, 64, 65, 255, 1024 };
	u8 in[1024], key[32], got[32], expected[32];
	struct blake2s_ctx all;
	unsigned int i, j;

	blake2s_init(&all, 32);
	for (i = 0; i < 4; i++) {
		for (j = 0; j < 6; j++) {
			fibonacci(in, in_lens[j], in_lens[j]);
			blake2s(NULL, 0, in, in_lens[j], got, out_lens[i]);
			blake2s_update(&all, got, out_lens[i]);
			fibonacci(key, out_lens[i], out_lens[i]);
			blake2s(key, out_lens[i], in, in_lens[j], got,
				out_lens[i]);
			blake2s_update(&all, got, out_lens[i]);
		}
	}
	blake2s_final(&all, got);
	hex(expected, 32, "6a411f08ce25adcdfb02aba641451cec"
			  "53c598b24f4fc787fbdc88797f4c1dfe");
	CHECK_BYTES(got, expected, 32);
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
	u8 expected[16], got[16];

	hex(expected, 16, "0b67d33f8b859c3157fbabd9e6e47ed0");
	wg_mac(got, wg_bytes(count_up(), 32), wg_bytes(count_up(), 100));
	CHECK_BYTES(got, expected, 16);

	hex(expected, 16, "56301549e674c3b72a0e1dafb7a2c620");
	wg_mac(got, wg_bytes(count_up(), 16), wg_bytes(count_up(), 100));
	CHECK_BYTES(got, expected, 16);
}

TEST(crypto_hmac_known_answers)
{
	static const struct {
		size_t key_len, len;
		const char *answer;
	} rows[] = {
		{ 32, 100, "a81c95080ba2a7c4ed1b7b4c21dec2c4"
			   "fd6dc9f03ff37b6d65289dc95a7d1ef1" },
		{ 32, 0, "e2641d24dfa8dd89e8cb77f1cdc77d8c"
			 "006e5bebdfc4d6a3a3a6f8d5b7586fb0" },
		{ 64, 100, "647576eb06d7546ce6db9b3c0c1509a6"
			   "4cc7fae9cb732ee3845e7b486ad26edc" },
	};
	u8 expected[32], got[32];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		hex(expected, 32, rows[i].answer);
		wg_hmac(got, wg_bytes(count_up(), rows[i].key_len),
			wg_bytes(count_up(), rows[i].len));
		CHECK_BYTES(got, expected, 32);
	}
}

TEST(crypto_kdf_known_answers)
{
	static const char *const answers[] = {
		"90d0e91cdaea20e41b7e43ef99a35292"
		"921d3d49c1d86f48ddf62dbc1cc1bb01",
		"8814819cb396ee544e3a8314285739d6"
		"527a8d87cf930252e61501140ddbba51",
		"2d4748e29b90d92057489d6aaa0ee0d2"
		"a135113b4baaefb8d82fb54bffe16496",
	};
	u8 got[3][32], expected[32], untouched[32];
	u8 *const out[] = { got[0], got[1], got[2] };
	unsigned int count, i;

	memset(untouched, 0xee, 32);
	for (count = 1; count <= 3; count++) {
		memset(got, 0xee, sizeof(got));
		wg_kdf(out, count, count_up(), wg_bytes(count_up(), 100));
		for (i = 0; i < 3; i++) {
			hex(expected, 32, answers[i]);
			CHECK_BYTES(got[i], i < count ? expected : untouched,
				    32);
		}
	}
}

TEST(crypto_kdf_may_replace_the_chain)
{
	u8 chain[32], key[32], expected[32];
	u8 *const out[] = { chain, key };

	memcpy(chain, count_up(), 32);
	wg_kdf(out, 2, chain, wg_bytes(count_up(), 100));
	hex(expected, 32, "90d0e91cdaea20e41b7e43ef99a35292"
			  "921d3d49c1d86f48ddf62dbc1cc1bb01");
	CHECK_BYTES(chain, expected, 32);
	hex(expected, 32, "8814819cb396ee544e3a8314285739d6"
			  "527a8d87cf930252e61501140ddbba51");
	CHECK_BYTES(key, expected, 32);
}

TEST(crypto_x25519_vectors_of_rfc_7748)
{
	static const char *const rows[][3] = {
		{ "a546e36bf0527c9d3b16154b82465edd"
		  "62144c0ac1fc5a18506a2244ba449ac4",
		  "e6db6867583030db3594c1a424b15f7c"
		  "726624ec26b3353b10a903a6d0ab1c4c",
		  "c3da55379de9c6908e94ea4df28d084f"
		  "32eccf03491c71f754b4075577a28552" },
		{ "4b66e9d4d1b4673c5ad22691957d6af5"
		  "c11b6421e0ea01d42ca4169e7918ba0d",
		  "e5210f12786811d3f4b7959d0538ae2c"
		  "31dbe7106fc03c3efc4cd549c715a493",
		  "95cbde9476e8907d7aade45cb4b873f8"
		  "8b595a68799fa152e6f8f7647aac7957" },
	};
	u8 scalar[32], point[32], expected[32], got[32];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		hex(scalar, 32, rows[i][0]);
		hex(point, 32, rows[i][1]);
		hex(expected, 32, rows[i][2]);
		wg_clamp(scalar);
		CHECK(wg_x25519(got, scalar, point));
		CHECK_BYTES(got, expected, 32);
	}
}

TEST(crypto_x25519_diffie_hellman_of_rfc_7748)
{
	u8 a[32], b[32], a_public[32], b_public[32], shared[32], got[32];

	hex(a, 32, "77076d0a7318a57d3c16c17251b26645"
		   "df4c2f87ebc0992ab177fba51db92c2a");
	hex(a_public, 32, "8520f0098930a754748b7ddcb43ef75a"
			  "0dbf3a0d26381af4eba4a98eaa9b4e6a");
	hex(b, 32, "5dab087e624a8a4b79e17f8b83800ee6"
		   "6f3bb1292618b6fd1c2f8b27ff88e0eb");
	hex(b_public, 32, "de9edb7d7b7dc1b4d35b61c2ece43537"
			  "3f8343c85b78674dadfc7e146f882b4f");
	hex(shared, 32, "4a5d9d5ba4ce2de1728e3bf480350f25"
			"e07e21c947d19e3376f09b3c1e161742");
	wg_clamp(a);
	wg_clamp(b);
	CHECK(wg_x25519_public(got, a));
	CHECK_BYTES(got, a_public, 32);
	CHECK(wg_x25519_public(got, b));
	CHECK_BYTES(got, b_public, 32);
	CHECK(wg_x25519(got, a, b_public));
	CHECK_BYTES(got, shared, 32);
	CHECK(wg_x25519(got, b, a_public));
	CHECK_BYTES(got, shared, 32);
}

/* The points whose multiples by a clamped scalar are all zero. */
TEST(crypto_x25519_refuses_points_of_low_order)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	u8 scalar[32], point[32], got[32];
	static const u8 zero[32];
	unsigned int i;

	memcpy(scalar, count_up(), 32);
	wg_clamp(scalar);
	for (i = 0; i < sizeof(points) / sizeof(*points); i++) {
		hex(point, 32, points[i]);
		memset(got, 0xee, 32);
		CHECK_ROW(!wg_x25519(got, scalar, point), points[i]);
		CHECK_BYTES(got, zero, 32);
	}
}

TEST(crypto_public_key_of_zero_is_none)
{
	static const u8 zero[32];
	u8 got[32];

	CHECK(!wg_x25519_public(got, zero));
}

TEST(crypto_clamp_fixes_five_bits)
{
	u8 ones[32], zeroes[32] = { };

	memset(ones, 0xff, 32);
	wg_clamp(ones);
	CHECK_EQ(ones[0], 0xf8);
	CHECK_EQ(ones[1], 0xff);
	CHECK_EQ(ones[31], 0x7f);
	wg_clamp(zeroes);
	CHECK_EQ(zeroes[0], 0);
	CHECK_EQ(zeroes[31], 0x40);
}

/* RFC 8439, A.5; its nonce begins with 32 zero bits, as ours do. */
static const char draft_key[] =
	"1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0";
static const char draft_ad[] = "f33388860000000000004e91";
static const char draft_plain[] =
	"Internet-Drafts are draft documents valid for a maximum of six "
	"months and may be updated, replaced, or obsoleted by other documents "
	"at any time. It is inappropriate to use Internet-Drafts as reference "
	"material or to cite them other than as /\xe2\x80\x9cwork in "
	"progress./\xe2\x80\x9d";
static const char draft_sealed[] =
	"64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2"
	"4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf"
	"332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855"
	"9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4"
	"b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e"
	"af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
	"0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10"
	"49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29"
	"a6ad5cb4022b02709beead9d67890cbb22392336fea1851f38";
#define DRAFT_COUNTER 0x0807060504030201ULL

TEST(crypto_aead_vector_of_rfc_8439)
{
	u8 key[32], ad[12], sealed[281], got[281];
	size_t len = strlen(draft_plain);

	CHECK_EQ(len, 265);
	hex(key, 32, draft_key);
	hex(ad, 12, draft_ad);
	hex(sealed, sizeof(sealed), draft_sealed);
	wg_aead_seal(got, (const u8 *)draft_plain, len, ad, 12, DRAFT_COUNTER,
		     key);
	CHECK_BYTES(got, sealed, sizeof(sealed));
	memset(got, 0, sizeof(got));
	CHECK(wg_aead_open(got, sealed, sizeof(sealed), ad, 12, DRAFT_COUNTER,
			   key));
	CHECK_BYTES(got, draft_plain, len);
}

TEST(crypto_aead_works_in_place)
{
	u8 key[32], ad[12], sealed[281], buffer[281];
	size_t len = strlen(draft_plain);

	hex(key, 32, draft_key);
	hex(ad, 12, draft_ad);
	hex(sealed, sizeof(sealed), draft_sealed);
	memcpy(buffer, draft_plain, len);
	wg_aead_seal(buffer, buffer, len, ad, 12, DRAFT_COUNTER, key);
	CHECK_BYTES(buffer, sealed, sizeof(sealed));
	CHECK(wg_aead_open(buffer, buffer, sizeof(sealed), ad, 12,
			   DRAFT_COUNTER, key));
	CHECK_BYTES(buffer, draft_plain, len);
}

TEST(crypto_aead_notices_any_change)
{
	u8 key[32], ad[12], sealed[281], got[281];
	unsigned int i;

	hex(key, 32, draft_key);
	hex(ad, 12, draft_ad);
	hex(sealed, sizeof(sealed), draft_sealed);
	for (i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		CHECK(!wg_aead_open(got, sealed, sizeof(sealed), ad, 12,
				    DRAFT_COUNTER, key));
		sealed[i] ^= 1;
	}
	CHECK(!wg_aead_open(got, sealed, sizeof(sealed), ad, 11,
			    DRAFT_COUNTER, key));
	CHECK(!wg_aead_open(got, sealed, sizeof(sealed), ad, 12,
			    DRAFT_COUNTER + 1, key));
	CHECK(!wg_aead_open(got, sealed, sizeof(sealed) - 1, ad, 12,
			    DRAFT_COUNTER, key));
	CHECK(!wg_aead_open(got, sealed, WG_TAG_SIZE - 1, ad, 12,
			    DRAFT_COUNTER, key));
	key[31] ^= 0x80;
	CHECK(!wg_aead_open(got, sealed, sizeof(sealed), ad, 12,
			    DRAFT_COUNTER, key));
}

/* draft-irtf-cfrg-xchacha-03, A.3.1 */
TEST(crypto_xaead_vector_of_the_xchacha_draft)
{
	static const char plain[] =
		"Ladies and Gentlemen of the class of '99: If I could offer "
		"you only one tip for the future, sunscreen would be it.";
	u8 key[32], nonce[24], ad[12], sealed[130], got[130];
	size_t len = strlen(plain);
	unsigned int i;

	for (i = 0; i < 32; i++)
		key[i] = 0x80 + i;
	for (i = 0; i < 24; i++)
		nonce[i] = 0x40 + i;
	hex(ad, 12, "50515253c0c1c2c3c4c5c6c7");
	hex(sealed, sizeof(sealed),
	    "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
	    "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
	    "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
	    "21f9664c97637da9768812f615c68b13b52e"
	    "c0875924c1c7987947deafd8780acf49");
	CHECK_EQ(len, 114);
	wg_xaead_seal(got, (const u8 *)plain, len, ad, 12, nonce, key);
	CHECK_BYTES(got, sealed, sizeof(sealed));
	CHECK(wg_xaead_open(got, sealed, sizeof(sealed), ad, 12, nonce, key));
	CHECK_BYTES(got, plain, len);
	nonce[23] ^= 1;
	CHECK(!wg_xaead_open(got, sealed, sizeof(sealed), ad, 12, nonce,
			     key));
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
