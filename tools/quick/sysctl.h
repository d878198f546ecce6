/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sysctls of a network namespace that tunnels need to be on.
 *
 * Several tunnels may need the same one. Each notes it (state.h) if the
 * sysctl was off before the first of them, and the last one sets it back.
 */
#ifndef _WGCTL_QUICK_SYSCTL_H
#define _WGCTL_QUICK_SYSCTL_H

#include <stdbool.h>

#include "lib/fault.h"

enum sysctl_id {
	SYSCTL_VALID_MARK, /* the reverse path filter heeds marks */
	SYSCTL_FORWARD4,
	SYSCTL_FORWARD6,
	SYSCTLS,
};

/* such as "net.ipv4.ip_forward" */
const char *sysctl_name(enum sysctl_id id);

/* is it there, and off? */
bool sysctl_is_off(enum sysctl_id id);

/**
 * sysctl_set() - turn it on or off
 * @id: which
 * @on: or off
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int sysctl_set(enum sysctl_id id, bool on, struct fault *fault);

#endif
