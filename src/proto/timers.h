/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When a peer must do something unasked: the timer machine as plain data. The
 * caller says what happened and is told what to do and when to come back; a
 * whole batch of packets is one event. Every row is in
 * Documentation/state.rst. No clock, no timer, no lock inside: the caller's
 * lock guards struct wg_timers. Sections are those of the WireGuard paper. Any
 * context.
 *
 * Every function takes the clock in @now_ns (never going backwards) and, if
 * it may set a retransmit, @jitter_ns, random in 0..WG_JITTER_MAX_NS.
 */
#ifndef _WG_PROTO_TIMERS_H
#define _WG_PROTO_TIMERS_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "proto/limits.h"

/**
 * enum wg_timers_event - what may happen to a peer. "Data" is a message with
 *	an inner packet; all that is received here has authenticated
 * @WG_EV_DATA_SENT: a batch with at least one packet
 * @WG_EV_KEEPALIVE_SENT: a message without
 * @WG_EV_DATA_RECEIVED: a batch with at least one packet
 * @WG_EV_KEEPALIVE_RECEIVED: a batch without
 * @WG_EV_WANT_SESSION: something to send and nothing to send it under, or the
 *	session must be renewed
 * @WG_EV_INITIATION_SENT: as wg_timers_may_initiate() allowed
 * @WG_EV_RESPONSE_SENT: an initiation was answered, or is about to be
 * @WG_EV_YIELDED: likewise, and our own that it crossed was forgotten
 * @WG_EV_HANDSHAKE_RECEIVED: an initiation or a response was accepted
 * @WG_EV_SESSION_MADE: keys were derived, as either role
 * @WG_EV_SESSION_READY: we may send: at once as initiator, once the session
 *	is confirmed as responder
 * @WG_EV_STARTED: the device went up or the machine is awake again, or the
 *	peer was made or switched on then
 * @WG_EV_STOPPED: the device went down, the machine is about to sleep, or the
 *	peer was switched off: nothing is due until STARTED
 * @WG_EV_KEYS_GONE: sessions and handshake were ended by force: new private
 *	key, copy of a virtual machine
 *
 * What waits for a session was followed by WANT_SESSION. From then on there is
 * an attempt, until SESSION_READY, STOPPED or WG_ACT_DROP_STAGED: nothing waits
 * without a deadline.
 */
enum wg_timers_event {
	WG_EV_DATA_SENT,
	WG_EV_KEEPALIVE_SENT,
	WG_EV_DATA_RECEIVED,
	WG_EV_KEEPALIVE_RECEIVED,
	WG_EV_WANT_SESSION,
	WG_EV_INITIATION_SENT,
	WG_EV_RESPONSE_SENT,
	WG_EV_YIELDED,
	WG_EV_HANDSHAKE_RECEIVED,
	WG_EV_SESSION_MADE,
	WG_EV_SESSION_READY,
	WG_EV_STARTED,
	WG_EV_STOPPED,
	WG_EV_KEYS_GONE,
};

/**
 * enum wg_timers_action - what the caller must do, in this order
 * @WG_ACT_CLEAR_SOURCE: forget the sticky source address: it may be why
 *	nothing comes back
 * @WG_ACT_DROP_STAGED: drop waiting packets, tell their senders
 * @WG_ACT_SESSION_LOST: tell listeners that the attempt was given up
 * @WG_ACT_FORGET_KEYS: end all sessions and, but for an attempt under way, the
 *	handshake
 * @WG_ACT_KEEPALIVE: send an empty message; if there is no session, that is
 *	WG_EV_WANT_SESSION
 * @WG_ACT_INITIATE: send an initiation, if wg_timers_may_initiate() still says
 *	so by then
 */
