// SPDX-License-Identifier: GPL-2.0
#include "proto/wire.h"

#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "compat.h"

/* TAI64 labels the second in which Unix time began 2^62 + 10. */
#define TAI64_UNIX_EPOCH ((1ULL << 62) + 10)

enum wg_message_type wg_wire_parse(const void *bytes, size_t len)
{
	bool is_whole;
	u32 type;

	if (len < sizeof(__le32))
		return WG_MESSAGE_BAD_LENGTH;
	type = get_unaligned_le32(bytes);
	switch (type) {
	case WG_MESSAGE_INITIATION:
		is_whole = len == sizeof(struct wg_message_initiation);
		break;
	case WG_MESSAGE_RESPONSE:
		is_whole = len == sizeof(struct wg_message_response);
		break;
	case WG_MESSAGE_COOKIE:
		is_whole = len == sizeof(struct wg_message_cookie);
		break;
	case WG_MESSAGE_DATA:
		is_whole = len >= WG_DATA_OVERHEAD;
		break;
	default:
		return WG_MESSAGE_BAD_TYPE;
	}
	return is_whole ? type : WG_MESSAGE_BAD_LENGTH;
}

unsigned int wg_wire_padded_len(unsigned int len, unsigned int mtu)
{
	unsigned int whole = 0; /* full pieces before the one to pad */
	unsigned int last = len;

	if (!mtu)
		return round_up(len, WG_PAD_SIZE);
	if (len > mtu) {
		last = len % mtu;
		whole = len - last;
	}
	return whole + min_t(unsigned int, round_up(last, WG_PAD_SIZE), mtu);
}

void wg_timestamp_encode(struct wg_timestamp *timestamp, u64 unix_s, u32 ns)
{
	timestamp->s = cpu_to_be64(TAI64_UNIX_EPOCH + unix_s);
	timestamp->ns = cpu_to_be32(round_down(ns, WG_TIMESTAMP_STEP_NS));
}

bool wg_timestamp_is_after(const struct wg_timestamp *a,
			   const struct wg_timestamp *b)
{
	return memcmp(a, b, sizeof(*a)) > 0;
}
