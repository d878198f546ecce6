// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/secret.h"
#include "lib/xalloc.h"
#include "model/key.h"
#include "netlink/nl_internal.h"

/*
 * Kernels newer than this tool may send more than is known here: unknown
 * attributes are passed over, wrong lengths are an error.
 */

int nl_decode_bytes(void *to, const struct nlattr *attr, size_t len)
{
	if (mnl_attr_get_payload_len(attr) != len)
		return -EBADMSG;
	memcpy(to, mnl_attr_get_payload(attr), len);
	return 0;
}

int nl_decode_string(char *to, size_t room, const struct nlattr *attr)
{
	if (mnl_attr_validate(attr, MNL_TYPE_STRING) < 0)
		return -EBADMSG;
	snprintf(to, room, "%.*s", (int)mnl_attr_get_payload_len(attr),
		 mnl_attr_get_str(attr));
	return 0;
}

/* An attribute that is copied as it is, and the `has` bit that goes with it. */
struct field {
	uint16_t type;
	size_t len;
	size_t at;
	uint32_t has;
};

#define FIELD(type, of, member, has)                                      \
	{ type, sizeof(((struct of *)0)->member), offsetof(struct of, member), has }

/* What is in none of the fields is passed over. */
static int get_field(void *object, uint32_t *has, const struct field *field,
		     const struct nlattr *attr)
{
	while (field->len && field->type != mnl_attr_get_type(attr))
		field++;
	if (!field->len)
		return 0;
	*has |= field->has;
	return nl_decode_bytes((char *)object + field->at, attr, field->len);
}

/* Not 0 ends the walk and is returned. */
typedef int attr_fn(void *object, const struct nlattr *attr);

static int for_each(const struct nlattr *nest, attr_fn *get, void *object)
{
	const struct nlattr *attr;
	int ret = 0;

	mnl_attr_for_each_nested(attr, nest) {
		ret = get(object, attr);
		if (ret)
			break;
	}
	return ret;
}

static int get_counter(void *object, const struct nlattr *attr)
{
	static const struct field fields[] = {
		FIELD(WG_COUNTER_A_RX_PACKETS, counters, rx_packets, 0),
		FIELD(WG_COUNTER_A_RX_BYTES, counters, rx_bytes, 0),
		FIELD(WG_COUNTER_A_TX_PACKETS, counters, tx_packets, 0),
		FIELD(WG_COUNTER_A_TX_BYTES, counters, tx_bytes, 0),
		{ 0 },
	};
	uint32_t none = 0;

	return get_field(object, &none, fields, attr);
}

static int get_drop(struct drops *drops, const struct nlattr *nest)
{
	char reason[DROP_NAME_MAX + 1] = "";
	const struct nlattr *attr;
	uint64_t packets = 0;
	int ret = 0;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == WG_DROP_A_REASON)
			ret = nl_decode_string(reason, sizeof(reason), attr);
		else if (mnl_attr_get_type(attr) == WG_DROP_A_PACKETS)
			ret = nl_decode_bytes(&packets, attr, sizeof(packets));
		if (ret)
			return ret;
	}
	drops_add(drops, reason, packets);
	return 0;
}

static int get_ip(void *object, const struct nlattr *nest)
{
	static const struct field fields[] = {
		FIELD(WG_ALLOWEDIP_A_FAMILY, allowed_ip, family, 0),
		FIELD(WG_ALLOWEDIP_A_CIDR_MASK, allowed_ip, cidr, 0),
		{ 0 },
	};
	const struct nlattr *attr, *address = NULL;
	struct allowed_ip ip = { 0 };
	uint32_t none = 0;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == WG_ALLOWEDIP_A_IPADDR)
			address = attr;
		if (get_field(&ip, &none, fields, attr))
			return -EBADMSG;
	}
	if ((ip.family != AF_INET && ip.family != AF_INET6) || !address ||
	    ip.cidr > ip_len(&ip) * 8 || nl_decode_bytes(&ip.v6, address, ip_len(&ip)))
		return -EBADMSG;
	ips_add(object, &ip);
	return 0;
}

int nl_decode_endpoint(struct endpoint *endpoint, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len != sizeof(struct sockaddr_in) &&
	    len != sizeof(struct sockaddr_in6))
		return -EBADMSG;
	memcpy(&endpoint->addr, mnl_attr_get_payload(attr), len);
	if (endpoint->addr.sa.sa_family !=
	    (len == sizeof(struct sockaddr_in) ? AF_INET : AF_INET6))
		return -EBADMSG;
	return 0;
}

static int get_time(int64_t *seconds, int64_t *nanoseconds,
		    const struct nlattr *attr)
{
	int64_t time[2];
	int ret = nl_decode_bytes(time, attr, sizeof(time));

	if (ret)
		return ret;
	*seconds = time[0];
	*nanoseconds = time[1];
	return 0;
}

