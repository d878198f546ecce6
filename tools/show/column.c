// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "lib/secret.h"
#include "model/key.h"
#include "show/show.h"

/* One row's beginning: the interface if it is wanted, the peer if any. */
struct row {
	FILE *to;
	const char *interface; /* NULL: not wanted */
};

static void start_row(const struct row *row)
{
	if (row->interface)
		fprintf(row->to, "%s\t", row->interface);
}

static void put_key(FILE *to, const uint8_t *key)
{
	char text[KEY_TEXT_MAX];

	fputs(key_is_zero(key) ? "(none)" : key_text(key, text), to);
	wipe(text, sizeof(text));
}

/* A peer always has one, be it of zeroes. */
static void put_peer_key(FILE *to, const uint8_t *key)
{
	char text[KEY_TEXT_MAX];

	fputs(key_text(key, text), to);
}

/* The beginning of a row of the device itself, or else of a peer. */
static void start_row_of(const struct row *row, const uint8_t *peer_key)
{
	start_row(row);
	if (peer_key)
		put_peer_key(row->to, peer_key);
	else
		fputs("(device)", row->to);
	fputc('\t', row->to);
}

static void put_mark(FILE *to, uint32_t mark)
{
	if (mark)
		fprintf(to, "0x%x", mark);
	else
		fputs("off", to);
}

static void put_ips(FILE *to, const struct allowed_ips *ips,
		    const char *between)
{
	ips_print(ips, between, to);
	if (!ips->count)
		fputs("(none)", to);
}

static void put_endpoint(FILE *to, const struct peer *peer)
{
	char text[ENDPOINT_TEXT_MAX];

	fputs(peer->has & PEER_HAS_ENDPOINT ?
		      endpoint_text(&peer->endpoint, text) :
		      "(none)",
	      to);
}

static void put_keepalive(FILE *to, const struct peer *peer)
{
	if (peer->keepalive_s)
		fprintf(to, "%u", peer->keepalive_s);
	else
		fputs("off", to);
}

static void put_counters(FILE *to, const struct counters *counters)
{
	fprintf(to, "%llu\t%llu\t%llu\t%llu",
		(unsigned long long)counters->rx_packets,
		(unsigned long long)counters->rx_bytes,
		(unsigned long long)counters->tx_packets,
		(unsigned long long)counters->tx_bytes);
}

static void put_message(FILE *to, const struct last_message *last)
{
	if (last->message[0])
		fprintf(to, "%s\t%lld", last->message,
			(long long)last->time_s);
	else
		fputs("(none)\t0", to);
}

/* What is after the interface in the row of a device. */
static void put_device(FILE *to, const struct tunnel *tunnel,
		       enum show_part part)
{
	if (part == SHOW_PUBLIC_KEY)
		put_key(to, tunnel->public_key);
	else if (part == SHOW_PRIVATE_KEY)
		put_key(to, tunnel->private_key);
	else if (part == SHOW_LISTEN_PORT)
		fprintf(to, "%u", tunnel->listen_port);
	else
		put_mark(to, tunnel->fwmark);
}

static void put_messages(FILE *to, const struct peer_stats *stats)
{
	put_message(to, &stats->received);
	fputc('\t', to);
	put_message(to, &stats->sent);
}

/* What is after the public key in the row of a peer. */
static void put_peer(FILE *to, const struct peer *peer, enum show_part part)
{
	if (part != SHOW_PEERS)
		fputc('\t', to);
	if (part == SHOW_PRESHARED_KEYS)
		put_key(to, peer->psk);
	else if (part == SHOW_ENDPOINTS)
		put_endpoint(to, peer);
	else if (part == SHOW_ALLOWED_IPS)
		put_ips(to, &peer->ips, " ");
	else if (part == SHOW_HANDSHAKES)
		fprintf(to, "%lld", (long long)peer->stats->handshake_s);
	else if (part == SHOW_TRANSFER)
		fprintf(to, "%llu\t%llu", (unsigned long long)peer->stats->rx_bytes,
			(unsigned long long)peer->stats->tx_bytes);
	else if (part == SHOW_KEEPALIVE)
		put_keepalive(to, peer);
	else if (part == SHOW_NAMES)
		fputs(peer->name[0] ? peer->name : "(none)", to);
	else if (part == SHOW_COUNTERS)
		put_counters(to, &peer->stats->counters);
	else if (part == SHOW_MESSAGES)
		put_messages(to, peer->stats);
}

static void show_device_row(const struct row *row, const struct tunnel *tunnel,
			    enum show_part part)
{
	start_row(row);
	put_device(row->to, tunnel, part);
	fputc('\n', row->to);
}

static void show_peer_rows(const struct row *row, const struct tunnel *tunnel,
			   enum show_part part)
{
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++) {
		const struct peer *peer = tunnel->peers[i];

		start_row(row);
		put_peer_key(row->to, peer->public_key);
		put_peer(row->to, peer, part);
		fputc('\n', row->to);
	}
}

static void show_counter_rows(const struct row *row,
			      const struct tunnel *tunnel,
			      enum show_part part)
{
	start_row_of(row, NULL);
	put_counters(row->to, &tunnel->counters);
	fputc('\n', row->to);
	show_peer_rows(row, tunnel, part);
}

