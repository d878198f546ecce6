/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Known answers for proto/crypto, for the suite in the kernel and for the host
 * tests: from RFC 7693, 7748, 8439 and draft-irtf-cfrg-xchacha-03; those for
 * keyed BLAKE2s, HMAC and the KDF were computed with Python's hashlib and
 * hmac. Bytes are hexadecimal; an input of @len bytes without digits of its
 * own is 0, 1, 2 ...
 */
#ifndef _WG_TESTS_KUNIT_CRYPTO_VECTORS_H
#define _WG_TESTS_KUNIT_CRYPTO_VECTORS_H

/* --- BLAKE2s --- */

static const char hash_of_abc[] =
	"508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982";

/* RFC 7693, appendix E: one hash over all hashes of these lengths. */
static const size_t self_test_out_lens[] = { 16, 20, 28, 32 };
static const size_t self_test_in_lens[] = { 0, 3, 64, 65, 255, 1024 };
static const char self_test_answer[] =
	"6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe";

/* Its inputs. */
static inline void self_test_fill(u8 *out, size_t len, u32 seed)
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

/* With @in for 1,024 bytes of input. */
static inline void self_test_of_rfc_7693(u8 *answer, u8 *in)
{
	struct blake2s_ctx all;
	unsigned int i, j;
	size_t len, n;
	u8 key[32];

	blake2s_init(&all, 32);
	for (i = 0; i < 4; i++) {
		for (j = 0; j < 6; j++) {
			n = self_test_out_lens[i];
			len = self_test_in_lens[j];
			self_test_fill(in, len, len);
			blake2s(NULL, 0, in, len, answer, n);
			blake2s_update(&all, answer, n);
			self_test_fill(key, n, n);
			blake2s(key, n, in, len, answer, n);
			blake2s_update(&all, answer, n);
		}
	}
	blake2s_final(&all, answer);
}

static const struct {
	size_t key_len;
	size_t len;
	const char *answer;
} mac_vectors[] = {
	{ 32, 100, "0b67d33f8b859c3157fbabd9e6e47ed0" },
	{ 16, 100, "56301549e674c3b72a0e1dafb7a2c620" },
}, hmac_vectors[] = {
	{ 32, 100, "a81c95080ba2a7c4ed1b7b4c21dec2c4"
		   "fd6dc9f03ff37b6d65289dc95a7d1ef1" },
	{ 32, 0, "e2641d24dfa8dd89e8cb77f1cdc77d8c"
		 "006e5bebdfc4d6a3a3a6f8d5b7586fb0" },
	{ 64, 100, "647576eb06d7546ce6db9b3c0c1509a6"
		   "4cc7fae9cb732ee3845e7b486ad26edc" },
};

/* Of a chain of 32 and an input of 100 bytes. */
static const char *const kdf_answers[] = {
	"90d0e91cdaea20e41b7e43ef99a35292921d3d49c1d86f48ddf62dbc1cc1bb01",
	"8814819cb396ee544e3a8314285739d6527a8d87cf930252e61501140ddbba51",
	"2d4748e29b90d92057489d6aaa0ee0d2a135113b4baaefb8d82fb54bffe16496",
};

/* --- X25519 --- */

/* RFC 7748, 5.2 */
static const struct {
	const char *scalar;
	const char *point;
	const char *product;
} x25519_vectors[] = {
	{ "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
	  "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
	  "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552" },
	{ "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
	  "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
	  "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957" },
};

/* RFC 7748, 6.1 */
static const struct {
	const char *a;
	const char *a_public;
	const char *b;
	const char *b_public;
	const char *shared;
} diffie_hellman = {
	"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
	"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
	"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
};

/* The points whose multiples by a clamped scalar are all zero. */
static const char *const low_order_points[] = {
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

/* --- ChaCha20-Poly1305 --- */

/* RFC 8439, A.5; its nonce begins with 32 zero bits, as ours do. */
#define DRAFT_COUNTER 0x0807060504030201ULL
#define DRAFT_LEN 265

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

struct draft {
	u8 key[32];
	u8 ad[12];
	u8 plain[DRAFT_LEN];
	u8 sealed[DRAFT_LEN + WG_TAG_SIZE];
	u8 buffer[DRAFT_LEN + WG_TAG_SIZE];
};

/* draft-irtf-cfrg-xchacha-03, A.3.1: the key counts from 128, the nonce from 64 */
#define SUNSCREEN_LEN 114

static const char sunscreen_ad[] = "50515253c0c1c2c3c4c5c6c7";
static const char sunscreen_plain[] =
	"Ladies and Gentlemen of the class of '99: If I could offer you only "
	"one tip for the future, sunscreen would be it.";
static const char sunscreen_sealed[] =
	"bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
	"731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
	"2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
	"21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780a"
	"cf49";

static inline void count_from(u8 *bytes, size_t len, u8 first)
{
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = first + i;
}

#endif
