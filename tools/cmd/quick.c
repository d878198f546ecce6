// SPDX-License-Identifier: GPL-2.0
/* up, down, reload, save, strip: tunnels from files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "lib/secret.h"
#include "lib/xalloc.h"
#include "model/change.h"
#include "model/resolve.h"
#include "model/warn.h"
#include "netlink/link.h"
#include "netlink/nl.h"
#include "quick/ops.h"
#include "quick/quick.h"
#include "quick/save.h"

/* One call of one of these verbs. */
struct job {
	struct setup *setup;
	struct plan plan;
	struct quick_reload reload;
	int lock, file_lock; /* -1: none */
	struct fault *fault;
};

/* What tells these verbs apart. */
struct work {
	int (*prepare)(struct job *job);
	enum plan_mode mode;
	bool is_of_running; /* the file is that which the tunnel came from */
	bool resolves; /* names of endpoints */
	bool takes_parts; /* of a file that has errors */
};

/* A tunnel that is up is taken down by the file that it came from. */
static char *noted_path(const char *word, bool *has_state)
{
	unsigned int ifindex;
	struct state state;
	char *path = NULL;

	*has_state = false;
	if (strchr(word, '/'))
		return NULL;
	*has_state = state_read(&state, word);
	ifindex = if_nametoindex(word);
	if (state.path && (!ifindex || ifindex == state.ifindex) &&
	    !access(state.path, R_OK))
		path = xstrdup(state.path);
	state_clear(&state);
	return path;
}

/* Whatever became of its file, a tunnel that is up can be taken down. */
static int load_partly(struct job *job, const char *word, const char *noted,
		       bool has_state)
{
	struct fault why = *job->fault;

	if (why.code == -EPERM)
		return why.code;
	job->setup = setup_load_partly(word, noted, job->fault);
	if (!job->setup)
		return job->fault->code;
	if (!has_state && !job->setup->path) {
		*job->fault = why;
		return why.code;
	}
	fault_prefix(&why, "warning");
	fault_print(&why);
	return 0;
}

/* Reads the file of a tunnel; nothing else is opened yet. */
static int job_load(struct job *job, struct verb_call *call,
		    const struct work *work)
{
	const char *word = call->argv[0];
	bool has_state = false;
	char *noted = work->is_of_running ? noted_path(word, &has_state) : NULL;
	int ret = 0;

	*job = (struct job){ .lock = -1, .file_lock = -1,
			     .fault = &call->fault };
	job->setup = setup_load(word, noted, CONF_QUICK, job->fault);
	if (!job->setup)
		ret = work->takes_parts ?
			      load_partly(job, word, noted, has_state) :
			      job->fault->code;
	free(noted);
	return ret;
}

/* Only looking needs no lock, nor the right to make one. */
static int job_begin(struct job *job, struct verb_call *call)
{
	if (!verb_option(call, "--dry-run")) {
		job->lock = state_lock(job->setup->name, job->fault);
		if (job->lock < 0)
			return job->lock;
	}
	return plan_begin(&job->plan, job->setup, &call->out, job->fault);
}

static void job_end(struct job *job)
{
	if (job->plan.setup)
		plan_end(&job->plan);
	if (job->file_lock >= 0)
		close(job->file_lock);
	if (job->lock >= 0)
		close(job->lock);
	tunnel_free(job->reload.now);
	tunnel_free(job->reload.change);
	tunnel_free(job->reload.back);
	free(job->reload.addresses.items);
	setup_free(job->setup);
}

static int carry_out(struct verb_call *call, const struct work *work)
{
	bool is_dry = verb_option(call, "--dry-run");
	struct job job;
	int ret = job_load(&job, call, work);

	if (!ret && work->resolves)
		ret = resolve_tunnel(job.setup->tunnel, job.setup->path,
				     job.fault);
	if (!ret)
		ret = job_begin(&job, call) ?:
		      work->prepare(&job) ?:
		      plan_run(&job.plan, is_dry ? PLAN_DRY : work->mode,
			       job.fault);
	job_end(&job);
	return ret;
}

