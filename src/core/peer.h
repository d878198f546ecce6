/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer: who it is, where it is, its sessions, its pending handshake, its
 * timer. Plain memory, under 800 bytes with its table entries while it is idle:
 * what handshakes need comes with the first one, and sessions with those that
 * succeed.
 *
 * Life: made by wg_peer_create() (invisible to packets), made visible by
 * wg_peer_publish(), killed by wg_peer_kill_locked(), and, one grace period
 * later, finished by wg_peer_finish(). Memory goes with the last reference.
 * Packets that stay inside one RCU read section take no reference.
 *
 * Two locks. @lock, a spinlock, is the only one that data packets take, once
 * per batch. @hs_lock, a mutex, belongs to the handshake, which computes for
 * a tenth of a millisecond in process context. hs_lock is taken first.
 */
#ifndef _WG_CORE_PEER_H
#define _WG_CORE_PEER_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/time64.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#include "core/counters.h"
#include "core/drop.h"
#include "core/endpoint.h"
#include "core/txq.h"
#include "proto/cookie.h"
#include "proto/noise.h"
#include "proto/slots.h"
#include "proto/timers.h"
#include "table/index.h"
#include "table/pubkey.h"

struct wg_device;
struct wg_change_part;
struct wg_session;

/**
 * struct wg_peer_hs - what handshakes with a peer need. Holds keys. Made with the
 *	first one, and then there as long as the peer; its hs_lock
 * @peer: whose it is, constant
 * @noise: the handshake in flight, as initiator
 * @index: its entry in wg->index
 * @past: timestamp and time of the newest initiation accepted from it
 * @cookie: the cookie it gave us, and the mac1 it would answer
 */
struct wg_peer_hs {
	struct wg_peer *peer;
	struct wg_noise_handshake noise;
	struct wg_index_entry index;
	struct wg_noise_past past;
	struct wg_cookie_maker cookie;
};

/**
 * struct wg_peer - a peer of a device. Holds keys.
 * @wg: the device, constant
 * @pubkey: entry in wg->pubkeys
 * @node: entry in wg->peers; wg->config_lock
 * @allowed_ips: list of struct wg_allowed_ip; wg->config_lock
 * @name: what the administrator calls it, or NULL; wg->config_lock. Freed
 *	with the peer
 * @id: rises with every peer made, over all devices; constant
 * @change_part: what the change of configuration under way makes of it, else
 *	NULL; wg->config_lock
 * @refs: references
 * @is_disabled: the administrator's switch; wg->config_lock
 * @until_s: wall clock second from which on it is off, 0 for never;
 *	wg->config_lock
 * @has_ended: that has passed, as listeners were told; wg->config_lock
 * @rcu: for freeing
 *
 * @lock: guards all from here to @hs_lock
 * @is_dead: removed, or not published: no timer, work or session may begin
 * @is_off: disabled or ended; written under wg->config_lock, READ_ONCE
 * @slots: previous, current and next session
 * @endpoint: where it was last heard
 * @timers: when something is due
 * @txq: packets that wait to be sent
 * @counters: packets and bytes
 * @heard: its last authentic message
 * @sent: our last message to it
 * @armed_ns: by then @timer fires, WG_NEVER_NS: it is not set
 * @timer: the one timer, set so that what is due at wg_timers_next(@timers) is
 *	late by no more than a seventh of its delay
 * @last_handshake: wall clock of the last completed handshake, 0 for never
 * @drops: dropped packets by reason, atomics; NULL: none was. Set once
 *
 * @hs_lock: guards all from here to @work
 * @remote: its static key, shared secret and preshared key. The static key
 *	itself is constant
 * @hs: its handshakes; NULL: there was none yet
 *
 * @work: does in process context what @todo asks for
 * @todo: bits of enum wg_peer_todo
 * @flush_work: sends what waits, where that cannot be done at once. By itself:
 *	who has a session does not wait until all others have begun a handshake
 */
struct wg_peer {
	struct wg_device *wg;
	struct wg_pubkey_entry pubkey;
	struct list_head node;
	struct list_head allowed_ips;
	char *name;
	u64 id;
	struct wg_change_part *change_part;
	refcount_t refs;
	bool is_disabled;
	bool has_ended;
	u64 until_s;
	struct rcu_head rcu;

	spinlock_t lock;
	bool is_dead;
	bool is_off;
	struct wg_session *slots[WG_SLOT_COUNT];
	struct wg_endpoint endpoint;
	struct wg_timers timers;
	struct wg_txq txq;
	struct wg_counters counters;
	struct wg_last heard;
	struct wg_last sent;
	u64 armed_ns;
	struct timer_list timer;
	struct timespec64 last_handshake;
	struct wg_peer_drops *drops;

