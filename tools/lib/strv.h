/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list of strings that grows. For small things: lines of a hook, names of
 * DNS servers, words of a command.
 */
#ifndef _WGCTL_LIB_STRV_H
#define _WGCTL_LIB_STRV_H

#include <stddef.h>

struct strv {
	char **items; /* ends with NULL once it has an item: an argv */
	size_t count;
};

/**
 * strv_add() - append a copy
 * @strv: grows
 * @text: to copy
 *
 * Return: 0 or -ENOMEM.
 */
int strv_add(struct strv *strv, const char *text);

/**
 * strv_add_len() - append a copy of a part of a string
 * @strv: grows
 * @text: where the part begins
 * @len: of the part
 *
 * Return: 0 or -ENOMEM.
 */
int strv_add_len(struct strv *strv, const char *text, size_t len);

/**
 * strv_split() - append the items of a list with commas
 * @strv: grows
 * @list: white space around items, and empty items, are dropped
 *
 * Return: 0 or -ENOMEM.
 */
int strv_split(struct strv *strv, const char *list);

/**
 * strv_join() - all items as one string
 * @strv: not changed
 * @between: two items
 *
 * Return: a string for free(), or NULL without memory.
 */
char *strv_join(const struct strv *strv, const char *between);

/** strv_clear() - free the items; the list is empty afterwards */
void strv_clear(struct strv *strv);

#endif
