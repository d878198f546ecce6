/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals that would end the program in the middle of something.
 */
#ifndef _WGCTL_LIB_SIGNAL_H
#define _WGCTL_LIB_SIGNAL_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP are only taken note of. */
void signal_catch(void);

/* From now on they are ignored: something must not stay half done. */
void signal_ignore(void);

/* Did one come since signal_catch()? */
bool signal_caught(void);

#endif
