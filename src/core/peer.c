// SPDX-License-Identifier: GPL-2.0
#include "core/peer.h"

#include <linux/slab.h>
#include <linux/timekeeping.h>

#include <trace/events/wg.h>

#include "core/clock.h"
#include "core/device.h"
#include "core/handshake.h"
#include "core/session.h"
#include "core/upcall.h"
#include "proto/wire.h"

/* Within so much a clock that was set, either way, counts. */
#define CLOCK_SET_S 60

static struct kmem_cache *peer_cache;
static struct kmem_cache *hs_cache;
static struct kmem_cache *ip_cache;
static atomic64_t next_id = ATOMIC64_INIT(0);

/* ---------------------------------------------------------- life and death */

struct wg_peer *wg_peer_create(struct wg_device *wg, const u8 *public_key)
{
	struct wg_peer *peer = kmem_cache_zalloc(peer_cache, GFP_KERNEL);
	int err;

	if (!peer)
		return ERR_PTR(-ENOMEM);
	peer->wg = wg;
	peer->id = atomic64_inc_return(&next_id);
	refcount_set(&peer->refs, 1);
	INIT_LIST_HEAD(&peer->node);
	INIT_LIST_HEAD(&peer->allowed_ips);
	spin_lock_init(&peer->lock);
	mutex_init(&peer->hs_lock);
	__skb_queue_head_init(&peer->txq.packets);
	INIT_WORK(&peer->work, wg_hs_peer_work);
	INIT_WORK(&peer->flush_work, wg_tx_peer_work);
	wg_clock_init(peer);
	memcpy(peer->remote.public_key, public_key, WG_KEY_SIZE);
	/* dead until published: lookups by key skip it */
	peer->is_dead = true;
	err = wg_pubkeys_insert(&wg->pubkeys, &peer->pubkey,
				peer->remote.public_key);
	if (err) {
		kmem_cache_free(peer_cache, peer);
		return ERR_PTR(err);
	}
	return peer;
}

bool wg_peer_make_hs_locked(struct wg_peer *peer)
{
	lockdep_assert_held(&peer->hs_lock);
	if (peer->hs)
		return true;
	peer->hs = kmem_cache_zalloc(hs_cache, GFP_KERNEL);
	if (!peer->hs)
		return false;
	peer->hs->peer = peer;
	return true;
}

static void free_peer(struct rcu_head *rcu)
{
	struct wg_peer *peer = container_of(rcu, struct wg_peer, rcu);

	if (peer->hs) {
		memzero_explicit(peer->hs, sizeof(*peer->hs));
		kmem_cache_free(hs_cache, peer->hs);
	}
	kfree(peer->name);
	kfree(peer->drops);
	memzero_explicit(peer, sizeof(*peer));
	kmem_cache_free(peer_cache, peer);
}

struct wg_peer *wg_peer_get_rcu(struct wg_peer *peer)
{
	if (READ_ONCE(peer->is_dead) || !refcount_inc_not_zero(&peer->refs))
		return NULL;
	return peer;
}

void wg_peer_put(struct wg_peer *peer)
{
	if (refcount_dec_and_test(&peer->refs))
		call_rcu(&peer->rcu, free_peer);
}

void wg_peer_discard(struct wg_peer *peer)
{
	wg_pubkeys_remove(&peer->wg->pubkeys, &peer->pubkey);
	wg_peer_put(peer);
}

void wg_peer_publish(struct wg_peer *peer)
{
	struct wg_device *wg = peer->wg;
	u32 actions = 0;

	lockdep_assert_held(&wg->config_lock);
	wg_peer_settle_locked(peer);
	/* one that was made anew has its place */
	if (list_empty(&peer->node)) {
		list_add_tail(&peer->node, &wg->peers);
		wg->peer_count++;
	}
	spin_lock_bh(&peer->lock);
	WRITE_ONCE(peer->is_dead, false);
	if (wg->is_running && !peer->is_off)
		actions = wg_clock_event_locked(peer, WG_EV_STARTED,
						wg_clock_now_ns());
	spin_unlock_bh(&peer->lock);
	wg_clock_act(peer, actions);
	pr_debug("%s: Peer %llu created\n", wg->dev->name, peer->id);
}

