/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watching a tunnel for some seconds while its peers are called.
 *
 * A call is an echo request into the tunnel that no router passes on: it
 * reaches the peer and nobody else. Packets are watched by a packet socket,
 * which sees them before a firewall does.
 */
#ifndef _WGCTL_DOCTOR_WATCH_H
#define _WGCTL_DOCTOR_WATCH_H

#include "doctor/evidence.h"
#include "netlink/talk.h"

/**
 * watch() - call the peers, and write down what happens
 * @evidence: has the device's state from before; trials are filled
 * @rtnl: open
 * @least_s: how long at least; it goes on for as long as answers may come
 *
 * Without the right to watch packets it does nothing.
 */
void watch(struct evidence *evidence, struct nl_talk *rtnl, uint64_t least_s);

#endif
