// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "lib/format.h"
#include "lib/xalloc.h"
#include "model/key.h"
#include "model/print.h"
#include "show/show.h"

enum health show_health(const struct peer *peer, int64_t now_s)
{
	int64_t age_s = now_s - peer->stats->handshake_s;

	if (peer_is_off(peer, now_s))
		return HEALTH_OFF;
	if (!peer->stats->handshake_s)
		return HEALTH_NEVER;
	if (age_s < 180)
		return HEALTH_GOOD;
	return age_s < 600 ? HEALTH_QUIET : HEALTH_OLD;
}

static const struct {
	const char *word;
	const char *mark;
} healths[] = {
	[HEALTH_GOOD] = { "good", OUT_GOOD },
	[HEALTH_QUIET] = { "quiet", OUT_WARN },
	[HEALTH_OLD] = { "old", OUT_BAD },
	[HEALTH_NEVER] = { "never", OUT_BAD },
	[HEALTH_OFF] = { "off", OUT_WARN },
};

const char *show_health_word(enum health health)
{
	return healths[health].word;
}

static void show_secret(struct out *out, const char *key, const char *label,
			const uint8_t *secret)
{
	if (out->hides_keys && !key_is_zero(secret))
		out_string(out, key, label, "(hidden)");
	else
		print_key(out, key, label, secret);
}

static void show_counters(struct out *out, const struct counters *counters)
{
	out_begin(out, "counters");
	out_number(out, "rx_packets", NULL, counters->rx_packets, NULL);
	out_number(out, "rx_bytes", NULL, counters->rx_bytes, NULL);
	out_number(out, "tx_packets", NULL, counters->tx_packets, NULL);
	out_number(out, "tx_bytes", NULL, counters->tx_bytes, NULL);
	out_end(out);
}

static void show_drops(struct out *out, const struct drops *drops)
{
	size_t i;

	out_begin(out, "drops");
	for (i = 0; i < drops->count; i++)
		out_number(out, drops->items[i].reason, NULL,
			   drops->items[i].packets, NULL);
	out_end(out);
}

static void show_refusal(struct out *out, const char *key,
			 const struct refusal *refusal)
{
	char address[ENDPOINT_TEXT_MAX], text[KEY_TEXT_MAX];

	out_begin(out, key);
	out_string(out, "reason", NULL, refusal->reason);
	out_number(out, "time", NULL, (uint64_t)refusal->time_s, NULL);
	out_string(out, "address", NULL,
		   refusal->about.addr.sa.sa_family ?
			   endpoint_text(&refusal->about, address) :
			   NULL);
	out_string(out, "public_key", NULL,
		   key_is_zero(refusal->public_key) ?
			   NULL :
			   key_text(refusal->public_key, text));
	out_end(out);
}

static void show_refusals(struct out *out, const struct refusals *refusals)
{
	size_t i;

	out_list(out, "refusals");
	for (i = 0; i < refusals->count; i++)
		show_refusal(out, NULL, &refusals->items[i]);
	out_end(out);
}

static void show_message(struct out *out, const char *key,
			 const struct last_message *last)
{
	if (!last->message[0])
		return;
	out_begin(out, key);
	out_string(out, "message", NULL, last->message);
	out_number(out, "time", NULL, (uint64_t)last->time_s, NULL);
	out_end(out);
}

static void show_endpoint(struct out *out, const struct peer *peer)
{
	char text[ENDPOINT_TEXT_MAX];

	out_string(out, "endpoint", "endpoint",
		   peer->has & PEER_HAS_ENDPOINT ?
			   endpoint_text(&peer->endpoint, text) :
			   NULL);
}

static void show_handshake(struct out *out, const struct peer *peer,
			   int64_t now_s)
{
	enum health health = show_health(peer, now_s);
	char words[FORMAT_MAX], marked[16];

	out_number(out, "latest_handshake",
		   peer->stats->handshake_s ? "latest handshake" : NULL,
		   (uint64_t)peer->stats->handshake_s,
		   format_ago(peer->stats->handshake_s, now_s, words));
	/* for eyes; without colours the text is what wg prints */
	snprintf(marked, sizeof(marked), "%s%s" OUT_END, healths[health].mark,
		 healths[health].word);
	if (out->has_colour)
		out_only_text(out, "health", marked);
	out_string(out, "health", NULL, show_health_word(health));
}

static void show_transfer(struct out *out, const struct peer *peer)
{
	char received[FORMAT_MAX], sent[FORMAT_MAX];
	char words[2 * FORMAT_MAX + 32];

	snprintf(words, sizeof(words), "%s received, %s sent",
		 format_bytes(peer->stats->rx_bytes, received),
		 format_bytes(peer->stats->tx_bytes, sent));
	if (peer->stats->rx_bytes || peer->stats->tx_bytes)
		out_only_text(out, "transfer", words);
	out_number(out, "rx_bytes", NULL, peer->stats->rx_bytes, NULL);
	out_number(out, "tx_bytes", NULL, peer->stats->tx_bytes, NULL);
}

static void show_keepalive(struct out *out, const struct peer *peer)
{
	char duration[FORMAT_MAX], words[FORMAT_MAX + 16];

	snprintf(words, sizeof(words), "every %s",
		 format_duration(peer->keepalive_s, duration));
	out_number(out, "persistent_keepalive",
		   peer->keepalive_s ? "persistent keepalive" : NULL,
		   peer->keepalive_s, words);
}

