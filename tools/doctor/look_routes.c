// SPDX-License-Identifier: GPL-2.0
#include <linux/rtnetlink.h>
#include <string.h>

#include "doctor/call.h"
#include "doctor/look.h"
#include "lib/xalloc.h"
#include "model/value.h"

#define LEADS_MAX 512 /* prefixes whose route is looked up */
#define LOOPBACK 1

static bool is_everywhere(const struct allowed_ip *ip)
{
	if (ip->family == AF_INET)
		return ntohl(ip->v4.s_addr) >> 28 == 0xe;
	return ip->v6.s6_addr[0] == 0xff ||
	       (ip->v6.s6_addr[0] == 0xfe && ip->v6.s6_addr[1] >> 6 == 2);
}

static void see_route(const struct rtnl_route *route, void *context)
{
	struct evidence *evidence = context;
	const size_t at = route->to.family != AF_INET;

	if (route->type != RTN_UNICAST || is_everywhere(&route->to))
		return;
	if (route->ifindex != evidence->link.ifindex) {
		evidence->has_family[at] |= route->ifindex != LOOPBACK;
		return;
	}
	routes_add(&evidence->routes, route);
	if (!route->to.cidr && route->table != RT_TABLE_MAIN)
		evidence->default_table[at] = route->table;
}

static void see_rule(const struct rtnl_rule *rule, void *context)
{
	struct evidence *evidence = context;
	const size_t at = rule->family != AF_INET;

	if (rule->kind == RTNL_RULE_NOT_MARK &&
	    rule->mark == evidence->now->fwmark)
		evidence->has_rule[at] = true;
	if (rule->kind == RTNL_RULE_MAIN)
		evidence->has_main_rule[at] = true;
	if (rule->table == evidence->default_table[at] || rule->is_vrfs)
		evidence->has_table_rule[at] = true;
	evidence->has_source_rule[at] |= rule->has_source;
	if (evidence->setup && rule->table != RT_TABLE_MAIN &&
	    rule->table == evidence->setup->table_number)
		evidence->has_own_rule |=
			evidence->setup->table == SETUP_TABLE_NUMBER;
}

static void ask_for_way(struct nl_talk *rtnl, struct way *way,
			const struct allowed_ip *to,
			struct rtnl_packets packets)
{
	const struct endpoint endpoint = endpoint_of(to);
	struct rtnl_way found;

	memset(way, 0, sizeof(*way));
	packets.to = &endpoint.addr.sa;
	way->error = rtnl_way_to(rtnl, &found, &packets, fault_ignored());
	way->is_known = true;
	way->ifindex = found.ifindex;
	way->source = found.source;
	if (!if_indextoname(way->ifindex, way->device))
		way->device[0] = 0;
}

void look_for_way(const struct evidence *evidence, struct nl_talk *rtnl,
		  struct way *way, const struct allowed_ip *to)
{
	ask_for_way(rtnl, way, to,
		    (struct rtnl_packets){ .bound = evidence->link.vrf });
}

/* The module has a source for a peer that has come, and there is a rule for some. */
static bool may_have_another(const struct evidence *evidence,
			     const struct trial *trial)
{
	const struct endpoint *endpoint = &trial->peer->endpoint;
	const struct way *way = &trial->way;

	return evidence->has_source_rule[endpoint->addr.sa.sa_family != AF_INET] &&
	       trial->peer->stats->handshake_s &&
	       (way->error || way->ifindex == evidence->link.ifindex);
}

/* A link-local endpoint leaves by the interface that it names. */
static void look_to_endpoint(struct evidence *evidence, struct nl_talk *rtnl,
			     struct trial *trial)
{
	const struct bind *bind = &evidence->now->bind;
	struct rtnl_packets packets = { 0 };
	struct allowed_ip to;

	/* what is bound to a device is routed by that device's table */
	if (!(trial->peer->has & PEER_HAS_ENDPOINT) ||
	    evidence->is_elsewhere || *bind->device)
		return;
	to = ip_of(&trial->peer->endpoint);
	if (is_everywhere(&to))
		return;
	if (bind->address.family == to.family)
		packets.from = &bind->address;
	ask_for_way(rtnl, &trial->unmarked, &to, packets);
	packets.mark = evidence->now->fwmark;
	ask_for_way(rtnl, &trial->way, &to, packets);
	if (!packets.from && may_have_another(evidence, trial))
		trial->way.is_known = false;
}

/* --- the ways to allowed IPs --- */

/* A route that leads into the tunnel for some of the prefix, or all of it. */
static const struct rtnl_route *route_for(const struct routes *routes,
					  const struct allowed_ip *ip)
{
	size_t i;

	for (i = 0; i < routes->count; i++) {
		const struct rtnl_route *route = &routes->items[i];

		if (ip_covers(&route->to, ip) || ip_covers(ip, &route->to))
			return route;
	}
	return NULL;
}

