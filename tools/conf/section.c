// SPDX-License-Identifier: GPL-2.0
#include "conf/section.h"

#include <stdint.h>
#include <stdio.h>

#include "conf/conf_internal.h"
#include "lib/secret.h"
#include "lib/xalloc.h"

/* Several [Interface] sections count as one. */
static bool is_interface(const struct conf *conf, size_t at)
{
	return conf->lines[at].section == CONF_INTERFACE;
}

bool conf_interface(struct conf *conf, struct conf_range *range)
{
	size_t i = conf_next_header(conf, 0);

	while (i < conf->count && !is_interface(conf, i))
		i = conf_next_header(conf, i + 1);
	if (i == conf->count)
		return false;
	*range = (struct conf_range){ conf, i, conf_next_header(conf, i + 1) };
	return true;
}

/* The next line with the key from @from on, or SIZE_MAX. */
static size_t find_line(const struct conf_range *range, enum conf_key key,
			size_t from)
{
	const struct conf *conf = range->conf;
	bool is_wide = is_interface(conf, range->first);
	size_t end = is_wide ? conf->count : range->after;

	for (; from < end; from++)
		if (conf->lines[from].key == key &&
		    (!is_wide || is_interface(conf, from)))
			return from;
	return SIZE_MAX;
}

static void delete_key(struct conf_range *range, enum conf_key key, size_t from)
{
	struct conf *conf = range->conf;
	size_t at, next;

	while ((at = find_line(range, key, from)) != SIZE_MAX) {
		/* a setting above must not come to stand above the next [Peer] */
		for (next = at + 1; next < conf->count; next++)
			if (conf->lines[next].kind != CONF_COMMENT)
				break;
		if (next < conf->count && conf->lines[next].kind == CONF_HEADER)
			conf_insert(conf, at + 1, "", fault_ignored());
		conf_delete(conf, at, 1);
		range->after -= at < range->after;
		from = at;
	}
}

static int insert_key(struct conf_range *range, enum conf_key key,
		      const char *value, struct fault *fault)
{
	bool is_own = key >= CONF_EXCLUSIVE;
	char *line = xasprintf("%s%s = %s", is_own ? "# " : "",
			       conf_key_name(key), value);
	int ret;

	ret = conf_insert(range->conf,
			  is_own ? range->first + 1 : conf_end_of(range), line,
			  fault);
	range->after += !ret;
	wipe_text(line);
	return ret;
}

int conf_put(struct conf_range *range, enum conf_key key, const char *value,
	     struct fault *fault)
{
	size_t at;

	if (!value) {
		delete_key(range, key, range->first);
		return 0;
	}
	at = find_line(range, key, range->first);
	if (at == SIZE_MAX)
		return insert_key(range, key, value, fault);
	conf_set_value(range->conf, at, value);
	delete_key(range, key, at + 1);
	return 0;
}

static bool is_blank(const struct conf *conf, size_t at)
{
	return conf->lines[at].kind == CONF_BLANK;
}

bool conf_remove_peer(struct conf *conf, const uint8_t *public_key)
{
	struct conf_range range = { 0 };
	size_t first;

	if (!conf_find_peer(conf, public_key, &range))
		return false;
	first = range.first;
	while (first && conf->lines[first - 1].kind == CONF_COMMENT &&
	       !conf->lines[first - 1].key)
		first--;
	conf_delete(conf, first, range.after - first);
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
