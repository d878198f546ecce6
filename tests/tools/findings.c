// SPDX-License-Identifier: GPL-2.0
/*
 * What the doctor makes of evidence: a tunnel with one peer that is well, one
 * thing changed, and the findings by name. Prints TAP.
 *
 * tests/net/doctor.sh breaks real tunnels in these ways.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/verb.h"
#include "doctor/check.h"
#include "doctor/wire.h"
#include "lib/xalloc.h"
#include "model/key.h"
#include "model/value.h"

const struct verb verbs[] = { { 0 } };

#define NOW 1700000000
#define TUNNEL 7 /* the interface's index */
#define CABLE 2

/* A tunnel, before and after, and what is in its file. */
struct scene {
	struct evidence evidence;
	struct tunnel *before;
	struct tunnel *now;
	struct peer *was;
	struct peer *is;
	struct trial *trial;
};

static struct tunnel *make_tunnel(void)
{
	static const uint8_t other[WG_KEY_LEN] = { 2 };
	struct tunnel *tunnel = tunnel_new("wg0");
	struct peer *peer = tunnel_add_peer(tunnel, other);
	struct fault fault;

	tunnel->has = TUNNEL_HAS_PUBLIC_KEY | TUNNEL_HAS_COUNTERS;
	tunnel->public_key[0] = 1;
	tunnel->listen_port = 51820;
	peer->has = PEER_HAS_ENDPOINT | PEER_HAS_COUNTERS;
	value_ips(peer, "10.9.0.2/32", &fault);
	peer->endpoint.addr.v4 = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(51820),
		.sin_addr.s_addr = inet_addr("192.0.2.9"),
	};
	peer_stats(peer)->handshake_s = NOW - 50;
	return tunnel;
}

static void add_lead(struct evidence *evidence, const struct peer *peer)
{
	evidence->leads.items = xcalloc(1, sizeof(struct lead));
	evidence->leads.count = 1;
	*evidence->leads.items = (struct lead){
		.peer = peer, .ip = *peer->ips.items, .has_route = true,
		.way = { .is_known = true, .ifindex = TUNNEL,
			 .device = "wg0" },
	};
}

/* All is well, and the peer has answered. */
static void begin(struct scene *scene)
{
	struct evidence *evidence = &scene->evidence;
	struct fault fault;

	memset(scene, 0, sizeof(*scene));
	scene->before = evidence->before = make_tunnel();
	scene->now = evidence->now = make_tunnel();
	scene->was = scene->before->peers[0];
	scene->is = scene->now->peers[0];
	scene->trial = evidence->trials = xcalloc(1, sizeof(struct trial));
	evidence->trial_count = 1;
	snprintf(evidence->name, IFNAMSIZ, "wg0");
	evidence->now_s = NOW;
	evidence->module.is_loaded = true;
	evidence->link = (struct nl_link){ "wg0", "wg", TUNNEL, 1420, 0, true };
	evidence->sees_wire = evidence->sees_filters = true;
	evidence->has_family[0] = true;
	value_addresses(&evidence->addresses, "10.9.0.1/24", &fault);
	evidence->defaults[0] = (struct way){ true, 0, CABLE, "eth0", { 0 } };
	evidence->defaults[1] = (struct way){ true, -ENETUNREACH, 0, "", { 0 } };
	*scene->trial = (struct trial){
		.peer = scene->is, .before = scene->was,
		.is_asked_for = true, .is_called = true,
		.has_answered = true,
		.way = evidence->defaults[0],
		.unmarked = evidence->defaults[0],
	};
	add_lead(evidence, scene->is);
}

/* Nothing came, though two handshakes were sent. */
static void silence(struct scene *scene)
{
	scene->trial->has_answered = false;
	peer_stats(scene->is)->handshake_s = peer_stats(scene->was)->handshake_s = 0;
	scene->trial->seen.out[WIRE_INITIATION] = 2;
	peer_stats(scene->is)->tx_bytes = 296;
}

static void well(struct scene *scene)
{
}

static void quiet_but_shaken(struct scene *scene)
{
	silence(scene);
	peer_stats(scene->is)->handshake_s = NOW;
}

static void module_missing(struct scene *scene)
{
	scene->evidence.module.is_loaded = false;
	scene->evidence.link.ifindex = 0;
	scene->evidence.now = NULL;
}

static void module_of_then(struct scene *scene)
{
	strcpy(scene->evidence.module.version, "0.0.1");
}

static void compat_beside_in_tree(struct scene *scene)
{
	scene->evidence.module.wants_compat = true;
	scene->evidence.module.has_in_tree = true;
}

