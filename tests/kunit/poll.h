/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device whose poll runs when a test says so, in the test's own task: what
 * one poll does can be measured, and what it allocates be counted.
 */
#ifndef _WG_TESTS_KUNIT_POLL_H
#define _WG_TESTS_KUNIT_POLL_H

#include "writer.h"

#define POLL_BUDGET 64

/* The only lane, unless the test has made more. */
static inline struct wg_rx_lane *poll_lane(struct fixture *f)
{
	return f->wg->path->rx.lanes[0];
}

static inline void poll_hold_lane(struct wg_rx_lane *lane)
{
	napi_disable(&lane->napi);
}

static inline void poll_let_lane_go(struct wg_rx_lane *lane)
{
	napi_enable(&lane->napi);
	local_bh_disable();
	napi_schedule(&lane->napi);
	local_bh_enable();
}

static inline void poll_hold(struct fixture *f)
{
	poll_hold_lane(poll_lane(f));
}

static inline void poll_let_go(struct fixture *f)
{
	poll_let_lane_go(poll_lane(f));
}

/* One poll. Return: the work that it says it did. */
static inline int poll_once(struct fixture *f)
{
	struct napi_struct *napi = &poll_lane(f)->napi;
	int done;

	local_bh_disable();
	done = napi->poll(napi, POLL_BUDGET);
	local_bh_enable();
	return done;
}

/* How many datagrams a poll has not looked at yet. */
static inline unsigned int poll_waiting(struct fixture *f)
{
	return skb_queue_len_lockless(&poll_lane(f)->arrived) +
	       skb_queue_len_lockless(&poll_lane(f)->at_hand);
}

#endif
