// SPDX-License-Identifier: GPL-2.0
#include "quick/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/signal.h"
#include "lib/xalloc.h"

int plan_begin(struct plan *plan, const struct setup *setup, struct out *out,
	       struct fault *fault)
{
	memset(plan, 0, sizeof(*plan));
	plan->setup = setup;
	plan->filtered = &setup->addresses;
	plan->out = out;
	snprintf(plan->name, sizeof(plan->name), "%s", setup->name);
	return nl_talk_open(&plan->rtnl, NETLINK_ROUTE, fault);
}

void plan_end(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++)
		free(plan->steps[i].text);
	free(plan->steps);
	state_clear(&plan->before);
	state_clear(&plan->state);
	nl_talk_close(&plan->rtnl);
}

void plan_read_state(struct plan *plan)
{
	state_read(&plan->before, plan->name);
	state_read(&plan->state, plan->name);
	if (!plan->setup->path)
		return;
	free(plan->state.path);
	plan->state.path = xstrdup(plan->setup->path);
}

struct plan_step *plan_add(struct plan *plan, const struct op *op,
			   const union plan_arg *arg, const char *format, ...)
{
	struct plan_step *step;
	va_list args;

	plan->steps = xgrow(plan->steps, plan->count, &plan->room,
			    sizeof(*step));
	step = &plan->steps[plan->count++];
	*step = (struct plan_step){ .op = op };
	if (arg)
		step->arg = *arg;
	if (!format)
		return step;
	va_start(args, format);
	step->text = xvasprintf(format, args);
	va_end(args);
	return step;
}

/* What is printed of a step that works; NULL: nothing. */
static const char *printed(const struct plan_step *step)
{
	return step->is_quiet ? NULL : step->text;
}

/* The line goes out before the step is taken, which may be long. */
static void print(struct plan *plan, const char *mark,
		  const struct plan_step *step)
{
	if (!printed(step))
		return;
	out_line(plan->out, "%s %s", mark, step->text);
	fflush(plan->out->to);
}

void plan_record(struct plan *plan, const char *text, const char *outcome)
{
	if (!text)
		return;
	out_begin(plan->out, NULL);
	out_string(plan->out, "step", NULL, text);
	out_string(plan->out, "outcome", NULL, outcome);
	out_end(plan->out);
}

static void name_step(const struct plan_step *step, struct fault *fault)
{
	if (step->text)
		fault_prefix(fault, "cannot %s", SHOWN(step->text));
}

/* Takes back what was done, the last step first. */
static void undo_steps(struct plan *plan, size_t count)
{
	while (count--) {
		const struct plan_step *step = &plan->steps[count];
		struct fault fault;

		if (!step->op->undo)
			continue;
		print(plan, "- undo:", step);
		if (step->op->undo(plan, &step->arg, &fault)) {
			name_step(step, &fault);
			fault_prefix(&fault, "while undoing");
			fault_print(&fault);
			plan_record(plan, step->text, "undoing failed");
		} else {
			plan_record(plan, printed(step), "undone");
		}
	}
}

static int take_step(struct plan *plan, const struct plan_step *step,
		     struct fault *fault)
{
	int ret = 0;

	print(plan, "+", step);
	if (step->op->apply)
		ret = step->op->apply(plan, &step->arg, fault);
	if (!ret) {
		plan_record(plan, printed(step), "done");
		return 0;
	}
	name_step(step, fault);
	plan_record(plan, step->text, "failed");
	return ret;
}

static void run_dry(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		print(plan, "+", &plan->steps[i]);
		plan_record(plan, printed(&plan->steps[i]), "not done: dry run");
	}
}

static int run_all_or_nothing(struct plan *plan, struct fault *fault)
{
	size_t i;
	int ret = 0;

	signal_catch();
	for (i = 0; !ret; i++) {
		if (signal_caught())
			ret = fault_set(fault, -EINTR, "interrupted");
		else if (i < plan->count)
			ret = take_step(plan, &plan->steps[i], fault);
		else
			return 0;
	}
	signal_ignore();
	undo_steps(plan, i - 1);
	return ret;
}

static int run_to_the_end(struct plan *plan, struct fault *fault)
{
	struct fault further;
	size_t i;
	int ret = 0, one;

	signal_ignore();
	for (i = 0; i < plan->count; i++) {
		one = take_step(plan, &plan->steps[i], ret ? &further : fault);
		if (one && ret)
			fault_print(&further);
		ret = ret ? ret : one;
		if (one && plan->steps[i].must_work)
			break;
	}
	return ret;
}

int plan_run(struct plan *plan, enum plan_mode mode, struct fault *fault)
{
	int ret = 0;

	if (!plan->out->depth)
		out_begin(plan->out, NULL);
	out_string(plan->out, "interface", NULL, plan->name);
	out_list(plan->out, "steps");
	if (mode == PLAN_DRY)
		run_dry(plan);
	else if (mode == PLAN_ALL_OR_NOTHING)
		ret = run_all_or_nothing(plan, fault);
	else
		ret = run_to_the_end(plan, fault);
	out_end(plan->out);
	return ret;
}
