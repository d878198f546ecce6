/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One set request is one change, and a change is applied whole or not at all:
 *
 *	parse    attributes to plain structs (ctl/parse); no locks
 *	reserve  everything that can fail, in places where nobody looks: peers
 *		 are made but not shown, allowed IPs are entered into a copy of
 *		 the trie, the new port is bound. What is to become of each
 *		 peer is noted on it
 *	commit   cannot fail: show, move, set, kill
 *	end      one grace period for all that was removed; or, without a
 *		 commit, everything is given back
 */
#ifndef _WG_CTL_CHANGE_H
#define _WG_CTL_CHANGE_H

#include <linux/list.h>
#include <linux/types.h>

#include "core/device.h"
#include "path/udp.h"
#include "proto/noise.h"
#include "table/trie.h"

struct netlink_ext_ack;
struct nlattr;
struct wg_endpoint;
struct wg_peer;
struct wg_request;

/**
 * struct wg_change_part - what a change makes of one peer; settings are the
 *	last ones asked for since the peer was, if it was, removed
 * @peer: the peer, whose peer->change_part this is
 * @ips: allowed IPs that it will get; they are in the trie's new version
 * @endpoint: NULL: as it is
 * @psk: attribute of 32 bytes; NULL: as it is
 * @keepalive: attribute, the persistent keepalive; NULL: as it is
 * @disabled: attribute; NULL: as it is
 * @until: attribute; NULL: as it is
 * @name: allocated; "" is no name; NULL: as it is
 * @is_new: made by this change
 * @is_removed: at this point of the request there is no such peer
 * @was_removed: it was there before the change, and was removed in between
 * @is_cleared: the allowed IPs that it had before the change are gone
 */
struct wg_change_part {
	struct wg_peer *peer;
	struct list_head ips;
	const struct wg_endpoint *endpoint;
	const struct nlattr *psk;
	const struct nlattr *keepalive;
	const struct nlattr *disabled;
	const struct nlattr *until;
	char *name;
	bool is_new;
	bool is_removed;
	bool was_removed;
	bool is_cleared;
};

/**
 * struct wg_change - a change under way. Holds keys
 * @wg: the device
 * @request: what is asked for
 * @extack: gets what is wrong
 * @local: our identity, as it will be
 * @sets_key: that is another one than before
 * @is_exclusive: as the device will be
 * @ips: the next version of the device's allowed IPs
 * @moved: allowed IPs that go from one peer to another
 * @parts: the peers that the request names, in the order of first mention
 * @part_count: how many
 * @peer_count: how many peers the device will have
 * @bound: what sockets are bound to, as it will be
 * @sockets: bound to that and the new port, or NULLs
 * @is_committed: it has taken effect
 * @removed_ips: struct wg_allowed_ip that the trie's new version does without
 * @removed_peers: at commit: killed, to be finished after a grace period
 */
struct wg_change {
	struct wg_device *wg;
	const struct wg_request *request;
	struct netlink_ext_ack *extack;
	struct wg_noise_local local;
	bool sets_key;
	bool is_exclusive;
	struct wg_trie_txn ips;
	u64 moved;
	struct wg_change_part *parts;
	unsigned int part_count;
	unsigned int peer_count;
	struct wg_bound bound;
	struct wg_udp_sockets sockets;
	bool is_committed;
	struct list_head removed_ips;
	struct list_head removed_peers;
};

/* Each peer that the change names. There may be a million. */
#define wg_for_each_part(part, change)					\
	for ((part) = (change)->parts;					\
	     (part) < (change)->parts + (change)->part_count;		\
	     (part)++, cond_resched())

/**
 * wg_change_apply() - do what a set request asks for
 * @wg: the device; the caller holds a reference to wg->dev
 * @head: first attribute of the message; its keys are wiped in any case
 * @len: bytes of attributes
 * @extack: gets what is wrong, and which attribute it is
 *
 * Context: Process context; takes config_lock. May take long when there are
 * many peers.
 * Return: 0, or -errno with the device as it was.
 */
int wg_change_apply(struct wg_device *wg, const struct nlattr *head, int len,
		    struct netlink_ext_ack *extack);

/*
 * The steps that it consists of. Process context; config_lock is held from
 * wg_change_begin() to wg_change_end().
 */
void wg_change_begin(struct wg_change *change, struct wg_device *wg,
		     const struct wg_request *request,
		     struct netlink_ext_ack *extack);
int wg_change_reserve(struct wg_change *change);
void wg_change_commit(struct wg_change *change);
void wg_change_end(struct wg_change *change);

#endif
