// SPDX-License-Identifier: GPL-2.0
/* user add, del, list, show, clear: the users of a server's tunnel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "nl.h"
#include "user_job.h"
#include "qr.h"
#include "show.h"
#include "verb.h"
#include "words.h"

/* --- what is printed of a configuration --- */

static int draw(struct verb_call *call, const char *text, struct fault *fault)
{
	const char *png = verb_option(call, "--png");
	bool draws = verb_option(call, "--qr") &&
		     call->out.format == OUT_TEXT;
	struct qr qr;
	int ret = 0;

	if (!png && !draws)
		return 0;
	ret = qr_make(&qr, text, fault);
	if (!ret && draws)
		qr_draw(&qr, isatty(fileno(call->out.to)), call->out.to);
	if (!ret && png)
		ret = qr_write_png(&qr, png, fault);
	qr_free(&qr);
	return ret;
}

static void print_ips(struct out *out, const struct allowed_ips *ips)
{
	char text[IP_TEXT_MAX];
	size_t i;

	out_list(out, "addresses");
	for (i = 0; i < ips->count; i++)
		out_string(out, NULL, NULL, ip_text(&ips->items[i], text));
	out_end(out);
}

/* --- add --- */

static void say_added(struct verb_call *call, const struct user_job *job)
{
	const struct peer *peer = job->peer;
	char text[IP_TEXT_MAX], key[KEY_TEXT_MAX];
	struct out *out = &call->out;
	size_t i;

	out_string(out, "name", NULL, peer->name);
	out_string(out, "public_key", NULL, key_text(peer->public_key, key));
	print_ips(out, &peer->ips);
	out_string(out, "file", NULL, job->client_path);
	if (out->format != OUT_TEXT)
		return;
	fprintf(out->to, "%s has", peer->name);
	for (i = 0; i < peer->ips.count; i++)
		fprintf(out->to, "%s %s", i ? "," : "",
			ip_text(&peer->ips.items[i], text));
	out_line(out, "; 'wgctl user show %s --qr' shows the configuration",
		 peer->name);
}

int cmd_user_add(struct verb_call *call)
{
	struct user_job job;
	bool is_dry = verb_option(call, "--dry-run");
	int ret;

	if (call->argc != 1)
		return verb_usage(call);
	ret = user_job_begin(&job, verb_option(call, "--tunnel"), &call->out);
	if (!ret)
		ret = user_plan_add(&job, call);
	if (!ret)
		ret = plan_run(&job.plan, is_dry ? PLAN_DRY :
						   PLAN_ALL_OR_NOTHING,
			       &job.fault);
	if (!ret)
		say_added(call, &job);
	if (!ret)
		ret = draw(call, job.client_text, &job.fault);
	return user_job_end(&job, call, ret);
}

/* --- del, clear --- */

int cmd_user_del(struct verb_call *call)
{
	struct user_job job;
	bool is_dry = verb_option(call, "--dry-run");
	int ret;

	if (call->argc < 1)
		return verb_usage(call);
	ret = user_job_begin(&job, verb_option(call, "--tunnel"), &call->out);
	if (!ret)
		ret = user_plan_del(&job, call->argv, (size_t)call->argc);
	if (!ret)
		ret = plan_run(&job.plan, is_dry ? PLAN_DRY :
						   PLAN_ALL_OR_NOTHING,
			       &job.fault);
	return user_job_end(&job, call, ret);
}

/* The names of all users, as an argument list of `del`. */
static int list_names(const struct tunnel *tunnel, struct texts *names)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < tunnel->peer_count && !ret; i++)
		if (tunnel->peers[i]->name[0])
			ret = texts_add(names, tunnel->peers[i]->name);
	return ret;
}

