// SPDX-License-Identifier: GPL-2.0
#include "ctl/parse.h"

#include <linux/if.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/sched.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "ctl/utf8.h"
#include "proto/crypto.h"

#define DEVICE_FLAGS (WG_DEVICE_F_REPLACE_PEERS | WG_DEVICE_F_EXCLUSIVE_IPS)
#define PEER_FLAGS (WG_PEER_F_REMOVE_ME | WG_PEER_F_REPLACE_ALLOWEDIPS | \
		    WG_PEER_F_UPDATE_ONLY)

/* A get reports these; who sends a report back is told, not ignored. */
#define REPORTED { .type = NLA_REJECT, .reject_message = "only reported" }

static const struct nla_policy ip_policy[WG_ALLOWEDIP_A_FLAGS + 1] = {
	[WG_ALLOWEDIP_A_FAMILY] = { .type = NLA_U16 },
	[WG_ALLOWEDIP_A_IPADDR] =
		NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct in_addr),
				 sizeof(struct in6_addr)),
	[WG_ALLOWEDIP_A_CIDR_MASK] = { .type = NLA_U8 },
	[WG_ALLOWEDIP_A_FLAGS] =
		NLA_POLICY_MASK(NLA_U32, WG_ALLOWEDIP_F_REMOVE_ME),
};

static const struct nla_policy peer_policy[WG_PEER_A_MAX + 1] = {
	[WG_PEER_A_PUBLIC_KEY] = NLA_POLICY_EXACT_LEN(WG_KEY_LEN),
	[WG_PEER_A_PRESHARED_KEY] = NLA_POLICY_EXACT_LEN(WG_KEY_LEN),
	[WG_PEER_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, PEER_FLAGS),
	[WG_PEER_A_ENDPOINT] =
		NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct sockaddr_in),
				 sizeof(struct sockaddr_in6)),
	[WG_PEER_A_PERSISTENT_KEEPALIVE] = { .type = NLA_U16 },
	/* the stock family takes these three in a set and does nothing */
	[WG_PEER_A_LAST_HANDSHAKE_TIME] =
		NLA_POLICY_EXACT_LEN(sizeof(struct __kernel_timespec)),
	[WG_PEER_A_RX_BYTES] = { .type = NLA_U64 },
	[WG_PEER_A_TX_BYTES] = { .type = NLA_U64 },
	[WG_PEER_A_ALLOWEDIPS] = { .type = NLA_NESTED },
	[WG_PEER_A_PROTOCOL_VERSION] = { .type = NLA_U32 },
	[WG_PEER_A_NAME] = { .type = NLA_NUL_STRING, .len = WG_PEER_NAME_MAX },
	[WG_PEER_A_COUNTERS] = REPORTED,
	[WG_PEER_A_DROPS] = REPORTED,
	[WG_PEER_A_PAD] = REPORTED,
	[WG_PEER_A_REFUSAL] = REPORTED,
	[WG_PEER_A_LAST_RECEIVED] = REPORTED,
	[WG_PEER_A_LAST_SENT] = REPORTED,
	[WG_PEER_A_DISABLED] = NLA_POLICY_MAX(NLA_U8, 1),
	[WG_PEER_A_UNTIL] = { .type = NLA_U64 },
};

