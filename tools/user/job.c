// SPDX-License-Identifier: GPL-2.0
#include "user/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/section.h"
#include "lib/secret.h"
#include "lib/xalloc.h"
#include "model/change.h"
#include "model/key.h"
#include "model/value.h"
#include "model/warn.h"
#include "netlink/nl.h"
#include "quick/ops.h"
#include "quick/save.h"

/* The tunnel that is meant when none is named. */
static char *choose_tunnel(struct user_job *job)
{
	struct strv names = { 0 };
	char *word = NULL;
	int ret = setup_list(&names, job->fault);

	if (!names.count && !ret)
		fault_set(job->fault, -ENOENT,
			  "there is no tunnel yet: 'wgctl new wg0' creates one");
	else if (names.count > 1)
		fault_set(job->fault, -EINVAL,
			  "there are %zu tunnels: choose one with --tunnel=NAME",
			  names.count);
	else if (names.count)
		word = xstrdup(names.items[0]);
	strv_clear(&names);
	return word;
}

static int lock(struct user_job *job, const char *word)
{
	char name[IFNAMSIZ];
	char *path = setup_find(word, name, job->fault);

	if (path)
		job->lock = save_lock(path, job->fault);
	free(path);
	return job->lock < 0 ? job->fault->code : 0;
}

/* A peer may have several sections, each with a name, and with a user's file. */
static struct tunnel *list_sections(const struct tunnel *tunnel)
{
	struct tunnel *sections = tunnel_new(NULL);
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++)
		peer_set_name(tunnel_add_peer(sections,
					      tunnel->peers[i]->public_key),
			      tunnel->peers[i]->name);
	return sections;
}

static int load(struct user_job *job, const char *word)
{
	struct fault none;

	job->setup = setup_load(word, NULL, CONF_KEEP_UNKNOWN, job->fault);
	if (!job->setup)
		return job->fault->code;
	job->sections = list_sections(job->setup->tunnel);
	/* it need not be up, and need not be ours to look at */
	job->now = nl_get(job->setup->name, &none);
	return 0;
}

int user_job_begin(struct user_job *job, const char *tunnel, struct out *out,
		   bool changes)
{
	char *word = tunnel ? xstrdup(tunnel) : choose_tunnel(job);
	int ret = word ? 0 : job->fault->code;

	job->lock = -1;
	/* the file is read once nobody else can be changing it */
	if (!ret && changes)
		ret = lock(job, word);
	if (!ret)
		ret = load(job, word);
	if (!ret && changes)
		warn_of_tunnel(job->setup->tunnel);
	if (!ret)
		change_merge_peers(job->setup->tunnel);
	if (!ret)
		ret = plan_begin(&job->plan, job->setup, out, job->fault);
	free(word);
	return ret;
}

void user_job_end(struct user_job *job)
{
	if (job->plan.setup)
		plan_end(&job->plan);
	if (job->lock >= 0)
		close(job->lock);
	tunnel_free(job->sections);
	tunnel_free(job->now);
	tunnel_free(job->change);
	tunnel_free(job->back);
	conf_free(job->edited);
	setup_free(job->setup);
	wipe_text(job->client_text);
	free(job->client_path);
	qr_free(&job->qr);
	strv_clear(&job->removed);
	strv_clear(&job->settings);
}

const struct peer *user_job_running(const struct user_job *job,
				    const struct peer *peer)
{
	return job->now ? tunnel_find_peer(job->now, peer->public_key) : NULL;
}

/*
 * "/etc/wireguard/wg0.users/phone.conf"; NULL for a name that somebody else
 * gave to a peer, and that could lead elsewhere.
 */
static char *client_path(const struct user_job *job, const char *name)
{
	const char *path = job->setup->path;
	size_t len = strlen(path), tail = strlen(".conf");
	struct fault ignored;

	if (user_check_name(name, &ignored))
		return NULL;
	if (len > tail && !strcmp(path + len - tail, ".conf"))
		len -= tail;
	return xasprintf("%.*s.users/%s.conf", (int)len, path, name);
}

/* The section with a name; -EINVAL: it is the name of several peers. */
static int find_name(const struct tunnel *sections, const char *name,
		     struct peer **section)
{
	size_t i, count;