static void in_tree(struct scene *scene)
{
	scene->now->has &= ~TUNNEL_HAS_COUNTERS;
}

static void down(struct scene *scene)
{
	silence(scene);
	scene->evidence.link.is_up = false;
}

static void port_taken(struct scene *scene)
{
	down(scene);
	scene->evidence.port = 51820;
	scene->evidence.port_user = xstrdup("nc, process 9");
}

static void port_taken_by_a_colourful_one(struct scene *scene)
{
	down(scene);
	scene->evidence.port_user = xstrdup("n\033[31mc, process 9");
}

static void bound_to_nothing(struct scene *scene)
{
	silence(scene);
	strcpy(scene->now->bind.device, "eth0");
	scene->evidence.lacks_bound = true;
}

static void down_and_bound_to_nothing(struct scene *scene)
{
	bound_to_nothing(scene);
	scene->evidence.link.is_up = false;
}

static void no_address(struct scene *scene)
{
	scene->evidence.addresses.count = 0;
}

static void no_key(struct scene *scene)
{
	silence(scene);
	scene->now->has &= ~TUNNEL_HAS_PUBLIC_KEY;
}

static void no_peers(struct scene *scene)
{
	scene->now->peer_count = 0;
	scene->evidence.trial_count = 0;
	scene->evidence.leads.count = 0;
}

static void readable(struct scene *scene)
{
	scene->evidence.path = xstrdup("/etc/wireguard/wg0.conf");
	scene->evidence.mode = 0100640;
}

static void writable(struct scene *scene)
{
	readable(scene);
	scene->evidence.mode = 0100666;
}

static void broken_file(struct scene *scene)
{
	scene->evidence.path = xstrdup("wg0.conf");
	scene->evidence.file_error = xstrdup("wg0.conf:3: that is no key");
}

/* The device as it was is what its file says. */
static struct tunnel *file(struct scene *scene)
{
	struct setup *setup = xcalloc(1, sizeof(*setup));

	setup->tunnel = make_tunnel();
	scene->evidence.setup = setup;
	scene->evidence.path = xstrdup("wg0.conf");
	scene->evidence.resolver_knows = true;
	scene->trial->file = setup->tunnel->peers[0];
	return setup->tunnel;
}

static void same_file(struct scene *scene)
{
	file(scene);
}

static void file_is_exclusive(struct scene *scene)
{
	file(scene)->is_exclusive = true;
}

static void file_is_bound(struct scene *scene)
{
	strcpy(file(scene)->bind.device, "eth0");
}

static void file_disables(struct scene *scene)
{
	file(scene)->peers[0]->is_disabled = true;
}

static void file_ends(struct scene *scene)
{
	file(scene)->peers[0]->until_s = NOW + 99;
}

static void failed_unit(struct scene *scene)
{
	scene->evidence.failed_unit = xstrdup("wgctl@wg0.service");
}

static void psk(struct scene *scene)
{
	silence(scene);
	drops_add(&peer_stats(scene->is)->drops, "handshake-response", 1);
}

static void psk_once(struct scene *scene)
{
	drops_add(&peer_stats(scene->is)->drops, "handshake-response", 1);
	drops_add(&peer_stats(scene->was)->drops, "handshake-response", 1);
}

static void their_clock(struct scene *scene)
{
	silence(scene);
	drops_add(&peer_stats(scene->is)->drops, "handshake-replay", 3);
}

static void our_clock(struct scene *scene)
{
	peer_stats(scene->is)->handshake_s = peer_stats(scene->was)->handshake_s = NOW + 3600;
}

static struct refusal *refuse(struct scene *scene, const char *reason,
			      const char *from)
{
	struct refusal *refusal = refusals_add(&scene->now->refusals);

	snprintf(refusal->reason, sizeof(refusal->reason), "%s", reason);
	refusal->time_s = NOW - 5;
	refusal->about.addr.v4 = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(from),
	};
	return refusal;
}

static void our_key(struct scene *scene)
{
	silence(scene);
	refuse(scene, "bad-mac1", "192.0.2.9");
}

static void their_key(struct scene *scene)
{
	silence(scene);
	refuse(scene, "unknown-peer", "192.0.2.9")->public_key[0] = 9;
}

static void under_load(struct scene *scene)
{
	drops_add(&scene->now->drops, "cookie-sent", 20);
}

static void key_of_a_stranger(struct scene *scene)
{
	refuse(scene, "unknown-peer", "198.51.100.1")->public_key[0] = 9;
}

static void key_that_was_added(struct scene *scene)
{
	silence(scene);
	memcpy(refuse(scene, "unknown-peer", "192.0.2.9")->public_key,
	       scene->is->public_key, WG_KEY_LEN);
}

