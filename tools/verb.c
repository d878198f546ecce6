// SPDX-License-Identifier: GPL-2.0
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const struct verb_option verb_json_only[] = {
	{ "--json", NULL, "print JSON" },
	{ 0 },
};

const struct verb *verb_find(int argc, char **argv, int *used)
{
	const struct verb *verb, *found = NULL;

	*used = 0;
	for (verb = verbs; argc && verb->name; verb++) {
		size_t len = strcspn(verb->name, " ");
		const char *second = verb->name + len;

		if (strlen(argv[0]) != len || strncmp(verb->name, argv[0], len))
			continue;
		if (!*second && !found) {
			found = verb;
			*used = 1;
		} else if (*second && argc > 1 && !strcmp(second + 1, argv[1])) {
			*used = 2;
			return verb;
		}
	}
	return found;
}

static size_t find_option(const struct verb *verb, const char *text,
			  size_t len)
{
	size_t i = 0;

	while (verb->options && verb->options[i].name &&
	       (strlen(verb->options[i].name) != len ||
		strncmp(verb->options[i].name, text, len)))
		i++;
	return i;
}

const char *verb_option(const struct verb_call *call, const char *name)
{
	return call->values[find_option(call->verb, name, strlen(name))];
}

void verb_print_usage(const struct verb *verb, FILE *to)
{
	size_t i;

	fprintf(to, "Usage: wgctl %s%s%s%s\n", verb->name,
		verb->options && verb->options[0].name ? " [OPTION]..." : "",
		*verb->usage ? " " : "", verb->usage);
	for (i = 0; verb->options && verb->options[i].name; i++) {
		const struct verb_option *option = &verb->options[i];
		int width = fprintf(to, "  %s%s%s", option->name,
				    option->argument ? "=" : "",
				    option->argument ? option->argument : "");

		fprintf(to, "%*s%s\n", width < 24 ? 24 - width : 1, "",
			option->help);
	}
}

int verb_usage(const struct verb_call *call)
{
	verb_print_usage(call->verb, stderr);
	return VERB_FAILED;
}

int verb_fail(const struct fault *fault)
{
	fault_print(fault);
	return VERB_FAILED;
}

int verb_end(struct verb_call *call)
{
	struct fault fault;
	int ret = out_finish(&call->out);

	if (!ret)
		return VERB_OK;
	fault_set(&fault, ret, "cannot write the output: %s", strerror(-ret));
	return verb_fail(&fault);
}

void verb_warn_host_bits(const struct tunnel *wanted)
{
	char given[IP_TEXT_MAX], meant[IP_TEXT_MAX];
	size_t i, j;

	for (i = 0; i < wanted->peer_count; i++) {
		const struct allowed_ips *ips = &wanted->peers[i]->ips;

		for (j = 0; j < ips->count; j++) {
			struct allowed_ip ip = ips->items[j];

			if (!ip_has_host_bits(&ip))
				continue;
			ip_text(&ip, given);
			ip_mask(&ip);
			fprintf(stderr,
				"wgctl: warning: the allowed IP %s means %s\n",
				given, ip_text(&ip, meant));
		}
	}
}

/* One option; how many arguments it took, or a negative errno. */
static int take_option(struct verb_call *call, int argc, char **argv,
		       struct fault *fault)
{
	size_t len = strcspn(argv[0], "=");
	size_t i = find_option(call->verb, argv[0], len);
	const struct verb_option *option = &call->verb->options[i];
	const char *value = argv[0][len] ? argv[0] + len + 1 : NULL;

	if (!call->verb->options || !option->name)
		return fault_set(fault, -EINVAL, "%s has no option '%.*s'",
				 call->verb->name, (int)len, argv[0]);
	if (!option->argument && value)
		return fault_set(fault, -EINVAL, "%s takes no value",
				 option->name);
	if (!option->argument) {
		call->values[i] = "";
		return 1;
	}
	if (!value && argc < 2)
		return fault_set(fault, -EINVAL, "%s needs a value: %s",
				 option->name, option->argument);
	call->values[i] = value ? value : argv[1];
	return value ? 1 : 2;
}

/* Moves what is no option to the front, in order. */
static int take_options(struct verb_call *call, int argc, char **argv,
			struct fault *fault)
{
	int i, used;

	call->argv = argv;
	if (call->verb->is_raw) {
		call->argc = argc;
		return 0;
	}
	for (i = 0; i < argc; i += used) {
		used = 1;
		if (!strcmp(argv[i], "--"))
			break;
		if (strncmp(argv[i], "--", 2)) {
			argv[call->argc++] = argv[i];
			continue;
		}
		used = take_option(call, argc - i, argv + i, fault);
		if (used < 0)
			return used;
	}
	for (i++; i < argc; i++)
		argv[call->argc++] = argv[i];
	return 0;
}

static bool asks_for_help(int argc, char **argv)
{
	return argc && (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"));
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct verb_call call = { .verb = verb };
	struct fault fault;

	if (asks_for_help(argc, argv)) {
		verb_print_usage(verb, stdout);
		return VERB_OK;
	}
	if (take_options(&call, argc, argv, &fault)) {
		verb_fail(&fault);
		return verb_usage(&call);
	}
	out_init(&call.out, stdout,
		 verb_option(&call, "--json") ? OUT_JSON : OUT_TEXT);
	return verb->run(&call);
}

int verb_dispatch(int argc, char **argv)
{
	static char show_word[] = "show", help_word[] = "help";
	char *show[] = { show_word }, *help[] = { help_word };
	const struct verb *verb;
	struct fault fault;
	int used;

	if (asks_for_help(argc - 1, argv + 1))
		return run(verb_find(1, help, &used), 0, argv);
	/* no verb at all means show, with what options there are */
	if (argc < 2 || !strncmp(argv[1], "--", 2))
		return run(verb_find(1, show, &used), argc - 1, argv + 1);
	verb = verb_find(argc - 1, argv + 1, &used);
	if (verb)
		return run(verb, argc - 1 - used, argv + 1 + used);
	fault_set(&fault, -EINVAL,
		  "'%s' is not a verb: 'wgctl help' lists them", argv[1]);
	return verb_fail(&fault);
}
