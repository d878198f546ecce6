// SPDX-License-Identifier: GPL-2.0
#include "user/user.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xalloc.h"
#include "model/key.h"
#include "model/print.h"
#include "model/value.h"

int user_check_name(const char *name, struct fault *fault)
{
	char copy[WG_PEER_NAME_MAX + 1];
	int ret = value_name(copy, name, fault);

	if (ret)
		return ret;
	if (!value_is_name(name, strlen(name)))
		return fault_set(fault, -EINVAL,
				 "'%s' cannot be the name of a user",
				 SHOWN(name));
	if (strchr(name, '/') || *name == '.' || *name == '-')
		return fault_set(fault, -EINVAL,
				 "'%s' cannot be the name of a user: it contains '/' or begins with '.' or '-'",
				 SHOWN(name));
	return 0;
}

static bool is_ipv6(const char *text)
{
	struct in6_addr unused;

	return inet_pton(AF_INET6, text, &unused) == 1;
}

bool user_has_port(const char *endpoint)
{
	if (*endpoint == '[')
		return strstr(endpoint, "]:");
	return strchr(endpoint, ':') && !is_ipv6(endpoint);
}

char *user_endpoint(const char *text, uint16_t port, struct fault *fault)
{
	struct endpoint endpoint = { 0 };
	char *whole;
	int ret;

	if (user_has_port(text))
		whole = xstrdup(text);
	else
		whole = xasprintf(is_ipv6(text) ? "[%s]:%u" : "%s:%u", text,
				  port);
	ret = value_endpoint(&endpoint, whole, fault);
	endpoint_clear(&endpoint);
	if (!ret)
		return whole;
	free(whole);
	return NULL;
}

int user_check_value(const char *text, struct fault *fault)
{
	if (text && text[strcspn(text, "\n\r#")])
		return fault_set(fault, -EINVAL,
				 "a value cannot contain '#' or a line break");
	return 0;
}

/* --- addresses as numbers --- */

static unsigned __int128 to_number(const struct allowed_ip *ip)
{
	const uint8_t *bytes = (const uint8_t *)&ip->v6;
	size_t i, len = ip_len(ip);
	unsigned __int128 value = 0;

	for (i = 0; i < len; i++)
		value = value << 8 | bytes[i];
	return value;
}

static void from_number(struct allowed_ip *ip, unsigned __int128 value)
{
	uint8_t *bytes = (uint8_t *)&ip->v6;
	size_t i = ip_len(ip);

	while (i--) {
		bytes[i] = (uint8_t)value;
		value >>= 8;
	}
}

/* From the first to the last address that a prefix holds. */
struct range {
	unsigned __int128 first;
	unsigned __int128 last;
};

static struct range range_of(const struct allowed_ip *ip)
{
	struct allowed_ip net = *ip;
	uint8_t host_bits = 8 * ip_len(ip) - ip->cidr;
	struct range range;

	ip_mask(&net);
	range.first = to_number(&net);
	range.last = range.first;
	/* a shift by the whole width means nothing in C */
	range.last += host_bits == 128 ? ~(unsigned __int128)0 :
					 ((unsigned __int128)1 << host_bits) - 1;
	return range;
}

struct ranges {
	struct range *items;
	size_t count;
	size_t room;
};

static void ranges_add(struct ranges *ranges, unsigned __int128 first,
		       unsigned __int128 last)
{
	ranges->items = xgrow(ranges->items, ranges->count, &ranges->room,
			      sizeof(*ranges->items));
	ranges->items[ranges->count++] = (struct range){ first, last };
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->first == y->first)
		return 0;
	return x->first < y->first ? -1 : 1;
}

/*
 * What others have in a network. A prefix as wide as the network itself is
 * a way to it, not the possession of every address in it.
 */
static void add_peers(struct ranges *taken, const struct tunnel *tunnel,
		      const struct allowed_ip *net)
{
	size_t i, j;

	for (i = 0; i < tunnel->peer_count; i++) {
		const struct allowed_ips *ips = &tunnel->peers[i]->ips;

		for (j = 0; j < ips->count; j++) {
			struct range range = range_of(&ips->items[j]);

			if (ips->items[j].family == net->family &&
			    !ip_covers(&ips->items[j], net))
				ranges_add(taken, range.first, range.last);
		}
	}
}

static void find_taken(struct ranges *taken, const struct setup *server,
		       const struct allowed_ip *net)
{
	const struct range all = range_of(net);
	size_t i;

	/* the network itself, and IPv4's broadcast, are no host's */
	ranges_add(taken, all.first, all.first);
	if (net->family == AF_INET)
		ranges_add(taken, all.last, all.last);
	for (i = 0; i < server->addresses.count; i++) {
		const struct allowed_ip *own = &server->addresses.items[i];

		if (own->family == net->family)
			ranges_add(taken, to_number(own), to_number(own));
	}
	add_peers(taken, server->tunnel, net);
}

/* The lowest address of a network that nobody has; false: there is none. */
static bool free_in(const struct setup *server, const struct allowed_ip *net,
		    struct allowed_ip *ip)
{
	const struct range all = range_of(net);
	struct ranges taken = { 0 };
	unsigned __int128 next = all.first;
	size_t i;