static void key_of_long_ago(struct scene *scene)
{
	silence(scene);
	refuse(scene, "unknown-peer", "192.0.2.9")->time_s = NOW - 10000;
}

static void packet_for_nobody(struct scene *scene)
{
	refuse(scene, "no-peer", "10.9.0.7");
}

static void packet_for_all(struct scene *scene)
{
	refuse(scene, "no-peer", "10.9.0.255");
	refuse(scene, "no-peer", "224.0.0.251");
	refuse(scene, "no-peer", "10.9.0.2"); /* it is the peer's by now */
}

static void disabled(struct scene *scene)
{
	silence(scene);
	scene->is->is_disabled = true;
}

static void ended(struct scene *scene)
{
	silence(scene);
	scene->is->until_s = NOW;
}

/* One of many; and then one of them comes. */
static void off_and_silent(struct scene *scene)
{
	disabled(scene);
	scene->trial->is_asked_for = false;
}

static void off_and_refused(struct scene *scene)
{
	off_and_silent(scene);
	drops_add(&peer_stats(scene->is)->drops, "peer-off", 1);
}

static void still_to_end(struct scene *scene)
{
	scene->is->until_s = NOW + 1;
}

static void no_endpoint(struct scene *scene)
{
	silence(scene);
	scene->is->has = scene->was->has = PEER_HAS_COUNTERS;
	scene->trial->is_called = false;
}

static void one_turned_away(struct scene *scene)
{
	no_endpoint(scene);
	key_of_a_stranger(scene);
}

static void user_who_never_came(struct scene *scene)
{
	no_endpoint(scene);
	scene->trial->is_asked_for = false;
}

static void loop(struct scene *scene)
{
	silence(scene);
	scene->trial->way.ifindex = TUNNEL;
}

static void no_route(struct scene *scene)
{
	silence(scene);
	scene->trial->way.error = -ENETUNREACH;
}

static void routed_by_source(struct scene *scene)
{
	scene->trial->way.error = -ENETUNREACH;
}

static void no_family(struct scene *scene)
{
	no_route(scene);
	scene->evidence.has_family[0] = false;
}

static void blocked_out(struct scene *scene)
{
	silence(scene);
	scene->trial->seen.out[WIRE_INITIATION] = 0;
}

static void blocked_before(struct scene *scene)
{
	silence(scene);
	scene->trial->is_forbidden = true;
}

static void blocked_in(struct scene *scene)
{
	silence(scene);
	scene->trial->seen.in[WIRE_RESPONSE] = 1;
}

static void bound_to_an_old_one(struct scene *scene)
{
	blocked_in(scene);
	strcpy(scene->now->bind.device, "eth0");
	scene->evidence.has_other_bound = true;
}

static void rp_filter_outside(struct scene *scene)
{
	blocked_in(scene);
	scene->evidence.sysctls.rp_drops = 2;
}

static void icmp(struct scene *scene, uint8_t code)
{
	silence(scene);
	scene->trial->icmp = (struct icmp_word){ true, AF_INET, 3, code,
						 { .family = AF_INET } };
}

static void refused(struct scene *scene)
{
	icmp(scene, 3);
}

static void prohibited(struct scene *scene)
{
	icmp(scene, 13);
}

static void elsewhere(struct scene *scene)
{
	blocked_in(scene);
	scene->trial->elsewhere = scene->is->endpoint;
	scene->trial->elsewhere.addr.v4.sin_port = htons(1);
}

static void gone(struct scene *scene)
{
	silence(scene);
	peer_stats(scene->is)->handshake_s = peer_stats(scene->was)->handshake_s = NOW - 600;
}

/* And is none whom anybody waits for. */
static void gone_home(struct scene *scene)
{
	gone(scene);
	scene->trial->is_asked_for = false;
}

static void asked_for_at_home(struct scene *scene)
{
	gone_home(scene);
	scene->evidence.asked.out = 1;
	scene->evidence.asked.to = *scene->is->ips.items;
}

static void sends_in_vain(struct scene *scene)
{
	silence(scene);
	scene->trial->seen.in[WIRE_INITIATION] = 2;
	peer_stats(scene->is)->rx_bytes = 296;
}

/* It has a session, and nothing came of it but keepalives. */
static void kept_alive(struct scene *scene)
{
	struct last_message *last = &peer_stats(scene->is)->received;

	silence(scene);
	scene->trial->seen.out[WIRE_INITIATION] = 0;
	peer_stats(scene->is)->handshake_s = peer_stats(scene->was)->handshake_s = NOW - 50;
	strcpy(last->message, "keepalive");
	last->time_s = NOW - 3;
	scene->evidence.watched_s = 20;
}

