// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/conf_internal.h"
#include "lib/file.h"
#include "lib/secret.h"
#include "lib/xalloc.h"
#include "model/key.h"

/* Sections of the lines from one on may have changed. */
static int rescan_from(struct conf *conf, size_t from, struct fault *fault)
{
	enum conf_section section = CONF_NOWHERE;

	if (from)
		section = conf->lines[from - 1].section;
	for (; from < conf->count; from++) {
		struct conf_line old = conf->lines[from], *line;
		int ret;

		line = &conf->lines[from];
		*line = (struct conf_line){ .text = old.text,
					    .number = old.number };
		ret = conf_line_scan(conf, from, &section, fault);
		if (ret) {
			*line = old;
			return ret;
		}
		if (line->kind == CONF_HEADER && old.kind == CONF_HEADER)
			break;
	}
	return 0;
}

int conf_insert(struct conf *conf, size_t at, const char *text,
		struct fault *fault)
{
	int ret;

	if (strchr(text, '\n'))
		return fault_set(fault, -EINVAL, "a line cannot hold another");
	conf_make_room(conf, at);
	if (at == conf->count - 1)
		conf->lacks_newline = false;
	/* it ends as the other lines do */
	conf->lines[at].text = xasprintf("%s%s", text, conf->has_cr ? "\r" : "");
	ret = rescan_from(conf, at, fault);
	if (ret)
		conf_delete(conf, at, 1);
	return ret;
}

void conf_delete(struct conf *conf, size_t from, size_t count)
{
	struct conf_line *lines = conf->lines;
	struct fault ignored;
	size_t i;

	for (i = from; i < from + count; i++)
		wipe_text(lines[i].text);
	memmove(lines + from, lines + from + count,
		(conf->count - from - count) * sizeof(*lines));
	conf->count -= count;
	rescan_from(conf, from, &ignored);
}

void conf_set_value(struct conf *conf, size_t at, const char *value)
{
	struct conf_line *line = &conf->lines[at];
	char *old = line->text;

	line->text = xasprintf("%.*s%s%s", (int)line->value_at, old, value,
			       old + line->value_at + line->value_len);
	line->value_len = strlen(value);
	wipe_text(old);
}

/* Does the [Peer] section that begins after @first have this key? */
static bool section_is_of(const struct conf *conf, size_t first, size_t after,
			  const uint8_t *public_key)
{
	uint8_t key[WG_KEY_LEN];
	bool is_it = false;
	size_t i = first;

	while ((i = conf_next(conf, CONF_PEER, CONF_PUBLIC_KEY, i)) < after) {
		char *word = conf_word(&conf->lines[i++]);

		if (key_parse(key, word, strlen(word)))
			is_it = key_equal(key, public_key);
		free(word);
	}
	return is_it;
}

size_t conf_next_header(const struct conf *conf, size_t from)
{
	while (from < conf->count && conf->lines[from].kind != CONF_HEADER)
		from++;
	return from;
}

size_t conf_end_of(const struct conf_range *range)
{
	const struct conf_line *lines = range->conf->lines;
	size_t after = range->after;

	while (after > range->first + 1 &&
	       lines[after - 1].kind != CONF_ASSIGNMENT &&
	       !lines[after - 1].key)
		after--;
	return after;
}

bool conf_find_peer(struct conf *conf, const uint8_t *public_key,
		    struct conf_range *range)
{
	size_t from = conf_next_header(conf, range->after), to;

	for (; from < conf->count; from = to) {
		to = conf_next_header(conf, from + 1);
		if (conf->lines[from].section != CONF_PEER ||
		    !section_is_of(conf, from, to, public_key))
			continue;
		*range = (struct conf_range){ conf, from, to };
		/* what stands directly above a section is about that section */
		if (to < conf->count)
			range->after = conf_end_of(range);
		return true;
	}
	return false;
}

static int append_text(struct conf *conf, char *text, struct fault *fault)
{
	char *line, *rest = text;
	int ret = 0;

	/* what follows the last newline is no line */
	while (!ret && (line = strsep(&rest, "\n")) && rest)
		ret = conf_insert(conf, conf->count, line, fault);
	return ret;
}

int conf_append_peer(struct conf *conf, const struct peer *peer,
		     struct fault *fault)
{
	size_t before = conf->count;
	struct out_file file;
	char *text;
	int ret;

	out_file_begin(&file);
	if (before && conf->lines[before - 1].kind != CONF_BLANK)
		out_line(&file.out, "%s", "");
	conf_print_peer(peer, &file.out);
	text = out_file_end(&file);
	ret = append_text(conf, text, fault);
	if (ret)
		conf_delete(conf, before, conf->count - before);
	wipe(text, file.len);
	free(text);
	return ret;
}

void conf_print(const struct conf *conf, FILE *to)
{
	size_t i;

	for (i = 0; i < conf->count; i++) {
		fputs(conf->lines[i].text, to);
		if (i + 1 < conf->count || !conf->lacks_newline)
			fputc('\n', to);
	}
}

/* The new file belongs to whom the old one belonged to; best effort. */
static void keep_owner(const char *path, int fd)
{
	struct stat old;

	if (!stat(path, &old) && fchown(fd, old.st_uid, old.st_gid))
		return;
}

struct replacement {
	const struct conf *conf;
	const char *path;
};

static int write_conf(FILE *to, const void *context)
{
	const struct replacement *by = context;

	keep_owner(by->path, fileno(to));
	conf_print(by->conf, to);
	return fflush(to) || fsync(fileno(to)) ? -errno : 0;
}

int conf_replace(const struct conf *conf, const char *path,
		 struct fault *fault)
{
	const struct replacement by = { conf, path };
	int ret = file_replace(path, write_conf, &by);

	if (ret)
		fault_errno(fault, ret, "cannot replace '%s'", path);
	return ret;
}
