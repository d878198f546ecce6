// SPDX-License-Identifier: GPL-2.0
#include "ctl/utf8.h"

#include <linux/bitops.h>
#include <linux/kernel.h>

/* The least that a sequence of so many bytes may stand for. */
static const u32 least[] = {
	[1] = 0x20,
	[2] = 0xa0, /* the C1 controls end at U+009F */
	[3] = 0x800,
	[4] = 0x10000,
};

static bool is_allowed(u32 code, size_t len)
{
	if (code < least[len] || code > 0x10ffff || code == 0x7f)
		return false;
	return code < 0xd800 || code > 0xdfff;
}

/* Length of the character that begins at @bytes; 0 if it is not allowed. */
static size_t character(const u8 *bytes, size_t len)
{
	/* of several bytes the first begins with as many ones */
	unsigned int ones = 8 - fls(bytes[0] ^ 0xff);
	u32 code = bytes[0] & (0x7f >> ones);
	size_t used = ones ?: 1;
	size_t i;

	if (ones == 1 || used >= ARRAY_SIZE(least) || used > len)
		return 0;
	for (i = 1; i < used; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	return is_allowed(code, used) ? used : 0;
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
