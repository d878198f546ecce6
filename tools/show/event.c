// SPDX-License-Identifier: GPL-2.0
#include "show/event.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/format.h"
#include "lib/xalloc.h"
#include "model/key.h"
#include "model/print.h"

#define TIME_MAX 48

static const char *time_text(const struct timespec *time, char *buf)
{
	struct tm local;
	size_t len;

	localtime_r(&time->tv_sec, &local);
	len = strftime(buf, TIME_MAX, "%Y-%m-%d %H:%M:%S", &local);
	snprintf(buf + len, TIME_MAX - len, ".%03d",
		 (int)(time->tv_nsec / 1000000));
	return buf;
}

/* When, and to whom. */
static void put_head(FILE *to, const struct event *event)
{
	char time[TIME_MAX], key[KEY_TEXT_MAX];

	fputs(time_text(&event->time, time), to);
	if (event->interface[0])
		fprintf(to, " %s", event->interface);
	if (event->peer && event->peer->name[0])
		fprintf(to, " %s", event->peer->name);
	else if (!key_is_zero(event->public_key))
		fprintf(to, " %s", key_text(event->public_key, key));
	fprintf(to, ": %s", event_text(event->kind));
}

static bool is_of_peer(const struct event *event)
{
	return event->kind == EVENT_PEER || event->kind == EVENT_PEER_ADDED ||
	       event->kind == EVENT_PEER_CHANGED;
}

static bool is_of_tunnel(const struct event *event)
{
	return event->tunnel && (event->kind == EVENT_INTERFACE ||
				 event->kind == EVENT_INTERFACE_CHANGED);
}

/* What a peer has, or of that what changed. */
static void show_peer_json(struct out *out, const struct event *event,
			   uint32_t parts)
{
	const struct peer *peer = event->peer;
	char text[ENDPOINT_TEXT_MAX];

	if (parts & CHANGED_ENDPOINT)
		out_string(out, "endpoint", NULL,
			   peer->has & PEER_HAS_ENDPOINT ?
				   endpoint_text(&peer->endpoint, text) :
				   NULL);
	if (parts & CHANGED_KEEPALIVE)
		out_number(out, "persistent_keepalive", NULL,
			   peer->keepalive_s, NULL);
	if (parts & CHANGED_IPS)
		print_ips(out, "allowed_ips", NULL, "(none)", &peer->ips);
	if (parts & CHANGED_DISABLED)
		out_bool(out, "disabled", NULL, peer->is_disabled);
	if (parts & CHANGED_UNTIL)
		out_number(out, "until", NULL, peer->until_s, NULL);
	if (event->kind != EVENT_PEER)
		return;
	out_number(out, "latest_handshake", NULL, (uint64_t)peer->stats->handshake_s,
		   NULL);
	out_number(out, "rx_bytes", NULL, peer->stats->rx_bytes, NULL);
	out_number(out, "tx_bytes", NULL, peer->stats->tx_bytes, NULL);
}

static const struct {
	uint32_t change;
	const char *word;
} changes[] = {
	{ CHANGED_KEY, "key" },
	{ CHANGED_PORT, "listen_port" },
	{ CHANGED_MARK, "fwmark" },
	{ CHANGED_NAME, "name" },
	{ CHANGED_ENDPOINT, "endpoint" },
	{ CHANGED_KEEPALIVE, "persistent_keepalive" },
	{ CHANGED_IPS, "allowed_ips" },
	{ CHANGED_EXCLUSIVE, "exclusive" },
	{ CHANGED_BIND, "bind" },
	{ CHANGED_DISABLED, "disabled" },
	{ CHANGED_UNTIL, "until" },
};

static void show_changes(struct out *out, uint32_t given)
{
	size_t i;

	out_list(out, "changes");
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (given & changes[i].change)
			out_string(out, NULL, NULL, changes[i].word);
	out_end(out);
}

static void show_tunnel_json(struct out *out, const struct tunnel *tunnel)
{
	char bind[BIND_TEXT_MAX];

	out_number(out, "listen_port", NULL, tunnel->listen_port, NULL);
	out_number(out, "fwmark", NULL, tunnel->fwmark, NULL);
	out_bool(out, "exclusive", NULL, tunnel->is_exclusive);
	out_string(out, "bind", NULL, bind_text(&tunnel->bind, bind));
}

