/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The timer of bursts: single packets of a burst wait for a moment, and leave
 * together as one UDP GSO packet. A packet that is sent alone costs a walk
 * through UDP, IP and the cable; coalesced it costs a share of one. Which
 * packets wait is core/txq's.
 */
#ifndef _WG_PATH_COALESCE_H
#define _WG_PATH_COALESCE_H

#include <linux/time64.h>

struct wg_peer;

/*
 * The longest that a packet waits to be coalesced: as long as network cards
 * hold back interrupts for the same reason.
 */
#define WG_COALESCE_NS (50 * NSEC_PER_USEC)

/*
 * Flush what waits for @peer within WG_COALESCE_NS, as WG_TX_COALESCE asks.
 * BH disabled.
 */
void wg_coalesce(struct wg_peer *peer);

/* Timers of all CPUs. Process context. */
void wg_coalesce_register(void);

/* No peer is left; those that wait are let go. Process context. */
void wg_coalesce_unregister(void);

#endif