/* The in-tree module does not say what came. */
static void kept_alive_in_tree(struct scene *scene)
{
	kept_alive(scene);
	scene->now->has &= ~TUNNEL_HAS_COUNTERS;
	*peer_stats(scene->is)->received.message = 0;
	peer_stats(scene->is)->rx_bytes = 32;
}

static void kept_alive_long_ago(struct scene *scene)
{
	kept_alive(scene);
	scene->evidence.watched_s = 2;
}

static void drops_pings(struct scene *scene)
{
	kept_alive(scene);
	peer_stats(scene->is)->counters.rx_packets = 7;
	peer_stats(scene->was)->counters.rx_packets = 7;
}

static void drops_what_is_asked(struct scene *scene)
{
	drops_pings(scene);
	scene->evidence.asked.out = 3;
	scene->evidence.asked.to = *scene->is->ips.items;
}

static void in_two_places(struct scene *scene)
{
	scene->trial->at.addr = scene->trial->left.addr = scene->is->endpoint.addr;
	scene->trial->returns = 2;
}

static void changed_networks(struct scene *scene)
{
	in_two_places(scene);
	scene->trial->returns = 1;
}

static void no_ips(struct scene *scene)
{
	scene->is->ips.count = 0;
	scene->evidence.leads.count = 0;
}

static void refuse_source(struct scene *scene, const char *from)
{
	struct peer_stats *stats = peer_stats(scene->is);

	stats->refusal = xcalloc(1, sizeof(*stats->refusal));
	*stats->refusal = *refuse(scene, "source-not-allowed", from);
}

static void other_source(struct scene *scene)
{
	refuse_source(scene, "10.9.0.8");
}

static void link_local_source(struct scene *scene)
{
	refuse_source(scene, "169.254.3.4");
}

static void foreign_source(struct scene *scene)
{
	drops_add(&peer_stats(scene->is)->drops, "source-not-allowed", 4);
}

static void route_missing(struct scene *scene)
{
	scene->evidence.leads.items->way = scene->evidence.defaults[0];
	scene->evidence.leads.items->has_route = false;
}

static void route_elsewhere(struct scene *scene)
{
	scene->evidence.leads.items->way.ifindex = 3;
}

static void blackhole(struct scene *scene)
{
	scene->evidence.leads.items->way = (struct way){ .is_known = true,
							 .error = -EINVAL };
}

static void same_net(struct scene *scene)
{
	struct fault fault;

	value_addresses(&scene->evidence.everywhere, "10.9.0.1/24, 192.168.1.7/24", &fault);
	scene->is->ips.count = 0;
	value_ips(scene->is, "192.168.1.0/24", &fault);
	scene->evidence.leads.items->ip = *scene->is->ips.items;
	scene->evidence.leads.items->way.ifindex = CABLE;
}

static void same_net_by_hand(struct scene *scene)
{
	struct peer *peer = file(scene)->peers[0];

	same_net(scene);
	peer->ips.items[0] = scene->is->ips.items[0];
	scene->evidence.setup->table = SETUP_TABLE_NUMBER;
	scene->evidence.has_own_rule = true;
}

/* What it has of its own network is what it is for; hosts are no network. */
static void own_net(struct scene *scene)
{
	struct fault fault;

	value_addresses(&scene->evidence.everywhere, "10.9.0.1/24, 192.168.1.7/24", &fault);
	scene->is->ips.count = 0;
	value_ips(scene->is, "10.9.0.0/24, 192.168.1.8/32, 192.168.0.0/16", &fault);
}

static void nobodys(struct scene *scene)
{
	struct rtnl_route route = { .table = 254, .ifindex = TUNNEL };
	struct fault fault;
	bool sign;

	value_ip(&route.to, &sign, "172.16.0.0/12", &fault);
	routes_add(&scene->evidence.routes, &route);
}

/* Everything through the tunnel, with all that belongs to it. */
static void full(struct scene *scene)
{
	struct rtnl_route route = { .table = 51820, .ifindex = TUNNEL };
	struct evidence *evidence = &scene->evidence;
	struct fault fault;

	value_ips(scene->is, "0.0.0.0/0", &fault);
	route.to.family = AF_INET;
	routes_add(&evidence->routes, &route);
	scene->now->fwmark = 51820;
	evidence->has_rule[0] = evidence->has_main_rule[0] = true;
	evidence->defaults[0].ifindex = TUNNEL;
	scene->trial->unmarked.ifindex = TUNNEL;
	evidence->is_fresh = evidence->state.has_policy[0] = true;
	evidence->filters.filters_ipv4 = true;
	evidence->sysctls.reads_mark = true;
	evidence->sysctls.outer_rp_filter = 1;
}

