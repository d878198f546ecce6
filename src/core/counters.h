/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was received and sent, by a peer since it was made, or by one CPU of a
 * device.
 */
#ifndef _WG_CORE_COUNTERS_H
#define _WG_CORE_COUNTERS_H

#include <linux/math64.h>
#include <linux/types.h>

/**
 * struct wg_counters - packets and bytes
 * @rx_packets: data messages accepted
 * @rx_bytes: bytes of UDP payload of all authenticated messages
 * @tx_packets: data messages sent
 * @tx_bytes: bytes of UDP payload of all messages sent
 */
struct wg_counters {
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
};

enum wg_last_message {
	WG_LAST_NOTHING,
	WG_LAST_INITIATION,
	WG_LAST_RESPONSE,
	WG_LAST_DATA,
	WG_LAST_KEEPALIVE,
};

/**
 * struct wg_last - which message was the last one, and when it was
 * @time_us: of core/clock
 * @message: enum wg_last_message
 */
struct wg_last {
	u64 time_us : 56;
	u64 message : 8;
};

static inline void wg_last_set(struct wg_last *last,
			       enum wg_last_message message, u64 now_ns)
{
	last->time_us = div_u64(now_ns, NSEC_PER_USEC);
	last->message = message;
}

#endif
