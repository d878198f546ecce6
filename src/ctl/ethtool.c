// SPDX-License-Identifier: GPL-2.0
/*
 * What ethtool(8) prints: with -S, what was dropped by reason.
 */
#include "ctl/ethtool.h"

#include "core/device.h"
#include "core/drop.h"

static const enum wg_drop_reason first = WG_DROP_NONE + 1;

static int sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? WG_DROP_END - first : -EOPNOTSUPP;
}

static void strings(struct net_device *dev, u32 set, u8 *data)
{
	enum wg_drop_reason reason;

	for (reason = first; reason < WG_DROP_END; reason++)
		ethtool_sprintf(&data, "drop-%s", wg_drop_name(reason));
}

static void stats(struct net_device *dev, struct ethtool_stats *unused,
		  u64 *data)
{
	const struct wg_device *wg = netdev_priv(dev);
	enum wg_drop_reason reason;

	for (reason = first; reason < WG_DROP_END; reason++)
		*data++ = wg_drop_sum(wg, reason);
}

const struct ethtool_ops wg_ethtool_ops = {
	.get_link = ethtool_op_get_link,
	.get_sset_count = sset_count,
	.get_strings = strings,
	.get_ethtool_stats = stats,
};
