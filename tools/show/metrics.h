/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tunnels as metrics, in the text format that Prometheus reads.
 */
#ifndef _WGCTL_SHOW_METRICS_H
#define _WGCTL_SHOW_METRICS_H

#include <stddef.h>
#include <stdio.h>

#include "model/tunnel.h"

/**
 * show_metrics() - print every metric of every tunnel
 * @tunnels: of devices
 * @count: how many
 * @to: where
 *
 * The samples of one metric stand together, as the format demands.
 */
void show_metrics(struct tunnel *const *tunnels, size_t count, FILE *to);

#endif