/* One row for each reason of the device or of one peer. */
static void put_drop_rows(const struct row *row, const struct drops *drops,
			  const uint8_t *peer_key)
{
	size_t i;

	for (i = 0; i < drops->count; i++) {
		start_row_of(row, peer_key);
		fprintf(row->to, "%s\t%llu\n", drops->items[i].reason,
			(unsigned long long)drops->items[i].packets);
	}
}

static void show_drop_rows(const struct row *row, const struct tunnel *tunnel,
			   enum show_part part)
{
	size_t i;

	put_drop_rows(row, &tunnel->drops, NULL);
	for (i = 0; i < tunnel->peer_count; i++)
		put_drop_rows(row, &tunnel->peers[i]->stats->drops,
			      tunnel->peers[i]->public_key);
}

static void put_refusal_row(const struct row *row,
			    const struct refusal *refusal,
			    const uint8_t *peer_key)
{
	char text[ENDPOINT_TEXT_MAX];
	FILE *to = row->to;

	start_row_of(row, peer_key);
	fprintf(to, "%s\t%lld\t%s\t", refusal->reason,
		(long long)refusal->time_s,
		refusal->about.addr.sa.sa_family ?
			endpoint_text(&refusal->about, text) :
			"(none)");
	put_key(to, refusal->public_key);
	fputc('\n', to);
}

static void show_refusal_rows(const struct row *row,
			      const struct tunnel *tunnel, enum show_part part)
{
	size_t i;

	for (i = 0; i < tunnel->refusals.count; i++)
		put_refusal_row(row, &tunnel->refusals.items[i], NULL);
	for (i = 0; i < tunnel->peer_count; i++)
		if (tunnel->peers[i]->stats->refusal)
			put_refusal_row(row, tunnel->peers[i]->stats->refusal,
					tunnel->peers[i]->public_key);
}

static void dump_peer(FILE *to, const struct peer *peer)
{
	put_peer_key(to, peer->public_key);
	fputc('\t', to);
	put_key(to, peer->psk);
	fputc('\t', to);
	put_endpoint(to, peer);
	fputc('\t', to);
	put_ips(to, &peer->ips, ",");
	fprintf(to, "\t%lld\t%llu\t%llu\t", (long long)peer->stats->handshake_s,
		(unsigned long long)peer->stats->rx_bytes,
		(unsigned long long)peer->stats->tx_bytes);
	put_keepalive(to, peer);
	fputc('\n', to);
}

static void show_dump(const struct row *row, const struct tunnel *tunnel,
		      enum show_part part)
{
	size_t i;

	start_row(row);
	put_key(row->to, tunnel->private_key);
	fputc('\t', row->to);
	put_key(row->to, tunnel->public_key);
	fprintf(row->to, "\t%u\t", tunnel->listen_port);
	put_mark(row->to, tunnel->fwmark);
	fputc('\n', row->to);
	for (i = 0; i < tunnel->peer_count; i++) {
		start_row(row);
		dump_peer(row->to, tunnel->peers[i]);
	}
}

struct column {
	const char *word;
	uint32_t part;
	void (*show)(const struct row *row, const struct tunnel *tunnel,
		     enum show_part part);
};

static const struct column columns[] = {
	{ "public-key", SHOW_PUBLIC_KEY, show_device_row },
	{ "private-key", SHOW_PRIVATE_KEY, show_device_row },
	{ "listen-port", SHOW_LISTEN_PORT, show_device_row },
	{ "fwmark", SHOW_FWMARK, show_device_row },
	{ "peers", SHOW_PEERS, show_peer_rows },
	{ "preshared-keys", SHOW_PRESHARED_KEYS, show_peer_rows },
	{ "endpoints", SHOW_ENDPOINTS, show_peer_rows },
	{ "allowed-ips", SHOW_ALLOWED_IPS, show_peer_rows },
	{ "latest-handshakes", SHOW_HANDSHAKES, show_peer_rows },
	{ "transfer", SHOW_TRANSFER, show_peer_rows },
	{ "persistent-keepalive", SHOW_KEEPALIVE, show_peer_rows },
	{ "names", SHOW_NAMES, show_peer_rows },
	{ "counters", SHOW_COUNTERS, show_counter_rows },
	{ "drops", SHOW_DROPS, show_drop_rows },
	{ "refusals", SHOW_REFUSALS, show_refusal_rows },
	{ "latest-messages", SHOW_MESSAGES, show_peer_rows },
	{ "dump", SHOW_ALL, show_dump },
};

static const struct column *find_column(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (!strcmp(columns[i].word, word))
			return &columns[i];
	return NULL;
}

uint32_t show_part_of_word(const char *word)
{
	const struct column *column = find_column(word);

	return column ? column->part : 0;
}

bool show_column(struct out *out, const struct tunnel *tunnel,
		 const char *word, bool with_name)
{
	const struct row row = { out->to, with_name ? tunnel->name : NULL };
	const struct column *column = find_column(word);

	if (!column)
		return false;
	column->show(&row, tunnel, column->part);
	return true;
}
