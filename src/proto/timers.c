// SPDX-License-Identifier: GPL-2.0
#include "proto/timers.h"

#include <linux/minmax.h>

/* By then a peer whose initiation was not answered has sent another. */
#define PEER_RETRY_NS (WG_REKEY_TIMEOUT_NS + WG_JITTER_MAX_NS)

static bool has_attempt(const struct wg_timers *timers)
{
	return timers->retry_ns != WG_NEVER_NS;
}

static void end_attempt(struct wg_timers *timers)
{
	timers->retry_ns = WG_NEVER_NS;
	timers->give_up_ns = WG_NEVER_NS;
	timers->is_first = false;
}

static void set_all_off(struct wg_timers *timers)
{
	end_attempt(timers);
	timers->may_initiate_ns = 0;
	timers->keepalive_ns = WG_NEVER_NS;
	timers->silence_ns = WG_NEVER_NS;
	timers->wipe_ns = WG_NEVER_NS;
	timers->has_more = false;
}

static void arm_persistent(struct wg_timers *timers, u64 now_ns)
{
	timers->persistent_ns = WG_NEVER_NS;
	if (timers->is_started && timers->persistent_s)
		timers->persistent_ns = now_ns +
				       timers->persistent_s * WG_NS_PER_S;
}

/*
 * 6.1, 6.4: set the retransmit whether or not the initiation gets out: without
 * an endpoint, a key or memory the next try may fare better.
 */
static u32 initiate(struct wg_timers *timers, u64 now_ns, u64 jitter_ns)
{
	timers->retry_ns = now_ns + WG_REKEY_TIMEOUT_NS + jitter_ns;
	return WG_ACT_INITIATE;
}

/*
 * 6.4: begin an attempt unless one is under way. When the last initiation was
 * just now, the first one of this attempt waits for its turn.
 */
static u32 want_session(struct wg_timers *timers, u64 now_ns, u64 jitter_ns)
{
	if (!timers->is_started || has_attempt(timers))
		return 0;
	timers->give_up_ns = now_ns + WG_REKEY_ATTEMPT_TIME_NS;
	if (now_ns >= timers->may_initiate_ns)
		return initiate(timers, now_ns, jitter_ns);
	timers->retry_ns = timers->may_initiate_ns;
	timers->is_first = true;
	return 0;
}

/* Something that authenticates went out: it answers what came in. */
static void note_sent(struct wg_timers *timers, u64 now_ns)
{
	timers->keepalive_ns = WG_NEVER_NS;
	timers->has_more = false;
	arm_persistent(timers, now_ns);
}

static void note_initiation(struct wg_timers *timers, u64 now_ns, u64 jitter_ns)
{
	timers->may_initiate_ns = now_ns + WG_REKEY_TIMEOUT_NS;
	if (has_attempt(timers))
		initiate(timers, now_ns, jitter_ns);
	note_sent(timers, now_ns);
}

/*
 * The peer is about to have a session: one of ours would only cross it. If it
 * did not get the response, its next initiation is to come before our own, which
 * rests for @rest_ns. A response does not answer data: the peer may have given up
 * what it is for, and hear nothing.
 */
static void note_response(struct wg_timers *timers, u64 rest_ns, u64 now_ns)
{
	timers->may_initiate_ns = now_ns + WG_REKEY_TIMEOUT_NS;
	if (has_attempt(timers))
		timers->retry_ns = max(timers->retry_ns, now_ns + rest_ns);
	arm_persistent(timers, now_ns);
}

/* 6.5: a keepalive answers only what came before the one that was armed. */
static void note_keepalive_sent(struct wg_timers *timers, u64 now_ns)
{
	bool has_more = timers->has_more;

	note_sent(timers, now_ns);
	if (has_more)
		timers->keepalive_ns = now_ns + WG_KEEPALIVE_TIMEOUT_NS;
}

/*
 * 6.5: whoever sends data wants to hear something, or asks for a session. While
 * one is being asked for, the last that is sent counts: it may outlive the attempt.
 */
static void note_data_sent(struct wg_timers *timers, u64 now_ns)
{
	note_sent(timers, now_ns);
	if (timers->silence_ns == WG_NEVER_NS || has_attempt(timers))
		timers->silence_ns = now_ns + WG_SILENCE_TIME_NS;
}

