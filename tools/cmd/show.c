// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "conf/conf.h"
#include "lib/strv.h"
#include "lib/xalloc.h"
#include "model/value.h"
#include "netlink/link.h"
#include "netlink/nl.h"
#include "show/metrics.h"
#include "show/show.h"

/* What is asked of each interface. */
struct query {
	const char *word; /* NULL: everything, for people */
	uint32_t parts;
	bool is_all; /* of all interfaces: columns begin with the name */
};

static int show_one(struct verb_call *call, const struct query *query,
		    const char *name)
{
	struct tunnel *tunnel = nl_get(name, &call->fault);

	if (!tunnel)
		return call->fault.code;
	if (query->word && call->out.format == OUT_TEXT)
		show_column(&call->out, tunnel, query->word, query->is_all);
	else
		show_tunnel(&call->out, tunnel, query->parts, time(NULL));
	tunnel_free(tunnel);
	return 0;
}

/* One that fails does not keep the others from being shown. */
static int show_all(struct verb_call *call, const struct query *query)
{
	struct strv names = { 0 };
	int ret = nl_list(&names, &call->fault);
	size_t i;

	for (i = 0; i < names.count; i++)
		if (show_one(call, query, names.items[i]))
			ret = verb_report(call);
	strv_clear(&names);
	return ret;
}

static int show_interfaces(struct verb_call *call)
{
	struct strv names = { 0 };
	char *text;
	size_t i;

	if (nl_list(&names, &call->fault))
		return call->fault.code;
	text = strv_join(&names, " ");
	out_begin(&call->out, NULL);
	out_list(&call->out, "interfaces");
	for (i = 0; i < names.count; i++)
		out_string(&call->out, NULL, NULL, names.items[i]);
	if (names.count)
		out_line(&call->out, "%s", text);
	free(text);
	strv_clear(&names);
	return 0;
}

static int show_as_metrics(struct verb_call *call, const struct query *query,
			   const char *which)
{
	struct strv names = { 0 };
	struct tunnel **tunnels;
	size_t i, count = 0;
	int ret = 0;

	if (query->is_all)
		ret = nl_list(&names, &call->fault);
	else
		strv_add(&names, which);
	tunnels = xcalloc(names.count, sizeof(*tunnels));
	for (i = 0; i < names.count && !ret; i++) {
		tunnels[count] = nl_get(names.items[i], &call->fault);
		ret = tunnels[count] ? 0 : call->fault.code;
		count += !ret;
	}
	if (!ret)
		show_metrics(tunnels, count, call->out.to);
	for (i = 0; i < count; i++)
		tunnel_free(tunnels[i]);
	free(tunnels);
	strv_clear(&names);
	return ret;
}

static int show_once(struct verb_call *call, const struct query *query,
		     const char *which)
{
	if (verb_option(call, "--prometheus"))
		return show_as_metrics(call, query, which);
	out_begin(&call->out, NULL);
	out_list(&call->out, "interfaces");
	return query->is_all ? show_all(call, query) :
			       show_one(call, query, which);
}

#define HOME "\033[H"
#define CLEAR_REST "\033[J"
#define CLEAR_ALL "\033[2J"

/* Until a signal, or until nobody reads any more. */
static int show_again_and_again(struct verb_call *call,
				const struct query *query, const char *which)
{
	bool is_terminal = isatty(fileno(call->out.to));
	const char *given = verb_option(call, "--interval");
	enum out_format format = call->out.format;
	FILE *to = call->out.to;
	uint64_t seconds = 2;
	int ret;

	if (given && (!value_number(&seconds, given, 10, INT_MAX) || !seconds))
		return fault_set(&call->fault, -EINVAL,
				 "--interval: '%s' is not a number of seconds",
				 SHOWN(given));
	fputs(is_terminal ? CLEAR_ALL : "", to);
	for (;;) {
		fputs(is_terminal ? HOME : "", to);
		out_init(&call->out, to, format);
		ret = show_once(call, query, which);
		if (ret || verb_end(call))
			return ret ? ret : VERB_REPORTED;
		fputs(is_terminal ? CLEAR_REST : "", to);
		fflush(to);
		sleep((unsigned int)seconds);
	}
}

int cmd_show(struct verb_call *call)
{
	const char *which = call->argc ? call->argv[0] : "all";
	struct query query = { .parts = SHOW_ALL };

	if (!strcmp(which, "interfaces"))
		return call->argc > 1 ? verb_usage(call) :
					show_interfaces(call);
	if (call->argc == 2) {
		query.word = call->argv[1];
		query.parts = show_part_of_word(query.word);
	}
	if (!query.parts) {
		fault_set(&call->fault, -EINVAL,
			  "'%s' is not a part of an interface",
			  SHOWN(query.word));
		verb_report(call);
		return verb_usage(call);
	}
	query.is_all = !strcmp(which, "all");
	if (verb_option(call, "--json") && verb_option(call, "--prometheus"))
		return fault_set(&call->fault, -EINVAL,
				 "--json and --prometheus are two formats: choose one");
	if (verb_option(call, "--watch"))
		return show_again_and_again(call, &query, which);
	return show_once(call, &query, which);
}

int cmd_showconf(struct verb_call *call)
{
	struct tunnel *tunnel = nl_get(call->argv[0], &call->fault);

	if (!tunnel)
		return call->fault.code;
	conf_print_tunnel(tunnel, &call->out);
	tunnel_free(tunnel);
	return 0;
}
