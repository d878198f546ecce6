/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of verbs, from which dispatch, help, completion and the check of
 * the man page are made. A verb is one function in one of the files of cmd/;
 * the table itself stands in wgctl.c.
 */
#ifndef _WGCTL_CMD_VERB_H
#define _WGCTL_CMD_VERB_H

#include <limits.h>
#include <stdbool.h>

#include "lib/fault.h"
#include "lib/out.h"
#include "lib/strv.h"

/* Exit codes, documented in wgctl(8). */
enum verb_exit {
	VERB_OK = 0,
	VERB_FAILED = 1, /* whatever went wrong, usage included, as wg does */
	VERB_CANNOT_LOOK = 2, /* the same of a verb that finds: 1 is what it found */
};

struct verb_option {
	const char *name; /* "--json" */
	const char *argument; /* "SECONDS"; NULL: takes none */
	const char *help;
};

/* What an argument is, so that a shell can complete it. */
enum verb_word {
	VERB_WORD_NONE,
	VERB_WORD_INTERFACE, /* the name of an interface */
	VERB_WORD_FILE,
	VERB_WORD_TUNNEL, /* a tunnel that has a file, or that file */
	VERB_WORD_USER, /* the name of a user */
	VERB_WORD_FREE, /* anything */
};

struct verb_call;

#define VERB_REPORTED 1
#define VERB_FOUND 2 /* of a verb that finds: something */
#define VERB_MANY INT_MAX

struct verb {
	const char *name; /* two words with a space where it has a family */
	/*
	 * 0; a negative errno with the call's fault filled; or VERB_REPORTED
	 * where what went wrong has been printed already
	 */
	int (*run)(struct verb_call *call);
	const char *usage; /* the arguments, without "wgctl NAME" */
	int args[2]; /* how many there may be: at least, at most */
	const char *help; /* one line */
	const struct verb_option *options; /* ends with an empty entry */
	enum verb_word words[4]; /* of the first arguments */
	const char *const *keywords; /* words with a meaning; NULL: none */
	bool changes; /* not undone for output that is lost; but see --dry-run */
	bool finds; /* may return VERB_FOUND */
	bool is_raw; /* after the first word, or "--", nothing is an option */
};

#define VERB_OPTIONS_MAX 24

/* One invocation: options taken out, arguments left in order. */
struct verb_call {
	const struct verb *verb;
	int argc; /* arguments after the verb and its options */
	char **argv;
	const char *values[VERB_OPTIONS_MAX]; /* "" for one without argument */
	struct out out; /* on standard output; JSON after --json */
	struct fault fault;
};

extern const struct verb verbs[]; /* ends with an empty entry */

/**
 * verb_option() - the value of an option
 * @call: of the verb
 * @name: as in the table
 *
 * Return: its argument, "" for one without, or NULL when it was not given.
 */
const char *verb_option(const struct verb_call *call, const char *name);

/**
 * verb_usage() - print on standard error how the verb is used
 * @call: of the verb
 *
 * Return: VERB_REPORTED.
 */
int verb_usage(const struct verb_call *call);

/**
 * verb_report() - print the call's fault, where the verb goes on after it
 * @call: of the verb
 *
 * Return: VERB_REPORTED.
 */
int verb_report(const struct verb_call *call);

/**
 * verb_end() - end the output of a verb that goes on after it
 * @call: its output is finished
 *
 * Return: 0, or VERB_REPORTED when output was lost.
 */
int verb_end(struct verb_call *call);

/**
 * verb_dispatch() - find the verb in the table and run it
 * @argc: of main()
 * @argv: of main()
 *
 * Return: an exit code.
 */
int verb_dispatch(int argc, char **argv);

/**
 * verb_find() - the verb that the words begin with
 * @argc: how many words
 * @argv: the words
 * @used: set to how many words are its name: 1 or 2
 *
 * Return: its entry in the table, or NULL.
 */
const struct verb *verb_find(int argc, char **argv, int *used);

/**
 * verb_is_of() - does the verb's name begin with this word?
 * @verb: of the table
 * @word: such as "user"
 *
 * Return: what its name has after that word and a space, "" for nothing, or
 * NULL.
 */
const char *verb_is_of(const struct verb *verb, const char *word);

/**
 * verb_list_words() - what verbs begin with, or what may follow such a word
 * @words: grows; no word twice
 * @family: such as "user"; NULL: the first words
 */
void verb_list_words(struct strv *words, const char *family);

/**
 * verb_find_option() - an option of a verb
 * @verb: of the table
 * @name: as in the table
 * @len: of @name
 *
 * Return: it, or NULL.
 */
const struct verb_option *verb_find_option(const struct verb *verb,
					   const char *name, size_t len);

/**
 * verb_print_usage() - how a verb is used, and its options, in lines of text
 * @verb: of the table
 * @out: where
 */
void verb_print_usage(const struct verb *verb, struct out *out);

/* Shared by several families. */
extern const struct verb_option verb_json_only[];

int cmd_show(struct verb_call *call);
int cmd_monitor(struct verb_call *call);
int cmd_showconf(struct verb_call *call);
int cmd_set(struct verb_call *call);
int cmd_setconf(struct verb_call *call);
int cmd_addconf(struct verb_call *call);
int cmd_syncconf(struct verb_call *call);
int cmd_genkey(struct verb_call *call);
int cmd_genpsk(struct verb_call *call);
int cmd_pubkey(struct verb_call *call);
int cmd_help(struct verb_call *call);
int cmd_version(struct verb_call *call);
int cmd_up(struct verb_call *call);
int cmd_down(struct verb_call *call);
int cmd_reload(struct verb_call *call);
int cmd_save(struct verb_call *call);
int cmd_strip(struct verb_call *call);
int cmd_doctor(struct verb_call *call);
int cmd_resolve(struct verb_call *call);
int cmd_complete(struct verb_call *call);
int cmd_new(struct verb_call *call);
int cmd_user_add(struct verb_call *call);
int cmd_user_del(struct verb_call *call);
int cmd_user_disable(struct verb_call *call);
int cmd_user_enable(struct verb_call *call);
int cmd_user_list(struct verb_call *call);
int cmd_user_show(struct verb_call *call);
int cmd_user_clear(struct verb_call *call);

#endif
