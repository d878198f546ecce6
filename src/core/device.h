/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tunnel device: its keys, its tables, its peers, its sockets. Owns the
 * memory and the life of these; what packets do with them is path/'s, what
 * administrators do with them is ctl/'s.
 */
#ifndef _WG_CORE_DEVICE_H
#define _WG_CORE_DEVICE_H

#include <linux/in6.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "core/counters.h"
#include "core/drop.h"
#include "proto/cookie.h"
#include "proto/noise.h"
#include "table/index.h"
#include "table/pubkey.h"
#include "table/ratelimiter.h"
#include "table/trie.h"

struct net;
struct sock;
struct wg_path;

/**
 * struct wg_bound - what the sockets are bound to besides the port
 * @dev: a device or VRF of the namespace of birth, filled up with zeroes; empty:
 *	any
 * @addr: local address, IPv4 mapped; ::, any of either family
 */
struct wg_bound {
	char dev[IFNAMSIZ];
	struct in6_addr addr;
};

/**
 * struct wg_device - one tunnel device, the private part of its net_device
 * @dev: the net_device that this is the private part of
 * @path: what path/ keeps for the device; made and freed by it
 * @net: namespace of birth, where the sockets live; NULL once it is gone.
 *	Written under rtnl, read under RCU
 * @sock4: bound IPv4 socket while the device is up; written under config_lock
 * @sock6: bound IPv6 socket, likewise; NULL where IPv6 is off. Either is NULL
 *	where an address of the other family is bound
 * @fwmark: mark of outer packets, 0 for none; READ_ONCE
 * @listen_port: the port asked for or chosen; host order. config_lock
 * @is_port_chosen: the port came from the kernel, not from the user
 * @bound: what was asked for; config_lock
 * @local_lock: guards @local and the keys in @checker
 * @local: our static identity
 * @checker: mac1, mac2 and cookies for messages that come in
 * @checker_lock: guards the cookie secret in @checker
 * @ips: allowed IPs to struct wg_allowed_ip
 * @pubkeys: public keys to struct wg_peer
 * @index: receiver indices to handshakes and sessions
 * @ratelimiter: handshakes per source address under load
 * @workqueue: handshake messages; of this device alone, so that nobody's peers
 *	keep those of another namespace waiting
 * @peer_workqueue: peers' work, likewise; of them a million may begin handshakes
 *	at once, and messages that came in do not wait for that
 * @flush_workqueue: what peers send, likewise; it waits for no handshakes
 * @config_lock: one change of configuration at a time; guards what says so
 * @peers: all live peers in the order of their making; config_lock
 * @peer_count: length of @peers; config_lock
 * @cursors: places in @peers where somebody will go on
 * @is_running: peers are started and packets are received: the device is up,
 *	and the machine is not about to sleep. config_lock
 * @generation: number of changes; config_lock for writing
 * @is_exclusive: no change takes an allowed IP from another peer; config_lock
 * @ips_moved: allowed IPs that a change took from another peer; config_lock
 * @until_work: looks which peers have ended; ctl/until's
 * @until_cost: jiffies that it took the last time; config_lock
 * @counters: packets and bytes, per CPU
 * @drops: dropped packets by reason, per CPU
 * @refusals: what was refused last
 * @node: entry in the list of all devices; rtnl
 * @id: rises with every device made; constant
 */
struct wg_device {
	struct net_device *dev;
	struct wg_path *path;
	struct net __rcu *net;
	struct sock __rcu *sock4;
	struct sock __rcu *sock6;
	u32 fwmark;
	u16 listen_port;
	bool is_port_chosen;
	struct wg_bound bound;

	struct rw_semaphore local_lock;
	struct wg_noise_local local;
	struct wg_cookie_checker checker;
	spinlock_t checker_lock;

	struct wg_trie ips;
	struct wg_pubkeys pubkeys;
	struct wg_index index;
	struct wg_ratelimiter ratelimiter;
	struct workqueue_struct *workqueue;
	struct workqueue_struct *peer_workqueue;
	struct workqueue_struct *flush_workqueue;

	struct mutex config_lock;
	struct list_head peers;
	unsigned int peer_count;
	struct hlist_head cursors;
	bool is_running;
	u32 generation;
	bool is_exclusive;
	u64 ips_moved;
	struct delayed_work until_work;
	unsigned long until_cost;

	struct wg_counters __percpu *counters;
	struct wg_drop_stats __percpu *drops;
	struct wg_refusals refusals;
	struct list_head node;
	u64 id;
};

/*
 * Make the tables and counters of @wg, whose memory is zero and whose @dev is
 * set. Process context. Return: 0 or -ENOMEM, with nothing left behind.
 */
int wg_device_init(struct wg_device *wg);

/*
 * Free what wg_device_init() made. No peer, socket or packet is left.
 * Process context.
 */
void wg_device_uninit(struct wg_device *wg);

/*
 * Take @private_key (32 bytes; all zero: none) as the device's identity. From
 * then on handshakes use it; all sessions have ended when this returns. A peer
 * with our own public key must have been removed by the caller before.
 * Process context, config_lock held.
 */
void wg_device_set_private_key_locked(struct wg_device *wg,
				      const u8 *private_key);

/*
 * End all sessions and handshakes of all peers, because another machine may
 * have the same ones. Process context, config_lock held.
 */
void wg_device_expire_sessions_locked(struct wg_device *wg);

/*
 * Remove all peers, as part of the device's end: their allowed IPs stay in the
 * table, where no packet looks any more. Process context, config_lock held.
 * Waits for one grace period.
 */
void wg_device_remove_peers_locked(struct wg_device *wg);

/* Add to this CPU's counters. Any context. */
static inline void wg_device_count_rx(struct wg_device *wg,
				      unsigned int packets, unsigned int bytes)
{
	this_cpu_add(wg->counters->rx_packets, packets);
	this_cpu_add(wg->counters->rx_bytes, bytes);
}

static inline void wg_device_count_tx(struct wg_device *wg,
				      unsigned int packets, unsigned int bytes)
{
	this_cpu_add(wg->counters->tx_packets, packets);
	this_cpu_add(wg->counters->tx_bytes, bytes);
}

/* The sum of all CPUs' counters. Any context. */
void wg_device_sum_counters(const struct wg_device *wg,
			    struct wg_counters *sum);

#endif
