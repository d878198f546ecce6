// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/rtnetlink.h>

#include "doctor/call.h"
#include "doctor/check.h"
#include "doctor/refusal.h"
#include "model/change.h"

/* --- whose is an address? --- */

static void check_overlap(const struct evidence *evidence,
			  struct findings *findings)
{
	char first[PEER_WORD_MAX], second[PEER_WORD_MAX], text[IP_TEXT_MAX];
	struct claim *claims;
	size_t count, i;

	if (!evidence->setup)
		return;
	claims = change_claims(evidence->setup->tunnel, &count);
	for (i = 0; i + 1 < count; i++)
		if (change_is_outdone(&claims[i], &claims[i + 1]))
			finding_add(findings, FINDING_OVERLAP, claims[i].peer,
				    "%s is given to %s and then to %s, who has it",
				    ip_text(&claims[i].ip, text),
				    peer_word(claims[i].peer, first),
				    peer_word(claims[i + 1].peer, second));
	free(claims);
}

static void check_allowed_ips(const struct evidence *evidence,
			      const struct peer *peer,
			      struct findings *findings)
{
	if (!peer->ips.count && !findings_concern(findings, peer))
		finding_add(findings, FINDING_NO_ALLOWED_IPS, peer,
			    "the list is empty; allowed IPs moved to other peers: %llu",
			    (unsigned long long)evidence->now->ips_moved);
}

static void check_sources(const struct evidence *evidence,
			  const struct trial *trial,
			  struct findings *findings)
{
	char text[FAULT_TEXT_MAX];

	if (source_is_refused(evidence, trial, text))
		finding_add(findings, FINDING_SOURCE, trial->peer, "%s", text);
}

static bool is_own_address(const struct evidence *evidence,
			   const struct allowed_ip *net)
{
	return net->cidr == ip_len(net) * 8 &&
	       is_among(net, &evidence->addresses);
}

/* Then the tunnel's own packets are nobody's. */
static bool has_loop(const struct evidence *evidence,
		     const struct findings *findings)
{
	size_t i = 0;

	while (i < evidence->trial_count &&
	       !findings_have(findings, FINDING_ENDPOINT_LOOP,
			      evidence->trials[i].peer))
		i++;
	return i < evidence->trial_count;
}

/* An address of a family that no peer has anything of is merely not used. */
static bool is_unused(const struct evidence *evidence,
		      const struct rtnl_route *route)
{
	size_t i;

	if (route->protocol != RTPROT_KERNEL)
		return false;
	for (i = 0; i < evidence->now->peer_count; i++)
		if (ips_have_family(&evidence->now->peers[i]->ips,
				    route->to.family))
			return false;
	return true;
}

/* Everything goes into the tunnel, and there it is nobody's. */
static bool check_world(const struct evidence *evidence,
			struct findings *findings)
{
	size_t i;

	for (i = 0; i < IP_FAMILIES; i++) {
		const struct allowed_ip world = call_nobody(ip_families[i]);

		if (!leads_in(evidence, &evidence->defaults[i]) ||
		    peer_of(evidence, &world))
			continue;
		finding_add(findings, FINDING_NOBODYS, NULL,
			    "the default route of %s leads into %s, and no peer has everything",
			    ip_family_name(ip_families[i]), evidence->name);
		return true;
	}
	return false;
}

static void check_nobodys(const struct evidence *evidence,
			  struct findings *findings)
{
	char text[FAULT_TEXT_MAX], net[IP_TEXT_MAX];
	size_t i;

	if (!evidence->now->peer_count || has_loop(evidence, findings))
		return;
	for (i = 0; i < evidence->routes.count; i++) {
		const struct rtnl_route *route = &evidence->routes.items[i];

		if (is_somebodys(evidence, &route->to) ||
		    is_unused(evidence, route) ||
		    is_own_address(evidence, &route->to))
			continue;
		finding_add(findings, FINDING_NOBODYS, NULL,
			    "the route to %s leads into %s, and no peer has any of it",
			    ip_text(&route->to, net), evidence->name);
		return;
	}
	if (!check_world(evidence, findings) &&
	    destination_is_refused(evidence, text))
		finding_add(findings, FINDING_NOBODYS, NULL, "%s", text);
}

/* --- routes --- */

/* By the default route, or by none? Then there is none for the prefix. */
static bool is_missing(const struct evidence *evidence,
		       const struct lead *lead)
{
	const struct way *world = &evidence->defaults[lead->ip.family != AF_INET];

	return lead->way.error == -ENETUNREACH ||
	       (!lead->way.error && !lead->has_route && !world->error &&
		lead->way.ifindex == world->ifindex);
}

static void add_route_command(const struct evidence *evidence,
			      const struct lead *lead,
			      struct findings *findings)
{
	struct finding *finding = &findings->items[findings->count - 1];
	char text[IP_TEXT_MAX];

	if (is_missing(evidence, lead))
		finding_command(finding, "ip route add %s dev %s",
				ip_text(&lead->ip, text), evidence->name);
	else
		finding_command(finding,
				"ip route get %s; ip rule; ip route show dev %s",
				address_text(&lead->ip, text), evidence->name);
}

