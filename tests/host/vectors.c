// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "vectors.h"

static void fail(const char *file, const char *name)
{
	fprintf(stderr, "vectors/%s: no usable \"%s\"\n", file, name);
	abort();
}

static char *load(const char *file)
{
	static char text[1 << 16];
	char path[1024];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", VECTORS, file);
	f = fopen(path, "r");
	if (!f)
		fail(file, "file");
	len = fread(text, 1, sizeof(text) - 1, f);
	text[len] = '\0';
	fclose(f);
	return text;
}

size_t vector_get(const char *file, const char *name, unsigned int nth,
		  void *out, size_t size)
{
	char quoted[64];
	char *at, *end;

	snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	at = strstr(load(file), quoted);
	while (at && nth--)
		at = strstr(at + 1, quoted);
	at = at ? strchr(at + strlen(quoted), '"') : NULL;
	end = at ? strchr(at + 1, '"') : NULL;
	if (!end)
		fail(file, name);
	*end = '\0';
	return hex_any(out, size, at + 1);
}

void vector_exact(const char *file, const char *name, void *out, size_t len)
{
	if (vector_get(file, name, 0, out, len) != len)
		fail(file, name);
}
