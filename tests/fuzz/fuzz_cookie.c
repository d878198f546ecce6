// SPDX-License-Identifier: GPL-2.0
/*
 * Cookies both ways. The first byte chooses: the rest is XORed over a real
 * cookie reply and the message it answers, or is a handshake message for the
 * checker. Nothing that was changed may be accepted.
 */
#include <sodium.h>

#include "fuzz.h"
#include "proto/cookie.h"

static struct wg_cookie_checker checker;
static struct wg_cookie_source source;
static struct wg_cookie_maker maker; /* waits for @reply */
static struct wg_message_initiation message;
static struct wg_message_cookie reply;
static uint8_t public_key[WG_KEY_SIZE];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const uint8_t secret[WG_HASH_SIZE] = { 5 };
	const uint8_t addr[16] = { 0x20, 1, 0xd, 0xb8 };

	(void)argc;
	(void)argv;
	CLAIM(sodium_init() >= 0);
	memset(public_key, 6, sizeof(public_key));
	wg_cookie_checker_set_key(&checker, public_key);
	wg_cookie_checker_set_secret(&checker, secret, 0);
	wg_cookie_source_set(&source, addr, sizeof(addr), 80);
	wg_cookie_maker_stamp(&maker, &message, sizeof(message), public_key,
			      0);
	wg_cookie_checker_reply(&checker, &reply, &message, sizeof(message),
				&source);
	return 0;
}

static int change(void *bytes, size_t len, const uint8_t **data, size_t *size)
{
	uint8_t mask[sizeof(message)];
	uint8_t *byte = bytes;
	int changed = 0;
	size_t i;

	fuzz_take(mask, len, data, size);
	for (i = 0; i < len; i++) {
		byte[i] ^= mask[i];
		changed |= mask[i];
	}
	return changed;
}

static void try_reply(const uint8_t *data, size_t size)
{
	struct wg_message_cookie got = reply;
	struct wg_cookie_maker waiting = maker;
	struct wg_cookie_maker before;
	enum wg_cookie_verdict verdict;
	int changed;

	changed = change(got.nonce, 56, &data, &size);
	changed |= change(waiting.mac1, WG_MAC_SIZE, &data, &size);
	before = waiting;
	verdict = wg_cookie_maker_take(&waiting, &got, public_key, 1);
	CLAIM(verdict == (changed ? WG_COOKIE_BAD : WG_COOKIE_OK));
	before.tries = waiting.tries;
	if (verdict != WG_COOKIE_OK)
		CLAIM(!memcmp(&before, &waiting, sizeof(before)));
	else
		CLAIM(wg_cookie_maker_take(&waiting, &got, public_key, 1) ==
		      WG_COOKIE_UNASKED);
}

static void try_message(const uint8_t *data, size_t size)
{
	struct wg_message_initiation got = message;
	int changed = change(&got, 132, &data, &size);

	CLAIM(wg_cookie_checker_has_mac1(&checker, &got, sizeof(got)) ==
	      !changed);
	CLAIM(!wg_cookie_checker_has_mac2(&checker, &got, sizeof(got),
					  &source, 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] & 1)
		try_reply(data + 1, size - 1);
	else
		try_message(data + 1, size - 1);
	return 0;
}
