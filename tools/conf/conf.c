// SPDX-License-Identifier: GPL-2.0
#include "conf/conf.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "conf/conf_internal.h"
#include "lib/secret.h"
#include "lib/xalloc.h"
#include "model/value.h"

static const struct {
	const char *name;
	enum conf_section section;
} keys[] = {
	[CONF_PRIVATE_KEY] = { "PrivateKey", CONF_INTERFACE },
	[CONF_LISTEN_PORT] = { "ListenPort", CONF_INTERFACE },
	[CONF_FWMARK] = { "FwMark", CONF_INTERFACE },
	[CONF_PUBLIC_KEY] = { "PublicKey", CONF_PEER },
	[CONF_PRESHARED_KEY] = { "PresharedKey", CONF_PEER },
	[CONF_ALLOWED_IPS] = { "AllowedIPs", CONF_PEER },
	[CONF_ENDPOINT] = { "Endpoint", CONF_PEER },
	[CONF_PERSISTENT_KEEPALIVE] = { "PersistentKeepalive", CONF_PEER },
	[CONF_ADDRESS] = { "Address", CONF_INTERFACE },
	[CONF_DNS] = { "DNS", CONF_INTERFACE },
	[CONF_MTU] = { "MTU", CONF_INTERFACE },
	[CONF_TABLE] = { "Table", CONF_INTERFACE },
	[CONF_PRE_UP] = { "PreUp", CONF_INTERFACE },
	[CONF_POST_UP] = { "PostUp", CONF_INTERFACE },
	[CONF_PRE_DOWN] = { "PreDown", CONF_INTERFACE },
	[CONF_POST_DOWN] = { "PostDown", CONF_INTERFACE },
	[CONF_SAVE_CONFIG] = { "SaveConfig", CONF_INTERFACE },
	[CONF_EXCLUSIVE] = { "Exclusive", CONF_INTERFACE },
	[CONF_BIND] = { "Bind", CONF_INTERFACE },
	[CONF_NAME] = { "Name", CONF_PEER },
	[CONF_DISABLED] = { "Disabled", CONF_PEER },
	[CONF_UNTIL] = { "Until", CONF_PEER },
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

enum conf_section conf_key_section(enum conf_key key)
{
	return keys[key].section;
}

const char *conf_key_name(enum conf_key key)
{
	return keys[key].name;
}

/* Letter case does not matter, nor, since wg takes it, white space inside. */
static bool is_name(const char *name, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isspace((unsigned char)text[i]) &&
		    tolower((unsigned char)text[i]) !=
			    tolower((unsigned char)*name++))
			return false;
	return !*name;
}

static enum conf_key find_key(const char *text, size_t len)
{
	size_t i;

	for (i = CONF_KEY_UNKNOWN + 1; i < CONF_EXCLUSIVE; i++)
		if (is_name(keys[i].name, text, len))
			return (enum conf_key)i;
	return CONF_KEY_UNKNOWN;
}

/* Moves both ends inwards over white space. */
static void trim(const char *text, size_t *from, size_t *to)
{
	while (*from < *to && isspace((unsigned char)text[*from]))
		(*from)++;
	while (*to > *from && isspace((unsigned char)text[*to - 1]))
		(*to)--;
}

static bool has_key(const struct conf_line *line, const char *key)
{
	return line->key_len == strlen(key) &&
	       !strncasecmp(line->text + line->key_at, key, line->key_len);
}

static enum conf_key comment_key(const struct conf_line *line)
{
	enum conf_key key;

	for (key = CONF_EXCLUSIVE; key < KEY_COUNT; key++)
		if (has_key(line, keys[key].name))
			return key;
	return CONF_KEY_UNKNOWN;
}

/* Where a comment with one of our keys would be a setting. */
static const char *place_of(enum conf_key key)
{
	return keys[key].section == CONF_PEER ? "it belongs below [Peer]" :
						"it belongs below [Interface]";
}

/*
 * What stands directly above a [Peer] is about that one, and not about the peer
 * in whose section it is.
 */
static void disown_above(struct conf *conf, size_t at)
{
	while (at-- && conf->lines[at].kind == CONF_COMMENT) {
		struct conf_line *line = &conf->lines[at];
		enum conf_key key = comment_key(line);

		if (keys[key].section != CONF_PEER)
			continue;
		line->odd = place_of(key);
		line->key = CONF_KEY_UNKNOWN;
	}
}

static int scan_header(struct conf *conf, size_t at, size_t from, size_t to,
		       enum conf_section *section, struct fault *fault)
{
	struct conf_line *line = &conf->lines[at];
	const char *text = line->text + from;
	size_t len = to - from;

	line->kind = CONF_HEADER;
	if (is_name("[Interface]", text, len)) {
		*section = CONF_INTERFACE;
	} else if (is_name("[Peer]", text, len)) {
		*section = CONF_PEER;
		disown_above(conf, at);
	} else {
		fault_set(fault, -EINVAL,
			  "'%s' is not a section: [Interface] or [Peer] is expected",
			  SHOWN_LEN(text, len));
		return fault_at(fault, conf->path, line->number, from + 1);
	}
	line->section = *section;
	return 0;
}

