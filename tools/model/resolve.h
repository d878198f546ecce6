/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Endpoint names to addresses, with patience.
 *
 * How often a look-up that failed for a passing reason is tried again comes
 * from WG_ENDPOINT_RESOLUTION_RETRIES, a number or "infinity"; 15 without it.
 */
#ifndef _WGCTL_MODEL_RESOLVE_H
#define _WGCTL_MODEL_RESOLVE_H

#include "lib/fault.h"
#include "model/tunnel.h"

/**
 * resolve_endpoint() - fill in the address of an endpoint
 * @endpoint: has host and port; one without a host is left alone
 * @fault: names the host and the port on failure
 *
 * Context: may sleep for minutes. Every wait is announced on standard error.
 * Return: 0 or a negative errno.
 */
int resolve_endpoint(struct endpoint *endpoint, struct fault *fault);

/**
 * resolve_tunnel() - fill in the addresses of all peers
 * @tunnel: changed in place
 * @path: of the file that it was read from
 * @fault: names the first one that failed
 *
 * Return: 0 or a negative errno.
 */
int resolve_tunnel(struct tunnel *tunnel, const char *path,
		   struct fault *fault);

#endif