	*section = tunnel_find_name(sections, name, &count);
	for (i = 0; count > 1 && i < sections->peer_count; i++)
		if (!strcmp(sections->peers[i]->name, name) &&
		    !key_equal(sections->peers[i]->public_key,
			       (*section)->public_key))
			return -EINVAL;
	return *section ? 0 : -ENOENT;
}

/* A user by its key, or by the name that one of its sections gives it. */
static int find_user(struct user_job *job, const char *word,
		     struct peer **user)
{
	uint8_t key[WG_KEY_LEN];
	int ret;

	if (key_parse(key, word, strlen(word))) {
		*user = tunnel_find_peer(job->setup->tunnel, key);
		ret = *user ? 0 : -ENOENT;
	} else {
		ret = find_name(job->sections, word, user);
	}
	if (!ret)
		return 0;
	return fault_set(job->fault, ret,
			 ret == -EINVAL ?
				 "'%s' has more than one peer '%s': use a public key" :
				 "'%s' has no user '%s': 'wgctl user list' lists them",
			 job->setup->name, SHOWN(word));
}

/* To look for one more than there are is to read all keys of the file. */
static size_t count_sections(const struct user_job *job, const struct peer *user)
{
	const struct tunnel *sections = job->sections;
	size_t i, count = 0;

	if (sections->peer_count == job->setup->tunnel->peer_count)
		return 1;
	for (i = 0; i < sections->peer_count; i++)
		count += !memcmp(sections->peers[i]->public_key,
				 user->public_key, WG_KEY_LEN);
	return count;
}

static char *printed(const struct conf *conf)
{
	char *text;
	size_t len;
	FILE *to = xopen(&text, &len);

	conf_print(conf, to);
	xclose(to);
	return text;
}

int user_load(struct user_job *job, const char *name)
{
	struct conf *conf;
	int ret = find_user(job, name, &job->peer);

	if (ret)
		return ret;
	job->client_path = client_path(job, job->peer->name);
	if (!job->client_path)
		return fault_set(job->fault, -ENOENT,
				 "the configuration of '%s' is not kept here",
				 SHOWN(name));
	if (access(job->client_path, F_OK))
		return fault_set(job->fault, -ENOENT,
				 "the configuration of '%s' is not kept here: there is no '%s'",
				 SHOWN(name), job->client_path);
	conf = conf_load(job->client_path, job->fault);
	if (!conf)
		return job->fault->code;
	job->client_text = printed(conf);
	conf_free(conf);
	return 0;
}

/* --- taking users away --- */

static int remove_user(struct user_job *job, const char *name)
{
	struct peer *peer;
	size_t left;
	int ret = find_user(job, name, &peer);

	if (ret)
		return ret;
	for (left = count_sections(job, peer); left; left--)
		conf_remove_peer(job->edited, peer->public_key);
	tunnel_add_peer(job->change, peer->public_key)->flags =
		WG_PEER_F_REMOVE_ME;
	return 0;
}

static bool is_removed(const struct user_job *job, const struct peer *peer)
{
	return tunnel_find_peer(job->change, peer->public_key);
}

/* Does a peer stay that has this name as well? Then the file may be its own. */
static bool is_kept(const struct user_job *job, const char *name)
{
	const struct tunnel *sections = job->sections;
	size_t i = 0;

	while (i < sections->peer_count &&
	       (strcmp(sections->peers[i]->name, name) ||
		is_removed(job, sections->peers[i])))
		i++;
	return i < sections->peer_count;
}

static void list_files(struct user_job *job)
{
	const struct tunnel *sections = job->sections;
	size_t i;

	for (i = 0; i < sections->peer_count; i++) {
		const struct peer *peer = sections->peers[i];
		char *path = client_path(job, peer->name);

		if (path && is_removed(job, peer) && !is_kept(job, peer->name))
			strv_add_new(&job->removed, path, strlen(path));
		free(path);
	}
}

static void plan_device(struct user_job *job, const char *what)
{
	const union plan_arg arg = { .change = { job->change, job->back } };

	if (job->now)
		plan_add(&job->plan, &op_device, &arg, "%s %s (up)", what,
			 job->setup->name);
}

static int prepare(struct user_job *job)
{
	char *text = printed(job->setup->conf);

	job->edited = conf_parse(text, strlen(text), job->setup->path,
				 job->fault);
	wipe_text(text);
	job->change = tunnel_new(job->setup->name);
	job->back = tunnel_new(job->setup->name);
	return job->edited ? 0 : job->fault->code;
}

