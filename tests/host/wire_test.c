// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "proto/wire.h"

TEST(wire_type_word_is_exact)
{
	u8 bytes[148] = { };
	u32 type;

	for (type = 0; type < 256; type++) {
		bytes[0] = type;
		if (type < 1 || type > 4)
			CHECK_EQ(wg_wire_parse(bytes, 148),
				 WG_MESSAGE_BAD_TYPE);
		else
			CHECK(wg_wire_parse(bytes, 148) !=
			      WG_MESSAGE_BAD_TYPE);
	}
}

TEST(wire_reserved_bytes_must_be_zero)
{
	static const size_t lens[] = { 0, 148, 92, 64, 32 };
	u8 bytes[148] = { };
	unsigned int type, i;

	for (type = 1; type <= 4; type++) {
		bytes[0] = type;
		CHECK_EQ(wg_wire_parse(bytes, lens[type]), type);
		for (i = 1; i < 4; i++) {
			bytes[i] = 0x80;
			CHECK_EQ(wg_wire_parse(bytes, lens[type]),
				 WG_MESSAGE_BAD_TYPE);
			bytes[i] = 0;
		}
	}
}

/* The lengths are those of the white paper, section 5.4. */
TEST(wire_every_length_of_every_type)
{
	static const size_t lens[] = { 0, 148, 92, 64 };
	u8 bytes[2048] = { };
	unsigned int type;
	bool is_good;
	size_t len;

	for (type = 1; type <= 4; type++) {
		bytes[0] = type;
		for (len = 4; len <= sizeof(bytes); len++) {
			is_good = type == 4 ? len >= 32 : len == lens[type];
			CHECK_EQ(wg_wire_parse(bytes, len),
				 is_good ? type : WG_MESSAGE_BAD_LENGTH);
		}
	}
}

TEST(wire_fewer_bytes_than_a_type_are_too_short)
{
	u8 bytes[3] = { 4, 0, 0 };
	size_t len;

	CHECK_EQ(wg_wire_parse(NULL, 0), WG_MESSAGE_BAD_LENGTH);
	for (len = 1; len <= 3; len++)
		CHECK_EQ(wg_wire_parse(bytes, len), WG_MESSAGE_BAD_LENGTH);
}

TEST(wire_parse_takes_any_alignment)
{
	u8 bytes[36] = { };
	unsigned int at;

	for (at = 0; at < 4; at++) {
		memset(bytes, 0, sizeof(bytes));
		bytes[at] = 4;
		CHECK_EQ(wg_wire_parse(bytes + at, 32), WG_MESSAGE_DATA);
	}
}

TEST(wire_padding)
{
	static const struct {
		const char *claim;
		unsigned int len, mtu, padded;
	} rows[] = {
		{ "a keepalive stays empty", 0, 1420, 0 },
		{ "one byte", 1, 1420, 16 },
		{ "a full unit", 16, 1420, 16 },
		{ "a unit and one", 17, 1420, 32 },
		{ "the last unit that fits", 1400, 1420, 1408 },
		{ "up to the MTU", 1409, 1420, 1420 },
		{ "the MTU itself", 1420, 1420, 1420 },
		{ "MTU of whole units", 1425, 1440, 1440 },
		{ "one piece and a byte", 1421, 1420, 1436 },
		{ "one piece and nearly another", 2835, 1420, 2840 },
		{ "two whole pieces", 2840, 1420, 2840 },
		{ "two pieces and a byte", 2841, 1420, 2856 },
		{ "no MTU", 1410, 0, 1424 },
		{ "an MTU below a unit", 3, 5, 5 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		CHECK_EQ_ROW(wg_wire_padded_len(rows[i].len, rows[i].mtu),
			     rows[i].padded, rows[i].claim);
}

TEST(wire_padding_never_shrinks_nor_passes_the_mtu)
{
	unsigned int len, mtu, padded;

	for (mtu = 68; mtu < 1500; mtu += 7) {
		for (len = 0; len <= mtu; len++) {
			padded = wg_wire_padded_len(len, mtu);
			CHECK(padded >= len && padded <= mtu);
			CHECK(padded == mtu || padded % 16 == 0);
		}
	}
}

TEST(wire_timestamp_is_tai64n)
{
	/* TAI64 of Unix time 0 is 0x400000000000000a. */
	static const u8 epoch[12] = { 0x40, 0, 0, 0, 0, 0, 0, 0x0a };
	static const u8 later[12] = {
		0x40, 0, 0, 0, 0x65, 0x53, 0xf1, 0x0a, 0x3a, 0, 0, 0
	};
	struct wg_timestamp timestamp;

	wg_timestamp_encode(&timestamp, 0, 0);
	CHECK_BYTES(&timestamp, epoch, 12);
	/* 999,999,999 ns are 59 steps of 2^24 ns and some; 0x3b is 59 */
	wg_timestamp_encode(&timestamp, 1700000000, 999999999);
	CHECK_EQ(((u8 *)&timestamp)[8], 0x3b);
	/* 58 steps, exactly, and just before the 59th; 0x3a is 58 */
	wg_timestamp_encode(&timestamp, 1700000000, 973078528);
	CHECK_BYTES(&timestamp, later, 12);
	wg_timestamp_encode(&timestamp, 1700000000, 973078528 + 16777215);
	CHECK_BYTES(&timestamp, later, 12);
}

TEST(wire_timestamp_step_is_finer_than_the_initiation_gap)
{
	CHECK(WG_TIMESTAMP_STEP_NS <= WG_INITIATION_GAP_NS);
	CHECK(WG_TIMESTAMP_STEP_NS * 2ULL > WG_INITIATION_GAP_NS);
}

TEST(wire_timestamps_a_gap_apart_are_in_order)
{
	struct wg_timestamp a, b;
	u64 ns;

	for (ns = 0; ns < 2 * WG_NS_PER_S; ns += 1234567) {
		u64 next = ns + WG_INITIATION_GAP_NS;

		wg_timestamp_encode(&a, 1600000000 + ns / WG_NS_PER_S,
				    ns % WG_NS_PER_S);
		wg_timestamp_encode(&b, 1600000000 + next / WG_NS_PER_S,
				    next % WG_NS_PER_S);
		CHECK(wg_timestamp_is_after(&b, &a));
		CHECK(!wg_timestamp_is_after(&a, &b));
	}
	CHECK(!wg_timestamp_is_after(&a, &a));
}
