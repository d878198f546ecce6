/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handshake messages: a bounded queue, workers that answer it in process
 * context, and the gate that keeps floods from costing more than a mac each.
 * Shares no queue with data, and of its locks only peer->lock, under which
 * nothing is computed.
 */
#ifndef _WG_PATH_HS_H
#define _WG_PATH_HS_H

#include <linux/skbuff.h>
#include <linux/workqueue.h>

#include "proto/rate.h"

struct wg_device;

/* Handshake messages that wait; more are dropped. */
#define WG_HS_QUEUE_MAX 4096

/* More workers than these do not answer one device's messages at a time. */
#define WG_HS_WORKERS_MAX 8

/**
 * struct wg_hs - handshake messages of a device
 * @wg: the device
 * @queue: they wait here
 * @load: whether the device is under load; queue.lock
 * @next: worker to wake next; approximate
 * @worker_count: length of @workers in use
 * @workers: they
 */
struct wg_hs {
	struct wg_device *wg;
	struct sk_buff_head queue;
	struct wg_load load;
	unsigned int next;
	unsigned int worker_count;
	struct wg_hs_worker {
		struct work_struct work;
		struct wg_hs *hs;
	} workers[WG_HS_WORKERS_MAX];
};

/* Would wg_hs_receive() have to drop? May be wrong by now. Any context. */
static inline bool wg_hs_is_full(const struct wg_hs *hs)
{
	return skb_queue_len_lockless(&hs->queue) >= WG_HS_QUEUE_MAX;
}

void wg_hs_init(struct wg_hs *hs, struct wg_device *wg);

/* Wait for the workers and drop what is queued. Process context. */
void wg_hs_stop(struct wg_hs *hs);

/*
 * A datagram that holds one handshake or cookie message of a right length.
 * Consumes @skb. Softirq.
 */
void wg_hs_receive(struct wg_hs *hs, struct sk_buff *skb);

#endif
