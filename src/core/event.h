/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What core/ and path/ have to tell those who listen: the functions live in
 * ctl/notify.c, which makes netlink notifications of them. They do nothing,
 * cheaply, while nobody listens, and may be called for every packet that is
 * worth it.
 */
#ifndef _WG_CORE_EVENT_H
#define _WG_CORE_EVENT_H

#include "core/drop.h"

struct wg_device;
struct wg_endpoint;
struct wg_peer;

/**
 * struct wg_events - all are called in any context but hard interrupts, with
 *	the peer held or under RCU; they take no lock of core/, so that any of
 *	those may be held
 * @session_up: @peer and we share a session that is confirmed
 * @session_lost: gave up on a handshake with @peer
 * @endpoint_moved: @peer was heard at @endpoint, which is new
 * @diag: a message from @from was refused for @reason, before or without
 *	knowing who sent it; rate limited inside. @from may be NULL
 */
struct wg_events {
	void (*session_up)(struct wg_peer *peer);
	void (*session_lost)(struct wg_peer *peer);
	void (*endpoint_moved)(struct wg_peer *peer,
			       const struct wg_endpoint *endpoint);
	void (*diag)(struct wg_device *wg, enum wg_drop_reason reason,
		     const struct wg_endpoint *from);
};

extern const struct wg_events wg_events; /* defined in ctl/notify.c */

#endif
