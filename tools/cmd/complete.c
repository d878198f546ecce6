// SPDX-License-Identifier: GPL-2.0
/*
 * complete: what the last word of a command line can become. The shells'
 * completion asks this, and so cannot say anything else than the table.
 */
#include <string.h>

#include "cmd/verb.h"
#include "netlink/link.h"
#include "quick/setup.h"

/* A command line that is being written. */
struct line {
	struct out *out;
	char **words; /* all but the one being written */
	int count;
	const char *start; /* of the one being written */
};

static void offer_with(const struct line *line, const char *word,
		       const char *tail)
{
	if (strncmp(word, line->start, strlen(line->start)))
		return;
	out_format(line->out, NULL, NULL, "%s%s", word, tail);
	out_line(line->out, "%s%s", word, tail);
}

static void offer(const struct line *line, const char *word)
{
	offer_with(line, word, "");
}

static void offer_files(const struct line *line)
{
	out_string(line->out, NULL, NULL, "@files");
	out_line(line->out, "@files");
}

static void offer_users_of(const struct line *line, const char *tunnel)
{
	struct setup *setup = setup_load(tunnel, NULL, CONF_KEEP_UNKNOWN,
					 fault_ignored());
	size_t i;

	for (i = 0; setup && i < setup->tunnel->peer_count; i++)
		if (setup->tunnel->peers[i]->name[0])
			offer(line, setup->tunnel->peers[i]->name);
	setup_free(setup);
}

/* Each name of a list, or what else there is for it. */
static void offer_each(const struct line *line,
		       int (*list)(struct strv *names, struct fault *fault),
		       void (*offer_for)(const struct line *line,
					 const char *name))
{
	struct strv names = { 0 };
	size_t i;

	list(&names, fault_ignored());
	for (i = 0; i < names.count; i++)
		offer_for(line, names.items[i]);
	strv_clear(&names);
}

static void offer_word(const struct line *line, enum verb_word word)
{
	if (word == VERB_WORD_INTERFACE)
		offer_each(line, nl_list, offer);
	else if (word == VERB_WORD_TUNNEL)
		offer_each(line, setup_list, offer);
	else if (word == VERB_WORD_USER)
		offer_each(line, setup_list, offer_users_of);
	if (word == VERB_WORD_TUNNEL || word == VERB_WORD_FILE)
		offer_files(line);
}

static void offer_options(const struct line *line, const struct verb *verb)
{
	size_t i;

	for (i = 0; verb->options && verb->options[i].name; i++)
		offer_with(line, verb->options[i].name,
			   verb->options[i].argument ? "=" : "");
}

/* The option of that name, if it has a value; else NULL. */
static const struct verb_option *valued_option(const struct verb *verb,
					       const char *name, size_t len)
{
	const struct verb_option *option = verb_find_option(verb, name, len);

	return option && option->argument ? option : NULL;
}

static void offer_value(const struct line *line,
			const struct verb_option *option)
{
	if (!strcmp(option->argument, "FILE"))
		offer_files(line);
	else if (!strcmp(option->name, "--tunnel"))
		offer_each(line, setup_list, offer);
	else if (!strcmp(option->name, "--until"))
		offer(line, "never");
}

/* "--png FILE" as two words, or "--png=FILE" as one. */
static bool offer_some_value(struct line *line, const struct verb *verb)
{
	const char *last = line->count ? line->words[line->count - 1] : "";
	const char *start = line->start;
	size_t len = strcspn(start, "=");
	const struct verb_option *option;

	option = valued_option(verb, last, strlen(last));
	if (!option && start[len]) {
		option = valued_option(verb, start, len);
		line->start += option ? len + 1 : 0;
	}
	if (option)
		offer_value(line, option);
	return option;
}

/* Arguments before the one being written, without options. */
static size_t place_of(const struct line *line, const struct verb *verb,
		       int used)
{
	size_t place = 0;
	int i;

	for (i = used; i < line->count; i++) {
		const char *word = line->words[i];

		if (valued_option(verb, word, strlen(word)))
			i++;
		else if (strncmp(word, "--", 2))
			place++;
	}
	return place;
}

static void offer_arguments(struct line *line, const struct verb *verb,
			    int used)
{
	size_t place = place_of(line, verb, used), i;

	if (offer_some_value(line, verb))
		return;
	if (!strncmp(line->start, "--", 2)) {
		offer_options(line, verb);
		return;
	}
	if (place < sizeof(verb->words) / sizeof(verb->words[0]))
		offer_word(line, verb->words[place]);
	for (i = 0; verb->keywords && verb->keywords[i]; i++)
		offer(line, verb->keywords[i]);
}

/* First words, each once, or the second words of a family. */
static void offer_verbs(const struct line *line)
{
	const char *family = line->count ? line->words[0] : NULL;
	struct strv words = { 0 };
	size_t i;

	verb_list_words(&words, family);
	for (i = 0; i < words.count; i++)
		offer(line, words.items[i]);
	strv_clear(&words);
	if (family)
		return;
	offer(line, "--help");
	offer(line, "--version");
}

int cmd_complete(struct verb_call *call)
{
	struct line line = { .out = &call->out, .words = call->argv };
	const struct verb *verb;
	int used;

	line.count = call->argc ? call->argc - 1 : 0;
	line.start = call->argc ? call->argv[line.count] : "";
	if (line.count && !strcmp(line.words[0], "--json")) {
		line.words++;
		line.count--;
	}
	verb = verb_find(line.count, line.words, &used);
	out_begin(&call->out, NULL);
	out_list(&call->out, "words");
	if (verb && line.count >= used)
		offer_arguments(&line, verb, used);
	else if (line.count < 2)
		offer_verbs(&line);
	return 0;
}
