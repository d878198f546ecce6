// SPDX-License-Identifier: GPL-2.0
#include "doctor/evidence.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/key.h"

uint64_t drops_of(const struct drops *drops, const char *reason)
{
	uint64_t packets = 0;
	size_t i;

	for (i = 0; i < drops->count; i++)
		if (!strcmp(drops->items[i].reason, reason))
			packets += drops->items[i].packets;
	return packets;
}

uint64_t drops_grown(const struct drops *before, const struct drops *now,
		     const char *reason)
{
	uint64_t then = drops_of(before, reason);
	uint64_t packets = drops_of(now, reason);

	return packets > then ? packets - then : 0;
}

const struct peer *peer_of(const struct evidence *evidence,
			   const struct allowed_ip *ip)
{
	const struct peer *owner = NULL;
	uint8_t longest = 0;
	size_t i, j;

	for (i = 0; i < evidence->now->peer_count; i++) {
		const struct allowed_ips *ips = &evidence->now->peers[i]->ips;

		for (j = 0; j < ips->count; j++) {
			if (ips->items[j].cidr < longest ||
			    !ip_covers(&ips->items[j], ip))
				continue;
			longest = ips->items[j].cidr;
			owner = evidence->now->peers[i];
		}
	}
	return owner;
}

const struct allowed_ip *twin_of(const struct evidence *evidence,
				 const struct allowed_ip *net)
{
	size_t i;

	if (net->cidr == ip_len(net) * 8 ||
	    (net->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&net->v6)))
		return NULL;
	for (i = 0; i < evidence->everywhere.count; i++) {
		const struct allowed_ip *ip = &evidence->everywhere.items[i];

		if (!ip_compare(ip, net) && !ips_have(&evidence->addresses, ip))
			return ip;
	}
	return NULL;
}

bool routes_are_by_hand(const struct evidence *evidence)
{
	return evidence->setup &&
	       (evidence->setup->table == SETUP_TABLE_OFF ||
		evidence->has_own_rule);
}

bool is_among(const struct allowed_ip *ip, const struct allowed_ips *addresses)
{
	size_t i;

	for (i = 0; i < addresses->count; i++)
		if (addresses->items[i].family == ip->family &&
		    !memcmp(&addresses->items[i].v6, &ip->v6, ip_len(ip)))
			return true;
	return false;
}

bool ip_is_private(const struct allowed_ip *ip)
{
	const uint8_t *at = (const uint8_t *)&ip->v6;

	if (ip->family == AF_INET6)
		return (at[0] & 0xfe) == 0xfc;
	return at[0] == 10 || (at[0] == 172 && (at[1] & 0xf0) == 16) ||
	       (at[0] == 192 && at[1] == 168) ||
	       (at[0] == 100 && (at[1] & 0xc0) == 64);
}

bool trial_is_alive(const struct evidence *evidence,
		    const struct trial *trial)
{
	const int64_t then_s = trial->peer->stats->handshake_s;

	return then_s && evidence->now_s - then_s < SESSION_S;
}

bool is_asked_in_vain(const struct evidence *evidence,
		      const struct peer *peer)
{
	const struct asked *asked = &evidence->asked;

	return asked->out >= 3 && !asked->in &&
	       peer_of(evidence, &asked->to) == peer;
}

const char *peer_word(const struct peer *peer, char *buf)
{
	if (peer->name[0])
		snprintf(buf, PEER_WORD_MAX, "%s", peer->name);
	else
		key_text(peer->public_key, buf);
	return buf;
}

const char *address_text(const struct allowed_ip *ip, char *buf)
{
	return inet_ntop(ip->family, &ip->v6, buf, IP_TEXT_MAX) ?: "?";
}

bool leads_in(const struct evidence *evidence, const struct way *way)
{
	return !way->error && way->ifindex == evidence->link.ifindex;
}

struct allowed_ip ip_host(uint16_t family, const void *address)
{
	struct allowed_ip ip = { .family = family };

	ip.cidr = (uint8_t)(ip_len(&ip) * 8);
	memcpy(&ip.v6, address, ip_len(&ip));
	return ip;
}

struct allowed_ip ip_of(const struct endpoint *endpoint)
{
	if (endpoint->addr.sa.sa_family == AF_INET)
		return ip_host(AF_INET, &endpoint->addr.v4.sin_addr);
	return ip_host(endpoint->addr.sa.sa_family,
		       &endpoint->addr.v6.sin6_addr);
}

struct endpoint endpoint_of(const struct allowed_ip *ip)
{
	struct endpoint endpoint = { .addr.sa.sa_family = ip->family };

	if (ip->family == AF_INET)
		endpoint.addr.v4.sin_addr = ip->v4;
	else
		endpoint.addr.v6.sin6_addr = ip->v6;
	return endpoint;
}

void evidence_clear(struct evidence *evidence)
{
	size_t i;

	for (i = 0; i < evidence->trial_count; i++) {
		endpoint_clear(&evidence->trials[i].named);
		free(evidence->trials[i].name_error);
	}
	free(evidence->trials);
	if (evidence->now != evidence->before)
		tunnel_free(evidence->now);
	tunnel_free(evidence->before);
	setup_free(evidence->setup);
	state_clear(&evidence->state);
	free(evidence->path);
	free(evidence->file_error);
	free(evidence->failed_unit);
	free(evidence->addresses.items);
	free(evidence->everywhere.items);
	free(evidence->routes.items);
	free(evidence->leads.items);
	free(evidence->rules);
	free(evidence->port_user);
	memset(evidence, 0, sizeof(*evidence));
}
