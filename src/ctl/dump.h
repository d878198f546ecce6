/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a device to the attributes of a get request's answer, in as many
 * messages as it takes. Between messages no lock is held and no reference
 * kept: a cursor leaves a peer that is removed, and an allowed IP is named.
 */
#ifndef _WG_CTL_DUMP_H
#define _WG_CTL_DUMP_H

#include <linux/in6.h>
#include <linux/types.h>

#include "core/peer.h"

struct sk_buff;
struct wg_device;

/**
 * struct wg_dump - where a dump is; before it begins, all zero but what says of
 *	which device it is. That is looked up anew for each message, so that a
 *	reader who stops reading does not keep it from going
 * @ifindex: of which device
 * @device_id: struct wg_device.id of that
 * @cursor: go on with this peer
 * @peer_id: the id of the peer that @addr is of
 * @addr: go on within that peer, with this allowed IP
 * @family: of @addr; 0: with the peer's own attributes
 * @cidr: of @addr
 * @is_begun: the device's own attributes are out
 * @refusals: how many of those that are kept are out
 * @is_done: nothing is left
 */
struct wg_dump {
	int ifindex;
	u64 device_id;
	struct wg_peer_cursor cursor;
	u64 peer_id;
	struct in6_addr addr;
	u8 family;
	u8 cidr;
	u8 refusals;
	bool is_begun;
	bool is_done;
};

/*
 * Put into @skb as much as fits of what is left. Process context,
 * wg->config_lock held.
 * Return: 0; -EMSGSIZE when not even one piece fits.
 */
int wg_dump_fill_locked(struct wg_dump *dump, struct sk_buff *skb,
			struct wg_device *wg);

/* After the last message, whatever has become of the device. */
void wg_dump_end(struct wg_dump *dump);

#endif
