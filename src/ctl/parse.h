/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the attributes of a set request to plain structs, everything checked
 * that can be checked without looking at the device. No locks; the only thing
 * that it takes is memory. Keys stay where they are, in the message: a
 * request is valid as long as its message.
 */
#ifndef _WG_CTL_PARSE_H
#define _WG_CTL_PARSE_H

#include <linux/in6.h>
#include <linux/types.h>
#include <net/netlink.h>

#include <uapi/linux/wg.h>

#include "core/endpoint.h"

struct wg_allowed_ip;

/* The last ones that there are. */
#define WG_DEVICE_A_MAX WG_DEVICE_A_BIND_ADDRESS
#define WG_PEER_A_MAX WG_PEER_A_UNTIL

/* The attributes that a request about a device may have. */
extern const struct nla_policy wg_device_policy[WG_DEVICE_A_MAX + 1];

/**
 * struct wg_request_ip - one allowed IP to give to a peer or to take from it
 * @attr: where it stands
 * @displaced: used by ctl/change: what the peers had for this prefix before
 * @addr: the prefix, all behind it zero; of IPv4 the first four bytes
 * @family: AF_INET or AF_INET6
 * @cidr: prefix length, fits the family
 * @is_removal: take it away
 */
struct wg_request_ip {
	const struct nlattr *attr;
	struct wg_allowed_ip *displaced;
	struct in6_addr addr;
	u16 family;
	u8 cidr;
	bool is_removal;
};

/**
 * struct wg_request_peer - what is to be done to one peer
 * @attr: where it stands
 * @public_key: 32 bytes in the message
 * @psk: attribute of 32 bytes, or NULL: as it is
 * @name: attribute, a string, empty for no name; or NULL: as it is
 * @keepalive: attribute of a u16, or NULL: as it is
 * @disabled: attribute of a u8, or NULL: as it is
 * @until: attribute of a u64, or NULL: as it is
 * @endpoint: family 0: as it is
 * @ips: its part of the request's allowed IPs
 * @ip_count: how many
 * @flags: enum wg_peer_flag
 */
struct wg_request_peer {
	const struct nlattr *attr;
	const u8 *public_key;
	const struct nlattr *psk;
	const struct nlattr *name;
	const struct nlattr *keepalive;
	const struct nlattr *disabled;
	const struct nlattr *until;
	struct wg_endpoint endpoint;
	struct wg_request_ip *ips;
	unsigned int ip_count;
	u32 flags;
};

/**
 * struct wg_request - one set request
 * @private_key: attribute of 32 bytes, or NULL: as it is
 * @listen_port: attribute of a u16, or NULL: as it is
 * @fwmark: attribute of a u32, or NULL: as it is
 * @exclusive: attribute of a u8, or NULL: as it is
 * @bind_device: attribute, a string, empty for any; or NULL: as it is
 * @bind_address: attribute of 16 bytes, or NULL: as it is
 * @flags: enum wg_device_flag
 * @peers: in the order of the message
 * @peer_count: how many
 * @ips: of all peers, in the order of the message
 * @ip_count: how many
 */
struct wg_request {
	const struct nlattr *private_key;
	const struct nlattr *listen_port;
	const struct nlattr *fwmark;
	const struct nlattr *exclusive;
	const struct nlattr *bind_device;
	const struct nlattr *bind_address;
	u32 flags;
	struct wg_request_peer *peers;
	unsigned int peer_count;
	struct wg_request_ip *ips;
	unsigned int ip_count;
};

/**
 * wg_request_parse() - take a message's attributes apart
 * @request: the result; wg_request_free() it if this succeeded
 * @head: first attribute of the message
 * @len: bytes of attributes
 * @extack: gets what is wrong, and which attribute it is
 *
 * Context: Process context.
 * Return: 0; -EINVAL, -ERANGE, -EPFNOSUPPORT and others for what does not
 * parse; -ENOMEM.
 */
int wg_request_parse(struct wg_request *request, const struct nlattr *head,
		     int len, struct netlink_ext_ack *extack);

void wg_request_free(struct wg_request *request);

/* Zero all keys in a message's attributes, however broken it is. */
void wg_request_wipe(const struct nlattr *head, int len);

#endif
