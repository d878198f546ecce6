/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What nftables, or else iptables, does for a tunnel: a filter, and
 * masquerading.
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
#ifndef _WGCTL_QUICK_FIREWALL_H
#define _WGCTL_QUICK_FIREWALL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/fault.h"
#include "model/tunnel.h"

/* What there is to filter. */
struct firewall {
	const char *interface;
	uint16_t family; /* AF_INET, AF_INET6; AF_UNSPEC: masquerade */
	uint32_t mark; /* for the filter */
	const struct allowed_ips *addresses; /* of the tunnel */
};

/* What there is for a tunnel. */
struct firewall_seen {
	bool filters_ipv4;
	bool filters_ipv6;
	bool masquerades;
	bool has_foreign; /* filters that wg-quick made */
};

/* "nftables" or "iptables", the one that is used; NULL: neither is there */
const char *firewall_word(void);

/* what there is; nothing, and a negative errno, where nobody tells */
int firewall_look(struct firewall_seen *seen, const char *interface,
		  struct fault *fault);

/**
 * firewall_put() - put rules in place, instead of those that are there
 * @firewall: what for
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int firewall_put(const struct firewall *firewall, struct fault *fault);

/* take them away; there may be none */
int firewall_delete(const char *interface, uint16_t family,
		    struct fault *fault);
int firewall_delete_foreign(const char *interface, struct fault *fault);

#endif
