/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a device to the attributes of a get request's answer, in as many
 * messages as it takes. Between messages no lock is held and no reference
 * kept; whatever may have died meanwhile is named, not pointed at.
 */
#ifndef _WG_CTL_DUMP_H
#define _WG_CTL_DUMP_H

#include <linux/in6.h>
#include <linux/types.h>

#include "proto/crypto.h"

struct sk_buff;
struct wg_device;

/**
 * struct wg_dump - where a dump is; all zero but @device_id before it begins
 * @device_id: of which device, struct wg_device.id
 * @peer_id: go on with the first peer that has at least this id
 * @public_key: of the peer that had it, to find it at once
 * @addr: go on within that peer, with this allowed IP
 * @family: of @addr; 0: with the peer's own attributes
 * @cidr: of @addr
 * @is_begun: the device's own attributes are out
 * @refusals: how many of those that are kept are out
 * @is_done: nothing is left
 */
struct wg_dump {
	u64 device_id;
	u64 peer_id;
	u8 public_key[WG_KEY_SIZE];
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

#endif
