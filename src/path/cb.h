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

/*
 * The most messages of a batch: one aggregate, or single ones coalesced. What
 * GRO makes holds no more.
 */
#define WG_BATCH_MAX 64

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
 * struct wg_rx_cb - of the first datagram of a received batch
 * @session: under which all its messages are
 * @plain: list by ->next of inner packets, in order, once opened
 * @plain_tail: last of @plain
 * @tail: last datagram of the batch, which is a list by ->next
 * @messages: messages in the batch
 * @unopened: how many of them found no memory to be opened
 * @is_open: opened, @plain is valid; release and acquire
 * @has_reference: to @session
 */
struct wg_rx_cb {
	struct wg_session *session;
	struct sk_buff *plain;
	struct sk_buff *plain_tail;
	struct sk_buff *tail;
	u16 messages;
	u16 unopened;
	bool is_open;
	bool has_reference;
};

/**
 * struct wg_plain_cb - of an inner packet that was opened
 * @counter: of the message that it came in, or of the first of several
 * @len: plaintext of each message but the last, with padding
 * @last_len: plaintext of the last
 * @verdict: enum wg_drop_reason; 0: authentic
 * @ds: traffic class of the outer packets
 * @messages: that it came in, with counters one after the other
 */
struct wg_plain_cb {
	u64 counter;
	u16 len;
	u16 last_len;
	u8 verdict;
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
