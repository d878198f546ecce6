// SPDX-License-Identifier: GPL-2.0
#include "user/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/section.h"
#include "model/change.h"
#include "model/value.h"
#include "netlink/nl.h"
#include "quick/ops.h"
#include "quick/save.h"

static int no_memory(struct user_job *job)
{
	return fault_set(&job->fault, -ENOMEM, "out of memory");
}

/* The tunnel that is meant when none is named. */
static int choose_tunnel(struct user_job *job, char **word)
{
	struct strv names = { 0 };
	int ret = 0;

	if (setup_list(&names))
		ret = no_memory(job);
	else if (!names.count)
		ret = fault_set(&job->fault, -ENOENT,
				"there is no tunnel yet: 'wgctl new wg0' creates one");
	else if (names.count > 1)
		ret = fault_set(&job->fault, -EINVAL,
				"there are %zu tunnels: choose one with --tunnel=NAME",
				names.count);
	else
		*word = strdup(names.items[0]);
	strv_clear(&names);
	return ret;
}

static int find_tunnel(struct user_job *job, const char *tunnel, char **word)
{
	int ret = 0;

	*word = tunnel ? strdup(tunnel) : NULL;
	if (!tunnel)
		ret = choose_tunnel(job, word);
	if (!ret && !*word)
		ret = no_memory(job);
	return ret;
}

static int load(struct user_job *job, const char *word)
{
	struct fault none;

	job->setup = setup_load(word, NULL, CONF_KEEP_UNKNOWN, &job->fault,
				&job->path);
	if (!job->setup)
		return job->fault.code;
	/* it need not be up, and need not be ours to look at */
	job->now = nl_get(job->setup->name, &none);
	return 0;
}

static int begin(struct user_job *job, const char *tunnel, struct out *out,
		 bool changes)
{
	char name[IFNAMSIZ], *word, *path;
	int ret;

	memset(job, 0, sizeof(*job));
	job->lock = -1;
	ret = find_tunnel(job, tunnel, &word);
	if (ret)
		return ret;
	/* the file is read once nobody else can be changing it */
	path = changes ? setup_find(word, name, &job->fault) : NULL;
	if (changes && path)
		job->lock = save_lock(path, &job->fault);
	if (changes && job->lock < 0)
		ret = job->fault.code;
	free(path);
	if (!ret)
		ret = load(job, word);
	if (!ret)
		ret = plan_begin(&job->plan, job->setup, out, &job->fault);
	free(word);
	return ret;
}

int user_job_look(struct user_job *job, const char *tunnel, struct out *out)
{
	return begin(job, tunnel, out, false);
}

int user_job_begin(struct user_job *job, const char *tunnel, struct out *out)
{
	return begin(job, tunnel, out, true);
}

void user_job_end(struct user_job *job)
{
	if (job->plan.setup)
		plan_end(&job->plan);
	if (job->lock >= 0)
		close(job->lock);
	tunnel_free(job->now);
	tunnel_free(job->change);
	tunnel_free(job->back);
	conf_free(job->edited);
	setup_free(job->setup);
	if (job->client_text)
		wipe(job->client_text, strlen(job->client_text));
	free(job->client_text);
	free(job->client_path);
	free(job->path);
	qr_free(&job->qr);
	strv_clear(&job->removed);
	strv_clear(&job->settings);
}

const struct peer *user_job_running(const struct user_job *job,
				    const struct peer *peer)
{
	return job->now ? tunnel_find_peer(job->now, peer->public_key) : NULL;
}

/* "/etc/wireguard/wg0.users/phone.conf" */
static char *client_path(const struct user_job *job, const char *name)
{
	size_t len = strlen(job->setup->path) - strlen(".conf");
	char *path;

	if (asprintf(&path, "%.*s.users/%s.conf", (int)len, job->setup->path,
		     name) < 0)
		return NULL;
	return path;
}

static int find_user(struct user_job *job, const char *word,
		     struct peer **peer)
{
	uint8_t key[WG_KEY_LEN];
	int ret;

	ret = change_resolve_peer(key, word, job->setup->tunnel, &job->fault);
	if (ret)
		return fault_set(&job->fault, ret,
				 ret == -ENOENT ?
					 "'%s' has no user '%s': 'wgctl user list' lists them" :
					 "'%s' has more than one peer '%s': use a public key",
				 job->setup->name, SHOWN(word));
	*peer = tunnel_find_peer(job->setup->tunnel, key);
	return *peer ? 0 :
		       fault_set(&job->fault, -ENOENT,
				 "'%s' has no user '%s': 'wgctl user list' lists them",
				 job->setup->name, SHOWN(word));
}

