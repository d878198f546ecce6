/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A session: the pair of transport keys that one handshake made, the counter
 * that numbers what we send under it and the window that checks what comes.
 * Which session of a peer is used for what is proto/slots' table; when one
 * must be renewed is proto/timers'. Messages are sealed and opened in path/.
 *
 * All mutable state of a session is guarded by its peer's lock, the one lock
 * of the data path. Readers find a session by its receiver index under RCU.
 */
#ifndef _WG_CORE_SESSION_H
#define _WG_CORE_SESSION_H

#include <linux/in6.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "core/drop.h"
#include "core/endpoint.h"
#include "proto/noise.h"
#include "proto/replay.h"
#include "table/index.h"

struct dst_entry;
struct wg_device;
struct wg_peer;
struct wg_tx_batch;
struct wg_tx_context;

/**
 * struct wg_route - the way to a peer's endpoint, as path/udp found it
 * @dst: holds a reference; NULL: none is known
 * @cookie: tells whether @dst is still good
 * @source4: IPv4 address to send from
 * @source6: IPv6 address to send from
 */
struct wg_route {
	struct dst_entry *dst;
	u32 cookie;
	union {
		__be32 source4;
		struct in6_addr source6;
	};
};

/**
 * struct wg_session - keys in use with a peer. Holds keys
 * @index: our receiver index, entry in the device's index
 * @id: rises with every session begun; constant
 * @peer: the peer; the session holds a reference to it
 * @refs: one for the slot, one for each datagram or batch on its way in
 * @rcu: for freeing
 * @remote_index: the receiver index of what we send
 * @is_initiator: we began the handshake that made it
 * @is_dead: out of its slot: nothing is accepted under it any more; peer lock
 * @is_rekey_asked: the early rekey on receipt was asked for; peer lock
 * @birth_ns: when it was made, clock of wg_clock_now_ns()
 * @keys: transport keys, constant
 * @send_counter: the next counter to send with; peer lock
 * @replay: counters that were received; peer lock
 * @route: the way to the peer's present endpoint: forgotten when that moves;
 *	peer lock
 */
struct wg_session {
	struct wg_index_entry index;
	u64 id;
	struct wg_peer *peer;
	refcount_t refs;
	struct rcu_head rcu;
	__le32 remote_index;
	bool is_initiator;
	bool is_dead;
	bool is_rekey_asked;
	u64 birth_ns;
	struct wg_noise_keys keys;
	u64 send_counter;
	struct wg_replay replay;
	struct wg_route route;
};

/*
 * A session for @peer, in no slot and with no index yet. Process context.
 * Return: NULL: no memory.
 */
struct wg_session *wg_session_create(struct wg_peer *peer);

/* Free a session that was never put in a slot. Process context. */
void wg_session_discard(struct wg_session *session);

/*
 * Derive @session's keys from @hs, a handshake of its peer that is ready, and
 * put it in its slot; @hs is wiped. As responder, @session's index is known to
 * others already, from now on packets find it; as initiator it takes over the
 * index of @hs. Consumes @session. Process context, peer->hs_lock held.
 * Return: 0, or why there is no session: the peer was removed or the device
 * went down meanwhile, or @hs has no index.
 */
enum wg_drop_reason wg_session_begin(struct wg_session *session,
				     struct wg_noise_handshake *hs);

/* The live session with receiver index @index, or NULL. RCU read section. */
struct wg_session *wg_session_by_index_rcu(struct wg_device *wg,
					   __le32 index);

/*
 * A reference that outlives the RCU read section; false when the session is
 * being freed.
 */
bool wg_session_get_rcu(struct wg_session *session);
void wg_session_put(struct wg_session *session);

/*
 * End all sessions of @peer: none is found by its index any more, keys are
 * wiped after a grace period. peer->lock held.
 * Return: whether there was one.
 */
bool wg_session_end_all_locked(struct wg_peer *peer);

/* Memory cache of all sessions. Process context. 0 or -ENOMEM. */
int wg_session_register(void);

/* After the last session is freed. Process context. */
void wg_session_unregister(void);

/* The endpoint moved: all sessions route anew. peer->lock held. */
void wg_session_reset_routes_locked(struct wg_peer *peer);

/*
 * Is there a session under which @messages may be sent, all of them? peer->lock
 * held.
 */
bool wg_session_may_send_locked(const struct wg_peer *peer,
				unsigned int messages, u64 now_ns);

/*
 * Reserve counters for @batch, which may be sent: number it, count it, have the
 * timers take note. peer->lock held.
 * Return: actions, for wg_clock_act().
 */
u32 wg_session_reserve_locked(struct wg_peer *peer,
			      const struct wg_tx_batch *batch, u64 now_ns,
			      struct wg_tx_context *ctx);

/**
 * struct wg_arrival - a message of a received batch, as path/rx hands it over
 * @counter: its counter
 * @len: length of the plaintext with padding; 0 for a keepalive
 * @verdict: in: 0 if it authenticates; out: 0 if it may pass
 */
struct wg_arrival {
	u64 counter;
	unsigned int len;
	enum wg_drop_reason verdict;
};

/*
 * A batch of @count messages under @session was opened: pass the window once,
 * confirm the session if it waited for that, move the peer's endpoint to
 * @from, count, tell the timers. Messages whose verdict is already
 * not 0 are left alone; replays get theirs.
 * RCU read section or reference to @session, BH disabled, peer->lock not held.
 */
void wg_session_receive(struct wg_session *session,
			struct wg_arrival *arrivals, unsigned int count,
			const struct wg_endpoint *from);

#endif