	struct mutex hs_lock;
	struct wg_noise_remote remote;
	struct wg_peer_hs *hs;

	struct work_struct work;
	unsigned long todo;
	struct work_struct flush_work;
};

/* Each peer of a device, of which there may be a million. config_lock held. */
#define wg_for_each_peer(peer, wg)					\
	for ((peer) = list_first_entry(&(wg)->peers, struct wg_peer, node); \
	     !list_entry_is_head(peer, &(wg)->peers, node);		\
	     (peer) = list_next_entry(peer, node), cond_resched())

/**
 * struct wg_peer_cursor - a place in a device's list of peers that outlives the
 *	peer there. All zero before it is set
 * @node: entry in wg->cursors
 * @peer: the peer, NULL at the end; config_lock
 */
struct wg_peer_cursor {
	struct hlist_node node;
	struct wg_peer *peer;
};

/* Bit numbers in struct wg_peer.todo. */
enum wg_peer_todo {
	WG_TODO_INITIATE, /* send an initiation, if none was sent just now */
	WG_TODO_FORGET, /* wipe the handshake too */
};

/**
 * struct wg_allowed_ip - one prefix that a peer may use; value in wg->ips
 * @peer: whose it is, constant. Valid under RCU as long as the trie shows it
 * @node: entry in peer->allowed_ips; wg->config_lock
 * @rcu: for freeing
 * @family: AF_INET or AF_INET6
 * @cidr: prefix length
 * @ip: the prefix, host bits zero, network order
 */
struct wg_allowed_ip {
	struct wg_peer *peer;
	struct list_head node;
	union {
		struct rcu_head rcu;
		struct {
			u16 family;
			u8 cidr;
			union {
				struct in_addr v4;
				struct in6_addr v6;
			} ip;
		};
	};
};

/*
 * Make a peer with @public_key (32 bytes), one reference, no session. Invisible
 * to packets: their lookups skip it until wg_peer_publish().
 * Process context, config_lock held.
 * Return: the peer, or ERR_PTR: -ENOMEM.
 */
struct wg_peer *wg_peer_create(struct wg_device *wg, const u8 *public_key);

/*
 * Free a peer that was made but never published: its public key leaves the
 * table. Process context, config_lock held.
 */
void wg_peer_discard(struct wg_peer *peer);

/*
 * Make @peer, whose settings are all there, visible to packets and handshakes,
 * and put it on the device's list if it is not on it. Cannot fail.
 * Process context, config_lock held.
 */
void wg_peer_publish(struct wg_peer *peer);

/*
 * Make @peer invisible: out of all tables but wg->ips (the caller removes its
 * allowed IPs there), sessions ended, staged packets dropped, timer and work
 * barred from starting again, off the device's list. Follow with one grace
 * period for any number of peers, then wg_peer_finish() for each.
 * Process context, config_lock held.
 */
void wg_peer_kill_locked(struct wg_peer *peer);

/*
 * @peer was removed and added again in one change: make it as new, though it
 * stays where it is in all tables: sessions and handshake ended, staged
 * packets dropped, endpoint, preshared key, name, keepalive, counters, cookie
 * and the timestamp of its last initiation forgotten. It is invisible until
 * wg_peer_publish(). Its allowed IPs are the caller's business. Cannot fail.
 * Process context, config_lock held.
 */
void wg_peer_reset_locked(struct wg_peer *peer);

/*
 * Second half of removal, after synchronize_net(): wait for the timer and the
 * work, free the allowed IPs, then give up the device's reference. Process
 * context.
 */
void wg_peer_finish(struct wg_peer *peer);

/* Both, the grace period included, for a list of peers that were killed. */
void wg_peer_finish_list(struct list_head *peers);

/*
 * The live peer with @public_key and a reference to it, or NULL. Takes the
 * RCU read lock itself; any context.
 */
struct wg_peer *wg_peer_get_by_key(struct wg_device *wg, const u8 *public_key);

/*
 * The peer with @public_key, published or not, for changes of configuration:
 * no reference, valid while config_lock is held.
 */
struct wg_peer *wg_peer_find_locked(struct wg_device *wg,
				    const u8 *public_key);

/*
 * Take a reference. Under RCU the peer may be dying: then NULL.
 */
struct wg_peer *wg_peer_get_rcu(struct wg_peer *peer);

/* Give a reference back; the last one frees after a grace period. */
void wg_peer_put(struct wg_peer *peer);

/* Whose address is this? Valid inside the caller's RCU read section. */
struct wg_peer *wg_peer_by_addr4_rcu(const struct wg_device *wg, __be32 addr);
struct wg_peer *wg_peer_by_addr6_rcu(const struct wg_device *wg,
				     const struct in6_addr *addr);

