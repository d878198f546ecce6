/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a configuration may say and hardly mean, told on standard error.
 */
#ifndef _WGCTL_MODEL_WARN_H
#define _WGCTL_MODEL_WARN_H

#include "model/tunnel.h"

/**
 * warn_of_tunnel() - warn of what is likely to be a mistake
 * @wanted: from a file or from arguments
 *
 * Allowed IPs with host bits, or of the one address that is all zero; those
 * that two peers are given, of which the last one gets them; a peer that has
 * two sections in a file, which are put together; and comments of the form of
 * a setting of ours that are none.
 */
void warn_of_tunnel(const struct tunnel *wanted);

#endif