/* Nothing begins with @peer any more, and what was begun ends. */
static void hide(struct wg_peer *peer)
{
	spin_lock_bh(&peer->lock);
	WRITE_ONCE(peer->is_dead, true);
	wg_session_end_all_locked(peer);
	spin_unlock_bh(&peer->lock);
	wg_txq_purge(peer, WG_DROP_OTHER_PEER_GONE);
}

/* ----------------------------------------------------------------- cursors */

/* Guards the lists of cursors, which are few, against who ends one. */
static DEFINE_SPINLOCK(cursors_lock);

struct wg_peer *wg_peer_next_locked(struct wg_peer *peer)
{
	lockdep_assert_held(&peer->wg->config_lock);
	return list_is_last(&peer->node, &peer->wg->peers) ?
	       NULL : list_next_entry(peer, node);
}

static bool has_room(const struct hlist_head *cursors)
{
	const struct hlist_node *node;
	unsigned int count = 0;

	hlist_for_each(node, cursors)
		count++;
	return count < WG_PEER_CURSORS_MAX;
}

bool wg_peer_cursor_set_locked(struct wg_peer_cursor *cursor,
			       struct wg_device *wg, struct wg_peer *peer)
{
	bool is_there;

	lockdep_assert_held(&wg->config_lock);
	spin_lock_bh(&cursors_lock);
	cursor->peer = peer;
	if (hlist_unhashed(&cursor->node) && has_room(&wg->cursors))
		hlist_add_head(&cursor->node, &wg->cursors);
	is_there = !hlist_unhashed(&cursor->node);
	spin_unlock_bh(&cursors_lock);
	return is_there;
}

void wg_peer_cursor_end(struct wg_peer_cursor *cursor)
{
	spin_lock_bh(&cursors_lock);
	hlist_del_init(&cursor->node);
	spin_unlock_bh(&cursors_lock);
}

void wg_peer_cursors_drop_locked(struct wg_device *wg)
{
	struct wg_peer_cursor *cursor;
	struct hlist_node *next;

	lockdep_assert_held(&wg->config_lock);
	spin_lock_bh(&cursors_lock);
	hlist_for_each_entry_safe(cursor, next, &wg->cursors, node) {
		cursor->peer = NULL;
		hlist_del_init(&cursor->node);
	}
	spin_unlock_bh(&cursors_lock);
}

static void move_cursors_locked(struct wg_peer *peer)
{
	struct wg_peer_cursor *cursor;

	/* they come under config_lock alone */
	if (hlist_empty(&peer->wg->cursors))
		return;
	spin_lock_bh(&cursors_lock);
	hlist_for_each_entry(cursor, &peer->wg->cursors, node)
		if (cursor->peer == peer)
			cursor->peer = wg_peer_next_locked(peer);
	spin_unlock_bh(&cursors_lock);
}

void wg_peer_kill_locked(struct wg_peer *peer)
{
	struct wg_device *wg = peer->wg;

	lockdep_assert_held(&wg->config_lock);
	move_cursors_locked(peer);
	list_del_init(&peer->node);
	wg->peer_count--;
	wg_pubkeys_remove(&wg->pubkeys, &peer->pubkey);
	hide(peer);
}

void wg_peer_finish(struct wg_peer *peer)
{
	timer_delete_sync(&peer->timer);
	cancel_work_sync(&peer->work);
	cancel_work_sync(&peer->flush_work);
	/* nobody begins a handshake any more */
	wg_handshake_forget(peer);
	wg_ip_free_list(&peer->allowed_ips);
	pr_debug("%s: Peer %llu destroyed\n", peer->wg->dev->name, peer->id);
	wg_peer_put(peer);
}

void wg_peer_finish_list(struct list_head *peers)
{
	struct wg_peer *peer, *next;

	if (list_empty(peers))
		return;
	synchronize_net();
	list_for_each_entry_safe(peer, next, peers, node) {
		wg_peer_finish(peer);
		cond_resched();
	}
}

/* ------------------------------------------------------------- allowed IPs */

struct wg_allowed_ip *wg_ip_alloc(void)
{
	return kmem_cache_zalloc(ip_cache, GFP_KERNEL);
}

