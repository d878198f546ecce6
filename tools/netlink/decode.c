// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/key.h"
#include "netlink/nl_internal.h"

/*
 * Kernels newer than this tool may send more than is known here: unknown
 * attributes are passed over, wrong lengths are an error.
 */

static int get_bytes(void *to, const struct nlattr *attr, size_t len)
{
	if (mnl_attr_get_payload_len(attr) != len)
		return -EBADMSG;
	memcpy(to, mnl_attr_get_payload(attr), len);
	return 0;
}

static int get_string(char *to, size_t room, const struct nlattr *attr)
{
	if (mnl_attr_validate(attr, MNL_TYPE_STRING) < 0)
		return -EBADMSG;
	snprintf(to, room, "%.*s", (int)mnl_attr_get_payload_len(attr),
		 mnl_attr_get_str(attr));
	return 0;
}

static int get_counters(struct counters *counters, const struct nlattr *nest)
{
	const struct nlattr *attr;
	int ret = 0;

	mnl_attr_for_each_nested(attr, nest) {
		uint64_t *to = NULL;

		switch (mnl_attr_get_type(attr)) {
		case WG_COUNTER_A_RX_PACKETS:
			to = &counters->rx_packets;
			break;
		case WG_COUNTER_A_RX_BYTES:
			to = &counters->rx_bytes;
			break;
		case WG_COUNTER_A_TX_PACKETS:
			to = &counters->tx_packets;
			break;
		case WG_COUNTER_A_TX_BYTES:
			to = &counters->tx_bytes;
			break;
		}
		if (to)
			ret = get_bytes(to, attr, sizeof(*to));
		if (ret)
			return ret;
	}
	return 0;
}

static int get_drop(struct drops *drops, const struct nlattr *nest)
{
	char reason[DROP_NAME_MAX + 1] = "";
	const struct nlattr *attr;
	uint64_t packets = 0;
	int ret = 0;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == WG_DROP_A_REASON)
			ret = get_string(reason, sizeof(reason), attr);
		else if (mnl_attr_get_type(attr) == WG_DROP_A_PACKETS)
			ret = get_bytes(&packets, attr, sizeof(packets));
		if (ret)
			return ret;
	}
	return drops_add(drops, reason, packets);
}

static int get_ip(struct allowed_ips *ips, const struct nlattr *nest)
{
	const struct nlattr *attr, *address = NULL;
	struct allowed_ip ip = { 0 };
	size_t len;
	int ret = 0;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case WG_ALLOWEDIP_A_FAMILY:
			ret = get_bytes(&ip.family, attr, sizeof(ip.family));
			break;
		case WG_ALLOWEDIP_A_CIDR_MASK:
			ret = get_bytes(&ip.cidr, attr, sizeof(ip.cidr));
			break;
		case WG_ALLOWEDIP_A_IPADDR:
			address = attr;
			break;
		}
		if (ret)
			return ret;
	}
	if ((ip.family != AF_INET && ip.family != AF_INET6) || !address)
		return -EBADMSG;
	len = ip.family == AF_INET ? sizeof(ip.v4) : sizeof(ip.v6);
	if (ip.cidr > len * 8 || get_bytes(&ip.v6, address, len))
		return -EBADMSG;
	return ips_add(ips, &ip);
}

static int get_ips(struct allowed_ips *ips, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		int ret = get_ip(ips, attr);

		if (ret)
			return ret;
	}
	return 0;
}

static int get_endpoint(struct peer *peer, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len != sizeof(struct sockaddr_in) &&
	    len != sizeof(struct sockaddr_in6))
		return -EBADMSG;
	memcpy(&peer->endpoint.addr, mnl_attr_get_payload(attr), len);
	if (peer->endpoint.addr.sa.sa_family !=
	    (len == sizeof(struct sockaddr_in) ? AF_INET : AF_INET6))
		return -EBADMSG;
	peer->has |= PEER_HAS_ENDPOINT;
	return 0;
}

static int get_handshake(struct peer *peer, const struct nlattr *attr)
{
	struct {
		int64_t seconds;
		int64_t nanoseconds;
	} time;
	int ret = get_bytes(&time, attr, sizeof(time));

	if (ret)
		return ret;
	peer->handshake_s = time.seconds;
	peer->handshake_ns = time.nanoseconds;
	return 0;
}

static int get_peer_attr(struct peer *peer, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case WG_PEER_A_PRESHARED_KEY:
		peer->has |= PEER_HAS_PSK;
		return get_bytes(peer->psk, attr, WG_KEY_LEN);
	case WG_PEER_A_ENDPOINT:
		return get_endpoint(peer, attr);
	case WG_PEER_A_PERSISTENT_KEEPALIVE:
		peer->has |= PEER_HAS_KEEPALIVE;
		return get_bytes(&peer->keepalive_s, attr,
				 sizeof(peer->keepalive_s));
	case WG_PEER_A_LAST_HANDSHAKE_TIME:
		return get_handshake(peer, attr);
	case WG_PEER_A_RX_BYTES:
		return get_bytes(&peer->rx_bytes, attr,
				 sizeof(peer->rx_bytes));
	case WG_PEER_A_TX_BYTES:
		return get_bytes(&peer->tx_bytes, attr,
				 sizeof(peer->tx_bytes));
	case WG_PEER_A_ALLOWEDIPS:
		return get_ips(&peer->ips, attr);
	case WG_PEER_A_NAME:
		peer->has |= PEER_HAS_NAME;
		return get_string(peer->name, sizeof(peer->name), attr);
	case WG_PEER_A_COUNTERS:
		peer->has |= PEER_HAS_COUNTERS;
		return get_counters(&peer->counters, attr);
	case WG_PEER_A_DROPS:
		return get_drop(&peer->drops, attr);
	}
	return 0;
}

