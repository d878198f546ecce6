// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/verb.h"
#include "model/change.h"
#include "model/key.h"
#include "model/resolve.h"
#include "model/value.h"
#include "model/warn.h"
#include "netlink/nl.h"

/* What the walk over the words of `set` carries along. */
struct setter {
	struct tunnel *change;
	struct peer *peer; /* after "peer"; NULL before */
	struct tunnel *now; /* the device, once a name had to be looked up */
	struct fault *fault;
};

static int set_listen_port(struct setter *setter, const char *value)
{
	return value_port(&setter->change->listen_port, value, setter->fault);
}

static int set_fwmark(struct setter *setter, const char *value)
{
	return value_fwmark(&setter->change->fwmark, value, setter->fault);
}

/* Who means to remove a key says /dev/null; an empty file may be an accident. */
static int read_key(struct setter *setter, uint8_t *key, const char *path)
{
	int ret = key_read_file(key, path, setter->fault);
	struct stat file;

	if (!ret && key_is_zero(key) && !stat(path, &file) &&
	    !S_ISCHR(file.st_mode))
		fprintf(stderr,
			"wgctl: warning: no key in '%s': the key is removed\n",
			path);
	return ret;
}

/* As in a file, or as the other words have it. */
static int set_exclusive(struct setter *setter, const char *value)
{
	bool *is_exclusive = &setter->change->is_exclusive;

	*is_exclusive = !strcmp(value, "on");
	if (*is_exclusive || !strcmp(value, "off") ||
	    value_bool(is_exclusive, value))
		return 0;
	return fault_set(setter->fault, -EINVAL,
			 "'%s' is neither 'on' nor 'off'", SHOWN(value));
}

static int set_bind(struct setter *setter, const char *value)
{
	return value_bind(&setter->change->bind, value, setter->fault);
}

static int set_private_key(struct setter *setter, const char *value)
{
	return read_key(setter, setter->change->private_key, value);
}

/* A key, or a name that the device is asked about. */
static int find_key(struct setter *setter, uint8_t *key, const char *word)
{
	if (key_parse(key, word, strlen(word)))
		return 0;
	if (value_is_name(word, strlen(word)) && !setter->now) {
		setter->now = nl_get(setter->change->name, setter->fault);
		if (!setter->now)
			return setter->fault->code;
	}
	return change_resolve_peer(key, word, setter->now, setter->fault);
}

static int begin_peer(struct setter *setter, const char *value)
{
	uint8_t key[WG_KEY_LEN];
	int ret = find_key(setter, key, value);

	if (ret)
		return ret;
	setter->peer = tunnel_add_peer(setter->change, key);
	return 0;
}

static int set_remove(struct setter *setter, const char *value)
{
	setter->peer->flags |= WG_PEER_F_REMOVE_ME;
	return 0;
}

static int set_disabled(struct setter *setter, const char *value)
{
	setter->peer->is_disabled = true;
	return 0;
}

static int set_enabled(struct setter *setter, const char *value)
{
	setter->peer->is_disabled = false;
	return 0;
}

static int set_until(struct setter *setter, const char *value)
{
	return value_until(&setter->peer->until_s, value, setter->fault);
}

static int set_preshared_key(struct setter *setter, const char *value)
{
	return read_key(setter, peer_psk(setter->peer), value);
}

static int set_endpoint(struct setter *setter, const char *value)
{
	struct endpoint *endpoint = &setter->peer->endpoint;
	int ret = value_endpoint(endpoint, value, setter->fault);

	return ret ?: resolve_endpoint(endpoint, setter->fault);
}

static int set_keepalive(struct setter *setter, const char *value)
{
	return value_keepalive(&setter->peer->keepalive_s, value,
			       setter->fault);
}

static int set_allowed_ips(struct setter *setter, const char *value)
{
	return value_ips(setter->peer, value, setter->fault);
}