void wg_ip_free_list(struct list_head *ips)
{
	struct wg_allowed_ip *ip, *next;

	list_for_each_entry_safe(ip, next, ips, node) {
		kmem_cache_free(ip_cache, ip);
		cond_resched();
	}
}

static void free_ip(struct rcu_head *rcu)
{
	kmem_cache_free(ip_cache, container_of(rcu, struct wg_allowed_ip, rcu));
}

void wg_ip_free_list_rcu(struct list_head *ips)
{
	struct wg_allowed_ip *ip, *next;

	list_for_each_entry_safe(ip, next, ips, node) {
		call_rcu(&ip->rcu, free_ip);
		cond_resched();
	}
}

/* ------------------------------------------------------------------ lookup */

static struct wg_peer *peer_of_key(struct wg_device *wg, const u8 *public_key)
{
	struct wg_pubkey_entry *entry =
		wg_pubkeys_lookup_rcu(&wg->pubkeys, public_key);

	return entry ? container_of(entry, struct wg_peer, pubkey) : NULL;
}

struct wg_peer *wg_peer_get_by_key(struct wg_device *wg, const u8 *public_key)
{
	struct wg_peer *peer;

	rcu_read_lock();
	peer = peer_of_key(wg, public_key);
	if (peer)
		peer = wg_peer_get_rcu(peer);
	rcu_read_unlock();
	return peer;
}

struct wg_peer *wg_peer_find_locked(struct wg_device *wg,
				    const u8 *public_key)
{
	lockdep_assert_held(&wg->config_lock);
	return peer_of_key(wg, public_key);
}

struct wg_peer *wg_peer_by_addr4_rcu(const struct wg_device *wg, __be32 addr)
{
	struct wg_allowed_ip *ip = wg_trie_lookup4_rcu(&wg->ips, addr);

	return ip ? ip->peer : NULL;
}

struct wg_peer *wg_peer_by_addr6_rcu(const struct wg_device *wg,
				     const struct in6_addr *addr)
{
	struct wg_allowed_ip *ip = wg_trie_lookup6_rcu(&wg->ips, addr);

	return ip ? ip->peer : NULL;
}

/* ---------------------------------------------------------------- endpoint */

/* What senders found out about the endpoint before is void. */
static void move_locked(struct wg_peer *peer, const struct wg_endpoint *to)
{
	struct wg_endpoint moved = *to;

	lockdep_assert_held(&peer->lock);
	moved.moves = peer->endpoint.moves + 1;
	peer->endpoint = moved;
	wg_session_reset_routes_locked(peer);
}

static void clear_source_locked(struct wg_peer *peer)
{
	struct wg_endpoint bare = peer->endpoint;

	wg_endpoint_clear_source(&bare);
	move_locked(peer, &bare);
}

void wg_peer_clear_source(struct wg_peer *peer)
{
	spin_lock_bh(&peer->lock);
	clear_source_locked(peer);
	spin_unlock_bh(&peer->lock);
}

void wg_peer_refuse_source(struct wg_peer *peer,
			   const struct wg_endpoint *endpoint)
{
	spin_lock_bh(&peer->lock);
	if (peer->endpoint.moves == endpoint->moves)
		clear_source_locked(peer);
	spin_unlock_bh(&peer->lock);
}

void wg_peer_copy_endpoint(struct wg_peer *peer, struct wg_endpoint *endpoint)
{
	spin_lock_bh(&peer->lock);
	*endpoint = peer->endpoint;
	spin_unlock_bh(&peer->lock);
}

bool wg_peer_roam_locked(struct wg_peer *peer, const struct wg_endpoint *from)
{
	bool has_moved;

	lockdep_assert_held(&peer->lock);
	if (wg_endpoint_equal(&peer->endpoint, from))
		return false;
	/* with another source alone, the peer is where it was */
	has_moved = memcmp(&peer->endpoint.addr6, &from->addr6,
			   sizeof(from->addr6));
	move_locked(peer, from);
	return has_moved;
}

void wg_peer_set_endpoint(struct wg_peer *peer,
			  const struct wg_endpoint *endpoint)
{
	struct wg_endpoint bare = *endpoint;

	wg_endpoint_clear_source(&bare);
	spin_lock_bh(&peer->lock);
	move_locked(peer, &bare);
	spin_unlock_bh(&peer->lock);
}

