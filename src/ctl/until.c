// SPDX-License-Identifier: GPL-2.0
#include "ctl/until.h"

#include <linux/jiffies.h>
#include <linux/minmax.h>

#include "core/device.h"
#include "core/peer.h"

/* What looking costs, of the time. */
#define LOOK_SHARE 100

void wg_until_look_locked(struct wg_device *wg, unsigned int in_s)
{
	struct delayed_work *work = &wg->until_work;
	unsigned long delay = in_s * HZ;

	lockdep_assert_held(&wg->config_lock);
	if (in_s == UINT_MAX)
		return;
	/* the kernel's wheel is late by up to an eighth: it then looks again */
	delay = max3(delay - delay / 8, LOOK_SHARE * wg->until_cost, 1UL);
	if (!delayed_work_pending(work) ||
	    time_before(jiffies + delay, work->timer.expires))
		mod_delayed_work(wg->workqueue, work, delay);
}

void wg_until_work(struct work_struct *work)
{
	struct wg_device *wg = container_of(to_delayed_work(work),
					    struct wg_device, until_work);
	unsigned int in_s = UINT_MAX;
	struct wg_peer *peer;
	unsigned long begun;

	mutex_lock(&wg->config_lock);
	begun = jiffies;
	wg_for_each_peer(peer, wg)
		in_s = min(in_s, wg_peer_settle_locked(peer));
	/* a microsecond each; the rest of the time went to others */
	wg->until_cost = min(jiffies - begun,
			     usecs_to_jiffies(wg->peer_count));
	wg_until_look_locked(wg, in_s);
	mutex_unlock(&wg->config_lock);
}
