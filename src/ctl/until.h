/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers that end at a time of the wall clock. One work of the device looks at all
 * of them when the next one ends, and at least once a minute, since the clock may be
 * set, either way; but it takes a hundredth of the time at most, and is late, by two
 * minutes at most, where a million peers take longer.
 */
#ifndef _WG_CTL_UNTIL_H
#define _WG_CTL_UNTIL_H

struct wg_device;
struct work_struct;

/*
 * Let the work look in @in_s seconds, if it would not do so before: what
 * wg_peer_settle_locked() returned, or 0 after the clock went on unseen.
 * Process context, config_lock held.
 */
void wg_until_look_locked(struct wg_device *wg, unsigned int in_s);

/* What struct wg_device.until_work runs. */
void wg_until_work(struct work_struct *work);

#endif