int user_plan_del(struct user_job *job, char *const *names, size_t count)
{
	const union plan_arg arg = { .job = job };
	const char *plural = count == 1 ? "" : "s";
	int ret = prepare(job);
	size_t i;

	for (i = 0; i < count && !ret; i++)
		ret = remove_user(job, names[i]);
	if (ret || !count)
		return ret;
	list_files(job);
	plan_add(&job->plan, &user_op_replace_server, &arg,
		 "remove %zu user%s from %s", count, plural, job->setup->path);
	/* a user who is taken away from the device cannot be put back whole */
	tunnel_free(job->back);
	job->back = NULL;
	plan_device(job, "remove them from");
	plan_add(&job->plan, &user_op_delete_clients, &arg,
		 "delete the file%s of the user%s", plural, plural);
	return 0;
}

/* --- switching users off and on --- */

/* A time that is asked for, and to come. */
static int read_until(struct user_job *job, uint64_t *until_s,
		      const char *text)
{
	int ret = value_until(until_s, text, job->fault);

	if (!ret && *until_s && *until_s <= (uint64_t)time(NULL))
		ret = fault_set(job->fault, -EINVAL, "'%s' is in the past",
				SHOWN(text));
	return ret ? fault_prefix(job->fault, "--until") : 0;
}

/*
 * A user as it was, or as it is to be, for the device, which may have another
 * end than the file.
 */
static struct peer *add_switches(struct tunnel *change, const struct peer *from,
				 bool has_until)
{
	struct peer *peer = tunnel_add_peer(change, from->public_key);

	peer->flags = WG_PEER_F_UPDATE_ONLY;
	peer->has = PEER_HAS_DISABLED | (has_until ? PEER_HAS_UNTIL : 0);
	peer->is_disabled = from->is_disabled;
	peer->until_s = from->until_s;
	return peer;
}

static int refuse_ended(struct user_job *job, const struct peer *peer,
			const char *name)
{
	char text[UNTIL_TEXT_MAX];

	if (!peer->until_s || peer->until_s > (uint64_t)time(NULL))
		return 0;
	return fault_set(job->fault, -EINVAL,
			 "the time of '%s' is over since %s: use --until",
			 SHOWN(name), until_text(peer->until_s, text));
}

/* In the file a user may have several sections, of which each counts. */
static int edit_switches(struct user_job *job, const struct peer *peer)
{
	const char *disabled = peer->is_disabled ? "true" : NULL;
	size_t left = count_sections(job, peer);
	struct conf_range range = { 0 };
	char text[UNTIL_TEXT_MAX];
	int ret = 0;

	while (!ret && left-- &&
	       conf_find_peer(job->edited, peer->public_key, &range)) {
		ret = conf_put(&range, CONF_DISABLED, disabled, job->fault);
		if (!ret && peer->has & PEER_HAS_UNTIL)
			ret = conf_put(&range, CONF_UNTIL,
				       until_text(peer->until_s, text),
				       job->fault);
	}
	return ret;
}

static int switch_user(struct user_job *job, const char *name,
		       bool is_disabled, const char *until)
{
	const struct peer *running;
	struct peer *user, *peer;
	int ret = find_user(job, name, &user);

	if (ret)
		return ret;
	user = tunnel_find_peer(job->setup->tunnel, user->public_key);
	running = user_job_running(job, user) ?: user;
	add_switches(job->back, running, until);
	peer = add_switches(job->change, user, until);
	peer->is_disabled = is_disabled;
	if (until)
		ret = read_until(job, &peer->until_s, until);
	else if (!is_disabled)
		ret = refuse_ended(job, running, name) ?:
		      refuse_ended(job, user, name);
	return ret ?: edit_switches(job, peer);
}

int user_plan_switch(struct user_job *job, char *const *names, size_t count,
		     bool is_disabled, const char *until)
{
	const union plan_arg arg = { .job = job };
	int ret = prepare(job);
	size_t i;

	for (i = 0; i < count && !ret; i++)
		ret = switch_user(job, names[i], is_disabled, until);
	if (ret)
		return ret;
	plan_add(&job->plan, &user_op_replace_server, &arg,
		 "%s %zu user%s in %s", is_disabled ? "disable" : "enable",
		 count, count == 1 ? "" : "s", job->setup->path);
	plan_device(job, is_disabled ? "disable them on" : "enable them on");
	return 0;
}

