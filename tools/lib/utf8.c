// SPDX-License-Identifier: GPL-2.0
#include "lib/utf8.h"

size_t utf8_next(uint32_t *point, const unsigned char *text, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i, n;

	if (text[0] < 0x80) {
		*point = text[0];
		return 1;
	}
	n = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	if (text[0] < 0xc2 || text[0] > 0xf4 || n > len)
		return 0;
	*point = text[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (text[i] & 0x3f);
	}
	if (*point < least[n] || *point > 0x10ffff ||
	    (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return n;
}

size_t utf8_control(const unsigned char *text)
{
	if (*text < 0x20 || *text == 0x7f)
		return 1;
	/* U+0080 to U+009F */
	return text[0] == 0xc2 && text[1] >= 0x80 && text[1] < 0xa0 ? 2 : 0;
}
