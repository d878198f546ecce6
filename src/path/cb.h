/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What path/ keeps in skb->cb, by the kind of packet: one struct and one
 * accessor for each.
 */
#ifndef _WG_PATH_CB_H
#define _WG_PATH_CB_H

#include <linux/build_bug.h>
#include <linux/skbuff.h>

struct wg_session;

/**
 * struct wg_tx_cb - of an inner packet on its way out
 * @mtu: padding must not go beyond it
 * @ds: traffic class of the outer packet
 */
struct wg_tx_cb {
	unsigned int mtu;
	u8 ds;
};

/**
 * struct wg_rx_cb - of a datagram that belongs to somebody
 * @session: under which all its messages are; NULL: it is a handshake message
 * @messages: how many
 */
struct wg_rx_cb {
	struct wg_session *session;
	unsigned int messages;
};

/**
 * struct wg_plain_cb - of an inner packet that was opened
 * @ds: traffic class of the outer packets
 * @messages: that it came in
 */
struct wg_plain_cb {
	u8 ds;
	u8 messages;
};

static_assert(sizeof(struct wg_tx_cb) <= sizeof_field(struct sk_buff, cb));
static_assert(sizeof(struct wg_rx_cb) <= sizeof_field(struct sk_buff, cb));
static_assert(sizeof(struct wg_plain_cb) <= sizeof_field(struct sk_buff, cb));

static inline struct wg_tx_cb *wg_tx_cb(struct sk_buff *skb)
{
	return (struct wg_tx_cb *)skb->cb;
}

static inline struct wg_rx_cb *wg_rx_cb(struct sk_buff *skb)
{
	return (struct wg_rx_cb *)skb->cb;
}

static inline struct wg_plain_cb *wg_plain_cb(struct sk_buff *skb)
{
	return (struct wg_plain_cb *)skb->cb;
}

#endif
