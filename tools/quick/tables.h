/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of routing tables, as iproute2 keeps them.
 */
#ifndef _WGCTL_QUICK_TABLES_H
#define _WGCTL_QUICK_TABLES_H

#include <stdbool.h>
#include <stdint.h>

/**
 * table_by_name() - the number of a routing table
 * @number: filled
 * @name: main, default, local, or one that a file of iproute2 defines
 *
 * Return: false if there is no such name.
 */
bool table_by_name(uint32_t *number, const char *name);

#endif
