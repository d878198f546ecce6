// SPDX-License-Identifier: GPL-2.0
#include "ctl/notify.h"

#include <linux/spinlock.h>
#include <net/net_namespace.h>

#include <trace/events/wg.h>
#include <uapi/linux/wg.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/peer.h"
#include "core/upcall.h"
#include "ctl/genl.h"
#include "proto/rate.h"

/* They tell what a get request tells; so they are for those who may make one. */
#define FOR_ADMINS(title) { .name = title, .flags = GENL_MCAST_CAP_NET_ADMIN }

const struct genl_multicast_group wg_notify_groups[WG_NOTIFY_GROUP_COUNT] = {
	[WG_NOTIFY_CONFIG] = FOR_ADMINS(WG_MCGRP_CONFIG),
	[WG_NOTIFY_PEERS] = FOR_ADMINS(WG_MCGRP_PEERS),
	[WG_NOTIFY_DIAG] = FOR_ADMINS(WG_MCGRP_DIAG),
};

/**
 * struct notice - one notification
 * @command: enum wg_cmd
 * @group: to whom
 * @generation: only of WG_CMD_CONFIG_NTF
 * @public_key: 32 bytes: which peer; or NULL
 * @endpoint: or NULL
 * @reason: or WG_DROP_NONE
 */
struct notice {
	enum wg_cmd command;
	enum wg_notify_group group;
	u32 generation;
	const u8 *public_key;
	const struct wg_endpoint *endpoint;
	enum wg_drop_reason reason;
};

static bool put_notice(struct sk_buff *skb, const struct wg_device *wg,
		       const struct notice *notice)
{
	if (nla_put_u32(skb, WG_NTF_A_IFINDEX, wg->dev->ifindex) ||
	    nla_put_string(skb, WG_NTF_A_IFNAME, wg->dev->name))
		return false;
	if (notice->command == WG_CMD_CONFIG_NTF &&
	    nla_put_u32(skb, WG_NTF_A_GENERATION, notice->generation))
		return false;
	if (notice->public_key &&
	    nla_put(skb, WG_NTF_A_PUBLIC_KEY, WG_KEY_LEN, notice->public_key))
		return false;
	if (notice->endpoint && wg_endpoint_is_set(notice->endpoint) &&
	    nla_put(skb, WG_NTF_A_ENDPOINT, wg_endpoint_len(notice->endpoint),
		    &notice->endpoint->addr))
		return false;
	return !notice->reason ||
	       !nla_put_string(skb, WG_NTF_A_REASON,
			       wg_drop_name(notice->reason));
}

/*
 * A notification that finds no memory is lost; listeners can always dump. RCU read
 * section, in which the namespace of the device does not go.
 */
static void send_notice(const struct wg_device *wg, const struct notice *notice)
{
	struct sk_buff *skb;
	void *header;

	skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC);
	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &wg_genl_family, 0, notice->command);
	if (!header || !put_notice(skb, wg, notice)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&wg_genl_family, dev_net(wg->dev), skb, 0,
				notice->group, GFP_ATOMIC);
}

/* A flood of one reason keeps no other from being told. */
static bool may_tell(struct wg_refusals *refusals, enum wg_drop_reason reason)
{
	bool may;

	if (reason == WG_DROP_NONE)
		return true;
	spin_lock_bh(&refusals->lock);
	may = wg_token_bucket_take(&refusals->told[reason], wg_clock_now_ns());
	spin_unlock_bh(&refusals->lock);
	return may;
}

static void tell(struct wg_device *wg, const struct notice *notice)
{
	rcu_read_lock();
	if (genl_has_listeners(&wg_genl_family, dev_net(wg->dev),
			       notice->group) &&
	    may_tell(&wg->refusals, notice->reason))
		send_notice(wg, notice);
	rcu_read_unlock();
}

void wg_notify_config(struct wg_device *wg)
{
	const struct notice notice = {
		.command = WG_CMD_CONFIG_NTF,
		.group = WG_NOTIFY_CONFIG,
		.generation = wg->generation,
	};

	tell(wg, &notice);
}

/* For tracepoints. */
static const char *const event_names[] = {
	[WG_CMD_SESSION_UP_NTF] = "session-up",
	[WG_CMD_SESSION_LOST_NTF] = "session-lost",
	[WG_CMD_ENDPOINT_NTF] = "endpoint-moved",
	[WG_CMD_SESSION_MADE_NTF] = "session-made",
	[WG_CMD_SESSION_ENDED_NTF] = "session-ended",
	[WG_CMD_PEER_ENDED_NTF] = "peer-ended",
	[WG_CMD_PEER_RENEWED_NTF] = "peer-renewed",
};

void wg_notify_peer(struct wg_peer *peer, enum wg_cmd event,
		    const struct wg_endpoint *endpoint)
{
	const struct notice notice = {
		.command = event,
		.group = WG_NOTIFY_PEERS,
		.public_key = peer->remote.public_key,
		.endpoint = endpoint,
	};

	trace_wg_peer(peer, event_names[event]);
	tell(peer->wg, &notice);
}

void wg_notify_diag(struct wg_device *wg, const struct wg_refusal *refusal)
{
	const struct notice notice = {
		.command = WG_CMD_DIAG_NTF,
		.group = WG_NOTIFY_DIAG,
		.public_key = refusal->public_key,
		.endpoint = &refusal->about,
		.reason = refusal->reason,
	};

	tell(wg, &notice);
}
