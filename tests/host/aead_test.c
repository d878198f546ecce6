// SPDX-License-Identifier: GPL-2.0
/*
 * The AEAD of data messages, put together from its halves, against the whole
 * one of libsodium: they must agree in both directions at every length, and
 * leave what they borrow as it was.
 */
#include <string.h>

#include "harness.h"
#include "proto/aead.h"
#include "proto/crypto.h"

#define MAX_LEN 2048
#define COUNTER 0x0102030405060708ULL

static u8 key[WG_KEY_SIZE], plain[MAX_LEN];
static u8 room[WG_AEAD_ROOM + MAX_LEN + WG_TAG_SIZE];
static u8 whole[MAX_LEN + WG_TAG_SIZE];

static void fill(void)
{
	size_t i;

	for (i = 0; i < sizeof(plain); i++)
		plain[i] = i * 7 + (i >> 8);
	for (i = 0; i < sizeof(key); i++)
		key[i] = 255 - i;
	for (i = 0; i < WG_AEAD_ROOM; i++)
		room[i] = 0x5a ^ i;
}

static bool is_room_as_it_was(const u8 *buffer)
{
	size_t i;

	for (i = 0; i < WG_AEAD_ROOM; i++)
		if (buffer[i] != (u8)(0x5a ^ i))
			return false;
	return true;
}

TEST(aead_seal_agrees_with_the_whole_aead_at_every_length)
{
	size_t len;

	fill();
	for (len = 0; len <= MAX_LEN; len++) {
		memcpy(room + WG_AEAD_ROOM, plain, len);
		wg_aead_seal_in_place(room + WG_AEAD_ROOM, len, COUNTER + len,
				      key);
		wg_aead_seal(whole, plain, len, NULL, 0, COUNTER + len, key);
		CHECK_BYTES(room + WG_AEAD_ROOM, whole, len + WG_TAG_SIZE);
		CHECK(is_room_as_it_was(room));
	}
}

TEST(aead_open_agrees_with_the_whole_aead_at_every_length)
{
	size_t len;

	fill();
	for (len = 0; len <= MAX_LEN; len++) {
		wg_aead_seal(whole, plain, len, NULL, 0, COUNTER + len, key);
		CHECK(wg_aead_open_in_place(whole, len + WG_TAG_SIZE, COUNTER + len,
					    key));
		CHECK_BYTES(whole, plain, len);
	}
}

/* Is @whole refused, and left as it is? */
static bool is_refused(size_t len, u64 counter)
{
	static u8 before[sizeof(whole)];

	memcpy(before, whole, len);
	return !wg_aead_open_in_place(whole, len, counter, key) &&
	       !memcmp(whole, before, len);
}

TEST(aead_open_notices_any_change_and_changes_nothing)
{
	size_t len = 600, i;

	fill();
	wg_aead_seal(whole, plain, len, NULL, 0, COUNTER, key);
	for (i = 0; i < len + WG_TAG_SIZE; i++) {
		whole[i] ^= 1;
		CHECK(is_refused(len + WG_TAG_SIZE, COUNTER));
		whole[i] ^= 1;
	}
	CHECK(is_refused(len + WG_TAG_SIZE, COUNTER + 1));
	CHECK(is_refused(len + WG_TAG_SIZE - 1, COUNTER));
}
