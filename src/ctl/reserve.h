/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of a change that may fail. Everything is made in places that
 * nobody looks at: drafts on the peers, a new version of the trie, sockets
 * that are bound but not used.
 */
#ifndef _WG_CTL_RESERVE_H
#define _WG_CTL_RESERVE_H

#include <linux/list.h>
#include <linux/types.h>

#include <uapi/linux/wg.h>

#include "ctl/parse.h"
#include "path/udp.h"
#include "proto/limits.h"
#include "table/trie.h"

struct netlink_ext_ack;
struct wg_device;
struct wg_draft;

/**
 * struct wg_removed - what was taken away and is to be freed
 * @ips: struct wg_allowed_ip that the trie does not show any more
 * @peers: killed, to be finished after a grace period
 */
struct wg_removed {
	struct list_head ips;
	struct list_head peers;
};

/**
 * struct wg_change - a change under way; config_lock is held throughout
 * @wg: the device
 * @request: what is asked for
 * @extack: gets what is wrong
 * @ips: the next version of the device's allowed IPs
 * @drafts: struct wg_draft: the peers that the request names
 * @dropped: struct wg_allowed_ip: made by the change, displaced by it again
 * @removed: at commit: what is to be freed afterwards
 * @sockets: bound to the new port
 * @public_key: ours, as it will be
 * @peer_count: as it will be
 * @moved: allowed IPs that go from one peer to another
 * @has_sockets: @sockets are there
 * @has_public_key: @public_key is there
 * @sets_key: the private key is a new one
 */
struct wg_change {
	struct wg_device *wg;
	const struct wg_request *request;
	struct netlink_ext_ack *extack;
	struct wg_trie_txn ips;
	struct list_head drafts;
	struct list_head dropped;
	struct wg_removed removed;
	struct wg_udp_pair sockets;
	u8 public_key[WG_KEY_SIZE];
	unsigned int peer_count;
	u64 moved;
	bool has_sockets;
	bool has_public_key;
	bool sets_key;
};

/* All peers that the request does not add again go. */
static inline bool wg_change_replaces_peers(const struct wg_change *change)
{
	return change->request->flags & WG_DEVICE_F_REPLACE_PEERS;
}

/*
 * Begin a change of @wg. Process context; config_lock is held from here to
 * wg_change_undo() or wg_change_commit().
 */
void wg_change_begin(struct wg_change *change, struct wg_device *wg,
		     const struct wg_request *request,
		     struct netlink_ext_ack *extack);

/*
 * Reserve all that the request asks for. Process context.
 * Return: 0, or -errno, to be followed by wg_change_undo().
 */
int wg_change_reserve(struct wg_change *change);

/* Give everything back: the device is as it was. Process context. */
void wg_change_undo(struct wg_change *change);

/*
 * Take a draft off its peer and free it; a peer that never came to be, if
 * @is_new, goes with it.
 */
void wg_change_drop_draft(struct wg_draft *draft, bool is_new);

#endif
