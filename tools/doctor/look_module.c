// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor/look.h"
#include "lib/file.h"

static const char *const modprobe_files[] = {
	"/etc/modprobe.d/*.conf",
	"/run/modprobe.d/*.conf",
	"/usr/lib/modprobe.d/*.conf",
	"/lib/modprobe.d/*.conf",
};

bool look_line(const char *path, char *line, size_t room)
{
	FILE *from = fopen(path, "re");
	bool is_read = from && fgets(line, (int)room, from);

	if (from)
		fclose(from);
	if (is_read)
		line[strcspn(line, "\n")] = 0;
	else
		*line = 0;
	return is_read;
}

/* "options wg ... compat=1" */
static bool asks_for_compat(const char *line, void *context)
{
	const char *at;
	int end = 0;

	if (sscanf(line, " options wg %n", &end) < 0)
		return false;
	at = end ? strstr(line + end, "compat=") : NULL;
	return at && strchr("1yY", at[strlen("compat=")]);
}

void look_at_module(struct evidence *evidence)
{
	struct module_state *module = &evidence->module;
	char line[32];
	size_t i;

	module->is_loaded = !access("/sys/module/wg", F_OK);
	module->has_in_tree = !access("/sys/module/wireguard", F_OK);
	look_line("/sys/module/wg/version", module->version,
		  sizeof(module->version));
	look_line("/sys/module/wg/parameters/compat", line, sizeof(line));
	module->is_compat = *line == 'Y';
	for (i = 0; i < sizeof(modprobe_files) / sizeof(*modprobe_files); i++)
		module->wants_compat |= file_find_line(modprobe_files[i],
							asks_for_compat, NULL);
}
