// SPDX-License-Identifier: GPL-2.0
#include "proto/aead.h"

#include <crypto/chacha.h>
#include <crypto/poly1305.h>
#include <linux/build_bug.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "compat.h"
#include "proto/crypto.h"

static_assert(WG_AEAD_ROOM == CHACHA_BLOCK_SIZE);

/*
 * Blocks 0 to 7: what the widest code of the library makes at once, on any
 * processor in as many steps as if the whole text came behind it.
 */
struct first_blocks {
	u8 key[CHACHA_BLOCK_SIZE]; /* block 0, a secret */
	u8 text[7 * CHACHA_BLOCK_SIZE];
};

/* RFC 8439, 2.8, with the counter as the nonce's second half; from block 0. */
static void key_stream(struct chacha_state *state, u64 counter,
		       const u8 key[WG_KEY_SIZE])
{
	u32 words[WG_KEY_SIZE / sizeof(u32)];
	u8 iv[CHACHA_IV_SIZE] = { };
	size_t i;

	for (i = 0; i < WG_KEY_SIZE / sizeof(u32); i++)
		words[i] = get_unaligned_le32(key + i * sizeof(u32));
	put_unaligned_le64(counter, iv + 8);
	chacha_init(state, words, iv);
	wg_wipe(words, sizeof(words));
}

/*
 * RFC 8439, 2.8: the tag over no associated data and @len bytes of @text. Few
 * calls, since behind a long one the library's vector code is slow to begin.
 */
static void make_tag(u8 tag[WG_TAG_SIZE], const u8 *one_time_key,
		     const u8 *text, size_t len)
{
	size_t rest = len % POLY1305_BLOCK_SIZE;
	size_t padded = round_up(rest, POLY1305_BLOCK_SIZE);
	u8 end[2 * POLY1305_BLOCK_SIZE] = { };
	struct poly1305_desc_ctx ctx;

	memcpy(end, text + len - rest, rest);
	put_unaligned_le64(len, end + padded + sizeof(u64));
	poly1305_init(&ctx, one_time_key);
	poly1305_update(&ctx, text, len - rest);
	poly1305_update(&ctx, end, padded + POLY1305_BLOCK_SIZE);
	poly1305_final(&ctx, tag);
}

void wg_aead_seal_in_place(u8 *text, size_t len, u64 counter,
			   const u8 key[WG_KEY_SIZE])
{
	u8 *block = text - WG_AEAD_ROOM;
	struct chacha_state state;
	u8 borrowed[WG_AEAD_ROOM];

	memcpy(borrowed, block, sizeof(borrowed));
	memset(block, 0, WG_AEAD_ROOM);
	key_stream(&state, counter, key);
	chacha_crypt(&state, block, block, WG_AEAD_ROOM + len, 20);
	make_tag(text + len, block, text, len);
	memcpy(block, borrowed, sizeof(borrowed));
	wg_wipe(&state, sizeof(state));
}

bool wg_aead_open_in_place(u8 *text, size_t len, u64 counter,
			   const u8 key[WG_KEY_SIZE])
{
	struct first_blocks first;
	struct chacha_state state;
	u8 tag[WG_TAG_SIZE];
	bool is_authentic;
	size_t first_len;

	len -= WG_TAG_SIZE;
	first_len = min(len, sizeof(first.text));
	memset(first.key, 0, sizeof(first.key));
	memcpy(first.text, text, first_len);
	key_stream(&state, counter, key);
	chacha_crypt(&state, (u8 *)&first, (const u8 *)&first,
		     sizeof(first.key) + first_len, 20);
	make_tag(tag, first.key, text, len);
	is_authentic = wg_equal(tag, text + len, sizeof(tag));
	if (is_authentic) {
		memcpy(text, first.text, first_len);
		chacha_crypt(&state, text + first_len, text + first_len,
			     len - first_len, 20);
	}
	wg_wipe(first.key, sizeof(first.key));
	wg_wipe(&state, sizeof(state));
	return is_authentic;
}
