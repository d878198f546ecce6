/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was received and sent, by a peer since it was made, or by one CPU of a
 * device.
 */
#ifndef _WG_CORE_COUNTERS_H
#define _WG_CORE_COUNTERS_H

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

/**
 * struct wg_last - which message was the last one, and when it was
 * @time_ns: of core/clock
 * @message: "initiation", "response", "data" or "keepalive"; NULL: none was
 */
struct wg_last {
	u64 time_ns;
	const char *message;
};

#endif
