// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/conf_internal.h"
#include "lib/lines.h"
#include "lib/secret.h"
#include "lib/xalloc.h"
#include "model/value.h"

#define ODD_MAX 10 /* warnings of one kind, of a file that somebody else wrote */

/* What the walk over the lines carries along. */
struct reader {
	const char *path;
	enum conf_strictness strictness;
	struct tunnel *tunnel;
	struct peer *peer; /* of the [Peer] section around the line */
	bool has_public_key;
	struct fault *fault;
};

static int place(struct reader *reader, const struct conf_line *line,
		 size_t column)
{
	return fault_at(reader->fault, reader->path, line->number, column);
}

/* One of the device's own keys, the peer's if it is in a [Peer]. */
static int read_value(struct reader *reader, enum conf_key key,
		      const char *value)
{
	struct tunnel *tunnel = reader->tunnel;
	struct fault *fault = reader->fault;
	struct peer *peer = reader->peer;

	switch (key) {
	case CONF_PRIVATE_KEY:
		tunnel->has |= TUNNEL_HAS_PRIVATE_KEY;
		return value_key(tunnel->private_key, value, fault);
	case CONF_LISTEN_PORT:
		tunnel->has |= TUNNEL_HAS_PORT;
		return value_port(&tunnel->listen_port, value, fault);
	case CONF_FWMARK:
		tunnel->has |= TUNNEL_HAS_FWMARK;
		return value_fwmark(&tunnel->fwmark, value, fault);
	case CONF_PUBLIC_KEY:
		reader->has_public_key = true;
		return value_key(peer->public_key, value, fault);
	case CONF_PRESHARED_KEY:
		peer->has |= PEER_HAS_PSK;
		return value_key(peer_psk(peer), value, fault);
	case CONF_ALLOWED_IPS:
		return value_ips(peer, value, fault);
	case CONF_ENDPOINT:
		peer->has |= PEER_HAS_ENDPOINT;
		return value_endpoint(&peer->endpoint, value, fault);
	case CONF_PERSISTENT_KEEPALIVE:
		peer->has |= PEER_HAS_KEEPALIVE;
		return value_keepalive(&peer->keepalive_s, value, fault);
	default:
		return 0;
	}
}

static int check_section(struct reader *reader, const struct conf_line *line)
{
	bool is_of_peer = conf_key_section(line->key) == CONF_PEER;

	if (conf_key_section(line->key) == line->section)
		return 0;
	fault_set(reader->fault, -EINVAL, "%s belongs in [%s], not in [%s]",
		  conf_key_name(line->key), is_of_peer ? "Peer" : "Interface",
		  is_of_peer ? "Interface" : "Peer");
	return place(reader, line, line->key_at + 1);
}

/* Where in the line a column of its value, without white space, is. */
static size_t column_of(const struct conf_line *line, size_t column)
{
	size_t at = line->value_at, end = at + line->value_len;

	for (; at < end; at++)
		if (!isspace((unsigned char)line->text[at]) && !--column)
			break;
	return at + 1;
}

static int read_assignment(struct reader *reader, const struct conf_line *line)
{
	const char *name = conf_key_name(line->key);
	char *value;
	int ret;

	if (!line->value_len && line->key != CONF_ALLOWED_IPS) {
		fault_set(reader->fault, -EINVAL, "%s has no value", name);
		return place(reader, line, line->value_at + 1);
	}
	value = conf_word(line);
	ret = read_value(reader, line->key, value);
	wipe_text(value);
	if (!ret)
		return 0;
	fault_prefix(reader->fault, "%s", name);
	return place(reader, line, column_of(line, reader->fault->column));
}

static int read_key(struct reader *reader, const struct conf_line *line)
{
	enum conf_strictness strictness = reader->strictness;
	int ret;

	if (line->key == CONF_KEY_UNKNOWN) {
		if (strictness == CONF_KEEP_UNKNOWN)
			return 0;
		fault_set(reader->fault, -EINVAL, "'%s' is not a known key",
			  SHOWN_LEN(line->text + line->key_at, line->key_len));
		return place(reader, line, line->key_at + 1);
	}
	ret = check_section(reader, line);
	if (ret)
		return ret;
	if (line->key < CONF_ADDRESS)
		return read_assignment(reader, line);
	if (strictness != CONF_ONLY_WG)
		return 0;
	fault_set(reader->fault, -EINVAL,
		  "%s is only for tunnel files (wgctl up), not for setconf",
		  conf_key_name(line->key));
	return place(reader, line, line->key_at + 1);
}

/* The section that ends here must have said whom it is about. */
static int finish_peer(struct reader *reader)
{
	if (!reader->peer || reader->has_public_key)
		return 0;
	fault_set(reader->fault, -EINVAL, "this [Peer] has no PublicKey");
	return fault_at(reader->fault, reader->path, reader->peer->line, 1);
}