const struct nla_policy wg_device_policy[WG_DEVICE_A_MAX + 1] = {
	[WG_DEVICE_A_IFINDEX] = { .type = NLA_U32 },
	[WG_DEVICE_A_IFNAME] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[WG_DEVICE_A_PRIVATE_KEY] = NLA_POLICY_EXACT_LEN(WG_KEY_LEN),
	[WG_DEVICE_A_PUBLIC_KEY] = NLA_POLICY_EXACT_LEN(WG_KEY_LEN),
	[WG_DEVICE_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, DEVICE_FLAGS),
	[WG_DEVICE_A_LISTEN_PORT] = { .type = NLA_U16 },
	[WG_DEVICE_A_FWMARK] = { .type = NLA_U32 },
	[WG_DEVICE_A_PEERS] = { .type = NLA_NESTED },
	[WG_DEVICE_A_COUNTERS] = REPORTED,
	[WG_DEVICE_A_DROPS] = REPORTED,
	[WG_DEVICE_A_GENERATION] = REPORTED,
	[WG_DEVICE_A_PEER_COUNT] = REPORTED,
	[WG_DEVICE_A_IPS_MOVED] = REPORTED,
	[WG_DEVICE_A_PAD] = REPORTED,
	[WG_DEVICE_A_REFUSALS] = REPORTED,
	[WG_DEVICE_A_EXCLUSIVE] = NLA_POLICY_MAX(NLA_U8, 1),
	[WG_DEVICE_A_BIND_DEVICE] = { .type = NLA_NUL_STRING,
				      .len = IFNAMSIZ - 1 },
	[WG_DEVICE_A_BIND_ADDRESS] =
		NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
};

/* The value of a check that fails; the message is a literal. */
#define REFUSE(extack, attr, message)					\
({									\
	NL_SET_ERR_MSG_ATTR(extack, attr, message);			\
	-EINVAL;							\
})

static int check_prefix(const struct wg_request_ip *ip, struct nlattr **tb,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *addr = tb[WG_ALLOWEDIP_A_IPADDR];
	const struct nlattr *cidr = tb[WG_ALLOWEDIP_A_CIDR_MASK];

	switch (ip->family) {
	case AF_INET:
		if (nla_len(addr) != sizeof(struct in_addr))
			return REFUSE(extack, addr,
				      "IPv4 address is not of 4 bytes");
		if (ip->cidr > 32)
			return REFUSE(extack, cidr, "prefix length exceeds 32");
		return 0;
	case AF_INET6:
		if (nla_len(addr) != sizeof(struct in6_addr))
			return REFUSE(extack, addr,
				      "IPv6 address is not of 16 bytes");
		if (ip->cidr > 128)
			return REFUSE(extack, cidr,
				      "prefix length exceeds 128");
		return 0;
	}
	return REFUSE(extack, tb[WG_ALLOWEDIP_A_FAMILY],
		      "family is neither IPv4 nor IPv6");
}

static int parse_ip(struct wg_request_ip *ip, const struct nlattr *attr,
		    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[WG_ALLOWEDIP_A_FLAGS + 1];
	int err;

	err = nla_parse_nested(tb, WG_ALLOWEDIP_A_FLAGS, attr, ip_policy,
			       extack);
	if (err)
		return err;
	if (!tb[WG_ALLOWEDIP_A_FAMILY] || !tb[WG_ALLOWEDIP_A_IPADDR] ||
	    !tb[WG_ALLOWEDIP_A_CIDR_MASK])
		return REFUSE(extack, attr,
			      "allowed IP lacks family, address or prefix length");
	ip->attr = attr;
	ip->family = nla_get_u16(tb[WG_ALLOWEDIP_A_FAMILY]);
	ip->cidr = nla_get_u8(tb[WG_ALLOWEDIP_A_CIDR_MASK]);
	if (tb[WG_ALLOWEDIP_A_FLAGS])
		ip->is_removal = nla_get_u32(tb[WG_ALLOWEDIP_A_FLAGS]) &
				 WG_ALLOWEDIP_F_REMOVE_ME;
	err = check_prefix(ip, tb, extack);
	if (err)
		return err;
	/* it reads no more than the prefix: so for IPv4 as well */
	ipv6_addr_prefix(&ip->addr, nla_data(tb[WG_ALLOWEDIP_A_IPADDR]),
			 ip->cidr);
	return 0;
}

static int parse_ips(struct wg_request *request, struct wg_request_peer *peer,
		     const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	const struct nlattr *entry;
	int err, rest;

	if (!attr)
		return 0;
	peer->ips = request->ips + request->ip_count;
	nla_for_each_nested(entry, attr, rest) {
		err = parse_ip(&peer->ips[peer->ip_count++], entry, extack);
		if (err)
			return err;
	}
	request->ip_count += peer->ip_count;
	return 0;
}

