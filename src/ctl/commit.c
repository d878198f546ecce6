// SPDX-License-Identifier: GPL-2.0
#include "ctl/commit.h"

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/sched.h>
#include <net/netlink.h>

#include "core/device.h"
#include "core/peer.h"
#include "ctl/draft.h"
#include "ctl/ip.h"
#include "ctl/reserve.h"

void wg_removed_init(struct wg_removed *removed)
{
	INIT_LIST_HEAD(&removed->ips);
	INIT_LIST_HEAD(&removed->peers);
}

void wg_removed_kill(struct wg_removed *removed, struct wg_peer *peer)
{
	list_splice_tail_init(&peer->allowed_ips, &removed->ips);
	wg_peer_kill_locked(peer);
	list_add_tail(&peer->node, &removed->peers);
}

void wg_removed_release(struct wg_removed *removed)
{
	struct wg_peer *peer, *next;

	wg_ip_free_list_rcu(&removed->ips);
	if (list_empty(&removed->peers))
		return;
	synchronize_net();
	list_for_each_entry_safe(peer, next, &removed->peers, node) {
		wg_peer_finish(peer);
		cond_resched();
	}
}

/* Return: whether packets leave otherwise than before. */
static bool commit_port(struct wg_change *change)
{
	const struct nlattr *attr = change->request->listen_port;
	struct wg_device *wg = change->wg;

	if (!attr)
		return false;
	wg->is_port_chosen = !nla_get_u16(attr);
	if (change->has_sockets) {
		wg->listen_port = change->sockets.port;
		wg_udp_replace_locked(wg, &change->sockets);
		return true;
	}
	wg->listen_port = nla_get_u16(attr);
	return false;
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
	list_for_each_entry(peer, &change->wg->peers, node)
		wg_peer_clear_source(peer);
}

/*
 * Bring a peer that will live into shape, while nobody sees it if it is a new
 * one. Its allowed IPs are exchanged before the trie is: only changes of
 * configuration walk the list.
 */
static void commit_live(struct wg_change *change, struct wg_draft *draft)
{
	struct wg_peer *peer = draft->peer;

	if (draft->was_removed)
		wg_peer_reset_locked(peer);
	if (draft->is_cleared)
		list_splice_tail_init(&peer->allowed_ips, &change->removed.ips);
	list_splice_tail_init(&draft->ips, &peer->allowed_ips);
	wg_draft_apply_settings(draft);
}

static void commit_live_all(struct wg_change *change)
{
	struct wg_draft *draft;

	list_for_each_entry(draft, &change->drafts, node)
		if (!draft->is_removed)
			commit_live(change, draft);
}

/* Whoever finds a peer from now on finds all of it. */
static void commit_births(struct wg_change *change)
{
	struct wg_draft *draft;

	list_for_each_entry(draft, &change->drafts, node)
		if (!draft->is_removed &&
		    (draft->is_new || draft->was_removed))
			wg_peer_publish(draft->peer);
}

/* What stood where the request put or removed an allowed IP. */
static void commit_displaced(struct wg_change *change)
{
	const struct wg_request *request = change->request;
	unsigned int i;

	for (i = 0; i < request->ip_count; i++)
		if (request->ips[i].displaced)
			list_move_tail(&request->ips[i].displaced->node,
				       &change->removed.ips);
}

/* After the trie's commit: no packet finds its way to these any more. */
static void commit_deaths(struct wg_change *change)
{
	struct wg_draft *draft;
	struct wg_peer *peer, *next;

	list_for_each_entry(draft, &change->drafts, node)
		if (draft->is_removed && !draft->is_new)
			wg_removed_kill(&change->removed, draft->peer);
	if (!wg_change_replaces_peers(change))
		return;
	list_for_each_entry_safe(peer, next, &change->wg->peers, node) {
		if (!peer->draft)
			wg_removed_kill(&change->removed, peer);
		cond_resched();
	}
}

static void commit_starts(struct wg_change *change)
{
	struct wg_draft *draft, *next;

	list_for_each_entry_safe(draft, next, &change->drafts, node) {
		if (!draft->is_removed)
			wg_draft_apply_start(draft);
		wg_change_drop_draft(draft,
				     draft->is_removed && draft->is_new);
	}
}

/*
 * The order: a peer has its preshared key, endpoint and allowed IPs before
 * anybody can find it; packets are routed elsewhere before a peer dies; a peer
 * with our own key is dead before the key is ours; and what peers send at once
 * is sent last, with the new key, from the new port.
 */
void wg_change_commit(struct wg_change *change)
{
	const struct nlattr *key = change->request->private_key;
	struct wg_device *wg = change->wg;

	commit_sockets(change);
	commit_live_all(change);
	commit_displaced(change);
	wg_trie_commit(&change->ips);
	commit_births(change);
	commit_deaths(change);
	if (change->sets_key)
		wg_device_set_private_key_locked(wg, nla_data(key));
	commit_starts(change);
	wg->ips_moved += change->moved;
	wg->generation++;
	wg_ip_free_list(&change->dropped);
}
