// SPDX-License-Identifier: GPL-2.0
#include "ctl/change.h"

#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "core/device.h"
#include "core/peer.h"
#include "ctl/parse.h"

void wg_change_begin(struct wg_change *change, struct wg_device *wg,
		     const struct wg_request *request,
		     struct netlink_ext_ack *extack)
{
	*change = (struct wg_change){
		.wg = wg,
		.request = request,
		.extack = extack,
		.peer_count = wg->peer_count,
		.removed_ips = LIST_HEAD_INIT(change->removed_ips),
		.removed_peers = LIST_HEAD_INIT(change->removed_peers),
	};
	wg_trie_begin(&change->ips, &wg->ips);
}

/* A part ends, and with it a peer that was made in vain. */
static void end_part(const struct wg_change *change,
		     struct wg_change_part *part)
{
	struct wg_peer *peer = part->peer;

	peer->change_part = NULL;
	kfree(part->name);
	wg_ip_free_list(&part->ips);
	if (part->is_new && (part->is_removed || !change->is_committed))
		wg_peer_discard(peer);
}

void wg_change_end(struct wg_change *change)
{
	struct wg_change_part *part;

	if (!change->is_committed) {
		wg_udp_discard(&change->sockets);
		wg_trie_abort(&change->ips);
	}
	wg_for_each_part(part, change)
		end_part(change, part);
	kvfree(change->parts);
	wg_ip_free_list_rcu(&change->removed_ips);
	wg_peer_finish_list(&change->removed_peers);
	wg_wipe(&change->local, sizeof(change->local));
}

static int apply(struct wg_device *wg, const struct wg_request *request,
		 struct netlink_ext_ack *extack)
{
	struct wg_change change;
	int err;

	wg_change_begin(&change, wg, request, extack);
	err = wg_change_reserve(&change);
	if (!err)
		wg_change_commit(&change);
	wg_change_end(&change);
	return err;
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