	find_taken(&taken, server, net);
	qsort(taken.items, taken.count, sizeof(*taken.items), compare_ranges);
	for (i = 0; i < taken.count && taken.items[i].first <= next; i++)
		if (taken.items[i].last >= next)
			next = taken.items[i].last + 1;
	free(taken.items);
	if (next > all.last || next < all.first)
		return false;
	*ip = *net;
	ip->cidr = 8 * ip_len(ip);
	from_number(ip, next);
	return true;
}

static bool is_network(const struct allowed_ip *ip)
{
	return 8 * ip_len(ip) - ip->cidr >= 2;
}

int user_free_address(const struct setup *server, uint16_t family,
		      struct allowed_ip *ip, struct fault *fault)
{
	const struct allowed_ip *net = NULL;
	char text[IP_TEXT_MAX];
	struct allowed_ip full;
	size_t i;

	for (i = 0; i < server->addresses.count; i++) {
		const struct allowed_ip *own = &server->addresses.items[i];

		if (own->family != family || !is_network(own))
			continue;
		net = own;
		if (free_in(server, net, ip))
			return 0;
	}
	if (!net)
		return -ENOENT;
	full = *net;
	ip_mask(&full);
	return fault_set(fault, -ENOSPC, "the network %s of '%s' is full",
			 ip_text(&full, text), server->name);
}

/* The address of the server whose network an address is in, or NULL. */
static const struct allowed_ip *network_of(const struct setup *server,
					   const struct allowed_ip *ip)
{
	const struct allowed_ip *net = server->addresses.items;
	const struct allowed_ip *end = net + server->addresses.count;

	while (net < end && !ip_covers(net, ip))
		net++;
	return net < end ? net : NULL;
}

static bool is_of_server(const struct setup *server, struct allowed_ip ip)
{
	size_t i = 0;

	while (i < server->addresses.count) {
		ip.cidr = server->addresses.items[i].cidr;
		if (ip_equal(&server->addresses.items[i++], &ip))
			return true;
	}
	return false;
}

static const struct peer *owner_of(const struct setup *server,
				   const struct allowed_ip *net,
				   const struct allowed_ip *ip)
{
	size_t i, j;

	for (i = 0; i < server->tunnel->peer_count; i++) {
		const struct peer *peer = server->tunnel->peers[i];

		for (j = 0; j < peer->ips.count; j++)
			if (!ip_covers(&peer->ips.items[j], net) &&
			    ip_covers(&peer->ips.items[j], ip))
				return peer;
	}
	return NULL;
}

int user_check_address(const struct setup *server, struct allowed_ip *ip,
		       struct fault *fault)
{
	char text[INET6_ADDRSTRLEN], key[KEY_TEXT_MAX];
	const struct allowed_ip *net;
	const struct peer *owner;

	ip->cidr = 8 * ip_len(ip);
	inet_ntop(ip->family, &ip->v6, text, sizeof(text));
	if (is_of_server(server, *ip))
		return fault_set(fault, -EADDRINUSE,
				 "the address %s is the server's own", text);
	net = network_of(server, ip);
	if (!net)
		return fault_set(fault, -EADDRNOTAVAIL,
				 "the address %s is in none of the networks of '%s'",
				 text, server->name);
	owner = owner_of(server, net, ip);
	if (owner)
		return fault_set(fault, -EADDRINUSE,
				 "the address %s is taken by '%s'", text,
				 owner->name[0] ?
					 owner->name :
					 key_text(owner->public_key, key));
	return 0;
}

char *user_networks(const struct setup *server)
{
	const struct allowed_ips *addresses = &server->addresses;
	struct allowed_ips nets = { 0 };
	char *text;
	size_t i;

	for (i = 0; i < addresses->count; i++) {
		struct allowed_ip net = addresses->items[i];

		ip_mask(&net);
		ips_add(&nets, &net);
	}
	text = ips_text(&nets);
	free(nets.items);
	return text;
}

static void print_client(const struct user_client *client, struct out *out)
{
	uint8_t public_key[WG_KEY_LEN];

	key_public(public_key, client->server->tunnel->private_key);
	out_line(out, "[Interface]");
	print_key(out, NULL, "PrivateKey", client->private_key);
	print_ips(out, NULL, "Address", NULL, &client->peer->ips);
	out_string(out, NULL, "DNS", client->dns);
	out_string(out, NULL, "MTU", client->mtu);
	out_line(out, "\n[Peer]\n# Name = %s", client->server->name);
	print_key(out, NULL, "PublicKey", public_key);
	print_key(out, NULL, "PresharedKey", client->peer->psk);
	out_string(out, NULL, "AllowedIPs", client->allowed_ips);
	out_string(out, NULL, "Endpoint", client->endpoint);
	out_number(out, NULL,
		   client->keepalive_s ? "PersistentKeepalive" : NULL,
		   client->keepalive_s, NULL);
}

char *user_text(const struct user_client *client)
{
	struct out_file file;

	out_file_begin(&file);
	print_client(client, &file.out);
	return out_file_end(&file);
}
