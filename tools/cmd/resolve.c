// SPDX-License-Identifier: GPL-2.0
/* resolve: endpoints whose names have come to mean something else. */
#include <stdlib.h>
#include <time.h>

#include "cmd/verb.h"
#include "model/key.h"
#include "model/resolve.h"
#include "netlink/nl.h"
#include "quick/setup.h"
#include "show/show.h"

static void add_change(struct verb_call *call, struct tunnel *change,
		       const struct peer *peer)
{
	char key[KEY_TEXT_MAX], endpoint[ENDPOINT_TEXT_MAX];
	struct peer *moved = tunnel_add_peer(change, peer->public_key);
	struct out *out = &call->out;

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
}

/* One peer of the file, and what the device has of it, if anything. */
static int look_up(struct verb_call *call, struct tunnel *change,
		   struct peer *peer, const struct peer *now)
{
	/* a peer that answers is where we think it is */
	if (!now || !endpoint_has_name(&peer->endpoint) ||
	    show_health(now, time(NULL)) == HEALTH_GOOD)
		return 0;
	if (resolve_endpoint(&peer->endpoint, &call->fault))
		return verb_report(call);
	if (!(now->has & PEER_HAS_ENDPOINT) ||
	    !endpoint_equal(&peer->endpoint, &now->endpoint))
		add_change(call, change, peer);
	return 0;
}

/* A name that cannot be looked up stops no other. */
static int look_up_all(struct verb_call *call, struct tunnel *change,
		       struct tunnel *file, const struct tunnel *now)
{
	struct peer **sorted = tunnel_sorted_by_key(now);
	int ret = 0;
	size_t i;

	for (i = 0; i < file->peer_count; i++)
		if (look_up(call, change, file->peers[i],
			    tunnel_search(sorted, now->peer_count,
					  file->peers[i]->public_key)))
			ret = VERB_REPORTED;
	free(sorted);
	return ret;
}

static int resolve_setup(struct verb_call *call, struct setup *setup)
{
	struct tunnel *now = nl_get(setup->name, &call->fault), *change;
	int ret;

	if (!now)
		return call->fault.code;
	change = tunnel_new(setup->name);
	out_begin(&call->out, NULL);
	out_string(&call->out, "interface", NULL, setup->name);
	out_list(&call->out, "peers");
	ret = look_up_all(call, change, setup->tunnel, now);
	if (change->peer_count && nl_set(change, &call->fault))
		ret = call->fault.code;
	tunnel_free(change);
	tunnel_free(now);
	return ret;
}

int cmd_resolve(struct verb_call *call)
{
	struct setup *setup = setup_load(call->argv[0], NULL, CONF_QUICK,
					 &call->fault);
	int ret = setup ? resolve_setup(call, setup) : call->fault.code;

	setup_free(setup);
	return ret;
}