static void no_rule(struct scene *scene)
{
	full(scene);
	scene->evidence.has_rule[0] = false;
	scene->evidence.defaults[0].ifindex = CABLE;
}

static void made_by_hand(struct scene *scene)
{
	full(scene);
	scene->evidence.has_rule[0] = scene->evidence.has_main_rule[0] = false;
	scene->evidence.default_table[0] = scene->evidence.routes.items->table = 200;
	scene->evidence.has_table_rule[0] = true;
}

static void by_hand_without_rule(struct scene *scene)
{
	made_by_hand(scene);
	scene->evidence.has_table_rule[0] = false;
	scene->evidence.defaults[0].ifindex = CABLE;
	scene->trial->unmarked.ifindex = CABLE;
}

static void in_a_vrf(struct scene *scene)
{
	by_hand_without_rule(scene);
	scene->evidence.link.vrf = 5;
}

/* Everything goes there, and the peer is not to have it. */
static void world_for_nobody(struct scene *scene)
{
	made_by_hand(scene);
	scene->is->ips.count = 1;
}

static void no_filter(struct scene *scene)
{
	full(scene);
	scene->evidence.filters.filters_ipv4 = false;
	scene->evidence.sysctls.outer_rp_filter = 2;
}

static void mark_not_read(struct scene *scene)
{
	full(scene);
	scene->evidence.sysctls.reads_mark = false;
}

static void large(struct scene *scene)
{
	scene->trial->is_direct = true;
	scene->trial->large = 1420;
	scene->trial->largest = 1280;
}

static void asked(struct scene *scene)
{
	scene->evidence.asked.out = 3;
	scene->evidence.asked.to = *scene->is->ips.items;
}

static void asked_and_answered(struct scene *scene)
{
	asked(scene);
	scene->evidence.asked.in = 1;
}

/* Its large packets may not come back at all, or not yet. */
static void slow(struct scene *scene)
{
	large(scene);
	scene->trial->largest = 0;
}

static void large_in_two_places(struct scene *scene)
{
	in_two_places(scene);
	large(scene);
}

static void forward(struct scene *scene)
{
	struct beyond *beyond = &scene->evidence.beyond;

	beyond->wanted = 3;
	beyond->from = *scene->is->ips.items;
	beyond->to = (struct allowed_ip){ .family = AF_INET, .cidr = 32 };
	strcpy(beyond->device, "eth0");
}

static void forwarding_off(struct scene *scene)
{
	forward(scene);
}

static void for_another_address(struct scene *scene)
{
	struct fault fault;
	bool sign;

	forward(scene);
	value_ip(&scene->evidence.beyond.to, &sign, "10.9.0.5", &fault);
	scene->evidence.beyond.way.ifindex = TUNNEL;
}

static void forward_drops(struct scene *scene)
{
	forward(scene);
	scene->evidence.sysctls.forwards[0] = true;
}

static void unmasked(struct scene *scene)
{
	forward_drops(scene);
	scene->evidence.beyond.left = 3;
	scene->evidence.beyond.has_kept_source = true;
}

static void answers_dropped(struct scene *scene)
{
	unmasked(scene);
	scene->evidence.beyond.answered = 2;
}

static void returned(struct scene *scene)
{
	unmasked(scene);
	scene->evidence.beyond.returned = 1;
}

static void masked_for_nothing(struct scene *scene)
{
	scene->evidence.rules = xstrdup("oifname \"eth0\" masquerade");
}

static void masked_by_another_name(struct scene *scene)
{
	masked_for_nothing(scene);
	scene->evidence.sysctls.forwards[0] = true;
	strcpy(scene->evidence.masked_nobody, "eth0");
}

static void drop_policy(struct scene *scene)
{
	scene->evidence.sysctls.forwards[0] = true;
	scene->evidence.rules = xstrdup(
		"chain f { type filter hook forward priority 0; policy drop; }\n"
		"oifname \"eth0\" masquerade");
}

static void peer_forwards_not(struct scene *scene)
{
	full(scene);
	scene->trial->called = *scene->is->ips.items;
	scene->trial->is_sent_beyond = true;
}

