// SPDX-License-Identifier: GPL-2.0
#include "fault.h"

#include <stdio.h>
#include <string.h>

int fault_set(struct fault *fault, int code, const char *format, ...)
{
	va_list args;

	memset(fault, 0, sizeof(*fault));
	fault->code = code;
	va_start(args, format);
	vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
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
	len = strlen(fault->text);
	snprintf(fault->text + len, sizeof(fault->text) - len, ": %s", said);
	return fault->code;
}

void fault_append(struct fault *fault, const char *format, ...)
{
	size_t len = strlen(fault->text);
	va_list args;

	va_start(args, format);
	vsnprintf(fault->text + len, sizeof(fault->text) - len, format, args);
	va_end(args);
}

void fault_print(const struct fault *fault)
{
	fputs("wgctl: ", stderr);
	if (fault->file)
		fprintf(stderr, "%s:", fault->file);
	if (fault->line)
		fprintf(stderr, "%zu:", fault->line);
	if (fault->line && fault->column)
		fprintf(stderr, "%zu:", fault->column);
	if (fault->file)
		fputc(' ', stderr);
	fprintf(stderr, "%s\n", fault->text);
}
