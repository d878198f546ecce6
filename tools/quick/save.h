/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a running tunnel back into its file, which keeps its comments, its
 * order and whatever it says that a device does not know.
 */
#ifndef _WGCTL_QUICK_SAVE_H
#define _WGCTL_QUICK_SAVE_H

#include "conf/conf.h"
#include "lib/fault.h"
#include "netlink/rtnl.h"
#include "quick/setup.h"
#include "quick/state.h"

/**
 * save_merge() - bring a file to what a device has
 * @conf: changed in place
 * @now: the device's state
 * @addresses: of the interface; NULL: leave those of the file
 * @mark: the mark that `up` chose, which is not the file's; 0: none
 * @fault: filled on failure
 *
 * An endpoint that the file gives by a name stays a name.
 *
 * Return: 0 or a negative errno.
 */
int save_merge(struct conf *conf, const struct tunnel *now,
	       const struct allowed_ips *addresses, uint32_t mark,
	       struct fault *fault);

/**
 * save_tunnel() - write a running tunnel's state into its file
 * @setup: of the file, which is read again
 * @rtnl: open
 * @state: of the tunnel
 * @fault: filled on failure; the file is then untouched
 *
 * Return: 0 or a negative errno.
 */
int save_tunnel(const struct setup *setup, struct nl_talk *rtnl,
		const struct state *state, struct fault *fault);

/**
 * save_lock() - be the only one to change files in a directory
 * @path: of one of the files
 * @fault: filled on failure
 *
 * Return: a descriptor to close at the end, or a negative errno.
 */
int save_lock(const char *path, struct fault *fault);

#endif
