/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of the data path as a whole, for ctl/: what a module and a device
 * need made before the first packet and stopped after the last.
 */
#ifndef _WG_PATH_PATH_H
#define _WG_PATH_PATH_H

#include "path/hs.h"
#include "path/intake.h"
#include "path/rx.h"
#include "path/udp.h"

struct wg_device;

/* What path/ keeps for a device. */
struct wg_path {
	struct wg_intake intakes[WG_RX_CPUS_MAX]; /* by socket */
	struct wg_rx rx;
	struct wg_hs hs;
	struct wg_udp_sockets sockets; /* in use; wg->config_lock */
};

/* What all devices share: timers of CPUs that coalesce. Process context. */
void wg_path_register(void);

/* After the last device is gone. Process context. */
void wg_path_unregister(void);

/*
 * Make wg->path: intakes, closed; the queue of handshakes; lanes, their NAPIs
 * added, not enabled. Called from ndo_init, so that dev is known. 0 or -ENOMEM.
 */
int wg_path_init(struct wg_device *wg);

/* Free it. The device is down. Process context. */
void wg_path_uninit(struct wg_device *wg);

/* The device, whose sockets are bound, goes up. rtnl, config_lock held. */
void wg_path_start(struct wg_device *wg);

/*
 * The device goes down, its sockets are closed: wait for everything in
 * flight and drop what is queued. rtnl, config_lock not held by workers.
 */
void wg_path_stop(struct wg_device *wg);

#endif
