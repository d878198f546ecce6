// SPDX-License-Identifier: GPL-2.0
#include "doctor/refusal.h"

#include <stdio.h>
#include <string.h>

#include "doctor/wire.h"
#include "model/key.h"

#define RECENT_S 600

static bool is_recent(const struct evidence *evidence,
		      const struct refusal *refusal, const char *reason)
{
	return !strcmp(refusal->reason, reason) &&
	       evidence->now_s - refusal->time_s < RECENT_S;
}

/* The last one of the peer's, if it is of this reason. */
static const struct refusal *last_of(const struct evidence *evidence,
				     const struct trial *trial,
				     const char *reason)
{
	const struct refusal *last = trial->peer->stats->refusal;

	return last && is_recent(evidence, last, reason) ? last : NULL;
}

static bool has_grown(const struct trial *trial, const char *reason)
{
	return drops_grown(&trial->before->stats->drops,
			   &trial->peer->stats->drops, reason);
}

bool peer_is_refused(const struct evidence *evidence,
		     const struct trial *trial, const char *reason)
{
	const struct refusal *last = last_of(evidence, trial, reason);

	return has_grown(trial, reason) ||
	       (last && last->time_s >= trial->peer->stats->handshake_s);
}

/* --- strangers --- */

static bool is_at(const struct refusal *refusal, const struct peer *peer)
{
	/* its port may be another one behind NAT */
	const struct allowed_ip from = ip_of(&refusal->about);
	const struct allowed_ip at = ip_of(&peer->endpoint);

	return peer->has & PEER_HAS_ENDPOINT && ip_equal(&from, &at);
}

static bool is_at_any(const struct evidence *evidence,
		      const struct refusal *refusal)
{
	size_t i;

	for (i = 0; i < evidence->now->peer_count; i++)
		if (is_at(refusal, evidence->now->peers[i]))
			return true;
	return false;
}

static void tell(const struct refusal *refusal, char *text)
{
	char from[ENDPOINT_TEXT_MAX], key[KEY_TEXT_MAX];

	endpoint_text(&refusal->about, from);
	if (key_is_zero(refusal->public_key))
		snprintf(text, FAULT_TEXT_MAX, "a handshake from %s was refused: %s",
			 from, refusal->reason);
	else
		snprintf(text, FAULT_TEXT_MAX,
			 "a handshake from %s was refused: it says that its public key is %s, which no peer has",
			 from, key_text(refusal->public_key, key));
}

/* Has that key been added since? */
static bool is_known(const struct evidence *evidence,
		     const struct refusal *refusal)
{
	return tunnel_find_peer(evidence->now, refusal->public_key);
}

bool stranger_is_refused(const struct evidence *evidence,
			 const struct trial *trial, const char *reason,
			 char *text)
{
	const struct refusals *refusals = &evidence->now->refusals;
	size_t i;

	for (i = 0; i < refusals->count; i++) {
		const struct refusal *refusal = &refusals->items[i];

		if (refusal->about.addr.sa.sa_family == AF_UNSPEC ||
		    !is_recent(evidence, refusal, reason) ||
		    is_known(evidence, refusal) ||
		    (trial ? !is_at(refusal, trial->peer) :
			     is_at_any(evidence, refusal)))
			continue;
		tell(refusal, text);
		return true;
	}
	return false;
}

/* --- inner addresses --- */

static bool has_some(const struct allowed_ips *ips,
		     const struct allowed_ip *net)
{
	size_t i;

	for (i = 0; i < ips->count; i++)
		if (ip_covers(&ips->items[i], net) ||
		    ip_covers(net, &ips->items[i]))
			return true;
	return false;
}

bool is_somebodys(const struct evidence *evidence,
		  const struct allowed_ip *net)
{
	size_t i;

	for (i = 0; i < evidence->now->peer_count; i++)
		if (has_some(&evidence->now->peers[i]->ips, net))
			return true;
	return false;
}

static bool is_of(const struct evidence *evidence, const struct peer *peer,
		  const struct allowed_ip *ip)
{
	const struct peer *owner = peer_of(evidence, ip);

	return owner && key_equal(owner->public_key, peer->public_key);
}

/* Many systems send from such addresses by themselves. */
static bool is_link_local(const struct allowed_ip *ip)
{
	if (ip->family == AF_INET6)
		return IN6_IS_ADDR_LINKLOCAL(&ip->v6) ||
		       IN6_IS_ADDR_UNSPECIFIED(&ip->v6);
	return !ip->v4.s_addr || ntohl(ip->v4.s_addr) >> 16 == 0xa9fe;
}

bool source_is_refused(const struct evidence *evidence,
		       const struct trial *trial, char *text)
{
	static const char reason[] = "source-not-allowed";
	const struct refusal *last = last_of(evidence, trial, reason);
	struct allowed_ip from;
	char address[IP_TEXT_MAX];

	if (last && last->about.addr.sa.sa_family != AF_UNSPEC) {
		from = ip_of(&last->about);
		snprintf(text, FAULT_TEXT_MAX, "it sent a packet from %s%s",
			 address_text(&from, address),
			 is_among(&from, &evidence->addresses) ?
				 ", which is our own address" : "");
		return !is_link_local(&from) &&
		       !is_of(evidence, trial->peer, &from);
	}
	snprintf(text, FAULT_TEXT_MAX, "%llu packets were dropped for that",
		 (unsigned long long)drops_of(&trial->peer->stats->drops, reason));
	return has_grown(trial, reason);
}

/* Everybody's, or everybody's here; such packets come by themselves. */
static bool is_for_all(const struct evidence *evidence,
		       const struct allowed_ip *ip)
{
	const uint32_t v4 = ntohl(ip->v4.s_addr);
	size_t i;

	if (ip->family == AF_INET6)
		return ip->v6.s6_addr[0] == 0xff || ip->v6.s6_addr[0] == 0xfe;
	for (i = 0; i < evidence->addresses.count; i++) {
		const struct allowed_ip *own = &evidence->addresses.items[i];

		if (own->family == AF_INET && own->cidr < 31 &&
		    v4 == (ntohl(own->v4.s_addr) | UINT32_MAX >> own->cidr))
			return true;
	}
	return v4 >> 28 >= 0xe;
}

bool destination_is_refused(const struct evidence *evidence, char *text)
{
	const struct refusals *refusals = &evidence->now->refusals;
	char address[IP_TEXT_MAX];
	struct allowed_ip to;
	size_t i;

	for (i = 0; i < refusals->count; i++) {
		if (refusals->items[i].about.addr.sa.sa_family == AF_UNSPEC ||
		    !is_recent(evidence, &refusals->items[i], "no-peer"))
			continue;
		to = ip_of(&refusals->items[i].about);
		if (is_for_all(evidence, &to) || is_somebodys(evidence, &to))
			continue;
		snprintf(text, FAULT_TEXT_MAX,
			 "a packet for %s went into the tunnel, and no peer has it",
			 address_text(&to, address));
		return true;
	}
	return false;
}