/* "KEY = VALUE": where both lie in @line; false without a '='. */
static bool split(struct conf_line *line, size_t from, size_t to)
{
	const char *text = line->text;
	const char *equals = memchr(text + from, '=', to - from);
	size_t key_to, value_from;

	if (!equals)
		return false;
	key_to = (size_t)(equals - text);
	value_from = key_to + 1;
	trim(text, &from, &key_to);
	trim(text, &value_from, &to);
	line->key_at = from;
	line->key_len = key_to - from;
	line->value_at = value_from;
	line->value_len = to - value_from;
	return true;
}

static int scan_assignment(struct conf_line *line, size_t from, size_t to,
			   const char *path, struct fault *fault)
{
	bool is_split = split(line, from, to);
	const char *key = line->text + line->key_at;

	line->kind = CONF_ASSIGNMENT;
	line->key = find_key(key, line->key_len);
	if (!is_split)
		fault_set(fault, -EINVAL, "'KEY = VALUE' is expected");
	else if (!line->key_len)
		fault_set(fault, -EINVAL,
			  "'KEY = VALUE' is expected: there is no key");
	else if (line->section == CONF_NOWHERE)
		fault_set(fault, -EINVAL,
			  "'%s' appears before the first [Interface] or [Peer]",
			  SHOWN_LEN(key, line->key_len));
	else
		return 0;
	return fault_at(fault, path, line->number, from + 1);
}

/* A name may have any character; the others end before a remark. */
static void cut_remark(struct conf_line *line)
{
	const char *value = line->text + line->value_at;
	const char *hash = memchr(value, '#', line->value_len);
	size_t from = 0;

	if (!hash)
		return;
	line->value_len = (size_t)(hash - value);
	trim(value, &from, &line->value_len);
}

static bool is_own_value(enum conf_key key, const char *value)
{
	struct fault ignored;
	struct bind bind;
	uint64_t until_s;
	bool is_true;

	switch (key) {
	case CONF_NAME:
		return value_is_name(value, strlen(value));
	case CONF_BIND:
		return !value_bind(&bind, value, &ignored);
	case CONF_UNTIL:
		return !value_until(&until_s, value, &ignored);
	default:
		return value_bool(&is_true, value);
	}
}

/* What is wrong with a setting of ours; NULL: nothing. */
static const char *find_odd(const struct conf_line *line, enum conf_key key)
{
	char *value;
	bool is_good;

	if (line->section != keys[key].section)
		return place_of(key);
	value = conf_value(line);
	is_good = is_own_value(key, value);
	free(value);
	return is_good ? NULL : "its value cannot be read";
}

/* Of a section that is a comment as a whole: "#[Peer]" and what follows. */
static bool is_out(const struct conf *conf, size_t at, size_t from, size_t to)
{
	const char *text = conf->lines[at].text;

	while (from < to && strchr("# \t", text[from]))
		from++;
	return is_name("[Peer]", text + from, to - from) ||
	       is_name("[Interface]", text + from, to - from) ||
	       (at && conf->lines[at - 1].is_out);
}

/* What is none of our settings was not meant for us: it is somebody's text. */
static void scan_comment(struct conf *conf, size_t at, size_t from, size_t to)
{
	struct conf_line *line = &conf->lines[at];
	enum conf_key key = CONF_KEY_UNKNOWN;

	line->kind = CONF_COMMENT;
	line->is_out = is_out(conf, at, from, to);
	if (!line->is_out && split(line, from + 1, to))
		key = comment_key(line);
	if (key == CONF_KEY_UNKNOWN)
		return;
	if (key != CONF_NAME)
		cut_remark(line);
	line->odd = find_odd(line, key);
	if (!line->odd)
		line->key = key;
	else if (key == CONF_NAME)
		line->odd = NULL; /* others name things, too */
}

int conf_line_scan(struct conf *conf, size_t at, enum conf_section *section,
		   struct fault *fault)
{
	struct conf_line *line = &conf->lines[at];
	size_t from = 0, whole = strlen(line->text), to = whole;
	const char *hash = strchr(line->text, '#');

	line->section = *section;
	trim(line->text, &from, &whole);
	if (from < whole && line->text[from] == '#') {
		scan_comment(conf, at, from, whole);
		return 0;
	}
	if (hash)
		to = (size_t)(hash - line->text);
	trim(line->text, &from, &to);
	if (from == to) {
		line->kind = CONF_BLANK;
		return 0;
	}
	if (line->text[from] == '[')
		return scan_header(conf, at, from, to, section, fault);
	return scan_assignment(line, from, to, conf->path, fault);
}

struct conf *conf_new(const char *path)
{
	struct conf *conf = xcalloc(1, sizeof(*conf));

