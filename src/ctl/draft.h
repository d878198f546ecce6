/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a change that is being reserved is going to make of one peer. Nothing
 * of it shows before the commit. Hangs on the peer as peer->draft while
 * config_lock is held.
 */
#ifndef _WG_CTL_DRAFT_H
#define _WG_CTL_DRAFT_H

#include <linux/list.h>
#include <linux/types.h>

struct wg_allowed_ip;
struct wg_endpoint;
struct wg_peer;

/**
 * struct wg_draft - the plan for one peer; settings are the last ones asked
 *	for since the peer was, if it was, removed
 * @node: entry in the change's list, in the order of first mention
 * @peer: whose plan
 * @ips: allowed IPs that the peer will get; they are in the trie's new version
 * @endpoint: NULL: as it is
 * @psk: 32 bytes in the message; NULL: as it is
 * @name: allocated; taken over at commit if @has_name
 * @keepalive_s: persistent keepalive, if @has_keepalive
 * @has_name: else the name stays; NULL is no name
 * @has_keepalive: else it stays
 * @is_new: made by this change, not yet shown
 * @is_removed: at this point of the request there is no such peer
 * @was_removed: it was there before the change, and was removed in between
 * @is_cleared: the allowed IPs that it had before the change are gone
 */
struct wg_draft {
	struct list_head node;
	struct wg_peer *peer;
	struct list_head ips;
	const struct wg_endpoint *endpoint;
	const u8 *psk;
	char *name;
	u16 keepalive_s;
	bool has_name;
	bool has_keepalive;
	bool is_new;
	bool is_removed;
	bool was_removed;
	bool is_cleared;
};

/* Memory cache of drafts. Process context. 0 or -ENOMEM. */
int wg_draft_register(void);
void wg_draft_unregister(void);

/* A plan to leave @peer as it is. config_lock held. NULL: out of memory. */
struct wg_draft *wg_draft_new(struct wg_peer *peer, struct list_head *drafts);

/* Off the list and off the peer; its allowed IPs are the caller's. */
void wg_draft_free(struct wg_draft *draft);

/* What was to be set on the peer is not to be set. */
void wg_draft_reset(struct wg_draft *draft);

/*
 * Commit: give the peer its new endpoint, preshared key and name. Process
 * context, config_lock held.
 */
void wg_draft_apply_settings(struct wg_draft *draft);

/*
 * Commit: let the peer, fully set up, do what it now has reason to do: the
 * persistent keepalive, the packets that wait. Process context, config_lock
 * held.
 */
void wg_draft_apply_start(struct wg_draft *draft);

#endif