/* The first or the last host of a prefix. */
static struct allowed_ip host_in(const struct allowed_ip *net, bool is_last)
{
	struct allowed_ip ip = *net;
	uint8_t *bytes = (uint8_t *)&ip.v6;
	const size_t len = ip_len(&ip);
	size_t bit;

	ip_mask(&ip);
	ip.cidr = (uint8_t)(len * 8);
	for (bit = net->cidr; is_last && bit + 1 < len * 8; bit++)
		bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	if (net->cidr < len * 8 && !is_last)
		bytes[len - 1] |= 1;
	return ip;
}

/* Parts of a network may lie elsewhere, by routes of their own. */
static void look_to_prefix(struct evidence *evidence, struct nl_talk *rtnl,
			   struct lead *lead)
{
	const struct rtnl_route *route = route_for(&evidence->routes,
						   &lead->ip);
	struct allowed_ip to = host_in(&lead->ip, false);
	struct way way;

	lead->has_route = route;
	look_for_way(evidence, rtnl, &lead->way, &to);
	if (leads_in(evidence, &lead->way))
		return;
	to = host_in(route && ip_covers(&lead->ip, &route->to) ? &route->to :
								 &lead->ip,
		     true);
	look_for_way(evidence, rtnl, &way, &to);
	if (leads_in(evidence, &way))
		lead->way = way;
}

static void add_lead(struct evidence *evidence, struct nl_talk *rtnl,
		     const struct peer *peer, const struct allowed_ip *ip)
{
	struct leads *leads = &evidence->leads;
	struct lead *lead;

	if (leads->count == LEADS_MAX)
		return;
	leads->items = xgrow(leads->items, leads->count, &leads->room,
			     sizeof(*lead));
	lead = &leads->items[leads->count++];
	*lead = (struct lead){ .peer = peer, .ip = *ip };
	look_to_prefix(evidence, rtnl, lead);
}

static void add_leads(struct evidence *evidence, struct nl_talk *rtnl,
		      const struct peer *peer)
{
	size_t i;

	for (i = 0; i < peer->ips.count; i++)
		if (peer->ips.items[i].cidr)
			add_lead(evidence, rtnl, peer, &peer->ips.items[i]);
}

/* One that belongs to a site of which nothing leads there. */
static bool is_out_of_reach(const struct evidence *evidence,
			    struct nl_talk *rtnl, const struct allowed_ip *ip)
{
	struct way way;
	size_t i;

	for (i = 0; i < evidence->everywhere.count; i++)
		if (ip_covers(&evidence->everywhere.items[i], ip))
			return false;
	look_for_way(evidence, rtnl, &way, ip);
	return ip_is_private(ip) && !leads_in(evidence, &way);
}

static void look_to_servers(struct evidence *evidence, struct nl_talk *rtnl)
{
	const struct strv *servers = &evidence->setup->dns;
	struct allowed_ip ip;
	bool has_sign;
	size_t i;

	for (i = 0; i < servers->count && !evidence->lost_server; i++)
		if (!value_ip(&ip, &has_sign, servers->items[i],
			      fault_ignored()) &&
		    is_out_of_reach(evidence, rtnl, &ip))
			evidence->lost_server = servers->items[i];
}

void look_at_addresses(struct evidence *evidence)
{
	struct nl_talk rtnl;

	if (nl_talk_open(&rtnl, NETLINK_ROUTE, fault_ignored()))
		return;
	rtnl_addresses(&rtnl, 0, &evidence->everywhere, fault_ignored());
	nl_talk_close(&rtnl);
}

void look_at_routes(struct evidence *evidence, struct nl_talk *rtnl)
{
	size_t i;

	rtnl_addresses(rtnl, evidence->link.ifindex, &evidence->addresses,
		       fault_ignored());
	for (i = 0; i < IP_FAMILIES; i++) {
		const struct allowed_ip world = call_nobody(ip_families[i]);

		rtnl_each_route(rtnl, ip_families[i], see_route, evidence,
				fault_ignored());
		rtnl_each_rule(rtnl, ip_families[i], see_rule, evidence,
			       fault_ignored());
		look_for_way(evidence, rtnl, &evidence->defaults[i], &world);
	}
	for (i = 0; i < evidence->trial_count; i++) {
		look_to_endpoint(evidence, rtnl, &evidence->trials[i]);
		add_leads(evidence, rtnl, evidence->trials[i].peer);
	}
	if (evidence->setup)
		look_to_servers(evidence, rtnl);
}
