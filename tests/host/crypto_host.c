// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's crypto library for userspace: signatures and meaning are the
 * kernel's, the work is libsodium's. libsodium has no BLAKE2s, so that one is
 * written out here after RFC 7693; crypto_test.c holds it against the RFC.
 */
#include <crypto/blake2s.h>
#include <crypto/chacha.h>
#include <crypto/chacha20poly1305.h>
#include <crypto/curve25519.h>
#include <crypto/poly1305.h>
#include <crypto/utils.h>
#include <sodium.h>
#include <string.h>

/* RFC 7693, 2.6: the first half of the SHA-256 constants. */
static const u32 iv[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* RFC 7693, 2.7: which message words each round mixes in. */
static const u8 sigma[10][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

/* Which four words of the state each of the eight mixings takes. */
static const u8 quads[8][4] = {
	{ 0, 4, 8, 12 }, { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 },
	{ 0, 5, 10, 15 }, { 1, 6, 11, 12 }, { 2, 7, 8, 13 }, { 3, 4, 9, 14 },
};

static u32 turned(u32 word, unsigned int right)
{
	return word >> right | word << (32 - right);
}

/* The function G of RFC 7693, 3.1. */
static void mix(u32 v[16], const u8 at[4], u32 x, u32 y)
{
	u32 *a = &v[at[0]], *b = &v[at[1]], *c = &v[at[2]], *d = &v[at[3]];

	*a += *b + x;
	*d = turned(*d ^ *a, 16);
	*c += *d;
	*b = turned(*b ^ *c, 12);
	*a += *b + y;
	*d = turned(*d ^ *a, 8);
	*c += *d;
	*b = turned(*b ^ *c, 7);
}

/* The function F of RFC 7693, 3.2. */
static void compress(struct blake2s_ctx *ctx, bool is_last)
{
	unsigned int i, round;
	u32 m[16], v[16];

	for (i = 0; i < 16; i++) {
		memcpy(&m[i], ctx->block + 4 * i, 4);
		m[i] = le32toh(m[i]);
	}
	memcpy(v, ctx->h, sizeof(ctx->h));
	memcpy(v + 8, iv, sizeof(iv));
	v[12] ^= (u32)ctx->total;
	v[13] ^= (u32)(ctx->total >> 32);
	if (is_last)
		v[14] = ~v[14];
	for (round = 0; round < 10; round++)
		for (i = 0; i < 8; i++)
			mix(v, quads[i], m[sigma[round][2 * i]],
			    m[sigma[round][2 * i + 1]]);
	for (i = 0; i < 8; i++)
		ctx->h[i] ^= v[i] ^ v[i + 8];
}

static void begin(struct blake2s_ctx *ctx, size_t outlen, size_t keylen)
{
	memset(ctx, 0, sizeof(*ctx));
	memcpy(ctx->h, iv, sizeof(iv));
	ctx->h[0] ^= 0x01010000 ^ (u32)keylen << 8 ^ (u32)outlen;
	ctx->outlen = outlen;
}

void blake2s_init(struct blake2s_ctx *ctx, size_t outlen)
{
	begin(ctx, outlen, 0);
}

void blake2s_update(struct blake2s_ctx *ctx, const u8 *in, size_t inlen)
{
	while (inlen--) {
		if (ctx->filled == sizeof(ctx->block)) {
			ctx->total += ctx->filled;
			compress(ctx, false);
			ctx->filled = 0;
		}
		ctx->block[ctx->filled++] = *in++;
	}
}

void blake2s_final(struct blake2s_ctx *ctx, u8 *out)
{
	unsigned int i;

	ctx->total += ctx->filled;
	memset(ctx->block + ctx->filled, 0,
	       sizeof(ctx->block) - ctx->filled);
	compress(ctx, true);
	for (i = 0; i < 8; i++)
		ctx->h[i] = htole32(ctx->h[i]);
	memcpy(out, ctx->h, ctx->outlen);
}

void blake2s(const u8 *key, size_t keylen, const u8 *in, size_t inlen,
	     u8 *out, size_t outlen)
{
	struct blake2s_ctx ctx;

	begin(&ctx, outlen, keylen);
	if (keylen) {
		memcpy(ctx.block, key, keylen);
		ctx.filled = sizeof(ctx.block);
	}
	blake2s_update(&ctx, in, inlen);
	blake2s_final(&ctx, out);
}

void curve25519_clamp_secret(u8 secret[32])
{
	secret[0] &= 0xf8;
	secret[31] = (secret[31] & 0x7f) | 0x40;
}

bool curve25519(u8 out[32], const u8 secret[32], const u8 point[32])
{
	if (!crypto_scalarmult(out, secret, point))
		return true;
	/* libsodium leaves @out alone here, the kernel writes the zeroes */
	memset(out, 0, 32);
	return false;
}

bool curve25519_generate_public(u8 pub[32], const u8 secret[32])
{
	return !sodium_is_zero(secret, 32) &&
	       !crypto_scalarmult_base(pub, secret);
}

static void nonce_of(u8 nonce[12], u64 counter)
{
	counter = htole64(counter);
	memset(nonce, 0, 4);
	memcpy(nonce + 4, &counter, 8);
}

void chacha20poly1305_encrypt(u8 *dst, const u8 *src, size_t src_len,
			      const u8 *ad, size_t ad_len, u64 nonce,
			      const u8 key[32])
{
	u8 npub[12];

	nonce_of(npub, nonce);
	crypto_aead_chacha20poly1305_ietf_encrypt(dst, NULL, src, src_len, ad,
						  ad_len, NULL, npub, key);
}

bool chacha20poly1305_decrypt(u8 *dst, const u8 *src, size_t src_len,
			      const u8 *ad, size_t ad_len, u64 nonce,
			      const u8 key[32])
{
	u8 npub[12];

	nonce_of(npub, nonce);
	return !crypto_aead_chacha20poly1305_ietf_decrypt(dst, NULL, NULL,
							  src, src_len, ad,
							  ad_len, npub, key);
}

void xchacha20poly1305_encrypt(u8 *dst, const u8 *src, size_t src_len,
			       const u8 *ad, size_t ad_len,
			       const u8 nonce[24], const u8 key[32])
{
	crypto_aead_xchacha20poly1305_ietf_encrypt(dst, NULL, src, src_len,
						   ad, ad_len, NULL, nonce,
						   key);
}

bool xchacha20poly1305_decrypt(u8 *dst, const u8 *src, size_t src_len,
			       const u8 *ad, size_t ad_len,
			       const u8 nonce[24], const u8 key[32])
{
	return !crypto_aead_xchacha20poly1305_ietf_decrypt(dst, NULL, NULL,
							   src, src_len, ad,
							   ad_len, nonce,
							   key);
}

int crypto_memneq(const void *a, const void *b, size_t size)
{
	return sodium_memcmp(a, b, size) ? 1 : 0;
}

/* The state's words: constants, key (4 to 11), block number, nonce (14, 15). */
void chacha_init(struct chacha_state *state, const u32 key[8],
		 const u8 iv_bytes[CHACHA_IV_SIZE])
{
	memset(state, 0, sizeof(*state));
	memcpy(state->x + 4, key, 32);
	memcpy(state->x + 12, iv_bytes, CHACHA_IV_SIZE);
}

void chacha_crypt(struct chacha_state *state, u8 *dst, const u8 *src,
		  unsigned int bytes, int rounds)
{
	u32 key[8];
	u8 nonce[8];
	u64 block;
	int i;

	(void)rounds; /* libsodium's are 20 */
	for (i = 0; i < 8; i++)
		key[i] = htole32(state->x[4 + i]);
	memcpy(&block, state->x + 12, sizeof(block));
	memcpy(nonce, state->x + 14, sizeof(nonce));
	crypto_stream_chacha20_xor_ic(dst, src, bytes, nonce, le64toh(block),
				      (const u8 *)key);
	block = htole64(le64toh(block) + (bytes + 63) / 64);
	memcpy(state->x + 12, &block, sizeof(block));
}

void poly1305_init(struct poly1305_desc_ctx *ctx, const u8 key[32])
{
	crypto_onetimeauth_poly1305_init(&ctx->state, key);
}

void poly1305_update(struct poly1305_desc_ctx *ctx, const u8 *src,
		     unsigned int len)
{
	crypto_onetimeauth_poly1305_update(&ctx->state, src, len);
}

void poly1305_final(struct poly1305_desc_ctx *ctx, u8 digest[16])
{
	crypto_onetimeauth_poly1305_final(&ctx->state, digest);
}