/* --- packets --- */

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* An IPv4 packet of 20 bytes and @len, to be changed before it is seen. */
static uint8_t *packet(struct wire_packet *packet, uint8_t protocol,
		       const char *from, const char *to, size_t len)
{
	static uint8_t bytes[256];
	const in_addr_t addresses[] = { inet_addr(from), inet_addr(to) };

	memset(bytes, 0, sizeof(bytes));
	bytes[0] = 0x45;
	bytes[9] = protocol;
	memcpy(bytes + 12, addresses, sizeof(addresses));
	*packet = (struct wire_packet){ .bytes = bytes, .len = 20 + len,
					.ifindex = CABLE };
	return bytes + 20;
}

/* A handshake message for or of ours; all have port 51820. */
static uint8_t *handshake(struct wire_packet *one, uint8_t type, size_t len,
			  const char *from)
{
	const char *ours = "203.0.113.1";
	uint8_t *udp = packet(one, IPPROTO_UDP, from ?: ours,
			      from ? ours : "192.0.2.9", 8 + len);

	one->is_out = !from;
	put16(udp, 51820);
	put16(udp + 2, 51820);
	put16(udp + 4, 8 + len);
	udp[8] = type;
	return udp;
}

static void see(struct scene *scene, struct wire_packet *one)
{
	if (wire_parse(one) && wire_note(&scene->evidence, one))
		scene->evidence.beyond.wanted = 2;
}

static void initiation_seen(struct scene *scene)
{
	struct wire_packet one;

	silence(scene);
	handshake(&one, WIRE_INITIATION, 148, "192.0.2.9");
	see(scene, &one);
}

static void no_initiation_seen(struct scene *scene)
{
	struct wire_packet one;

	silence(scene);
	handshake(&one, WIRE_INITIATION, 140, "192.0.2.9");
	see(scene, &one);
	handshake(&one, WIRE_INITIATION, 148, "192.0.2.9")[9] = 1;
	see(scene, &one);
	handshake(&one, WIRE_INITIATION, 148, "192.0.2.9");
	one.len -= 20;
	see(scene, &one);
}

static void parts_seen(struct scene *scene)
{
	struct wire_packet one;

	silence(scene);
	put16(handshake(&one, WIRE_INITIATION, 148, "192.0.2.9") - 14, 0x2000);
	see(scene, &one);
	put16(handshake(&one, WIRE_INITIATION, 148, "192.0.2.9") - 14, 1);
	see(scene, &one);
}

/* The index of our cookie is the stranger's own, who then answers to it. */
static void cookie_answered(struct scene *scene)
{
	struct wire_packet one;

	silence(scene);
	handshake(&one, WIRE_COOKIE, 64, NULL)[12] = 5;
	see(scene, &one);
	handshake(&one, WIRE_RESPONSE, 92, "198.51.100.1")[16] = 5;
	see(scene, &one);
}

static void reply(struct scene *scene, const char *from)
{
	struct wire_packet one;

	silence(scene);
	scene->trial->id = 77;
	put16(packet(&one, IPPROTO_ICMP, from, "10.9.0.1", 8) + 4, 77);
	one.ifindex = TUNNEL;
	see(scene, &one);
}

static void reply_seen(struct scene *scene)
{
	reply(scene, "10.9.0.2");
}

static void reply_of_another(struct scene *scene)
{
	reply(scene, "10.9.0.3");
}

/* For whom nobody here is asked: a log, say. */
static void one_way(struct scene *scene)
{
	struct wire_packet one;

	put16(packet(&one, IPPROTO_UDP, "10.9.0.2", "192.168.7.7", 20) + 2, 514);
	one.ifindex = TUNNEL;
	see(scene, &one);
}

static void asks_beyond(struct scene *scene)
{
	struct wire_packet one;

	packet(&one, IPPROTO_ICMP, "10.9.0.2", "192.168.7.7", 8)[0] = 8;
	one.ifindex = TUNNEL;
	see(scene, &one);
}

/* --- who is well, and does not look so --- */

static void only_fed(struct scene *scene)
{
	drops_pings(scene);
	*peer_stats(scene->is)->received.message = 0;
	scene->trial->is_called = false;
	peer_stats(scene->is)->tx_bytes = 32;
}

static void too_much_to_see(struct scene *scene)
{
	blocked_out(scene);
	scene->evidence.has_missed = true;
}

static void stranger_beside_one_gone(struct scene *scene)
{
	gone_home(scene);
	refuse(scene, "bad-mac1", "192.0.2.9");
}

static void stranger_while_one_is_due(struct scene *scene)
{
	user_who_never_came(scene);
	refuse(scene, "bad-mac1", "198.51.100.1");
}

