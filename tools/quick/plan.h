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
#include "quick/firewall.h"
#include "quick/setup.h"
#include "quick/state.h"

struct plan;
union plan_arg;

/* Adds or deletes something; what is to be deleted may be gone. */
typedef int net_fn(struct plan *plan, const union plan_arg *arg,
		   enum rtnl_act act, struct fault *fault);

/* What an op works on; which of these, the op knows. */
union plan_arg {
	uint32_t mtu; /* 0: mtu.h's */
	uint16_t family; /* of a filter, as in firewall.h */
	enum sysctl_id sysctl;
	enum dns_manager dns;
	struct {
		enum rtnl_act act; /* the other one undoes it */
		net_fn *put;
		union {
			struct allowed_ip ip;
			struct rtnl_route route; /* its ifindex is filled in */
			struct rtnl_rule rule;
		};
	} net;
	struct {
		enum setup_hook kind;
		const char *command; /* borrowed */
	} hook;
	struct {
		struct tunnel *to; /* borrowed */
		struct tunnel *back; /* borrowed; NULL: there is no way back */
	} change;
	const void *job; /* borrowed: of user/job.h */
};

typedef int op_fn(struct plan *plan, const union plan_arg *arg,
		  struct fault *fault);

/* What a step does, and what takes it back; NULL: nothing. */
struct op {
	op_fn *apply;
	op_fn *undo;
};

struct plan_step {
	const struct op *op;
	union plan_arg arg;
	char *text; /* owned; "add ...", "start ..."; NULL: not worth printing */
	bool must_work; /* ends even PLAN_TO_THE_END when it fails */
	bool is_quiet; /* makes sure of something: printed only if that fails */
};

enum plan_mode {
	PLAN_DRY, /* only print it */
	PLAN_ALL_OR_NOTHING,
	PLAN_TO_THE_END, /* a failure does not keep the rest from being done */
};

/* Everything that steps need to know. */
struct plan {
	char name[IFNAMSIZ]; /* of the interface */
	const struct setup *setup;
	const struct allowed_ips *filtered; /* what filters name by now */
	struct firewall_seen seen; /* by filters_look() */
	bool has_new_addresses; /* so that the filters are to change */
	struct nl_talk rtnl;
	struct state before; /* as it was found; what undoing goes back to */
	struct state state; /* what there is to undo by `down`, rather too much */
	struct out *out;
	struct plan_step *steps;
	size_t count;
	size_t room;
	bool has_run[SETUP_HOOKS]; /* a command of it, well or not */
};

/**
 * plan_begin() - an empty plan
 * @plan: filled, for plan_end()
 * @setup: outlives the plan
 * @out: where the steps are printed
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int plan_begin(struct plan *plan, const struct setup *setup, struct out *out,
	       struct fault *fault);
void plan_end(struct plan *plan);

/**
 * plan_read_state() - what is known of the tunnel, and what will be
 * @plan: its states are filled; the file to come is the setup's, if it has one
 */
void plan_read_state(struct plan *plan);

/**
 * plan_add() - append a step
 * @plan: grows
 * @op: what to do
 * @arg: copied; NULL: the op needs none
 * @format: of its text; NULL: it is not printed
 *
 * Return: the step, until the next one is added.
 */
struct plan_step *plan_add(struct plan *plan, const struct op *op,
			   const union plan_arg *arg, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * plan_record() - report in JSON what became of something
 * @plan: is being run
 * @text: as of a step; NULL: nothing is reported
 * @outcome: such as "done"
 */
void plan_record(struct plan *plan, const char *text, const char *outcome);

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
 * print more in it.
 *
 * Return: 0 or a negative errno.
 */
int plan_run(struct plan *plan, enum plan_mode mode, struct fault *fault);

#endif
