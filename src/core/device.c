// SPDX-License-Identifier: GPL-2.0
#include "core/device.h"

#include <linux/percpu.h>

#include "core/peer.h"

static int init_tables(struct wg_device *wg)
{
	int err;

	wg_trie_init(&wg->ips);
	wg_ratelimiter_init(&wg->ratelimiter);
	err = wg_pubkeys_init(&wg->pubkeys);
	if (err)
		return err;
	err = wg_index_init(&wg->index);
	if (err)
		wg_pubkeys_destroy(&wg->pubkeys);
	return err;
}

static void destroy_workqueues(struct wg_device *wg)
{
	if (wg->flush_workqueue)
		destroy_workqueue(wg->flush_workqueue);
	if (wg->peer_workqueue)
		destroy_workqueue(wg->peer_workqueue);
	if (wg->workqueue)
		destroy_workqueue(wg->workqueue);
}

/*
 * No keys are computed while devices, or memory, are put to sleep. Peers are
 * worked for by no more threads than compute: each further one would only take
 * time from those who answer. What they send may be on its way to swap space.
 */
static int init_workqueues(struct wg_device *wg)
{
	const int threads = min_t(int, num_online_cpus(), WQ_MAX_ACTIVE);
	const char *name = wg->dev->name;

	wg->workqueue = alloc_workqueue("wg-hs-%s", WQ_UNBOUND | WQ_FREEZABLE,
					0, name);
	wg->peer_workqueue = alloc_workqueue("wg-peer-%s",
					     WQ_UNBOUND | WQ_FREEZABLE, threads,
					     name);
	wg->flush_workqueue = alloc_workqueue("wg-tx-%s",
					      WQ_UNBOUND | WQ_MEM_RECLAIM,
					      threads, name);
	if (wg->workqueue && wg->peer_workqueue && wg->flush_workqueue)
		return 0;
	destroy_workqueues(wg);
	return -ENOMEM;
}

int wg_device_init(struct wg_device *wg)
{
	int err = -ENOMEM;

	init_rwsem(&wg->local_lock);
	spin_lock_init(&wg->checker_lock);
	spin_lock_init(&wg->refusals.lock);
	mutex_init(&wg->config_lock);
	INIT_LIST_HEAD(&wg->peers);
	INIT_LIST_HEAD(&wg->node);
	wg->counters = alloc_percpu(struct wg_counters);
	wg->drops = alloc_percpu(struct wg_drop_stats);
	if (!wg->counters || !wg->drops || init_workqueues(wg))
		goto err_free_percpu;
	err = init_tables(wg);
	if (err)
		goto err_destroy_workqueues;
	return 0;

err_destroy_workqueues:
	destroy_workqueues(wg);
err_free_percpu:
	free_percpu(wg->drops);
	free_percpu(wg->counters);
	return err;
}

void wg_device_uninit(struct wg_device *wg)
{
	/* sessions that are being freed name their device for debugging */
	rcu_barrier();
	destroy_workqueues(wg);
	wg_index_destroy(&wg->index);
	wg_pubkeys_destroy(&wg->pubkeys);
	wg_ratelimiter_destroy(&wg->ratelimiter);
	wg_trie_destroy(&wg->ips);
	free_percpu(wg->drops);
	free_percpu(wg->counters);
	memzero_explicit(&wg->local, sizeof(wg->local));
	memzero_explicit(&wg->checker, sizeof(wg->checker));
}

void wg_device_set_private_key_locked(struct wg_device *wg,
				      const u8 *private_key)
{
	struct wg_peer *peer;

	lockdep_assert_held(&wg->config_lock);
	down_write(&wg->local_lock);
	wg_noise_local_set(&wg->local, private_key);
	wg_cookie_checker_set_key(&wg->checker, wg->local.has_key ?
				  wg->local.public_key : NULL);
	up_write(&wg->local_lock);
	wg_for_each_peer(peer, wg) {
		wg_peer_unpair_locked(peer);
		/* persistent keepalives could not be sent without a key */
		if (wg->local.has_key && wg->is_running)
			wg_peer_start_locked(peer);
	}
}

void wg_device_expire_sessions_locked(struct wg_device *wg)
{
	struct wg_peer *peer;

	lockdep_assert_held(&wg->config_lock);
	wg_for_each_peer(peer, wg)
		wg_peer_expire_locked(peer);
}

void wg_device_remove_peers_locked(struct wg_device *wg)
{
	struct wg_peer *peer, *next;
	LIST_HEAD(removed);

	lockdep_assert_held(&wg->config_lock);
	/* first: who has dumps waiting must not make each removal dear */
	wg_peer_cursors_drop_locked(wg);
	list_for_each_entry_safe(peer, next, &wg->peers, node) {
		wg_peer_kill_locked(peer);
		list_add_tail(&peer->node, &removed);
		cond_resched();
	}
	wg->generation++;
	wg_peer_finish_list(&removed);
}

void wg_device_sum_counters(const struct wg_device *wg,
			    struct wg_counters *sum)
{
	const struct wg_counters *counters;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		counters = per_cpu_ptr(wg->counters, cpu);
		sum->rx_packets += READ_ONCE(counters->rx_packets);
		sum->rx_bytes += READ_ONCE(counters->rx_bytes);
		sum->tx_packets += READ_ONCE(counters->tx_packets);
		sum->tx_bytes += READ_ONCE(counters->tx_bytes);
	}
}
