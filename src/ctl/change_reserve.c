// SPDX-License-Identifier: GPL-2.0
#include "ctl/change.h"

#include <linux/capability.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#include "core/device.h"
#include "core/peer.h"
#include "ctl/netdev.h"
#include "ctl/parse.h"
#include "proto/limits.h"

static bool replaces_peers(const struct wg_change *change)
{
	return change->request->flags & WG_DEVICE_F_REPLACE_PEERS;
}

/* A part to leave @peer as it is. reserve_parts() has made room for it. */
static struct wg_change_part *add_part(struct wg_change *change,
				       struct wg_peer *peer)
{
	struct wg_change_part *part = &change->parts[change->part_count++];

	part->peer = peer;
	INIT_LIST_HEAD(&part->ips);
	peer->change_part = part;
	return part;
}

/* The part of a peer that was there before or was made by this change. */
static struct wg_change_part *part_of(struct wg_change *change,
				      struct wg_peer *peer)
{
	struct wg_change_part *part = peer->change_part;

	if (part)
		return part;
	part = add_part(change, peer);
	part->is_removed = replaces_peers(change);
	part->was_removed = part->is_removed;
	part->is_cleared = part->is_removed;
	return part;
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
		cond_resched();
	}
	return 0;
}

/* The peer keeps none of its allowed IPs, old or new. */
static int reserve_clear_ips(struct wg_change *change,
			     struct wg_change_part *part)
{
	int err = 0;

	if (!part->is_cleared)
		err = reserve_clear_list(change, &part->peer->allowed_ips);
	part->is_cleared = true;
	err = err ?: reserve_clear_list(change, &part->ips);
	list_splice_tail_init(&part->ips, &change->removed_ips);
	return err;
}

/* A private key that is what we have already changes nothing. */
static void reserve_key(struct wg_change *change)
{
	const struct nlattr *attr = change->request->private_key;
	const struct wg_noise_local *old = &change->wg->local;

	change->local = *old;
	if (attr)
		wg_noise_local_set(&change->local, nla_data(attr));
	change->sets_key = !wg_equal(change->local.private_key,
				     old->private_key, WG_KEY_SIZE);
}

static bool is_own_key(const struct wg_change *change, const u8 *public_key)
{
	return change->local.has_key &&
	       !memcmp(change->local.public_key, public_key, WG_KEY_SIZE);
}

static int reserve_removal(struct wg_change *change,
			   struct wg_change_part *part)
{
	int err = reserve_clear_ips(change, part);

	if (err)
		return err;
	kfree(part->name);
	*part = (struct wg_change_part){
		.peer = part->peer,
		.ips = LIST_HEAD_INIT(part->ips),
		.is_new = part->is_new,
		.is_removed = true,
		.was_removed = !part->is_new,
		.is_cleared = true,
	};
	change->peer_count--;
	return 0;
}

/* The peer whose key is now ours goes. */
static int reserve_no_self(struct wg_change *change)
{
	struct wg_change_part *part;
	struct wg_peer *peer;

	if (!change->sets_key || !change->local.has_key)
		return 0;
	peer = wg_peer_find_locked(change->wg, change->local.public_key);
	if (!peer)
		return 0;
	part = part_of(change, peer);
	return part->is_removed ? 0 : reserve_removal(change, part);
}

/* All peers go, unless the request adds them again. */
static int reserve_replace(struct wg_change *change)
{
	struct wg_peer *peer;
	int err;

	if (!replaces_peers(change))
		return 0;
	change->peer_count = 0;
	wg_for_each_peer(peer, change->wg) {
		err = reserve_clear_list(change, &peer->allowed_ips);
		if (err)
			return err;
	}
	return 0;
}

static_assert(WG_PEERS_MAX == 1048576); /* as users are told */

/* @part is NULL where no such peer was ever heard of. */
static struct wg_change_part *
reserve_add_peer(struct wg_change *change, const struct wg_request_peer *item,
		 struct wg_change_part *part)
{
	struct wg_peer *peer;

	if (change->peer_count >= WG_PEERS_MAX) {
		NL_SET_ERR_MSG_ATTR(change->extack, item->attr,
				    "too many peers: a device has at most 1048576");
		return ERR_PTR(-ENOSPC);
	}
	if (!part) {
		peer = wg_peer_create(change->wg, item->public_key);
		if (IS_ERR(peer))
			return ERR_CAST(peer);
		part = add_part(change, peer);
		part->is_new = true;
	}
	part->is_removed = false;
	change->peer_count++;
	return part;
}

static int reserve_settings(struct wg_change_part *part,
			    const struct wg_request_peer *item)
{
	part->psk = item->psk ?: part->psk;
	part->keepalive = item->keepalive ?: part->keepalive;
	part->disabled = item->disabled ?: part->disabled;
	part->until = item->until ?: part->until;
	if (wg_endpoint_is_set(&item->endpoint))
		part->endpoint = &item->endpoint;
	if (!item->name)
		return 0;
	kfree(part->name);
	part->name = nla_strdup(item->name, GFP_KERNEL);
	return part->name ? 0 : -ENOMEM;
}

