// SPDX-License-Identifier: GPL-2.0
/*
 * Configuration files: what is read is printed byte for byte; what has a
 * meaning still has the same after it was written anew; an error names a
 * place in the file and no secret; editing leaves a file that can be read.
 */
#include "conf/conf.h"
#include "fuzz.h"
#include "secret.h"

static const char path[] = "fuzzed";

/* What a stream function writes, as a string for free(). */
static char *printed(const struct conf *conf, const struct tunnel *tunnel,
		     size_t *len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, len);
	struct out out;

	CLAIM(to);
	out_init(&out, to, OUT_TEXT);
	if (conf)
		conf_print(conf, to);
	else
		conf_print_tunnel(tunnel, &out);
	CLAIM(!out_finish(&out));
	CLAIM(!fclose(to));
	return text;
}

static size_t lines_in(const char *data, size_t size)
{
	size_t i, lines = 1;

	for (i = 0; i < size; i++)
		lines += data[i] == '\n';
	return lines;
}

static void check_fault(const struct fault *fault, const char *data,
			size_t size)
{
	CLAIM(fault->code < 0);
	CLAIM(!strcmp(fault->file, path));
	CLAIM(fault->line >= 1 && fault->line <= lines_in(data, size));
	CLAIM(fault->column >= 1 && fault->column <= size + 1);
	CLAIM(fault->text[0] && strlen(fault->text) < FAULT_TEXT_MAX);
	secret_check(fault->text);
}

static void check_same_peer(const struct peer *a, const struct peer *b)
{
	size_t i;

	CLAIM(key_equal(a->public_key, b->public_key));
	CLAIM(key_equal(a->psk, b->psk));
	CLAIM(a->keepalive_s == b->keepalive_s);
	CLAIM(a->is_disabled == b->is_disabled && a->until_s == b->until_s);
	CLAIM(!strcmp(a->name, b->name));
	CLAIM((a->has & PEER_HAS_ENDPOINT) == (b->has & PEER_HAS_ENDPOINT));
	if (a->has & PEER_HAS_ENDPOINT) {
		CLAIM(!strcmp(a->endpoint.host, b->endpoint.host));
		CLAIM(!strcmp(a->endpoint.port, b->endpoint.port));
	}
	CLAIM(a->ips.count == b->ips.count);
	for (i = 0; i < a->ips.count; i++)
		CLAIM(!ip_compare(&a->ips.items[i], &b->ips.items[i]));
}

/* A device would show what it was given: written and read, it is the same. */
static void check_meaning_survives(const struct tunnel *tunnel)
{
	struct tunnel *again;
	struct fault fault;
	struct conf *conf;
	size_t i, len = 0;
	char *text = printed(NULL, tunnel, &len);

	conf = conf_parse(text, len, path, &fault);
	CLAIM(conf);
	again = conf_to_tunnel(conf, CONF_ONLY_WG, &fault);
	CLAIM(again);
	CLAIM(again->listen_port == tunnel->listen_port);
	CLAIM(again->fwmark == tunnel->fwmark);
	CLAIM(key_equal(again->private_key, tunnel->private_key));
	CLAIM(again->peer_count == tunnel->peer_count);
	for (i = 0; i < tunnel->peer_count; i++)
		check_same_peer(tunnel->peers[i], again->peers[i]);
	tunnel_free(again);
	conf_free(conf);
	free(text);
}

/* What one strictness accepts, the more patient ones accept too. */
static void check_meaning(const struct conf *conf, const char *data,
			  size_t size)
{
	static const enum conf_strictness all[] = {
		CONF_ONLY_WG, CONF_QUICK, CONF_KEEP_UNKNOWN
	};
	bool was_accepted = false;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct fault fault = { 0 };
		struct tunnel *tunnel = conf_to_tunnel(conf, all[i], &fault);

		if (!tunnel) {
			CLAIM(!was_accepted);
			check_fault(&fault, data, size);
			continue;
		}
		was_accepted = true;
		check_meaning_survives(tunnel);
		tunnel_free(tunnel);
	}
}

static void check_still_reads(const struct conf *conf)
{
	struct conf *again;
	struct fault fault;
	size_t len = 0;
	char *text = printed(conf, NULL, &len);

	again = conf_parse(text, len, path, &fault);
	CLAIM(again);
	CLAIM(again->count == conf->count);
	conf_free(again);
	free(text);
}

/* Takes out the first peer with a key, adds one, changes a value. */
static void edit(struct conf *conf)
{
	static const uint8_t key[WG_KEY_LEN] = { 1, 2, 3 };
	struct peer *peer = peer_new();
	size_t at, count = conf->count;
	struct conf_range range = { 0 };
	struct fault fault;

	CLAIM(peer);
	memcpy(peer->public_key, key, sizeof(key));
	peer_set_name(peer, "new");
	CLAIM(!conf_append_peer(conf, peer, &fault));
	peer_free(peer);
	check_still_reads(conf);
	CLAIM(conf_find_peer(conf, key, &range));
	CLAIM(range.first >= count || !conf->lines[range.first].number ||
	      range.after <= conf->count);
	conf_delete(conf, range.first, range.after - range.first);
	check_still_reads(conf);
	at = conf_next(conf, CONF_INTERFACE, CONF_LISTEN_PORT, 0);
	if (at < conf->count) {
		conf_set_value(conf, at, "7");
		check_still_reads(conf);
	}
}

static void try(const char *data, size_t size)
{
	struct fault fault = { 0 };
	struct conf *conf;
	size_t len = 0;
	char *text;

	conf = conf_parse(data, size, path, &fault);
	if (!conf) {
		check_fault(&fault, data, size);
		return;
	}
	text = printed(conf, NULL, &len);
	CLAIM(len == size && (!len || !memcmp(text, data, len)));
	free(text);
	check_meaning(conf, data, size);
	edit(conf);
	conf_free(conf);
}
