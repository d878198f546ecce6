// SPDX-License-Identifier: GPL-2.0
/*
 * Known answers, through proto/crypto and the real kernel library: arguments
 * in the right order on each kernel. From RFC 7693, 7748, 8439 and
 * draft-irtf-cfrg-xchacha-03; those for keyed BLAKE2s, HMAC and the KDF were
 * computed with Python's hashlib and hmac.
 */
#include "proto/crypto.h"

#include <kunit/test.h>
#include <linux/hex.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "compat.h"

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

static void count_up(u8 *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = i;
}

static void hash_of_abc_is_that_of_rfc_7693(struct kunit *test)
{
	static const char answer[] = "508c5e8c327c14e2e1a72ba34eeb452f"
				     "37458b209ed63a294d999b4c86675982";
	u8 got[32];

	wg_hash(got, wg_bytes("abc", 3), wg_bytes(NULL, 0));
	expect_hex(test, got, 32, answer);
	wg_hash(got, wg_bytes("a", 1), wg_bytes("bc", 2));
	expect_hex(test, got, 32, answer);
	wg_hash(got, wg_bytes(NULL, 0), wg_bytes("abc", 3));
	expect_hex(test, got, 32, answer);
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

static void blake2s_passes_self_test_of_rfc_7693(struct kunit *test)
{
	static const size_t out_lens[] = { 16, 20, 28, 32 };
	static const size_t in_lens[] = { 0, 3, 64, 65, 255, 1024 };
	u8 *in = kunit_kzalloc(test, 1024, GFP_KERNEL), key[32], got[32];
	struct blake2s_ctx all;
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, in);
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
	expect_hex(test, got, 32, "6a411f08ce25adcdfb02aba641451cec"
				  "53c598b24f4fc787fbdc88797f4c1dfe");
}

static void mac_is_keyed_blake2s_of_16_bytes(struct kunit *test)
{
	u8 bytes[100], got[16];

	count_up(bytes, sizeof(bytes));
	wg_mac(got, wg_bytes(bytes, 32), wg_bytes(bytes, 100));
	expect_hex(test, got, 16, "0b67d33f8b859c3157fbabd9e6e47ed0");
	wg_mac(got, wg_bytes(bytes, 16), wg_bytes(bytes, 100));
	expect_hex(test, got, 16, "56301549e674c3b72a0e1dafb7a2c620");
}

static void hmac_known_answers(struct kunit *test)
{
	u8 bytes[100], got[32];

	count_up(bytes, sizeof(bytes));
	wg_hmac(got, wg_bytes(bytes, 32), wg_bytes(bytes, 100));
	expect_hex(test, got, 32, "a81c95080ba2a7c4ed1b7b4c21dec2c4"
				  "fd6dc9f03ff37b6d65289dc95a7d1ef1");
	wg_hmac(got, wg_bytes(bytes, 32), wg_bytes(bytes, 0));
	expect_hex(test, got, 32, "e2641d24dfa8dd89e8cb77f1cdc77d8c"
				  "006e5bebdfc4d6a3a3a6f8d5b7586fb0");
	wg_hmac(got, wg_bytes(bytes, 64), wg_bytes(bytes, 100));
	expect_hex(test, got, 32, "647576eb06d7546ce6db9b3c0c1509a6"
				  "4cc7fae9cb732ee3845e7b486ad26edc");
}

static void kdf_known_answers(struct kunit *test)
{
	static const char *const answers[] = {
		"90d0e91cdaea20e41b7e43ef99a35292"
		"921d3d49c1d86f48ddf62dbc1cc1bb01",
		"8814819cb396ee544e3a8314285739d6"
		"527a8d87cf930252e61501140ddbba51",
		"2d4748e29b90d92057489d6aaa0ee0d2"
		"a135113b4baaefb8d82fb54bffe16496",
	};
	u8 got[3][32], bytes[100];
	u8 *const out[] = { got[0], got[1], got[2] };
	unsigned int count, i;

	count_up(bytes, sizeof(bytes));
	for (count = 1; count <= 3; count++) {
		memset(got, 0xee, sizeof(got));
		wg_kdf(out, count, bytes, wg_bytes(bytes, 100));
		for (i = 0; i < count; i++)
			expect_hex(test, got[i], 32, answers[i]);
		for (; i < 3; i++)
			KUNIT_EXPECT_NULL(test, memchr_inv(got[i], 0xee, 32));
	}
}

static void kdf_may_replace_the_chain(struct kunit *test)
{
	u8 chain[32], key[32], input[100];
	u8 *const out[] = { chain, key };

	count_up(chain, sizeof(chain));
	count_up(input, sizeof(input));
	wg_kdf(out, 2, chain, wg_bytes(input, 100));
	expect_hex(test, chain, 32, "90d0e91cdaea20e41b7e43ef99a35292"
				    "921d3d49c1d86f48ddf62dbc1cc1bb01");
	expect_hex(test, key, 32, "8814819cb396ee544e3a8314285739d6"
				  "527a8d87cf930252e61501140ddbba51");
}

static void x25519_vectors_of_rfc_7748(struct kunit *test)
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
	u8 scalar[32], point[32], got[32];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		unhex(test, scalar, 32, rows[i][0]);
		unhex(test, point, 32, rows[i][1]);
		wg_clamp(scalar);
		KUNIT_EXPECT_TRUE(test, wg_x25519(got, scalar, point));
		expect_hex(test, got, 32, rows[i][2]);
	}
}

