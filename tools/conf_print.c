// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "key.h"

static void print_key(const char *name, const uint8_t *key, FILE *to)
{
	char text[KEY_TEXT_MAX];

	fprintf(to, "%s = %s\n", name, key_text(key, text));
	wipe(text, sizeof(text));
}

static void print_interface(const struct tunnel *tunnel, FILE *to)
{
	fputs("[Interface]\n", to);
	if (tunnel->listen_port)
		fprintf(to, "ListenPort = %u\n", tunnel->listen_port);
	if (tunnel->fwmark)
		fprintf(to, "FwMark = 0x%x\n", tunnel->fwmark);
	if (!key_is_zero(tunnel->private_key))
		print_key("PrivateKey", tunnel->private_key, to);
	fputc('\n', to);
}

static void print_endpoint(const struct endpoint *endpoint, FILE *to)
{
	char text[ENDPOINT_TEXT_MAX];

	if (endpoint->host)
		fprintf(to,
			strchr(endpoint->host, ':') ? "Endpoint = [%s]:%s\n" :
						      "Endpoint = %s:%s\n",
			endpoint->host, endpoint->port);
	else
		fprintf(to, "Endpoint = %s\n", endpoint_text(endpoint, text));
}

static void print_ips(const struct allowed_ips *ips, FILE *to)
{
	char text[IP_TEXT_MAX];
	size_t i;

	for (i = 0; i < ips->count; i++)
		fprintf(to, "%s%s", i ? ", " : "AllowedIPs = ",
			ip_text(&ips->items[i], text));
	if (ips->count)
		fputc('\n', to);
}

void conf_print_peer(const struct peer *peer, FILE *to)
{
	fputs("[Peer]\n", to);
	if (peer->name[0])
		fprintf(to, "# Name = %s\n", peer->name);
	print_key("PublicKey", peer->public_key, to);
	if (!key_is_zero(peer->psk))
		print_key("PresharedKey", peer->psk, to);
	print_ips(&peer->ips, to);
	if (peer->has & PEER_HAS_ENDPOINT)
		print_endpoint(&peer->endpoint, to);
	if (peer->keepalive_s)
		fprintf(to, "PersistentKeepalive = %u\n", peer->keepalive_s);
}

void conf_print_tunnel(const struct tunnel *tunnel, FILE *to)
{
	size_t i;

	print_interface(tunnel, to);
	for (i = 0; i < tunnel->peer_count; i++) {
		conf_print_peer(tunnel->peers[i], to);
		/* an empty line between peers, none at the end */
		if (i + 1 < tunnel->peer_count)
			fputc('\n', to);
	}
}
