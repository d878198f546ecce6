/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps each peer's one timer armed for what proto/timers says is due next,
 * and has done what is due. The rules themselves are pure and live in proto/;
 * what sends is path/'s (core/upcall.h).
 */
#ifndef _WG_CORE_CLOCK_H
#define _WG_CORE_CLOCK_H

#include <linux/ktime.h>
#include <linux/types.h>

#include "proto/timers.h"

struct wg_peer;

/*
 * The clock of all timers and ages: since boot, suspended time included, ns,
 * as coarse as the tick. Any context. Read once per batch: it is not free.
 */
static inline u64 wg_clock_now_ns(void)
{
	return ktime_get_coarse_boottime_ns();
}

/* Prepare the timer of a new peer. */
void wg_clock_init(struct wg_peer *peer);

/*
 * @event happened to @peer at @now_ns: note it and arm the timer if it would fire
 * too late for what is due. peer->lock held.
 * Return: actions that are due at once, for wg_clock_act() after unlocking.
 */
u32 wg_clock_event_locked(struct wg_peer *peer, enum wg_timers_event event,
			  u64 now_ns);

/* Have @actions done. peer->lock not held; any context. */
void wg_clock_act(struct wg_peer *peer, u32 actions);

/* Both in one, for callers that hold no lock. Any context. */
void wg_clock_event(struct wg_peer *peer, enum wg_timers_event event);

/*
 * Set the persistent keepalive interval in seconds, 0 for off. When it is
 * switched on and the device is up, one keepalive goes out at once.
 * Process context.
 */
void wg_clock_set_keepalive(struct wg_peer *peer, u16 interval_s);

#endif
