/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that are there with all of their content, or not at all; and what stands
 * in files.
 */
#ifndef _WGCTL_LIB_FILE_H
#define _WGCTL_LIB_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* the directory that a file is in, for free() */
char *file_directory(const char *path);

/**
 * file_create() - write a new file, flushed to disk
 * @path: must not exist; mode 0600
 * @text: its content
 *
 * Return: 0 or a negative errno.
 */
int file_create(const char *path, const char *text);

/* Writes the content. Return: 0 or a negative errno. */
typedef int file_write_fn(FILE *to, const void *context);

/**
 * file_replace() - put a new file in the place of one that may be there
 * @path: replaced atomically, with mode 0600, and flushed to disk; a link
 *	stays a link, and what is no regular file is written to as it is
 * @write: called for its content
 * @context: for @write
 *
 * Return: 0 or a negative errno; the old file is then untouched.
 */
int file_replace(const char *path, file_write_fn *write, const void *context);

/* Is it this line? With the newline, and cut after 511 bytes. */
typedef bool file_line_fn(const char *line, void *context);

/*
 * The lines of the files that match @pattern, glob(7), one after another, until
 * @is_it says so of one. Files that cannot be read are passed over.
 * Return: whether it did.
 */
bool file_find_line(const char *pattern, file_line_fn *is_it, void *context);

#endif
