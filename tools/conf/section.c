// SPDX-License-Identifier: GPL-2.0
#include "conf/section.h"

#include <stdint.h>
#include <stdio.h>

#include "lib/secret.h"
#include "lib/xalloc.h"

bool conf_interface(const struct conf *conf, struct conf_range *range)
{
	size_t i = 0;

	while (i < conf->count && (conf->lines[i].kind != CONF_HEADER ||
				   conf->lines[i].section != CONF_INTERFACE))
		i++;
	if (i == conf->count)
		return false;
	range->first = i++;
	while (i < conf->count && conf->lines[i].kind != CONF_HEADER)
		i++;
	range->after = i;
	return true;
}

/* Several [Interface] sections count as one. */
static bool is_interface(const struct conf *conf, size_t at)
{
	return conf->lines[at].section == CONF_INTERFACE;
}

/* The next line with the key from @from on, or SIZE_MAX. */
static size_t find_line(const struct conf *conf, const struct conf_range *range,
			enum conf_key key, size_t from)
{
	bool is_wide = is_interface(conf, range->first);
	size_t end = is_wide ? conf->count : range->after;

	for (; from < end; from++)
		if (conf->lines[from].key == key &&
		    (!is_wide || is_interface(conf, from)))
			return from;
	return SIZE_MAX;
}

static void delete_key(struct conf *conf, struct conf_range *range,
		       enum conf_key key, size_t from)
{
	size_t at;

	while ((at = find_line(conf, range, key, from)) != SIZE_MAX) {
		conf_delete(conf, at, 1);
		range->after -= at < range->after;
		from = at;
	}
}

/* After the last line of the section that says something. */
static size_t end_of(const struct conf *conf, const struct conf_range *range)
{
	size_t i = range->after;

	while (i > range->first + 1 &&
	       conf->lines[i - 1].kind != CONF_ASSIGNMENT &&
	       !conf->lines[i - 1].key)
		i--;
	return i;
}

static int insert_key(struct conf *conf, struct conf_range *range,
		      enum conf_key key, const char *value,
		      struct fault *fault)
{
	bool is_own = key >= CONF_EXCLUSIVE;
	char *line = xasprintf("%s%s = %s", is_own ? "# " : "",
			       conf_key_name(key), value);
	int ret;

	ret = conf_insert(conf, is_own ? range->first + 1 : end_of(conf, range),
			  line, fault);
	range->after += !ret;
	wipe_text(line);
	return ret;
}

int conf_put(struct conf *conf, struct conf_range *range, enum conf_key key,
	     const char *value, struct fault *fault)
{
	size_t at;

	if (!value) {
		delete_key(conf, range, key, range->first);
		return 0;
	}
	at = find_line(conf, range, key, range->first);
	if (at == SIZE_MAX)
		return insert_key(conf, range, key, value, fault);
	conf_set_value(conf, at, value);
	delete_key(conf, range, key, at + 1);
	return 0;
}

static bool is_blank(const struct conf *conf, size_t at)
{
	return conf->lines[at].kind == CONF_BLANK;
}

bool conf_remove_peer(struct conf *conf, const uint8_t *public_key)
{
	size_t first, after;

	if (!conf_find_peer(conf, public_key, &first, &after))
		return false;
	while (first && conf->lines[first - 1].kind == CONF_COMMENT &&
	       !conf->lines[first - 1].key)
		first--;
	conf_delete(conf, first, after - first);
	/* of the empty lines before and after it, one is enough */
	while (first < conf->count && is_blank(conf, first) &&
	       (!first || is_blank(conf, first - 1)))
		conf_delete(conf, first, 1);
	while (conf->count && first == conf->count &&
	       is_blank(conf, conf->count - 1)) {
		conf_delete(conf, conf->count - 1, 1);
		first--;
	}
	return true;
}
