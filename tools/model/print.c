// SPDX-License-Identifier: GPL-2.0
#include "model/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/secret.h"
#include "lib/xalloc.h"
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
	char one[IP_TEXT_MAX], *all;
	size_t i, len;
	FILE *to = xopen(&all, &len);

	out_list(out, key);
	for (i = 0; i < ips->count; i++) {
		int slash = (int)strcspn(ip_text(&ips->items[i], one), "/");

		out_string(out, NULL, NULL, one);
		fprintf(to, "%s%.*s" OUT_UNIT "/" OUT_END "%s", i ? ", " : "",
			slash, one, one + slash + 1);
	}
	xclose(to);
	if (label && (ips->count || none))
		out_only_text(out, label, ips->count ? all : none);
	out_end(out);
	free(all);
}