/* The device takes several sections of one peer for one; so do routes. */
static void merge_peers(struct job *job)
{
	warn_of_tunnel(job->setup->tunnel);
	change_merge_peers(job->setup->tunnel);
}

static int prepare_up(struct job *job)
{
	merge_peers(job);
	return quick_up(&job->plan, job->fault);
}

int cmd_up(struct verb_call *call)
{
	static const struct work up = { .prepare = prepare_up,
					.mode = PLAN_ALL_OR_NOTHING };

	return carry_out(call, &up);
}

static int prepare_down(struct job *job)
{
	return quick_down(&job->plan, job->fault);
}

int cmd_down(struct verb_call *call)
{
	static const struct work down = { .prepare = prepare_down,
					  .mode = PLAN_TO_THE_END,
					  .is_of_running = true,
					  .takes_parts = true };

	return carry_out(call, &down);
}

static bool is_file_as_read(const struct setup *setup)
{
	struct conf *conf = conf_load_partly(setup->path, fault_ignored());
	bool is = conf && conf->count == setup->conf->count;
	size_t i;

	for (i = 0; is && i < conf->count; i++)
		is = !strcmp(conf->lines[i].text, setup->conf->lines[i].text);
	conf_free(conf);
	return is;
}

/*
 * Others may have changed the file while names were looked up, or while they had
 * the tunnel: whom they took away must not come back.
 */
static int hold_file(struct job *job)
{
	job->file_lock = save_lock(job->setup->path, job->fault);
	if (job->file_lock < 0)
		return job->file_lock;
	return is_file_as_read(job->setup) ?
		       0 :
		       fault_set(job->fault, -EAGAIN,
				 "'%s' was changed meanwhile: reload it again",
				 job->setup->path);
}

static int prepare_reload(struct job *job)
{
	int ret = job->lock < 0 ? 0 : hold_file(job);

	if (ret)
		return ret;
	merge_peers(job);
	job->reload.now = nl_get(job->setup->name, job->fault);
	if (!job->reload.now)
		return job->fault->code;
	return quick_reload(&job->plan, &job->reload, job->fault);
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
	struct nl_link link;

	state_read(&job->plan.state, job->setup->name);
	plan_save(&job->plan);
	return nl_find_link(&link, job->setup->name, job->fault);
}

int cmd_save(struct verb_call *call)
{
	static const struct work save = { .prepare = prepare_save,
					  .mode = PLAN_ALL_OR_NOTHING,
					  .is_of_running = true };

	return carry_out(call, &save);
}

static void print_assignment(struct out *out, const struct conf_line *line)
{
	char *value = conf_value(line);

	out_begin(out, NULL);
	out_string(out, "key", NULL, conf_key_name(line->key));
	out_string(out, "value", NULL, value);
	out_end(out);
	wipe_text(value);
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
static void print_stripped(struct out *out, const struct conf *conf)
{
	bool is_first = true;
	size_t i;

	out_list(out, "sections");
	for (i = 0; i < conf->count; i++) {
		const struct conf_line *line = &conf->lines[i];

		if (line->kind == CONF_ASSIGNMENT && line->key >= CONF_ADDRESS)
			continue;
		out_line(out, "%s", line->text);
		if (line->kind == CONF_HEADER) {
			begin_section(out, line, is_first);
			is_first = false;
		}
		if (line->kind == CONF_ASSIGNMENT || line->key)
			print_assignment(out, line);
	}
}

int cmd_strip(struct verb_call *call)
{
	struct setup *setup = setup_load(call->argv[0], NULL, CONF_QUICK,
					 &call->fault);

	if (!setup)
		return call->fault.code;
	out_as_file(&call->out);
	out_begin(&call->out, NULL);
	out_string(&call->out, "tunnel", NULL, setup->name);
	out_string(&call->out, "file", NULL, setup->path);
	print_stripped(&call->out, setup->conf);
	setup_free(setup);
	return 0;
}
