// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "netlink/nl_internal.h"

/*
 * The length of an attribute has 16 bits, so a list of peers is cut into
 * nests, and a peer with many allowed IPs into entries of the same key:
 *
 *	[PEERS [peer a] [peer b, IPs 1..900]] [PEERS [peer b, IPs 901..] ...]
 *
 * The in-tree module reads one PEERS in each message: there each nest gets a
 * message of its own.
 */
#define NEST_MAX 65000

/* All of a peer but its allowed IPs: key, psk, flags, endpoint, name, ... */
#define PEER_FIXED_MAX 320

/* One allowed IP: nest, family, IPv6 address, prefix length, flags. */
#define IP_MAX 48

struct encoder {
	struct secret *buf;
	const struct nl_family *family;
	const struct tunnel *change;
	size_t message;
	size_t peers; /* the open nest of peers; 0: there is none */
};

/* An attribute that has the bytes of a variable. */
#define PUT(buf, type, value) nl_buf_put(buf, type, &(value), sizeof(value))

/* What only our family has. */
static void put_own(struct secret *buf, const struct tunnel *change)
{
	const struct allowed_ip *address = &change->bind.address;
	struct in6_addr mapped = { 0 };

	if (change->has & TUNNEL_HAS_EXCLUSIVE)
		PUT(buf, WG_DEVICE_A_EXCLUSIVE, change->is_exclusive);
	if (!(change->has & TUNNEL_HAS_BIND))
		return;
	nl_buf_put_string(buf, WG_DEVICE_A_BIND_DEVICE, change->bind.device);
	if (address->family == AF_INET) {
		memset(&mapped.s6_addr[10], 0xff, 2);
		memcpy(&mapped.s6_addr[12], &address->v4, sizeof(address->v4));
	} else {
		mapped = address->v6;
	}
	PUT(buf, WG_DEVICE_A_BIND_ADDRESS, mapped);
}

static void open_message(struct encoder *encoder, bool is_first)
{
	const struct tunnel *change = encoder->change;
	struct secret *buf = encoder->buf;

	encoder->message = nl_buf_begin(buf, encoder->family->id,
					NLM_F_REQUEST | NLM_F_ACK,
					WG_CMD_SET_DEVICE);
	nl_buf_put_string(buf, WG_DEVICE_A_IFNAME, change->name);
	if (!is_first)
		return;
	if (change->has & TUNNEL_HAS_PRIVATE_KEY)
		PUT(buf, WG_DEVICE_A_PRIVATE_KEY, change->private_key);
	if (change->has & TUNNEL_HAS_PORT)
		PUT(buf, WG_DEVICE_A_LISTEN_PORT, change->listen_port);
	if (change->has & TUNNEL_HAS_FWMARK)
		PUT(buf, WG_DEVICE_A_FWMARK, change->fwmark);
	if (encoder->family->is_ours)
		put_own(buf, change);
	if (change->flags)
		PUT(buf, WG_DEVICE_A_FLAGS, change->flags);
}

static void close_peers(struct encoder *encoder)
{
	if (encoder->peers)
		nl_buf_close(encoder->buf, encoder->peers);
	encoder->peers = 0;
}

static void close_message(struct encoder *encoder)
{
	close_peers(encoder);
	nl_buf_finish(encoder->buf, encoder->message);
}

static bool has_room(const struct encoder *encoder, size_t len)
{
	return encoder->buf->len - encoder->peers + len <= NEST_MAX;
}

/* Makes sure that there is an open nest of peers, with room for one. */
static void need_room(struct encoder *encoder)
{
	if (encoder->peers && has_room(encoder, PEER_FIXED_MAX + IP_MAX))
		return;
	if (encoder->peers && !encoder->family->is_ours) {
		close_message(encoder);
		open_message(encoder, false);
	}
	close_peers(encoder);
	encoder->peers = nl_buf_nest(encoder->buf, WG_DEVICE_A_PEERS);
}

static void put_endpoint(struct secret *buf, const struct endpoint *endpoint)
{
	bool is_ipv4 = endpoint->addr.sa.sa_family == AF_INET;

	nl_buf_put(buf, WG_PEER_A_ENDPOINT, &endpoint->addr,
		   is_ipv4 ? sizeof(endpoint->addr.v4) :
			     sizeof(endpoint->addr.v6));
}

