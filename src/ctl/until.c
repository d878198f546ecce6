// SPDX-License-Identifier: GPL-2.0
#include "ctl/until.h"

#include <linux/timekeeping.h>

#include "core/device.h"
#include "core/peer.h"

#define LOOK_INTERVAL_S 60

void wg_until_work(struct work_struct *work)
{
	struct wg_device *wg = container_of(to_delayed_work(work),
					    struct wg_device, until_work);
	u64 now_s = ktime_get_real_seconds(), next_s = 0;
	struct wg_peer *peer;

	mutex_lock(&wg->config_lock);
	wg_for_each_peer(peer, wg) {
		if (!peer->until_s)
			continue;
		wg_peer_settle_locked(peer);
		next_s = next_s ?: now_s + LOOK_INTERVAL_S;
		if (peer->until_s > now_s)
			next_s = min(next_s, peer->until_s);
	}
	mutex_unlock(&wg->config_lock);
	if (next_s)
		queue_delayed_work(wg->workqueue, &wg->until_work,
				   (next_s - now_s) * HZ);
}