static char *read_file(const char *path, struct fault *fault)
{
	struct conf *conf = conf_load(path, fault);
	char *text = NULL;
	size_t len = 0;
	FILE *to;

	if (!conf)
		return NULL;
	to = open_memstream(&text, &len);
	if (to) {
		conf_print(conf, to);
		fclose(to);
	}
	conf_free(conf);
	return text;
}

int user_load(struct user_job *job, const char *name)
{
	int ret = find_user(job, name, &job->peer);

	if (ret)
		return ret;
	job->client_path = client_path(job, job->peer->name);
	if (!job->client_path)
		return no_memory(job);
	if (access(job->client_path, F_OK))
		return fault_set(&job->fault, -ENOENT,
				 "the configuration of '%s' is not kept here: there is no '%s'",
				 name, job->client_path);
	job->client_text = read_file(job->client_path, &job->fault);
	if (job->client_text)
		return 0;
	return job->fault.code ? job->fault.code : no_memory(job);
}

/* --- taking users away --- */

static int remove_user(struct user_job *job, const char *name)
{
	struct peer *peer, *gone;
	char *path;
	int ret = find_user(job, name, &peer);

	if (ret)
		return ret;
	conf_remove_peer(job->edited, peer->public_key);
	gone = tunnel_add_peer(job->change, peer->public_key);
	if (!gone)
		return no_memory(job);
	gone->flags = WG_PEER_F_REMOVE_ME;
	path = client_path(job, peer->name);
	ret = path ? strv_add(&job->removed, path) : -ENOMEM;
	free(path);
	return ret ? no_memory(job) : 0;
}

static int copy_file(struct user_job *job)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return no_memory(job);
	conf_print(job->setup->conf, to);
	if (!fclose(to))
		job->edited = conf_parse(text, len, job->setup->path,
					 &job->fault);
	wipe(text, len);
	free(text);
	return job->edited ? 0 : no_memory(job);
}

static void plan_device(struct user_job *job, const char *words)
{
	const struct plan_step step = {
		.op = &op_device,
		.change = job->change,
		.back = job->back,
	};

	if (job->now)
		plan_add(&job->plan, &step, "%s %s (up)", words,
			 job->setup->name);
}

static int prepare(struct user_job *job)
{
	int ret = copy_file(job);

	if (ret)
		return ret;
	job->change = tunnel_new(job->setup->name);
	job->back = tunnel_new(job->setup->name);
	return job->change && job->back ? 0 : no_memory(job);
}

int user_plan_del(struct user_job *job, char *const *names, size_t count)
{
	const struct plan_step server = { .op = &user_op_replace_server,
					  .context = job };
	const struct plan_step clients = { .op = &user_op_delete_clients,
					   .context = job };
	const char *plural = count == 1 ? "" : "s";
	int ret = prepare(job);
	size_t i;

	for (i = 0; i < count && !ret; i++)
		ret = remove_user(job, names[i]);
	if (ret || !count)
		return ret;
	plan_add(&job->plan, &server, "remove %zu user%s from %s", count,
		 plural, job->setup->path);
	/* a user who is taken away from the device cannot be put back whole */
	tunnel_free(job->back);
	job->back = NULL;
	plan_device(job, "remove them from");
	plan_add(&job->plan, &clients, "delete the file%s of the user%s",
		 plural, plural);
	return 0;
}

/* --- a new user --- */

static int add_given(struct user_job *job, const char *list)
{
	struct strv items = { 0 };
	struct allowed_ip ip;
	bool has_sign;
	size_t i;
	int ret = strv_split(&items, list) ? no_memory(job) : 0;

	for (i = 0; i < items.count && !ret; i++) {
		ret = value_ip(&ip, &has_sign, items.items[i], &job->fault);
		if (!ret)
			ret = user_check_address(job->setup, &ip, &job->fault);
		if (!ret && ips_add(&job->peer->ips, &ip))
			ret = no_memory(job);
	}
	if (!ret && !items.count)
		ret = fault_set(&job->fault, -EINVAL, "no address is given");
	strv_clear(&items);
	return ret ? fault_prefix(&job->fault, "--address") : 0;
}

