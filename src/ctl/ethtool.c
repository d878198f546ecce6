// SPDX-License-Identifier: GPL-2.0
/*
 * What ethtool(8) prints and sets: with -S, what was dropped by reason; with -l
 * and -L, the lanes of the receive path.
 */
#include "ctl/ethtool.h"

#include "core/device.h"
#include "core/drop.h"
#include "path/path.h"

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

static void get_channels(struct net_device *dev,
			 struct ethtool_channels *channels)
{
	const struct wg_device *wg = netdev_priv(dev);

	channels->max_combined = WG_RX_CPUS_MAX;
	channels->combined_count = wg->path->rx.lane_count;
}

static int set_channels(struct net_device *dev,
			struct ethtool_channels *channels)
{
	struct wg_device *wg = netdev_priv(dev);
	int err;

	mutex_lock(&wg->config_lock);
	err = wg_rx_set_lanes(&wg->path->rx, channels->combined_count);
	mutex_unlock(&wg->config_lock);
	return err;
}

const struct ethtool_ops wg_ethtool_ops = {
	.get_link = ethtool_op_get_link,
	.get_sset_count = sset_count,
	.get_strings = strings,
	.get_ethtool_stats = stats,
	.get_channels = get_channels,
	.set_channels = set_channels,
};
