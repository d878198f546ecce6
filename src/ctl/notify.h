/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Notifications to the multicast groups of family "wg"; also the functions
 * behind core/upcall.h. Nothing is built while nobody listens.
 */
#ifndef _WG_CTL_NOTIFY_H
#define _WG_CTL_NOTIFY_H

#include <net/genetlink.h>

struct wg_device;

/* The groups, in the order of wg_notify_groups. */
enum wg_notify_group {
	WG_NOTIFY_CONFIG,
	WG_NOTIFY_PEERS,
	WG_NOTIFY_DIAG,
	WG_NOTIFY_GROUP_COUNT,
};

extern const struct genl_multicast_group
	wg_notify_groups[WG_NOTIFY_GROUP_COUNT];

/* The configuration of @wg was changed. Process context. */
void wg_notify_config(struct wg_device *wg);

#endif
