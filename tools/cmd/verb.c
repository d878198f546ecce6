// SPDX-License-Identifier: GPL-2.0
#include "cmd/verb.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/nearest.h"

const struct verb_option verb_json_only[] = {
	{ "--json", NULL, "print JSON" },
	{ 0 },
};

const char *verb_is_of(const struct verb *verb, const char *word)
{
	size_t len = strcspn(verb->name, " ");

	if (strlen(word) != len || strncmp(verb->name, word, len))
		return NULL;
	return verb->name + len + (verb->name[len] == ' ');
}

const struct verb *verb_find(int argc, char **argv, int *used)
{
	const struct verb *verb, *found = NULL;

	*used = 0;
	for (verb = verbs; argc && verb->name; verb++) {
		const char *second = verb_is_of(verb, argv[0]);

		if (second && !*second) {
			found = verb;
			*used = 1;
		} else if (second && argc > 1 && !strcmp(second, argv[1])) {
			*used = 2;
			return verb;
		}
	}
	return found;
}

const struct verb_option *verb_find_option(const struct verb *verb,
					   const char *name, size_t len)
{
	const struct verb_option *option = verb->options;

	for (; option && option->name; option++)
		if (strlen(option->name) == len &&
		    !strncmp(option->name, name, len))
			return option;
	return NULL;
}

const char *verb_option(const struct verb_call *call, const char *name)
{
	const struct verb_option *option;

	option = verb_find_option(call->verb, name, strlen(name));
	return option ? call->values[option - call->verb->options] : NULL;
}

static void print_option(struct out *out, const struct verb_option *option)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s%s", option->name,
		 option->argument ? "=" : "", option->argument ?: "");
	out_line(out, "  %-24s %s", text, option->help);
}

void verb_print_usage(const struct verb *verb, struct out *out)
{
	bool has_options = verb->options && verb->options[0].name;
	size_t i;

	out_line(out, "Usage: wgctl %s%s%s%s", verb->name,
		 has_options ? " [OPTION]..." : "", *verb->usage ? " " : "",
		 verb->usage);
	for (i = 0; has_options && verb->options[i].name; i++)
		print_option(out, &verb->options[i]);
}

int verb_usage(const struct verb_call *call)
{
	struct out out;

	out_init(&out, stderr, OUT_TEXT);
	verb_print_usage(call->verb, &out);
	return VERB_REPORTED;
}

int verb_report(const struct verb_call *call)
{
	fault_print(&call->fault);
	return VERB_REPORTED;
}

int verb_end(struct verb_call *call)
{
	int ret = out_finish(&call->out);

	if (!ret)
		return 0;
	fprintf(stderr, "wgctl: cannot write the output: %s\n",
		strerror(-ret));
	return VERB_REPORTED;
}

/*
 * The change is not undone for its output: a script that saw a failure would
 * make it again. After --dry-run the output is all there is.
 */
static void end_change(struct verb_call *call)
{
	int ret;

	signal(SIGPIPE, SIG_IGN);
	ret = out_finish(&call->out);
	if (ret)
		fprintf(stderr,
			"wgctl: warning: done, but the output could not be written: %s\n",
			strerror(-ret));
}

static int exit_of(const struct verb *verb, int ret)
{
	if (!ret)
		return VERB_OK;
	return verb->finds && ret != VERB_FOUND ? VERB_CANNOT_LOOK :
						  VERB_FAILED;
}

static int finish(struct verb_call *call, int ret)
{
	if (!ret && call->verb->changes && !verb_option(call, "--dry-run"))
		end_change(call);
	else if (verb_end(call) && ret >= 0)
		ret = VERB_REPORTED;
	if (ret < 0)
		verb_report(call);
	return exit_of(call->verb, ret);
}

/* One option; how many arguments it took, or a negative errno. */
static int take_option(struct verb_call *call, int argc, char **argv)
{
	size_t len = strcspn(argv[0], "=");
	const char *value = argv[0][len] ? argv[0] + len + 1 : NULL;
	const struct verb_option *option;
	struct fault *fault = &call->fault;
	const char **given;

	option = verb_find_option(call->verb, argv[0], len);
	if (!option)
		return fault_set(fault, -EINVAL, "%s has no option '%s'",
				 call->verb->name, SHOWN_LEN(argv[0], len));
	if (!option->argument && value)
		return fault_set(fault, -EINVAL, "%s takes no value",
				 option->name);
	given = &call->values[option - call->verb->options];
	if (!option->argument) {
		*given = "";
		return 1;
	}
	if (!value && argc < 2)
		return fault_set(fault, -EINVAL, "%s requires a value: %s",
				 option->name, option->argument);
	*given = value ? value : argv[1];
	return value ? 1 : 2;
}

