/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the network stack to the wire: who is it for, counters of the session,
 * sealing, sending. Runs to completion in ndo_start_xmit; packets that must
 * wait for a handshake are staged on the peer.
 */
#ifndef _WG_PATH_TX_H
#define _WG_PATH_TX_H

#include <linux/netdevice.h>

struct wg_peer;

/* ndo_start_xmit of a wg device. BH disabled. */
netdev_tx_t wg_tx_xmit(struct sk_buff *skb, struct net_device *dev);

/* Send what is staged for @peer if it has a session now. BH disabled. */
void wg_tx_flush(struct wg_peer *peer);

/* Send @peer an empty message. BH disabled. */
void wg_tx_keepalive(struct wg_peer *peer);

/* Drop what is staged for @peer; tell the senders. BH disabled. */
void wg_tx_drop_staged(struct wg_peer *peer);

#endif
