// SPDX-License-Identifier: GPL-2.0
#include "quick/tables.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"

/* What the administrator wrote comes before what the package brought. */
static const char *const patterns[] = {
	"/etc/iproute2/rt_tables",
	"/etc/iproute2/rt_tables.d/*.conf",
	"/usr/share/iproute2/rt_tables",
	"/usr/share/iproute2/rt_tables.d/*.conf",
	"/usr/lib/iproute2/rt_tables",
	"/usr/lib/iproute2/rt_tables.d/*.conf",
};

/* A table whose number is asked for by name. */
struct wanted {
	const char *name;
	uint32_t *number;
};

/* A line is a number and a name; others, and comments, are passed over. */
static bool is_wanted(const char *line, void *context)
{
	const struct wanted *wanted = context;
	char word[64];

	return sscanf(line, "%i %63s", (int *)wanted->number, word) == 2 &&
	       !strcmp(word, wanted->name);
}

bool table_by_name(uint32_t *number, const char *name)
{
	struct wanted wanted = { name, number };
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
		is_found = file_find_line(patterns[i], is_wanted, &wanted);
	return is_found;
}