static const struct {
	const char *claim;
	void (*change)(struct scene *scene);
	const char *findings;
} cases[] = {
	{ "what is well has no finding", well, "" },
	{ "a handshake is answer enough", quiet_but_shaken, "" },
	{ "the module is not loaded", module_missing, "module-missing" },
	{ "the module is of an earlier version", module_of_then, "module-old" },
	{ "compat beside the in-tree module", compat_beside_in_tree, "compat-refused" },
	{ "the in-tree module has the device", in_tree, "in-tree" },
	{ "a link that is down explains the silence", down, "link-down" },
	{ "and a port that is taken explains that", port_taken, "port-taken" },
	{ "whatever that one is called", port_taken_by_a_colourful_one, "port-taken" },
	{ "what it is bound to is gone", bound_to_nothing, "bound-gone" },
	{ "or another one of that name", bound_to_an_old_one, "bound-gone" },
	{ "so that it cannot be up", down_and_bound_to_nothing, "bound-gone" },
	{ "no address", no_address, "no-address" },
	{ "no key explains the silence", no_key, "no-key" },
	{ "no peers", no_peers, "no-peers" },
	{ "a file that the group can read", readable, "file-readable" },
	{ "a file that all can write", writable, "file-writable" },
	{ "a file with an error", broken_file, "file-broken" },
	{ "a file that says what is", same_file, "" },
	{ "one that is exclusive", file_is_exclusive, "file-differs" },
	{ "one that is bound", file_is_bound, "file-differs" },
	{ "one that disables a peer", file_disables, "file-differs" },
	{ "one in which a peer ends", file_ends, "file-differs" },
	{ "a unit that failed", failed_unit, "unit-failed" },
	{ "an answer that does not authenticate", psk, "psk-differs" },
	{ "one that did not once is past", psk_once, "" },
	{ "initiations of the past", their_clock, "peer-clock" },
	{ "a handshake of the future", our_clock, "our-clock" },
	{ "initiations for another key from the endpoint", our_key, "our-key-wrong" },
	{ "initiations of another key from the endpoint", their_key, "peer-key-wrong" },
	{ "a flood", under_load, "under-load" },
	{ "a stranger is nobody's fault", key_of_a_stranger, "" },
	{ "a key that was added since is known", key_that_was_added, "no-answer" },
	{ "what was refused long ago is past", key_of_long_ago, "no-answer" },
	{ "who tries all addresses is no user", stranger_while_one_is_due, "" },
	{ "nor one who has gone", stranger_beside_one_gone, "" },
	{ "a peer that is switched off", disabled, "peer-off" },
	{ "and one whose time is over", ended, "peer-off" },
	{ "unless it keeps silent among others", off_and_silent, "" },
	{ "which it does not", off_and_refused, "peer-off" },
	{ "and one whose time is not", still_to_end, "" },
	{ "no endpoint", no_endpoint, "no-endpoint" },
	{ "one who is turned away, and one who is waited for", one_turned_away, "peer-key-wrong" },
	{ "a server waits for its users", user_who_never_came, "" },
	{ "an endpoint behind the tunnel", loop, "endpoint-loop" },
	{ "no route", no_route, "no-route" },
	{ "no route of that family at all", no_family, "no-family" },
	{ "what answers has a route", routed_by_source, "" },
	{ "nothing leaves", blocked_out, "blocked-out" },
	{ "or even goes into the tunnel", blocked_before, "blocked-out" },
	{ "what comes does not arrive", blocked_in, "blocked-in" },
	{ "because of its way back", rp_filter_outside, "rp-filter" },
	{ "port unreachable", refused, "refused" },
	{ "administratively prohibited", prohibited, "unreachable" },
	{ "an answer from another port", elsewhere, "answer-elsewhere" },
	{ "silence", silence, "no-answer" },
	{ "silence where there was an answer before", gone, "idle" },
	{ "unless it is a user who went", gone_home, "" },
	{ "whom nobody asks for", asked_for_at_home, "idle" },
	{ "handshakes of which nothing comes", sends_in_vain, "no-answer" },
	{ "keepalives, and nothing else ever", kept_alive, "keepalives-only" },
	{ "which the in-tree module does not tell", kept_alive_in_tree, "in-tree" },
	{ "a keepalive of before proves nothing", kept_alive_long_ago, "blocked-out" },
	{ "one that sends, and drops pings, is well", drops_pings, "" },
	{ "but not while somebody waits for it", drops_what_is_asked, "keepalives-only" },
	{ "in two places by turns", in_two_places, "key-twice" },
	{ "elsewhere and back is a change of networks", changed_networks, "" },
	{ "no allowed IPs", no_ips, "no-allowed-ips" },
	{ "foreign sources", foreign_source, "source" },
	{ "which are remembered", other_source, "source" },
	{ "but for those that a system has by itself", link_local_source, "" },
	{ "by the default route", route_missing, "route-missing" },
	{ "by another interface", route_elsewhere, "route-elsewhere" },
	{ "by none, as a route says", blackhole, "route-elsewhere" },
	{ "the same network on two sides", same_net, "same-net" },
	{ "where a rule tells them apart", same_net_by_hand, "" },
	{ "hosts of it, and what is wider", own_net, "" },
	{ "a route for nobody", nobodys, "nobodys" },
	{ "a packet for nobody", packet_for_nobody, "nobodys" },
	{ "packets for everybody come by themselves", packet_for_all, "" },
	{ "a full tunnel that is well", full, "" },
	{ "without its rule", no_rule, "policy-missing" },
	{ "one by hand, by a table of any number", made_by_hand, "" },
	{ "without a rule for that", by_hand_without_rule, "policy-missing" },
	{ "unless it is a VRF's", in_a_vrf, "" },
	{ "one whose peer has not everything", world_for_nobody, "nobodys" },
	{ "without its filter", no_filter, "spoof-filter" },
	{ "where the mark is not read", mark_not_read, "rp-filter" },
	{ "large packets", large, "mtu" },
	{ "unless no answer to any of them has come", slow, "" },
	{ "those of which some go elsewhere", large_in_two_places, "key-twice" },
	{ "nobody behind the peer answers", asked, "unanswered" },
	{ "somebody does", asked_and_answered, "" },
	{ "forwarding is off", forwarding_off, "forwarding-off" },
	{ "the other side takes us for another", for_another_address, "wrong-address" },
	{ "nothing is let through", forward_drops, "forward-drops" },
	{ "what is let through keeps its source", unmasked, "no-masquerade" },
	{ "answers are not let through", answers_dropped, "forward-drops" },
	{ "and that is well if answers come", returned, "" },
	{ "masquerading without forwarding", masked_for_nothing, "forwarding-off" },
	{ "masquerading by a device that is not there", masked_by_another_name, "no-masquerade" },
	{ "a forward chain without exceptions", drop_policy, "forward-drops" },
	{ "a peer that does not forward", peer_forwards_not, "peer-forwards-not" },
	{ "a handshake that was seen and did not arrive", initiation_seen, "blocked-in" },
	{ "what has another form is none", no_initiation_seen, "no-answer" },
	{ "nor are parts of one", parts_seen, "no-answer" },
	{ "an index that a stranger chose is not ours", cookie_answered, "no-answer" },
	{ "an answer to a call", reply_seen, "" },
	{ "that another one sent in the peer's name", reply_of_another, "no-answer" },
	{ "what is to go on and does not", asks_beyond, "forwarding-off" },
	{ "unless nobody waits for an answer", one_way, "" },
	{ "who was sent to under a session, and not called", only_fed, "" },
	{ "more than can be seen", too_much_to_see, "no-answer" },
};