static void add_route_finding(const struct evidence *evidence,
			      const struct lead *lead,
			      struct findings *findings)
{
	char net[IP_TEXT_MAX];

	ip_text(&lead->ip, net);
	/* other errors than that there is none are those of a blackhole */
	if (lead->way.error)
		finding_add(findings, is_missing(evidence, lead) ?
					      FINDING_ROUTE_MISSING :
					      FINDING_ROUTE_ELSEWHERE,
			    lead->peer, "the kernel says of %s: %s", net,
			    strerror(-lead->way.error));
	else if (is_missing(evidence, lead))
		finding_add(findings, FINDING_ROUTE_MISSING, lead->peer,
			    "packets for %s leave by %s, as for everybody",
			    net, lead->way.device);
	else
		finding_add(findings, FINDING_ROUTE_ELSEWHERE, lead->peer,
			    "packets for %s leave by %s%s", net,
			    lead->way.device,
			    lead->has_route ? ", whatever routes there are into the tunnel" :
					      "");
	add_route_command(evidence, lead, findings);
}

/* One for each peer, however many prefixes it has. */
static void check_routes(const struct evidence *evidence,
			 struct findings *findings)
{
	size_t i;

	if (routes_are_by_hand(evidence))
		return;
	for (i = 0; i < evidence->leads.count; i++) {
		const struct lead *lead = &evidence->leads.items[i];

		if (leads_in(evidence, &lead->way) ||
		    twin_of(evidence, &lead->ip) ||
		    !ips_have_family(&evidence->addresses, lead->ip.family) ||
		    findings_have(findings, FINDING_ROUTE_MISSING,
				  lead->peer) ||
		    findings_have(findings, FINDING_ROUTE_ELSEWHERE,
				  lead->peer))
			continue;
		add_route_finding(evidence, lead, findings);
	}
}

/* --- everything through the tunnel --- */

static bool has_table(const struct evidence *evidence, uint16_t family)
{
	size_t i;

	for (i = 0; i < evidence->routes.count; i++) {
		const struct rtnl_route *route = &evidence->routes.items[i];

		if (route->to.family == family && !route->to.cidr &&
		    route->table == evidence->now->fwmark)
			return true;
	}
	return false;
}

/* By its file, or because it has all that goes with it but a part. */
static bool wants_policy(const struct evidence *evidence, uint16_t family)
{
	if (!tunnel_has_default(evidence->now, family) || !evidence->now->fwmark)
		return false;
	if (evidence->setup)
		return evidence->setup->table == SETUP_TABLE_AUTO &&
		       tunnel_has_default(evidence->setup->tunnel, family);
	return has_table(evidence, family) ||
	       evidence->has_rule[family != AF_INET];
}

/* What is missing of it, or NULL. */
static const char *policy_lacks(const struct evidence *evidence,
				uint16_t family)
{
	const size_t at = family != AF_INET;

	if (!evidence->has_rule[at])
		return "there is no rule that sends what lacks the mark to the tunnel's table";
	if (!has_table(evidence, family))
		return "the tunnel's table has no default route";
	if (!evidence->has_main_rule[at])
		return "there is no rule for the main table without its default route";
	if (!leads_in(evidence, &evidence->defaults[at]))
		return "another rule comes before the tunnel's";
	return NULL;
}

/* A table that somebody made by hand; of a VRF no rule need name it. */
static bool is_table_lost(const struct evidence *evidence, size_t family_at)
{
	return evidence->default_table[family_at] &&
	       !evidence->has_table_rule[family_at] && !evidence->link.vrf;
}

static bool check_tables(const struct evidence *evidence,
			 struct findings *findings)
{
	size_t i = 0;

	while (i < IP_FAMILIES && !is_table_lost(evidence, i))
		i++;
	if (i == IP_FAMILIES)
		return false;
	finding_command(finding_add(findings, FINDING_POLICY_MISSING, NULL,
				    "%s: table %u has a default route into %s, and no rule names that table",
				    ip_family_name(ip_families[i]),
				    evidence->default_table[i], evidence->name),
			"ip %s rule", i ? "-6" : "-4");
	return true;
}

static void check_policy(const struct evidence *evidence,
			 struct findings *findings)
{
	const char *what;
	size_t i;

	if (check_tables(evidence, findings))
		return;
	for (i = 0; i < IP_FAMILIES; i++) {
		if (!wants_policy(evidence, ip_families[i]))
			continue;
		what = policy_lacks(evidence, ip_families[i]);
		if (!what)
			continue;
		finding_command(finding_add(findings, FINDING_POLICY_MISSING,
					    NULL, "%s: %s (mark %u)",
					    ip_family_name(ip_families[i]),
					    what, evidence->now->fwmark),
				"ip %s rule; ip %s route show table %u",
				i ? "-6" : "-4", i ? "-6" : "-4",
				evidence->now->fwmark);
		return;
	}
}

