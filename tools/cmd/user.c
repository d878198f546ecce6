// SPDX-License-Identifier: GPL-2.0
/* user add, del, disable, enable, list, show, clear: the users of a server's tunnel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "lib/format.h"
#include "lib/xalloc.h"
#include "model/key.h"
#include "model/print.h"
#include "show/show.h"
#include "user/job.h"
#include "user/qr.h"

/* --- what is printed of a configuration --- */

static bool draws(const struct verb_call *call)
{
	return verb_option(call, "--qr") && call->out.format == OUT_TEXT;
}

/* What does not fit must be known before anything is done. */
static int make_code(struct user_job *job, struct verb_call *call)
{
	job->png = verb_option(call, "--png");
	if (!job->png && !draws(call))
		return 0;
	return qr_make(&job->qr, job->client_text, job->fault);
}

static void draw(struct verb_call *call, const struct user_job *job)
{
	if (draws(call))
		qr_draw(&job->qr, isatty(fileno(call->out.to)), call->out.to);
}

/* --- add --- */

static void print_added(struct verb_call *call, const struct user_job *job)
{
	const struct peer *peer = job->peer;
	struct out *out = &call->out;
	char *ips = ips_text(&peer->ips), until[UNTIL_TEXT_MAX];

	out_string(out, "name", NULL, peer->name);
	print_key(out, "public_key", NULL, peer->public_key);
	print_ips(out, "addresses", NULL, NULL, &peer->ips);
	out_number(out, "until", NULL, peer->until_s, NULL);
	if (until_text(peer->until_s, until))
		out_line(out, "%s expires at %s", peer->name, until);
	out_string(out, "file", NULL, job->client_path);
	out_line(out,
		 "%s has %s; 'wgctl user show %s --qr' shows the configuration",
		 peer->name, ips, peer->name);
	out_bool(out, "is_up", NULL, job->now);
	if (!job->now)
		out_line(out, "%s is not up yet: 'wgctl up %s'",
			 job->setup->name, job->setup->name);
	free(ips);
}

static int begin(struct user_job *job, struct verb_call *call, bool changes)
{
	*job = (struct user_job){ .fault = &call->fault };
	return user_job_begin(job, verb_option(call, "--tunnel"), &call->out,
			      changes);
}

static int carry_out(struct user_job *job, const struct verb_call *call)
{
	return plan_run(&job->plan,
			verb_option(call, "--dry-run") ? PLAN_DRY :
							 PLAN_ALL_OR_NOTHING,
			job->fault);
}

int cmd_user_add(struct verb_call *call)
{
	const struct user_request request = {
		.name = call->argv[0],
		.address = verb_option(call, "--address"),
		.endpoint = verb_option(call, "--endpoint"),
		.allowed_ips = verb_option(call, "--allowed-ips"),
		.dns = verb_option(call, "--dns"),
		.keepalive = verb_option(call, "--keepalive"),
		.mtu = verb_option(call, "--mtu"),
		.until = verb_option(call, "--until"),
		.is_full = verb_option(call, "--full"),
	};
	struct user_job job;
	int ret = begin(&job, call, true) ?:
		  user_plan_add(&job, &request) ?:
		  make_code(&job, call);

	if (!ret)
		user_plan_picture(&job);
	if (!ret)
		ret = carry_out(&job, call);
	if (!ret) {
		print_added(call, &job);
		draw(call, &job);
	}
	user_job_end(&job);
	return ret;
}

/* --- del, disable, enable, clear --- */

int cmd_user_del(struct verb_call *call)
{
	struct user_job job;
	int ret = begin(&job, call, true) ?:
		  user_plan_del(&job, call->argv, (size_t)call->argc) ?:
		  carry_out(&job, call);

	user_job_end(&job);
	return ret;
}

static int switch_users(struct verb_call *call, bool is_disabled,
			const char *until)
{
	struct user_job job;
	int ret = begin(&job, call, true) ?:
		  user_plan_switch(&job, call->argv, (size_t)call->argc,
				   is_disabled, until) ?:
		  carry_out(&job, call);

	user_job_end(&job);
	return ret;
}

int cmd_user_disable(struct verb_call *call)
{
	return switch_users(call, true, NULL);
}

int cmd_user_enable(struct verb_call *call)
{
	return switch_users(call, false, verb_option(call, "--until"));
}

/* All users, as an argument list of `del`; two may have the same name. */
static void list_keys(const struct tunnel *tunnel, struct strv *keys)
{
	char text[KEY_TEXT_MAX];
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++)
		if (tunnel->peers[i]->name[0])
			strv_add(keys, key_text(tunnel->peers[i]->public_key,
						text));
}

