/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Other programs: finding and running them.
 *
 * Nothing secret goes into their arguments, and no file of ours stays open
 * in them.
 */
#ifndef _WGCTL_LIB_PROCESS_H
#define _WGCTL_LIB_PROCESS_H

#include <stdbool.h>

#include "lib/fault.h"

/* Is there such a program, in PATH or among the system's? */
bool process_exists(const char *program);

/* Is the one, after all links, the other? */
bool process_is(const char *program, const char *other);

/**
 * process_run() - run a program and wait for its end
 * @argv: argv[0] is looked up as by process_exists()
 * @input: what it reads; NULL: what we would
 * @fault: filled when it cannot be run, fails, or is killed
 *
 * What it prints on standard output goes to ours on standard error, where
 * it cannot be taken for a part of our output.
 *
 * Return: 0 or a negative errno; -ECHILD for one that failed itself.
 */
int process_run(const char *const argv[], const char *input, struct fault *fault);

/**
 * process_output() - run a program and keep what it prints
 * @argv: as in process_run()
 * @fault: filled on failure
 *
 * Return: its output, for free(), or NULL.
 */
char *process_output(const char *const argv[], struct fault *fault);

#endif
