// SPDX-License-Identifier: GPL-2.0
#include "ctl/utf8.h"

#include <linux/kernel.h>

/* A lead byte: how long the sequence is and the least it may stand for. */
struct lead {
	u8 mask;
	u8 bits;
	u8 len;
	u32 least;
};

static const struct lead leads[] = {
	{ 0x80, 0x00, 1, 0x20 },
	{ 0xe0, 0xc0, 2, 0xa0 }, /* the C1 controls end at U+009F */
	{ 0xf0, 0xe0, 3, 0x800 },
	{ 0xf8, 0xf0, 4, 0x10000 },
};

static const struct lead *find_lead(u8 byte)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(leads); i++)
		if ((byte & leads[i].mask) == leads[i].bits)
			return &leads[i];
	return NULL;
}

static bool is_allowed(u32 code, u32 least)
{
	if (code < least || code > 0x10ffff || code == 0x7f)
		return false;
	return code < 0xd800 || code > 0xdfff;
}

/* Length of the character that begins at @bytes; 0 if it is not allowed. */
static size_t character(const u8 *bytes, size_t len)
{
	const struct lead *lead = find_lead(bytes[0]);
	u32 code;
	size_t i;

	if (!lead || lead->len > len)
		return 0;
	code = bytes[0] & ~lead->mask;
	for (i = 1; i < lead->len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	return is_allowed(code, lead->least) ? lead->len : 0;
}

bool wg_utf8_is_printable(const u8 *bytes, size_t len)
{
	size_t used;

	for (; len; bytes += used, len -= used) {
		used = character(bytes, len);
		if (!used)
			return false;
	}
	return true;
}