/* Something that authenticates came in: the peer is there. */
static void note_received(struct wg_timers *timers, u64 now_ns)
{
	timers->silence_ns = WG_NEVER_NS;
	arm_persistent(timers, now_ns);
}

/* 6.5: data that is not answered in time is answered by a keepalive. */
static void note_data_received(struct wg_timers *timers, u64 now_ns)
{
	note_received(timers, now_ns);
	if (timers->keepalive_ns != WG_NEVER_NS)
		timers->has_more = true;
	else
		timers->keepalive_ns = now_ns + WG_KEEPALIVE_TIMEOUT_NS;
}

static u32 start_persistent(struct wg_timers *timers, u64 now_ns)
{
	arm_persistent(timers, now_ns);
	return timers->persistent_ns == WG_NEVER_NS ? 0 : WG_ACT_KEEPALIVE;
}

/*
 * What waits for a session still does: an attempt under way begins anew. So does
 * what was sent and not answered: it may be lost with the keys.
 */
static u32 lose_keys(struct wg_timers *timers, u64 now_ns, u64 jitter_ns)
{
	bool is_wanted = has_attempt(timers) ||
			 timers->silence_ns != WG_NEVER_NS;

	set_all_off(timers);
	return is_wanted ? want_session(timers, now_ns, jitter_ns) : 0;
}

static void stop(struct wg_timers *timers)
{
	set_all_off(timers);
	timers->persistent_ns = WG_NEVER_NS;
	timers->is_started = false;
}

void wg_timers_init(struct wg_timers *timers)
{
	timers->persistent_s = 0;
	stop(timers);
}

u32 wg_timers_event(struct wg_timers *timers, enum wg_timers_event event,
		    u64 now_ns, u64 jitter_ns)
{
	if (!timers->is_started && event != WG_EV_STARTED)
		return 0;

	switch (event) {
	case WG_EV_DATA_SENT:
		note_data_sent(timers, now_ns);
		break;
	case WG_EV_KEEPALIVE_SENT:
		note_keepalive_sent(timers, now_ns);
		break;
	case WG_EV_DATA_RECEIVED:
		note_data_received(timers, now_ns);
		break;
	case WG_EV_KEEPALIVE_RECEIVED:
	case WG_EV_HANDSHAKE_RECEIVED:
		note_received(timers, now_ns);
		break;
	case WG_EV_WANT_SESSION:
		return want_session(timers, now_ns, jitter_ns);
	case WG_EV_INITIATION_SENT:
		note_initiation(timers, now_ns, jitter_ns);
		break;
	case WG_EV_RESPONSE_SENT:
		note_response(timers, PEER_RETRY_NS, now_ns);
		break;
	case WG_EV_YIELDED:
		note_response(timers, 2 * WG_REKEY_TIMEOUT_NS, now_ns);
		break;
	case WG_EV_SESSION_MADE:
		timers->wipe_ns = now_ns + WG_WIPE_TIME_NS;
		break;
	case WG_EV_SESSION_READY:
		end_attempt(timers);
		break;
	case WG_EV_STARTED:
		timers->is_started = true;
		return start_persistent(timers, now_ns);
	case WG_EV_STOPPED:
		stop(timers);
		break;
	case WG_EV_KEYS_GONE:
		return lose_keys(timers, now_ns, jitter_ns);
	}
	return 0;
}

/*
 * 6.4: after REKEY_ATTEMPT_TIME new data alone begins another attempt. What was
 * sent just now is: the peer may have come back since the last initiation.
 */
static u32 give_up(struct wg_timers *timers, u64 now_ns)
{
	end_attempt(timers);
	timers->keepalive_ns = WG_NEVER_NS;
	timers->has_more = false;
	/* Older keys than those of this attempt may be all there is. */
	if (timers->wipe_ns == WG_NEVER_NS)
		timers->wipe_ns = now_ns + WG_WIPE_TIME_NS;
	return WG_ACT_DROP_STAGED | WG_ACT_SESSION_LOST;
}

