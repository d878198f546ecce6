// SPDX-License-Identifier: GPL-2.0
#include "model/change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "model/key.h"

void change_replace(struct tunnel *wanted)
{
	wanted->flags |= WG_DEVICE_F_REPLACE_PEERS;
	wanted->has |= TUNNEL_HAS_PRIVATE_KEY | TUNNEL_HAS_PORT |
		       TUNNEL_HAS_FWMARK | TUNNEL_HAS_EXCLUSIVE |
		       TUNNEL_HAS_BIND;
}

/* What the device itself gets, apart from peers. */
static void compare_device(struct tunnel *change, const struct tunnel *now,
			   const struct tunnel *wanted)
{
	if (!key_equal(now->private_key, wanted->private_key)) {
		change->has |= TUNNEL_HAS_PRIVATE_KEY;
		memcpy(change->private_key, wanted->private_key, WG_KEY_LEN);
	}
	if (now->fwmark != wanted->fwmark) {
		change->has |= TUNNEL_HAS_FWMARK;
		change->fwmark = wanted->fwmark;
	}
	if (now->is_exclusive != wanted->is_exclusive) {
		change->has |= TUNNEL_HAS_EXCLUSIVE;
		change->is_exclusive = wanted->is_exclusive;
	}
	if (!bind_equal(&now->bind, &wanted->bind)) {
		change->has |= TUNNEL_HAS_BIND;
		change->bind = wanted->bind;
	}
	/* a port that the device chose is as good as any other */
	if (wanted->has & TUNNEL_HAS_PORT && wanted->listen_port &&
	    now->listen_port != wanted->listen_port) {
		change->has |= TUNNEL_HAS_PORT;
		change->listen_port = wanted->listen_port;
	}
}

static void copy_ips(struct peer *to, const struct peer *from)
{
	size_t i;

	to->ips_are_changes = from->ips_are_changes;
	for (i = 0; i < from->ips.count; i++)
		ips_add(&to->ips, &from->ips.items[i]);
}

/* @which: of enum peer_has; of an endpoint the address alone */
static void copy_settings(struct peer *to, const struct peer *from,
			  uint32_t which)
{
	to->has |= which;
	if (which & PEER_HAS_ENDPOINT)
		to->endpoint.addr = from->endpoint.addr;
	if (which & PEER_HAS_PSK)
		memcpy(peer_psk(to), from->psk, WG_KEY_LEN);
	if (which & PEER_HAS_KEEPALIVE)
		to->keepalive_s = from->keepalive_s;
	if (which & PEER_HAS_DISABLED)
		to->is_disabled = from->is_disabled;
	if (which & PEER_HAS_UNTIL)
		to->until_s = from->until_s;
	if (which & PEER_HAS_NAME)
		peer_set_name(to, from->name);
}

/* A peer that the device does not have yet. */
static void add_new(struct tunnel *change, const struct peer *wanted)
{
	struct peer *peer = tunnel_add_peer(change, wanted->public_key);

	peer->flags = wanted->flags;
	copy_settings(peer, wanted, wanted->has);
	copy_ips(peer, wanted);
}

/* Fills @peer with what must change; is that anything? */
static bool compare_peer(struct peer *peer, const struct peer *now,
			 const struct peer *wanted)
{
	bool differ = wanted->ips_are_changes ||
		      !ips_equal(&now->ips, &wanted->ips);
	uint32_t which = 0;

	if (differ) {
		peer->flags |= wanted->flags & WG_PEER_F_REPLACE_ALLOWEDIPS;
		copy_ips(peer, wanted);
	}
	if (!key_equal(now->psk, wanted->psk))
		which |= PEER_HAS_PSK;
	if (now->keepalive_s != wanted->keepalive_s)
		which |= PEER_HAS_KEEPALIVE;
	if (now->is_disabled != wanted->is_disabled)
		which |= PEER_HAS_DISABLED;
	if (now->until_s != wanted->until_s)
		which |= PEER_HAS_UNTIL;
	if (wanted->has & PEER_HAS_ENDPOINT &&
	    (!(now->has & PEER_HAS_ENDPOINT) ||
	     !endpoint_equal(&now->endpoint, &wanted->endpoint)))
		which |= PEER_HAS_ENDPOINT;
	if (strcmp(now->name, wanted->name) && wanted->has & PEER_HAS_NAME)
		which |= PEER_HAS_NAME;
	copy_settings(peer, wanted, which);
	return differ || which;
}

static void add_difference(struct tunnel *change, const struct peer *now,
			   const struct peer *wanted)
{
	struct peer *peer = peer_new();

	memcpy(peer->public_key, wanted->public_key, WG_KEY_LEN);
	/* gone meanwhile: then it is not for us to make it again */
	peer->flags = WG_PEER_F_UPDATE_ONLY;
	if (compare_peer(peer, now, wanted))
		tunnel_take_peer(change, peer);
	else
		peer_free(peer);
}

/* A peer that the file may not have. */
static void add_removal(const struct peer *now, const struct peer *wanted,
			void *change)
{
	if (!wanted)
		tunnel_add_peer(change, now->public_key)->flags =
			WG_PEER_F_REMOVE_ME;
}

/* What a peer has to give up for another, where nothing may be taken. */
static void add_giver(const struct peer *wanted, const struct peer *now,
		      void *change)
{
	if (now && !wanted->ips_are_changes &&
	    !ips_equal(&now->ips, &wanted->ips))
		tunnel_add_peer(change, now->public_key)->flags =
			WG_PEER_F_UPDATE_ONLY | WG_PEER_F_REPLACE_ALLOWEDIPS;
}