static bool is_filtered(const struct evidence *evidence, size_t family_at)
{
	const struct firewall_seen *filters = &evidence->filters;

	return filters->has_foreign || (family_at ? filters->filters_ipv6 :
						    filters->filters_ipv4);
}

static void check_spoof_filter(const struct evidence *evidence,
			       struct findings *findings)
{
	size_t i;

	for (i = 0; i < IP_FAMILIES; i++) {
		if (!evidence->is_fresh || !evidence->state.has_policy[i] ||
		    !evidence->sees_filters || is_filtered(evidence, i))
			continue;
		finding_add(findings, FINDING_SPOOF_FILTER, NULL,
			    "wgctl up made it for %s: without it neighbours can send to %s",
			    ip_family_name(ip_families[i]), evidence->name);
		return;
	}
}

/* Of what comes in there, would answers leave by another interface? */
static bool is_strict_outside(const struct evidence *evidence,
			      const struct trial *trial)
{
	const struct sysctls *sysctls = &evidence->sysctls;

	return sysctls->outer_rp_filter == 1 && trial->way.is_known &&
	       trial->peer->endpoint.addr.sa.sa_family == AF_INET &&
	       !trial->way.error && !trial->unmarked.error &&
	       trial->way.ifindex != trial->unmarked.ifindex &&
	       !(sysctls->reads_mark && is_filtered(evidence, 0));
}

static const struct lead *lead_elsewhere(const struct evidence *evidence)
{
	size_t i;

	for (i = 0; i < evidence->leads.count; i++)
		if (evidence->leads.items[i].ip.family == AF_INET &&
		    !leads_in(evidence, &evidence->leads.items[i].way))
			return &evidence->leads.items[i];
	return NULL;
}

/* Everything may come, not everything is sent: that alone is no fault. */
static bool is_dropped_inside(const struct evidence *evidence)
{
	return evidence->sysctls.rp_drops &&
	       tunnel_has_default(evidence->now, AF_INET) &&
	       !leads_in(evidence, &evidence->defaults[0]);
}

static void check_rp_inside(const struct evidence *evidence,
			    struct findings *findings)
{
	const bool is_by_hand = routes_are_by_hand(evidence);
	const struct lead *lead = is_by_hand ? lead_elsewhere(evidence) : NULL;
	struct finding *finding;
	char net[IP_TEXT_MAX];

	if (evidence->sysctls.rp_filter != 1 || (evidence->setup && !is_by_hand))
		return;
	if (lead)
		finding = finding_add(findings, FINDING_RP_FILTER, lead->peer,
				      "rp_filter of %s is 1, and packets to %s do not leave by it",
				      evidence->name, ip_text(&lead->ip, net));
	else if (is_dropped_inside(evidence))
		finding = finding_add(findings, FINDING_RP_FILTER, NULL,
				      "rp_filter of %s is 1, not all packets leave by it, and %llu were dropped for their way back",
				      evidence->name,
				      (unsigned long long)evidence->sysctls.rp_drops);
	else
		return;
	finding_command(finding, "sysctl -w net.ipv4.conf.%s.rp_filter=2",
			evidence->name);
}

static void check_rp_filter(const struct evidence *evidence,
			    struct findings *findings)
{
	const char *outer = evidence->sysctls.outer;
	size_t i;

	for (i = 0; i < evidence->trial_count; i++) {
		const struct trial *trial = &evidence->trials[i];

		if (findings_have(findings, FINDING_RP_FILTER, trial->peer))
			return;
		if (!is_strict_outside(evidence, trial))
			continue;
		finding_command(finding_add(findings, FINDING_RP_FILTER,
					    trial->peer,
					    "rp_filter of %s is 1, and packets to the endpoint leave by %s without the mark",
					    outer, trial->unmarked.device),
				"sysctl -w net.ipv4.conf.%s.rp_filter=2",
				outer);
		return;
	}
	check_rp_inside(evidence, findings);
}

/* --- large packets --- */

static void check_mtu(const struct evidence *evidence,
		      const struct trial *trial, struct findings *findings)
{
	if (evidence->has_missed || !trial->is_direct || !trial->largest ||
	    trial->largest >= trial->large ||
	    findings_have(findings, FINDING_KEY_TWICE, trial->peer))
		return;
	finding_command(finding_add(findings, FINDING_MTU, trial->peer,
				    "packets of %u bytes are answered, those of %u, the MTU of %s, are not",
				    trial->largest, trial->large,
				    evidence->name),
			"ip link set %s mtu %u", evidence->name,
			trial->largest);
}

void check_inside(const struct evidence *evidence, struct findings *findings)
{
	size_t i;

	check_overlap(evidence, findings);
	check_nobodys(evidence, findings);
	check_routes(evidence, findings);
	check_policy(evidence, findings);
	check_spoof_filter(evidence, findings);
	check_rp_filter(evidence, findings);
	for (i = 0; i < evidence->trial_count; i++) {
		const struct trial *trial = &evidence->trials[i];

		check_allowed_ips(evidence, trial->peer, findings);
		check_sources(evidence, trial, findings);
		check_mtu(evidence, trial, findings);
	}
}
