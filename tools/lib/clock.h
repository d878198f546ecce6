/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time that nobody sets, to measure how long something takes.
 */
#ifndef _WGCTL_LIB_CLOCK_H
#define _WGCTL_LIB_CLOCK_H

#include <stdint.h>

/* Milliseconds since the machine was started. */
int64_t clock_now_ms(void);

#endif
