// SPDX-License-Identifier: GPL-2.0
/* up, down, reload, save, strip: tunnels from files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "model/change.h"
#include "model/key.h"
#include "model/resolve.h"
#include "model/warn.h"
#include "netlink/nl.h"
#include "quick/ops.h"
#include "quick/quick.h"

/* One call of one of these verbs. */
struct job {
	struct setup *setup;
	char *path; /* of the file, for messages */
	struct plan plan;
	struct quick_reload reload;
	int lock; /* -1: none */
	struct fault fault;
};

/* What tells these verbs apart. */
struct work {
	int (*prepare)(struct job *job);
	enum plan_mode mode;
	bool is_of_running; /* the file is that which the tunnel came from */
	bool resolves; /* names of endpoints */
	bool takes_parts; /* of a file that has errors */
};

/* Is an interface of that name, if there is one, the one that was noted? */
static bool is_noted(const char *name, const struct state *state)
{
	const unsigned int ifindex = if_nametoindex(name);

	return !ifindex || ifindex == state->ifindex;
}

/* A tunnel that is up is taken down by the file that it came from. */
static char *noted_path(const char *word, bool *has_state)
{
	struct state state;
	char *path = NULL;

	*has_state = false;
	if (strchr(word, '/'))
		return NULL;
	*has_state = state_read(&state, word);
	if (state.path && is_noted(word, &state) && !access(state.path, R_OK))
		path = strdup(state.path);
	state_clear(&state);
	return path;
}

/* Whatever became of its file, a tunnel that is up can be taken down. */
static int load_partly(struct job *job, const char *word, const char *noted,
		       bool has_state)
{
	if (job->fault.code == -EPERM ||
	    (!noted && !has_state && !job->path))
		return job->fault.code;
	fault_prefix(&job->fault, "warning");
	fault_print(&job->fault);
	job->setup = setup_load_partly(word, noted, &job->fault);
	return job->setup ? 0 : job->fault.code;
}

/* Reads the file of a tunnel; nothing else is opened yet. */
static int job_load(struct job *job, const char *word, const struct work *work)
{
	bool has_state = false;
	char *noted = work->is_of_running ? noted_path(word, &has_state) : NULL;
	int ret = 0;

	memset(job, 0, sizeof(*job));
	job->lock = -1;
	job->setup = setup_load(word, noted, CONF_QUICK, &job->fault,
				&job->path);
	if (!job->setup)
		ret = work->takes_parts ?
			      load_partly(job, word, noted, has_state) :
			      job->fault.code;
	free(noted);
	return ret;
}

/* Only looking needs no lock, nor the right to make one. */
static int job_begin(struct job *job, struct verb_call *call)
{
	if (!verb_option(call, "--dry-run")) {
		job->lock = state_lock(job->setup->name, &job->fault);
		if (job->lock < 0)
			return job->lock;
	}
	return plan_begin(&job->plan, job->setup, &call->out, &job->fault);
}

static int job_end(struct job *job, struct verb_call *call, int ret)
{
	bool is_done = !ret && job->lock >= 0;

	if (job->plan.setup)
		plan_end(&job->plan);
	if (job->lock >= 0)
		close(job->lock);
	if ((is_done ? verb_end_done(call) : verb_end(call)) && !ret)
		ret = -EIO;
	else if (ret)
		verb_fail(&job->fault);
	tunnel_free(job->reload.now);
	tunnel_free(job->reload.change);
	tunnel_free(job->reload.back);
	free(job->reload.addresses.items);
	setup_free(job->setup);
	free(job->path);
	return ret ? VERB_FAILED : VERB_OK;
}

static int resolve(struct job *job)
{
	int ret = resolve_tunnel(job->setup->tunnel, &job->fault);

	if (ret)
		job->fault.file = job->path;
	return ret;
}

static int carry_out(struct verb_call *call, const struct work *work)
{
	bool is_dry = verb_option(call, "--dry-run");
	struct job job;
	int ret;

	if (call->argc != 1)
		return verb_usage(call);
	ret = job_load(&job, call->argv[0], work);
	if (!ret && work->resolves)
		ret = resolve(&job);
	if (!ret)
		ret = job_begin(&job, call);
	if (!ret)
		ret = work->prepare(&job);
	if (!ret)
		ret = plan_run(&job.plan, is_dry ? PLAN_DRY : work->mode,
			       &job.fault);
	return job_end(&job, call, ret);
}

