/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One set request is one change, and a change is applied whole or not at all:
 *
 *	parse    attributes to plain structs (ctl/parse); no locks
 *	reserve  everything that can fail: peers are made but not shown, allowed
 *		 IPs are entered into a copy of the trie that nobody sees, the
 *		 new port is bound. What is to become of each peer is noted in
 *		 a draft. An error here undoes it all
 *	commit   cannot fail: show, move, set, kill
 *	after    one generation, one notification, one grace period for all
 *		 that was removed
 */
#ifndef _WG_CTL_CHANGE_H
#define _WG_CTL_CHANGE_H

#include <linux/types.h>

struct netlink_ext_ack;
struct nlattr;
struct wg_device;

/**
 * wg_change_apply() - do what a set request asks for
 * @wg: the device; the caller holds a reference to wg->dev
 * @head: first attribute of the message; its keys are wiped in any case
 * @len: bytes of attributes
 * @extack: gets what is wrong, and which attribute it is
 *
 * Context: Process context; takes config_lock. May take long when there are
 * many new peers: a Curve25519 multiplication each.
 * Return: 0, or -errno with the device as it was.
 */
int wg_change_apply(struct wg_device *wg, const struct nlattr *head, int len,
		    struct netlink_ext_ack *extack);

/*
 * Remove all peers of @wg, as part of its end. Process context, config_lock
 * held. Waits for one grace period.
 */
void wg_change_remove_all_locked(struct wg_device *wg);

#endif
