/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From path/intake to the network stack. Data goes through the lane of its peer,
 * of which a device has one for each CPU. A lane has a NAPI, which makes batches
 * of what belongs to one session, has them opened, and finishes them in the
 * order in which they came: window, endpoint, timers, counters once per batch,
 * then each inner packet.
 *
 * A batch is opened on the spot, unless it is large and other CPUs may help:
 * then it waits in the lane's ring for a worker, and the poll finishes it when
 * its turn comes.
 *
 *	lane --> poll: batch --> open here --------------------> finish
 *	                  \--> ring: waits, taken, open --> poll --^
 *	                            worker --^
 */
#ifndef _WG_PATH_RX_H
#define _WG_PATH_RX_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "path/batch.h"

struct wg_device;

/* More CPUs than these share sockets and lanes of a device. */
#define WG_RX_CPUS_MAX 16

/* More CPUs than these never open batches of one lane at a time. */
#define WG_RX_WORKERS_MAX 8

/*
 * Batches that may be on their way through other CPUs, and one that is being
 * filled; a power of two.
 */
#define WG_RX_RING 128

/**
 * struct wg_rx_lane - the way of some peers' data
 * @rx: the receive path
 * @napi: runs the poll, on one CPU at a time
 * @arrived: data that came in, each datagram with a reference to its session;
 *	its lock guards @bytes too
 * @bytes: memory that @arrived holds
 * @at_hand: what the poll has taken of it
 * @ring: batches that were handed over, in order: those from @head on are to
 *	be finished, those from @taken on wait for somebody to open them. The
 *	one at @tail is being filled. Only the poll moves @head and @tail
 * @head: running index of the oldest batch; poll only
 * @lock: guards @taken and @tail
 * @taken: running index of the oldest batch that nobody has taken
 * @tail: running index behind the newest batch
 * @workers: who opens what is in the ring
 */
struct wg_rx_lane {
	struct wg_rx *rx;
	struct napi_struct napi;
	struct sk_buff_head arrived ____cacheline_aligned_in_smp;
	unsigned int bytes;
	struct sk_buff_head at_hand ____cacheline_aligned_in_smp;
	struct wg_batch ring[WG_RX_RING];
	unsigned int head;
	spinlock_t lock;
	unsigned int taken;
	unsigned int tail;
	struct wg_rx_worker {
		struct work_struct work;
		struct wg_rx_lane *lane;
	} workers[WG_RX_WORKERS_MAX];
};

/**
 * struct wg_rx - the receive path of a device
 * @wg: the device
 * @lanes: those made so far, from the first on; none goes before the device
 * @lane_count: lanes in use; release and acquire
 * @is_count_set: somebody has asked for so many; config_lock
 * @is_running: NAPIs are enabled; config_lock
 * @worker_count: workers of a lane that may run, 0 on a single CPU
 * @workqueue: of this device alone: nobody else's batches keep ours waiting
 */
struct wg_rx {
	struct wg_device *wg;
	struct wg_rx_lane *lanes[WG_RX_CPUS_MAX];
	unsigned int lane_count;
	bool is_count_set;
	bool is_running;
	unsigned int worker_count;
	struct workqueue_struct *workqueue;
};

/*
 * As many sockets and lanes as a device has by default: one for each CPU, the
 * numbers of those between that are not there included.
 */
unsigned int wg_rx_cpus(void);

/*
 * Make the receive path of @wg; its NAPI is disabled. Process context.
 * Return: 0 or -ENOMEM.
 */
int wg_rx_init(struct wg_rx *rx, struct wg_device *wg);
void wg_rx_uninit(struct wg_rx *rx);

/*
 * The device goes up, or down: then nothing comes in any more, and what is in
 * flight is dropped. rtnl.
 */
void wg_rx_start(struct wg_rx *rx);
void wg_rx_stop(struct wg_rx *rx);

/*
 * Use @count lanes, 1 to WG_RX_CPUS_MAX, from now on. What is under way stays
 * in the lane it is in: packets of a peer whose lane changes may be in another
 * order, once, and those left behind too far are lost to its replay window. rtnl
 * and config_lock held. Return: 0 or -ENOMEM.
 */
int wg_rx_set_lanes(struct wg_rx *rx, unsigned int count);

/*
 * Give @datagram, data of one session as path/sift took it out, to the lane of
 * its peer. Consumes it. Softirq, RCU read section.
 */
void wg_rx_let_in(struct wg_rx *rx, struct sk_buff *datagram);

#endif
