// SPDX-License-Identifier: GPL-2.0
/*
 * The operations that other programs and other parts of the kernel carry out:
 * filters, name servers, hooks, sysctls.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/process.h"
#include "netlink/nl.h"
#include "quick/firewall.h"
#include "quick/ops.h"
#include "quick/sysctl.h"

static int add_filter(struct plan *plan, const struct plan_step *step,
		      struct fault *fault)
{
	const struct firewall firewall = {
		.interface = plan->name,
		.family = (uint16_t)step->number,
		.mark = plan->state.mark,
		.addresses = &plan->setup->addresses,
	};

	return firewall_put(&firewall, fault);
}

static int put_old_filter(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	const struct firewall firewall = {
		.interface = plan->name,
		.family = (uint16_t)step->number,
		.mark = plan->before.mark,
		.addresses = plan->filtered,
	};

	return firewall_put(&firewall, fault);
}

static int delete_filter(struct plan *plan, const struct plan_step *step,
			 struct fault *fault)
{
	return firewall_delete(plan->name, (uint16_t)step->number, fault);
}

static int delete_foreign(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	(void)step;
	return firewall_delete_foreign(plan->name, fault);
}

const struct op op_add_filter = { add_filter, delete_filter };
const struct op op_replace_filter = { add_filter, put_old_filter };
const struct op op_delete_filter = { delete_filter, put_old_filter };
const struct op op_delete_foreign = { delete_foreign, NULL };

static int turn_on(struct plan *plan, const struct plan_step *step,
		   struct fault *fault)
{
	(void)plan;
	return sysctl_set((enum sysctl_id)step->number, true, fault);
}

static int leave_on(struct plan *plan, const struct plan_step *step,
		    struct fault *fault)
{
	(void)fault;
	plan->state.has_set[step->number] = false;
	return 0;
}

static int turn_off(struct plan *plan, const struct plan_step *step,
		    struct fault *fault)
{
	leave_on(plan, step, fault);
	return sysctl_set((enum sysctl_id)step->number, false, fault);
}

const struct op op_turn_on = { turn_on, turn_off };
const struct op op_turn_off = { turn_off, turn_on };
const struct op op_leave_on = { leave_on, NULL };

static int unset_dns(struct plan *plan, const struct plan_step *step,
		     struct fault *fault)
{
	plan->state.dns = DNS_NOBODY;
	return dns_unset((enum dns_manager)step->number, plan->name, fault);
}

static int put_old_dns(struct plan *plan, const struct plan_step *step,
		       struct fault *fault)
{
	struct setup old = { 0 };
	int ret;

	if (plan->before.dns == DNS_NOBODY || !plan->before.names)
		return unset_dns(plan, step, fault);
	ret = setup_read_dns(&old, plan->before.names, fault);
	if (!ret)
		ret = dns_set(plan->before.dns, plan->name, &old.dns,
			      &old.search, fault);
	setup_clear(&old);
	return ret;
}

static int set_dns(struct plan *plan, const struct plan_step *step,
		   struct fault *fault)
{
	const struct setup *setup = plan->setup;
	struct fault ignored;
	int ret;

	ret = dns_set((enum dns_manager)step->number, plan->name, &setup->dns,
		      &setup->search, fault);
	if (ret && ret != -ENOENT)
		put_old_dns(plan, step, &ignored); /* it may be half done */
	return ret;
}

const struct op op_set_dns = { set_dns, put_old_dns };
const struct op op_unset_dns = { unset_dns, put_old_dns };

/* As wg-quick evaluates them: what fails, in a pipe as well, ends it. */
static int run_command(const char *command, struct fault *fault)
{
	const char *const argv[] = { "bash", "-O", "extglob", "-e",
				     "-o", "pipefail", "-c", command, NULL };

	setenv("LC_ALL", "C", 1);
	return process_run(argv, NULL, fault);
}

/* There may be less to undo than it was written for: all of it is tried. */
static int run_undoing(const char *command, struct fault *fault)
{
	const char *const argv[] = { "bash", "-O", "extglob", "-c", command,
				     NULL };

	setenv("LC_ALL", "C", 1);
	return process_run(argv, NULL, fault);
}

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("_.-", c));
}

/* Is one of the words of a command this one, in whatever directory? */
static bool has_word(const char *command, const char *word)
{
	const size_t len = strlen(word);
	const char *at = command;

	while ((at = strstr(at, word))) {
		if ((at == command || !is_of_word(at[-1])) &&
		    !is_of_word(at[len]))
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
			     "wg and wg-quick do not know interfaces of the kind wg, as '%s' is (write wgctl, which takes the same words)",
			     plan->name);
}

static int run_hook(struct plan *plan, const struct plan_step *step,
		    struct fault *fault)
{
	int ret;

	/* one that fails may have done a part, which is to be undone */
	plan->has_run[step->number] = true;
	ret = run_command(step->text, fault);
	if (ret)
		explain_hook(plan, step->text, fault);
	return ret;
}

const struct op op_hook = { run_hook, NULL };

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
		ret = run_undoing(commands->items[i], &fault);
		if (ret)
			fault_print(&fault);
		plan_record(plan, commands->items[i], ret ? "failed" : "done");
	}
}

static int do_nothing(struct plan *plan, const struct plan_step *step,
		      struct fault *fault)
{
	(void)plan;
	(void)step;
	(void)fault;
	return 0;
}

static int undo_by_pre_down(struct plan *plan, const struct plan_step *step,
			    struct fault *fault)
{
	(void)step;
	(void)fault;
	if (plan->has_run[SETUP_POST_UP])
		run_all(plan, SETUP_PRE_DOWN);
	return 0;
}

static int undo_by_post_down(struct plan *plan, const struct plan_step *step,
			     struct fault *fault)
{
	(void)step;
	(void)fault;
	if (plan->has_run[SETUP_PRE_UP] || plan->has_run[SETUP_POST_UP])
		run_all(plan, SETUP_POST_DOWN);
	return 0;
}

const struct op op_undo_by_pre_down = { do_nothing, undo_by_pre_down };
const struct op op_undo_by_post_down = { do_nothing, undo_by_post_down };
