// SPDX-License-Identifier: GPL-2.0
#include "model/tunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/format.h"
#include "lib/secret.h"
#include "lib/xalloc.h"
#include "model/value.h"

struct tunnel *tunnel_new(const char *name)
{
	struct tunnel *tunnel = xcalloc(1, sizeof(*tunnel));

	if (name)
		snprintf(tunnel->name, sizeof(tunnel->name), "%s", name);
	return tunnel;
}

int tunnel_set_name(struct tunnel *tunnel, const char *name,
		    struct fault *fault)
{
	size_t len = strlen(name);

	if (!len || len >= sizeof(tunnel->name) || strchr(name, '/'))
		return fault_set(fault, -EINVAL,
				 "'%s' cannot be the name of an interface",
				 SHOWN(name));
	memcpy(tunnel->name, name, len + 1);
	return 0;
}

void tunnel_free(struct tunnel *tunnel)
{
	size_t i;

	if (!tunnel)
		return;
	for (i = 0; i < tunnel->peer_count; i++)
		peer_free(tunnel->peers[i]);
	free(tunnel->peers);
	free(tunnel->drops.items);
	free(tunnel->refusals.items);
	strv_clear(&tunnel->odd);
	wipe(tunnel, sizeof(*tunnel));
	free(tunnel);
}

void tunnel_take_peer(struct tunnel *tunnel, struct peer *peer)
{
	tunnel->peers = xgrow(tunnel->peers, tunnel->peer_count,
			      &tunnel->peer_room, sizeof(peer));
	tunnel->peers[tunnel->peer_count++] = peer;
}

struct peer *tunnel_add_peer(struct tunnel *tunnel,
			     const uint8_t *public_key)
{
	struct peer *peer = peer_new();

	if (public_key)
		memcpy(peer->public_key, public_key, WG_KEY_LEN);
	tunnel_take_peer(tunnel, peer);
	return peer;
}

struct peer *tunnel_find_peer(const struct tunnel *tunnel,
			      const uint8_t *public_key)
{
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++)
		if (!memcmp(tunnel->peers[i]->public_key, public_key,
			    WG_KEY_LEN)) /* not secret: it may be fast */
			return tunnel->peers[i];
	return NULL;
}

struct peer *tunnel_find_name(const struct tunnel *tunnel, const char *name,
			      size_t *count)
{
	struct peer *found = NULL;
	size_t i, n = 0;

	for (i = 0; i < tunnel->peer_count; i++)
		if (tunnel->peers[i]->name[0] &&
		    !strcmp(tunnel->peers[i]->name, name) && !n++)
			found = tunnel->peers[i];
	if (count)
		*count = n;
	return found;
}

/* A peer and where it stood, since qsort() does not keep the order. */
struct placed {
	struct peer *peer;
	size_t place;
};

static int compare_placed(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int order = memcmp(x->peer->public_key, y->peer->public_key,
			   WG_KEY_LEN);

	if (order)
		return order;
	return x->place < y->place ? -1 : x->place > y->place;
}

struct peer **tunnel_sorted_by_key(const struct tunnel *tunnel)
{
	size_t i, count = tunnel->peer_count;
	struct placed *placed = xcalloc(count, sizeof(*placed));
	struct peer **sorted = xcalloc(count, sizeof(*sorted));

	for (i = 0; i < count; i++)
		placed[i] = (struct placed){ tunnel->peers[i], i };
	qsort(placed, count, sizeof(*placed), compare_placed);
	for (i = 0; i < count; i++)
		sorted[i] = placed[i].peer;
	free(placed);
	return sorted;
}

struct peer *tunnel_search(struct peer **sorted, size_t count,
			   const uint8_t *public_key)
{
	size_t low = 0, high = count;

	/* the first place whose key is greater; what we want is before it */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(sorted[middle]->public_key, public_key,
			   WG_KEY_LEN) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || memcmp(sorted[low - 1]->public_key, public_key, WG_KEY_LEN))
		return NULL;
	return sorted[low - 1];
}

