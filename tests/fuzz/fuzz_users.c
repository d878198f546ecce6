// SPDX-License-Identifier: GPL-2.0
/*
 * Tunnels and users: two files with a zero byte between them. What the
 * first says around the device is read; addresses for users are found in it;
 * then it is saved with the second in the place of a device's state, after
 * which it says just that, and saving once more changes nothing. No fault has
 * a secret in it.
 */
#include <arpa/inet.h>
#include <errno.h>

#include "conf/conf.h"
#include "fuzz.h"
#include "model/change.h"
#include "quick/save.h"
#include "quick/setup.h"
#include "secret.h"
#include "user/user.h"

static const char path[] = "fuzzed";

static char *printed(const struct conf *conf)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	CLAIM(to);
	conf_print(conf, to);
	CLAIM(!fclose(to));
	return text;
}

static bool has_signs(const struct tunnel *tunnel)
{
	size_t i, j;

	for (i = 0; i < tunnel->peer_count; i++) {
		const struct peer *peer = tunnel->peers[i];

		if (peer->ips_are_changes)
			return true;
		for (j = 0; j < peer->ips.count; j++)
			if (peer->ips.items[j].remove)
				return true;
	}
	return false;
}

/* --- what is around the device --- */

static void check_routes(const struct tunnel *tunnel)
{
	struct allowed_ips routes = { 0 };
	size_t i;

	setup_routes(tunnel, &routes);
	for (i = 0; i < routes.count; i++) {
		CLAIM(!ip_has_host_bits(&routes.items[i]));
		CLAIM(!i || routes.items[i - 1].cidr >= routes.items[i].cidr);
		CLAIM(!i || ip_compare(&routes.items[i - 1],
				       &routes.items[i]));
	}
	free(routes.items);
}

/* What is found free is free, is in a network, and stays so when asked for. */
static void check_addresses(const struct setup *setup)
{
	static const uint16_t families[] = { AF_INET, AF_INET6 };
	struct fault fault;
	size_t i;

	for (i = 0; i < 2; i++) {
		struct allowed_ip ip;
		int ret = user_free_address(setup, families[i], &ip, &fault);

		CLAIM(!ret || ret == -ENOENT || ret == -ENOSPC);
		if (ret)
			continue;
		CLAIM(ip.family == families[i]);
		CLAIM(ip.cidr == (families[i] == AF_INET ? 32 : 128));
		CLAIM(!user_check_address(setup, &ip, &fault));
	}
}

static void check_setup(const struct conf *conf, struct tunnel *tunnel)
{
	static const char *const settings[] = { USER_ENDPOINT, USER_DNS,
						USER_ALLOWED_IPS,
						USER_KEEPALIVE, USER_MTU };
	struct setup setup = { .name = "wg0" };
	struct fault fault = { 0 };
	size_t i;

	if (setup_read(&setup, conf, &fault)) {
		CLAIM(!strcmp(fault.file, path));
		CLAIM(fault.line >= 1 && fault.line <= conf->count);
		CLAIM(fault.column >= 1);
		secret_check(fault.text);
	} else {
		setup.tunnel = tunnel;
		check_addresses(&setup);
		setup.tunnel = NULL;
	}
	setup_clear(&setup);
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		free(conf_setting(conf, settings[i], NULL));
	check_routes(tunnel);
}

/* --- saving --- */

/* A device has addresses, not hosts and ports. */
static void forget_host(struct endpoint *endpoint)
{
	free(endpoint->host);
	free(endpoint->port);
	endpoint->host = NULL;
	endpoint->port = NULL;
}

/* Endpoints that a device could have; others it has not. */
static void make_addresses(struct tunnel *now)
{
	size_t i;

	for (i = 0; i < now->peer_count; i++) {
		struct peer *peer = now->peers[i];
		struct endpoint *to = &peer->endpoint;

		to->addr.v4.sin_family = AF_INET;
		to->addr.v4.sin_port = htons(7);
		if (!(peer->has & PEER_HAS_ENDPOINT) ||
		    inet_pton(AF_INET, to->host, &to->addr.v4.sin_addr) != 1)
			peer->has &= ~PEER_HAS_ENDPOINT;
		forget_host(to);
	}
}

static void check_same_ips(struct allowed_ips *a, struct allowed_ips *b)
{
	size_t i;

	ips_sort(a);
	ips_sort(b);
	CLAIM(a->count == b->count);
	for (i = 0; i < a->count; i++)
		CLAIM(!ip_compare(&a->items[i], &b->items[i]));
}

static void check_saved(const struct conf *conf, const struct tunnel *now)
{
	struct fault fault;
	struct tunnel *saved;
	size_t i;

	saved = conf_to_tunnel(conf, CONF_KEEP_UNKNOWN, &fault);
	CLAIM(saved);
	CLAIM(saved->peer_count == now->peer_count);
	CLAIM(saved->listen_port == now->listen_port);
	CLAIM(saved->fwmark == now->fwmark);
	CLAIM(key_equal(saved->private_key, now->private_key));
	for (i = 0; i < now->peer_count; i++) {
		struct peer *is = now->peers[i], *was;

		was = tunnel_find_peer(saved, is->public_key);
		CLAIM(was);
		CLAIM(key_equal(was->psk, is->psk));
		CLAIM(was->keepalive_s == is->keepalive_s);
		CLAIM(was->is_disabled == is->is_disabled);
		CLAIM(was->until_s == is->until_s);
		CLAIM(!is->name[0] || !strcmp(was->name, is->name));
		check_same_ips(&was->ips, &is->ips);
	}
	tunnel_free(saved);
}

static void check_save(struct conf *conf, const struct tunnel *now)
{
	struct fault fault;
	char *once, *twice;

	CLAIM(!save_merge(conf, now, NULL, 0, &fault));
	check_saved(conf, now);
	once = printed(conf);
	CLAIM(!save_merge(conf, now, NULL, 0, &fault));
	twice = printed(conf);
	CLAIM(!strcmp(once, twice));
	free(once);
	free(twice);
}

static struct tunnel *read_now(const char *text, size_t len)
{
	struct fault fault;
	struct tunnel *now = NULL;
	struct conf *conf = conf_parse(text, len, path, &fault);

	if (conf)
		now = conf_to_tunnel(conf, CONF_KEEP_UNKNOWN, &fault);
	conf_free(conf);
	if (!now || has_signs(now)) {
		tunnel_free(now);
		return NULL;
	}
	change_merge_peers(now);
	make_addresses(now);
	return now;
}

static void try(const char *data, size_t size)
{
	const char *zero = memchr(data, 0, size);
	size_t len = zero ? (size_t)(zero - data) : size;
	struct tunnel *tunnel, *now = NULL;
	struct fault fault;
	struct conf *conf;

	conf = conf_parse(data, len, path, &fault);
	if (!conf)
		return;
	tunnel = conf_to_tunnel(conf, CONF_KEEP_UNKNOWN, &fault);
	if (tunnel)
		check_setup(conf, tunnel);
	if (tunnel && zero && !has_signs(tunnel))
		now = read_now(zero + 1, size - len - 1);
	if (now)
		check_save(conf, now);
	tunnel_free(now);
	tunnel_free(tunnel);
	conf_free(conf);
}
