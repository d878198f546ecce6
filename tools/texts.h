/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list of strings that grows. For small things: lines of a hook, names of
 * DNS servers, words of a command.
 */
#ifndef _WGCTL_TEXTS_H
#define _WGCTL_TEXTS_H

#include <stddef.h>

struct texts {
	char **items; /* ends with NULL once it has an item: an argv */
	size_t count;
};

/**
 * texts_add() - append a copy
 * @texts: grows
 * @text: to copy
 *
 * Return: 0 or -ENOMEM.
 */
int texts_add(struct texts *texts, const char *text);

/**
 * texts_add_len() - append a copy of a part of a string
 * @texts: grows
 * @text: where the part begins
 * @len: of the part
 *
 * Return: 0 or -ENOMEM.
 */
int texts_add_len(struct texts *texts, const char *text, size_t len);

/**
 * texts_split() - append the items of a list with commas
 * @texts: grows
 * @list: white space around items, and empty items, are dropped
 *
 * Return: 0 or -ENOMEM.
 */
int texts_split(struct texts *texts, const char *list);

/**
 * texts_join() - all items as one string
 * @texts: not changed
 * @between: two items
 *
 * Return: a string for free(), or NULL without memory.
 */
char *texts_join(const struct texts *texts, const char *between);

/** texts_clear() - free the items; the list is empty afterwards */
void texts_clear(struct texts *texts);

#endif
