/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What went wrong, said once, by the layer that knows.
 *
 * A function that can fail takes a struct fault, fills it and returns a
 * negative errno; its callers pass it up untouched or put their own words in
 * front. Only the verbs print. Key material never goes into a fault: what was
 * read is repeated through SHOWN() alone, since a secret can stand anywhere
 * where a line was broken in the wrong place.
 */
#ifndef _WGCTL_LIB_FAULT_H
#define _WGCTL_LIB_FAULT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_TEXT_MAX 512

struct fault {
	int code; /* negative errno; 0 while nothing is wrong */
	char file[PATH_MAX]; /* empty where no file is concerned */
	size_t line; /* from 1; 0 where no line is concerned */
	size_t column; /* in bytes, from 1; 0 where no column is */
	char text[FAULT_TEXT_MAX];
};

/**
 * fault_set() - say what went wrong
 * @fault: filled; its file, line and column are cleared
 * @code: negative errno
 * @format: printf format of the sentence, lower case and without a full stop
 *
 * Return: @code, so that a caller can return it at once.
 */
int fault_set(struct fault *fault, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * fault_errno() - say what went wrong, and why
 * @fault: as in fault_set()
 * @code: negative errno; ": " and what it means are added
 * @format: printf format of what cannot be done
 *
 * Return: @code.
 */
int fault_errno(struct fault *fault, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * fault_prefix() - put words in front of what is already said
 * @fault: one that fault_set() has filled
 * @format: printf format; ": " is added after it
 *
 * Return: the fault's code.
 */
int fault_prefix(struct fault *fault, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * fault_at() - say where in a file it is
 * @fault: one that fault_set() has filled
 * @file: its path
 * @line: from 1
 * @column: in bytes, from 1
 *
 * Return: the fault's code.
 */
int fault_at(struct fault *fault, const char *file, size_t line,
	     size_t column);

/* One that nobody reads: for who goes on whatever went wrong. */
struct fault *fault_ignored(void);

#define SHOWN_MAX 160

/* Room for what may be repeated of a text. */
struct shown {
	char text[SHOWN_MAX];
};

/**
 * fault_shown() - what a message may repeat of a text from outside
 * @shown: filled
 * @text: of a file or an argument
 * @len: of @text; it ends before that at a zero
 *
 * What may be most of a key is left out, what is long is cut, and what a
 * terminal would obey becomes a question mark.
 *
 * Return: a string in @shown.
 */
const char *fault_shown(struct shown *shown, const char *text, size_t len);

/* The same, for an argument of fault_set() and the like. */
#define SHOWN_LEN(text, len) fault_shown(&(struct shown){ { 0 } }, text, len)
#define SHOWN(text) SHOWN_LEN(text, SIZE_MAX)

/**
 * fault_print() - write "wgctl: [file:line:column: ]text" on standard error
 * @fault: what to print
 */
void fault_print(const struct fault *fault);

#endif
