/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interfaces, and which of them are tunnels.
 */
#ifndef _WGCTL_NETLINK_LINK_H
#define _WGCTL_NETLINK_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#include "lib/fault.h"
#include "lib/strv.h"

struct nl_link {
	char name[IFNAMSIZ];
	char kind[16]; /* "wg" or "wireguard"; empty for one that is no tunnel */
	uint32_t ifindex;
	uint32_t mtu;
	uint32_t vrf; /* the one that it is in; 0: none */
	bool is_up;
};

/**
 * nl_list() - all interfaces that are tunnels, in the kernel's order
 * @names: theirs are added
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int nl_list(struct strv *names, struct fault *fault);

/**
 * nl_find_link() - look at an interface
 * @link: filled; all zero where there is none
 * @name: of the interface
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno; -ENODEV where there is none.
 */
int nl_find_link(struct nl_link *link, const char *name, struct fault *fault);

/* What a message of rtnetlink says of an interface; all zero if nothing. */
void nl_read_link(struct nl_link *link, const struct nlmsghdr *message);

/* the MTU of the interface of that number; 0 where there is none */
uint32_t nl_link_mtu(uint32_t ifindex);

#endif
