// SPDX-License-Identifier: GPL-2.0
#include "notes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DIRECTORY "/run/wgctl"

/* The number of our network namespace: two may have a wg0 each. */
static unsigned long long space_number(void)
{
	struct stat info;

	return stat("/proc/self/ns/net", &info) ? 0 : info.st_ino;
}

static void place(char *path, const char *interface, const char *ending)
{
	snprintf(path, PATH_MAX, DIRECTORY "/%llu-%s%s", space_number(),
		 interface, ending);
}

static int make_directory(struct fault *fault)
{
	if (!mkdir(DIRECTORY, 0700) || errno == EEXIST)
		return 0;
	return fault_set(fault, -errno, "cannot make " DIRECTORY ": %s",
			 strerror(errno));
}

static void take_switch(struct notes *notes, const char *name)
{
	size_t i;

	for (i = 0; i < SWITCHES; i++)
		if (!strcmp(switch_name(i), name))
			notes->has_set[i] = true;
}

static void take_line(struct notes *notes, const char *line)
{
	char text[PATH_MAX];
	unsigned int number;

	if (sscanf(line, "ifindex %u", &number) == 1)
		notes->ifindex = number;
	else if (sscanf(line, "mark %u", &number) == 1)
		notes->mark = number;
	else if (sscanf(line, "dns %u", &number) == 1)
		notes->dns = (enum dns_manager)number;
	else if (!strcmp(line, "policy 4\n"))
		notes->has_policy[0] = true;
	else if (!strcmp(line, "policy 6\n"))
		notes->has_policy[1] = true;
	else if (!strcmp(line, "masquerade\n"))
		notes->masquerades = true;
	else if (sscanf(line, "set %63s", text) == 1)
		take_switch(notes, text);
	else if (!notes->names && sscanf(line, "names %4095[^\n]", text) == 1)
		notes->names = strdup(text);
	else if (!notes->path && sscanf(line, "file %4095[^\n]", text) == 1)
		notes->path = strdup(text);
}

bool notes_read(struct notes *notes, const char *interface)
{
	char path[PATH_MAX], line[PATH_MAX + 16];
	FILE *from;

	memset(notes, 0, sizeof(*notes));
	place(path, interface, "");
	from = fopen(path, "re");
	if (!from)
		return false;
	while (fgets(line, sizeof(line), from))
		take_line(notes, line);
	fclose(from);
	return true;
}

static bool has_noted(const char *interface, enum switch_id id)
{
	struct notes notes;
	bool has;

	notes_read(&notes, interface);
	has = notes.has_set[id] &&
	      if_nametoindex(interface) == notes.ifindex;
	notes_clear(&notes);
	return has;
}

bool notes_share(enum switch_id id, const char *interface)
{
	unsigned long long space;
	DIR *dir = opendir(DIRECTORY);
	struct dirent *entry;
	char name[IFNAMSIZ];
	bool is_shared = false;

	while (dir && !is_shared && (entry = readdir(dir)))
		is_shared = sscanf(entry->d_name, "%llu-%15s", &space,
				   name) == 2 &&
			    space == space_number() && !strchr(name, '~') &&
			    strcmp(name, interface) && has_noted(name, id);
	if (dir)
		closedir(dir);
	return is_shared;
}

static void print(const struct notes *notes, FILE *to)
{
	size_t i;

	if (notes->path)
		fprintf(to, "file %s\n", notes->path);
	fprintf(to, "ifindex %u\nmark %u\ndns %u\n", notes->ifindex,
		notes->mark, notes->dns);
	if (notes->names)
		fprintf(to, "names %s\n", notes->names);
	if (notes->has_policy[0])
		fputs("policy 4\n", to);
	if (notes->has_policy[1])
		fputs("policy 6\n", to);
	if (notes->masquerades)
		fputs("masquerade\n", to);
	for (i = 0; i < SWITCHES; i++)
		if (notes->has_set[i])
			fprintf(to, "set %s\n", switch_name(i));
}

int notes_write(const struct notes *notes, const char *interface,
		struct fault *fault)
{
	char path[PATH_MAX], temporary[PATH_MAX];
	int ret = make_directory(fault), fd;
	FILE *to;

	if (ret)
		return ret;
	place(path, interface, "");
	place(temporary, interface, "~new");
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	to = fd < 0 ? NULL : fdopen(fd, "w");
	if (to) {
		print(notes, to);
		if (!fclose(to) && !rename(temporary, path))
			return 0;
	}
	ret = -errno;
	unlink(temporary);
	return fault_set(fault, ret, "cannot write '%s': %s", path,
			 strerror(-ret));
}

void notes_remove(const char *interface)
{
	char path[PATH_MAX];

	place(path, interface, "");
	unlink(path);
}

void notes_clear(struct notes *notes)
{
	free(notes->path);
	free(notes->names);
	memset(notes, 0, sizeof(*notes));
}

int notes_lock(const char *interface, struct fault *fault)
{
	const struct timespec pause = { 0, 200 * 1000 * 1000 };
	int ret = make_directory(fault), fd, tries;
	char path[PATH_MAX];

	if (ret)
		return ret;
	place(path, interface, "~lock");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault_set(fault, -errno, "cannot open '%s': %s", path,
				 strerror(errno));
	for (tries = 0; flock(fd, LOCK_EX | LOCK_NB); tries++) {
		if (errno == EWOULDBLOCK && tries < 50) {
			nanosleep(&pause, NULL);
			continue;
		}
		ret = -errno;
		close(fd);
		return fault_set(fault, ret,
				 "another wgctl is at work on '%s'", interface);
	}
	return fd;
}