static void add_peer(const struct peer *wanted, const struct peer *now,
		     void *change)
{
	if (now)
		add_difference(change, now, wanted);
	else
		add_new(change, wanted);
}

struct tunnel *change_difference(const struct tunnel *now,
				 const struct tunnel *wanted)
{
	struct tunnel *change = tunnel_new(now->name);

	compare_device(change, now, wanted);
	/* first make room: a moved prefix then has no owner */
	tunnel_each_pair(now, wanted, add_removal, change);
	if (now->is_exclusive || wanted->is_exclusive)
		tunnel_each_pair(wanted, now, add_giver, change);
	tunnel_each_pair(wanted, now, add_peer, change);
	return change;
}

bool change_is_empty(const struct tunnel *change)
{
	return !change->has && !change->flags && !change->peer_count;
}

static void merge_into(struct peer *to, struct peer *from)
{
	copy_settings(to, from, from->has);
	if (from->has & PEER_HAS_ENDPOINT) {
		endpoint_clear(&to->endpoint);
		to->endpoint = from->endpoint;
		memset(&from->endpoint, 0, sizeof(from->endpoint));
	}
	if (from->flags & WG_PEER_F_REPLACE_ALLOWEDIPS) {
		to->ips.count = 0;
		to->flags |= WG_PEER_F_REPLACE_ALLOWEDIPS;
	}
	copy_ips(to, from);
}

static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = ip_compare(&x->ip, &y->ip);

	if (order)
		return order;
	return x->place < y->place ? -1 : x->place > y->place;
}

static void add_claims(struct claim *claims, size_t *count, struct peer *peer)
{
	size_t i;

	if (peer->flags & WG_PEER_F_REMOVE_ME)
		return;
	for (i = 0; i < peer->ips.count; i++) {
		if (peer->ips.items[i].remove)
			continue;
		claims[*count] = (struct claim){ peer->ips.items[i], peer, i,
						 *count };
		(*count)++;
	}
}

struct claim *change_claims(const struct tunnel *wanted, size_t *count)
{
	struct claim *claims;
	size_t i, room = 0;

	for (i = 0; i < wanted->peer_count; i++)
		room += wanted->peers[i]->ips.count;
	*count = 0;
	claims = xcalloc(room, sizeof(*claims));
	for (i = 0; i < wanted->peer_count; i++)
		add_claims(claims, count, wanted->peers[i]);
	qsort(claims, *count, sizeof(*claims), compare_claims);
	return claims;
}

bool change_is_outdone(const struct claim *first, const struct claim *second)
{
	return !ip_compare(&first->ip, &second->ip) &&
	       !key_equal(first->peer->public_key, second->peer->public_key);
}

static void drop_marked(struct allowed_ips *ips)
{
	size_t i, kept = 0;

	for (i = 0; i < ips->count; i++)
		if (ips->items[i].family)
			ips->items[kept++] = ips->items[i];
	ips->count = kept;
}

/* As a device does that is told in this order. */
static void drop_outdone(struct tunnel *wanted)
{
	size_t i, count;
	struct claim *claims = change_claims(wanted, &count);

	for (i = 1; i < count; i++)
		if (change_is_outdone(&claims[i - 1], &claims[i]))
			claims[i - 1].peer->ips.items[claims[i - 1].at].family =
				0;
	for (i = 0; i < wanted->peer_count; i++)
		drop_marked(&wanted->peers[i]->ips);
	free(claims);
}

static void merge_repeated(struct tunnel *wanted)
{
	struct peer **sorted = tunnel_sorted_by_key(wanted);
	size_t i, kept = 0, count = wanted->peer_count;

	for (i = 1; i < count; i++)
		if (key_equal(sorted[i]->public_key,
			      sorted[i - 1]->public_key)) {
			merge_into(sorted[i - 1], sorted[i]);
			/* carry the merged one on; the other is marked */
			sorted[i]->flags |= WG_PEER_F_REMOVE_ME;
			sorted[i] = sorted[i - 1];
		}
	free(sorted);
	for (i = 0; i < count; i++) {
		struct peer *peer = wanted->peers[i];

		if (peer->flags & WG_PEER_F_REMOVE_ME)
			peer_free(peer);
		else
			wanted->peers[kept++] = peer;
	}
	wanted->peer_count = kept;
}

void change_merge_peers(struct tunnel *wanted)
{
	merge_repeated(wanted);
	/* where nothing may be taken, the device refuses it and says whose it is */
	if (!wanted->is_exclusive)
		drop_outdone(wanted);
}

int change_resolve_peer(uint8_t *key, const char *word,
			const struct tunnel *now, struct fault *fault)
{
	const struct peer *peer;
	size_t count = 0;

	if (key_parse(key, word, strlen(word)))
		return 0;
	if (!now)
		return fault_set(fault, -EINVAL,
				 "'%s' is not a public key: 44 characters of base64 are expected",
				 SHOWN(word));
	peer = tunnel_find_name(now, word, &count);
	if (!count)
		return fault_set(fault, -ENOENT,
				 "'%s' is neither a public key nor the name of a peer of '%s'",
				 SHOWN(word), now->name);
	if (count > 1)
		return fault_set(fault, -EINVAL,
				 "%zu peers of '%s' are named '%s': use a public key",
				 count, now->name, SHOWN(word));
	memcpy(key, peer->public_key, WG_KEY_LEN);
	return 0;
}
