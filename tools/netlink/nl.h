/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices as the kernel has them: reading and changing them over generic
 * netlink.
 *
 * Which family an interface is driven through follows from its rtnl kind:
 * "wg" or "wireguard". The environment's WGCTL_FAMILY, one of these two,
 * overrides that. Through "wg" a change of any size is one message, applied
 * whole or not at all; "wireguard" gets several, since the in-tree module
 * reads one list of peers in each message.
 */
#ifndef _WGCTL_NETLINK_NL_H
#define _WGCTL_NETLINK_NL_H

#include "lib/fault.h"
#include "model/tunnel.h"

/**
 * nl_get() - read a device with its peers
 * @name: of the interface
 * @fault: filled on failure; the code is -ENODEV where there is none
 *
 * The dump is read again when the configuration changed under way.
 *
 * Return: the tunnel, for tunnel_free(), or NULL.
 */
struct tunnel *nl_get(const char *name, struct fault *fault);

/**
 * nl_set() - change a device
 * @change: name, what `has` says, flags, and its peers; endpoints resolved
 * @fault: the kernel's own words, and the peer that they are about
 *
 * Return: 0 or a negative errno.
 */
int nl_set(const struct tunnel *change, struct fault *fault);

/**
 * nl_set_and_warn() - change a device, and tell whose allowed IPs that takes
 * @change: as of nl_set()
 * @fault: as of nl_set()
 *
 * Our module refuses at first what another peer has. The in-tree one does not
 * say.
 *
 * Return: 0 or a negative errno.
 */
int nl_set_and_warn(const struct tunnel *change, struct fault *fault);

#endif