void tunnel_each_pair(const struct tunnel *tunnel, const struct tunnel *other,
		      tunnel_pair_fn *take, void *context)
{
	struct peer **sorted = tunnel_sorted_by_key(other);
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++)
		take(tunnel->peers[i],
		     tunnel_search(sorted, other->peer_count,
				   tunnel->peers[i]->public_key),
		     context);
	free(sorted);
}

static const uint8_t no_psk[WG_KEY_LEN];
static const char no_name[] = "";
static const struct peer_stats no_stats;

struct peer *peer_new(void)
{
	struct peer *peer = xcalloc(1, sizeof(*peer));

	peer->psk = no_psk;
	peer->name = no_name;
	peer->stats = &no_stats;
	return peer;
}

uint8_t *peer_psk(struct peer *peer)
{
	if (peer->psk == no_psk)
		peer->psk = xcalloc(1, WG_KEY_LEN);
	return (uint8_t *)peer->psk;
}

struct peer_stats *peer_stats(struct peer *peer)
{
	if (peer->stats == &no_stats)
		peer->stats = xcalloc(1, sizeof(*peer->stats));
	return (struct peer_stats *)peer->stats;
}

static void free_name(struct peer *peer)
{
	if (peer->name != no_name)
		free((char *)peer->name);
}

void peer_set_name(struct peer *peer, const char *name)
{
	char *copy = xstrdup(name);

	free_name(peer);
	peer->name = copy;
}

static void free_stats(struct peer *peer)
{
	if (peer->stats == &no_stats)
		return;
	free(peer->stats->drops.items);
	free(peer->stats->refusal);
	free((struct peer_stats *)peer->stats);
}

static void free_psk(struct peer *peer)
{
	if (peer->psk == no_psk)
		return;
	wipe((uint8_t *)peer->psk, WG_KEY_LEN);
	free((uint8_t *)peer->psk);
}

void peer_free(struct peer *peer)
{
	if (!peer)
		return;
	endpoint_clear(&peer->endpoint);
	free(peer->ips.items);
	free_psk(peer);
	free_name(peer);
	free_stats(peer);
	free(peer);
}

void ips_add(struct allowed_ips *ips, const struct allowed_ip *ip)
{
	/* most peers have one */
	size_t room = ips->room ? ips->room : 1;

	if (!ips->items)
		ips->items = xcalloc(room, sizeof(*ip));
	ips->items = xgrow(ips->items, ips->count, &room, sizeof(*ip));
	ips->items[ips->count++] = *ip;
	ips->room = (uint32_t)room;
}

const uint16_t ip_families[IP_FAMILIES] = { AF_INET, AF_INET6 };

const char *ip_family_name(uint16_t family)
{
	return family == AF_INET ? "IPv4" : "IPv6";
}

size_t ip_len(const struct allowed_ip *ip)
{
	return ip->family == AF_INET ? sizeof(ip->v4) : sizeof(ip->v6);
}

void ip_mask(struct allowed_ip *ip)
{
	uint8_t *bytes = (uint8_t *)&ip->v6;
	size_t i, len = ip_len(ip);

	for (i = 0; i < len; i++) {
		size_t bit = i * 8;

		if (bit >= ip->cidr)
			bytes[i] = 0;
		else if (ip->cidr - bit < 8)
			bytes[i] &= (uint8_t)(0xff << (8 - (ip->cidr - bit)));
	}
}

bool ip_has_host_bits(const struct allowed_ip *ip)
{
	struct allowed_ip masked = *ip;

	ip_mask(&masked);
	return memcmp(&masked.v6, &ip->v6, ip_len(ip)) != 0;
}

int ip_compare(const struct allowed_ip *a, const struct allowed_ip *b)
{
	struct allowed_ip x = *a, y = *b;
	int order;

	if (x.family != y.family)
		return x.family == AF_INET ? -1 : 1;
	ip_mask(&x);
	ip_mask(&y);
	order = memcmp(&x.v6, &y.v6, ip_len(&x));
	return order ? order : x.cidr - y.cidr;
}

bool ip_covers(const struct allowed_ip *wide, const struct allowed_ip *narrow)
{
	struct allowed_ip cut = *narrow;

	if (wide->family != narrow->family || wide->cidr > narrow->cidr)
		return false;
	cut.cidr = wide->cidr;
	return !ip_compare(wide, &cut);
}

