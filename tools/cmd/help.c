// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "cmd/verb.h"

static const char health_topic[] =
	"The health of a peer is the age of its latest handshake. While there is\n"
	"traffic, a new handshake takes place about every two minutes.\n"
	"\n"
	"  good   under 3 minutes old: the tunnel works\n"
	"  quiet  3 to 10 minutes old: no traffic, which is normal for an idle peer,\n"
	"         or the path is blocked; ping an address behind the peer and look again\n"
	"  old    over 10 minutes old: as above; if the ping is not answered, check\n"
	"         endpoint, firewall and clock on both sides\n"
	"  never  no handshake yet: check that each side has the public key of the\n"
	"         other, that one of them has an endpoint, that UDP is not blocked,\n"
	"         and that there is traffic (persistent-keepalive 25 behind NAT)\n"
	"  off    the peer is disabled or has expired; see wgctl(8)\n"
	"\n"
	"`wgctl show INTERFACE drops` names the reason of every packet that was dropped.\n";

static void list_options(struct out *out, const struct verb *verb)
{
	size_t i;

	out_list(out, "options");
	for (i = 0; verb->options && verb->options[i].name; i++) {
		out_begin(out, NULL);
		out_string(out, "name", NULL, verb->options[i].name);
		out_string(out, "argument", NULL, verb->options[i].argument);
		out_string(out, "help", NULL, verb->options[i].help);
		out_end(out);
	}
	out_end(out);
}

static const char *const word_kinds[] = {
	[VERB_WORD_INTERFACE] = "interface",
	[VERB_WORD_FILE] = "file",
	[VERB_WORD_TUNNEL] = "tunnel",
	[VERB_WORD_USER] = "user",
	[VERB_WORD_FREE] = "free",
};

static void list_words(struct out *out, const struct verb *verb)
{
	size_t i;

	out_list(out, "arguments");
	for (i = 0; i < 4 && verb->words[i]; i++)
		out_string(out, NULL, NULL, word_kinds[verb->words[i]]);
	out_end(out);
	out_list(out, "keywords");
	for (i = 0; verb->keywords && verb->keywords[i]; i++)
		out_string(out, NULL, NULL, verb->keywords[i]);
	out_end(out);
}

/* All that the table says, for machines. */
static void describe_verb(struct out *out, const struct verb *verb)
{
	out_begin(out, NULL);
	out_string(out, "name", NULL, verb->name);
	out_string(out, "usage", NULL, verb->usage);
	out_string(out, "help", NULL, verb->help);
	list_options(out, verb);
	list_words(out, verb);
	out_end(out);
}

static bool is_family(const char *word)
{
	const struct verb *verb = verbs;

	while (verb->name && !verb_is_of(verb, word))
		verb++;
	return verb->name;
}

/* All of them, or those of a family. */
static void list_verbs(struct out *out, const char *family)
{
	const struct verb *verb;

	out_begin(out, NULL);
	out_list(out, "verbs");
	for (verb = verbs; verb->name; verb++) {
		if (family && !verb_is_of(verb, family))
			continue;
		out_line(out, "  %-12s %s", verb->name, verb->help);
		describe_verb(out, verb);
	}
}

static void print_all(struct out *out)
{
	out_line(out, "Usage: wgctl [VERB] [OPTION]... [ARGUMENT]...\n");
	out_line(out, "To set up a server and connect a phone to it:");
	out_line(out, "  wgctl new wg0 --endpoint=vpn.example.org --masquerade");
	out_line(out, "  wgctl up wg0");
	out_line(out, "  wgctl user add phone --full --qr\n");
	out_line(out, "Verbs (without one: show):");
	list_verbs(out, NULL);
	out_line(out, "\nTUNNEL is the name of an interface, such as wg0, whose file is wg0.conf");
	out_line(out, "in /etc/wireguard or /etc/wg. `wgctl help VERB` describes a verb,");
	out_line(out, "`wgctl help health` the health of peers, and wgctl(8) everything else.");
}

static int explain(struct verb_call *call)
{
	const struct verb *verb;
	int used;

	verb = verb_find(call->argc, call->argv, &used);
	if (verb && used == call->argc) {
		verb_print_usage(verb, &call->out);
		out_line(&call->out, "\n%s: %s", verb->name, verb->help);
		describe_verb(&call->out, verb);
	} else if (call->argc == 1 && !strcmp(call->argv[0], "health")) {
		out_begin(&call->out, NULL);
		out_string(&call->out, "topic", NULL, "health");
		out_block(&call->out, "text", health_topic);
	} else if (call->argc == 1 && is_family(call->argv[0])) {
		list_verbs(&call->out, call->argv[0]);
	} else {
		return fault_set(&call->fault, -EINVAL,
				 "there is no help for '%s': 'wgctl help' lists the verbs",
				 SHOWN(call->argv[0]));
	}
	return 0;
}

int cmd_help(struct verb_call *call)
{
	if (call->argc)
		return explain(call);
	print_all(&call->out);
	return 0;
}

int cmd_version(struct verb_call *call)
{
	out_begin(&call->out, NULL);
	out_string(&call->out, "version", NULL, WGCTL_VERSION);
	out_line(&call->out, "wgctl %s", WGCTL_VERSION);
	return 0;
}
