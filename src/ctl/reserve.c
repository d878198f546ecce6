// SPDX-License-Identifier: GPL-2.0
#include "ctl/reserve.h"

#include <linux/capability.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#include "core/device.h"
#include "core/peer.h"
#include "ctl/draft.h"
#include "ctl/ip.h"
#include "ctl/netdev.h"
#include "proto/crypto.h"

static const u8 no_key[WG_KEY_SIZE];

void wg_change_begin(struct wg_change *change, struct wg_device *wg,
		     const struct wg_request *request,
		     struct netlink_ext_ack *extack)
{
	memset(change, 0, sizeof(*change));
	change->wg = wg;
	change->request = request;
	change->extack = extack;
	change->peer_count = wg->peer_count;
	wg_trie_begin(&change->ips, &wg->ips);
	INIT_LIST_HEAD(&change->drafts);
	INIT_LIST_HEAD(&change->dropped);
	INIT_LIST_HEAD(&change->removed.ips);
	INIT_LIST_HEAD(&change->removed.peers);
}

/* The plan for a peer that was there before or was made by this change. */
static struct wg_draft *draft_of(struct wg_change *change,
				 struct wg_peer *peer)
{
	struct wg_draft *draft;

	if (peer->draft)
		return peer->draft;
	draft = wg_draft_new(peer, &change->drafts);
	if (draft && wg_change_replaces_peers(change)) {
		draft->is_removed = true;
		draft->was_removed = true;
		draft->is_cleared = true;
	}
	return draft;
}

/* Clear @ip in the next version of the trie, if it is still what stands. */
static int reserve_clear_ip(struct wg_change *change,
			    const struct wg_allowed_ip *ip)
{
	void *old;

	if (wg_trie_find(&change->ips, ip->family, &ip->ip, ip->cidr) != ip)
		return 0;
	return wg_trie_clear(&change->ips, ip->family, &ip->ip, ip->cidr,
			     &old);
}

static int reserve_clear_list(struct wg_change *change,
			      const struct list_head *ips)
{
	const struct wg_allowed_ip *ip;
	int err;

	list_for_each_entry(ip, ips, node) {
		err = reserve_clear_ip(change, ip);
		if (err)
			return err;
	}
	return 0;
}

/* The peer keeps none of its allowed IPs, old or new. */
static int reserve_clear_ips(struct wg_change *change, struct wg_draft *draft)
{
	int err;

	if (!draft->is_new && !draft->is_cleared) {
		err = reserve_clear_list(change, &draft->peer->allowed_ips);
		if (err)
			return err;
		draft->is_cleared = true;
	}
	err = reserve_clear_list(change, &draft->ips);
	list_splice_tail_init(&draft->ips, &change->dropped);
	return err;
}

/* A private key that is what we have already changes nothing. */
static void reserve_key(struct wg_change *change)
{
	const struct wg_noise_local *local = &change->wg->local;
	u8 key[WG_KEY_SIZE];

	change->has_public_key = local->has_key;
	memcpy(change->public_key, local->public_key, WG_KEY_SIZE);
	if (!change->request->private_key)
		return;

	nla_memcpy(key, change->request->private_key, sizeof(key));
	if (!wg_equal(key, no_key, sizeof(key)))
		wg_clamp(key);
	change->sets_key = !wg_equal(key, local->private_key, sizeof(key));
	if (change->sets_key)
		change->has_public_key =
			wg_x25519_public(change->public_key, key);
	wg_wipe(key, sizeof(key));
}

static bool is_own_key(const struct wg_change *change, const u8 *public_key)
{
	return change->has_public_key &&
	       !memcmp(change->public_key, public_key, WG_KEY_SIZE);
}

static int reserve_removal(struct wg_change *change, struct wg_draft *draft)
{
	int err = reserve_clear_ips(change, draft);

	if (err)
		return err;
	wg_draft_reset(draft);
	draft->is_removed = true;
	draft->was_removed = !draft->is_new;
	change->peer_count--;
	return 0;
}

static int reserve_no_self(struct wg_change *change)
{
	struct wg_draft *draft;
	struct wg_peer *peer;

	if (!change->sets_key || !change->has_public_key)
		return 0;
	peer = wg_peer_find_locked(change->wg, change->public_key);
	if (!peer)
		return 0;
	draft = draft_of(change, peer);
	if (!draft)
		return -ENOMEM;
	return draft->is_removed ? 0 : reserve_removal(change, draft);
}

