/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices as the rest of the kernel sees them: kinds "wg" and, on demand,
 * "wireguard" of rtnetlink, up and down, statistics, and what happens to all
 * devices at once: the end of a namespace, suspend, the copy of a machine.
 */
#ifndef _WG_CTL_NETDEV_H
#define _WG_CTL_NETDEV_H

#include <linux/netdevice.h>
#include <linux/types.h>

struct net;
struct wg_device;

/*
 * Make the kinds known; @is_compat: the second one too. Process context.
 * Return: 0; -EEXIST when somebody else has that name; what else the kernel
 * says.
 */
int wg_netdev_register(bool is_compat);

/* Also ends all devices. */
void wg_netdev_unregister(bool is_compat);

/* Is it one of ours? Reference to @dev, RCU or rtnl held. */
bool wg_netdev_is_ours(const struct net_device *dev);

/*
 * The namespace where the sockets of @wg live, with a reference for
 * put_net(); NULL if it is gone or about to go. Any context.
 */
struct net *wg_netdev_birth_net_get(struct wg_device *wg);

/*
 * The machine is about to sleep, or is awake again: in between no device has
 * a session or a handshake, nor begins one, and their keys are wiped when
 * wg_netdev_sleep() returns. Process context.
 */
void wg_netdev_sleep(void);
void wg_netdev_wake(void);

/* First initialisation of a net_device with room for a struct wg_device. */
void wg_netdev_setup(struct net_device *dev);

/*
 * Register @dev, prepared by wg_netdev_setup(), with @net as its namespace of
 * birth. rtnl held. Return: 0 or -errno.
 */
int wg_netdev_create(struct net_device *dev, struct net *net);

#endif
