// SPDX-License-Identifier: GPL-2.0
#include "lib/strv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int strv_add_len(struct strv *strv, const char *text, size_t len)
{
	char **items = reallocarray(strv->items, strv->count + 2,
				    sizeof(*items));

	if (!items)
		return -ENOMEM;
	strv->items = items;
	items[strv->count] = strndup(text, len);
	if (!items[strv->count])
		return -ENOMEM;
	items[++strv->count] = NULL;
	return 0;
}

int strv_add(struct strv *strv, const char *text)
{
	return strv_add_len(strv, text, strlen(text));
}

int strv_split(struct strv *strv, const char *list)
{
	for (;;) {
		size_t len;

		list += strspn(list, ", \t\r");
		if (!*list)
			return 0;
		len = strcspn(list, ", \t\r");
		if (strv_add_len(strv, list, len))
			return -ENOMEM;
		list += len;
	}
}

char *strv_join(const struct strv *strv, const char *between)
{
	size_t i, len = 1, gap = strlen(between);
	char *all, *at;

	for (i = 0; i < strv->count; i++)
		len += strlen(strv->items[i]) + gap;
	all = malloc(len);
	if (!all)
		return NULL;
	at = all;
	for (i = 0; i < strv->count; i++)
		at = stpcpy(stpcpy(at, i ? between : ""), strv->items[i]);
	*at = 0;
	return all;
}

void strv_clear(struct strv *strv)
{
	size_t i;

	for (i = 0; i < strv->count; i++)
		free(strv->items[i]);
	free(strv->items);
	strv->items = NULL;
	strv->count = 0;
}