static void x25519_diffie_hellman_of_rfc_7748(struct kunit *test)
{
	static const char b_public[] = "de9edb7d7b7dc1b4d35b61c2ece43537"
				       "3f8343c85b78674dadfc7e146f882b4f";
	u8 a[32], b[32], got[32];

	unhex(test, a, 32, "77076d0a7318a57d3c16c17251b26645"
			   "df4c2f87ebc0992ab177fba51db92c2a");
	unhex(test, b, 32, "5dab087e624a8a4b79e17f8b83800ee6"
			   "6f3bb1292618b6fd1c2f8b27ff88e0eb");
	wg_clamp(a);
	wg_clamp(b);
	KUNIT_EXPECT_TRUE(test, wg_x25519_public(got, a));
	expect_hex(test, got, 32, "8520f0098930a754748b7ddcb43ef75a"
				  "0dbf3a0d26381af4eba4a98eaa9b4e6a");
	KUNIT_EXPECT_TRUE(test, wg_x25519_public(got, b));
	expect_hex(test, got, 32, b_public);
	unhex(test, b, 32, b_public);
	KUNIT_EXPECT_TRUE(test, wg_x25519(got, a, b));
	expect_hex(test, got, 32, "4a5d9d5ba4ce2de1728e3bf480350f25"
				  "e07e21c947d19e3376f09b3c1e161742");
}

/* The points whose multiples by a clamped scalar are all zero. */
static void x25519_refuses_points_of_low_order(struct kunit *test)
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
	static const u8 zero[32];
	u8 scalar[32], point[32], got[32];
	unsigned int i;

	count_up(scalar, 32);
	wg_clamp(scalar);
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		unhex(test, point, 32, points[i]);
		memset(got, 0xee, 32);
		KUNIT_EXPECT_FALSE_MSG(test, wg_x25519(got, scalar, point),
				       "%s", points[i]);
		KUNIT_EXPECT_MEMEQ(test, got, zero, 32);
	}
	KUNIT_EXPECT_FALSE(test, wg_x25519_public(got, zero));
}

static void clamp_fixes_five_bits(struct kunit *test)
{
	u8 ones[32], zeroes[32] = { };

	memset(ones, 0xff, 32);
	wg_clamp(ones);
	wg_clamp(zeroes);
	KUNIT_EXPECT_EQ(test, ones[0], 0xf8);
	KUNIT_EXPECT_NULL(test, memchr_inv(ones + 1, 0xff, 30));
	KUNIT_EXPECT_EQ(test, ones[31], 0x7f);
	KUNIT_EXPECT_NULL(test, memchr_inv(zeroes, 0, 31));
	KUNIT_EXPECT_EQ(test, zeroes[31], 0x40);
}

/* RFC 8439, A.5; its nonce begins with 32 zero bits, as ours do. */
#define DRAFT_COUNTER 0x0807060504030201ULL

struct draft {
	u8 key[32];
	u8 ad[12];
	u8 plain[265];
	u8 sealed[265 + WG_TAG_SIZE];
	u8 buffer[265 + WG_TAG_SIZE];
};

static struct draft *draft_of_rfc_8439(struct kunit *test)
{
	static const char plain[] =
		"Internet-Drafts are draft documents valid for a maximum of "
		"six months and may be updated, replaced, or obsoleted by "
		"other documents at any time. It is inappropriate to use "
		"Internet-Drafts as reference material or to cite them other "
		"than as /\xe2\x80\x9cwork in progress./\xe2\x80\x9d";
	static const char sealed[] =
		"64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8c"
		"b24c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f3558"
		"94cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff"
		"37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b"
		"53c867e4b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1"
		"b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b42"
		"2273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073"
		"a6727627097a1049e617d91d361094fa68f0ff77987130305beaba2eda04df"
		"997b714d6c6f2c29a6ad5cb4022b02709beead9d67890cbb22392336fea185"
		"1f38";
	struct draft *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, d);
	KUNIT_ASSERT_EQ(test, sizeof(plain) - 1, sizeof(d->plain));
	memcpy(d->plain, plain, sizeof(d->plain));
	unhex(test, d->sealed, sizeof(d->sealed), sealed);
	unhex(test, d->ad, 12, "f33388860000000000004e91");
	unhex(test, d->key, 32, "1c9240a5eb55d38af333888604f6b5f0"
				"473917c1402b80099dca5cbc207075c0");
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

/* draft-irtf-cfrg-xchacha-03, A.3.1 */
static void xaead_vector_of_the_xchacha_draft(struct kunit *test)
{
	static const char plain[] =
		"Ladies and Gentlemen of the class of '99: If I could offer "
		"you only one tip for the future, sunscreen would be it.";
	u8 key[32], nonce[24], ad[12], sealed[130], got[130];
	unsigned int i;

	for (i = 0; i < 32; i++)
		key[i] = 0x80 + i;
	for (i = 0; i < 24; i++)
		nonce[i] = 0x40 + i;
	unhex(test, ad, 12, "50515253c0c1c2c3c4c5c6c7");
	unhex(test, sealed, sizeof(sealed),
	      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
	      "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
	      "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
	      "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780a"
	      "cf49");
	wg_xaead_seal(got, plain, 114, ad, 12, nonce, key);
	KUNIT_EXPECT_MEMEQ(test, got, sealed, sizeof(sealed));
	KUNIT_EXPECT_TRUE(test, wg_xaead_open(got, sealed, sizeof(sealed), ad,
					      12, nonce, key));
	KUNIT_EXPECT_MEMEQ(test, got, plain, 114);
	nonce[23] ^= 1;
	KUNIT_EXPECT_FALSE(test, wg_xaead_open(got, sealed, sizeof(sealed),
					       ad, 12, nonce, key));
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
