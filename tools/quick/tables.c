// SPDX-License-Identifier: GPL-2.0
#include "quick/tables.h"

#include <glob.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

/* What the administrator wrote comes before what the package brought. */
static const char *const patterns[] = {
	"/etc/iproute2/rt_tables",
	"/etc/iproute2/rt_tables.d/*.conf",
	"/usr/share/iproute2/rt_tables",
	"/usr/share/iproute2/rt_tables.d/*.conf",
	"/usr/lib/iproute2/rt_tables",
	"/usr/lib/iproute2/rt_tables.d/*.conf",
};

/* A line is a number and a name; others, and comments, are passed over. */
static bool find_in_file(uint32_t *number, const char *name, const char *path)
{
	FILE *from = fopen(path, "re");
	char line[512], word[64];
	bool is_found = false;

	while (from && !is_found && fgets(line, sizeof(line), from))
		is_found = sscanf(line, "%i %63s", (int *)number, word) == 2 &&
			   !strcmp(word, name);
	if (from)
		fclose(from);
	return is_found;
}

static bool find_in_files(uint32_t *number, const char *name,
			  const char *pattern)
{
	bool is_found = false;
	glob_t files;
	size_t i;

	if (glob(pattern, 0, NULL, &files))
		return false;
	for (i = 0; i < files.gl_pathc && !is_found; i++)
		is_found = find_in_file(number, name, files.gl_pathv[i]);
	globfree(&files);
	return is_found;
}

bool table_by_name(uint32_t *number, const char *name)
{
	bool is_found = true;
	size_t i;

	if (!strcmp(name, "main"))
		*number = RT_TABLE_MAIN;
	else if (!strcmp(name, "default"))
		*number = RT_TABLE_DEFAULT;
	else if (!strcmp(name, "local"))
		*number = RT_TABLE_LOCAL;
	else
		is_found = false;
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]) && !is_found; i++)
		is_found = find_in_files(number, name, patterns[i]);
	return is_found;
}
