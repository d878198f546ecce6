// SPDX-License-Identifier: GPL-2.0
#include "show/metrics.h"

#include <string.h>

#include "model/key.h"

static void print_label(const char *name, const char *value, FILE *to)
{
	fprintf(to, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', to);
		fputc(*value, to);
	}
	fputc('"', to);
}

static void print_labels(const struct tunnel *tunnel, const struct peer *peer,
			 const char *reason, FILE *to)
{
	char key[KEY_TEXT_MAX];

	fputc('{', to);
	print_label("interface", tunnel->name, to);
	if (peer) {
		fputc(',', to);
		print_label("public_key", key_text(peer->public_key, key), to);
		fputc(',', to);
		print_label("name", peer->name, to);
	}
	if (reason) {
		fputc(',', to);
		print_label("reason", reason, to);
	}
	fputs("} ", to);
}

/* A number that a tunnel or a peer has; false: it has not. */
typedef bool read_tunnel_fn(const struct tunnel *tunnel, uint64_t *value);
typedef bool read_peer_fn(const struct peer *peer, uint64_t *value);

struct metric {
	const char *name;
	const char *type; /* "gauge" or "counter" */
	const char *help;
	read_tunnel_fn *of_tunnel;
	read_peer_fn *of_peer;
	bool is_drops; /* one sample for each reason */
};

static bool peer_count(const struct tunnel *tunnel, uint64_t *value)
{
	*value = tunnel->peer_count;
	return true;
}

static bool moved_ips(const struct tunnel *tunnel, uint64_t *value)
{
	*value = tunnel->ips_moved;
	return tunnel->has & TUNNEL_HAS_COUNTERS;
}

static bool handshake(const struct peer *peer, uint64_t *value)
{
	*value = (uint64_t)peer->handshake_s;
	return true;
}

static bool received_bytes(const struct peer *peer, uint64_t *value)
{
	*value = peer->rx_bytes;
	return true;
}

static bool sent_bytes(const struct peer *peer, uint64_t *value)
{
	*value = peer->tx_bytes;
	return true;
}

static bool received_packets(const struct peer *peer, uint64_t *value)
{
	*value = peer->counters.rx_packets;
	return peer->has & PEER_HAS_COUNTERS;
}

static bool sent_packets(const struct peer *peer, uint64_t *value)
{
	*value = peer->counters.tx_packets;
	return peer->has & PEER_HAS_COUNTERS;
}

static const struct metric metrics[] = {
	{ "wg_peers", "gauge", "Peers of the interface.", peer_count, NULL,
	  false },
	{ "wg_allowed_ips_moved_total", "counter",
	  "Allowed IPs taken from one peer by another.", moved_ips, NULL,
	  false },
	{ "wg_drops_total", "counter",
	  "Packets that the interface dropped, by reason.", NULL, NULL, true },
	{ "wg_peer_latest_handshake_seconds", "gauge",
	  "When the latest handshake was, since the epoch; 0 is never.", NULL,
	  handshake, false },
	{ "wg_peer_receive_bytes_total", "counter",
	  "Bytes received from the peer.", NULL, received_bytes, false },
	{ "wg_peer_transmit_bytes_total", "counter", "Bytes sent to the peer.",
	  NULL, sent_bytes, false },
	{ "wg_peer_receive_packets_total", "counter",
	  "Packets received from the peer.", NULL, received_packets, false },
	{ "wg_peer_transmit_packets_total", "counter",
	  "Packets sent to the peer.", NULL, sent_packets, false },
	{ "wg_peer_drops_total", "counter",
	  "Packets from or to the peer that were dropped, by reason.", NULL,
	  NULL, true },
};

static void print_sample(const struct metric *metric,
			 const struct tunnel *tunnel, const struct peer *peer,
			 const char *reason, uint64_t value, FILE *to)
{
	fputs(metric->name, to);
	print_labels(tunnel, peer, reason, to);
	fprintf(to, "%llu\n", (unsigned long long)value);
}

static void print_drops(const struct metric *metric,
			const struct tunnel *tunnel, const struct peer *peer,
			const struct drops *drops, FILE *to)
{
	size_t i;

	for (i = 0; i < drops->count; i++)
		print_sample(metric, tunnel, peer, drops->items[i].reason,
			     drops->items[i].packets, to);
}

static void print_of_peers(const struct metric *metric,
			   const struct tunnel *tunnel, FILE *to)
{
	uint64_t value;
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++) {
		const struct peer *peer = tunnel->peers[i];

		if (metric->is_drops)
			print_drops(metric, tunnel, peer, &peer->drops, to);
		else if (metric->of_peer(peer, &value))
			print_sample(metric, tunnel, peer, NULL, value, to);
	}
}

static void print_of_tunnel(const struct metric *metric,
			    const struct tunnel *tunnel, FILE *to)
{
	uint64_t value;

	if (metric->is_drops)
		print_drops(metric, tunnel, NULL, &tunnel->drops, to);
	else if (metric->of_tunnel(tunnel, &value))
		print_sample(metric, tunnel, NULL, NULL, value, to);
}

static bool is_of_peers(const struct metric *metric)
{
	return !strncmp(metric->name, "wg_peer_", 8);
}

void show_metrics(struct tunnel *const *tunnels, size_t count, FILE *to)
{
	size_t i, j;

	for (i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		const struct metric *metric = &metrics[i];

		fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", metric->name,
			metric->help, metric->name, metric->type);
		for (j = 0; j < count; j++)
			if (is_of_peers(metric))
				print_of_peers(metric, tunnels[j], to);
			else
				print_of_tunnel(metric, tunnels[j], to);
	}
}
