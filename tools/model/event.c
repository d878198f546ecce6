// SPDX-License-Identifier: GPL-2.0
#include "model/event.h"

#include <string.h>

static const struct {
	const char *word;
	const char *text;
} kinds[] = {
	[EVENT_INTERFACE] = { "interface", "is there" },
	[EVENT_PEER] = { "peer", "is there" },
	[EVENT_INTERFACE_ADDED] = { "interface-added", "was added" },
	[EVENT_INTERFACE_REMOVED] = { "interface-removed", "was removed" },
	[EVENT_INTERFACE_UP] = { "interface-up", "is up" },
	[EVENT_INTERFACE_DOWN] = { "interface-down", "is down" },
	[EVENT_INTERFACE_CHANGED] = { "interface-changed", "was changed" },
	[EVENT_PEER_ADDED] = { "peer-added", "was added" },
	[EVENT_PEER_REMOVED] = { "peer-removed", "was removed" },
	[EVENT_PEER_CHANGED] = { "peer-changed", "was changed" },
	[EVENT_SESSION_MADE] = { "session-made", "handshake answered" },
	[EVENT_SESSION_UP] = { "session-up", "session confirmed" },
	[EVENT_SESSION_LOST] = { "session-lost", "gave up: no answer" },
	[EVENT_SESSION_ENDED] = { "session-ended", "session ended, its keys are wiped" },
	[EVENT_PEER_ENDED] = { "peer-ended", "expired" },
	[EVENT_PEER_RENEWED] = { "peer-renewed", "is not expired any more" },
	[EVENT_ENDPOINT_MOVED] = { "endpoint-moved", "moved" },
	[EVENT_REFUSED] = { "refused", "refused" },
	[EVENT_LOST] = { "lost", "events were lost: reading the state again" },
};

const char *event_word(enum event_kind kind)
{
	return kinds[kind].word;
}

const char *event_text(enum event_kind kind)
{
	return kinds[kind].text;
}

enum event_kind event_of_word(const char *word, size_t len)
{
	enum event_kind kind = 0;

	while (kind < EVENT_KIND_COUNT &&
	       (strlen(kinds[kind].word) != len ||
		strncmp(kinds[kind].word, word, len)))
		kind++;
	return kind;
}

uint32_t event_tunnel_changes(const struct tunnel *old,
			      const struct tunnel *new)
{
	uint32_t changes = 0;

	if (memcmp(old->public_key, new->public_key, WG_KEY_LEN))
		changes |= CHANGED_KEY;
	if (old->listen_port != new->listen_port)
		changes |= CHANGED_PORT;
	if (old->fwmark != new->fwmark)
		changes |= CHANGED_MARK;
	if (old->is_exclusive != new->is_exclusive)
		changes |= CHANGED_EXCLUSIVE;
	if (!bind_equal(&old->bind, &new->bind))
		changes |= CHANGED_BIND;
	return changes;
}

static uint32_t peer_changes(const struct peer *old, const struct peer *new)
{
	uint32_t changes = 0;

	if (memcmp(old->psk, new->psk, WG_KEY_LEN))
		changes |= CHANGED_KEY;
	if (strcmp(old->name, new->name))
		changes |= CHANGED_NAME;
	if ((old->has ^ new->has) & PEER_HAS_ENDPOINT ||
	    (new->has & PEER_HAS_ENDPOINT &&
	     !endpoint_equal(&old->endpoint, &new->endpoint)))
		changes |= CHANGED_ENDPOINT;
	if (old->keepalive_s != new->keepalive_s)
		changes |= CHANGED_KEEPALIVE;
	if (!ips_equal(&old->ips, &new->ips))
		changes |= CHANGED_IPS;
	if (old->is_disabled != new->is_disabled)
		changes |= CHANGED_DISABLED;
	if (old->until_s != new->until_s)
		changes |= CHANGED_UNTIL;
	return changes;
}

struct comparison {
	event_peer_fn *take;
	void *context;
};

static void tell(const struct comparison *comparison, enum event_kind kind,
		 const struct peer *peer, uint32_t changes)
{
	const struct event event = {
		.kind = kind,
		.peer = peer,
		.changes = changes,
	};

	comparison->take(&event, comparison->context);
}

static void see_old(const struct peer *old, const struct peer *new,
		    void *context)
{
	if (!new)
		tell(context, EVENT_PEER_REMOVED, old, 0);
}

static void see_new(const struct peer *new, const struct peer *old,
		    void *context)
{
	uint32_t changes = old ? peer_changes(old, new) : 0;

	if (!old || changes)
		tell(context, old ? EVENT_PEER_CHANGED : EVENT_PEER_ADDED, new,
		     changes);
}

void event_compare(const struct tunnel *old, const struct tunnel *new,
		   event_peer_fn *take, void *context)
{
	struct comparison comparison = { take, context };
	static const struct tunnel empty;

	if (!old)
		old = &empty;
	tunnel_each_pair(old, new, see_old, &comparison);
	tunnel_each_pair(new, old, see_new, &comparison);
}
