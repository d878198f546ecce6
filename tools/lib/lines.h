/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lines of a file one at a time, of which neither the file's length nor a
 * copy of a key is left in memory.
 */
#ifndef _WGCTL_LIB_LINES_H
#define _WGCTL_LIB_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/secret.h"

struct lines {
	int fd;
	struct secret buf; /* what was read */
	size_t at; /* where in it the next line begins */
	bool is_end; /* there is no more to read */
};

/* One line without its newline; valid until the next one is asked for. */
struct line {
	const char *text;
	size_t len;
};

/**
 * lines_next() - the next line
 * @lines: with fd, all else zero at first
 * @line: filled
 *
 * Return: 1, 0 at the end, or a negative errno.
 */
int lines_next(struct lines *lines, struct line *line);

/* lines_free() - wipe and free; the file stays open */
void lines_free(struct lines *lines);

#endif
