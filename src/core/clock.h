/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps each peer's one timer armed for what proto/timers says is due next,
 * and has done what is due. The rules themselves are pure and live in proto/;
 * the acts live in path/, which hands them over in a struct wg_acts.
 */
#ifndef _WG_CORE_CLOCK_H
#define _WG_CORE_CLOCK_H

#include <linux/ktime.h>
#include <linux/types.h>

#include "proto/timers.h"

struct wg_peer;
struct work_struct;

/**
 * struct wg_acts - what core asks of path; all are called without locks
 * @keepalive: send an empty message now; BH disabled
 * @drop_staged: drop what waits for a session and tell the senders; BH
 *	disabled
 * @flush: send what waits, if there is a session now; BH disabled
 * @work: what struct wg_peer.work runs; process context
 */
struct wg_acts {
	void (*keepalive)(struct wg_peer *peer);
	void (*drop_staged)(struct wg_peer *peer);
	void (*flush)(struct wg_peer *peer);
	void (*work)(struct work_struct *work);
};

extern const struct wg_acts wg_acts; /* defined in path/hs.c */

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
 * @event happened to @peer at @now_ns: note it and arm the timer if something is due
 * earlier than it is armed for. peer->lock held.
 * Return: actions that are due at once, for wg_clock_act() after unlocking.
 */
u32 wg_clock_event_locked(struct wg_peer *peer, enum wg_timers_event event,
			  u64 now_ns);

/*
 * The persistent keepalive is @interval_s seconds now, 0 for off.
 * peer->lock held. Return: as above.
 */
u32 wg_clock_set_keepalive_locked(struct wg_peer *peer, u16 interval_s);

/* Have @actions done. peer->lock not held; any context. */
void wg_clock_act(struct wg_peer *peer, u32 actions);

/* Both in one, for callers that hold no lock. Any context. */
void wg_clock_event(struct wg_peer *peer, enum wg_timers_event event);

#endif