static void show_switches(struct out *out, const struct peer *peer,
			  int64_t now_s)
{
	char until[UNTIL_TEXT_MAX], words[UNTIL_TEXT_MAX + 16];

	snprintf(words, sizeof(words), "%s%s",
		 until_text(peer->until_s, until) ?: "",
		 (uint64_t)now_s >= peer->until_s ? " (ended)" : "");
	out_bool(out, "disabled", peer->is_disabled ? "disabled" : NULL,
		 peer->is_disabled);
	out_number(out, "until", peer->until_s ? "until" : NULL, peer->until_s,
		   words);
}

static void show_peer(struct out *out, const struct peer *peer, uint32_t parts,
		      int64_t now_s)
{
	char text[KEY_TEXT_MAX];

	out_group(out, OUT_PEER, "peer", "public_key",
		  key_text(peer->public_key, text));
	if (parts & SHOW_NAMES)
		out_string(out, "name", "name",
			   peer->name[0] ? peer->name : NULL);
	if (parts & SHOW_PRESHARED_KEYS)
		show_secret(out, "preshared_key", "preshared key", peer->psk);
	if (parts & SHOW_ENDPOINTS)
		show_endpoint(out, peer);
	if (parts & SHOW_ALLOWED_IPS)
		print_ips(out, "allowed_ips", "allowed ips", "(none)",
			  &peer->ips);
	if (parts & SHOW_HANDSHAKES)
		show_handshake(out, peer, now_s);
	if (parts & SHOW_TRANSFER)
		show_transfer(out, peer);
	if (parts & SHOW_KEEPALIVE)
		show_keepalive(out, peer);
	if (parts & SHOW_OWN)
		show_switches(out, peer, now_s);
	if (parts & SHOW_COUNTERS && peer->has & PEER_HAS_COUNTERS)
		show_counters(out, &peer->stats->counters);
	if (parts & SHOW_DROPS && peer->has & PEER_HAS_COUNTERS)
		show_drops(out, &peer->stats->drops);
	if (parts & SHOW_REFUSALS && peer->stats->refusal)
		show_refusal(out, "last_refusal", peer->stats->refusal);
	if (parts & SHOW_MESSAGES) {
		show_message(out, "last_received", &peer->stats->received);
		show_message(out, "last_sent", &peer->stats->sent);
	}
	out_end(out);
}

/* The latest handshake first, those without one last. */
static int compare_handshakes(const void *a, const void *b)
{
	const struct peer *x = *(struct peer *const *)a;
	const struct peer *y = *(struct peer *const *)b;

	if (x->stats->handshake_s != y->stats->handshake_s)
		return x->stats->handshake_s > y->stats->handshake_s ? -1 : 1;
	if (x->stats->handshake_ns != y->stats->handshake_ns)
		return x->stats->handshake_ns > y->stats->handshake_ns ? -1 : 1;
	return 0;
}

static void show_peers(struct out *out, const struct tunnel *tunnel,
		       uint32_t parts, int64_t now_s)
{
	struct peer **sorted = xcalloc(tunnel->peer_count, sizeof(*sorted));
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++)
		sorted[i] = tunnel->peers[i];
	/* glibc's is a merge sort: equal ones keep their order */
	qsort(sorted, tunnel->peer_count, sizeof(*sorted), compare_handshakes);
	out_list(out, "peers");
	for (i = 0; i < tunnel->peer_count; i++)
		show_peer(out, sorted[i], parts, now_s);
	out_end(out);
	free(sorted);
}

#define SHOW_PARTS_OF_PEERS                                               \
	(SHOW_ALL & ~(SHOW_PUBLIC_KEY | SHOW_PRIVATE_KEY |                \
		      SHOW_LISTEN_PORT | SHOW_FWMARK | SHOW_OWN))

void show_tunnel(struct out *out, const struct tunnel *tunnel, uint32_t parts,
		 int64_t now_s)
{
	char mark[16], bind[BIND_TEXT_MAX];

	snprintf(mark, sizeof(mark), "0x%x", tunnel->fwmark);
	out_group(out, OUT_INTERFACE, "interface", "name", tunnel->name);
	if (parts & SHOW_PUBLIC_KEY)
		print_key(out, "public_key", "public key", tunnel->public_key);
	if (parts & SHOW_PRIVATE_KEY)
		show_secret(out, "private_key", "private key",
			    tunnel->private_key);
	if (parts & SHOW_LISTEN_PORT)
		out_number(out, "listen_port",
			   tunnel->listen_port ? "listening port" : NULL,
			   tunnel->listen_port, NULL);
	if (parts & SHOW_FWMARK)
		out_number(out, "fwmark", tunnel->fwmark ? "fwmark" : NULL,
			   tunnel->fwmark, mark);
	if (parts & SHOW_OWN) {
		out_bool(out, "exclusive",
			 tunnel->is_exclusive ? "exclusive" : NULL,
			 tunnel->is_exclusive);
		out_string(out, "bind", "bind", bind_text(&tunnel->bind, bind));
	}
	if (parts & SHOW_COUNTERS && tunnel->has & TUNNEL_HAS_COUNTERS) {
		show_counters(out, &tunnel->counters);
		out_number(out, "generation", NULL, tunnel->generation, NULL);
		out_number(out, "ips_moved", NULL, tunnel->ips_moved, NULL);
	}
	if (parts & SHOW_DROPS && tunnel->has & TUNNEL_HAS_COUNTERS)
		show_drops(out, &tunnel->drops);
	if (parts & SHOW_REFUSALS && tunnel->has & TUNNEL_HAS_COUNTERS)
		show_refusals(out, &tunnel->refusals);
	if (parts & SHOW_PARTS_OF_PEERS)
		show_peers(out, tunnel, parts, now_s);
	out_end(out);
}
