// SPDX-License-Identifier: GPL-2.0
/* Steps of adding and removing users. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "user/job.h"

static int make_directory(const char *path, struct fault *fault)
{
	char *directory = file_directory(path);
	int ret = 0;

	if (mkdir(directory, 0700) && errno != EEXIST)
		ret = fault_errno(fault, -errno, "cannot create '%s'",
				  directory);
	free(directory);
	return ret;
}

/* A directory that has become empty goes; one that has not stays. */
static void remove_directory(const char *path)
{
	char *directory = file_directory(path);

	rmdir(directory);
	free(directory);
}

static int write_client(struct plan *plan, const union plan_arg *arg,
			struct fault *fault)
{
	const struct user_job *job = arg->job;
	int ret = make_directory(job->client_path, fault);

	if (ret)
		return ret;
	/* one that is there already is somebody's */
	ret = file_create(job->client_path, job->client_text);
	if (!ret)
		return 0;
	remove_directory(job->client_path);
	if (ret == -EEXIST)
		return fault_set(fault, ret,
				 "it exists, but no peer of '%s' has this name: delete the file",
				 plan->name);
	return fault_set(fault, ret, "%s", strerror(-ret));
}

static int unwrite_client(struct plan *plan, const union plan_arg *arg,
			  struct fault *fault)
{
	const struct user_job *job = arg->job;

	if (unlink(job->client_path))
		return fault_set(fault, -errno, "%s", strerror(errno));
	remove_directory(job->client_path);
	return 0;
}

/* The last step: there is nothing after it that could fail. */
static int write_picture(struct plan *plan, const union plan_arg *arg,
			 struct fault *fault)
{
	const struct user_job *job = arg->job;

	return qr_write_png(&job->qr, job->png, fault);
}

/*
 * The last step. The users are gone, and cannot be put back whole, so a file
 * that stays is no failure.
 */
static int delete_clients(struct plan *plan, const union plan_arg *arg,
			  struct fault *fault)
{
	const struct user_job *job = arg->job;
	size_t i;

	for (i = 0; i < job->removed.count; i++)
		if (unlink(job->removed.items[i]) && errno != ENOENT)
			fprintf(stderr,
				"wgctl: warning: cannot delete '%s': %s\n",
				job->removed.items[i], strerror(errno));
	if (job->removed.count)
		remove_directory(job->removed.items[0]);
	return 0;
}

static int replace_server(struct plan *plan, const union plan_arg *arg,
			  struct fault *fault)
{
	const struct user_job *job = arg->job;

	return conf_replace(job->edited, job->setup->path, fault);
}

static int restore_server(struct plan *plan, const union plan_arg *arg,
			  struct fault *fault)
{
	const struct user_job *job = arg->job;

	return conf_replace(job->setup->conf, job->setup->path, fault);
}

const struct op user_op_write_client = { write_client, unwrite_client };
const struct op user_op_write_picture = { write_picture, NULL };
const struct op user_op_delete_clients = { delete_clients, NULL };
const struct op user_op_replace_server = { replace_server, restore_server };
