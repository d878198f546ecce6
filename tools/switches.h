/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Switches of a network namespace that tunnels need to be on.
 *
 * Several tunnels may need the same one. Each notes it (notes.h) if the
 * switch was off before the first of them, and the last one sets it back.
 */
#ifndef _WGCTL_SWITCHES_H
#define _WGCTL_SWITCHES_H

#include <stdbool.h>

#include "fault.h"

enum switch_id {
	SWITCH_VALID_MARK, /* the reverse path filter heeds marks */
	SWITCH_FORWARD4,
	SWITCH_FORWARD6,
	SWITCHES,
};

/* such as "net.ipv4.ip_forward" */
const char *switch_name(enum switch_id id);

/* is it there, and off? */
bool switch_is_off(enum switch_id id);

/**
 * switch_set() - turn it on or off
 * @id: which
 * @on: or off
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int switch_set(enum switch_id id, bool on, struct fault *fault);

#endif
