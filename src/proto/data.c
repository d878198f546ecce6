// SPDX-License-Identifier: GPL-2.0
#include "proto/data.h"

#include <crypto/chacha.h>
#include <crypto/poly1305.h>
#include <linux/build_bug.h>
#include <linux/string.h>

#include "compat.h"
#include "proto/crypto.h"

#define ONE_TIME_KEY_SIZE 32

static_assert(WG_DATA_ROOM == CHACHA_BLOCK_SIZE);

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

/* RFC 8439, 2.8: the tag over no associated data and @len bytes of @text. */
static void make_tag(u8 tag[WG_TAG_SIZE], const u8 *one_time_key,
		     const u8 *text, size_t len)
{
	static const u8 zeroes[WG_TAG_SIZE];
	struct poly1305_desc_ctx ctx;
	__le64 lengths[2] = { 0, cpu_to_le64(len) };

	poly1305_init(&ctx, one_time_key);
	poly1305_update(&ctx, text, len);
	if (len % WG_TAG_SIZE)
		poly1305_update(&ctx, zeroes, WG_TAG_SIZE - len % WG_TAG_SIZE);
	poly1305_update(&ctx, (const u8 *)lengths, sizeof(lengths));
	poly1305_final(&ctx, tag);
}

void wg_data_seal(u8 *text, size_t len, u64 counter,
		  const u8 key[WG_KEY_SIZE])
{
	u8 *block = text - WG_DATA_ROOM;
	struct chacha_state state;
	u8 borrowed[WG_DATA_ROOM];

	memcpy(borrowed, block, sizeof(borrowed));
	memset(block, 0, WG_DATA_ROOM);
	key_stream(&state, counter, key);
	chacha_crypt(&state, block, block, WG_DATA_ROOM + len, 20);
	make_tag(text + len, block, text, len);
	memcpy(block, borrowed, sizeof(borrowed));
	wg_wipe(&state, sizeof(state));
}

bool wg_data_open(u8 *dst, const u8 *src, size_t len, u64 counter,
		  const u8 key[WG_KEY_SIZE])
{
	const u8 *before = src - WG_DATA_ROOM;
	u8 *block = dst - WG_DATA_ROOM;
	u8 borrowed[WG_DATA_ROOM], one_time_key[ONE_TIME_KEY_SIZE];
	struct chacha_state state;
	u8 tag[WG_TAG_SIZE];
	size_t i;

	len -= WG_TAG_SIZE;
	memcpy(borrowed, block, sizeof(borrowed));
	key_stream(&state, counter, key);
	chacha_crypt(&state, block, before, WG_DATA_ROOM + len, 20);
	/* key stream and what stood before, which is taken out again */
	for (i = 0; i < sizeof(one_time_key); i++)
		one_time_key[i] = block[i] ^ before[i];
	memcpy(block, borrowed, sizeof(borrowed));
	make_tag(tag, one_time_key, src, len);
	wg_wipe(one_time_key, sizeof(one_time_key));
	wg_wipe(&state, sizeof(state));
	return wg_equal(tag, src + len, sizeof(tag));
}
