// SPDX-License-Identifier: GPL-2.0
#include "model/warn.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/change.h"
#include "model/key.h"

static bool is_one_zero_address(const struct allowed_ip *ip)
{
	struct allowed_ip all = *ip;

	all.cidr = 0;
	return ip->cidr == 8 * ip_len(ip) && !ip_has_host_bits(&all);
}

static void warn_of_ip(struct allowed_ip ip)
{
	char given[IP_TEXT_MAX], meant[IP_TEXT_MAX];

	ip_text(&ip, given);
	if (ip_has_host_bits(&ip)) {
		ip_mask(&ip);
		fprintf(stderr, "wgctl: warning: the allowed IP %s means %s\n",
			given, ip_text(&ip, meant));
	} else if (is_one_zero_address(&ip) && !ip.remove) {
		ip.cidr = 0;
		fprintf(stderr,
			"wgctl: warning: the allowed IP %s is a single address: use %s for all addresses\n",
			given, ip_text(&ip, meant));
	}
}

static void warn_of_claims(const struct tunnel *wanted)
{
	char ip[IP_TEXT_MAX], from[KEY_TEXT_MAX], to[KEY_TEXT_MAX];
	size_t i, count;
	struct claim *claims = change_claims(wanted, &count);

	for (i = 1; i < count; i++) {
		if (!change_is_outdone(&claims[i - 1], &claims[i]))
			continue;
		ip_mask(&claims[i].ip);
		fprintf(stderr,
			"wgctl: warning: the allowed IP %s is assigned to peer %s and to peer %s: %s\n",
			ip_text(&claims[i].ip, ip),
			key_text(claims[i - 1].peer->public_key, from),
			key_text(claims[i].peer->public_key, to),
			wanted->is_exclusive ? "this is refused" :
					       "the latter gets it");
	}
	free(claims);
}

/* In arguments a peer may be removed and made anew; in a file it is a slip. */
static void warn_of_repeated(const struct tunnel *wanted)
{
	struct peer **sorted = tunnel_sorted_by_key(wanted);
	char key[KEY_TEXT_MAX];
	size_t i;

	for (i = 1; i < wanted->peer_count; i++) {
		const struct peer *first = sorted[i - 1], *last = sorted[i];

		if (!last->line ||
		    !key_equal(first->public_key, last->public_key))
			continue;
		fprintf(stderr,
			"wgctl: warning: peer %s has two sections, in line %u and line %u: the latter takes precedence\n",
			key_text(last->public_key, key), first->line,
			last->line);
	}
	free(sorted);
}

void warn_of_tunnel(const struct tunnel *wanted)
{
	size_t i, j;

	for (i = 0; i < wanted->peer_count; i++)
		for (j = 0; j < wanted->peers[i]->ips.count; j++)
			warn_of_ip(wanted->peers[i]->ips.items[j]);
	for (i = 0; i < wanted->odd.count; i++)
		fprintf(stderr, "wgctl: warning: %s\n", wanted->odd.items[i]);
	if (wanted->odd_count > wanted->odd.count)
		fprintf(stderr,
			"wgctl: warning: %zu more settings in comments are ignored\n",
			wanted->odd_count - wanted->odd.count);
	warn_of_claims(wanted);
	warn_of_repeated(wanted);
}
