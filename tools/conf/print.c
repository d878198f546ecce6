// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "model/key.h"
#include "model/print.h"

/* What is false is not written. */
static void print_flag(struct out *out, const char *key, const char *label,
		       bool value)
{
	out_bool(out, key, NULL, value);
	if (value)
		out_only_text(out, label, "true");
}

static void print_interface(const struct tunnel *tunnel, struct out *out)
{
	char mark[16], bind[BIND_TEXT_MAX];

	snprintf(mark, sizeof(mark), "0x%x", tunnel->fwmark);
	out_group(out, OUT_INTERFACE, "Interface", "name", tunnel->name);
	out_number(out, "listen_port", tunnel->listen_port ? "ListenPort" : NULL,
		   tunnel->listen_port, NULL);
	out_number(out, "fwmark", tunnel->fwmark ? "FwMark" : NULL,
		   tunnel->fwmark, mark);
	print_key(out, "private_key", "PrivateKey", tunnel->private_key);
	print_flag(out, "exclusive", "# Exclusive", tunnel->is_exclusive);
	out_string(out, "bind", "# Bind", bind_text(&tunnel->bind, bind));
	out_line(out, "%s", "");
}

static void print_endpoint(const struct peer *peer, struct out *out)
{
	const struct endpoint *endpoint = &peer->endpoint;
	char text[ENDPOINT_TEXT_MAX];
	bool has = peer->has & PEER_HAS_ENDPOINT;

	if (has && endpoint->host)
		out_format(out, "endpoint", "Endpoint",
			   strchr(endpoint->host, ':') ? "[%s]:%s" : "%s:%s",
			   endpoint->host, endpoint->port);
	else
		out_string(out, "endpoint", "Endpoint",
			   has ? endpoint_text(endpoint, text) : NULL);
}

void conf_print_peer(const struct peer *peer, struct out *out)
{
	char key[KEY_TEXT_MAX], until[UNTIL_TEXT_MAX];

	out_group(out, OUT_PEER, "Peer", "public_key",
		  key_text(peer->public_key, key));
	out_string(out, "name", "# Name", peer->name[0] ? peer->name : NULL);
	print_flag(out, "disabled", "# Disabled", peer->is_disabled);
	out_number(out, "until", peer->until_s ? "# Until" : NULL,
		   peer->until_s, until_text(peer->until_s, until));
	out_only_text(out, "PublicKey", key);
	print_key(out, "preshared_key", "PresharedKey", peer->psk);
	print_ips(out, "allowed_ips", "AllowedIPs", NULL, &peer->ips);
	print_endpoint(peer, out);
	out_number(out, "persistent_keepalive",
		   peer->keepalive_s ? "PersistentKeepalive" : NULL,
		   peer->keepalive_s, NULL);
	out_end(out);
}

void conf_print_tunnel(const struct tunnel *tunnel, struct out *out)
{
	size_t i;

	out_as_file(out);
	print_interface(tunnel, out);
	out_list(out, "peers");
	for (i = 0; i < tunnel->peer_count; i++) {
		conf_print_peer(tunnel->peers[i], out);
		/* an empty line between peers, none at the end */
		if (i + 1 < tunnel->peer_count)
			out_line(out, "%s", "");
	}
	out_end(out);
	out_end(out);
}