static void show_json(struct out *out, const struct event *event)
{
	char text[ENDPOINT_TEXT_MAX];

	out->is_flat = true;
	out_begin(out, NULL);
	out_number(out, "time", NULL, (uint64_t)event->time.tv_sec, NULL);
	out_number(out, "nanoseconds", NULL, (uint64_t)event->time.tv_nsec,
		   NULL);
	out_string(out, "event", NULL, event_word(event->kind));
	if (event->interface[0])
		out_string(out, "interface", NULL, event->interface);
	if (!key_is_zero(event->public_key))
		out_string(out, "public_key", NULL,
			   key_text(event->public_key, text));
	if (event->peer && event->peer->name[0])
		out_string(out, "name", NULL, event->peer->name);
	if (event->reason[0])
		out_string(out, "reason", NULL, event->reason);
	if (event->endpoint.addr.sa.sa_family)
		out_string(out, "address", NULL,
			   endpoint_text(&event->endpoint, text));
	if (event->changes)
		show_changes(out, event->changes);
	if (is_of_peer(event))
		show_peer_json(out, event, event->changes ?: UINT32_MAX);
	else if (is_of_tunnel(event))
		show_tunnel_json(out, event->tunnel);
	out_end(out);
}

static void put_part(FILE *to, const char *label, const char *value)
{
	fprintf(to, ", %s %s", label, value);
}

static void put_peer_parts(FILE *to, const struct peer *peer, uint32_t parts)
{
	char text[ENDPOINT_TEXT_MAX];

	if (parts & CHANGED_KEY)
		put_part(to, "preshared key",
			 key_is_zero(peer->psk) ? "(none)" : "(hidden)");
	if (parts & CHANGED_NAME)
		put_part(to, "name", peer->name[0] ? peer->name : "(none)");
	if (parts & CHANGED_ENDPOINT)
		put_part(to, "endpoint",
			 peer->has & PEER_HAS_ENDPOINT ?
				 endpoint_text(&peer->endpoint, text) :
				 "(none)");
	if (parts & CHANGED_KEEPALIVE)
		fprintf(to, ", persistent keepalive %u", peer->keepalive_s);
	if (parts & CHANGED_IPS) {
		fputs(", allowed ips ", to);
		ips_print(&peer->ips, " ", to);
	}
	if (parts & CHANGED_DISABLED)
		fputs(peer->is_disabled ? ", disabled" : ", enabled", to);
	if (parts & CHANGED_UNTIL)
		put_part(to, "until", until_text(peer->until_s, text) ?: "never");
}

static void put_tunnel_parts(FILE *to, const struct tunnel *tunnel,
			     uint32_t parts)
{
	char key[KEY_TEXT_MAX], bind[BIND_TEXT_MAX];

	if (parts & CHANGED_KEY)
		put_part(to, "public key", key_text(tunnel->public_key, key));
	if (parts & CHANGED_PORT)
		fprintf(to, ", listen port %u", tunnel->listen_port);
	if (parts & CHANGED_MARK)
		fprintf(to, ", fwmark 0x%x", tunnel->fwmark);
	if (parts & CHANGED_EXCLUSIVE)
		put_part(to, "exclusive", tunnel->is_exclusive ? "on" : "off");
	if (parts & CHANGED_BIND)
		put_part(to, "bind", bind_text(&tunnel->bind, bind) ?: "off");
}

/* What changed; of what is new, what there always is, and what is set. */
static uint32_t parts_of(const struct event *event)
{
	const struct tunnel *tunnel = event->tunnel;
	const struct peer *peer = event->peer;
	uint32_t parts = CHANGED_PORT | CHANGED_ENDPOINT | CHANGED_IPS;
	char bind[BIND_TEXT_MAX];

	if (tunnel && tunnel->is_exclusive)
		parts |= CHANGED_EXCLUSIVE;
	if (tunnel && bind_text(&tunnel->bind, bind))
		parts |= CHANGED_BIND;
	if (peer && peer->is_disabled)
		parts |= CHANGED_DISABLED;
	if (peer && peer->until_s)
		parts |= CHANGED_UNTIL;
	return event->changes ?: parts;
}

static void put_parts(FILE *to, const struct event *event)
{
	uint32_t parts = parts_of(event);
	char words[FORMAT_MAX];

	if (is_of_peer(event))
		put_peer_parts(to, event->peer, parts);
	else if (is_of_tunnel(event))
		put_tunnel_parts(to, event->tunnel, parts);
	if (event->kind == EVENT_PEER)
		fprintf(to, ", latest handshake %s",
			event->peer->stats->handshake_s ?
				format_ago(event->peer->stats->handshake_s,
					   event->time.tv_sec, words) :
				"never");
}

void show_event(struct out *out, const struct event *event)
{
	char text[ENDPOINT_TEXT_MAX], *line;
	size_t len;
	FILE *to;

	if (out->format == OUT_JSON) {
		show_json(out, event);
		return;
	}
	to = xopen(&line, &len);
	put_head(to, event);
	if (event->reason[0])
		fprintf(to, ": %s", event->reason);
	if (event->endpoint.addr.sa.sa_family)
		fprintf(to, ", %s", endpoint_text(&event->endpoint, text));
	put_parts(to, event);
	xclose(to);
	out_line(out, "%s", line);
	free(line);
}
