// SPDX-License-Identifier: GPL-2.0
#include "lib/format.h"

#include <stdio.h>
#include <string.h>

#include "lib/out.h"
#include "lib/utf8.h"

struct unit {
	int64_t seconds;
	const char *name;
};

static const struct unit units[] = {
	{ 365 * 86400, "year" }, { 86400, "day" }, { 3600, "hour" },
	{ 60, "minute" },	 { 1, "second" },
};

const char *format_duration(int64_t seconds, char *buf)
{
	size_t i, len = 0;

	buf[0] = 0;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t n = seconds / units[i].seconds;

		seconds %= units[i].seconds;
		if (!n)
			continue;
		len += (size_t)snprintf(buf + len, FORMAT_MAX - len,
					"%s%lld " OUT_UNIT "%s%s" OUT_END,
					len ? ", " : "", (long long)n,
					units[i].name, n == 1 ? "" : "s");
	}
	return buf;
}

const char *format_ago(int64_t then_s, int64_t now_s, char *buf)
{
	if (then_s == now_s) {
		snprintf(buf, FORMAT_MAX, "Now");
	} else if (then_s > now_s) {
		snprintf(buf, FORMAT_MAX, "(" OUT_BAD
			 "System clock wound backward; connection problems may ensue."
			 OUT_END ")");
	} else {
		format_duration(now_s - then_s, buf);
		strncat(buf, " ago", FORMAT_MAX - strlen(buf) - 1);
	}
	return buf;
}

const char *format_bytes(uint64_t bytes, char *buf)
{
	static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	const size_t last = sizeof(names) / sizeof(names[0]) - 1;
	double amount = (double)bytes;
	size_t i;

	for (i = 0; amount >= 1024 && i < last; i++)
		amount /= 1024;
	if (!i)
		snprintf(buf, FORMAT_MAX, "%llu " OUT_UNIT "B" OUT_END,
			 (unsigned long long)bytes);
	else
		snprintf(buf, FORMAT_MAX, "%.2f " OUT_UNIT "%s" OUT_END, amount,
			 names[i]);
	return buf;
}

char *format_printable(char *text)
{
	char *from = text, *to = text;
	size_t len;

	while (*from) {
		len = utf8_control((const unsigned char *)from);
		if (!out_is_mark(*from))
			*to++ = len ? '?' : *from;
		from += len ? len : 1;
	}
	*to = 0;
	return text;
}