static struct wg_last last_of(unsigned int bytes)
{
	return (struct wg_last){
		.time_ns = wg_clock_now_ns(),
		.message = bytes == sizeof(struct wg_message_initiation) ?
			   "initiation" : "response",
	};
}

void wg_peer_heard(struct wg_peer *peer, const struct wg_endpoint *from,
		   unsigned int bytes)
{
	bool has_moved = false;

	spin_lock_bh(&peer->lock);
	if (!peer->is_dead) {
		peer->heard = last_of(bytes);
		peer->counters.rx_bytes += bytes;
		wg_device_count_rx(peer->wg, 1, bytes);
		has_moved = wg_peer_roam_locked(peer, from);
	}
	spin_unlock_bh(&peer->lock);
	trace_wg_hs_received(peer, last_of(bytes).message);
	if (has_moved)
		wg_notify_peer(peer, WG_CMD_ENDPOINT_NTF, from);
}

void wg_peer_count_sent(struct wg_peer *peer, unsigned int bytes)
{
	spin_lock_bh(&peer->lock);
	peer->sent = last_of(bytes);
	peer->counters.tx_bytes += bytes;
	wg_device_count_tx(peer->wg, 1, bytes);
	spin_unlock_bh(&peer->lock);
	trace_wg_hs_sent(peer, last_of(bytes).message);
}

/* ------------------------------------------------------------ configuration */

void wg_peer_set_psk(struct wg_peer *peer, const u8 *psk)
{
	mutex_lock(&peer->hs_lock);
	memcpy(peer->remote.psk, psk, WG_KEY_SIZE);
	mutex_unlock(&peer->hs_lock);
}

/* What began before others saw is_off is ended with all the rest. */
static void set_off(struct wg_peer *peer, bool is_off)
{
	if (is_off == peer->is_off)
		return;
	WRITE_ONCE(peer->is_off, is_off);
	if (is_off) {
		wg_peer_stop_locked(peer);
		wg_txq_purge(peer, WG_DROP_PEER_OFF);
	} else if (peer->wg->is_running) {
		wg_peer_start_locked(peer);
	}
}

/* A dead one will be settled again when listeners know of it. */
static void tell_end(struct wg_peer *peer, bool has_ended)
{
	if (peer->is_dead || has_ended == peer->has_ended)
		return;
	peer->has_ended = has_ended;
	wg_notify_peer(peer, has_ended ? WG_CMD_PEER_ENDED_NTF :
					 WG_CMD_PEER_RENEWED_NTF, NULL);
}

unsigned int wg_peer_settle_locked(struct wg_peer *peer)
{
	u64 now_s = ktime_get_real_seconds();
	bool has_ended = peer->until_s && now_s >= peer->until_s;

	lockdep_assert_held(&peer->wg->config_lock);
	/* nobody hears of sessions of a peer that is over */
	if (!has_ended)
		tell_end(peer, false);
	set_off(peer, peer->is_disabled || has_ended);
	tell_end(peer, has_ended);
	if (!peer->until_s)
		return UINT_MAX;
	return has_ended ? CLOCK_SET_S :
			   min_t(u64, peer->until_s - now_s, CLOCK_SET_S);
}

void wg_peer_start_locked(struct wg_peer *peer)
{
	lockdep_assert_held(&peer->wg->config_lock);
	if (peer->is_off)
		return;
	wg_clock_event(peer, WG_EV_STARTED);
	/* what was staged when the machine fell asleep */
	if (!wg_txq_is_empty(&peer->txq))
		wg_clock_event(peer, WG_EV_WANT_SESSION);
}

void wg_peer_end_all_locked(struct wg_peer *peer, enum wg_timers_event event)
{
	bool had_any;
	u32 actions;

	lockdep_assert_held(&peer->hs_lock);
	wg_handshake_forget_locked(peer);
	spin_lock_bh(&peer->lock);
	had_any = wg_session_end_all_locked(peer);
	actions = wg_clock_event_locked(peer, event, wg_clock_now_ns());
	spin_unlock_bh(&peer->lock);
	if (had_any)
		wg_notify_peer(peer, WG_CMD_SESSION_ENDED_NTF, NULL);
	wg_clock_act(peer, actions);
}