static int get_refusal_attr(void *object, const struct nlattr *attr)
{
	struct refusal *refusal = object;

	switch (mnl_attr_get_type(attr)) {
	case WG_REFUSAL_A_REASON:
		return nl_decode_string(refusal->reason, sizeof(refusal->reason),
				  attr);
	case WG_REFUSAL_A_TIME:
		return get_time(&refusal->time_s, &refusal->time_ns, attr);
	case WG_REFUSAL_A_ADDRESS:
		return nl_decode_endpoint(&refusal->about, attr);
	case WG_REFUSAL_A_PUBLIC_KEY:
		return nl_decode_bytes(refusal->public_key, attr, WG_KEY_LEN);
	}
	return 0;
}

static int get_refusal(struct peer_stats *stats, const struct nlattr *attr)
{
	if (!stats->refusal)
		stats->refusal = xcalloc(1, sizeof(*stats->refusal));
	return for_each(attr, get_refusal_attr, stats->refusal);
}

static int get_last_attr(void *object, const struct nlattr *attr)
{
	struct last_message *last = object;

	switch (mnl_attr_get_type(attr)) {
	case WG_LAST_A_MESSAGE:
		return nl_decode_string(last->message, sizeof(last->message), attr);
	case WG_LAST_A_TIME:
		return get_time(&last->time_s, &last->time_ns, attr);
	}
	return 0;
}

static int get_handshake(struct peer *peer, const struct nlattr *attr)
{
	int64_t seconds, nanoseconds;

	if (get_time(&seconds, &nanoseconds, attr))
		return -EBADMSG;
	if (!seconds && !nanoseconds)
		return 0;
	peer_stats(peer)->handshake_s = seconds;
	peer_stats(peer)->handshake_ns = nanoseconds;
	return 0;
}

static int get_psk(struct peer *peer, const struct nlattr *attr)
{
	uint8_t psk[WG_KEY_LEN];

	if (nl_decode_bytes(psk, attr, sizeof(psk)))
		return -EBADMSG;
	peer->has |= PEER_HAS_PSK;
	if (!key_is_zero(psk))
		memcpy(peer_psk(peer), psk, sizeof(psk));
	wipe(psk, sizeof(psk));
	return 0;
}

static int get_peer_counters(struct peer *peer, const struct nlattr *attr)
{
	static const struct counters none;
	struct counters counters = { 0 };
	int ret = for_each(attr, get_counter, &counters);

	peer->has |= PEER_HAS_COUNTERS;
	if (memcmp(&counters, &none, sizeof(none)))
		peer_stats(peer)->counters = counters;
	return ret;
}

static int get_transfer(struct peer *peer, const struct nlattr *attr)
{
	uint64_t bytes;

	if (nl_decode_bytes(&bytes, attr, sizeof(bytes)))
		return -EBADMSG;
	if (!bytes)
		return 0;
	if (mnl_attr_get_type(attr) == WG_PEER_A_RX_BYTES)
		peer_stats(peer)->rx_bytes = bytes;
	else
		peer_stats(peer)->tx_bytes = bytes;
	return 0;
}

static int get_name(struct peer *peer, const struct nlattr *attr)
{
	char name[WG_PEER_NAME_MAX + 1];

	if (nl_decode_string(name, sizeof(name), attr))
		return -EBADMSG;
	peer->has |= PEER_HAS_NAME;
	peer_set_name(peer, name);
	return 0;
}

