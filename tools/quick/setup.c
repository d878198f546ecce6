// SPDX-License-Identifier: GPL-2.0
#include "quick/setup.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/xalloc.h"
#include "model/value.h"
#include "quick/tables.h"

static bool is_domain(const char *text)
{
	size_t i;

	for (i = 0; text[i]; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("-_.~", text[i]))
			return false;
	/* a resolver must not take it for an option */
	return i && *text != '-';
}

int setup_read_dns(struct setup *setup, const char *value,
		   struct fault *fault)
{
	struct strv list = { 0 };
	size_t i;
	int ret = 0;

	strv_split(&list, value);
	for (i = 0; i < list.count && !ret; i++) {
		const char *item = list.items[i];

		if (value_is_address(item))
			strv_add(&setup->dns, item);
		else if (is_domain(item))
			strv_add(&setup->search, item);
		else
			ret = fault_set(fault, -EINVAL,
					"'%s' is neither an address nor a domain",
					SHOWN(item));
	}
	strv_clear(&list);
	return ret;
}

/* A whole number, as ip(8) reads it: also after "0x", or 0 for octal. */
static bool read_number(uint32_t *number, const char *value, uint32_t least,
			uint32_t most)
{
	char *end;
	unsigned long long read;

	if (*value < '0' || *value > '9')
		return false;
	errno = 0;
	read = strtoull(value, &end, 0);
	if (errno || *end || read < least || read > most)
		return false;
	*number = (uint32_t)read;
	return true;
}

static int read_mtu(struct setup *setup, const char *value,
		    struct fault *fault)
{
	setup->mtu = 0;
	if (!*value || read_number(&setup->mtu, value, 68, 65535))
		return 0;
	return fault_set(fault, -EINVAL,
			 "'%s' is not an MTU: 68 to 65535 is expected",
			 SHOWN(value));
}

static int read_table(struct setup *setup, const char *value,
		      struct fault *fault)
{
	setup->table = SETUP_TABLE_NUMBER;
	if (!*value || !strcasecmp(value, "auto"))
		setup->table = SETUP_TABLE_AUTO;
	else if (!strcasecmp(value, "off"))
		setup->table = SETUP_TABLE_OFF;
	else if (!table_by_name(&setup->table_number, value) &&
		 !read_number(&setup->table_number, value, 1, UINT32_MAX))
		return fault_set(fault, -EINVAL,
				 "'%s' is not a table: auto, off, a number from 1 or a name of rt_tables is expected",
				 SHOWN(value));
	return 0;
}

const char *setup_hook_name(enum setup_hook hook)
{
	return conf_key_name(CONF_PRE_UP + hook);
}

/* The command, with the interface's name wherever it says %i. */
static void add_hook(struct setup *setup, enum setup_hook hook,
		     const char *value)
{
	char *text;
	size_t len;
	FILE *to = xopen(&text, &len);

	for (; *value; value++) {
		if (value[0] != '%' || value[1] != 'i') {
			fputc(*value, to);
			continue;
		}
		fputs(setup->name, to);
		value++;
	}
	xclose(to);
	if (*text)
		strv_add(&setup->hooks[hook], text);
	free(text);
}

static int read_value(struct setup *setup, enum conf_key key,
		      const char *value, struct fault *fault)
{
	switch (key) {
	case CONF_ADDRESS:
		return value_addresses(&setup->addresses, value, fault);
	case CONF_DNS:
		return setup_read_dns(setup, value, fault);
	case CONF_MTU:
		return read_mtu(setup, value, fault);
	case CONF_TABLE:
		return read_table(setup, value, fault);
	case CONF_PRE_UP:
	case CONF_POST_UP:
	case CONF_PRE_DOWN:
	case CONF_POST_DOWN:
		add_hook(setup, key - CONF_PRE_UP, value);
		return 0;
	case CONF_SAVE_CONFIG:
		if (value_bool(&setup->saves, value))
			return 0;
		return fault_set(fault, -EINVAL,
				 "'%s' is neither true nor false", SHOWN(value));
	default: /* the device's own keys are conf_to_tunnel()'s */
		return 0;
	}
}

/* In a command a '#' may be quoted: bash knows where a comment begins. */
static char *value_of(const struct conf_line *line)
{
	const char *text = line->text + line->value_at;
	size_t len = strlen(text);

	if (!line->value_len || line->key < CONF_PRE_UP ||
	    line->key > CONF_POST_DOWN)
		return conf_value(line);
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	return xstrndup(text, len);
}

static int read_line(struct setup *setup, const struct conf *conf,
		     const struct conf_line *line, struct fault *fault)
{
	char *value;
	int ret;

	if (line->kind != CONF_ASSIGNMENT || line->section != CONF_INTERFACE ||
	    line->key < CONF_ADDRESS)
		return 0;
	value = value_of(line);
	ret = read_value(setup, line->key, value, fault);
	free(value);
	if (!ret)
		return 0;
	fault_prefix(fault, "%s", conf_key_name(line->key));
	return fault_at(fault, conf->path, line->number, line->value_at + 1);
}

int setup_read(struct setup *setup, const struct conf *conf,
	       struct fault *fault)
{
	struct fault further;
	char *value;
	size_t i;
	int ret = 0, one;

	for (i = 0; i < conf->count; i++) {
		one = read_line(setup, conf, &conf->lines[i],
				ret ? &further : fault);
		ret = ret ? ret : one;
	}
	value = conf_setting(conf, SETUP_MASQUERADE, NULL);
	if (value)
		value_bool(&setup->masquerades, value);
	free(value);
	return ret;
}

int setup_check_text(const char *text, const char *name, struct fault *fault)
{
	struct conf *conf = conf_parse(text, strlen(text), name, fault);
	struct setup setup = { 0 };
	int ret;

	snprintf(setup.name, sizeof(setup.name), "%s", name);
	if (conf)
		setup.tunnel = conf_to_tunnel(conf, CONF_QUICK, fault);
	ret = setup.tunnel ? setup_read(&setup, conf, fault) : fault->code;
	fault_at(fault, "", 0, 0);
	conf_free(conf);
	setup_clear(&setup);
	return ret;
}

static int longest_first(const void *a, const void *b)
{
	const struct allowed_ip *x = a, *y = b;

	if (x->cidr != y->cidr)
		return x->cidr > y->cidr ? -1 : 1;
	return ip_compare(x, y);
}

void setup_routes(const struct tunnel *tunnel, struct allowed_ips *routes)
{
	size_t i, j;

	for (i = 0; i < tunnel->peer_count; i++) {
		const struct allowed_ips *ips = &tunnel->peers[i]->ips;

		for (j = 0; j < ips->count; j++) {
			struct allowed_ip ip = ips->items[j];

			ip_mask(&ip);
			if (!ip.remove)
				ips_add(routes, &ip);
		}
	}
	ips_sort(routes);
	if (routes->count)
		qsort(routes->items, routes->count, sizeof(*routes->items),
		      longest_first);
}

void setup_clear(struct setup *setup)
{
	size_t i;

	conf_free(setup->conf);
	tunnel_free(setup->tunnel);
	free(setup->addresses.items);
	strv_clear(&setup->dns);
	strv_clear(&setup->search);
	for (i = 0; i < SETUP_HOOKS; i++)
		strv_clear(&setup->hooks[i]);
	free(setup->path);
	memset(setup, 0, sizeof(*setup));
}

void setup_free(struct setup *setup)
{
	if (!setup)
		return;
	setup_clear(setup);
	free(setup);
}