/* Only what names the peer is taken over: no padding, no flow label. */
static int parse_endpoint(struct wg_endpoint *endpoint,
			  const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	const struct sockaddr_in6 *addr6;
	const struct sockaddr_in *addr4;

	if (!attr)
		return 0;
	addr6 = nla_data(attr);
	addr4 = nla_data(attr);
	if (nla_len(attr) == sizeof(*addr4) && addr4->sin_family == AF_INET) {
		endpoint->addr4.sin_family = AF_INET;
		endpoint->addr4.sin_port = addr4->sin_port;
		endpoint->addr4.sin_addr = addr4->sin_addr;
		return 0;
	}
	if (nla_len(attr) == sizeof(*addr6) &&
	    addr6->sin6_family == AF_INET6) {
		endpoint->addr6.sin6_family = AF_INET6;
		endpoint->addr6.sin6_port = addr6->sin6_port;
		endpoint->addr6.sin6_addr = addr6->sin6_addr;
		endpoint->addr6.sin6_scope_id = addr6->sin6_scope_id;
		return 0;
	}
	return REFUSE(extack, attr,
		      "endpoint is neither sockaddr_in nor sockaddr_in6");
}

static int check_name(const struct nlattr *attr,
		      struct netlink_ext_ack *extack)
{
	if (!attr ||
	    wg_utf8_is_printable(nla_data(attr),
				 strnlen(nla_data(attr), nla_len(attr))))
		return 0;
	return REFUSE(extack, attr,
		      "name is not UTF-8 without control characters");
}

static int check_version(const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	if (!attr || nla_get_u32(attr) == 1)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "protocol version is not 1");
	return -EPFNOSUPPORT;
}

static int parse_peer(struct wg_request *request,
		      struct wg_request_peer *peer, const struct nlattr *attr,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[WG_PEER_A_MAX + 1];
	int err;

	err = nla_parse_nested(tb, WG_PEER_A_MAX, attr, peer_policy, extack);
	if (err)
		return err;
	if (!tb[WG_PEER_A_PUBLIC_KEY])
		return REFUSE(extack, attr, "peer lacks a public key");
	peer->attr = attr;
	peer->public_key = nla_data(tb[WG_PEER_A_PUBLIC_KEY]);
	peer->psk = tb[WG_PEER_A_PRESHARED_KEY];
	peer->name = tb[WG_PEER_A_NAME];
	peer->keepalive = tb[WG_PEER_A_PERSISTENT_KEEPALIVE];
	peer->disabled = tb[WG_PEER_A_DISABLED];
	peer->until = tb[WG_PEER_A_UNTIL];
	if (tb[WG_PEER_A_FLAGS])
		peer->flags = nla_get_u32(tb[WG_PEER_A_FLAGS]);
	/* each of these finds nothing wrong with what is absent */
	return check_version(tb[WG_PEER_A_PROTOCOL_VERSION], extack) ?:
	       parse_endpoint(&peer->endpoint, tb[WG_PEER_A_ENDPOINT],
			      extack) ?:
	       check_name(tb[WG_PEER_A_NAME], extack) ?:
	       parse_ips(request, peer, tb[WG_PEER_A_ALLOWEDIPS], extack);
}

static int parse_peers(struct wg_request *request, const struct nlattr *head,
		       int len, struct netlink_ext_ack *extack)
{
	const struct nlattr *attr, *entry;
	int err, rest, rest2;

	nla_for_each_attr(attr, head, len, rest) {
		if (nla_type(attr) != WG_DEVICE_A_PEERS)
			continue;
		nla_for_each_nested(entry, attr, rest2) {
			err = parse_peer(request,
					 &request->peers[request->peer_count],
					 entry, extack);
			if (err)
				return err;
			request->peer_count++;
		}
		/* a nest has 64 KB at most, a message any number of them */
		cond_resched();
	}
	return 0;
}

static unsigned int count_entries(const struct nlattr *attr)
{
	const struct nlattr *entry;
	unsigned int count = 0;
	int rest;

	nla_for_each_nested(entry, attr, rest)
		count++;
	return count;
}