/* Moves what is no option to the front, in order. */
static int take_options(struct verb_call *call, int argc, char **argv)
{
	int i, used;

	call->argv = argv;
	for (i = 0; i < argc; i += used) {
		used = 1;
		if (!strcmp(argv[i], "--")) {
			i++;
			break;
		}
		if (strncmp(argv[i], "--", 2)) {
			if (call->verb->is_raw)
				break;
			argv[call->argc++] = argv[i];
			continue;
		}
		used = take_option(call, argc - i, argv + i);
		if (used < 0)
			return used;
	}
	for (; i < argc; i++)
		argv[call->argc++] = argv[i];
	return 0;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct verb_call call = { .verb = verb };

	if (take_options(&call, argc, argv)) {
		verb_report(&call);
		return exit_of(verb, verb_usage(&call));
	}
	out_init(&call.out, stdout,
		 verb_option(&call, "--json") ? OUT_JSON : OUT_TEXT);
	if (call.argc < verb->args[0] || call.argc > verb->args[1])
		return finish(&call, verb_usage(&call));
	return finish(&call, verb->run(&call));
}

static const struct verb *verb_named(const char *name)
{
	const struct verb *verb = verbs;

	while (strcmp(verb->name, name))
		verb++;
	return verb;
}

static bool is_one_of(const char *word, const char *one, const char *other)
{
	return !strcmp(word, one) || !strcmp(word, other);
}

static bool wants_help(const struct verb *verb, int argc, char **argv)
{
	int i;

	if (argc && is_one_of(argv[0], "--help", "-h"))
		return true;
	for (i = 0; i < argc && strcmp(argv[i], "--") && !verb->is_raw; i++)
		if (!strcmp(argv[i], "--help"))
			return true;
	return false;
}

/* "VERB ... --help" is "help VERB", and may want JSON as well. */
static int run_help(int words, int argc, char **argv)
{
	int i, count = words;

	for (i = words; i < argc; i++)
		if (!strcmp(argv[i], "--json"))
			argv[count++] = argv[i];
	return run(verb_named("help"), count, argv);
}

void verb_list_words(struct strv *words, const char *family)
{
	const struct verb *verb;

	for (verb = verbs; verb->name; verb++) {
		const char *second = family ? verb_is_of(verb, family) : NULL;

		if (second && *second)
			strv_add(words, second);
		else if (!family)
			strv_add_new(words, verb->name,
				     strcspn(verb->name, " "));
	}
}

/* A word that is no verb, or "user" alone or with a word that does not follow. */
static void explain(const struct strv *words, const char *family,
		    const char *typed, struct fault *fault)
{
	const char *meant = typed ? nearest(words, typed) : NULL;
	const char *space = *family ? " " : "";
	char *list = strv_join(words, ", ");

	if (meant)
		fault_set(fault, -EINVAL,
			  "'%s%s%s' is not a verb: did you mean '%s%s%s'?",
			  family, space, SHOWN(typed), family, space, meant);
	else if (*family)
		fault_set(fault, -EINVAL,
			  "'%s' needs one of %s: see 'wgctl help %s'", family,
			  list, family);
	else
		fault_set(fault, -EINVAL,
			  "'%s' is not a verb: 'wgctl help' lists them",
			  SHOWN(typed));
	free(list);
}

static int refuse(int argc, char **argv)
{
	struct strv words = { 0 };
	struct fault fault;

	verb_list_words(&words, argv[0]);
	if (words.count) {
		explain(&words, argv[0], argc > 1 ? argv[1] : NULL, &fault);
	} else {
		verb_list_words(&words, NULL);
		explain(&words, "", argv[0], &fault);
	}
	strv_clear(&words);
	fault_print(&fault);
	return VERB_FAILED;
}

static int run_verb(int argc, char **argv)
{
	const struct verb *verb;
	int used;

	verb = verb_find(argc, argv, &used);
	if (!verb)
		return refuse(argc, argv);
	if (wants_help(verb, argc - used, argv + used))
		return run_help(used, argc, argv);
	return run(verb, argc - used, argv + used);
}

/* "--json VERB ..." is "VERB --json ...". */
static int run_json(int argc, char **argv)
{
	char *json = argv[0];
	int used;

	if (!verb_find(argc - 1, argv + 1, &used))
		return refuse(argc - 1, argv + 1);
	memmove(argv, argv + 1, used * sizeof(*argv));
	argv[used] = json;
	return run_verb(argc, argv);
}

int verb_dispatch(int argc, char **argv)
{
	argc--;
	argv++;
	if (argc && is_one_of(argv[0], "--help", "-h"))
		return run_help(0, argc, argv);
	if (argc && is_one_of(argv[0], "--version", "-v"))
		return run(verb_named("version"), argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[0], "--json") && argv[1][0] != '-')
		return run_json(argc, argv);
	/* no verb at all means show, with what options there are */
	if (!argc || !strncmp(argv[0], "--", 2))
		return run(verb_named("show"), argc, argv);
	return run_verb(argc, argv);
}
