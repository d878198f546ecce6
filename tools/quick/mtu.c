// SPDX-License-Identifier: GPL-2.0
#include "quick/mtu.h"

#include <linux/rtnetlink.h>
#include <net/if.h>

#include "netlink/link.h"

/* IPv6 header 40, UDP 8, ours 32, as for an outer packet of either family */
#define TUNNEL_ADDS 80
#define USUAL_MTU 1500

static void see_default(const struct rtnl_route *route, void *context)
{
	uint32_t *ifindex = context;

	if (!*ifindex && !route->to.cidr && route->table == RT_TABLE_MAIN)
		*ifindex = route->ifindex;
}

static uint32_t default_mtu(struct nl_talk *rtnl)
{
	struct fault ignored;
	uint32_t ifindex = 0;
	size_t i;

	for (i = 0; i < IP_FAMILIES && !ifindex; i++)
		rtnl_each_route(rtnl, ip_families[i], see_default, &ifindex,
				&ignored);
	return nl_link_mtu(ifindex);
}

/* A VRF has one that no packet may have: what it sends leaves by another. */
static uint32_t bound_mtu(uint32_t bound)
{
	uint32_t mtu = nl_link_mtu(bound);

	return mtu > UINT16_MAX ? 0 : mtu;
}

/* 0 where there is no way to any endpoint: one by itself does not matter. */
static uint32_t smallest_mtu(struct nl_talk *rtnl, const struct tunnel *tunnel,
			     uint32_t bound)
{
	uint32_t smallest = 0;
	struct fault ignored;
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++) {
		const struct endpoint *to = &tunnel->peers[i]->endpoint;
		const struct rtnl_packets packets = { .to = &to->addr.sa,
						      .mark = tunnel->fwmark,
						      .bound = bound };
		struct rtnl_way way;

		if (to->addr.sa.sa_family == AF_UNSPEC ||
		    rtnl_way_to(rtnl, &way, &packets, &ignored))
			continue;
		if (way.mtu && (!smallest || way.mtu < smallest))
			smallest = way.mtu;
	}
	return smallest;
}

uint32_t mtu_of_tunnel(struct nl_talk *rtnl, const struct tunnel *tunnel)
{
	const uint32_t bound = if_nametoindex(tunnel->bind.device);
	uint32_t mtu = smallest_mtu(rtnl, tunnel, bound) ?:
		       bound_mtu(bound) ?:
		       default_mtu(rtnl) ?:
		       USUAL_MTU;

	/* a loopback has 65536, which no tunnel packet may be */
	return (mtu > UINT16_MAX ? UINT16_MAX + 1 : mtu) - TUNNEL_ADDS;
}
