/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a peer may have put into a message: a whole IPv4 or IPv6 packet from an
 * address that is his, whose ECN bits fit those outside.
 */
#ifndef _WG_PATH_DECAP_H
#define _WG_PATH_DECAP_H

#include <linux/in6.h>
#include <linux/types.h>

#include "core/drop.h"

struct sk_buff;
struct wg_device;
struct wg_peer;

/**
 * struct wg_decap_source - whose packets are judged, for one batch
 * @wg: device
 * @peer: who sent the batch
 * @last4: an IPv4 address found to be @peer's, or 0
 * @last6: an IPv6 address found to be @peer's, or ::
 *
 * A stream has one source: remembering it makes one lookup of a batch.
 */
struct wg_decap_source {
	struct wg_device *wg;
	struct wg_peer *peer;
	__be32 last4;
	struct in6_addr last6;
};

/**
 * wg_decap_check() - may this packet go up the stack?
 * @source: who sent it
 * @skb: linear, opened, not empty, from the inner IP header on
 *
 * Trims the padding, sets the headers' offsets and the protocol, and takes the
 * outer ECN mark over (RFC 6040, 4.2). Context: softirq, RCU read side.
 *
 * Return: WG_DROP_NONE, or why not.
 */
enum wg_drop_reason wg_decap_check(struct wg_decap_source *source,
				   struct sk_buff *skb);

#endif
