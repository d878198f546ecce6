// SPDX-License-Identifier: GPL-2.0
#include "ctl/change.h"

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>

#include "core/device.h"
#include "core/peer.h"
#include "ctl/commit.h"
#include "ctl/notify.h"
#include "ctl/parse.h"
#include "ctl/reserve.h"

static int apply(struct wg_device *wg, const struct wg_request *request,
		 struct netlink_ext_ack *extack)
{
	struct wg_change change;
	int err;

	wg_change_begin(&change, wg, request, extack);
	err = wg_change_reserve(&change);
	if (err) {
		wg_change_undo(&change);
		return err;
	}
	wg_change_commit(&change);
	wg_notify_config(wg);
	wg_removed_release(&change.removed);
	return 0;
}

int wg_change_apply(struct wg_device *wg, const struct nlattr *head, int len,
		    struct netlink_ext_ack *extack)
{
	struct wg_request request;
	int err;

	err = wg_request_parse(&request, head, len, extack);
	if (err)
		goto out_wipe;
	mutex_lock(&wg->config_lock);
	/* a device that is going away has lost its peers already */
	if (wg->dev->reg_state == NETREG_REGISTERED)
		err = apply(wg, &request, extack);
	else
		err = -ENODEV;
	mutex_unlock(&wg->config_lock);
	wg_request_free(&request);
out_wipe:
	wg_request_wipe(head, len);
	return err;
}

void wg_change_remove_all_locked(struct wg_device *wg)
{
	struct wg_peer *peer, *next;
	struct wg_removed removed;

	lockdep_assert_held(&wg->config_lock);
	wg_removed_init(&removed);
	list_for_each_entry_safe(peer, next, &wg->peers, node)
		wg_removed_kill(&removed, peer);
	wg->generation++;
	wg_removed_release(&removed);
}
