/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tunnel and its peers as plain data.
 *
 * The same structures stand for what a device has (nl fills them), what a
 * file says (conf fills them) and what is to be changed (the verbs fill
 * them); `has` bits tell what is present. Nothing here talks to a kernel, a
 * file or a terminal. Everything is linear in the number of peers, and what
 * holds a key is wiped when it is freed.
 */
#ifndef _WGCTL_MODEL_TUNNEL_H
#define _WGCTL_MODEL_TUNNEL_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/wg.h>

#include "lib/fault.h"
#include "lib/strv.h"

/* An allowed IP; its host bits are kept as they were given. */
struct allowed_ip {
	uint16_t family; /* AF_INET or AF_INET6 */
	uint8_t cidr;
	bool remove; /* "-prefix": take it away instead of adding it */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

#define IP_FAMILIES 2

extern const uint16_t ip_families[IP_FAMILIES]; /* AF_INET, AF_INET6 */

/* "IPv4", "IPv6" */
const char *ip_family_name(uint16_t family);

struct allowed_ips {
	struct allowed_ip *items;
	uint32_t count;
	uint32_t room;
};

/*
 * Where a peer is reached. From a file or an argument come host and port;
 * resolve_endpoint() turns them into an address. From a device comes the
 * address alone.
 */
struct endpoint {
	union {
		struct sockaddr sa; /* AF_UNSPEC until it is resolved */
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr;
	char *host; /* owned; without brackets; NULL when only addr is known */
	char *port; /* owned; a number or a service's name */
};

struct counters {
	uint64_t rx_packets;
	uint64_t rx_bytes;
	uint64_t tx_packets;
	uint64_t tx_bytes;
};

#define DROP_NAME_MAX 47

struct drop {
	char reason[DROP_NAME_MAX + 1];
	uint64_t packets;
};

struct drops {
	struct drop *items;
	size_t count;
	size_t room;
};

/* What was refused, and what is known of it. Owns nothing. */
struct refusal {
	char reason[DROP_NAME_MAX + 1];
	int64_t time_s; /* since the epoch */
	int64_t time_ns;
	struct endpoint about; /* AF_UNSPEC: not known */
	uint8_t public_key[WG_KEY_LEN]; /* all zero: not known */
};

struct refusals {
	struct refusal *items;
	size_t count;
	size_t room;
};

#define MESSAGE_NAME_MAX 15

/* The last message of a peer, or to it. */
struct last_message {
	char message[MESSAGE_NAME_MAX + 1]; /* "data", ...; empty: none */
	int64_t time_s; /* since the epoch */
	int64_t time_ns;
};

enum peer_has {
	PEER_HAS_PSK = 1U << 0,
	PEER_HAS_ENDPOINT = 1U << 1,
	PEER_HAS_KEEPALIVE = 1U << 2,
	PEER_HAS_NAME = 1U << 3, /* name[0] == 0: clear the name */
	PEER_HAS_COUNTERS = 1U << 4,
	PEER_HAS_DISABLED = 1U << 5,
	PEER_HAS_UNTIL = 1U << 6,
};

/* What a device counts and notes of a peer. */
struct peer_stats {
	int64_t handshake_s; /* since the epoch; 0 is never */
	int64_t handshake_ns;
	uint64_t rx_bytes; /* as the device counts inner transfer */
	uint64_t tx_bytes;
	struct counters counters;
	struct drops drops;
	struct refusal *refusal; /* the last one; owned; NULL: none */
	struct last_message received;
	struct last_message sent;
};

/*
 * Holds a preshared key: only peer_free() may free it. There may be a million
 * of them, so what few have is elsewhere: psk, name and stats are never NULL,
 * and shared by all peers whose own is zero.
 */
struct peer {
	uint32_t has; /* enum peer_has */
	uint32_t flags; /* enum wg_peer_flag, for a change */
	uint8_t public_key[WG_KEY_LEN];
	struct endpoint endpoint;
	uint16_t keepalive_s; /* 0 is off */
	bool is_disabled;
	bool ips_are_changes; /* a sign was given: add to what there is */
	uint32_t line; /* of its [Peer] in the file it came from; 0: none */
	uint64_t until_s; /* since the epoch; 0: it has no end */
	struct allowed_ips ips;
	const uint8_t *psk; /* all zero: none, or clear it; peer_psk() */
	const char *name; /* peer_set_name() */
	const struct peer_stats *stats; /* peer_stats() */
};

enum tunnel_has {
	TUNNEL_HAS_PRIVATE_KEY = 1U << 0,
	TUNNEL_HAS_PUBLIC_KEY = 1U << 1,
	TUNNEL_HAS_PORT = 1U << 2,
	TUNNEL_HAS_FWMARK = 1U << 3,
	TUNNEL_HAS_COUNTERS = 1U << 4,
	/* a change that must fail where the device cannot keep names */
	TUNNEL_WANTS_NAMES = 1U << 5,
	TUNNEL_HAS_EXCLUSIVE = 1U << 6,
	TUNNEL_HAS_BIND = 1U << 7,
};

/* What the outer sockets are bound to; all zero: nothing. */
struct bind {
	char device[IFNAMSIZ]; /* or a VRF */
	struct allowed_ip address; /* family 0: any; else of full length */
};

/* Holds a private key: only tunnel_free() may free it. */
struct tunnel {
	uint32_t has; /* enum tunnel_has */
	uint32_t flags; /* enum wg_device_flag, for a change */
	char name[IFNAMSIZ];
	uint32_t ifindex;
	uint8_t private_key[WG_KEY_LEN]; /* all zero: none, or clear it */
	uint8_t public_key[WG_KEY_LEN];
	uint16_t listen_port; /* 0: let the device choose */
	uint32_t fwmark; /* 0 is off */
	bool is_exclusive;
	struct bind bind;
	struct strv odd; /* what is wrong with settings in comments: the first */
	size_t odd_count; /* of all */
	uint32_t generation;
	uint64_t ips_moved;
	struct counters counters;
	struct drops drops;
	struct refusals refusals; /* of what concerns no peer */
	struct peer **peers;
	size_t peer_count;
	size_t peer_room;
};

/**
 * tunnel_new() - make an empty tunnel
 * @name: of the interface; may be NULL
 *
 * Return: the tunnel, for tunnel_free().
 */
struct tunnel *tunnel_new(const char *name);

/**
 * tunnel_set_name() - say which interface a tunnel is about
 * @tunnel: changed in place
 * @name: of the interface
 * @fault: filled when no interface can have this name
 *
 * Return: 0 or a negative errno.
 */
int tunnel_set_name(struct tunnel *tunnel, const char *name,
		    struct fault *fault);

/**
 * tunnel_free() - wipe and free a tunnel with all its peers
 * @tunnel: may be NULL
 */
void tunnel_free(struct tunnel *tunnel);

/**
 * tunnel_add_peer() - append a new peer, in order
 * @tunnel: takes ownership
 * @public_key: 32 bytes, copied; may be NULL for all zero
 *
 * The pointer stays good until tunnel_free().
 *
 * Return: the peer.
 */
struct peer *tunnel_add_peer(struct tunnel *tunnel,
			     const uint8_t *public_key);

/**
 * tunnel_take_peer() - append a peer made by peer_new()
 * @tunnel: takes ownership
 * @peer: to append
 */
void tunnel_take_peer(struct tunnel *tunnel, struct peer *peer);

/**
 * tunnel_find_peer() - the first peer with this key; linear, for one-offs
 * @tunnel: to search
 * @public_key: 32 bytes
 *
 * Return: the peer or NULL.
 */
struct peer *tunnel_find_peer(const struct tunnel *tunnel,
			      const uint8_t *public_key);

/**
 * tunnel_find_name() - the peer that has this name
 * @tunnel: to search
 * @name: exact
 * @count: set to how many peers have it; may be NULL
 *
 * Return: the first such peer or NULL.
 */
struct peer *tunnel_find_name(const struct tunnel *tunnel, const char *name,
			      size_t *count);

/**
 * tunnel_sorted_by_key() - the peers in the order of their public keys
 * @tunnel: not changed
 *
 * For many look-ups with tunnel_search(). Equal keys keep their order.
 *
 * Return: peer_count pointers for free().
 */
struct peer **tunnel_sorted_by_key(const struct tunnel *tunnel);

/**
 * tunnel_search() - find a key among sorted peers, in logarithmic time
 * @sorted: from tunnel_sorted_by_key()
 * @count: how many
 * @public_key: 32 bytes
 *
 * Return: the last peer with that key, or NULL.
 */
struct peer *tunnel_search(struct peer **sorted, size_t count,
			   const uint8_t *public_key);

/* A peer, and the last one of the other tunnel with its key, or NULL. */
typedef void tunnel_pair_fn(const struct peer *peer, const struct peer *same,
			    void *context);

/**
 * tunnel_each_pair() - hold one tunnel's peers against those of another
 * @tunnel: @take is called for each of its peers, in order
 * @other: where the same keys are looked for
 * @take: called
 * @context: for @take
 */
void tunnel_each_pair(const struct tunnel *tunnel, const struct tunnel *other,
		      tunnel_pair_fn *take, void *context);

/** peer_new() - make an empty peer. Return: it, for peer_free(). */
struct peer *peer_new(void);

/* Its preshared key, or what is counted of it, to be written to. */
uint8_t *peer_psk(struct peer *peer);
struct peer_stats *peer_stats(struct peer *peer);

/* Give it a name, which is copied; "" is none. */
void peer_set_name(struct peer *peer, const char *name);

/**
 * peer_free() - wipe and free a peer
 * @peer: may be NULL
 */
void peer_free(struct peer *peer);

/**
 * ips_add() - append one allowed IP
 * @ips: grows
 * @ip: copied
 */
void ips_add(struct allowed_ips *ips, const struct allowed_ip *ip);

/**
 * ips_print() - write a list of prefixes
 * @ips: to write
 * @between: two of them
 * @to: where
 */
void ips_print(const struct allowed_ips *ips, const char *between, FILE *to);

/**
 * ips_text() - a list of prefixes as text, with commas
 * @ips: to write
 *
 * Return: a string for free().
 */
char *ips_text(const struct allowed_ips *ips);

/**
 * ips_sort() - bring into one order and drop repetitions
 * @ips: changed in place
 *
 * The order: IPv4 first, then by the address without its host bits, then by
 * prefix length. Of equal ones the last is kept.
 */
void ips_sort(struct allowed_ips *ips);

/**
 * ips_equal() - the same prefixes, in whatever order, and host bits?
 * @a: one list
 * @b: the other
 *
 * Return: true if a device would not notice the exchange.
 */
bool ips_equal(const struct allowed_ips *a, const struct allowed_ips *b);

/* Is it in the list, with the same host bits? */
bool ips_have(const struct allowed_ips *ips, const struct allowed_ip *ip);

/* Is any of them of AF_INET, or of AF_INET6? */
bool ips_have_family(const struct allowed_ips *ips, uint16_t family);

/* Is all of a family in the list; in that of any peer? */
bool ips_have_default(const struct allowed_ips *ips, uint16_t family);
bool tunnel_has_default(const struct tunnel *tunnel, uint16_t family);

/* The same address, host bits included, and the same prefix length? */
bool ip_equal(const struct allowed_ip *a, const struct allowed_ip *b);

/** ip_len() - how long its address is. Return: 4 or 16. */
size_t ip_len(const struct allowed_ip *ip);

/**
 * ip_compare() - order two allowed IPs by network and prefix length
 * @a: one
 * @b: the other
 *
 * Return: below, equal to or above 0.
 */
int ip_compare(const struct allowed_ip *a, const struct allowed_ip *b);

/**
 * ip_mask() - clear the host bits of an allowed IP
 * @ip: changed in place
 */
void ip_mask(struct allowed_ip *ip);

/**
 * ip_has_host_bits() - are there bits beyond the prefix length?
 * @ip: as it was given
 *
 * Return: true for such as 10.0.0.5/8.
 */
bool ip_has_host_bits(const struct allowed_ip *ip);

/**
 * ip_covers() - does a prefix contain another, or equal it?
 * @wide: the shorter or equal prefix
 * @narrow: the longer or equal prefix
 *
 * Return: true if every address of @narrow is in @wide.
 */
bool ip_covers(const struct allowed_ip *wide, const struct allowed_ip *narrow);

#define IP_TEXT_MAX 64 /* longest "address/length" and its final zero */

/**
 * ip_text() - write "address/length"
 * @ip: to write
 * @buf: IP_TEXT_MAX bytes
 *
 * Return: @buf.
 */
const char *ip_text(const struct allowed_ip *ip, char *buf);

#define ENDPOINT_TEXT_MAX 128

/**
 * endpoint_text() - write "address:port" or "[address]:port"
 * @endpoint: resolved
 * @buf: ENDPOINT_TEXT_MAX bytes
 *
 * Return: @buf.
 */
const char *endpoint_text(const struct endpoint *endpoint, char *buf);

/**
 * endpoint_equal() - same address, port, and scope?
 * @a: resolved
 * @b: resolved
 *
 * Return: true if a device would not notice the exchange.
 */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* Is it by a name, which stays good when the address changes? */
bool endpoint_has_name(const struct endpoint *endpoint);

/**
 * endpoint_clear() - free what an endpoint owns and make it empty
 * @endpoint: usable again afterwards
 */
void endpoint_clear(struct endpoint *endpoint);

/* Is it off, as set or by now? */
static inline bool peer_is_off(const struct peer *peer, int64_t now_s)
{
	return peer->is_disabled ||
	       (peer->until_s && (uint64_t)now_s >= peer->until_s);
}

#define UNTIL_TEXT_MAX 32

/**
 * until_text() - write the time at which a peer ends, in UTC
 * @until_s: since the epoch
 * @buf: UNTIL_TEXT_MAX bytes
 *
 * Return: @buf, as value_until() reads it, or NULL where there is no end.
 */
const char *until_text(uint64_t until_s, char *buf);

/* Give it an address as the kernel has it: IPv4 mapped, and :: for any. */
void bind_set_address(struct bind *bind, const struct in6_addr *address);

#define BIND_TEXT_MAX (INET6_ADDRSTRLEN + 1 + IFNAMSIZ)

/**
 * bind_text() - write "device", "address" or "address%device"
 * @bind: to write
 * @buf: BIND_TEXT_MAX bytes
 *
 * Return: @buf, or NULL where nothing is bound.
 */
const char *bind_text(const struct bind *bind, char *buf);

/* Would a device not notice the exchange? */
bool bind_equal(const struct bind *a, const struct bind *b);

/**
 * drops_add() - append the count of one reason
 * @drops: grows
 * @reason: cut at DROP_NAME_MAX bytes
 * @packets: how many
 */
void drops_add(struct drops *drops, const char *reason, uint64_t packets);

/**
 * refusals_add() - append one
 * @refusals: grows
 *
 * Return: it, empty; good until the next one is added.
 */
struct refusal *refusals_add(struct refusals *refusals);

#endif
