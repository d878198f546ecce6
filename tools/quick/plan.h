/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plans: steps that are all taken, or all taken back.
 *
 * `up`, `down` and `reload` look at the machine, write down what there is to
 * do as steps, and have the plan carried out. Nothing is changed before the
 * plan is complete. A step knows how it is undone:
 *
 *	step 1   step 2   step 3 fails
 *	apply -> apply -> apply
 *	undo  <- undo  <----'
 *
 * ops.h has the steps that there are.
 */
#ifndef _WGCTL_QUICK_PLAN_H
#define _WGCTL_QUICK_PLAN_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/fault.h"
#include "lib/out.h"
#include "netlink/rtnl.h"
#include "quick/setup.h"
#include "quick/state.h"

struct plan;
struct plan_step;

/* What a step does, and what takes it back (NULL: nothing has to). */
struct op {
	int (*apply)(struct plan *plan, const struct plan_step *step,
		     struct fault *fault);
	int (*undo)(struct plan *plan, const struct plan_step *step,
		    struct fault *fault);
};

struct plan_step {
	const struct op *op;
	char *words; /* owned; "add ...", "start ..."; NULL: not worth saying */
	const char *text; /* borrowed: a command, a kind */
	uint32_t number; /* an MTU, a hook's kind, a family */
	struct allowed_ip ip;
	struct rtnl_route route;
	struct rtnl_rule rule;
	struct tunnel *change; /* borrowed */
	struct tunnel *back; /* borrowed: undoes @change */
	const void *context; /* borrowed: what else an op needs */
	bool must_work; /* ends even PLAN_TO_THE_END when it fails */
	bool is_quiet; /* makes sure of something: said only if that fails */
};

enum plan_mode {
	PLAN_DRY, /* only say it */
	PLAN_ALL_OR_NOTHING,
	PLAN_TO_THE_END, /* a failure does not keep the rest from being done */
};

/* Everything that steps need to know. */
struct plan {
	char name[IFNAMSIZ]; /* of the interface */
	const struct setup *setup;
	const struct allowed_ips *filtered; /* what filters name by now */
	struct rtnl rtnl;
	struct state before; /* as they were found; what undoing goes back to */
	struct state state; /* what there is to undo by `down`, rather too much */
	struct out *out;
	struct plan_step *steps;
	size_t count;
	size_t room;
	bool has_run[SETUP_HOOKS]; /* a command of it, well or not */
	bool has_failed; /* memory ran out while it was made */
};

/**
 * plan_begin() - an empty plan
 * @plan: filled, for plan_end()
 * @setup: outlives the plan
 * @out: where the steps are said
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int plan_begin(struct plan *plan, const struct setup *setup, struct out *out,
	       struct fault *fault);
void plan_end(struct plan *plan);

/**
 * plan_add() - append a step
 * @plan: grows; running out of memory is remembered in it
 * @step: copied, without its words
 * @format: of its words; NULL: they are not said
 */
void plan_add(struct plan *plan, const struct plan_step *step,
	      const char *format, ...) __attribute__((format(printf, 3, 4)));

/**
 * plan_record() - say in JSON what became of something
 * @plan: is being run
 * @words: as for a step; NULL: nothing is said
 * @outcome: such as "done"
 */
void plan_record(struct plan *plan, const char *words, const char *outcome);

/**
 * plan_run() - carry a plan out
 * @plan: complete
 * @mode: what to do, and what a failure means
 * @fault: the step that failed first, and why
 *
 * Signals that would end the program are held back until the step at hand
 * is done, and then count as a failure (PLAN_ALL_OR_NOTHING) or are obeyed
 * at the end (PLAN_TO_THE_END).
 *
 * As JSON the steps are a list of an object that is left open: the verb may
 * say more in it, and ends it.
 *
 * Return: 0 or a negative errno.
 */
int plan_run(struct plan *plan, enum plan_mode mode, struct fault *fault);

#endif
