/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device whose poll runs when a test says so, in the test's own task: what
 * one poll does can be measured, and what it allocates be counted.
 */
#ifndef _WG_TESTS_KUNIT_POLL_H
#define _WG_TESTS_KUNIT_POLL_H

#include "writer.h"

#define POLL_BUDGET 64

static inline void poll_hold(struct fixture *f)
{
	napi_disable(&f->wg->path->rx.napi);
}

static inline void poll_let_go(struct fixture *f)
{
	napi_enable(&f->wg->path->rx.napi);
	wg_rx_wake(&f->wg->path->rx);
}

/* One poll. Return: the work that it says it did. */
static inline int poll_once(struct fixture *f)
{
	struct napi_struct *napi = &f->wg->path->rx.napi;
	int done;

	local_bh_disable();
	done = napi->poll(napi, POLL_BUDGET);
	local_bh_enable();
	return done;
}

/* How many datagrams wait in the IPv4 socket. */
static inline unsigned int poll_waiting(struct fixture *f)
{
	struct sock *sk = rcu_dereference_protected(f->wg->sock4, true);

	return skb_queue_len_lockless(&sk->sk_receive_queue) +
	       skb_queue_len_lockless(&udp_sk(sk)->reader_queue);
}

#endif