/* The device takes several sections of one peer for one; so do routes. */
static int merge_peers(struct job *job)
{
	warn_of_tunnel(job->setup->tunnel);
	if (change_merge_peers(job->setup->tunnel))
		return fault_set(&job->fault, -ENOMEM, "out of memory");
	return 0;
}

static int prepare_up(struct job *job)
{
	int ret = merge_peers(job);

	if (ret)
		return ret;
	return quick_up(&job->plan, job->setup, &job->fault);
}

int cmd_up(struct verb_call *call)
{
	static const struct work up = { .prepare = prepare_up,
					.mode = PLAN_ALL_OR_NOTHING };

	return carry_out(call, &up);
}

static int prepare_down(struct job *job)
{
	return quick_down(&job->plan, &job->fault);
}

int cmd_down(struct verb_call *call)
{
	static const struct work down = { .prepare = prepare_down,
					  .mode = PLAN_TO_THE_END,
					  .is_of_running = true,
					  .takes_parts = true };

	return carry_out(call, &down);
}

static int prepare_reload(struct job *job)
{
	int ret = merge_peers(job);

	if (ret)
		return ret;
	job->reload.now = nl_get(job->setup->name, &job->fault);
	if (!job->reload.now)
		return job->fault.code;
	return quick_reload(&job->plan, job->setup, &job->reload, &job->fault);
}

int cmd_reload(struct verb_call *call)
{
	static const struct work reload = { .prepare = prepare_reload,
					    .mode = PLAN_ALL_OR_NOTHING,
					    .is_of_running = true,
					    .resolves = true };

	return carry_out(call, &reload);
}

static int prepare_save(struct job *job)
{
	const struct plan_step step = { .op = &op_save };
	struct rtnl_link link = { 0 };
	int ret = rtnl_link_get(&job->plan.rtnl, &link, job->setup->name,
				&job->fault);

	if (ret)
		return ret;
	state_read(&job->plan.state, job->setup->name);
	plan_add(&job->plan, &step, "save %s", job->setup->path);
	return 0;
}

int cmd_save(struct verb_call *call)
{
	static const struct work save = { .prepare = prepare_save,
					  .mode = PLAN_ALL_OR_NOTHING,
					  .is_of_running = true };

	return carry_out(call, &save);
}

static int print_assignment(struct out *out, const struct conf_line *line)
{
	char *value = conf_value(line);

	if (!value)
		return -ENOMEM;
	out_begin(out, NULL);
	out_string(out, "key", NULL,
		   line->is_name ? "Name" : conf_key_name(line->key));
	out_string(out, "value", NULL, value);
	out_end(out);
	wipe(value, strlen(value));
	free(value);
	return 0;
}

static void begin_section(struct out *out, const struct conf_line *line,
			  bool is_first)
{
	if (!is_first) {
		out_end(out);
		out_end(out);
	}
	out_begin(out, NULL);
	out_string(out, "section", NULL,
		   line->section == CONF_PEER ? "Peer" : "Interface");
	out_list(out, "keys");
}

/* Text keeps every line that means something to a device, or nothing. */
static int print_stripped(struct out *out, const struct conf *conf)
{
	bool is_first = true;
	size_t i;
	int ret = 0;

	out_list(out, "sections");
	for (i = 0; i < conf->count && !ret; i++) {
		const struct conf_line *line = &conf->lines[i];

		if (line->kind == CONF_ASSIGNMENT && line->key >= CONF_ADDRESS)
			continue;
		out_line(out, "%s", line->text);
		if (line->kind == CONF_HEADER) {
			begin_section(out, line, is_first);
			is_first = false;
		}
		if (line->kind == CONF_ASSIGNMENT || line->is_name)
			ret = print_assignment(out, line);
	}
	return ret;
}

int cmd_strip(struct verb_call *call)
{
	static const struct work strip;
	struct job job;
	int ret;

	if (call->argc != 1)
		return verb_usage(call);
	ret = job_load(&job, call->argv[0], &strip);
	if (!ret) {
		out_begin(&call->out, NULL);
		out_string(&call->out, "tunnel", NULL, job.setup->name);
		out_string(&call->out, "file", NULL, job.path);
		if (print_stripped(&call->out, job.setup->conf))
			ret = fault_set(&job.fault, -ENOMEM, "out of memory");
	}
	return job_end(&job, call, ret);
}
