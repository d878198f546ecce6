/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bursts of single packets: each joins what its peer has staged already, and
 * they leave together as one UDP GSO packet. A packet that is sent alone costs
 * a walk through UDP, IP and the cable; coalesced it costs a share of one.
 *
 * Nobody waits who need not: only packets of a burst (proto/rate), and until
 * they fill a UDP GSO packet or WG_COALESCE_NS have passed, whatever is first.
 */
#ifndef _WG_PATH_COALESCE_H
#define _WG_PATH_COALESCE_H

#include <linux/skbuff.h>
#include <linux/types.h>

struct wg_peer;

/*
 * The longest that a packet waits to be coalesced: as long as network cards
 * hold back interrupts for the same reason.
 */
#define WG_COALESCE_NS (50 * NSEC_PER_USEC)

/*
 * May @skb, one packet, be coalesced? If so, it is taken, and leaves by
 * itself. BH disabled.
 */
bool wg_coalesce(struct wg_peer *peer, struct sk_buff *skb);

/* Timers of all CPUs. Process context. */
void wg_coalesce_register(void);

/* No peer is left; those that wait are let go. Process context. */
void wg_coalesce_unregister(void);

#endif
