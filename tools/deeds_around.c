// SPDX-License-Identifier: GPL-2.0
/*
 * The deeds that other programs and other parts of the kernel do for us:
 * filters, name servers, hooks, a sysctl.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "deeds.h"
#include "firewall.h"

#define VALID_MARK "/proc/sys/net/ipv4/conf/all/src_valid_mark"

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

static int write_valid_mark(const char *value, struct fault *fault)
{
	int fd = open(VALID_MARK, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0 || write(fd, value, 1) != 1)
		ret = -errno;
	if (fd >= 0)
		close(fd);
	return ret ? fault_set(fault, ret, "%s", strerror(-ret)) : 0;
}

static int set_valid_mark(struct plan *plan, const struct plan_step *step,
			  struct fault *fault)
{
	(void)plan;
	(void)step;
	return write_valid_mark("1", fault);
}

static int clear_valid_mark(struct plan *plan, const struct plan_step *step,
			    struct fault *fault)
{
	(void)plan;
	(void)step;
	return write_valid_mark("0", fault);
}

const struct deed deed_set_valid_mark = { set_valid_mark, clear_valid_mark };
const struct deed deed_clear_valid_mark = { clear_valid_mark, set_valid_mark };

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

	for (i = 0; i < commands->count; i++) {
		out_line(plan->out, "- undo: run %s", commands->items[i]);
		if (run_command(commands->items[i], &fault))
			fault_print(&fault);
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
