// SPDX-License-Identifier: GPL-2.0
#include "quick/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/xalloc.h"

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
	return fault_errno(fault, -errno, "cannot create " DIRECTORY);
}

static void take_sysctl(struct state *state, const char *name)
{
	size_t i;

	for (i = 0; i < SYSCTLS; i++)
		if (!strcmp(sysctl_name(i), name))
			state->has_set[i] = true;
}

static void take_line(struct state *state, const char *line)
{
	char text[PATH_MAX];
	unsigned int number;

	if (sscanf(line, "ifindex %u", &number) == 1)
		state->ifindex = number;
	else if (sscanf(line, "mark %u", &number) == 1)
		state->mark = number;
	else if (sscanf(line, "dns %u", &number) == 1)
		state->dns = (enum dns_manager)number;
	else if (!strcmp(line, "policy 4\n"))
		state->has_policy[0] = true;
	else if (!strcmp(line, "policy 6\n"))
		state->has_policy[1] = true;
	else if (sscanf(line, "set %63s", text) == 1)
		take_sysctl(state, text);
	else if (!state->names && sscanf(line, "names %4095[^\n]", text) == 1)
		state->names = xstrdup(text);
	else if (!state->path && sscanf(line, "file %4095[^\n]", text) == 1)
		state->path = xstrdup(text);
}

bool state_read(struct state *state, const char *interface)
{
	char path[PATH_MAX], line[PATH_MAX + 16];
	FILE *from;

	memset(state, 0, sizeof(*state));
	place(path, interface, "");
	from = fopen(path, "re");
	if (!from)
		return false;
	while (fgets(line, sizeof(line), from))
		take_line(state, line);
	fclose(from);
	return true;
}

/* Has the tunnel, if it is up, the mark (0: none) or the sysctl? */
static bool has_noted(const char *interface, uint32_t mark, enum sysctl_id id)
{
	struct state state;
	bool has;

	state_read(&state, interface);
	has = ((mark && state.mark == mark) ||
	       (id < SYSCTLS && state.has_set[id])) &&
	      if_nametoindex(interface) == state.ifindex;
	state_clear(&state);
	return has;
}

static bool another_has_noted(const char *interface, uint32_t mark,
			      enum sysctl_id id)
{
	unsigned long long space;
	DIR *dir = opendir(DIRECTORY);
	struct dirent *entry;
	char name[IFNAMSIZ];
	bool is_found = false;

	while (dir && !is_found && (entry = readdir(dir)))
		is_found = sscanf(entry->d_name, "%llu-%15s", &space,
				  name) == 2 &&
			   space == space_number() && !strchr(name, '~') &&
			   strcmp(name, interface) &&
			   has_noted(name, mark, id);
	if (dir)
		closedir(dir);
	return is_found;
}

bool state_mark_taken(uint32_t mark, const char *interface)
{
	return another_has_noted(interface, mark, SYSCTLS);
}

bool state_share(enum sysctl_id id, const char *interface)
{
	return another_has_noted(interface, 0, id);
}

static void print(const struct state *state, FILE *to)
{
	size_t i;

	if (state->path)
		fprintf(to, "file %s\n", state->path);
	fprintf(to, "ifindex %u\nmark %u\ndns %u\n", state->ifindex,
		state->mark, state->dns);
	if (state->names)
		fprintf(to, "names %s\n", state->names);
	if (state->has_policy[0])
		fputs("policy 4\n", to);
	if (state->has_policy[1])
		fputs("policy 6\n", to);
	for (i = 0; i < SYSCTLS; i++)
		if (state->has_set[i])
			fprintf(to, "set %s\n", sysctl_name(i));
}

int state_write(const struct state *state, const char *interface,
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
		print(state, to);
		if (!fclose(to) && !rename(temporary, path))
			return 0;
	}
	ret = -errno;
	unlink(temporary);
	return fault_errno(fault, ret, "cannot write '%s'", path);
}

void state_remove(const char *interface)
{
	char path[PATH_MAX];

	place(path, interface, "");
	unlink(path);
	place(path, interface, "~new");
	unlink(path); /* one that was killed may have left it */
}

void state_clear(struct state *state)
{
	free(state->path);
	free(state->names);
	memset(state, 0, sizeof(*state));
}

/* The process that started @pid; 0 for none that can be seen. */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[512], *end = NULL;
	int parent = 0;
	FILE *from;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	from = fopen(path, "re");
	/* "PID (NAME) STATE PARENT ...", and a name may have anything in it */
	if (from && fgets(text, sizeof(text), from))
		end = strrchr(text, ')');
	if (from)
		fclose(from);
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

static bool is_below(pid_t above)
{
	pid_t pid = getpid();

	while (pid > 1 && pid != above)
		pid = parent_of(pid);
	return above > 0 && pid == above;
}

/* A lock of this kind tells who has it, and no child inherits it. */
static bool is_held_above(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return !fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK &&
	       is_below(lock.l_pid);
}

static int wait_for_lock(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	const struct timespec pause = { 0, 200 * 1000 * 1000 };
	int tries;

	for (tries = 0; fcntl(fd, F_SETLK, &lock); tries++) {
		if (errno != EACCES && errno != EAGAIN)
			return -errno;
		if (is_held_above(fd))
			return 0;
		if (tries == 50)
			return -EWOULDBLOCK;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int state_lock(const char *interface, struct fault *fault)
{
	int ret = make_directory(fault), fd;
	char path[PATH_MAX];

	if (ret)
		return ret;
	place(path, interface, "~lock");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault_errno(fault, -errno, "cannot open '%s'", path);
	ret = wait_for_lock(fd);
	if (!ret)
		return fd;
	close(fd);
	if (ret == -EWOULDBLOCK)
		return fault_set(fault, ret,
				 "another wgctl is changing '%s'", interface);
	return fault_errno(fault, ret, "cannot lock '%s'", path);
}
