/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause */
/*
 * The generic netlink family "wg".
 *
 * Numbers below 64 are those of the kernel's "wireguard" family, so that a
 * tool which speaks one speaks the other. Everything that only this family
 * has begins at 64 (attributes, commands) or at bit 16 (flags).
 *
 * Documentation/netlink/specs/wg.yaml describes every attribute; `make lint`
 * checks this header against it.
 */
#ifndef _UAPI_LINUX_WG_H
#define _UAPI_LINUX_WG_H

#include <linux/types.h>

#define WG_GENL_NAME "wg"
#define WG_GENL_VERSION 1

#define WG_MCGRP_CONFIG "config" /* what an administrator changed */
#define WG_MCGRP_PEERS "peers" /* what an authenticated peer did; who expired */
#define WG_MCGRP_DIAG "diag" /* what anybody may cause; rate limited */

#define WG_KEY_LEN 32
#define WG_PEER_NAME_MAX 63 /* bytes of UTF-8, without the final zero */

enum wg_cmd {
	WG_CMD_GET_DEVICE = 0, /* dump; one device by index or name */
	WG_CMD_SET_DEVICE = 1, /* one transaction: whole or not at all */

	WG_CMD_CONFIG_NTF = 64, /* group config: interface and generation */
	WG_CMD_SESSION_UP_NTF, /* group peers: a session was confirmed */
	WG_CMD_SESSION_LOST_NTF, /* group peers: gave up on a handshake */
	WG_CMD_ENDPOINT_NTF, /* group peers: an endpoint moved */
	WG_CMD_DIAG_NTF, /* group diag: as wg_refusal_attr, but the time */
	WG_CMD_SESSION_MADE_NTF, /* group peers: a handshake was answered */
	WG_CMD_SESSION_ENDED_NTF, /* group peers: all keys were wiped */
	WG_CMD_PEER_ENDED_NTF, /* group peers: it has expired */
	WG_CMD_PEER_RENEWED_NTF, /* group peers: its end is ahead again, or gone */
};

enum wg_device_flag {
	WG_DEVICE_F_REPLACE_PEERS = 1U << 0,
	/* refuse, with EEXIST, to take an allowed IP from another peer */
	WG_DEVICE_F_EXCLUSIVE_IPS = 1U << 16,
};

enum wg_device_attr {
	WG_DEVICE_A_UNSPEC,
	WG_DEVICE_A_IFINDEX, /* u32 */
	WG_DEVICE_A_IFNAME, /* string */
	WG_DEVICE_A_PRIVATE_KEY, /* 32 bytes; all zero clears it */
	WG_DEVICE_A_PUBLIC_KEY, /* 32 bytes, from the kernel only */
	WG_DEVICE_A_FLAGS, /* u32, enum wg_device_flag */
	WG_DEVICE_A_LISTEN_PORT, /* u16, host order; 0 chooses one */
	WG_DEVICE_A_FWMARK, /* u32; 0 is off */
	WG_DEVICE_A_PEERS, /* nest of nests of wg_peer_attr; may repeat */

	WG_DEVICE_A_COUNTERS = 64, /* nest of wg_counter_attr */
	WG_DEVICE_A_DROPS, /* nest, repeated: wg_drop_attr */
	WG_DEVICE_A_GENERATION, /* u32, +1 for every change of configuration */
	WG_DEVICE_A_PEER_COUNT, /* u32 */
	WG_DEVICE_A_IPS_MOVED, /* u64, allowed IPs taken from another peer */
	WG_DEVICE_A_PAD, /* aligns 64-bit attributes */
	WG_DEVICE_A_REFUSALS, /* nest, repeated: wg_refusal_attr, of no peer */
	WG_DEVICE_A_EXCLUSIVE, /* u8; 1: always as with that flag */
	WG_DEVICE_A_BIND_DEVICE, /* string: outer packets use it alone */
	WG_DEVICE_A_BIND_ADDRESS, /* struct in6_addr, IPv4 mapped; :: is any */
};

enum wg_peer_flag {
	WG_PEER_F_REMOVE_ME = 1U << 0,
	WG_PEER_F_REPLACE_ALLOWEDIPS = 1U << 1,
	WG_PEER_F_UPDATE_ONLY = 1U << 2,
};