static int read_header(struct reader *reader, const struct conf_line *line)
{
	int ret = finish_peer(reader);

	reader->peer = NULL;
	reader->has_public_key = false;
	if (ret || line->section != CONF_PEER)
		return ret;
	reader->peer = tunnel_add_peer(reader->tunnel, NULL);
	reader->peer->line = (uint32_t)line->number;
	reader->peer->flags |= WG_PEER_F_REPLACE_ALLOWEDIPS;
	return 0;
}

/* One of our own keys, which has a value only if that can be read. */
static void read_own(struct reader *reader, enum conf_key key,
		     const char *value)
{
	struct tunnel *tunnel = reader->tunnel;
	struct peer *peer = reader->peer;
	struct fault none;

	switch (key) {
	case CONF_EXCLUSIVE:
		tunnel->has |= TUNNEL_HAS_EXCLUSIVE;
		value_bool(&tunnel->is_exclusive, value);
		break;
	case CONF_BIND:
		tunnel->has |= TUNNEL_HAS_BIND;
		value_bind(&tunnel->bind, value, &none);
		break;
	case CONF_NAME:
		peer->has |= PEER_HAS_NAME;
		peer_set_name(peer, value);
		break;
	case CONF_DISABLED:
		peer->has |= PEER_HAS_DISABLED;
		value_bool(&peer->is_disabled, value);
		break;
	case CONF_UNTIL:
		peer->has |= PEER_HAS_UNTIL;
		value_until(&peer->until_s, value, &none);
		break;
	default:
		break;
	}
}

static void read_comment(struct reader *reader, const struct conf_line *line)
{
	char *value;

	if (line->odd && ++reader->tunnel->odd_count <= ODD_MAX) {
		value = xasprintf("line %zu: '# %.*s' is ignored: %s",
				  line->number, (int)line->key_len,
				  line->text + line->key_at, line->odd);
		strv_add(&reader->tunnel->odd, value);
		free(value);
	}
	if (!line->key)
		return;
	value = conf_value(line);
	read_own(reader, line->key, value);
	free(value);
}

static int read_line(struct reader *reader, const struct conf_line *line)
{
	switch (line->kind) {
	case CONF_BLANK:
		return 0;
	case CONF_COMMENT:
		read_comment(reader, line);
		return 0;
	case CONF_HEADER:
		return read_header(reader, line);
	case CONF_ASSIGNMENT:
		return read_key(reader, line);
	}
	return 0;
}

static int read_conf(struct reader *reader, const struct conf *conf)
{
	size_t i;
	int ret = 0;

	for (i = 0; i < conf->count && !ret; i++)
		ret = read_line(reader, &conf->lines[i]);
	return ret;
}

/* The tunnel, once all lines were read; after an error, NULL. */
static struct tunnel *finish(struct reader *reader, int ret)
{
	if (!ret)
		ret = finish_peer(reader);
	if (!ret)
		return reader->tunnel;
	tunnel_free(reader->tunnel);
	return NULL;
}

struct tunnel *conf_to_tunnel(const struct conf *conf,
			      enum conf_strictness strictness,
			      struct fault *fault)
{
	struct reader reader = { .path = conf->path,
				 .strictness = strictness,
				 .tunnel = tunnel_new(NULL),
				 .fault = fault };

	return finish(&reader, read_conf(&reader, conf));
}

/* Lines that nobody keeps, once no more can be said of them by the next one. */
static int pass_lines(struct reader *reader, struct conf *conf)
{
	const struct conf_line *last = &conf->lines[conf->count - 1];
	int ret;

	if (last->kind == CONF_COMMENT) {
		if (!last->key_len && !last->is_out)
			wipe_text(conf->lines[--conf->count].text);
		return 0;
	}
	ret = read_conf(reader, conf);
	conf_drop_lines(conf);
	return ret;
}

static int read_lines(struct reader *reader, int fd)
{
	struct conf *conf = conf_new(reader->path);
	enum conf_section section = CONF_NOWHERE;
	struct lines lines = { .fd = fd };
	struct line text;
	int got, ret = 0;

	while (!ret && (got = lines_next(&lines, &text)) > 0)
		ret = conf_add_line(conf, text.text, text.len, &section,
				    reader->fault) ?:
		      pass_lines(reader, conf);
	ret = ret ?: read_conf(reader, conf);
	conf_free(conf);
	lines_free(&lines);
	if (ret || !got)
		return ret;
	return fault_errno(reader->fault, got, "cannot read '%s'",
			   reader->path);
}

struct tunnel *conf_load_tunnel(const char *path, struct fault *fault)
{
	struct reader reader = { .path = path,
				 .strictness = CONF_ONLY_WG,
				 .tunnel = tunnel_new(NULL),
				 .fault = fault };
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		ret = fault_errno(fault, -errno, "cannot open '%s'", path);
	else
		ret = read_lines(&reader, fd);
	if (fd >= 0)
		close(fd);
	return finish(&reader, ret);
}
