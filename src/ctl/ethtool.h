/* SPDX-License-Identifier: GPL-2.0 */
/* What ethtool(8) asks of a device. */
#ifndef _WG_CTL_ETHTOOL_H
#define _WG_CTL_ETHTOOL_H

#include <linux/ethtool.h>

extern const struct ethtool_ops wg_ethtool_ops;

#endif