/*
 * A handshake that is being ended on another CPU holds hs_lock until its
 * session is in a slot: none slips past.
 */
static void end_all(struct wg_peer *peer, enum wg_timers_event event)
{
	mutex_lock(&peer->hs_lock);
	wg_peer_end_all_locked(peer, event);
	mutex_unlock(&peer->hs_lock);
}

void wg_peer_stop_locked(struct wg_peer *peer)
{
	lockdep_assert_held(&peer->wg->config_lock);
	end_all(peer, WG_EV_STOPPED);
}

void wg_peer_expire_locked(struct wg_peer *peer)
{
	lockdep_assert_held(&peer->wg->config_lock);
	end_all(peer, WG_EV_KEYS_GONE);
}

void wg_peer_unpair_locked(struct wg_peer *peer)
{
	lockdep_assert_held(&peer->wg->config_lock);
	mutex_lock(&peer->hs_lock);
	/* some have begun anew already */
	if (!wg_noise_is_paired(&peer->remote, &peer->wg->local)) {
		wg_noise_remote_unpair(&peer->remote);
		wg_peer_end_all_locked(peer, WG_EV_KEYS_GONE);
	}
	mutex_unlock(&peer->hs_lock);
}

void wg_peer_reset_locked(struct wg_peer *peer)
{
	static const struct wg_endpoint nowhere;

	lockdep_assert_held(&peer->wg->config_lock);
	hide(peer);
	/* a handshake that is under way ends before this, and is refused */
	mutex_lock(&peer->hs_lock);
	wg_handshake_forget_locked(peer);
	memzero_explicit(peer->remote.psk, sizeof(peer->remote.psk));
	if (peer->hs) {
		memset(&peer->hs->past, 0, sizeof(peer->hs->past));
		memzero_explicit(&peer->hs->cookie, sizeof(peer->hs->cookie));
	}
	mutex_unlock(&peer->hs_lock);

	spin_lock_bh(&peer->lock);
	wg_timers_init(&peer->timers);
	move_locked(peer, &nowhere);
	memset(&peer->counters, 0, sizeof(peer->counters));
	memset(&peer->last_handshake, 0, sizeof(peer->last_handshake));
	memset(&peer->heard, 0, sizeof(peer->heard));
	memset(&peer->sent, 0, sizeof(peer->sent));
	spin_unlock_bh(&peer->lock);
	spin_lock_bh(&peer->wg->refusals.lock);
	if (peer->drops)
		memset(peer->drops, 0, sizeof(*peer->drops));
	spin_unlock_bh(&peer->wg->refusals.lock);
	kfree(peer->name);
	peer->name = NULL;
	peer->is_disabled = false;
	peer->until_s = 0;
	WRITE_ONCE(peer->is_off, false);
}

void wg_peer_queue(struct wg_peer *peer, enum wg_peer_todo todo)
{
	spin_lock_bh(&peer->lock);
	/* whoever sets a bit queues; the work clears it, then acts */
	if (!peer->is_dead && !test_and_set_bit(todo, &peer->todo))
		queue_work(peer->wg->peer_workqueue, &peer->work);
	spin_unlock_bh(&peer->lock);
}

void wg_peer_queue_flush(struct wg_peer *peer)
{
	spin_lock_bh(&peer->lock);
	if (!peer->is_dead)
		queue_work(peer->wg->flush_workqueue, &peer->flush_work);
	spin_unlock_bh(&peer->lock);
}

static void destroy_caches(void)
{
	wg_session_unregister();
	kmem_cache_destroy(ip_cache);
	kmem_cache_destroy(hs_cache);
	kmem_cache_destroy(peer_cache);
}

/* Devices may have millions: the next general sizes would waste a quarter. */
int wg_peer_register(void)
{
	peer_cache = KMEM_CACHE(wg_peer, 0);
	hs_cache = KMEM_CACHE(wg_peer_hs, 0);
	ip_cache = KMEM_CACHE(wg_allowed_ip, 0);
	if (!wg_session_register() && peer_cache && hs_cache && ip_cache)
		return 0;
	destroy_caches();
	return -ENOMEM;
}

void wg_peer_unregister(void)
{
	/* sessions free themselves, then their peers, a grace period apart */
	rcu_barrier();
	rcu_barrier();
	destroy_caches();
}
