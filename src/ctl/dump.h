/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a device to the attributes of a get request's answer, in as many
 * messages as it takes. Between messages no lock is held and no reference
 * kept: a cursor says where to go on, whatever was removed meanwhile.
 */
#ifndef _WG_CTL_DUMP_H
#define _WG_CTL_DUMP_H

#include <linux/types.h>

struct sk_buff;
struct wg_allowed_ip;
struct wg_device;
struct wg_peer;

/**
 * struct wg_dump - where a dump is; all zero but @device_id before it begins
 * @device_id: of which device, struct wg_device.id
 * @peer_id: go on with the first peer that has at least this id
 * @peer: that peer, if the generation still is @generation
 * @ip: go on within that peer, with this allowed IP, under the same condition
 * @generation: of the device when the last message was filled
 * @is_begun: the device's own attributes are out
 * @is_done: nothing is left
 */
struct wg_dump {
	u64 device_id;
	u64 peer_id;
	struct wg_peer *peer;
	struct wg_allowed_ip *ip;
	u32 generation;
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
