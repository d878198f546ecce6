/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals that would end the program in the middle of something.
 */
#ifndef _WGCTL_INTERRUPT_H
#define _WGCTL_INTERRUPT_H

#include <stdbool.h>

/* From now on SIGINT, SIGTERM and SIGHUP are only taken note of. */
void interrupt_catch(void);

/* From now on they are ignored: something must not stay half done. */
void interrupt_ignore(void);

/* Did one come since interrupt_catch()? */
bool interrupt_caught(void);

#endif