enum wg_peer_attr {
	WG_PEER_A_UNSPEC,
	WG_PEER_A_PUBLIC_KEY, /* 32 bytes */
	WG_PEER_A_PRESHARED_KEY, /* 32 bytes; all zero clears it */
	WG_PEER_A_FLAGS, /* u32, enum wg_peer_flag */
	WG_PEER_A_ENDPOINT, /* struct sockaddr_in or sockaddr_in6 */
	WG_PEER_A_PERSISTENT_KEEPALIVE, /* u16, seconds; 0 is off */
	WG_PEER_A_LAST_HANDSHAKE_TIME, /* struct __kernel_timespec */
	WG_PEER_A_RX_BYTES, /* u64 */
	WG_PEER_A_TX_BYTES, /* u64 */
	WG_PEER_A_ALLOWEDIPS, /* nest of nests of wg_allowedip_attr */
	WG_PEER_A_PROTOCOL_VERSION, /* u32; 1, or absent */

	WG_PEER_A_NAME = 64, /* string, WG_PEER_NAME_MAX; empty clears it */
	WG_PEER_A_COUNTERS, /* nest of wg_counter_attr */
	WG_PEER_A_DROPS, /* nest, repeated: wg_drop_attr */
	WG_PEER_A_PAD, /* aligns 64-bit attributes */
	WG_PEER_A_REFUSAL, /* nest of wg_refusal_attr: the last one */
	WG_PEER_A_LAST_RECEIVED, /* nest of wg_last_attr */
	WG_PEER_A_LAST_SENT, /* nest of wg_last_attr */
	WG_PEER_A_DISABLED, /* u8; 1: the peer is silent and is not answered */
	WG_PEER_A_UNTIL, /* u64, seconds since 1970: likewise from then on */
};

enum wg_allowedip_flag {
	WG_ALLOWEDIP_F_REMOVE_ME = 1U << 0,
};

enum wg_allowedip_attr {
	WG_ALLOWEDIP_A_UNSPEC,
	WG_ALLOWEDIP_A_FAMILY, /* u16, AF_INET or AF_INET6 */
	WG_ALLOWEDIP_A_IPADDR, /* 4 or 16 bytes, network order */
	WG_ALLOWEDIP_A_CIDR_MASK, /* u8 */
	WG_ALLOWEDIP_A_FLAGS, /* u32, enum wg_allowedip_flag */
};

/* Totals since the device or peer was made; bytes are of outer payloads. */
enum wg_counter_attr {
	WG_COUNTER_A_UNSPEC,
	WG_COUNTER_A_RX_PACKETS, /* u64 */
	WG_COUNTER_A_RX_BYTES, /* u64 */
	WG_COUNTER_A_TX_PACKETS, /* u64 */
	WG_COUNTER_A_TX_BYTES, /* u64 */
	WG_COUNTER_A_PAD,
};

/* One entry for each reason whose count is not zero. */
enum wg_drop_attr {
	WG_DROP_A_UNSPEC,
	WG_DROP_A_REASON, /* string: a lasting name such as "replay" */
	WG_DROP_A_PACKETS, /* u64 */
	WG_DROP_A_PAD,
};

/* What was refused, why, and what is known of it. */
enum wg_refusal_attr {
	WG_REFUSAL_A_UNSPEC,
	WG_REFUSAL_A_REASON, /* string: the name of a drop reason */
	WG_REFUSAL_A_TIME, /* struct __kernel_timespec */
	/*
	 * struct sockaddr_in or sockaddr_in6: where it came from. Of an inner
	 * packet, with port 0: of "source-not-allowed" the source, of
	 * "no-peer" the destination
	 */
	WG_REFUSAL_A_ADDRESS,
	WG_REFUSAL_A_PUBLIC_KEY, /* 32 bytes: whose it is or claims to be; all zero: not known */
};

/* The last message that was accepted from a peer, or sent to it. */
enum wg_last_attr {
	WG_LAST_A_UNSPEC,
	WG_LAST_A_MESSAGE, /* string: "initiation", "response", "data" or "keepalive" */
	WG_LAST_A_TIME, /* struct __kernel_timespec */
};

/* Attributes of the notifications, all of which name the interface. */
enum wg_ntf_attr {
	WG_NTF_A_UNSPEC,
	WG_NTF_A_IFINDEX, /* u32 */
	WG_NTF_A_IFNAME, /* string */
	WG_NTF_A_GENERATION, /* u32 */
	WG_NTF_A_PUBLIC_KEY, /* 32 bytes: the peer */
	WG_NTF_A_ENDPOINT, /* struct sockaddr_in or sockaddr_in6 */
	WG_NTF_A_REASON, /* string: the name of a drop reason */
};

#endif
