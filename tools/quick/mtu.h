/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long the packets may be that go into a tunnel.
 */
#ifndef _WGCTL_QUICK_MTU_H
#define _WGCTL_QUICK_MTU_H

#include "model/tunnel.h"
#include "netlink/rtnl.h"

/**
 * mtu_of_tunnel() - what fits into the packets that carry it
 * @rtnl: open
 * @tunnel: with resolved endpoints, and the mark and binding of these packets
 *
 * Return: the smallest of the routes' to the endpoints, or else that of the
 * device to which they are bound, or of the default route, less what a tunnel
 * adds.
 */
uint32_t mtu_of_tunnel(struct nl_talk *rtnl, const struct tunnel *tunnel);

#endif
