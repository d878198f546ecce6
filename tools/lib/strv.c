// SPDX-License-Identifier: GPL-2.0
#include "lib/strv.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"

void strv_add_len(struct strv *strv, const char *text, size_t len)
{
	strv->items = xgrow(strv->items, strv->count + 1, &strv->room,
			    sizeof(*strv->items));
	strv->items[strv->count++] = xstrndup(text, len);
	strv->items[strv->count] = NULL;
}

void strv_add(struct strv *strv, const char *text)
{
	strv_add_len(strv, text, strlen(text));
}

void strv_add_new(struct strv *strv, const char *text, size_t len)
{
	size_t i = 0;

	while (i < strv->count && (strncmp(strv->items[i], text, len) ||
				   strv->items[i][len]))
		i++;
	if (len && i == strv->count)
		strv_add_len(strv, text, len);
}

void strv_split(struct strv *strv, const char *list)
{
	size_t len;

	for (; *(list += strspn(list, ", \t\r")); list += len) {
		len = strcspn(list, ", \t\r");
		strv_add_len(strv, list, len);
	}
}

char *strv_join(const struct strv *strv, const char *between)
{
	size_t i, len;
	char *text;
	FILE *to = xopen(&text, &len);

	for (i = 0; i < strv->count; i++)
		fprintf(to, "%s%s", i ? between : "", strv->items[i]);
	xclose(to);
	return text;
}

void strv_clear(struct strv *strv)
{
	size_t i;

	for (i = 0; i < strv->count; i++)
		free(strv->items[i]);
	free(strv->items);
	memset(strv, 0, sizeof(*strv));
}
