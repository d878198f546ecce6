// SPDX-License-Identifier: GPL-2.0
#include "ctl/change.h"

#include <linux/list.h>
#include <linux/sched.h>
#include <net/netlink.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/peer.h"
#include "ctl/notify.h"
#include "ctl/parse.h"
#include "ctl/until.h"

/* Return: whether packets leave otherwise than before. */
static bool commit_port(struct wg_change *change)
{
	const struct nlattr *attr = change->request->listen_port;
	bool has_sockets = change->sockets.port;
	struct wg_device *wg = change->wg;

	wg->bound = change->bound;
	if (attr) {
		wg->listen_port = nla_get_u16(attr);
		wg->is_port_chosen = !wg->listen_port;
	}
	if (has_sockets)
		wg_udp_replace_locked(wg, &change->sockets);
	return has_sockets;
}

static bool commit_fwmark(struct wg_change *change)
{
	const struct nlattr *attr = change->request->fwmark;

	if (!attr || nla_get_u32(attr) == change->wg->fwmark)
		return false;
	WRITE_ONCE(change->wg->fwmark, nla_get_u32(attr));
	return true;
}

static void commit_sockets(struct wg_change *change)
{
	bool has_new_port = commit_port(change);
	struct wg_peer *peer;

	if (!commit_fwmark(change) && !has_new_port)
		return;
	wg_for_each_peer(peer, change->wg)
		wg_peer_clear_source(peer);
}

static void commit_settings(struct wg_change_part *part)
{
	struct wg_peer *peer = part->peer;

	if (part->endpoint)
		wg_peer_set_endpoint(peer, part->endpoint);
	if (part->psk)
		wg_peer_set_psk(peer, nla_data(part->psk));
	if (part->name)
		swap(peer->name, part->name);
	if (part->disabled)
		peer->is_disabled = nla_get_u8(part->disabled);
	if (part->until)
		peer->until_s = nla_get_u64(part->until);
}

/*
 * Bring each peer that will live into shape, while nobody sees it if it is a new
 * one. Its allowed IPs are exchanged before the trie is: only changes of
 * configuration walk the list.
 */
static void commit_live(struct wg_change *change)
{
	struct wg_change_part *part;
	struct list_head *ips;

	wg_for_each_part(part, change) {
		if (part->is_removed)
			continue;
		ips = &part->peer->allowed_ips;
		if (part->was_removed)
			wg_peer_reset_locked(part->peer);
		if (part->is_cleared)
			list_splice_tail_init(ips, &change->removed_ips);
		list_splice_tail_init(&part->ips, ips);
		commit_settings(part);
	}
}

/* Whoever finds a peer from now on finds all of it. */
static void commit_births(struct wg_change *change)
{
	struct wg_change_part *part;

	wg_for_each_part(part, change)
		if (!part->is_removed && (part->is_new || part->was_removed))
			wg_peer_publish(part->peer);
}

/* What stood where the request put or removed an allowed IP. */
static void commit_displaced(struct wg_change *change)
{
	const struct wg_request *request = change->request;
	unsigned int i;

	for (i = 0; i < request->ip_count; i++) {
		if (request->ips[i].displaced)
			list_move_tail(&request->ips[i].displaced->node,
				       &change->removed_ips);
		cond_resched();
	}
}

static void kill_peer(struct wg_change *change, struct wg_peer *peer)
{
	wg_peer_kill_locked(peer);
	list_add_tail(&peer->node, &change->removed_peers);
}

/* After the trie's commit: no packet finds its way to these any more. */
static void commit_deaths(struct wg_change *change)
{
	struct wg_change_part *part;
	struct wg_peer *peer, *next;

	wg_for_each_part(part, change)
		if (part->is_removed && !part->is_new)
			kill_peer(change, part->peer);
	if (!(change->request->flags & WG_DEVICE_F_REPLACE_PEERS))
		return;
	list_for_each_entry_safe(peer, next, &change->wg->peers, node) {
		if (!peer->change_part)
			kill_peer(change, peer);
		cond_resched();
	}
}

/* What a peer, fully set up, now has reason to do. */
static void start_peer(const struct wg_change_part *part)
{
	struct wg_peer *peer = part->peer;

	wg_until_look_locked(peer->wg, wg_peer_settle_locked(peer));
	if (part->keepalive)
		wg_clock_set_keepalive(peer, nla_get_u16(part->keepalive));
	if (!wg_txq_is_empty(&peer->txq))
		wg_peer_queue_flush(peer);
}

static void commit_starts(struct wg_change *change)
{
	struct wg_change_part *part;

	wg_for_each_part(part, change)
		if (!part->is_removed)
			start_peer(part);
}

/*
 * The order: a peer has its preshared key, endpoint and allowed IPs before
 * anybody can find it; packets are routed elsewhere before a peer dies; a peer
 * with our own key is dead before the key is ours; a peer that is new with a new
 * key never sees the old one; listeners have heard of all that when they hear that
 * a peer has ended; and what peers send at once is sent last, with the new key,
 * from the new port.
 */
void wg_change_commit(struct wg_change *change)
{
	struct wg_device *wg = change->wg;

	commit_sockets(change);
	commit_live(change);
	commit_displaced(change);
	wg_trie_commit(&change->ips);
	if (!change->sets_key)
		commit_births(change);
	commit_deaths(change);
	if (change->sets_key) {
		wg_device_set_private_key_locked(wg, change->local.private_key);
		commit_births(change);
	}
	wg->is_exclusive = change->is_exclusive;
	wg->ips_moved += change->moved;
	wg->generation++;
	wg_notify_config(wg);
	commit_starts(change);
	change->is_committed = true;
}
