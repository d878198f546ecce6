// SPDX-License-Identifier: GPL-2.0
#include "texts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int texts_add_len(struct texts *texts, const char *text, size_t len)
{
	char **items = reallocarray(texts->items, texts->count + 2,
				    sizeof(*items));

	if (!items)
		return -ENOMEM;
	texts->items = items;
	items[texts->count] = strndup(text, len);
	if (!items[texts->count])
		return -ENOMEM;
	items[++texts->count] = NULL;
	return 0;
}

int texts_add(struct texts *texts, const char *text)
{
	return texts_add_len(texts, text, strlen(text));
}

int texts_split(struct texts *texts, const char *list)
{
	for (;;) {
		size_t len;

		list += strspn(list, ", \t\r");
		if (!*list)
			return 0;
		len = strcspn(list, ", \t\r");
		if (texts_add_len(texts, list, len))
			return -ENOMEM;
		list += len;
	}
}

char *texts_join(const struct texts *texts, const char *between)
{
	size_t i, len = 1, gap = strlen(between);
	char *all, *at;

	for (i = 0; i < texts->count; i++)
		len += strlen(texts->items[i]) + gap;
	all = malloc(len);
	if (!all)
		return NULL;
	at = all;
	for (i = 0; i < texts->count; i++)
		at = stpcpy(stpcpy(at, i ? between : ""), texts->items[i]);
	*at = 0;
	return all;
}

void texts_clear(struct texts *texts)
{
	size_t i;

	for (i = 0; i < texts->count; i++)
		free(texts->items[i]);
	free(texts->items);
	texts->items = NULL;
	texts->count = 0;
}
