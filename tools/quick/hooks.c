// SPDX-License-Identifier: GPL-2.0
#include "quick/hooks.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/process.h"
#include "netlink/link.h"

/*
 * As wg-quick evaluates them: what fails, in a pipe as well, ends it. On the way
 * back there may be less to undo than it was written for: all of it is tried.
 */
static int run_command(const char *command, bool is_undoing,
		       struct fault *fault)
{
	const char *const argv[] = { "bash", "-O", "extglob",
				     is_undoing ? "+e" : "-e",
				     is_undoing ? "+o" : "-o", "pipefail",
				     "-c", command, NULL };

	setenv("LC_ALL", "C", 1);
	return process_run(argv, NULL, fault);
}

static bool is_in_word(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.-", c));
}

/* Is one of the words of a command this one, in whatever directory? */
static bool has_word(const char *command, const char *word)
{
	const size_t len = strlen(word);
	const char *at = command;

	while ((at = strstr(at, word))) {
		if ((at == command || !is_in_word(at[-1])) &&
		    !is_in_word(at[len]))
			return true;
		at += len;
	}
	return false;
}

/* A file that was written for wg-quick calls wg, which may not see ours. */
static void explain_hook(const struct plan *plan, const char *command,
			 struct fault *fault)
{
	struct nl_link link = { 0 };
	struct fault ignored;

	if (!has_word(command, "wg") && !has_word(command, "wg-quick"))
		return;
	if (!nl_find_link(&link, plan->name, &ignored) &&
	    !strcmp(link.kind, "wg"))
		fault_prefix(fault,
			     "wg and wg-quick do not know interfaces of the kind wg, as '%s' is (use wgctl, with the same arguments)",
			     plan->name);
}

static int run_hook(struct plan *plan, const union plan_arg *arg,
		    struct fault *fault)
{
	int ret;

	/* one that fails may have done a part, which is to be undone */
	plan->has_run[arg->hook.kind] = true;
	ret = run_command(arg->hook.command, false, fault);
	if (ret)
		explain_hook(plan, arg->hook.command, fault);
	return ret;
}

void plan_hooks(struct plan *plan, enum setup_hook hook)
{
	static const struct op op = { run_hook, NULL };
	const struct strv *commands = &plan->setup->hooks[hook];
	size_t i;

	for (i = 0; i < commands->count; i++) {
		const union plan_arg arg = {
			.hook = { hook, commands->items[i] },
		};
		struct plan_step *step =
			plan_add(plan, &op, &arg, "run %s: %s",
				 setup_hook_name(hook), commands->items[i]);

		step->must_work = hook != SETUP_POST_DOWN;
	}
}

/* All commands of a hook, whatever becomes of each. */
static void run_all(struct plan *plan, enum setup_hook hook)
{
	const struct strv *commands = &plan->setup->hooks[hook];
	struct fault fault;
	size_t i;
	int ret;

	for (i = 0; i < commands->count; i++) {
		out_line(plan->out, "- undo: run %s", commands->items[i]);
		fflush(plan->out->to);
		ret = run_command(commands->items[i], true, &fault);
		if (ret)
			fault_print(&fault);
		plan_record(plan, commands->items[i], ret ? "failed" : "done");
	}
}

static int undo_by_hooks(struct plan *plan, const union plan_arg *arg,
			 struct fault *fault)
{
	if (plan->has_run[SETUP_POST_UP] ||
	    (plan->has_run[SETUP_PRE_UP] && arg->hook.kind == SETUP_POST_DOWN))
		run_all(plan, arg->hook.kind);
	return 0;
}

void plan_undo_by(struct plan *plan, enum setup_hook hook)
{
	static const struct op op = { NULL, undo_by_hooks };
	const union plan_arg arg = { .hook.kind = hook };

	plan_add(plan, &op, &arg, NULL);
}
