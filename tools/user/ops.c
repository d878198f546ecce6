// SPDX-License-Identifier: GPL-2.0
/* Steps of adding and removing users; their context is a struct user_job. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/job.h"

static int make_directory(const char *path, struct fault *fault)
{
	char copy[PATH_MAX], *directory;

	snprintf(copy, sizeof(copy), "%s", path);
	directory = dirname(copy);
	if (!mkdir(directory, 0700) || errno == EEXIST)
		return 0;
	return fault_set(fault, -errno, "cannot make '%s': %s", directory,
			 strerror(errno));
}

/* A directory that has become empty goes; one that has not stays. */
static void remove_directory(const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	rmdir(dirname(copy));
}

static int write_text(int fd, const char *text)
{
	size_t len = strlen(text);
	ssize_t done;

	for (; len; text += done, len -= (size_t)done) {
		done = write(fd, text, len);
		if (done < 0)
			return -errno;
	}
	return fsync(fd) ? -errno : 0;
}

static int write_client(struct plan *plan, const struct plan_step *step,
			struct fault *fault)
{
	const struct user_job *job = step->context;
	int ret = make_directory(job->client_path, fault), fd;

	(void)plan;
	if (ret)
		return ret;
	/* one that is there already is somebody's */
	fd = open(job->client_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		  0600);
	if (fd < 0) {
		ret = fault_set(fault, -errno, "%s", strerror(errno));
		remove_directory(job->client_path);
		return ret;
	}
	ret = write_text(fd, job->client_text);
	close(fd);
	if (!ret)
		return 0;
	unlink(job->client_path);
	remove_directory(job->client_path);
	return fault_set(fault, ret, "%s", strerror(-ret));
}

static int unwrite_client(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	const struct user_job *job = step->context;

	(void)plan;
	if (unlink(job->client_path))
		return fault_set(fault, -errno, "%s", strerror(errno));
	remove_directory(job->client_path);
	return 0;
}

const struct op user_op_write_client = { write_client, unwrite_client };

/* The last step: there is nothing after it that could fail. */
static int write_picture(struct plan *plan, const struct plan_step *step,
			 struct fault *fault)
{
	const struct user_job *job = step->context;

	(void)plan;
	return qr_write_png(&job->qr, job->png, fault);
}

const struct op user_op_write_picture = { write_picture, NULL };

/*
 * The last step. The users are gone, and cannot be put back whole, so a file
 * that stays is no failure.
 */
static int delete_clients(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	const struct user_job *job = step->context;
	size_t i;

	(void)plan;
	(void)fault;
	for (i = 0; i < job->removed.count; i++)
		if (unlink(job->removed.items[i]) && errno != ENOENT)
			fprintf(stderr,
				"wgctl: warning: cannot delete '%s': %s\n",
				job->removed.items[i], strerror(errno));
	if (job->removed.count)
		remove_directory(job->removed.items[0]);
	return 0;
}

const struct op user_op_delete_clients = { delete_clients, NULL };

static int replace_server(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	const struct user_job *job = step->context;

	(void)plan;
	return conf_replace(job->edited, job->setup->path, fault);
}

static int restore_server(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	const struct user_job *job = step->context;

	(void)plan;
	return conf_replace(job->setup->conf, job->setup->path, fault);
}

const struct op user_op_replace_server = { replace_server,
					   restore_server };