static int get_peer_attr(void *object, const struct nlattr *attr)
{
	static const struct field fields[] = {
		FIELD(WG_PEER_A_PERSISTENT_KEEPALIVE, peer, keepalive_s,
		      PEER_HAS_KEEPALIVE),
		FIELD(WG_PEER_A_DISABLED, peer, is_disabled, PEER_HAS_DISABLED),
		FIELD(WG_PEER_A_UNTIL, peer, until_s, PEER_HAS_UNTIL),
		{ 0 },
	};
	struct peer *peer = object;

	switch (mnl_attr_get_type(attr)) {
	case WG_PEER_A_PRESHARED_KEY:
		return get_psk(peer, attr);
	case WG_PEER_A_ENDPOINT:
		peer->has |= PEER_HAS_ENDPOINT;
		return nl_decode_endpoint(&peer->endpoint, attr);
	case WG_PEER_A_LAST_HANDSHAKE_TIME:
		return get_handshake(peer, attr);
	case WG_PEER_A_ALLOWEDIPS:
		return for_each(attr, get_ip, &peer->ips);
	case WG_PEER_A_NAME:
		return get_name(peer, attr);
	case WG_PEER_A_RX_BYTES:
	case WG_PEER_A_TX_BYTES:
		return get_transfer(peer, attr);
	case WG_PEER_A_COUNTERS:
		return get_peer_counters(peer, attr);
	case WG_PEER_A_DROPS:
		return get_drop(&peer_stats(peer)->drops, attr);
	case WG_PEER_A_REFUSAL:
		return get_refusal(peer_stats(peer), attr);
	case WG_PEER_A_LAST_RECEIVED:
		return for_each(attr, get_last_attr,
				&peer_stats(peer)->received);
	case WG_PEER_A_LAST_SENT:
		return for_each(attr, get_last_attr, &peer_stats(peer)->sent);
	}
	return get_field(peer, &peer->has, fields, attr);
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

static int get_peer(void *object, const struct nlattr *nest)
{
	const struct nlattr *attr = find_attr(nest, WG_PEER_A_PUBLIC_KEY);
	uint8_t key[WG_KEY_LEN];

	if (!attr || nl_decode_bytes(key, attr, WG_KEY_LEN))
		return -EBADMSG;
	return for_each(nest, get_peer_attr, same_or_new_peer(object, key));
}

static int get_bind_address(struct bind *bind, const struct nlattr *attr)
{
	struct in6_addr address;
	int ret = nl_decode_bytes(&address, attr, sizeof(address));

	if (!ret)
		bind_set_address(bind, &address);
	return ret;
}

static int get_device_attr(struct tunnel *tunnel, const struct nlattr *attr)
{
	static const struct field fields[] = {
		FIELD(WG_DEVICE_A_IFINDEX, tunnel, ifindex, 0),
		FIELD(WG_DEVICE_A_PRIVATE_KEY, tunnel, private_key,
		      TUNNEL_HAS_PRIVATE_KEY),
		FIELD(WG_DEVICE_A_PUBLIC_KEY, tunnel, public_key,
		      TUNNEL_HAS_PUBLIC_KEY),
		FIELD(WG_DEVICE_A_LISTEN_PORT, tunnel, listen_port,
		      TUNNEL_HAS_PORT),
		FIELD(WG_DEVICE_A_FWMARK, tunnel, fwmark, TUNNEL_HAS_FWMARK),
		FIELD(WG_DEVICE_A_GENERATION, tunnel, generation, 0),
		FIELD(WG_DEVICE_A_IPS_MOVED, tunnel, ips_moved, 0),
		FIELD(WG_DEVICE_A_EXCLUSIVE, tunnel, is_exclusive,
		      TUNNEL_HAS_EXCLUSIVE),
		{ 0 },
	};

	switch (mnl_attr_get_type(attr)) {
	case WG_DEVICE_A_IFNAME:
		return nl_decode_string(tunnel->name, sizeof(tunnel->name), attr);
	case WG_DEVICE_A_PEERS:
		return for_each(attr, get_peer, tunnel);
	case WG_DEVICE_A_BIND_DEVICE:
		return nl_decode_string(tunnel->bind.device,
				  sizeof(tunnel->bind.device), attr);
	case WG_DEVICE_A_BIND_ADDRESS:
		return get_bind_address(&tunnel->bind, attr);
	case WG_DEVICE_A_COUNTERS:
		tunnel->has |= TUNNEL_HAS_COUNTERS;
		return for_each(attr, get_counter, &tunnel->counters);
	case WG_DEVICE_A_DROPS:
		return get_drop(&tunnel->drops, attr);
	case WG_DEVICE_A_REFUSALS:
		return for_each(attr, get_refusal_attr,
				refusals_add(&tunnel->refusals));
	}
	return get_field(tunnel, &tunnel->has, fields, attr);
}

int nl_decode_device(const struct nlmsghdr *message, void *tunnel)
{
	const struct nlattr *attr;
	int ret = 0;

	mnl_attr_for_each(attr, message, GENL_HDRLEN) {
		ret = get_device_attr(tunnel, attr);
		if (ret)
			break;
	}
	return ret;
}

/* Does the attribute cover the byte at @offset from the message's begin? */
static bool is_at(const struct nlmsghdr *message, const struct nlattr *attr,
		  uint32_t offset)
{
	size_t from = (size_t)((const char *)attr - (const char *)message);

	return offset >= from && offset < from + attr->nla_len;
}

/* The allowed IP around the byte at @offset, if there is one. */
static void name_ip(const struct nlmsghdr *message, const struct nlattr *peer,
		    uint32_t offset, struct allowed_ip *ip)
{
	const struct nlattr *ips = find_attr(peer, WG_PEER_A_ALLOWEDIPS), *attr;
	struct allowed_ips one = { 0 };

	if (!ips || !is_at(message, ips, offset))
		return;
	mnl_attr_for_each_nested(attr, ips)
		if (is_at(message, attr, offset) && !get_ip(&one, attr))
			*ip = one.items[0];
	free(one.items);
}

bool nl_name_place(const struct nlmsghdr *message, uint32_t offset,
		   struct nl_refused *refused)
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
			name_ip(message, peer, offset, &refused->ip);
			return key && !nl_decode_bytes(refused->peer_key, key,
						       WG_KEY_LEN);
		}
	}
	return false;
}