static u32 attempt_due(struct wg_timers *timers, u64 now_ns, u64 jitter_ns)
{
	u32 actions = timers->is_first ? 0 : WG_ACT_CLEAR_SOURCE;

	if (now_ns >= timers->give_up_ns)
		return give_up(timers, now_ns);
	if (now_ns < timers->retry_ns)
		return 0;
	timers->is_first = false;
	return actions | initiate(timers, now_ns, jitter_ns);
}

/* Take off a deadline that has passed. Return: whether it had. */
static bool take_due(u64 *deadline_ns, u64 now_ns)
{
	if (now_ns < *deadline_ns)
		return false;
	*deadline_ns = WG_NEVER_NS;
	return true;
}

u32 wg_timers_due(struct wg_timers *timers, u64 now_ns, u64 jitter_ns)
{
	u32 actions;

	/* The attempt first: silence at its end begins another. */
	actions = attempt_due(timers, now_ns, jitter_ns);
	if (take_due(&timers->silence_ns, now_ns))
		actions |= WG_ACT_CLEAR_SOURCE |
			   want_session(timers, now_ns, jitter_ns);
	/* has_more stays: sending this one shows whether one more is due. */
	if (take_due(&timers->keepalive_ns, now_ns))
		actions |= WG_ACT_KEEPALIVE;
	if (take_due(&timers->persistent_ns, now_ns))
		actions |= start_persistent(timers, now_ns);
	/* 6.3: three times REJECT_AFTER_TIME after the last new keys. */
	if (take_due(&timers->wipe_ns, now_ns))
		actions |= WG_ACT_FORGET_KEYS;
	return actions;
}

u64 wg_timers_next(const struct wg_timers *timers)
{
	u64 attempt_ns = min(timers->retry_ns, timers->give_up_ns);
	u64 traffic_ns = min(timers->keepalive_ns, timers->silence_ns);
	u64 slow_ns = min(timers->wipe_ns, timers->persistent_ns);

	return min(attempt_ns, min(traffic_ns, slow_ns));
}

u32 wg_timers_set_persistent(struct wg_timers *timers, u16 interval_s,
			     u64 now_ns)
{
	bool was_off = !timers->persistent_s;

	timers->persistent_s = interval_s;
	if (was_off)
		return start_persistent(timers, now_ns);
	arm_persistent(timers, now_ns);
	return 0;
}

bool wg_timers_may_initiate(const struct wg_timers *timers, u64 now_ns)
{
	return has_attempt(timers) && now_ns >= timers->may_initiate_ns;
}

/* 6.2, where that begins REJECT_AFTER_TIME at the other side. */
unsigned int wg_timers_quota(const struct wg_timers_age *age,
			     unsigned int wanted, u64 now_ns)
{
	if (now_ns >= age->birth_ns + WG_SEND_TIME_NS ||
	    age->counter >= WG_REJECT_AFTER_MESSAGES)
		return 0;
	return min_t(u64, wanted, WG_REJECT_AFTER_MESSAGES - age->counter);
}

/*
 * 6.2 says by when a session is renewed. That before that its own chance decides
 * keeps a crowd of peers from staying one.
 */
static bool is_to_be_renewed(const struct wg_timers_age *age, u64 age_max_ns,
			     u64 now_ns)
{
	const u32 spread_ms = WG_RENEWAL_SPREAD_NS / WG_NS_PER_MS;
	u64 early_ms = (u64)age->chance * spread_ms >> 32;

	return now_ns + early_ms * WG_NS_PER_MS >= age->birth_ns + age_max_ns;
}

/* 6.2: by age the initiator renews alone, so that not both do at once. */
bool wg_timers_must_renew_on_send(const struct wg_timers_age *age, u64 now_ns)
{
	if (age->counter >= WG_REKEY_AFTER_MESSAGES)
		return true;
	return age->is_initiator &&
	       is_to_be_renewed(age, WG_REKEY_AFTER_TIME_NS, now_ns);
}

/* 6.2: who only receives renews before the session is rejected. */
bool wg_timers_must_renew_on_receive(const struct wg_timers_age *age,
				     u64 now_ns)
{
	return age->is_initiator &&
	       is_to_be_renewed(age, WG_REKEY_ON_RECEIVE_NS, now_ns);
}

bool wg_timers_may_receive(u64 birth_ns, u64 now_ns)
{
	return now_ns < birth_ns + WG_REJECT_AFTER_TIME_NS;
}