static char *names_of(const struct findings *findings)
{
	struct strv names = { 0 };
	char *text;
	size_t i;

	for (i = 0; i < findings->count; i++)
		strv_add(&names, finding_kinds[findings->items[i].id].name);
	text = strv_join(&names, " ");
	strv_clear(&names);
	return text;
}

static bool are_printable(const struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->count; i++)
		if (strchr(findings->items[i].evidence, '\033') ||
		    strstr(findings->items[i].evidence, "?hour"))
			return false;
	return true;
}

/* What was only changed in a copy is not the evidence's to free. */
static void end(struct scene *scene)
{
	scene->evidence.now = scene->now;
	scene->now->peer_count = 1;
	scene->evidence.trial_count = 1;
	evidence_clear(&scene->evidence);
}

static bool run(size_t i)
{
	struct findings findings = { 0 };
	struct scene scene;
	char *names;
	bool is_right;

	begin(&scene);
	cases[i].change(&scene);
	check_all(&scene.evidence, &findings);
	names = names_of(&findings);
	is_right = !strcmp(names, cases[i].findings) &&
		   are_printable(&findings);
	printf("%s %zu - %s: %s\n", is_right ? "ok" : "not ok", i + 1,
	       cases[i].claim, *cases[i].findings ? cases[i].findings : "nothing");
	if (!is_right)
		printf("# got: %s\n", names);
	free(names);
	findings_clear(&findings);
	end(&scene);
	return is_right;
}

int main(void)
{
	const size_t count = sizeof(cases) / sizeof(cases[0]);
	size_t i, bad = 0;

	if (key_init())
		return 1;
	printf("1..%zu\n", count);
	for (i = 0; i < count; i++)
		bad += !run(i);
	return bad != 0;
}
