// SPDX-License-Identifier: GPL-2.0
#include "ctl/draft.h"

#include <linux/slab.h>

#include "core/peer.h"

static struct kmem_cache *cache;

/*
 * Drafts come and go between what stays, peers and nodes of the trie: in a
 * cache they shared with these they would leave holes, 100 bytes a peer.
 */
int wg_draft_register(void)
{
	cache = KMEM_CACHE(wg_draft, 0);
	return cache ? 0 : -ENOMEM;
}

void wg_draft_unregister(void)
{
	kmem_cache_destroy(cache);
}

struct wg_draft *wg_draft_new(struct wg_peer *peer, struct list_head *drafts)
{
	struct wg_draft *draft = kmem_cache_zalloc(cache, GFP_KERNEL);

	if (!draft)
		return NULL;
	draft->peer = peer;
	INIT_LIST_HEAD(&draft->ips);
	list_add_tail(&draft->node, drafts);
	peer->draft = draft;
	return draft;
}

void wg_draft_free(struct wg_draft *draft)
{
	wg_draft_reset(draft);
	list_del(&draft->node);
	kmem_cache_free(cache, draft);
}

void wg_draft_reset(struct wg_draft *draft)
{
	kfree(draft->name);
	draft->name = NULL;
	draft->has_name = false;
	draft->endpoint = NULL;
	draft->psk = NULL;
	draft->has_keepalive = false;
}

void wg_draft_apply_settings(struct wg_draft *draft)
{
	struct wg_peer *peer = draft->peer;

	if (draft->endpoint)
		wg_peer_set_endpoint(peer, draft->endpoint);
	if (draft->psk)
		wg_peer_set_psk(peer, draft->psk);
	if (draft->has_name) {
		kfree(peer->name);
		peer->name = draft->name;
		draft->name = NULL;
	}
}

void wg_draft_apply_start(struct wg_draft *draft)
{
	struct wg_peer *peer = draft->peer;

	if (draft->has_keepalive)
		wg_peer_set_keepalive(peer, draft->keepalive_s);
	if (!skb_queue_empty_lockless(&peer->staged))
		wg_peer_queue(peer, WG_TODO_FLUSH);
}
