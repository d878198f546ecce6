/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What verbs print: text for people, tables for scripts, or JSON, from the
 * same calls.
 *
 *	call			as text			as JSON
 *	out_group("interface",	interface: wg0		{"name": "wg0",
 *	  "name", "wg0")
 *	out_number("port", ..)	  listening port: 7	 "listen_port": 7,
 *	out_list("peers")	(an empty line)		 "peers": [
 *
 * Text is laid out for people, or as the configuration file that wg reads:
 * then headings are [Sections], and labels are keys before a '='.
 *
 * Text may mark units ("3 minutes") with OUT_UNIT and OUT_END around them;
 * the marks become colours on a terminal and nothing elsewhere. Colours obey
 * WG_COLOR_MODE (always, never, auto) and NO_COLOR.
 */
#ifndef _WGCTL_LIB_OUT_H
#define _WGCTL_LIB_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OUT_UNIT "\001"
#define OUT_END "\002"
#define OUT_GOOD "\003" /* ends with OUT_END as well */
#define OUT_WARN "\004"
#define OUT_BAD "\005"

static inline bool out_is_mark(char c)
{
	return c >= *OUT_UNIT && c <= *OUT_BAD;
}

enum out_format {
	OUT_TEXT,
	OUT_JSON,
};

enum out_layout {
	OUT_FOR_PEOPLE,
	OUT_AS_FILE,
};

enum out_style {
	OUT_INTERFACE, /* the heading of an interface */
	OUT_PEER, /* the heading of a peer */
};

#define OUT_DEPTH_MAX 12

struct out {
	FILE *to;
	enum out_format format;
	enum out_layout layout; /* of text */
	bool has_colour;
	bool hides_keys; /* WG_HIDE_KEYS is not "never" */
	bool is_flat; /* JSON: an object is a line */
	unsigned int depth;
	bool has_items[OUT_DEPTH_MAX]; /* at each depth: a comma is due */
	bool is_list[OUT_DEPTH_MAX];
	unsigned int groups; /* text: groups so far, for empty lines */
};

/**
 * out_init() - begin to print
 * @out: filled
 * @to: where
 * @format: text or JSON
 */
void out_init(struct out *out, FILE *to, enum out_format format);

/** out_as_file() - lay text out as a configuration file, without colours */
void out_as_file(struct out *out);

/* A file that is printed into memory. */
struct out_file {
	struct out out;
	char *text;
	size_t len;
};

/**
 * out_file_begin() - print a file into memory
 * @file: its out is laid out as a file
 */
void out_file_begin(struct out_file *file);

/**
 * out_file_end() - the file that was printed
 * @file: ended
 *
 * Return: the text, for free(), or for wipe_text() where it is secret.
 */
char *out_file_end(struct out_file *file);

/**
 * out_finish() - close what is open, flush, and see whether it all arrived
 * @out: ended
 *
 * Return: 0 or a negative errno of the stream.
 */
int out_finish(struct out *out);

/**
 * out_begin() - open a JSON object; text shows nothing
 * @out: where
 * @key: its name, or NULL in a list or at the top
 */
void out_begin(struct out *out, const char *key);

/**
 * out_group() - open a JSON object and a heading in text
 * @out: where
 * @style: of the heading
 * @heading: text before the colon, such as "peer"
 * @key: JSON name of @value, such as "public_key"
 * @value: what heads the group
 */
void out_group(struct out *out, enum out_style style, const char *heading,
	       const char *key, const char *value);

/** out_end() - close the innermost object or list */
void out_end(struct out *out);

/**
 * out_list() - open a JSON list; text shows nothing
 * @out: where
 * @key: its name, or NULL at the top
 */
void out_list(struct out *out, const char *key);

/**
 * out_string() - a string
 * @out: where
 * @key: JSON name; NULL in a list; text alone when @out is text
 * @label: text before the colon; NULL: not shown in text
 * @value: NULL is JSON's null, and not shown in text
 */
void out_string(struct out *out, const char *key, const char *label,
		const char *value);

/**
 * out_format() - a string that is put together first
 * @out: where
 * @key: JSON name; NULL in a list
 * @label: text before the colon; NULL: not shown in text
 * @format: printf format of the value
 */
void out_format(struct out *out, const char *key, const char *label,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/**
 * out_number() - a number, with other words for it in text
 * @out: where
 * @key: JSON name; NULL in a list
 * @label: text before the colon; NULL: not shown in text
 * @value: for JSON, and for text when @words is NULL
 * @words: for text
 */
void out_number(struct out *out, const char *key, const char *label,
		uint64_t value, const char *words);

/** out_bool() - true or false in JSON, "yes" or "no" in text */
void out_bool(struct out *out, const char *key, const char *label, bool value);

/**
 * out_only_text() - a line of a group that JSON says in other ways
 * @out: where
 * @label: text before the colon
 * @words: after it
 */
void out_only_text(struct out *out, const char *label, const char *words);

/**
 * out_block() - text that stands for itself
 * @out: where
 * @key: JSON name of the whole
 * @text: with its newlines
 */
void out_block(struct out *out, const char *key, const char *text);

/**
 * out_line() - a bare line of text, marks allowed; nothing in JSON
 * @out: where
 * @format: printf format; the newline is added
 */
void out_line(struct out *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
