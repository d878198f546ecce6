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
	size_t room;
};

/* append a copy, or a copy of the first @len bytes */
void strv_add(struct strv *strv, const char *text);
void strv_add_len(struct strv *strv, const char *text, size_t len);

/* the same, unless it is empty or there is an equal one */
void strv_add_new(struct strv *strv, const char *text, size_t len);

/**
 * strv_split() - append the items of a list with commas
 * @strv: grows
 * @list: white space around items, and empty items, are dropped
 */
void strv_split(struct strv *strv, const char *list);

/**
 * strv_join() - all items as one string
 * @strv: not changed
 * @between: two items
 *
 * Return: a string for free().
 */
char *strv_join(const struct strv *strv, const char *between);

/** strv_clear() - free the items; the list is empty afterwards */
void strv_clear(struct strv *strv);

#endif
