// SPDX-License-Identifier: GPL-2.0
#include "ctl/ip.h"

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "core/peer.h"

static struct kmem_cache *cache;

int wg_ip_register(void)
{
	cache = KMEM_CACHE(wg_allowed_ip, 0);
	return cache ? 0 : -ENOMEM;
}

void wg_ip_unregister(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}

struct wg_allowed_ip *wg_ip_alloc(void)
{
	return kmem_cache_zalloc(cache, GFP_KERNEL);
}

void wg_ip_free(struct wg_allowed_ip *ip)
{
	kmem_cache_free(cache, ip);
}

void wg_ip_free_list(struct list_head *ips)
{
	struct wg_allowed_ip *ip, *next;

	list_for_each_entry_safe(ip, next, ips, node)
		wg_ip_free(ip);
}

static void free_by_rcu(struct rcu_head *rcu)
{
	wg_ip_free(container_of(rcu, struct wg_allowed_ip, rcu));
}

void wg_ip_free_list_rcu(struct list_head *ips)
{
	struct wg_allowed_ip *ip, *next;

	list_for_each_entry_safe(ip, next, ips, node)
		call_rcu(&ip->rcu, free_by_rcu);
}