static int reserve_new_ip(struct wg_change *change,
			  struct wg_change_part *part,
			  const struct wg_request_ip *item)
{
	struct wg_allowed_ip *ip = wg_ip_alloc();
	void *old;

	if (!ip)
		return -ENOMEM;
	ip->peer = part->peer;
	ip->family = item->family;
	ip->cidr = item->cidr;
	memcpy(&ip->ip, &item->addr, sizeof(ip->ip));
	list_add_tail(&ip->node, &part->ips);
	return wg_trie_set(&change->ips, ip->family, &ip->ip, ip->cidr, ip,
			   &old);
}

static int reserve_ip(struct wg_change *change, struct wg_change_part *part,
		      struct wg_request_ip *item)
{
	struct wg_allowed_ip *old;
	bool has_it;

	old = wg_trie_find(&change->ips, item->family, &item->addr, item->cidr);
	has_it = old && old->peer == part->peer;
	/* nothing to take away, or nothing to give */
	if (has_it != item->is_removal)
		return 0;
	item->displaced = old;
	if (item->is_removal)
		return reserve_clear_ip(change, old);
	if (old && (change->is_exclusive ||
		    change->request->flags & WG_DEVICE_F_EXCLUSIVE_IPS)) {
		NL_SET_ERR_MSG_ATTR(change->extack, item->attr,
				    "allowed IP belongs to another peer");
		return -EEXIST;
	}
	if (old)
		change->moved++;
	return reserve_new_ip(change, part, item);
}

static int reserve_ips(struct wg_change *change, struct wg_change_part *part,
		       const struct wg_request_peer *item)
{
	unsigned int i;
	int err = 0;

	if (item->flags & WG_PEER_F_REPLACE_ALLOWEDIPS)
		err = reserve_clear_ips(change, part);
	for (i = 0; !err && i < item->ip_count; i++) {
		err = reserve_ip(change, part, &item->ips[i]);
		cond_resched();
	}
	return err;
}

static int reserve_peer(struct wg_change *change,
			const struct wg_request_peer *item)
{
	struct wg_change_part *part = NULL;
	struct wg_peer *peer;
	bool is_there;

	peer = wg_peer_find_locked(change->wg, item->public_key);
	if (peer)
		part = part_of(change, peer);
	is_there = part && !part->is_removed;
	if (item->flags & WG_PEER_F_REMOVE_ME)
		return is_there ? reserve_removal(change, part) : 0;
	if (!is_there) {
		if (item->flags & WG_PEER_F_UPDATE_ONLY ||
		    is_own_key(change, item->public_key))
			return 0;
		part = reserve_add_peer(change, item, part);
		if (IS_ERR(part))
			return PTR_ERR(part);
	}
	return reserve_settings(part, item) ?: reserve_ips(change, part, item);
}

/* Room for a part for each peer that is named, and for one with our own key. */
static int reserve_parts(struct wg_change *change)
{
	change->parts = kvcalloc(change->request->peer_count + 1,
				 sizeof(*change->parts), GFP_KERNEL);
	return change->parts ? 0 : -ENOMEM;
}

static int reserve_peers(struct wg_change *change)
{
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < change->request->peer_count; i++) {
		err = reserve_peer(change, &change->request->peers[i]);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err;
}

/* The first attribute of the request that is about the sockets, or NULL. */
static const struct nlattr *socket_attr(const struct wg_request *request)
{
	return request->listen_port ?: request->bind_device ?:
	       request->bind_address ?: request->fwmark;
}

/*
 * Port, mark and what is bound to are of the namespace of birth: who was only
 * given the device may not choose them.
 */
static int check_permission(struct wg_change *change)
{
	const struct nlattr *attr = socket_attr(change->request);
	bool may = false;
	struct net *net;

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

static void reserve_device(struct wg_change *change)
{
	const struct wg_request *request = change->request;
	struct wg_bound *bound = &change->bound;

	change->is_exclusive = request->exclusive ?
			       nla_get_u8(request->exclusive) :
			       change->wg->is_exclusive;
	*bound = change->wg->bound;
	if (request->bind_device)
		nla_strscpy(bound->dev, request->bind_device,
			    sizeof(bound->dev));
	if (request->bind_address)
		bound->addr = nla_get_in6_addr(request->bind_address);
}

/*
 * While there are no sockets, what they will be bound to is only remembered. A
 * device that is named again may be another one of that name.
 */
static int reserve_sockets(struct wg_change *change)
{
	const struct wg_request *request = change->request;
	bool is_named = request->bind_device && *change->bound.dev;
	struct wg_device *wg = change->wg;
	u16 port = wg->listen_port;
	struct net *net;
	int err;

	if (request->listen_port)
		port = nla_get_u16(request->listen_port);
	if (!wg_udp_is_open(wg) ||
	    (port == wg->listen_port && !is_named &&
	     !memcmp(&change->bound, &wg->bound, sizeof(wg->bound))))
		return 0;
	net = wg_netdev_birth_net_get(wg);
	if (!net)
		return -ENONET;
	err = wg_udp_bind(wg, net, &change->bound, port, &change->sockets);
	put_net(net);
	if (err)
		NL_SET_ERR_MSG_ATTR(change->extack, socket_attr(request),
				    "cannot bind the listening port");
	return err;
}

/* As in-tree, what concerns the device comes first, whatever the order. */
int wg_change_reserve(struct wg_change *change)
{
	int err;

	err = check_permission(change) ?: reserve_parts(change);
	if (err)
		return err;
	reserve_key(change);
	reserve_device(change);
	return reserve_replace(change) ?: reserve_no_self(change) ?:
	       reserve_peers(change) ?: reserve_sockets(change);
}
