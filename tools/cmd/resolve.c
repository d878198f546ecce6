// SPDX-License-Identifier: GPL-2.0
/* resolve: endpoints whose names have come to mean something else. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/verb.h"
#include "model/key.h"
#include "model/resolve.h"
#include "netlink/nl.h"
#include "quick/setup.h"
#include "show/show.h"

static bool is_name(const char *host)
{
	struct in6_addr unused;

	return host && inet_pton(AF_INET, host, &unused) != 1 &&
	       inet_pton(AF_INET6, host, &unused) != 1 && !strchr(host, ':');
}

/* A peer that answers is where we think it is. */
static bool is_stale(const struct peer *peer)
{
	return show_health(peer, time(NULL)) != HEALTH_GOOD;
}

static int add_change(struct tunnel *change, const struct peer *peer,
		      struct out *out, struct fault *fault)
{
	char key[KEY_TEXT_MAX], endpoint[ENDPOINT_TEXT_MAX];
	struct peer *moved = tunnel_add_peer(change, peer->public_key);

	if (!moved)
		return fault_set(fault, -ENOMEM, "out of memory");
	moved->flags = WG_PEER_F_UPDATE_ONLY;
	moved->has = PEER_HAS_ENDPOINT;
	moved->endpoint.addr = peer->endpoint.addr;
	key_text(peer->public_key, key);
	endpoint_text(&peer->endpoint, endpoint);
	out_line(out, "%s is at %s", peer->name[0] ? peer->name : key,
		 endpoint);
	out_begin(out, NULL);
	out_string(out, "public_key", NULL, key);
	out_string(out, "endpoint", NULL, endpoint);
	out_end(out);
	return 0;
}

/* One peer of the file; a name that cannot be looked up stops no other. */
static int look_up(struct tunnel *change, struct peer *peer,
		   const struct peer *now, struct out *out,
		   struct fault *fault)
{
	int ret;

	if (!now || !is_name(peer->endpoint.host) || !is_stale(now))
		return 0;
	ret = resolve_endpoint(&peer->endpoint, fault);
	if (ret)
		return ret;
	if (now->has & PEER_HAS_ENDPOINT &&
	    endpoint_equal(&peer->endpoint, &now->endpoint))
		return 0;
	return add_change(change, peer, out, fault);
}

static int look_up_all(struct setup *setup, const struct tunnel *now,
		       struct tunnel *change, struct out *out)
{
	struct peer **sorted = tunnel_sorted_by_key(now);
	struct tunnel *file = setup->tunnel;
	struct fault fault = { 0 };
	int ret = 0;
	size_t i;

	if (!sorted)
		return fault_set(&fault, -ENOMEM, "out of memory");
	for (i = 0; i < file->peer_count; i++) {
		const struct peer *running;

		running = tunnel_search(sorted, now->peer_count,
					file->peers[i]->public_key);
		if (!look_up(change, file->peers[i], running, out, &fault))
			continue;
		verb_fail(&fault);
		ret = fault.code;
	}
	free(sorted);
	return ret;
}

static int resolve_setup(struct verb_call *call, struct setup *setup,
			 struct fault *fault)
{
	struct tunnel *now = nl_get(setup->name, fault);
	struct tunnel *change = now ? tunnel_new(setup->name) : NULL;
	int ret = VERB_FAILED;

	if (!change) {
		ret = verb_fail(fault);
	} else {
		out_begin(&call->out, NULL);
		out_string(&call->out, "interface", NULL, setup->name);
		out_list(&call->out, "peers");
		ret = look_up_all(setup, now, change, &call->out) ?
			      VERB_FAILED : VERB_OK;
		if (change->peer_count && nl_set(change, fault))
			ret = verb_fail(fault);
	}
	tunnel_free(change);
	tunnel_free(now);
	return ret;
}

int cmd_resolve(struct verb_call *call)
{
	struct fault fault = { 0 };
	struct setup *setup;
	char *path;
	int ret;

	if (call->argc != 1)
		return verb_usage(call);
	setup = setup_load(call->argv[0], NULL, CONF_QUICK, &fault,
			   &path);
	ret = setup ? resolve_setup(call, setup, &fault) : verb_fail(&fault);
	setup_free(setup);
	free(path);
	return verb_end(call) || ret ? VERB_FAILED : VERB_OK;
}
