// SPDX-License-Identifier: GPL-2.0
/* The kernel's own tables, from its source as it is. */
#include "allowedips.c"
#include "peerlookup.c"

#include "lookup.h"

static struct allowedips ips;
static struct index_hashtable *indices;
static struct index_hashtable_entry *entries;
static struct wg_peer *peer;
static DEFINE_MUTEX(lock);

/* What is under test is the way to the peer. */
struct wg_peer *wg_peer_get_maybe_zero(struct wg_peer *found)
{
	return found;
}

void wg_peer_put(struct wg_peer *found)
{
}

/* called while the module is loaded */
static int __ref begin_ips(unsigned int count)
{
	int err = wg_allowedips_slab_init();

	if (err)
		return err;
	wg_allowedips_init(&ips);
	peer = kzalloc(sizeof(*peer), GFP_KERNEL);
	if (!peer)
		return -ENOMEM;
	INIT_LIST_HEAD(&peer->allowedips_list);
	return 0;
}

static int add_ip(unsigned int n)
{
	struct in_addr addr = { cpu_to_be32(address_of(n)) };
	int err;

	mutex_lock(&lock);
	err = wg_allowedips_insert_v4(&ips, &addr, 32, peer, &lock);
	mutex_unlock(&lock);
	return err;
}

static u32 ip_of(unsigned int n)
{
	return address_of(n);
}

static bool has_ip(u32 addr)
{
	__be32 key = cpu_to_be32(addr);

	return lookup(ips.root4, 32, &key);
}

static void end_ips(void)
{
	mutex_lock(&lock);
	wg_allowedips_free(&ips, &lock);
	mutex_unlock(&lock);
	rcu_barrier();
	wg_allowedips_slab_uninit();
	kfree(peer);
}

const struct lookup_table intree_trie = {
	"wireguard allowed-ips", 1 << 20, begin_ips, add_ip, ip_of, has_ip,
	end_ips,
};

static int begin_indices(unsigned int count)
{
	entries = kvcalloc(count, sizeof(*entries), GFP_KERNEL);
	indices = wg_index_hashtable_alloc();
	peer = kzalloc(sizeof(*peer), GFP_KERNEL);
	return entries && indices && peer ? 0 : -ENOMEM;
}

static int add_entry(unsigned int n)
{
	entries[n].peer = peer;
	entries[n].type = INDEX_HASHTABLE_KEYPAIR;
	wg_index_hashtable_insert(indices, &entries[n]);
	return 0;
}

static u32 number_of(unsigned int n)
{
	return (__force u32)entries[n].index;
}

static bool has_number(u32 number)
{
	struct wg_peer *found;

	return wg_index_hashtable_lookup(indices, INDEX_HASHTABLE_KEYPAIR,
					 (__force __le32)number, &found);
}

static void end_indices(void)
{
	kvfree(indices);
	kvfree(entries);
	kfree(peer);
}

const struct lookup_table intree_index = {
	"wireguard index", 100000, begin_indices, add_entry, number_of,
	has_number, end_indices,
};
