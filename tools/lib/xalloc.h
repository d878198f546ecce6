/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory, or the end of the program.
 *
 * None of these returns NULL. Running out of memory between two steps of a
 * plan is like being killed there, which `up` and `down` recover from.
 */
#ifndef _WGCTL_LIB_XALLOC_H
#define _WGCTL_LIB_XALLOC_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* zeroed, and never of no bytes */
void *xcalloc(size_t count, size_t size);

char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t len);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list args);

/**
 * xgrow() - make room for one more item
 * @items: the array; NULL while it is empty
 * @count: how many items there are
 * @room: how many there is room for; doubled where they are as many
 * @size: of one
 *
 * Return: the array, which may have moved.
 */
void *xgrow(void *items, size_t count, size_t *room, size_t size);

/* open_memstream(); the text is there after xclose(), and is for free() */
FILE *xopen(char **text, size_t *len);
void xclose(FILE *stream);

#endif
