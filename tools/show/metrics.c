// SPDX-License-Identifier: GPL-2.0
#include "show/metrics.h"

#include <string.h>

#include "model/key.h"

enum metric_kind {
	METRIC_NUMBER,
	METRIC_PEERS, /* how many there are */
	METRIC_DROPS, /* one sample for each reason */
};

struct metric {
	const char *name;
	const char *type; /* "gauge" or "counter" */
	const char *help;
	enum metric_kind kind;
	size_t at; /* of its 64 bits in the tunnel or the peer's stats */
	uint32_t has; /* it is there if this is set; 0: always */
};

/* One that other exporters have too, under that name. */
static bool is_common(const struct metric *metric)
{
	return !strncmp(metric->name, "wireguard_", 10);
}

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

static void add_label(const char *name, const char *value, FILE *to)
{
	fputc(',', to);
	print_label(name, value, to);
}

/* As prometheus_wireguard_exporter has them. */
static void add_common_labels(const struct peer *peer, FILE *to)
{
	fputs(",allowed_ips=\"", to);
	ips_print(&peer->ips, ",", to);
	fputc('"', to);
	add_label("friendly_name", peer->name, to);
}

static void print_labels(const struct metric *metric,
			 const struct tunnel *tunnel, const struct peer *peer,
			 const char *reason, FILE *to)
{
	char key[KEY_TEXT_MAX];

	fputc('{', to);
	print_label("interface", tunnel->name, to);
	if (peer)
		add_label("public_key", key_text(peer->public_key, key), to);
	if (peer && is_common(metric))
		add_common_labels(peer, to);
	else if (peer)
		add_label("name", peer->name, to);
	if (reason)
		add_label("reason", reason, to);
	fputs("} ", to);
}

static const struct metric metrics[] = {
	{ "wg_peers", "gauge", "Peers of the interface.", METRIC_PEERS, 0, 0 },
	{ "wg_allowed_ips_moved_total", "counter",
	  "Allowed IPs taken from one peer by another.", METRIC_NUMBER,
	  offsetof(struct tunnel, ips_moved), TUNNEL_HAS_COUNTERS },
	{ "wg_drops_total", "counter",
	  "Packets that the interface dropped, by reason.", METRIC_DROPS, 0, 0 },
	{ "wg_peer_latest_handshake_seconds", "gauge",
	  "When the latest handshake was, since the epoch; 0 is never.",
	  METRIC_NUMBER, offsetof(struct peer_stats, handshake_s), 0 },
	{ "wg_peer_receive_bytes_total", "counter",
	  "Bytes received from the peer.", METRIC_NUMBER,
	  offsetof(struct peer_stats, rx_bytes), 0 },
	{ "wg_peer_transmit_bytes_total", "counter", "Bytes sent to the peer.",
	  METRIC_NUMBER, offsetof(struct peer_stats, tx_bytes), 0 },
	{ "wg_peer_receive_packets_total", "counter",
	  "Packets received from the peer.", METRIC_NUMBER,
	  offsetof(struct peer_stats, counters.rx_packets), PEER_HAS_COUNTERS },
	{ "wg_peer_transmit_packets_total", "counter",
	  "Packets sent to the peer.", METRIC_NUMBER,
	  offsetof(struct peer_stats, counters.tx_packets), PEER_HAS_COUNTERS },
	{ "wg_peer_drops_total", "counter",
	  "Packets from or to the peer that were dropped, by reason.",
	  METRIC_DROPS, 0, 0 },
	/* by the names that dashboards of the common exporters ask for */
	{ "wireguard_latest_handshake_seconds", "gauge",
	  "As wg_peer_latest_handshake_seconds.", METRIC_NUMBER,
	  offsetof(struct peer_stats, handshake_s), 0 },
	{ "wireguard_received_bytes_total", "counter",
	  "As wg_peer_receive_bytes_total.", METRIC_NUMBER,
	  offsetof(struct peer_stats, rx_bytes), 0 },
	{ "wireguard_sent_bytes_total", "counter",
	  "As wg_peer_transmit_bytes_total.", METRIC_NUMBER,
	  offsetof(struct peer_stats, tx_bytes), 0 },
};

static void print_sample(const struct metric *metric,
			 const struct tunnel *tunnel, const struct peer *peer,
			 const char *reason, uint64_t value, FILE *to)
{
	fputs(metric->name, to);
	print_labels(metric, tunnel, peer, reason, to);
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

/* The value that the peer, or else the tunnel, has. */
static void print_value(const struct metric *metric,
			const struct tunnel *tunnel, const struct peer *peer,
			FILE *to)
{
	const void *of = peer ? (const void *)peer->stats : tunnel;
	uint64_t value = tunnel->peer_count;

	if (metric->kind == METRIC_DROPS) {
		print_drops(metric, tunnel, peer,
			    peer ? &peer->stats->drops : &tunnel->drops, to);
		return;
	}
	if (metric->has && !(metric->has & (peer ? peer->has : tunnel->has)))
		return;
	if (metric->kind == METRIC_NUMBER)
		memcpy(&value, (const char *)of + metric->at, sizeof(value));
	print_sample(metric, tunnel, peer, NULL, value, to);
}

static void print_tunnel(const struct metric *metric,
			 const struct tunnel *tunnel, FILE *to)
{
	size_t i;

	if (strncmp(metric->name, "wg_peer_", 8) && !is_common(metric))
		print_value(metric, tunnel, NULL, to);
	else
		for (i = 0; i < tunnel->peer_count; i++)
			print_value(metric, tunnel, tunnel->peers[i], to);
}

void show_metrics(struct tunnel *const *tunnels, size_t count, FILE *to)
{
	size_t i, j;

	for (i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		const struct metric *metric = &metrics[i];

		fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", metric->name,
			metric->help, metric->name, metric->type);
		for (j = 0; j < count; j++)
			print_tunnel(metric, tunnels[j], to);
	}
}
