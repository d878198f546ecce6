// SPDX-License-Identifier: GPL-2.0
#include "model/print.h"

#include <stdio.h>
#include <string.h>

#include "model/key.h"

void print_key(struct out *out, const char *key, const char *label,
	       const uint8_t *value)
{
	char text[KEY_TEXT_MAX];

	out_string(out, key, label,
		   key_is_zero(value) ? NULL : key_text(value, text));
	wipe(text, sizeof(text));
}

void print_ips(struct out *out, const char *key, const char *label,
	       const char *none, const struct allowed_ips *ips)
{
	char text[IP_TEXT_MAX], marked[IP_TEXT_MAX + 2];
	size_t i;

	out_row(out, key, label, none);
	for (i = 0; i < ips->count; i++) {
		int len = (int)strcspn(ip_text(&ips->items[i], text), "/");

		snprintf(marked, sizeof(marked), "%.*s" OUT_UNIT "/" OUT_END "%s",
			 len, text, text + len + 1);
		out_item(out, text, marked);
	}
	out_row_end(out);
}
