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
	size_t peers; /* the open nest of peers */
	bool has_peers; /* is it open? */
};

/* What only our family has. */
static void put_own(struct secret *buf, const struct tunnel *change)
{
	const struct allowed_ip *address = &change->bind.address;
	uint8_t is_exclusive = change->is_exclusive;
	struct in6_addr mapped = { 0 };

	if (change->has & TUNNEL_HAS_EXCLUSIVE)
		nl_buf_put(buf, WG_DEVICE_A_EXCLUSIVE, &is_exclusive,
			   sizeof(is_exclusive));
	if (!(change->has & TUNNEL_HAS_BIND))
		return;
	nl_buf_put_string(buf, WG_DEVICE_A_BIND_DEVICE, change->bind.device);
	if (address->family == AF_INET) {
		memset(&mapped.s6_addr[10], 0xff, 2);
		memcpy(&mapped.s6_addr[12], &address->v4, sizeof(address->v4));
	} else {
		mapped = address->v6;
	}
	nl_buf_put(buf, WG_DEVICE_A_BIND_ADDRESS, &mapped, sizeof(mapped));
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
		nl_buf_put(buf, WG_DEVICE_A_PRIVATE_KEY, change->private_key,
			   WG_KEY_LEN);
	if (change->has & TUNNEL_HAS_PORT)
		nl_buf_put(buf, WG_DEVICE_A_LISTEN_PORT, &change->listen_port,
			   sizeof(change->listen_port));
	if (change->has & TUNNEL_HAS_FWMARK)
		nl_buf_put(buf, WG_DEVICE_A_FWMARK, &change->fwmark,
			   sizeof(change->fwmark));
	if (encoder->family->is_ours)
		put_own(buf, change);
	if (change->flags)
		nl_buf_put(buf, WG_DEVICE_A_FLAGS, &change->flags,
			   sizeof(change->flags));
}

static void open_peers(struct encoder *encoder)
{
	encoder->peers = nl_buf_nest(encoder->buf, WG_DEVICE_A_PEERS);
	encoder->has_peers = true;
}

static void close_peers(struct encoder *encoder)
{
	if (encoder->has_peers)
		nl_buf_close(encoder->buf, encoder->peers);
	encoder->has_peers = false;
}

/* Makes sure that the open nest of peers has room for @len bytes. */
static void need_room(struct encoder *encoder, size_t len)
{
	if (!encoder->has_peers) {
		open_peers(encoder);
		return;
	}
	if (encoder->buf->len - encoder->peers + len <= NEST_MAX)
		return;
	close_peers(encoder);
	if (!encoder->family->is_ours) {
		nl_buf_finish(encoder->buf, encoder->message);
		open_message(encoder, false);
	}
	open_peers(encoder);
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
	uint8_t is_disabled = peer->is_disabled;

	if (peer->has & PEER_HAS_NAME)
		nl_buf_put_string(buf, WG_PEER_A_NAME, peer->name);
	if (peer->has & PEER_HAS_DISABLED)
		nl_buf_put(buf, WG_PEER_A_DISABLED, &is_disabled,
			   sizeof(is_disabled));
	if (peer->has & PEER_HAS_UNTIL)
		nl_buf_put(buf, WG_PEER_A_UNTIL, &peer->until_s,
			   sizeof(peer->until_s));
}

static void put_peer_fixed(struct encoder *encoder, const struct peer *peer)
{
	struct secret *buf = encoder->buf;

	nl_buf_put(buf, WG_PEER_A_PUBLIC_KEY, peer->public_key, WG_KEY_LEN);
	if (peer->flags)
		nl_buf_put(buf, WG_PEER_A_FLAGS, &peer->flags,
			   sizeof(peer->flags));
	if (peer->flags & WG_PEER_F_REMOVE_ME)
		return;
	if (peer->has & PEER_HAS_PSK)
		nl_buf_put(buf, WG_PEER_A_PRESHARED_KEY, peer->psk,
			   WG_KEY_LEN);
	if (peer->has & PEER_HAS_ENDPOINT)
		put_endpoint(buf, &peer->endpoint);
	if (peer->has & PEER_HAS_KEEPALIVE)
		nl_buf_put(buf, WG_PEER_A_PERSISTENT_KEEPALIVE,
			   &peer->keepalive_s, sizeof(peer->keepalive_s));
	if (encoder->family->is_ours)
		put_peer_own(buf, peer);
}

static void put_ip(struct secret *buf, const struct allowed_ip *ip)
{
	uint32_t flags = WG_ALLOWEDIP_F_REMOVE_ME;
	size_t at = nl_buf_nest(buf, 0);

	nl_buf_put(buf, WG_ALLOWEDIP_A_FAMILY, &ip->family,
		   sizeof(ip->family));
	nl_buf_put(buf, WG_ALLOWEDIP_A_IPADDR, &ip->v6, ip_len(ip));
	nl_buf_put(buf, WG_ALLOWEDIP_A_CIDR_MASK, &ip->cidr, sizeof(ip->cidr));
	if (ip->remove)
		nl_buf_put(buf, WG_ALLOWEDIP_A_FLAGS, &flags, sizeof(flags));
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
	while (from < peer->ips.count &&
	       buf->len - encoder->peers + IP_MAX <= NEST_MAX)
		put_ip(buf, &peer->ips.items[from++]);
	nl_buf_close(buf, at);
	return from;
}

/* What a further entry of a peer needs: never to make or empty the peer. */
static void put_peer_again(struct secret *buf, const struct peer *peer)
{
	uint32_t flags = peer->flags & WG_PEER_F_UPDATE_ONLY;

	nl_buf_put(buf, WG_PEER_A_PUBLIC_KEY, peer->public_key, WG_KEY_LEN);
	if (flags)
		nl_buf_put(buf, WG_PEER_A_FLAGS, &flags, sizeof(flags));
}

static void put_peer(struct encoder *encoder, const struct peer *peer)
{
	struct secret *buf = encoder->buf;
	size_t at, done = 0;

	need_room(encoder, PEER_FIXED_MAX + IP_MAX);
	at = nl_buf_nest(buf, 0);
	put_peer_fixed(encoder, peer);
	if (!(peer->flags & WG_PEER_F_REMOVE_ME))
		done = put_ips(encoder, peer, 0);
	nl_buf_close(buf, at);
	while (!(peer->flags & WG_PEER_F_REMOVE_ME) &&
	       done < peer->ips.count) {
		need_room(encoder, PEER_FIXED_MAX + IP_MAX);
		at = nl_buf_nest(buf, 0);
		put_peer_again(buf, peer);
		done = put_ips(encoder, peer, done);
		nl_buf_close(buf, at);
	}
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
	close_peers(&encoder);
	nl_buf_finish(buf, encoder.message);
}
