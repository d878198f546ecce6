/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What nftables does for a tunnel: a filter, and masquerading.
 *
 * The filter goes with a default route through a tunnel.
 *
 * With a default route by policy, a packet to one of the tunnel's addresses
 * could come in by any interface (whoever shares our network can send one),
 * and replies to it would go through the tunnel. So what is for these
 * addresses must come out of the tunnel, or from this machine. The tunnel's
 * own packets carry a mark; those that answer them are given it as well, so
 * that the reverse path filter looks where they came from.
 *
 * Masquerading is a server's: what its users send on to elsewhere leaves with
 * an address of this machine. It is of the family AF_UNSPEC, for both.
 */
#ifndef _WGCTL_FIREWALL_H
#define _WGCTL_FIREWALL_H

#include <stdbool.h>
#include <stdint.h>

#include "fault.h"
#include "model.h"

/* What there is to filter. */
struct firewall {
	const char *interface;
	uint16_t family; /* AF_INET, AF_INET6; AF_UNSPEC: masquerade */
	uint32_t mark; /* for the filter */
	const struct allowed_ips *addresses; /* of the tunnel, likewise */
};

/**
 * firewall_text() - the rules, as nft reads them
 * @firewall: what for
 * @replaces: the rules that are there; otherwise their being there is an
 *	error, for they are not ours to add to
 *
 * Pure. Return: a string for free(), or NULL without memory.
 */
char *firewall_text(const struct firewall *firewall, bool replaces);

/* put the rules in place, in one transaction; take them away */
int firewall_add(const struct firewall *firewall, struct fault *fault);
int firewall_replace(const struct firewall *firewall, struct fault *fault);
int firewall_delete(const char *interface, uint16_t family,
		    struct fault *fault);

/* are there such rules? 1, 0, or a negative errno when nft does not tell */
int firewall_exists(const char *interface, uint16_t family,
		    struct fault *fault);

#endif
