/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of conf/ share; for no other file.
 */
#ifndef _WGCTL_CONF_CONF_INTERNAL_H
#define _WGCTL_CONF_CONF_INTERNAL_H

#include "conf/conf.h"

/* in which section a key stands, which is not CONF_KEY_UNKNOWN */
enum conf_section conf_key_section(enum conf_key key);

/* one without lines, and its path copied; to wipe and free all its lines */
struct conf *conf_new(const char *path);
void conf_drop_lines(struct conf *conf);

/**
 * conf_add_line() - find out what the next line of a file is
 * @conf: has it as its last one then, on failure too
 * @text: of the line, need not be terminated
 * @len: of @text
 * @section: the section before the line; the line's own afterwards
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int conf_add_line(struct conf *conf, const char *text, size_t len,
		  enum conf_section *section, struct fault *fault);

/**
 * conf_line_scan() - find out what a line is
 * @conf: its lines before that one are known, and may be about this one
 * @at: index of the line: its text and number are set; the rest is filled
 * @section: the section before the line; the line's own afterwards
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int conf_line_scan(struct conf *conf, size_t at, enum conf_section *section,
		   struct fault *fault);

/* index of the next header from @from on, or the count of lines */
size_t conf_next_header(const struct conf *conf, size_t from);

/* after the last line of a section that says something */
size_t conf_end_of(const struct conf_range *range);

/**
 * conf_make_room() - open a gap of one line
 * @conf: changed in place
 * @at: index of the gap, zeroed
 */
void conf_make_room(struct conf *conf, size_t at);

#endif