struct placed_ip {
	struct allowed_ip ip;
	size_t place;
};

static int compare_placed_ip(const void *a, const void *b)
{
	const struct placed_ip *x = a, *y = b;
	int order = ip_compare(&x->ip, &y->ip);

	if (order)
		return order;
	return x->place < y->place ? -1 : x->place > y->place;
}

void ips_sort(struct allowed_ips *ips)
{
	struct placed_ip *placed = xcalloc(ips->count, sizeof(*placed));
	size_t i, kept = 0;

	for (i = 0; i < ips->count; i++)
		placed[i] = (struct placed_ip){ ips->items[i], i };
	qsort(placed, ips->count, sizeof(*placed), compare_placed_ip);
	for (i = 0; i < ips->count; i++) {
		if (kept && !ip_compare(&ips->items[kept - 1], &placed[i].ip))
			kept--;
		ips->items[kept++] = placed[i].ip;
	}
	ips->count = kept;
	free(placed);
}

static struct allowed_ips sorted(const struct allowed_ips *ips)
{
	struct allowed_ips copy = { 0 };
	size_t i;

	for (i = 0; i < ips->count; i++)
		ips_add(&copy, &ips->items[i]);
	ips_sort(&copy);
	return copy;
}

bool ips_equal(const struct allowed_ips *a, const struct allowed_ips *b)
{
	struct allowed_ips x = sorted(a), y = sorted(b);
	bool is_equal = x.count == y.count;
	size_t i;

	for (i = 0; is_equal && i < x.count; i++)
		is_equal = !ip_compare(&x.items[i], &y.items[i]);
	free(x.items);
	free(y.items);
	return is_equal;
}

bool ips_have(const struct allowed_ips *ips, const struct allowed_ip *ip)
{
	size_t i = 0;

	while (i < ips->count && !ip_equal(&ips->items[i], ip))
		i++;
	return i < ips->count;
}

bool ips_have_family(const struct allowed_ips *ips, uint16_t family)
{
	size_t i = 0;

	while (i < ips->count && ips->items[i].family != family)
		i++;
	return i < ips->count;
}

bool ips_have_default(const struct allowed_ips *ips, uint16_t family)
{
	size_t i = 0;

	while (i < ips->count &&
	       (ips->items[i].family != family || ips->items[i].cidr))
		i++;
	return i < ips->count;
}

bool tunnel_has_default(const struct tunnel *tunnel, uint16_t family)
{
	size_t i = 0;

	while (i < tunnel->peer_count &&
	       !ips_have_default(&tunnel->peers[i]->ips, family))
		i++;
	return i < tunnel->peer_count;
}

bool ip_equal(const struct allowed_ip *a, const struct allowed_ip *b)
{
	return a->family == b->family && a->cidr == b->cidr &&
	       !memcmp(&a->v6, &b->v6, ip_len(a));
}

const char *ip_text(const struct allowed_ip *ip, char *buf)
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(ip->family, &ip->v6, address, sizeof(address));
	snprintf(buf, IP_TEXT_MAX, "%s/%u", address, ip->cidr);
	return buf;
}

void ips_print(const struct allowed_ips *ips, const char *between, FILE *to)
{
	char text[IP_TEXT_MAX];
	size_t i;

	for (i = 0; i < ips->count; i++)
		fprintf(to, "%s%s", i ? between : "",
			ip_text(&ips->items[i], text));
}

char *ips_text(const struct allowed_ips *ips)
{
	char *text;
	size_t len;
	FILE *to = xopen(&text, &len);

	ips_print(ips, ", ", to);
	xclose(to);
	return text;
}

