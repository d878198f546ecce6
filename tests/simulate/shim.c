// SPDX-License-Identifier: GPL-2.0
/* What of the kernel needs no clock: memory, counters, lists, queues, tables. */
#include "world.h"

/* ------------------------------------------------------------------ memory */

/* In front of each object, as long as malloc()'s alignment. */
struct header {
	size_t size;
	size_t unused;
};

static unsigned int sessions;

void *kzalloc(size_t size, gfp_t flags)
{
	struct header *header = calloc(1, sizeof(*header) + size);

	if (!header)
		abort();
	header->size = size;
	sessions += size == sizeof(struct wg_session);
	return header + 1;
}

void *kmalloc(size_t size, gfp_t flags)
{
	return kzalloc(size, flags);
}

void *kcalloc(size_t count, size_t size, gfp_t flags)
{
	return kzalloc(count * size, flags);
}

void kfree(const void *p)
{
	struct header *header;

	if (!p)
		return;
	header = (struct header *)p - 1;
	sessions -= header->size == sizeof(struct wg_session);
	free(header);
}

void kfree_sensitive(const void *p)
{
	if (p)
		memset((void *)p, 0, ((struct header *)p - 1)->size);
	kfree(p);
}

unsigned int shim_live_sessions(void)
{
	return sessions;
}

struct kmem_cache *kmem_cache_make(size_t size)
{
	struct kmem_cache *cache = kzalloc(sizeof(*cache), GFP_KERNEL);

	cache->size = size;
	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	kfree(cache);
}

/* ------------------------------------------------------- counters and bits */

void refcount_set(refcount_t *refs, int value)
{
	refs->value = value;
}

void refcount_inc(refcount_t *refs)
{
	shim_check(refs->value > 0);
	refs->value++;
}

bool refcount_inc_not_zero(refcount_t *refs)
{
	shim_check(refs->value >= 0);
	refs->value += refs->value != 0;
	return refs->value;
}

bool refcount_dec_and_test(refcount_t *refs)
{
	shim_check(refs->value > 0);
	return !--refs->value;
}

bool test_and_set_bit(unsigned int bit, unsigned long *word)
{
	bool was_set = *word & 1UL << bit;

	*word |= 1UL << bit;
	return was_set;
}

bool test_bit(unsigned int bit, const unsigned long *word)
{
	return *word & 1UL << bit;
}

/* The section's copies, made when the first is asked for. */
void *shim_per_cpu(void *p, unsigned int cpu)
{
	extern char __start_per_cpu[], __stop_per_cpu[];
	static char *copies[MACHINES_MAX * CPUS];
	size_t size = __stop_per_cpu - __start_per_cpu;

	if ((char *)p < __start_per_cpu || (char *)p >= __stop_per_cpu)
		return p; /* alloc_percpu(): one for all */
	if (!copies[cpu])
		copies[cpu] = calloc(1, size);
	return copies[cpu] + ((char *)p - __start_per_cpu);
}

/* ------------------------------------------------------------------- lists */

void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

void hlist_add_head(struct hlist_node *node, struct hlist_head *list)
{
	node->next = list->first;
	node->pprev = &list->first;
	if (node->next)
		node->next->pprev = &node->next;
	list->first = node;
}

void hlist_del_init(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
	node->pprev = NULL;
}

void list_add_tail(struct list_head *entry, struct list_head *list)
{
	entry->next = list;
	entry->prev = list->prev;
	list->prev->next = entry;
	list->prev = entry;
}

void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}

void llist_add(struct llist_node *node, struct llist_head *list)
{
	node->next = list->first;
	list->first = node;
}

struct llist_node *llist_del_all(struct llist_head *list)
{
	struct llist_node *first = list->first;

	list->first = NULL;
	return first;
}

int rhashtable_init(struct rhashtable *table,
		    const struct rhashtable_params *params)
{
	table->first = NULL;
	table->params = params;
	return 0;
}

void *rhashtable_find(struct rhashtable *table, const void *key)
{
	struct rhashtable_compare_arg arg = { key };
	struct rhash_head *head;
	char *object;

	for (head = table->first; head; head = head->next) {
		object = (char *)head - table->params->head_offset;
		if (!table->params->obj_cmpfn(&arg, object))
			return object;
	}
	return NULL;
}

