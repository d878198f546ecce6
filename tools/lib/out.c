// SPDX-License-Identifier: GPL-2.0
#include "lib/out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/secret.h"
#include "lib/utf8.h"
#include "lib/xalloc.h"

#define ESC "\033["
#define COLOUR_NONE ESC "0m"
#define COLOUR_BOLD ESC "1m"
#define COLOUR_RED ESC "31m"
#define COLOUR_GREEN ESC "32m"
#define COLOUR_YELLOW ESC "33m"
#define COLOUR_CYAN ESC "36m"

static bool wants_colour(FILE *to)
{
	const char *mode = getenv("WG_COLOR_MODE");
	const char *none = getenv("NO_COLOR");

	if (mode && !strcasecmp(mode, "always"))
		return true;
	if ((mode && !strcasecmp(mode, "never")) || (none && *none))
		return false;
	return isatty(fileno(to));
}

void out_init(struct out *out, FILE *to, enum out_format format)
{
	const char *hide = getenv("WG_HIDE_KEYS");

	memset(out, 0, sizeof(*out));
	out->to = to;
	out->format = format;
	out->has_colour = format == OUT_TEXT && wants_colour(to);
	out->hides_keys = !hide || strcasecmp(hide, "never");
}

void out_as_file(struct out *out)
{
	out->layout = OUT_AS_FILE;
	out->has_colour = false;
}

int out_finish(struct out *out)
{
	while (out->depth)
		out_end(out);
	errno = 0;
	if (fflush(out->to) || ferror(out->to))
		return errno ? -errno : -EIO;
	return 0;
}

static void colour(struct out *out, const char *code)
{
	if (out->has_colour)
		fputs(code, out->to);
}

/* What a terminal would obey, but for what lays text out; a file keeps it. */
static size_t bad_control(const struct out *out, const char *text)
{
	if (out->layout == OUT_AS_FILE || *text == '\n' || *text == '\t')
		return 0;
	return utf8_control((const unsigned char *)text);
}

/* Text with its marks turned into colours, or left out. */
static void put_marked(struct out *out, const char *text)
{
	static const char *const codes[] = { COLOUR_CYAN, COLOUR_NONE,
					     COLOUR_GREEN, COLOUR_YELLOW,
					     COLOUR_RED };
	size_t bad;

	for (; *text; text += bad ? bad : 1) {
		bad = bad_control(out, text);
		if (out_is_mark(*text))
			colour(out, codes[*text - *OUT_UNIT]);
		else
			fputc(bad ? '?' : *text, out->to);
	}
}

/* What is no UTF-8 is no JSON: its bytes become replacement characters. */
static void put_json_string(FILE *to, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t left = strlen(text), len;
	uint32_t point;

	fputc('"', to);
	for (; left; at += len, left -= len) {
		len = utf8_next(&point, at, left);
		if (!len) {
			fputs("\\ufffd", to);
			len = 1;
		} else if (point == '"' || point == '\\') {
			fprintf(to, "\\%c", (int)point);
		} else if (utf8_control(at)) {
			fprintf(to, "\\u%04x", point);
		} else {
			fwrite(at, 1, len, to);
		}
	}
	fputc('"', to);
}

/* A new line and its indentation; in flat JSON a space, or nothing. */
static void json_break(struct out *out, unsigned int depth, const char *flat)
{
	fputs(out->is_flat ? flat : "\n", out->to);
	while (!out->is_flat && depth--)
		fputs("  ", out->to);
}

/* Comma, new line, indentation and key before a JSON value. */
static void json_lead(struct out *out, const char *key)
{
	bool has_items = out->has_items[out->depth];

	if (!out->depth)
		return;
	fputs(has_items ? "," : "", out->to);
	json_break(out, out->depth, has_items ? " " : "");
	out->has_items[out->depth] = true;
	if (!key || out->is_list[out->depth])
		return;
	put_json_string(out->to, key);
	fputs(": ", out->to);
}

static void json_open(struct out *out, const char *key, bool is_list)
{
	json_lead(out, key);
	fputc(is_list ? '[' : '{', out->to);
	if (out->depth + 1 >= OUT_DEPTH_MAX)
		abort(); /* the verbs nest a few levels, whatever they print */
	out->depth++;
	out->has_items[out->depth] = false;
	out->is_list[out->depth] = is_list;
}