/* All peers go, unless the request adds them again. */
static int reserve_replace(struct wg_change *change)
{
	struct wg_peer *peer;
	int err;

	if (!wg_change_replaces_peers(change))
		return 0;
	change->peer_count = 0;
	list_for_each_entry(peer, &change->wg->peers, node) {
		err = reserve_clear_list(change, &peer->allowed_ips);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static struct wg_draft *reserve_new_peer(struct wg_change *change,
					 const u8 *public_key)
{
	struct wg_draft *draft;
	struct wg_peer *peer;

	peer = wg_peer_create(change->wg, public_key);
	if (IS_ERR(peer))
		return ERR_CAST(peer);
	draft = wg_draft_new(peer, &change->drafts);
	if (!draft) {
		wg_peer_discard(peer);
		return ERR_PTR(-ENOMEM);
	}
	draft->is_new = true;
	return draft;
}

/* @draft is NULL where no such peer was ever heard of. */
static struct wg_draft *reserve_add_peer(struct wg_change *change,
					 const struct wg_request_peer *item,
					 struct wg_draft *draft)
{
	if (change->peer_count >= WG_PEERS_MAX) {
		NL_SET_ERR_MSG_ATTR(change->extack, item->attr,
				    "too many peers");
		return ERR_PTR(-ENOSPC);
	}
	if (!draft)
		draft = reserve_new_peer(change, item->public_key);
	if (IS_ERR(draft))
		return draft;
	draft->is_removed = false;
	change->peer_count++;
	return draft;
}

static int reserve_name(struct wg_draft *draft, const struct nlattr *attr)
{
	char *name = NULL;

	if (*(const char *)nla_data(attr)) {
		name = nla_strdup(attr, GFP_KERNEL);
		if (!name)
			return -ENOMEM;
	}
	kfree(draft->name);
	draft->name = name;
	draft->has_name = true;
	return 0;
}

static int reserve_settings(struct wg_draft *draft,
			    const struct wg_request_peer *item)
{
	if (item->psk)
		draft->psk = item->psk;
	if (wg_endpoint_is_set(&item->endpoint))
		draft->endpoint = &item->endpoint;
	if (item->has_keepalive) {
		draft->has_keepalive = true;
		draft->keepalive_s = item->keepalive_s;
	}
	return item->name ? reserve_name(draft, item->name) : 0;
}

static int reserve_new_ip(struct wg_change *change, struct wg_draft *draft,
			  struct wg_request_ip *item)
{
	struct wg_allowed_ip *ip;
	void *old;
	int err;

	ip = wg_ip_alloc();
	if (!ip)
		return -ENOMEM;
	ip->peer = draft->peer;
	ip->family = item->family;
	ip->cidr = item->cidr;
	if (ip->family == AF_INET)
		memcpy(&ip->ip.v4, item->addr, sizeof(ip->ip.v4));
	else
		memcpy(&ip->ip.v6, item->addr, sizeof(ip->ip.v6));
	err = wg_trie_set(&change->ips, ip->family, &ip->ip, ip->cidr, ip,
			  &old);
	if (err) {
		wg_ip_free(ip);
		return err;
	}
	list_add_tail(&ip->node, &draft->ips);
	item->displaced = old;
	return 0;
}

static int reserve_ip(struct wg_change *change, struct wg_draft *draft,
		      struct wg_request_ip *item)
{
	struct wg_allowed_ip *old;

	old = wg_trie_find(&change->ips, item->family, item->addr, item->cidr);
	if (item->is_removal) {
		if (!old || old->peer != draft->peer)
			return 0;
		item->displaced = old;
		return reserve_clear_ip(change, old);
	}
	if (old && old->peer == draft->peer)
		return 0;
	if (old) {
		if (change->request->flags & WG_DEVICE_F_EXCLUSIVE_IPS) {
			NL_SET_ERR_MSG_ATTR(change->extack, item->attr,
					    "allowed IP belongs to another peer");
			return -EEXIST;
		}
		change->moved++;
	}
	return reserve_new_ip(change, draft, item);
}

static int reserve_ips(struct wg_change *change, struct wg_draft *draft,
		       const struct wg_request_peer *item)
{
	unsigned int i;
	int err;

	if (item->flags & WG_PEER_F_REPLACE_ALLOWEDIPS) {
		err = reserve_clear_ips(change, draft);
		if (err)
			return err;
	}
	for (i = 0; i < item->ip_count; i++) {
		err = reserve_ip(change, draft, &item->ips[i]);
		if (err)
			return err;
	}
	return 0;
}

static int reserve_peer(struct wg_change *change,
			const struct wg_request_peer *item)
{
	struct wg_draft *draft = NULL;
	struct wg_peer *peer;
	bool is_there;
	int err;

	peer = wg_peer_find_locked(change->wg, item->public_key);
	if (peer) {
		draft = draft_of(change, peer);
		if (!draft)
			return -ENOMEM;
	}
	is_there = draft && !draft->is_removed;
	if (item->flags & WG_PEER_F_REMOVE_ME)
		return is_there ? reserve_removal(change, draft) : 0;
	if (!is_there) {
		if (item->flags & WG_PEER_F_UPDATE_ONLY ||
		    is_own_key(change, item->public_key))
			return 0;
		draft = reserve_add_peer(change, item, draft);
		if (IS_ERR(draft))
			return PTR_ERR(draft);
	}
	err = reserve_settings(draft, item);
	return err ? err : reserve_ips(change, draft, item);
}

static int reserve_peers(struct wg_change *change)
{
	unsigned int i;
	int err;

	for (i = 0; i < change->request->peer_count; i++) {
		err = reserve_peer(change, &change->request->peers[i]);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/*
 * Port and mark act in the namespace of birth: who was only given the device
 * may not choose them.
 */
static int check_permission(struct wg_change *change)
{
	const struct nlattr *attr = change->request->listen_port;
	bool may = false;
	struct net *net;

	if (!attr)
		attr = change->request->fwmark;
	if (!attr)
		return 0;
	net = wg_netdev_birth_net_get(change->wg);
	if (net) {
		may = ns_capable(net->user_ns, CAP_NET_ADMIN);
		put_net(net);
	}
	if (may)
		return 0;
	NL_SET_ERR_MSG_ATTR(change->extack, attr,
			    "not permitted in the namespace of the sockets");
	return -EPERM;
}

/* While there are no sockets, a port is only remembered. */
static int reserve_port(struct wg_change *change)
{
	const struct nlattr *attr = change->request->listen_port;
	struct wg_device *wg = change->wg;
	struct net *net;
	int err;

	if (!attr || nla_get_u16(attr) == wg->listen_port ||
	    !rcu_access_pointer(wg->sock4))
		return 0;
	net = wg_netdev_birth_net_get(wg);
	if (!net)
		return -ENONET;
	err = wg_udp_bind(wg, net, nla_get_u16(attr), &change->sockets);
	put_net(net);
	change->has_sockets = !err;
	if (err)
		NL_SET_ERR_MSG_ATTR(change->extack, attr,
				    "cannot bind the listening port");
	return err;
}

/* As in-tree, what concerns the device comes first, whatever the order. */
int wg_change_reserve(struct wg_change *change)
{
	int err;

	err = check_permission(change);
	if (err)
		return err;
	reserve_key(change);
	err = reserve_replace(change);
	if (!err)
		err = reserve_no_self(change);
	if (!err)
		err = reserve_peers(change);
	if (!err)
		err = reserve_port(change);
	return err;
}

/* Take a draft away, and with it a peer that never came to be. */
void wg_change_drop_draft(struct wg_draft *draft, bool is_new)
{
	struct wg_peer *peer = draft->peer;

	peer->draft = NULL;
	wg_draft_free(draft);
	if (is_new)
		wg_peer_discard(peer);
}

void wg_change_undo(struct wg_change *change)
{
	struct wg_draft *draft, *next;

	if (change->has_sockets)
		wg_udp_discard(&change->sockets);
	wg_trie_abort(&change->ips);
	list_for_each_entry_safe(draft, next, &change->drafts, node) {
		wg_ip_free_list(&draft->ips);
		wg_change_drop_draft(draft, draft->is_new);
	}
	wg_ip_free_list(&change->dropped);
}