int rhashtable_insert(struct rhashtable *table, struct rhash_head *head,
		      const void *key)
{
	if (rhashtable_find(table, key))
		return -EEXIST;
	head->next = table->first;
	table->first = head;
	return 0;
}

static struct rhash_head **rhashtable_place(struct rhashtable *table,
					    struct rhash_head *head)
{
	struct rhash_head **place = &table->first;

	while (*place && *place != head)
		place = &(*place)->next;
	return place;
}

int rhashtable_replace(struct rhashtable *table, struct rhash_head *old,
		       struct rhash_head *new)
{
	struct rhash_head **place = rhashtable_place(table, old);

	if (!*place)
		return -ENOENT;
	new->next = old->next;
	*place = new;
	return 0;
}

int rhashtable_remove(struct rhashtable *table, struct rhash_head *head)
{
	struct rhash_head **place = rhashtable_place(table, head);

	if (!*place)
		return -ENOENT;
	*place = head->next;
	return 0;
}

/* ------------------------------------------------------------------ packets */

struct sk_buff *shim_skb(size_t bytes)
{
	struct sk_buff *skb = calloc(1, sizeof(*skb) + bytes);

	if (!skb)
		abort();
	skb->data = skb->bytes;
	skb->packet = NO_PACKET;
	return skb;
}

void kfree_skb(struct sk_buff *skb)
{
	free(skb->datagram);
	free(skb);
}

/* Of a datagram: it was of use. */
void consume_skb(struct sk_buff *skb)
{
	if (skb->datagram)
		watch_taken(sched_machine(), skb->datagram);
	kfree_skb(skb);
}

void __skb_queue_head_init(struct sk_buff_head *list)
{
	list->next = (struct sk_buff *)list;
	list->prev = (struct sk_buff *)list;
	list->qlen = 0;
}

static void insert_skb(struct sk_buff_head *list, struct sk_buff *skb,
		       struct sk_buff *before)
{
	skb->next = before;
	skb->prev = before->prev;
	before->prev->next = skb;
	before->prev = skb;
	list->qlen++;
}

void __skb_queue_tail(struct sk_buff_head *list, struct sk_buff *skb)
{
	insert_skb(list, skb, (struct sk_buff *)list);
}

void __skb_unlink(struct sk_buff *skb, struct sk_buff_head *list)
{
	skb->prev->next = skb->next;
	skb->next->prev = skb->prev;
	skb->next = NULL;
	skb->prev = NULL;
	list->qlen--;
}

struct sk_buff *skb_peek(const struct sk_buff_head *list)
{
	return list->qlen ? list->next : NULL;
}

struct sk_buff *__skb_dequeue(struct sk_buff_head *list)
{
	struct sk_buff *skb = skb_peek(list);

	if (skb)
		__skb_unlink(skb, list);
	return skb;
}

void skb_queue_splice_init(struct sk_buff_head *list, struct sk_buff_head *to)
{
	struct sk_buff *before = to->next, *skb;

	while ((skb = __skb_dequeue(list)))
		insert_skb(to, skb, before);
}

void skb_queue_splice_tail_init(struct sk_buff_head *list,
				struct sk_buff_head *to)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list)))
		__skb_queue_tail(to, skb);
}

/* The list's head is not used afterwards. */
void skb_queue_splice(struct sk_buff_head *list, struct sk_buff_head *to)
{
	skb_queue_splice_init(list, to);
}

void skb_queue_splice_tail(struct sk_buff_head *list, struct sk_buff_head *to)
{
	skb_queue_splice_tail_init(list, to);
}

void skb_queue_head_init(struct sk_buff_head *list)
{
	__skb_queue_head_init(list);
	spin_lock_init(&list->lock);
}

void skb_queue_tail(struct sk_buff_head *list, struct sk_buff *skb)
{
	spin_lock_bh(&list->lock);
	__skb_queue_tail(list, skb);
	spin_unlock_bh(&list->lock);
}

struct sk_buff *skb_dequeue(struct sk_buff_head *list)
{
	struct sk_buff *skb;

	spin_lock_bh(&list->lock);
	skb = __skb_dequeue(list);
	spin_unlock_bh(&list->lock);
	return skb;
}

void skb_queue_purge(struct sk_buff_head *list)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list)))
		kfree_skb(skb);
}
