/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the sockets to the network stack. One NAPI per device drains the
 * sockets, in turns, has path/sift say what of it belongs to somebody, makes
 * batches of what belongs to one session, has them opened, and
 * finishes them in the order in which they came: window, endpoint, timers,
 * counters once per batch, then each inner packet.
 *
 * A batch is opened on the spot, unless it is large and other CPUs may help:
 * then it waits in the ring for a worker, and the poll finishes it when its
 * turn comes.
 *
 *	sockets --> poll: batch --> open here --------------------> finish
 *	                     \--> ring: waits, taken, open --> poll --^
 *	                               worker --^
 */
#ifndef _WG_PATH_RX_H
#define _WG_PATH_RX_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "path/batch.h"

struct sock;
struct wg_device;

/* More CPUs than these never open batches of one device at a time. */
#define WG_RX_WORKERS_MAX 8

/*
 * Batches that may be on their way through other CPUs, and one that is being
 * filled; a power of two.
 */
#define WG_RX_RING 128

struct wg_rx;

struct wg_rx_worker {
	struct work_struct work;
	struct wg_rx *rx;
};

/**
 * struct wg_rx - the receive path of a device
 * @wg: the device
 * @napi: runs the poll, on one CPU at a time
 * @is_turn6: it is the IPv6 socket's turn; poll only
 * @turn: work that is left in this turn; poll only
 * @ring: batches that were handed over, in order: those from @head on are to
 *	be finished, those from @taken on wait for somebody to open them. The
 *	one at @tail is being filled. Only the poll moves @head and @tail
 * @head: running index of the oldest batch; poll only
 * @lock: guards @taken and @tail
 * @taken: running index of the oldest batch that nobody has taken
 * @tail: running index behind the newest batch
 * @overflow4: datagrams that found the IPv4 socket full, so far; poll only
 * @overflow6: the same for IPv6
 * @worker_count: workers that may run, 0 on a single CPU
 * @workqueue: of this device alone: nobody else's batches keep ours waiting
 * @workers: they
 */
struct wg_rx {
	struct wg_device *wg;
	struct napi_struct napi;
	bool is_turn6;
	int turn;
	struct wg_batch ring[WG_RX_RING];
	unsigned int head;
	spinlock_t lock;
	unsigned int taken;
	unsigned int tail;
	unsigned int overflow4;
	unsigned int overflow6;
	unsigned int worker_count;
	struct workqueue_struct *workqueue;
	struct wg_rx_worker workers[WG_RX_WORKERS_MAX];
};

/*
 * Make the receive path of @wg; its NAPI is disabled. Process context.
 * Return: 0 or -ENOMEM.
 */
int wg_rx_init(struct wg_rx *rx, struct wg_device *wg);
void wg_rx_uninit(struct wg_rx *rx);

/* The device goes up, or down: then everything in flight is dropped. */
void wg_rx_start(struct wg_rx *rx);
void wg_rx_stop(struct wg_rx *rx);

/* The sockets may have something that nobody has looked at. Process context. */
void wg_rx_wake(struct wg_rx *rx);

/* sk_data_ready of the outer sockets. Softirq. */
void wg_rx_data_ready(struct sock *sk);

#endif
