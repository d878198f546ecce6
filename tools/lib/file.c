// SPDX-License-Identifier: GPL-2.0
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/xalloc.h"

char *file_directory(const char *path)
{
	char *copy = xstrdup(path);
	char *directory = xstrdup(dirname(copy));

	free(copy);
	return directory;
}

/* Closes the stream; the error of that, or of what was written before. */
static int finish(FILE *to, int ret)
{
	errno = EIO; /* where an earlier write failed, its own is lost */
	if (!ret && (fflush(to) || ferror(to)))
		ret = -errno;
	if (fclose(to) && !ret)
		ret = -errno;
	return ret;
}

int file_create(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	int ret = 0;

	if (fd < 0)
		return -errno;
	errno = ENOSPC; /* why less would be written */
	if (write(fd, text, len) != (ssize_t)len || fsync(fd))
		ret = -errno;
	close(fd);
	if (ret)
		unlink(path);
	return ret;
}

/* So that a new name survives a power cut; best effort. */
static void sync_directory(const char *path)
{
	char *directory = file_directory(path);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(directory);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int write_to(int fd, file_write_fn *write, const void *context)
{
	FILE *to = fd < 0 ? NULL : fdopen(fd, "w");

	return to ? finish(to, write(to, context)) : -errno;
}

static int replace(const char *path, file_write_fn *write, const void *context)
{
	char temporary[PATH_MAX];
	int fd, ret;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	ret = write_to(fd, write, context);
	if (!ret && rename(temporary, path))
		ret = -errno;
	if (!ret)
		sync_directory(path);
	else if (fd >= 0)
		unlink(temporary);
	return ret;
}

int file_replace(const char *path, file_write_fn *write, const void *context)
{
	struct stat file;
	char *real;
	int ret;

	/* a pipe, a terminal, /dev/null */
	if (!stat(path, &file) && !S_ISREG(file.st_mode))
		return write_to(open(path, O_WRONLY | O_CLOEXEC), write,
				context);
	real = realpath(path, NULL);
	ret = replace(real ? real : path, write, context);
	free(real);
	return ret;
}

static bool has_line(const char *path, file_line_fn *is_it, void *context)
{
	FILE *from = fopen(path, "re");
	char line[512];
	bool is_found = false;

	while (from && !is_found && fgets(line, sizeof(line), from))
		is_found = is_it(line, context);
	if (from)
		fclose(from);
	return is_found;
}

bool file_find_line(const char *pattern, file_line_fn *is_it, void *context)
{
	bool is_found = false;
	glob_t files;
	size_t i;

	if (glob(pattern, 0, NULL, &files))
		return false;
	for (i = 0; i < files.gl_pathc && !is_found; i++)
		is_found = has_line(files.gl_pathv[i], is_it, context);
	globfree(&files);
	return is_found;
}
