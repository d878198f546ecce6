/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happened to a tunnel or a peer.
 */
#ifndef _WGCTL_MODEL_EVENT_H
#define _WGCTL_MODEL_EVENT_H

#include <time.h>

#include "model/tunnel.h"

enum event_kind {
	EVENT_INTERFACE,
	EVENT_PEER,
	EVENT_INTERFACE_ADDED,
	EVENT_INTERFACE_REMOVED,
	EVENT_INTERFACE_UP,
	EVENT_INTERFACE_DOWN,
	EVENT_INTERFACE_CHANGED,
	EVENT_PEER_ADDED,
	EVENT_PEER_REMOVED,
	EVENT_PEER_CHANGED,
	EVENT_SESSION_MADE,
	EVENT_SESSION_UP,
	EVENT_SESSION_LOST,
	EVENT_SESSION_ENDED,
	EVENT_PEER_ENDED,
	EVENT_PEER_RENEWED,
	EVENT_ENDPOINT_MOVED,
	EVENT_REFUSED,
	EVENT_LOST,
	EVENT_KIND_COUNT,
	/* not shown: something is to be read again */
	EVENT_LINK = EVENT_KIND_COUNT,
	EVENT_CONFIG,
};

/* What changed: bits. */
enum event_change {
	CHANGED_KEY = 1U << 0, /* private or preshared */
	CHANGED_PORT = 1U << 1,
	CHANGED_MARK = 1U << 2,
	CHANGED_NAME = 1U << 3,
	CHANGED_ENDPOINT = 1U << 4,
	CHANGED_KEEPALIVE = 1U << 5,
	CHANGED_IPS = 1U << 6,
	CHANGED_EXCLUSIVE = 1U << 7,
	CHANGED_BIND = 1U << 8,
	CHANGED_DISABLED = 1U << 9,
	CHANGED_UNTIL = 1U << 10,
};

struct event {
	enum event_kind kind;
	struct timespec time;
	char interface[IFNAMSIZ];
	uint8_t public_key[WG_KEY_LEN]; /* of the peer; all zero: of none */
	struct endpoint endpoint; /* from where; AF_UNSPEC: not known */
	char reason[DROP_NAME_MAX + 1]; /* of EVENT_REFUSED */
	uint32_t changes; /* enum event_change */
	const struct tunnel *tunnel; /* whose peer it is, or NULL */
	const struct peer *peer; /* NULL: of none, or not known */
};

/* "session-up", ... */
const char *event_word(enum event_kind kind);

/* What it means, for people. */
const char *event_text(enum event_kind kind);

/* EVENT_KIND_COUNT: there is no such word. */
enum event_kind event_of_word(const char *word, size_t len);

/* What is configured differently, as bits of enum event_change. */
uint32_t event_tunnel_changes(const struct tunnel *old,
			      const struct tunnel *new);

/* Called for each; @event has kind, peer and changes. */
typedef void event_peer_fn(const struct event *event, void *context);

/**
 * event_compare() - which peers were added, removed and changed
 * @old: what was; NULL: no peer
 * @new: what is
 * @take: called for each
 * @context: for @take
 */
void event_compare(const struct tunnel *old, const struct tunnel *new,
		   event_peer_fn *take, void *context);

#endif