static int ask(const struct verb_call *call, const struct user_job *job,
	       size_t count)
{
	if (!count || verb_option(call, "--dry-run") ||
	    verb_option(call, "--yes"))
		return 0;
	return fault_set(job->fault, -EPERM,
			 "this would remove %zu user%s from '%s': confirm with --yes",
			 count, count == 1 ? "" : "s", job->setup->name);
}

int cmd_user_clear(struct verb_call *call)
{
	struct strv keys = { 0 };
	struct user_job job;
	int ret = begin(&job, call, true);

	if (!ret) {
		list_keys(job.setup->tunnel, &keys);
		ret = ask(call, &job, keys.count) ?:
		      user_plan_del(&job, keys.items, keys.count) ?:
		      carry_out(&job, call);
	}
	strv_clear(&keys);
	user_job_end(&job);
	return ret;
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

#define ADDRESSES_WIDTH 36 /* of the column: IPv4 and a short IPv6 fit */

/* The health, the latest handshake and the end: what there is of them. */
static void list_in_text(struct out *out, const struct peer *peer,
			 const char *who, int width, const char *health)
{
	char ago[FORMAT_MAX], text[UNTIL_TEXT_MAX];
	const char *until = until_text(peer->until_s, text);
	int64_t then_s = peer->stats->handshake_s;

	if (!health && !until) {
		out_line(out, "%s", who);
		return;
	}
	out_line(out, "%-*s  %-5s%s%s%s%s", width, who, health ?: "",
		 then_s ? "  " : "",
		 then_s ? format_ago(then_s, time(NULL), ago) : "",
		 until ? "  until " : "", until ?: "");
}

static void list_user(struct out *out, const struct peer *peer,
		      const struct peer *running, int width)
{
	const struct peer *now = running ?: peer;
	enum health health = show_health(now, time(NULL));
	const char *word = show_health_word(health);
	char *ips = ips_text(&peer->ips);
	char *who = xasprintf("%-*s  %s", width, peer->name, ips);

	list_in_text(out, now, who, width + 2 + ADDRESSES_WIDTH,
		     running || health == HEALTH_OFF ? word : NULL);
	out_begin(out, NULL);
	out_string(out, "name", NULL, peer->name);
	print_key(out, "public_key", NULL, peer->public_key);
	print_ips(out, "addresses", NULL, NULL, &peer->ips);
	out_string(out, "health", NULL, running ? word : NULL);
	out_number(out, "latest_handshake", NULL,
		   (uint64_t)now->stats->handshake_s, NULL);
	out_bool(out, "disabled", NULL, now->is_disabled);
	out_number(out, "until", NULL, now->until_s, NULL);
	out_end(out);
	free(who);
	free(ips);
}

static void list_users(struct out *out, const struct user_job *job)
{
	const struct tunnel *tunnel = job->setup->tunnel;
	int width = name_width(tunnel);
	size_t i;

	out_begin(out, NULL);
	out_string(out, "tunnel", NULL, job->setup->name);
	out_list(out, "users");
	for (i = 0; i < tunnel->peer_count; i++) {
		const struct peer *peer = tunnel->peers[i];

		if (peer->name[0])
			list_user(out, peer, user_job_running(job, peer),
				  width);
	}
}

int cmd_user_list(struct verb_call *call)
{
	struct user_job job;
	int ret = begin(&job, call, false);

	if (!ret)
		list_users(&call->out, &job);
	user_job_end(&job);
	return ret;
}

/* --- show --- */

static void print_configuration(struct verb_call *call,
				const struct user_job *job)
{
	struct out *out = &call->out;

	out_begin(out, NULL);
	out_string(out, "name", NULL, job->peer->name);
	out_string(out, "file", NULL, job->client_path);
	if (verb_option(call, "--qr") || verb_option(call, "--png"))
		out_string(out, "configuration", NULL, job->client_text);
	else
		out_block(out, "configuration", job->client_text);
}

int cmd_user_show(struct verb_call *call)
{
	struct user_job job;
	int ret = begin(&job, call, false) ?:
		  user_load(&job, call->argv[0]) ?:
		  make_code(&job, call);

	if (!ret && job.png)
		ret = qr_write_png(&job.qr, job.png, job.fault);
	if (!ret) {
		print_configuration(call, &job);
		draw(call, &job);
	}
	user_job_end(&job);
	return ret;
}
