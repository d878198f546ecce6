/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Peers that end at a time of the wall clock. One work of the device looks at
 * all of them when the next one ends, and at least once a minute, since the
 * clock may be set, either way, and the machine may sleep.
 */
#ifndef _WG_CTL_UNTIL_H
#define _WG_CTL_UNTIL_H

struct work_struct;

/*
 * What struct wg_device.until_work runs. Queue it, on the device's workqueue,
 * when a peer has got an end, or another one.
 */
void wg_until_work(struct work_struct *work);

#endif
