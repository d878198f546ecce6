// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for cryptography where that costs more than all else: the same
 * functions with the same effects between honest parties, and none of the
 * secrecy. Diffie-Hellman is done modulo 2^61 - 1, a hash is of 64 bits, and
 * what is sealed can be read.
 */
#include <crypto/blake2s.h>
#include <crypto/chacha.h>
#include <crypto/chacha20poly1305.h>
#include <crypto/curve25519.h>
#include <crypto/poly1305.h>
#include <crypto/utils.h>
#include <stdlib.h>
#include <string.h>

#define PRIME ((1ULL << 61) - 1)
#define GENERATOR 37
#define HASH_BEGIN 0xcbf29ce484222325ULL

static u64 stir(u64 hash, u64 word)
{
	hash = (hash ^ word) * 0x9fb21c651e98df25ULL;
	return hash ^ hash >> 29;
}

static u64 absorb(u64 hash, const u8 *bytes, size_t len)
{
	while (len--)
		hash = stir(hash, *bytes++);
	return hash;
}

/* Word by word: not what the same bytes give in pieces. */
static u64 absorb_words(u64 hash, const u8 *bytes, size_t len)
{
	u64 word;

	for (; len >= sizeof(word); len -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = stir(hash, word);
		bytes += sizeof(word);
	}
	return absorb(hash, bytes, len);
}

static void squeeze(u64 hash, u8 *out, size_t len)
{
	while (len--) {
		hash = stir(hash, len);
		*out++ = hash >> 32;
	}
}

/* -------------------------------------------------------------------- hash */

static void begin(struct blake2s_ctx *ctx, size_t outlen, size_t keylen)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->total = stir(stir(HASH_BEGIN, outlen), keylen);
	ctx->outlen = outlen;
}

void blake2s_init(struct blake2s_ctx *ctx, size_t outlen)
{
	begin(ctx, outlen, 0);
}

void blake2s_update(struct blake2s_ctx *ctx, const u8 *in, size_t inlen)
{
	ctx->total = absorb(ctx->total, in, inlen);
}

void blake2s_final(struct blake2s_ctx *ctx, u8 *out)
{
	squeeze(ctx->total, out, ctx->outlen);
}

void blake2s(const u8 *key, size_t keylen, const u8 *in, size_t inlen,
	     u8 *out, size_t outlen)
{
	struct blake2s_ctx ctx;

	begin(&ctx, outlen, keylen);
	blake2s_update(&ctx, key, keylen);
	blake2s_update(&ctx, in, inlen);
	blake2s_final(&ctx, out);
}

/* ---------------------------------------------------------- Diffie-Hellman */

static u64 multiply(u64 a, u64 b)
{
	return (unsigned __int128)a * b % PRIME;
}

static u64 power(u64 base, u64 exponent)
{
	u64 result = 1;

	for (; exponent; exponent >>= 1) {
		if (exponent & 1)
			result = multiply(result, base);
		base = multiply(base, base);
	}
	return result;
}

static u64 first_word(const u8 bytes[32])
{
	u64 word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* A number as a key: its bytes, then a check of them. */
static void write_number(u8 out[32], u64 number)
{
	memcpy(out, &number, sizeof(number));
	squeeze(number, out + 8, 24);
}

void curve25519_clamp_secret(u8 secret[32])
{
	secret[0] &= 0xf8;
	secret[31] = (secret[31] & 0x7f) | 0x40;
}

bool curve25519(u8 out[32], const u8 secret[32], const u8 point[32])
{
	u64 number = first_word(point) % PRIME;

	memset(out, 0, 32);
	if (!number)
		return false;
	write_number(out, power(number, first_word(secret)));
	return true;
}

bool curve25519_generate_public(u8 pub[32], const u8 secret[32])
{
	write_number(pub, power(GENERATOR, first_word(secret)));
	return first_word(secret);
}

/* ---------------------------------------------------------------- sealing */

static void make_tag(u8 tag[16], const u8 *src, size_t len, const u8 *ad,
		     size_t ad_len, u64 nonce, const u8 key[32])
{
	u64 hash = absorb_words(stir(HASH_BEGIN, nonce), key, 32);

	hash = absorb_words(stir(hash, ad_len), ad, ad_len);
	squeeze(absorb_words(stir(hash, len), src, len), tag, 16);
}

void chacha20poly1305_encrypt(u8 *dst, const u8 *src, size_t src_len,
			      const u8 *ad, size_t ad_len, u64 nonce,
			      const u8 key[32])
{
	if (src_len)
		memmove(dst, src, src_len);
	make_tag(dst + src_len, dst, src_len, ad, ad_len, nonce, key);
}

bool chacha20poly1305_decrypt(u8 *dst, const u8 *src, size_t src_len,
			      const u8 *ad, size_t ad_len, u64 nonce,
			      const u8 key[32])
{
	u8 tag[16];

	if (src_len < sizeof(tag))
		return false;
	src_len -= sizeof(tag);
	make_tag(tag, src, src_len, ad, ad_len, nonce, key);
	if (memcmp(tag, src + src_len, sizeof(tag)))
		return false;
	if (src_len)
		memmove(dst, src, src_len);
	return true;
}

void xchacha20poly1305_encrypt(u8 *dst, const u8 *src, size_t src_len,
			       const u8 *ad, size_t ad_len,
			       const u8 nonce[24], const u8 key[32])
{
	chacha20poly1305_encrypt(dst, src, src_len, ad, ad_len,
				 absorb(HASH_BEGIN, nonce, 24), key);
}

bool xchacha20poly1305_decrypt(u8 *dst, const u8 *src, size_t src_len,
			       const u8 *ad, size_t ad_len,
			       const u8 nonce[24], const u8 key[32])
{
	return chacha20poly1305_decrypt(dst, src, src_len, ad, ad_len,
					absorb(HASH_BEGIN, nonce, 24), key);
}

int crypto_memneq(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size) ? 1 : 0;
}

/* Only proto/aead asks for these, and nobody asks proto/aead. */

void chacha_init(struct chacha_state *state, const u32 key[8],
		 const u8 iv[CHACHA_IV_SIZE])
{
	abort();
}

void chacha_crypt(struct chacha_state *state, u8 *dst, const u8 *src,
		  unsigned int bytes, int rounds)
{
	abort();
}

void poly1305_init(struct poly1305_desc_ctx *ctx, const u8 key[32])
{
	abort();
}

void poly1305_update(struct poly1305_desc_ctx *ctx, const u8 *src,
		     unsigned int len)
{
	abort();
}

void poly1305_final(struct poly1305_desc_ctx *ctx, u8 digest[16])
{
	abort();
}