static const struct nlattr *find_attr(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

/* A peer that filled the message before goes on in the next one. */
static struct peer *same_or_new_peer(struct tunnel *tunnel, const uint8_t *key)
{
	struct peer *last = NULL;

	if (tunnel->peer_count)
		last = tunnel->peers[tunnel->peer_count - 1];
	if (last && key_equal(last->public_key, key))
		return last;
	return tunnel_add_peer(tunnel, key);
}

static int get_peer(struct tunnel *tunnel, const struct nlattr *nest)
{
	const struct nlattr *attr = find_attr(nest, WG_PEER_A_PUBLIC_KEY);
	uint8_t key[WG_KEY_LEN];
	struct peer *peer;

	if (!attr || get_bytes(key, attr, WG_KEY_LEN))
		return -EBADMSG;
	peer = same_or_new_peer(tunnel, key);
	if (!peer)
		return -ENOMEM;
	mnl_attr_for_each_nested(attr, nest) {
		int ret = get_peer_attr(peer, attr);

		if (ret)
			return ret;
	}
	return 0;
}

static int get_peers(struct tunnel *tunnel, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		int ret = get_peer(tunnel, attr);

		if (ret)
			return ret;
	}
	return 0;
}

static int get_key(struct tunnel *tunnel, enum tunnel_has bit, uint8_t *key,
		   const struct nlattr *attr)
{
	tunnel->has |= bit;
	return get_bytes(key, attr, WG_KEY_LEN);
}

static int get_device_attr(struct tunnel *tunnel, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case WG_DEVICE_A_IFINDEX:
		return get_bytes(&tunnel->ifindex, attr,
				 sizeof(tunnel->ifindex));
	case WG_DEVICE_A_IFNAME:
		return get_string(tunnel->name, sizeof(tunnel->name), attr);
	case WG_DEVICE_A_PRIVATE_KEY:
		return get_key(tunnel, TUNNEL_HAS_PRIVATE_KEY,
			       tunnel->private_key, attr);
	case WG_DEVICE_A_PUBLIC_KEY:
		return get_key(tunnel, TUNNEL_HAS_PUBLIC_KEY,
			       tunnel->public_key, attr);
	case WG_DEVICE_A_LISTEN_PORT:
		tunnel->has |= TUNNEL_HAS_PORT;
		return get_bytes(&tunnel->listen_port, attr,
				 sizeof(tunnel->listen_port));
	case WG_DEVICE_A_FWMARK:
		tunnel->has |= TUNNEL_HAS_FWMARK;
		return get_bytes(&tunnel->fwmark, attr,
				 sizeof(tunnel->fwmark));
	case WG_DEVICE_A_PEERS:
		return get_peers(tunnel, attr);
	case WG_DEVICE_A_COUNTERS:
		tunnel->has |= TUNNEL_HAS_COUNTERS;
		return get_counters(&tunnel->counters, attr);
	case WG_DEVICE_A_DROPS:
		return get_drop(&tunnel->drops, attr);
	case WG_DEVICE_A_GENERATION:
		return get_bytes(&tunnel->generation, attr,
				 sizeof(tunnel->generation));
	case WG_DEVICE_A_IPS_MOVED:
		return get_bytes(&tunnel->ips_moved, attr,
				 sizeof(tunnel->ips_moved));
	}
	return 0;
}

int nl_decode_device(struct tunnel *tunnel, const struct nlmsghdr *message)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, GENL_HDRLEN) {
		int ret = get_device_attr(tunnel, attr);

		if (ret)
			return ret;
	}
	return 0;
}

/* Does the attribute cover the byte at @offset from the message's begin? */
static bool is_at(const struct nlmsghdr *message, const struct nlattr *attr,
		  uint32_t offset)
{
	size_t from = (size_t)((const char *)attr - (const char *)message);

	return offset >= from && offset < from + attr->nla_len;
}

bool nl_name_place(const struct nlmsghdr *message, uint32_t offset,
		   uint8_t peer_key[WG_KEY_LEN])
{
	const struct nlattr *peers, *peer, *key;

	mnl_attr_for_each(peers, message, GENL_HDRLEN) {
		if (mnl_attr_get_type(peers) != WG_DEVICE_A_PEERS ||
		    !is_at(message, peers, offset))
			continue;
		mnl_attr_for_each_nested(peer, peers) {
			if (!is_at(message, peer, offset))
				continue;
			key = find_attr(peer, WG_PEER_A_PUBLIC_KEY);
			return key && !get_bytes(peer_key, key, WG_KEY_LEN);
		}
	}
	return false;
}