void out_begin(struct out *out, const char *key)
{
	if (out->format == OUT_JSON)
		json_open(out, key, false);
}

void out_list(struct out *out, const char *key)
{
	if (out->format == OUT_JSON)
		json_open(out, key, true);
}

void out_end(struct out *out)
{
	if (out->format != OUT_JSON || !out->depth)
		return;
	if (out->has_items[out->depth])
		json_break(out, out->depth - 1, "");
	fputc(out->is_list[out->depth] ? ']' : '}', out->to);
	out->depth--;
	if (!out->depth)
		fputc('\n', out->to);
}

void out_group(struct out *out, enum out_style style, const char *heading,
	       const char *key, const char *value)
{
	static const char *const colours[] = {
		[OUT_INTERFACE] = COLOUR_GREEN,
		[OUT_PEER] = COLOUR_YELLOW,
	};

	if (out->format == OUT_JSON) {
		json_open(out, NULL, false);
		out_string(out, key, NULL, value);
		return;
	}
	if (out->layout == OUT_AS_FILE) {
		out_line(out, "[%s]", heading);
		return;
	}
	if (out->groups++)
		fputc('\n', out->to);
	else
		colour(out, COLOUR_NONE);
	colour(out, colours[style]);
	colour(out, COLOUR_BOLD);
	fputs(heading, out->to);
	colour(out, COLOUR_NONE);
	fputs(": ", out->to);
	colour(out, colours[style]);
	put_marked(out, value);
	colour(out, COLOUR_NONE);
	fputc('\n', out->to);
}

void out_file_begin(struct out_file *file)
{
	out_init(&file->out, xopen(&file->text, &file->len), OUT_TEXT);
	out_as_file(&file->out);
}

char *out_file_end(struct out_file *file)
{
	out_finish(&file->out);
	xclose(file->out.to);
	return file->text;
}

static void put_label(struct out *out, const char *label)
{
	if (out->layout == OUT_AS_FILE) {
		fprintf(out->to, "%s = ", label);
		return;
	}
	fputs(out->groups ? "  " : "", out->to);
	colour(out, COLOUR_BOLD);
	fputs(label, out->to);
	colour(out, COLOUR_NONE);
	fputs(": ", out->to);
}

void out_only_text(struct out *out, const char *label, const char *words)
{
	if (out->format != OUT_TEXT)
		return;
	put_label(out, label);
	put_marked(out, words);
	fputc('\n', out->to);
}

void out_string(struct out *out, const char *key, const char *label,
		const char *value)
{
	if (out->format == OUT_TEXT) {
		if (label && value)
			out_only_text(out, label, value);
		return;
	}
	json_lead(out, key);
	if (value)
		put_json_string(out->to, value);
	else
		fputs("null", out->to);
}

void out_format(struct out *out, const char *key, const char *label,
		const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	out_string(out, key, label, text);
	wipe_text(text); /* it may be secret */
}

/* What JSON writes without quotes. */
static void put_value(struct out *out, const char *key, const char *label,
		      const char *json, const char *words)
{
	if (out->format == OUT_JSON) {
		json_lead(out, key);
		fputs(json, out->to);
	} else if (label) {
		out_only_text(out, label, words);
	}
}

void out_number(struct out *out, const char *key, const char *label,
		uint64_t value, const char *words)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	put_value(out, key, label, digits, words ? words : digits);
}

void out_bool(struct out *out, const char *key, const char *label, bool value)
{
	put_value(out, key, label, value ? "true" : "false",
		  value ? "yes" : "no");
}

void out_block(struct out *out, const char *key, const char *text)
{
	out_string(out, key, NULL, text);
	if (out->format == OUT_TEXT)
		fputs(text, out->to);
}

void out_line(struct out *out, const char *format, ...)
{
	va_list args;
	char *text;

	if (out->format != OUT_TEXT)
		return;
	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	put_marked(out, text);
	fputc('\n', out->to);
	wipe_text(text); /* it may be secret */
}
