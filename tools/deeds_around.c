// SPDX-License-Identifier: GPL-2.0
/*
 * The deeds that other programs and other parts of the kernel do for us:
 * filters, name servers, hooks, switches.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "deeds.h"
#include "firewall.h"
#include "switches.h"

static struct firewall filter_of(const struct plan *plan,
				 const struct plan_step *step,
				 const struct allowed_ips *addresses)
{
	return (struct firewall){
		.interface = plan->name,
		.family = (uint16_t)step->number,
		.mark = plan->notes.mark,
		.addresses = addresses,
	};
}

static int add_filter(struct plan *plan, const struct plan_step *step,
		      struct fault *fault)
{
	const struct firewall firewall =
		filter_of(plan, step, &plan->setup->addresses);

	return firewall_add(&firewall, fault);
}

static int add_old_filter(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	const struct firewall firewall = filter_of(plan, step, plan->filtered);

	return firewall_add(&firewall, fault);
}

static int replace_filter(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	const struct firewall firewall =
		filter_of(plan, step, &plan->setup->addresses);

	return firewall_replace(&firewall, fault);
}

static int replace_by_old_filter(struct plan *plan,
				 const struct plan_step *step,
				 struct fault *fault)
{
	const struct firewall firewall = filter_of(plan, step, plan->filtered);

	return firewall_replace(&firewall, fault);
}

static int delete_filter(struct plan *plan, const struct plan_step *step,
			 struct fault *fault)
{
	return firewall_delete(plan->name, (uint16_t)step->number, fault);
}

const struct deed deed_add_filter = { add_filter, delete_filter };
const struct deed deed_delete_filter = { delete_filter, add_old_filter };
const struct deed deed_replace_filter = { replace_filter,
					  replace_by_old_filter };

static int turn_on(struct plan *plan, const struct plan_step *step,
		   struct fault *fault)
{
	(void)plan;
	return switch_set((enum switch_id)step->number, true, fault);
}

static int turn_off(struct plan *plan, const struct plan_step *step,
		    struct fault *fault)
{
	(void)plan;
	return switch_set((enum switch_id)step->number, false, fault);
}

const struct deed deed_turn_on = { turn_on, turn_off };
const struct deed deed_turn_off = { turn_off, turn_on };

static int unset_dns(struct plan *plan, const struct plan_step *step,
		     struct fault *fault)
{
	return dns_unset((enum dns_manager)step->number, plan->name, fault);
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
		unset_dns(plan, step, &ignored); /* it may be half done */
	return ret;
}

const struct deed deed_set_dns = { set_dns, unset_dns };
const struct deed deed_unset_dns = { unset_dns, NULL };

static int run_command(const char *command, struct fault *fault)
{
	const char *const argv[] = { "bash", "-c", command, NULL };

	return child_run(argv, NULL, fault);
}

static int run_hook(struct plan *plan, const struct plan_step *step,
		    struct fault *fault)
{
	int ret = run_command(step->text, fault);

	if (!ret)
		plan->hooks_run[step->number]++;
	return ret;
}

const struct deed deed_hook = { run_hook, NULL };

/* All commands of a hook, whatever becomes of each. */
static void run_all(struct plan *plan, enum setup_hook hook)
{
	const struct texts *commands = &plan->setup->hooks[hook];
	struct fault fault;
	size_t i;
	int ret;

	for (i = 0; i < commands->count; i++) {
		out_line(plan->out, "- undo: run %s", commands->items[i]);
		fflush(plan->out->to);
		ret = run_command(commands->items[i], &fault);
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
	if (plan->hooks_run[SETUP_POST_UP])
		run_all(plan, SETUP_PRE_DOWN);
	return 0;
}

static int undo_by_post_down(struct plan *plan, const struct plan_step *step,
			     struct fault *fault)
{
	(void)step;
	(void)fault;
	if (plan->hooks_run[SETUP_PRE_UP] || plan->hooks_run[SETUP_POST_UP])
		run_all(plan, SETUP_POST_DOWN);
	return 0;
}

const struct deed deed_undo_by_pre_down = { do_nothing, undo_by_pre_down };
const struct deed deed_undo_by_post_down = { do_nothing, undo_by_post_down };