enum wg_timers_action {
	WG_ACT_CLEAR_SOURCE = 1U << 0,
	WG_ACT_DROP_STAGED = 1U << 1,
	WG_ACT_SESSION_LOST = 1U << 2,
	WG_ACT_FORGET_KEYS = 1U << 3,
	WG_ACT_KEEPALIVE = 1U << 4,
	WG_ACT_INITIATE = 1U << 5,
};

/**
 * struct wg_timers - what is due for a peer, and when; wg_timers_init() first
 * @may_initiate_ns: no initiation before
 * @give_up_ns: end of the attempt under way
 * @retry_ns: next retransmit; WG_NEVER_NS: no attempt is under way
 * @keepalive_ns: answer to data that was received
 * @silence_ns: data was sent; something must have been heard by then
 * @wipe_ns: keys go
 * @persistent_ns: persistent keepalive
 * @persistent_s: its interval, 0 for off
 * @has_more: data was received again while @keepalive_ns was set
 * @is_first: the attempt under way has not sent its first initiation
 * @is_started: between STARTED and STOPPED
 */
struct wg_timers {
	u64 may_initiate_ns;
	u64 give_up_ns;
	u64 retry_ns;
	u64 keepalive_ns;
	u64 silence_ns;
	u64 wipe_ns;
	u64 persistent_ns;
	u16 persistent_s;
	bool has_more;
	bool is_first;
	bool is_started;
};

static_assert(sizeof(struct wg_timers) == 64);

/* A peer that nothing has happened to, on a device that is down. */
void wg_timers_init(struct wg_timers *timers);

/*
 * @event happened at @now_ns.
 * Return: bits of enum wg_timers_action, due now.
 */
u32 wg_timers_event(struct wg_timers *timers, enum wg_timers_event event,
		    u64 now_ns, u64 jitter_ns);

/*
 * The time is @now_ns: what is due? To be called at wg_timers_next() or later;
 * earlier calls do no harm.
 * Return: bits of enum wg_timers_action.
 */
u32 wg_timers_due(struct wg_timers *timers, u64 now_ns, u64 jitter_ns);

/* When is wg_timers_due() to be called? WG_NEVER_NS: not before an event. */
u64 wg_timers_next(const struct wg_timers *timers);

/*
 * The persistent keepalive is @interval_s seconds, 0 for off. On a
 * started device it starts at once when it is switched on, and counts from
 * now when it is changed.
 * Return: bits of enum wg_timers_action.
 */
u32 wg_timers_set_persistent(struct wg_timers *timers, u16 interval_s,
			     u64 now_ns);

/*
 * May an initiation leave now? An attempt is under way, and the last initiation
 * and the last response were at least WG_REKEY_TIMEOUT_NS ago. Follow with
 * WG_EV_INITIATION_SENT.
 */
bool wg_timers_may_initiate(const struct wg_timers *timers, u64 now_ns);

/**
 * struct wg_timers_age - what decides whether a session is still good
 * @birth_ns: when it was made
 * @counter: the next counter to send with
 * @is_initiator: we began its handshake
 * @chance: a random number of the session's own
 */
struct wg_timers_age {
	u64 birth_ns;
	u64 counter;
	bool is_initiator;
	u32 chance;
};

/*
 * How many of @wanted messages may be sent under the session now? 0 when it
 * is too old or used up; fewer than @wanted when its counters run out.
 */
unsigned int wg_timers_quota(const struct wg_timers_age *age,
			     unsigned int wanted, u64 now_ns);

/*
 * After sending, @age->counter moved on: is it time for a new session
 * (WG_EV_WANT_SESSION)?
 */
bool wg_timers_must_renew_on_send(const struct wg_timers_age *age, u64 now_ns);

/*
 * After receiving under the session: is it time for a new one? Ask until it
 * says so once per session.
 */
bool wg_timers_must_renew_on_receive(const struct wg_timers_age *age,
				     u64 now_ns);

/* May messages still be received under a session made at @birth_ns? */
bool wg_timers_may_receive(u64 birth_ns, u64 now_ns);

#endif
