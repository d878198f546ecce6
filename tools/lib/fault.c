// SPDX-License-Identifier: GPL-2.0
#include "lib/fault.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/format.h"

/* Of the 43 characters of a key, so many tell too little of it. */
#define SHOWN_OF_KEY 20

static void set(struct fault *fault, int code, const char *format, va_list args)
{
	memset(fault, 0, sizeof(*fault));
	fault->code = code;
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	format_printable(fault->text);
}

int fault_set(struct fault *fault, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(fault, code, format, args);
	va_end(args);
	return code;
}

int fault_errno(struct fault *fault, int code, const char *format, ...)
{
	va_list args;
	size_t len;

	va_start(args, format);
	set(fault, code, format, args);
	va_end(args);
	len = strlen(fault->text);
	snprintf(fault->text + len, sizeof(fault->text) - len, ": %s",
		 strerror(-code));
	return code;
}

int fault_prefix(struct fault *fault, const char *format, ...)
{
	char said[FAULT_TEXT_MAX];
	va_list args;
	size_t len;

	memcpy(said, fault->text, sizeof(said));
	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	len = strlen(format_printable(fault->text));
	snprintf(fault->text + len, sizeof(fault->text) - len, ": %s", said);
	return fault->code;
}

int fault_at(struct fault *fault, const char *file, size_t line,
	     size_t column)
{
	snprintf(fault->file, sizeof(fault->file), "%s", file);
	format_printable(fault->file);
	fault->line = line;
	fault->column = column;
	return fault->code;
}

struct fault *fault_ignored(void)
{
	static struct fault ignored;

	return &ignored;
}

static bool is_base64(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=';
}

/* Small and capital letters and others: hardly a word, but every key. */
static bool is_mixed(const char *text, size_t len)
{
	bool small = false, capital = false, other = false;
	size_t i;

	for (i = 0; i < len; i++) {
		small |= islower((unsigned char)text[i]);
		capital |= isupper((unsigned char)text[i]);
		other |= !isalpha((unsigned char)text[i]);
	}
	return small && capital && other;
}

static size_t base64_len(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && is_base64(text[n]))
		n++;
	return n;
}

const char *fault_shown(struct shown *shown, const char *text, size_t len)
{
	static const char hidden[] = "(hidden)", more[] = "...";
	char *to = shown->text;
	size_t at, n;

	len = strnlen(text, len);
	for (at = 0; at < len; at += n) {
		if (to + sizeof(hidden) + sizeof(more) >
		    shown->text + SHOWN_MAX) {
			to = stpcpy(to, more);
			break;
		}
		n = base64_len(text + at, len - at);
		if (n > SHOWN_OF_KEY && is_mixed(text + at, n)) {
			to = stpcpy(to, hidden);
			continue;
		}
		n = 1;
		*to++ = text[at];
	}
	*to = 0;
	return format_printable(shown->text);
}

void fault_print(const struct fault *fault)
{
	fputs("wgctl: ", stderr);
	if (*fault->file)
		fprintf(stderr, "%s:", fault->file);
	if (fault->line)
		fprintf(stderr, "%zu:", fault->line);
	if (fault->line && fault->column)
		fprintf(stderr, "%zu:", fault->column);
	if (*fault->file)
		fputc(' ', stderr);
	fprintf(stderr, "%s\n", fault->text);
}
