// SPDX-License-Identifier: GPL-2.0
#include "core/clock.h"

#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/random.h>

#include "compat.h"
#include "core/peer.h"
#include "core/session.h"
#include "core/upcall.h"

/* A retransmit at the same time as everybody else's would collide again. */
static u64 jitter_ns(void)
{
	return get_random_u32_below(WG_JITTER_MAX_NS / WG_NS_PER_MS + 1) *
	       WG_NS_PER_MS;
}

/*
 * Set the timer, unless it fires soon enough as it is. If it then fires too early
 * it will find nothing due and be set anew: cheaper than moving it for every
 * packet. The kernel's wheel is coarser the longer a timer takes, and late by up
 * to 8/63 of that: one that is set for the end of keys must not stand for a
 * keepalive that is due at the same time.
 */
static void arm_locked(struct wg_peer *peer)
{
	u64 due_ns = wg_timers_next(&peer->timers), now_ns, delay_ns, by_ns;

	if (peer->is_dead || due_ns >= peer->armed_ns)
		return;
	now_ns = wg_clock_now_ns();
	delay_ns = due_ns > now_ns ? due_ns - now_ns : 0;
	by_ns = now_ns + delay_ns + div_u64(delay_ns, 7);
	if (by_ns >= peer->armed_ns)
		return;
	peer->armed_ns = by_ns;
	mod_timer(&peer->timer, jiffies + 1 + nsecs_to_jiffies(delay_ns));
}

static void fire(struct timer_list *timer)
{
	struct wg_peer *peer = timer_container_of(peer, timer, timer);
	u64 now_ns = wg_clock_now_ns();
	u32 actions = 0;

	rcu_read_lock_bh();
	spin_lock(&peer->lock);
	peer->armed_ns = WG_NEVER_NS;
	if (!peer->is_dead) {
		actions = wg_timers_due(&peer->timers, now_ns, jitter_ns());
		arm_locked(peer);
	}
	spin_unlock(&peer->lock);
	wg_clock_act(peer, actions);
	rcu_read_unlock_bh();
}

void wg_clock_init(struct wg_peer *peer)
{
	wg_timers_init(&peer->timers);
	peer->armed_ns = WG_NEVER_NS;
	timer_setup(&peer->timer, fire, 0);
}

u32 wg_clock_event_locked(struct wg_peer *peer, enum wg_timers_event event,
			  u64 now_ns)
{
	u64 jitter = event == WG_EV_INITIATION_SENT ? jitter_ns() : 0;
	u32 actions;

	lockdep_assert_held(&peer->lock);
	if (peer->is_dead)
		return 0;
	/* the wheel stood still while the machine slept, this clock did not */
	if (event == WG_EV_STARTED)
		peer->armed_ns = WG_NEVER_NS;
	actions = wg_timers_event(&peer->timers, event, now_ns, jitter);
	arm_locked(peer);
	return actions;
}

/*
 * A session that was made since this was due is too young for it, and so is the
 * handshake of an attempt under way, whose end asks for this again.
 */
static void forget_keys(struct wg_peer *peer)
{
	bool is_due, had_any, has_attempt;

	spin_lock_bh(&peer->lock);
	is_due = peer->timers.wipe_ns == WG_NEVER_NS;
	has_attempt = peer->timers.retry_ns != WG_NEVER_NS;
	had_any = is_due && wg_session_end_all_locked(peer);
	spin_unlock_bh(&peer->lock);
	if (had_any)
		wg_notify_peer(peer, WG_CMD_SESSION_ENDED_NTF, NULL);
	if (is_due && !has_attempt)
		wg_peer_queue(peer, WG_TODO_FORGET);
}

void wg_clock_act(struct wg_peer *peer, u32 actions)
{
	if (likely(!actions))
		return;
	if (actions & WG_ACT_CLEAR_SOURCE)
		wg_peer_clear_source(peer);
	if (actions & WG_ACT_DROP_STAGED)
		wg_tx_drop_staged(peer);
	if (actions & WG_ACT_SESSION_LOST)
		wg_notify_peer(peer, WG_CMD_SESSION_LOST_NTF, NULL);
	if (actions & WG_ACT_FORGET_KEYS)
		forget_keys(peer);
	if (actions & WG_ACT_KEEPALIVE)
		wg_tx_keepalive(peer);
	if (actions & WG_ACT_INITIATE)
		wg_peer_queue(peer, WG_TODO_INITIATE);
}

void wg_clock_event(struct wg_peer *peer, enum wg_timers_event event)
{
	u32 actions;

	spin_lock_bh(&peer->lock);
	actions = wg_clock_event_locked(peer, event, wg_clock_now_ns());
	spin_unlock_bh(&peer->lock);
	wg_clock_act(peer, actions);
}

void wg_clock_set_keepalive(struct wg_peer *peer, u16 interval_s)
{
	u64 now_ns = wg_clock_now_ns();
	u32 actions;

	spin_lock_bh(&peer->lock);
	actions = wg_timers_set_persistent(&peer->timers, interval_s, now_ns);
	arm_locked(peer);
	spin_unlock_bh(&peer->lock);
	wg_clock_act(peer, actions);
}
