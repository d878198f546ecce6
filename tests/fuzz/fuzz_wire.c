// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of messages: its verdict allows to read what it says, and the
 * first eight bytes are lengths for the padding.
 */
#include "fuzz.h"
#include "proto/wire.h"

/* Read every byte of the message that the parser promised. */
static void touch(const uint8_t *data, size_t size, size_t promised)
{
	volatile uint8_t sum = 0;
	size_t i;

	CLAIM(promised <= size);
	for (i = 0; i < promised; i++)
		sum ^= data[i];
	(void)sum;
}

static void check_verdict(const uint8_t *data, size_t size)
{
	switch (wg_wire_parse(data, size)) {
	case WG_MESSAGE_INITIATION:
		CLAIM(size == 148);
		touch(data, size, sizeof(struct wg_message_initiation));
		break;
	case WG_MESSAGE_RESPONSE:
		CLAIM(size == 92);
		touch(data, size, sizeof(struct wg_message_response));
		break;
	case WG_MESSAGE_COOKIE:
		CLAIM(size == 64);
		touch(data, size, sizeof(struct wg_message_cookie));
		break;
	case WG_MESSAGE_DATA:
		touch(data, size, sizeof(struct wg_message_data) +
				  WG_TAG_SIZE);
		break;
	case WG_MESSAGE_BAD_TYPE:
		CLAIM(!(data[0] >= 1 && data[0] <= 4 && !data[1] &&
			!data[2] && !data[3]));
		break;
	case WG_MESSAGE_BAD_LENGTH:
		CLAIM(size < 4 || (data[0] >= 1 && data[0] <= 4));
		break;
	}
}

static void check_padding(const uint8_t *data, size_t size)
{
	uint32_t lens[2];
	unsigned int len, mtu, padded;

	fuzz_take(lens, sizeof(lens), &data, &size);
	len = lens[0] % 65536;
	mtu = lens[1] % 65536;
	padded = wg_wire_padded_len(len, mtu);
	CLAIM(padded >= len && padded < len + WG_PAD_SIZE);
	if (mtu && len <= mtu)
		CLAIM(padded <= mtu);
	if (mtu)
		/* padding never costs one more fragment */
		CLAIM((padded + mtu - 1) / mtu == (len + mtu - 1) / mtu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_verdict(data, size);
	check_padding(data, size);
	return 0;
}