static int set_name(struct setter *setter, const char *value)
{
	char name[WG_PEER_NAME_MAX + 1];
	int ret = value_name(name, value, setter->fault);

	if (ret)
		return ret;
	setter->change->has |= TUNNEL_WANTS_NAMES;
	peer_set_name(setter->peer, name);
	return 0;
}

struct word {
	const char *word;
	bool is_of_peer;
	bool takes_value;
	int (*set)(struct setter *setter, const char *value);
	uint32_t has; /* what the tunnel, or else the peer, has then */
};

static const struct word words[] = {
	{ "listen-port", false, true, set_listen_port, TUNNEL_HAS_PORT },
	{ "fwmark", false, true, set_fwmark, TUNNEL_HAS_FWMARK },
	{ "private-key", false, true, set_private_key, TUNNEL_HAS_PRIVATE_KEY },
	{ "exclusive", false, true, set_exclusive, TUNNEL_HAS_EXCLUSIVE },
	{ "bind", false, true, set_bind, TUNNEL_HAS_BIND },
	{ "remove", true, false, set_remove, 0 },
	{ "disable", true, false, set_disabled, PEER_HAS_DISABLED },
	{ "enable", true, false, set_enabled, PEER_HAS_DISABLED },
	{ "until", true, true, set_until, PEER_HAS_UNTIL },
	{ "preshared-key", true, true, set_preshared_key, PEER_HAS_PSK },
	{ "endpoint", true, true, set_endpoint, PEER_HAS_ENDPOINT },
	{ "persistent-keepalive", true, true, set_keepalive, PEER_HAS_KEEPALIVE },
	{ "allowed-ips", true, true, set_allowed_ips, 0 },
	{ "name", true, true, set_name, PEER_HAS_NAME },
	{ "peer", false, true, begin_peer, 0 }, /* before and after another one */
	{ 0 },
};

static const struct word *find_word(const struct setter *setter,
				    const char *text)
{
	const struct word *word = words;

	while (word->word && strcmp(word->word, text))
		word++;
	if (word->set == begin_peer ||
	    (word->word && word->is_of_peer == !!setter->peer))
		return word;
	if (!word->word)
		fault_set(setter->fault, -EINVAL,
			  "'%s' is not an argument of set", SHOWN(text));
	else
		fault_set(setter->fault, -EINVAL,
			  word->is_of_peer ? "'%s' must follow 'peer KEY'" :
					     "'%s' must precede the first peer",
			  text);
	return NULL;
}

/* One word and its value; how many arguments that were, or an error. */
static int set_word(struct setter *setter, int argc, char **argv)
{
	const struct word *word = find_word(setter, argv[0]);
	int ret;

	if (!word)
		return setter->fault->code;
	if (word->is_of_peer)
		setter->peer->has |= word->has;
	else
		setter->change->has |= word->has;
	if (!word->takes_value)
		return word->set(setter, NULL) ?: 1;
	if (argc < 2)
		return fault_set(setter->fault, -EINVAL,
				 "'%s' requires a value", argv[0]);
	ret = word->set(setter, argv[1]);
	if (ret)
		fault_prefix(setter->fault, "%s", argv[0]);
	return ret ? ret : 2;
}

static int set_words(struct setter *setter, int argc, char **argv)
{
	int used;

	for (; argc; argc -= used, argv += used) {
		used = set_word(setter, argc, argv);
		if (used < 0)
			return used;
	}
	warn_of_tunnel(setter->change);
	return nl_set_and_warn(setter->change, setter->fault);
}

int cmd_set(struct verb_call *call)
{
	struct setter setter = { .change = tunnel_new(NULL),
				 .fault = &call->fault };
	int ret = tunnel_set_name(setter.change, call->argv[0], &call->fault) ?:
		  set_words(&setter, call->argc - 1, call->argv + 1);

	tunnel_free(setter.change);
	tunnel_free(setter.now);
	return ret;
}