const char *endpoint_text(const struct endpoint *endpoint, char *buf)
{
	char address[INET6_ADDRSTRLEN] = "";
	const struct sockaddr_in6 *v6 = &endpoint->addr.v6;
	char scope[IFNAMSIZ + 2] = "";
	char ifname[IFNAMSIZ];

	if (endpoint->addr.sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &endpoint->addr.v4.sin_addr, address,
			  sizeof(address));
		snprintf(buf, ENDPOINT_TEXT_MAX, "%s:%u", address,
			 ntohs(endpoint->addr.v4.sin_port));
		return buf;
	}
	inet_ntop(AF_INET6, &v6->sin6_addr, address, sizeof(address));
	if (v6->sin6_scope_id && if_indextoname(v6->sin6_scope_id, ifname))
		snprintf(scope, sizeof(scope), "%%%s", ifname);
	else if (v6->sin6_scope_id)
		snprintf(scope, sizeof(scope), "%%%u", v6->sin6_scope_id);
	snprintf(buf, ENDPOINT_TEXT_MAX, "[%s%s]:%u", address, scope,
		 ntohs(v6->sin6_port));
	return buf;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	if (a->addr.sa.sa_family != b->addr.sa.sa_family)
		return false;
	if (a->addr.sa.sa_family == AF_INET)
		return a->addr.v4.sin_port == b->addr.v4.sin_port &&
		       a->addr.v4.sin_addr.s_addr ==
			       b->addr.v4.sin_addr.s_addr;
	return a->addr.v6.sin6_port == b->addr.v6.sin6_port &&
	       a->addr.v6.sin6_scope_id == b->addr.v6.sin6_scope_id &&
	       !memcmp(&a->addr.v6.sin6_addr, &b->addr.v6.sin6_addr,
		       sizeof(a->addr.v6.sin6_addr));
}

bool endpoint_has_name(const struct endpoint *endpoint)
{
	const char *host = endpoint->host;

	return host && !value_is_address(host) && !strchr(host, ':');
}

#define END_OF_9999_S 253402300799ULL /* a longer year would not be read */

const char *until_text(uint64_t until_s, char *buf)
{
	time_t time = (time_t)until_s;
	struct tm tm;

	if (!until_s)
		return NULL;
	if (until_s > END_OF_9999_S)
		snprintf(buf, UNTIL_TEXT_MAX, "@%llu",
			 (unsigned long long)until_s);
	else
		strftime(buf, UNTIL_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ",
			 gmtime_r(&time, &tm));
	return buf;
}

void bind_set_address(struct bind *bind, const struct in6_addr *address)
{
	const bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(address);
	struct allowed_ip *ip = &bind->address;

	if (IN6_IS_ADDR_UNSPECIFIED(address))
		return;
	ip->family = is_ipv4 ? AF_INET : AF_INET6;
	ip->cidr = 8 * ip_len(ip);
	memcpy(&ip->v6, &address->s6_addr[is_ipv4 ? 12 : 0], ip_len(ip));
}

const char *bind_text(const struct bind *bind, char *buf)
{
	char address[INET6_ADDRSTRLEN] = "";
	bool has_address = bind->address.family;

	if (!has_address && !*bind->device)
		return NULL;
	if (has_address)
		inet_ntop(bind->address.family, &bind->address.v6, address,
			  sizeof(address));
	snprintf(buf, BIND_TEXT_MAX, "%s%s%s", address,
		 has_address && *bind->device ? "%" : "", bind->device);
	/* the kernel takes control characters in names */
	return format_printable(buf);
}

bool bind_equal(const struct bind *a, const struct bind *b)
{
	return !strcmp(a->device, b->device) &&
	       a->address.family == b->address.family &&
	       (!a->address.family || ip_equal(&a->address, &b->address));
}

void endpoint_clear(struct endpoint *endpoint)
{
	free(endpoint->host);
	free(endpoint->port);
	memset(endpoint, 0, sizeof(*endpoint));
}

void drops_add(struct drops *drops, const char *reason, uint64_t packets)
{
	struct drop *drop;

	drops->items = xgrow(drops->items, drops->count, &drops->room,
			     sizeof(*drop));
	drop = &drops->items[drops->count++];
	snprintf(drop->reason, sizeof(drop->reason), "%s", reason);
	drop->packets = packets;
}

struct refusal *refusals_add(struct refusals *refusals)
{
	struct refusal *refusal;

	refusals->items = xgrow(refusals->items, refusals->count,
				&refusals->room, sizeof(*refusal));
	refusal = &refusals->items[refusals->count++];
	memset(refusal, 0, sizeof(*refusal));
	return refusal;
}