	conf->path = xstrdup(path);
	return conf;
}

void conf_drop_lines(struct conf *conf)
{
	while (conf->count)
		wipe_text(conf->lines[--conf->count].text);
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	conf_drop_lines(conf);
	free(conf->lines);
	free(conf->path);
	free(conf);
}

void conf_make_room(struct conf *conf, size_t at)
{
	struct conf_line *line;

	conf->lines = xgrow(conf->lines, conf->count, &conf->room,
			    sizeof(*line));
	line = &conf->lines[at];
	memmove(line + 1, line, (conf->count - at) * sizeof(*line));
	memset(line, 0, sizeof(*line));
	conf->count++;
}

/* What other systems and editors put into a file; where it is in @at. */
static int check_bytes(const struct conf_line *line, const char *text,
		       size_t len, size_t *at, struct fault *fault)
{
	static const char mark[] = "\xef\xbb\xbf";

	*at = 0;
	if (line->number == 1 && len >= 3 && !memcmp(text, mark, 3))
		return fault_set(fault, -EINVAL,
				 "unexpected byte order mark: save the file as UTF-8 without it");
	while (len && text[len - 1] == '\r')
		len--;
	while (*at < len && text[*at] && text[*at] != '\r')
		(*at)++;
	if (*at == len)
		return 0;
	return fault_set(fault, -EINVAL,
			 text[*at] ? "unexpected carriage return: lines must end with LF or CR LF" :
				     "unexpected zero byte: this is not a text file");
}

int conf_add_line(struct conf *conf, const char *text, size_t len,
		  enum conf_section *section, struct fault *fault)
{
	struct conf_line *line;
	size_t at = conf->count, bad;
	int ret;

	conf_make_room(conf, at);
	line = &conf->lines[at];
	line->number = ++conf->read;
	line->text = xstrndup(text, len);
	if (len && text[len - 1] == '\r')
		conf->has_cr = true;
	if (check_bytes(line, text, len, &bad, fault))
		ret = fault_at(fault, conf->path, line->number, bad + 1);
	else
		ret = conf_line_scan(conf, at, section, fault);
	if (!ret || !conf->is_lenient)
		return ret;
	line->kind = CONF_COMMENT;
	line->key = CONF_KEY_UNKNOWN;
	line->key_len = 0;
	return 0;
}

static struct conf *parse(const char *buf, size_t len, const char *path,
			  bool is_lenient, struct fault *fault)
{
	enum conf_section section = CONF_NOWHERE;
	struct conf *conf = conf_new(path);
	const char *end = buf + len;

	conf->is_lenient = is_lenient;
	while (buf < end) {
		const char *newline = memchr(buf, '\n', (size_t)(end - buf));
		const char *stop = newline ? newline : end;

		if (conf_add_line(conf, buf, (size_t)(stop - buf), &section,
				  fault)) {
			conf_free(conf);
			return NULL;
		}
		conf->lacks_newline = !newline;
		buf = newline ? newline + 1 : end;
	}
	return conf;
}

struct conf *conf_parse(const char *buf, size_t len, const char *path,
			struct fault *fault)
{
	return parse(buf, len, path, false, fault);
}

static struct conf *load(const char *path, bool is_lenient,
			 struct fault *fault)
{
	struct secret text = { 0 };
	struct conf *conf = NULL;
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fault_errno(fault, -errno, "cannot open '%s'", path);
		return NULL;
	}
	ret = secret_read(&text, fd);
	close(fd);
	if (ret)
		fault_errno(fault, ret, "cannot read '%s'", path);
	else
		conf = parse(text.bytes, text.len, path, is_lenient, fault);
	secret_free(&text);
	return conf;
}

struct conf *conf_load(const char *path, struct fault *fault)
{
	return load(path, false, fault);
}

struct conf *conf_load_partly(const char *path, struct fault *fault)
{
	return load(path, true, fault);
}

size_t conf_next(const struct conf *conf, enum conf_section section,
		 enum conf_key key, size_t from)
{
	for (; from < conf->count; from++) {
		const struct conf_line *line = &conf->lines[from];

		if (line->kind == CONF_ASSIGNMENT && line->key == key &&
		    line->section == section)
			break;
	}
	return from;
}

char *conf_value(const struct conf_line *line)
{
	return xstrndup(line->text + line->value_at, line->value_len);
}

char *conf_word(const struct conf_line *line)
{
	char *word = conf_value(line);

	value_squeeze(word);
	return word;
}

char *conf_setting(const struct conf *conf, const char *name, size_t *number)
{
	size_t i;

	for (i = 0; i < conf->count; i++) {
		const struct conf_line *line = &conf->lines[i];

		if (line->kind != CONF_COMMENT ||
		    line->section != CONF_INTERFACE ||
		    !has_key(line, name) || !line->value_len)
			continue;
		if (number)
			*number = line->number;
		return conf_value(line);
	}
	return NULL;
}