/*
 * Forget the sticky source and all cached routes: routing has changed.
 * Any context.
 */
void wg_peer_clear_source(struct wg_peer *peer);

/*
 * The source of @endpoint, a copy of the peer's, is none to send from: forget
 * it, unless the peer's has moved on since. Any context.
 */
void wg_peer_refuse_source(struct wg_peer *peer,
			   const struct wg_endpoint *endpoint);

/*
 * There is to be a handshake: make peer->hs, unless it is there. Process context,
 * hs_lock held. Return: false: no memory.
 */
bool wg_peer_make_hs_locked(struct wg_peer *peer);

/* A consistent copy of the endpoint. Any context. */
void wg_peer_copy_endpoint(struct wg_peer *peer,
			   struct wg_endpoint *endpoint);

/*
 * An authentic handshake message of @bytes came from @from: the
 * endpoint follows it, bytes are counted, unless the peer is being removed or
 * made anew. Any context.
 */
void wg_peer_heard(struct wg_peer *peer, const struct wg_endpoint *from,
		   unsigned int bytes);

/*
 * Move the endpoint to @from. peer->lock held.
 * Return: whether the peer's address changed.
 */
bool wg_peer_roam_locked(struct wg_peer *peer, const struct wg_endpoint *from);

/* Count a handshake message of @bytes that was sent. Any context. */
void wg_peer_count_sent(struct wg_peer *peer, unsigned int bytes);

/* Set the endpoint. The sticky source is forgotten. Any context. */
void wg_peer_set_endpoint(struct wg_peer *peer,
			  const struct wg_endpoint *endpoint);

/*
 * Set the preshared key (32 bytes; all zero: none). Sessions that exist live
 * on; the next handshake uses it. Process context.
 */
void wg_peer_set_psk(struct wg_peer *peer, const u8 *psk);

/*
 * Timers begin, and what is staged asks for a session, unless the peer is off;
 * or timers rest, and all sessions and the handshake end: then none begins until
 * the next start. Process context, config_lock held.
 */
void wg_peer_start_locked(struct wg_peer *peer);
void wg_peer_stop_locked(struct wg_peer *peer);

/*
 * Bring @peer to what is_disabled, until_s and the wall clock say now: switched
 * off it is as on a device that is down. Tell of its end once it is published.
 * Process context, config_lock held.
 * Return: in how many seconds to do so again; UINT_MAX: no clock changes it.
 */
unsigned int wg_peer_settle_locked(struct wg_peer *peer);

/*
 * End @peer's sessions and its handshake; what it sends next begins a new one,
 * and for what waits already a new one begins at once.
 * Process context, config_lock held.
 */
void wg_peer_expire_locked(struct wg_peer *peer);

/*
 * The device has another private key: end what was agreed under the one before,
 * as above. Process context, config_lock held.
 */
void wg_peer_unpair_locked(struct wg_peer *peer);

/*
 * All that was agreed with @peer is void, because of @event. Process context,
 * hs_lock held.
 */
void wg_peer_end_all_locked(struct wg_peer *peer, enum wg_timers_event event);

/*
 * Ask for @todo in process context. A dead peer is left alone.
 * Any context, lock not held.
 */
void wg_peer_queue(struct wg_peer *peer, enum wg_peer_todo todo);

/* Ask for wg_tx_flush() in process context, likewise. */
void wg_peer_queue_flush(struct wg_peer *peer);

/* How many cursors a device has: each removal of a peer looks at all. */
#define WG_PEER_CURSORS_MAX 64

/*
 * Let @cursor be at @peer, or NULL at the end of the list. When that peer is
 * removed it moves on to the next one. Process context, config_lock held.
 * Return: false: it is new, and there are too many.
 */
bool wg_peer_cursor_set_locked(struct wg_peer_cursor *cursor,
			       struct wg_device *wg, struct wg_peer *peer);

/* Nobody is interested any more. The device may be gone. Process context. */
void wg_peer_cursor_end(struct wg_peer_cursor *cursor);

/* The device goes: all cursors are at the end. config_lock held. */
void wg_peer_cursors_drop_locked(struct wg_device *wg);

/* The next one on the device's list, or NULL. config_lock held. */
struct wg_peer *wg_peer_next_locked(struct wg_peer *peer);

/* An allowed IP, all zero, or NULL. Process context. */
struct wg_allowed_ip *wg_ip_alloc(void);

/* Free a list of those that no packet can find; or that one may look at. */
void wg_ip_free_list(struct list_head *ips);
void wg_ip_free_list_rcu(struct list_head *ips);

/* Memory caches of all peers, and of sessions. Process context. 0 or -ENOMEM. */
int wg_peer_register(void);

/* After the last peer is gone: waits for their memory. Process context. */
void wg_peer_unregister(void);

#endif
