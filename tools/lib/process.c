// SPDX-License-Identifier: GPL-2.0
#include "lib/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/secret.h"
#include "lib/signal.h"

#define SYSTEM_PATH "/usr/sbin:/usr/bin:/sbin:/bin"

static bool find_in(const char *list, const char *program, char *path)
{
	while (list && *list) {
		size_t len = strcspn(list, ":");

		if (len && snprintf(path, PATH_MAX, "%.*s/%s", (int)len, list,
				    program) < PATH_MAX &&
		    !access(path, X_OK))
			return true;
		list += len;
		list += *list == ':';
	}
	return false;
}

/* A PATH may lack the directories of the administrator's programs. */
static bool find(const char *program, char *path)
{
	if (strchr(program, '/')) {
		snprintf(path, PATH_MAX, "%s", program);
		return true;
	}
	return find_in(getenv("PATH"), program, path) ||
	       find_in(SYSTEM_PATH, program, path);
}

bool process_exists(const char *program)
{
	char path[PATH_MAX];

	return find(program, path);
}

bool process_is(const char *program, const char *other)
{
	char path[PATH_MAX], *real = NULL;
	const char *name;
	bool is;

	if (find(program, path))
		real = realpath(path, NULL);
	name = real ? strrchr(real, '/') : NULL;
	is = name && !strcmp(name + 1, other);
	free(real);
	return is;
}

/* A file in memory that holds @text, to be read from its beginning; or -1. */
static int memory_file(const char *text)
{
	size_t len = strlen(text);
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (write(fd, text, len) == (ssize_t)len && !lseek(fd, 0, SEEK_SET))
		return fd;
	close(fd);
	return -1;
}

/* We may ignore signals while something must not stay half done; it not. */
static void set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t set;

	sigemptyset(&set);
	posix_spawnattr_setsigmask(attributes, &set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	posix_spawnattr_setsigdefault(attributes, &set);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF |
						     POSIX_SPAWN_SETSIGMASK);
}

/* Starts a program; @in and @out are descriptors for it, -1: inherited. */
static int start(pid_t *pid, const char *const argv[], int in, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char path[PATH_MAX];
	int ret;

	if (!find(argv[0], path))
		return -ENOENT;
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	set_attributes(&attributes);
	if (in >= 0)
		posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out >= 0 ? out : 2, 1);
	ret = posix_spawn(pid, path, &actions, &attributes,
			  (char *const *)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -ret;
}

static int finish(pid_t pid, const char *name, struct fault *fault)
{
	int status;

	if (signal_caught())
		kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) < 0)
		if (errno == EINTR)
			kill(pid, SIGTERM); /* as we were told to end */
		else
			return fault_errno(fault, -errno, "cannot wait for %s",
					   name);
	if (WIFSIGNALED(status))
		return fault_set(fault, -ECHILD, "%s was ended by signal %d",
				 name, WTERMSIG(status));
	if (WEXITSTATUS(status))
		return fault_set(fault, -ECHILD, "%s ended with status %d",
				 name, WEXITSTATUS(status));
	return 0;
}

static int start_failed(const char *name, int error, struct fault *fault)
{
	if (error == -ENOENT)
		return fault_set(fault, -ENOENT, "%s is not installed", name);
	return fault_errno(fault, error, "cannot run %s", name);
}

int process_run(const char *const argv[], const char *input, struct fault *fault)
{
	int in = -1, error;
	pid_t pid;

	if (input) {
		in = memory_file(input);
		if (in < 0)
			return fault_errno(fault, -errno,
					   "cannot create the input of %s",
					   argv[0]);
	}
	error = start(&pid, argv, in, -1);
	if (in >= 0)
		close(in);
	return error ? start_failed(argv[0], error, fault) :
		       finish(pid, argv[0], fault);
}

static char *read_all(int fd)
{
	struct secret text = { 0 };

	secret_read(&text, fd);
	*secret_extend(&text, 1) = 0;
	return text.bytes;
}

char *process_output(const char *const argv[], struct fault *fault)
{
	char *text = NULL;
	int ends[2], error;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC)) {
		fault_errno(fault, -errno, "cannot create a pipe");
		return NULL;
	}
	error = start(&pid, argv, -1, ends[1]);
	close(ends[1]);
	if (!error)
		text = read_all(ends[0]);
	close(ends[0]);
	if (error) {
		start_failed(argv[0], error, fault);
		return NULL;
	}
	if (!finish(pid, argv[0], fault))
		return text;
	free(text);
	return NULL;
}