static void put_peer_own(struct secret *buf, const struct peer *peer)
{
	if (peer->has & PEER_HAS_NAME)
		nl_buf_put_string(buf, WG_PEER_A_NAME, peer->name);
	if (peer->has & PEER_HAS_DISABLED)
		PUT(buf, WG_PEER_A_DISABLED, peer->is_disabled);
	if (peer->has & PEER_HAS_UNTIL)
		PUT(buf, WG_PEER_A_UNTIL, peer->until_s);
}

static void put_peer_fixed(struct encoder *encoder, const struct peer *peer)
{
	struct secret *buf = encoder->buf;

	PUT(buf, WG_PEER_A_PUBLIC_KEY, peer->public_key);
	if (peer->flags)
		PUT(buf, WG_PEER_A_FLAGS, peer->flags);
	if (peer->flags & WG_PEER_F_REMOVE_ME)
		return;
	if (peer->has & PEER_HAS_PSK)
		nl_buf_put(buf, WG_PEER_A_PRESHARED_KEY, peer->psk,
			   WG_KEY_LEN);
	if (peer->has & PEER_HAS_ENDPOINT)
		put_endpoint(buf, &peer->endpoint);
	if (peer->has & PEER_HAS_KEEPALIVE)
		PUT(buf, WG_PEER_A_PERSISTENT_KEEPALIVE, peer->keepalive_s);
	if (encoder->family->is_ours)
		put_peer_own(buf, peer);
}

static void put_ip(struct secret *buf, const struct allowed_ip *ip)
{
	uint32_t flags = WG_ALLOWEDIP_F_REMOVE_ME;
	size_t at = nl_buf_nest(buf, 0);

	PUT(buf, WG_ALLOWEDIP_A_FAMILY, ip->family);
	nl_buf_put(buf, WG_ALLOWEDIP_A_IPADDR, &ip->v6, ip_len(ip));
	PUT(buf, WG_ALLOWEDIP_A_CIDR_MASK, ip->cidr);
	if (ip->remove)
		PUT(buf, WG_ALLOWEDIP_A_FLAGS, flags);
	nl_buf_close(buf, at);
}

/* As many allowed IPs as the nest holds; the index of the next one. */
static size_t put_ips(struct encoder *encoder, const struct peer *peer,
		      size_t from)
{
	struct secret *buf = encoder->buf;
	size_t at;

	if (from == peer->ips.count)
		return from;
	at = nl_buf_nest(buf, WG_PEER_A_ALLOWEDIPS);
	while (from < peer->ips.count && has_room(encoder, IP_MAX))
		put_ip(buf, &peer->ips.items[from++]);
	nl_buf_close(buf, at);
	return from;
}

/* What a further entry of a peer needs: never to make or empty the peer. */
static void put_peer_again(struct secret *buf, const struct peer *peer)
{
	uint32_t flags = peer->flags & WG_PEER_F_UPDATE_ONLY;

	PUT(buf, WG_PEER_A_PUBLIC_KEY, peer->public_key);
	if (flags)
		PUT(buf, WG_PEER_A_FLAGS, flags);
}

static void put_peer(struct encoder *encoder, const struct peer *peer)
{
	const bool stays = !(peer->flags & WG_PEER_F_REMOVE_ME);
	struct secret *buf = encoder->buf;
	size_t at, done = 0;

	do {
		need_room(encoder);
		at = nl_buf_nest(buf, 0);
		if (done)
			put_peer_again(buf, peer);
		else
			put_peer_fixed(encoder, peer);
		if (stays)
			done = put_ips(encoder, peer, done);
		nl_buf_close(buf, at);
	} while (stays && done < peer->ips.count);
}

/* Hardly less than the message takes, which then need not move. */
static size_t guess_len(const struct tunnel *change)
{
	size_t i, len = 4096;

	for (i = 0; i < change->peer_count; i++) {
		const struct peer *peer = change->peers[i];

		/* most have no more than a key, and IPs of few bytes */
		len += 64 + peer->ips.count * 36;
		if (peer->has)
			len += PEER_FIXED_MAX / 2;
	}
	return len;
}

void nl_encode_set(struct secret *buf, const struct nl_family *family,
		   const struct tunnel *change)
{
	struct encoder encoder = { .buf = buf,
				   .family = family,
				   .change = change };
	size_t i;

	secret_extend(buf, guess_len(change));
	open_message(&encoder, true);
	for (i = 0; i < change->peer_count; i++)
		put_peer(&encoder, change->peers[i]);
	close_message(&encoder);
}
