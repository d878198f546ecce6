/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the layers above do for core/, which includes nothing of theirs: path/
 * sends, and ctl/ tells those who listen on netlink. The one header that
 * declares what other files define.
 */
#ifndef _WG_CORE_UPCALL_H
#define _WG_CORE_UPCALL_H

#include <uapi/linux/wg.h>

#include "core/drop.h"

struct wg_device;
struct wg_endpoint;
struct wg_peer;
struct work_struct;

/* --- path/tx.c; BH disabled, no locks held --- */

/* Send what waits for @peer if it has a session now. */
void wg_tx_flush(struct wg_peer *peer);

/* Send @peer an empty message; without a session, one is asked for. */
void wg_tx_keepalive(struct wg_peer *peer);

/* Drop what waits for @peer; tell the senders. */
void wg_tx_drop_staged(struct wg_peer *peer);

/* What struct wg_peer.flush_work runs, in process context: wg_tx_flush(). */
void wg_tx_peer_work(struct work_struct *work);

/* --- path/hs.c --- */

/* What struct wg_peer.work runs: does what wg_peer.todo asks for. */
void wg_hs_peer_work(struct work_struct *work);

/*
 * --- ctl/notify.c ---
 *
 * They do nothing, cheaply, while nobody listens. Any context but hard
 * interrupts, with the peer held or under RCU; they take no lock of core/, so
 * that any of those may be held.
 */

/* @event, for those who hear of peers; @endpoint where that moved, else NULL. */
void wg_notify_peer(struct wg_peer *peer, enum wg_cmd event,
		    const struct wg_endpoint *endpoint);

/* @refusal was noted. Rate limited inside. */
void wg_notify_diag(struct wg_device *wg, const struct wg_refusal *refusal);

#endif
