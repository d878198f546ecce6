/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stands in for the kernel's allocator and for RCU: tests look at what is
 * allocated, let the nth allocation fail, and say when a grace period ends.
 */
#ifndef _HOST_HEAP_H
#define _HOST_HEAP_H

#include <linux/types.h>

/* Bytes allocated now, each object counted with the kernel's object size. */
size_t heap_bytes(void);

/* Allocations made since the program began, failed ones included. */
unsigned long heap_allocations(void);

/* Let the @nth allocation from now (from 1) fail, once; 0: none. */
void heap_fail(unsigned long nth);

/* Did the failure asked for happen? */
bool heap_has_failed(void);

/* End a grace period: run what call_rcu() was given. */
void rcu_end_grace_period(void);

#endif