int cmd_user_clear(struct verb_call *call)
{
	bool is_dry = verb_option(call, "--dry-run");
	struct texts names = { 0 };
	struct user_job job;
	int ret;

	if (call->argc)
		return verb_usage(call);
	ret = user_job_begin(&job, verb_option(call, "--tunnel"), &call->out);
	if (!ret && list_names(job.setup->tunnel, &names))
		ret = fault_set(&job.fault, -ENOMEM, "out of memory");
	if (!ret && !is_dry && names.count && !verb_option(call, "--yes"))
		ret = fault_set(&job.fault, -EPERM,
				"this takes away every user (%zu) of '%s': say --yes to do it",
				names.count, job.setup->name);
	if (!ret)
		ret = user_plan_del(&job, names.items, names.count);
	if (!ret)
		ret = plan_run(&job.plan, is_dry ? PLAN_DRY :
						   PLAN_ALL_OR_NOTHING,
			       &job.fault);
	texts_clear(&names);
	return user_job_end(&job, call, ret);
}

/* --- list --- */

static int name_width(const struct tunnel *tunnel)
{
	size_t i, widest = 4;

	for (i = 0; i < tunnel->peer_count; i++)
		if (strlen(tunnel->peers[i]->name) > widest)
			widest = strlen(tunnel->peers[i]->name);
	return (int)widest;
}

static void list_user(struct out *out, const struct peer *peer,
		      const struct peer *running, int width)
{
	char ips[3 * IP_TEXT_MAX] = "", one[IP_TEXT_MAX], ago[WORDS_MAX];
	char key[KEY_TEXT_MAX];
	int64_t now_s = time(NULL);
	const char *health = "";
	size_t i;

	for (i = 0; i < peer->ips.count && i < 3; i++)
		snprintf(ips + strlen(ips), sizeof(ips) - strlen(ips), "%s%s",
			 i ? ", " : "", ip_text(&peer->ips.items[i], one));
	if (running)
		health = show_health_word(show_health(running, now_s));
	out_begin(out, NULL);
	out_string(out, "name", NULL, peer->name);
	out_string(out, "public_key", NULL, key_text(peer->public_key, key));
	print_ips(out, &peer->ips);
	out_string(out, "health", NULL, running ? health : NULL);
	out_number(out, "latest_handshake", NULL,
		   running ? (uint64_t)running->handshake_s : 0, NULL);
	out_end(out);
	if (out->format != OUT_TEXT)
		return;
	fprintf(out->to, "%-*s  %-36s", width, peer->name, ips);
	if (running)
		fprintf(out->to, "  %-5s", health);
	if (running && running->handshake_s) {
		words_ago(running->handshake_s, now_s, ago);
		fputs("  ", out->to);
		for (i = 0; ago[i]; i++)
			if ((unsigned char)ago[i] >= ' ')
				fputc(ago[i], out->to);
	}
	fputc('\n', out->to);
}

int cmd_user_list(struct verb_call *call)
{
	struct user_job job;
	size_t i;
	int ret;

	if (call->argc)
		return verb_usage(call);
	ret = user_job_look(&job, verb_option(call, "--tunnel"), &call->out);
	if (!ret) {
		const struct tunnel *tunnel = job.setup->tunnel;
		int width = name_width(tunnel);

		out_begin(&call->out, NULL);
		out_string(&call->out, "tunnel", NULL, job.setup->name);
		out_list(&call->out, "users");
		for (i = 0; i < tunnel->peer_count; i++)
			if (tunnel->peers[i]->name[0])
				list_user(&call->out, tunnel->peers[i],
					  user_job_running(&job,
							   tunnel->peers[i]),
					  width);
	}
	return user_job_end(&job, call, ret);
}

/* --- show --- */

static void say_configuration(struct verb_call *call,
			      const struct user_job *job)
{
	struct out *out = &call->out;

	out_begin(out, NULL);
	out_string(out, "name", NULL, job->peer->name);
	out_string(out, "file", NULL, job->client_path);
	out_string(out, "configuration", NULL, job->client_text);
	if (out->format == OUT_TEXT && !verb_option(call, "--qr") &&
	    !verb_option(call, "--png"))
		fputs(job->client_text, out->to);
}

int cmd_user_show(struct verb_call *call)
{
	struct user_job job;
	int ret;

	if (call->argc != 1)
		return verb_usage(call);
	ret = user_job_look(&job, verb_option(call, "--tunnel"), &call->out);
	if (!ret)
		ret = user_load(&job, call->argv[0]);
	if (!ret) {
		say_configuration(call, &job);
		ret = draw(call, job.client_text, &job.fault);
	}
	return user_job_end(&job, call, ret);
}