/* --- a new user --- */

static int add_given(struct user_job *job, const char *list)
{
	struct allowed_ips given = { 0 }, *ips = &job->peer->ips;
	int ret = value_addresses(&given, list, job->fault);
	size_t i;

	for (i = 0; i < given.count && !ret; i++) {
		ret = user_check_address(job->setup, &given.items[i],
					 job->fault);
		if (!ret && !ips_have(ips, &given.items[i]))
			ips_add(ips, &given.items[i]);
	}
	if (!ret && !given.count)
		ret = fault_set(job->fault, -EINVAL, "no address is given");
	free(given.items);
	return ret ? fault_prefix(job->fault, "--address") : 0;
}

static int add_free(struct user_job *job)
{
	struct allowed_ip ip;
	size_t i;
	int ret;

	for (i = 0; i < IP_FAMILIES; i++) {
		ret = user_free_address(job->setup, ip_families[i], &ip,
					job->fault);
		if (!ret)
			ips_add(&job->peer->ips, &ip);
		else if (ret != -ENOENT)
			return ret;
	}
	if (job->peer->ips.count)
		return 0;
	return fault_set(job->fault, -ENOENT,
			 "'%s' has no network for users: its file needs a line such as Address = 10.8.0.1/24",
			 job->setup->name);
}

static int make_peer(struct user_job *job, const struct user_request *request)
{
	struct user_client *client = &job->client;

	job->peer = tunnel_add_peer(job->change, NULL);
	key_make_private(client->private_key);
	key_public(job->peer->public_key, client->private_key);
	key_make_psk(peer_psk(job->peer));
	peer_set_name(job->peer, request->name);
	job->peer->has = PEER_HAS_PSK | PEER_HAS_NAME | PEER_HAS_UNTIL;
	job->peer->flags = WG_PEER_F_REPLACE_ALLOWEDIPS;
	if (request->until &&
	    read_until(job, &job->peer->until_s, request->until))
		return job->fault->code;
	return request->address ? add_given(job, request->address) :
				  add_free(job);
}

/* An endpoint that was given once is remembered for the next users. */
static int remember_endpoint(struct user_job *job, const char *given)
{
	struct conf_range range;
	char *line, *known;
	int ret;

	known = conf_setting(job->edited, USER_ENDPOINT, NULL);
	free(known);
	if (!given || known || !conf_interface(job->edited, &range))
		return 0;
	line = xasprintf("# " USER_ENDPOINT " = %s", job->client.endpoint);
	ret = conf_insert(job->edited, range.first + 1, line, job->fault);
	free(line);
	return ret;
}

static int refuse_taken(struct user_job *job, const char *name)
{
	int ret = user_check_name(name, job->fault);

	if (ret)
		return ret;
	if (tunnel_find_name(job->sections, name, NULL))
		return fault_set(job->fault, -EEXIST,
				 "'%s' has a user '%s' already",
				 job->setup->name, name);
	if (key_is_zero(job->setup->tunnel->private_key))
		return fault_set(job->fault, -EINVAL,
				 "'%s' has no PrivateKey in its file",
				 job->setup->name);
	return 0;
}

static void plan_new(struct user_job *job)
{
	const union plan_arg arg = { .job = job };

	tunnel_add_peer(job->back, job->peer->public_key)->flags =
		WG_PEER_F_REMOVE_ME;
	plan_add(&job->plan, &user_op_write_client, &arg, "write %s",
		 job->client_path);
	plan_add(&job->plan, &user_op_replace_server, &arg, "add '%s' to %s",
		 job->peer->name, job->setup->path);
	plan_device(job, "add the user to");
}

void user_plan_picture(struct user_job *job)
{
	const union plan_arg arg = { .job = job };

	if (job->png)
		plan_add(&job->plan, &user_op_write_picture, &arg, "write %s",
			 job->png);
}

int user_plan_add(struct user_job *job, const struct user_request *request)
{
	int ret = refuse_taken(job, request->name) ?:
		  prepare(job) ?:
		  make_peer(job, request) ?:
		  user_settings(job, request) ?:
		  remember_endpoint(job, request->endpoint) ?:
		  conf_append_peer(job->edited, job->peer, job->fault);

	if (!ret) {
		job->client_path = client_path(job, request->name);
		plan_new(job);
	}
	wipe(job->client.private_key, WG_KEY_LEN);
	return ret;
}
