/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Signals that would end the program in the middle of something.
 */
#ifndef _WGCTL_LIB_SIGNAL_H
#define _WGCTL_LIB_SIGNAL_H

#include <poll.h>
#include <stdbool.h>

/*
 * At the start: whatever the parent ignores, programs that we run can be
 * waited for, and a limit on the size of files is an error like others.
 */
void signal_init(void);

/* From now on SIGINT, SIGTERM and SIGHUP are only taken note of. */
void signal_catch(void);

/* From now on they are ignored: something must not stay half done. */
void signal_ignore(void);

/* Did one come since signal_catch()? */
bool signal_caught(void);

/*
 * After signal_catch(): wait until one of @fds can be read, a signal has come, or
 * @timeout_ms is over; negative: that never is. None slips in between.
 * Return: how many can be read.
 */
int signal_poll(struct pollfd *fds, unsigned int count, int timeout_ms);

#endif