/* Room for as many as there can be: what is counted has yet to be parsed. */
static int alloc_arrays(struct wg_request *request, const struct nlattr *head,
			int len)
{
	const struct nlattr *attr, *peer, *part;
	unsigned int peers = 0, ips = 0;
	int rest, rest2, rest3;

	nla_for_each_attr(attr, head, len, rest) {
		if (nla_type(attr) != WG_DEVICE_A_PEERS)
			continue;
		peers += count_entries(attr);
		nla_for_each_nested(peer, attr, rest2)
			nla_for_each_nested(part, peer, rest3)
				if (nla_type(part) == WG_PEER_A_ALLOWEDIPS)
					ips += count_entries(part);
		cond_resched();
	}
	request->peers = kvcalloc(peers, sizeof(*request->peers), GFP_KERNEL);
	request->ips = kvcalloc(ips, sizeof(*request->ips), GFP_KERNEL);
	return request->peers && request->ips ? 0 : -ENOMEM;
}

/* Of one that may exist, or empty, for none. */
static bool is_device_name(const struct nlattr *attr)
{
	const char *name = attr ? nla_data(attr) : "";

	return !*name || dev_valid_name(name);
}

/* Of one machine, or any: sockets bound to a group's send from what they like. */
static bool is_source(const struct nlattr *attr)
{
	struct in6_addr addr = attr ? nla_get_in6_addr(attr) : in6addr_any;
	__be32 addr4 = addr.s6_addr32[3];

	return ipv6_addr_v4mapped(&addr) ?
	       !ipv4_is_multicast(addr4) && !ipv4_is_lbcast(addr4) :
	       !ipv6_addr_is_multicast(&addr);
}

int wg_request_parse(struct wg_request *request, const struct nlattr *head,
		     int len, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[WG_DEVICE_A_MAX + 1];
	int err;

	memset(request, 0, sizeof(*request));
	err = nla_parse(tb, WG_DEVICE_A_MAX, head, len, wg_device_policy,
			extack);
	if (err)
		return err;
	request->private_key = tb[WG_DEVICE_A_PRIVATE_KEY];
	request->listen_port = tb[WG_DEVICE_A_LISTEN_PORT];
	request->fwmark = tb[WG_DEVICE_A_FWMARK];
	request->exclusive = tb[WG_DEVICE_A_EXCLUSIVE];
	request->bind_device = tb[WG_DEVICE_A_BIND_DEVICE];
	request->bind_address = tb[WG_DEVICE_A_BIND_ADDRESS];
	if (tb[WG_DEVICE_A_FLAGS])
		request->flags = nla_get_u32(tb[WG_DEVICE_A_FLAGS]);
	if (!is_device_name(request->bind_device))
		return REFUSE(extack, request->bind_device,
			      "not the name of a device");
	if (!is_source(request->bind_address))
		return REFUSE(extack, request->bind_address,
			      "broadcast or multicast, no address to send from");

	err = alloc_arrays(request, head, len) ?:
	      parse_peers(request, head, len, extack);
	if (err)
		wg_request_free(request);
	return err;
}

void wg_request_free(struct wg_request *request)
{
	kvfree(request->peers);
	kvfree(request->ips);
}

static void wipe_peers(const struct nlattr *attr)
{
	const struct nlattr *peer, *part;
	int rest, rest2;

	nla_for_each_nested(peer, attr, rest)
		nla_for_each_nested(part, peer, rest2)
			if (nla_type(part) == WG_PEER_A_PRESHARED_KEY)
				wg_wipe(nla_data(part), nla_len(part));
	cond_resched();
}

void wg_request_wipe(const struct nlattr *head, int len)
{
	const struct nlattr *attr;
	int rest;

	nla_for_each_attr(attr, head, len, rest) {
		if (nla_type(attr) == WG_DEVICE_A_PRIVATE_KEY)
			wg_wipe(nla_data(attr), nla_len(attr));
		if (nla_type(attr) == WG_DEVICE_A_PEERS)
			wipe_peers(attr);
	}
}
