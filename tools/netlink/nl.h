/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talking to the kernel: the device's family over generic netlink, and the
 * list of interfaces over rtnetlink.
 *
 * Which family an interface is driven through follows from its rtnl kind:
 * "wg" or "wireguard". The environment's WGCTL_FAMILY, one of these two,
 * overrides that. Through "wg" a change of any size is one message, applied
 * whole or not at all; "wireguard" gets several, since the in-tree module
 * reads one list of peers in each message.
 */
#ifndef _WGCTL_NETLINK_NL_H
#define _WGCTL_NETLINK_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/fault.h"
#include "model/tunnel.h"

/* How messages travel; tests put a device in memory in the kernel's place. */
struct nl_transport;
struct nl_transport_ops {
	size_t size; /* of what begins with a struct nl_transport */
	/* protocol: NETLINK_GENERIC or NETLINK_ROUTE; 0 or negative errno */
	int (*open)(struct nl_transport *self, int protocol);
	int (*send)(struct nl_transport *self, const void *message,
		    size_t len);
	/* one datagram; its length, or negative errno */
	ssize_t (*receive)(struct nl_transport *self, void *buf, size_t room);
	void (*close)(struct nl_transport *self);
};

struct nl_transport {
	const struct nl_transport_ops *ops;
};

/* Netlink sockets: the only way to the kernel. Tests link others so called. */
extern const struct nl_transport_ops nl_socket_ops;

struct nl_link {
	char name[IFNAMSIZ];
	char kind[16]; /* "wg" or "wireguard" */
	uint32_t ifindex;
	bool is_up;
};

struct nl_links {
	struct nl_link *items;
	size_t count;
	size_t room;
};

/**
 * nl_list() - all interfaces that are tunnels, in the kernel's order
 * @links: filled; its items are for free()
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int nl_list(struct nl_links *links, struct fault *fault);

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