static int add_free(struct user_job *job)
{
	static const uint16_t families[] = { AF_INET, AF_INET6 };
	struct allowed_ip ip;
	size_t i;
	int ret;

	for (i = 0; i < 2; i++) {
		ret = user_free_address(job->setup, families[i], &ip,
					&job->fault);
		if (ret == -ENOENT)
			continue;
		if (!ret && ips_add(&job->peer->ips, &ip))
			ret = no_memory(job);
		if (ret)
			return ret;
	}
	if (job->peer->ips.count)
		return 0;
	return fault_set(&job->fault, -ENOENT,
			 "'%s' has no network for users: its file needs a line such as Address = 10.8.0.1/24",
			 job->setup->name);
}

static int make_peer(struct user_job *job, const struct user_request *request)
{
	struct user_client *client = &job->client;

	job->peer = tunnel_add_peer(job->change, NULL);
	if (!job->peer)
		return no_memory(job);
	key_make_private(client->private_key);
	key_public(job->peer->public_key, client->private_key);
	key_make_psk(job->peer->psk);
	snprintf(job->peer->name, sizeof(job->peer->name), "%s", request->name);
	job->peer->has = PEER_HAS_PSK | PEER_HAS_NAME;
	job->peer->flags = WG_PEER_F_REPLACE_ALLOWEDIPS;
	return request->address ? add_given(job, request->address) :
				  add_free(job);
}

static int make_back(struct user_job *job)
{
	struct peer *gone = tunnel_add_peer(job->back, job->peer->public_key);

	if (!gone)
		return no_memory(job);
	gone->flags = WG_PEER_F_REMOVE_ME;
	return 0;
}

/* An endpoint that was given once is remembered for the next users. */
static int remember_endpoint(struct user_job *job, const char *given)
{
	struct conf_range range;
	char *line, *known;
	int ret;

	known = user_setting(job->edited, USER_ENDPOINT);
	free(known);
	if (!given || known || !conf_interface(job->edited, &range))
		return 0;
	if (asprintf(&line, "# %s = %s", user_setting_name(USER_ENDPOINT),
		     job->client.endpoint) < 0)
		return no_memory(job);
	ret = conf_insert(job->edited, range.first + 1, line, &job->fault);
	free(line);
	return ret;
}

static int refuse_taken(struct user_job *job, const char *name)
{
	int ret = user_check_name(name, &job->fault);

	if (ret)
		return ret;
	if (tunnel_find_name(job->setup->tunnel, name, NULL))
		return fault_set(&job->fault, -EEXIST,
				 "'%s' has a user '%s' already",
				 job->setup->name, name);
	if (key_is_zero(job->setup->tunnel->private_key))
		return fault_set(&job->fault, -EINVAL,
				 "'%s' has no PrivateKey in its file",
				 job->setup->name);
	return 0;
}

static void plan_add_steps(struct user_job *job)
{
	const struct plan_step client = { .op = &user_op_write_client,
					  .context = job };
	const struct plan_step server = { .op = &user_op_replace_server,
					  .context = job };

	plan_add(&job->plan, &client, "write %s", job->client_path);
	plan_add(&job->plan, &server, "add '%s' to %s", job->peer->name,
		 job->setup->path);
	plan_device(job, "add the user to");
}

void user_plan_picture(struct user_job *job)
{
	const struct plan_step picture = { .op = &user_op_write_picture,
					   .context = job };

	if (job->png)
		plan_add(&job->plan, &picture, "write %s", job->png);
}

int user_plan_add(struct user_job *job, const struct user_request *request)
{
	int ret = refuse_taken(job, request->name);

	if (!ret)
		ret = prepare(job);
	if (!ret)
		ret = make_peer(job, request);
	if (!ret)
		ret = user_settings(job, request);
	if (!ret)
		ret = make_back(job);
	if (!ret)
		ret = remember_endpoint(job, request->endpoint);
	if (!ret)
		ret = conf_append_peer(job->edited, job->peer, &job->fault);
	if (!ret)
		job->client_path = client_path(job, request->name);
	if (!ret && !job->client_path)
		ret = no_memory(job);
	if (!ret)
		plan_add_steps(job);
	wipe(job->client.private_key, WG_KEY_LEN);
	return ret;
}
