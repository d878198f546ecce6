/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the network stack to the wire: who is it for, counters of the session,
 * sealing, sending. Runs to completion in ndo_start_xmit; packets that must
 * wait for a handshake stay in the peer's queue (core/txq). The rest of path/tx
 * is declared in core/upcall.h.
 */
#ifndef _WG_PATH_TX_H
#define _WG_PATH_TX_H

#include <linux/netdevice.h>

/* ndo_start_xmit of a wg device. BH disabled. */
netdev_tx_t wg_tx_xmit(struct sk_buff *skb, struct net_device *dev);

#endif
