/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel, as far as src/core and what of src/path is simulated ask for it.
 * The Makefile makes each of its headers, where tests/host/include has none, one
 * line that includes this.
 *
 * Locks exclude nobody, since there is one thread; they say who holds them, and
 * to let one go is where other CPUs have their turn (sched.c). Timers and works
 * are events of the world's clock. Freed memory is freed: the address sanitizer
 * is the judge of lifetimes.
 */
#ifndef _SIMULATE_SHIM_H
#define _SIMULATE_SHIM_H

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>

/* path/tx.c has one of its own */
#define send wg_tx_send
#undef htons
#define htons(x) ((__be16)__builtin_bswap16(x))

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/unaligned.h>

#include "../../include/uapi/linux/wg.h"

/* ------------------------------------------------------------ the language */

#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, value) ((x) = (value))
#define smp_load_acquire(p) (*(p))
#define smp_store_release(p, value) (*(p) = (value))
#define smp_mb__after_atomic() ((void)0)
#define cmpxchg(p, old, new) ({						\
	__typeof__(*(p)) was_ = *(p);					\
									\
	if (was_ == (old))						\
		*(p) = (new);						\
	was_; })
#define unreachable() __builtin_unreachable()
#define offsetofend(type, member) \
	(offsetof(type, member) + sizeof_field(type, member))

#define GFP_ATOMIC 0u
#define __GFP_NOWARN 0u
#define HZ 250
#define NSEC_PER_USEC 1000L
#define div_u64(a, b) ((a) / (b))

#define __percpu
#define ____cacheline_aligned_in_smp
#define __acquires(lock)
#define __releases(lock)
#define __read_mostly

#define pr_debug(format, ...) ((void)(0 && printf(format, ##__VA_ARGS__)))

/* The simulation ends here: the module itself says that something is wrong. */
void shim_complain(const char *what, const char *file, int line)
	__attribute__((noreturn));

#define shim_check(claim) \
	((claim) ? (void)0 : shim_complain(#claim, __FILE__, __LINE__))
#define WARN_ON_ONCE(condition) ({					\
	bool is_so_ = (condition);					\
									\
	if (is_so_)							\
		shim_complain(#condition, __FILE__, __LINE__);		\
	is_so_; })

#define ERR_PTR(err) ((void *)(long)(err))
#define IS_ERR(p) ((unsigned long)(p) >= -4095UL)

/* ------------------------------------------------------------------ memory */

void *kzalloc(size_t size, gfp_t flags);
void *kcalloc(size_t count, size_t size, gfp_t flags);
void kfree_sensitive(const void *p);

struct kmem_cache {
	size_t size;
};

#define KMEM_CACHE(type, flags) kmem_cache_make(sizeof(struct type))
struct kmem_cache *kmem_cache_make(size_t size);
void kmem_cache_destroy(struct kmem_cache *cache);
#define kmem_cache_zalloc(cache, flags) kzalloc((cache)->size, flags)
#define kmem_cache_free(cache, p) kfree(p)

#define rcu_access_pointer(p) (p)
#define rcu_read_lock() ((void)0)
#define rcu_read_unlock() ((void)0)
#define rcu_read_lock_bh() local_bh_disable()
#define rcu_read_unlock_bh() local_bh_enable()
void rcu_barrier(void);
#define synchronize_net() rcu_barrier()

/* ------------------------------------------------------------------- locks */

/* One for all kinds. @holder: the task, NULL for nobody */
struct lock {
	struct task_struct *holder;
	unsigned int readers;
};

typedef struct lock spinlock_t, local_lock_t;
#define mutex lock
#define rw_semaphore lock

void lock_init(struct lock *lock);
void lock_spin(struct lock *lock);
void unlock_spin(struct lock *lock);
void lock_sleeping(struct lock *lock);
void unlock_sleeping(struct lock *lock);
void lock_shared(struct lock *lock);
void unlock_shared(struct lock *lock);
bool lock_is_held(const struct lock *lock);
void local_bh_disable(void);
void local_bh_enable(void);

#define DEFINE_SPINLOCK(name) spinlock_t name
#define spin_lock_init lock_init
#define spin_lock lock_spin
#define spin_unlock unlock_spin
#define spin_lock_bh(lock) (local_bh_disable(), lock_spin(lock))
#define spin_unlock_bh(lock) (unlock_spin(lock), local_bh_enable())
#define mutex_init lock_init
#define mutex_lock lock_sleeping
#define mutex_unlock unlock_sleeping
#define init_rwsem lock_init
#define down_read lock_shared
#define up_read unlock_shared
#define down_write lock_sleeping
#define up_write unlock_sleeping
#define lockdep_assert_held(lock) shim_check(lock_is_held(lock))

/* ------------------------------------------------------- counters and bits */

typedef struct {
	long value;
} atomic64_t;
typedef struct {
	int value;
} atomic_t;
typedef struct {
	int value;
} refcount_t;

#define ATOMIC64_INIT(value) { value }
#define atomic64_inc_return(counter) ((u64)++(counter)->value)
#define atomic_add(n, counter) ((counter)->value += (n))

void refcount_set(refcount_t *refs, int value);
void refcount_inc(refcount_t *refs);
bool refcount_inc_not_zero(refcount_t *refs);
bool refcount_dec_and_test(refcount_t *refs);

bool test_and_set_bit(unsigned int bit, unsigned long *word);
bool test_bit(unsigned int bit, const unsigned long *word);
#define xchg(word, value) __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST)

/* ------------------------------------------------------------------- lists */

struct list_head {
	struct list_head *next, *prev;
};

void INIT_LIST_HEAD(struct list_head *list);
void list_add_tail(struct list_head *entry, struct list_head *list);
void list_del_init(struct list_head *entry);
#define list_empty(list) ((list)->next == (list))
#define list_first_entry(list, type, member) \
	container_of((list)->next, type, member)
#define list_next_entry(at, member) \
	container_of((at)->member.next, __typeof__(*(at)), member)
#define list_entry_is_head(at, list, member) (&(at)->member == (list))
#define list_for_each_entry(at, list, member)				\
	for (at = list_first_entry(list, __typeof__(*at), member);	\
	     !list_entry_is_head(at, list, member);			\
	     at = list_next_entry(at, member))

#define list_for_each_entry_safe(at, then, list, member)		\
	for (at = list_first_entry(list, __typeof__(*at), member),	\
	     then = list_next_entry(at, member);			\
	     !list_entry_is_head(at, list, member);			\
	     at = then, then = list_next_entry(at, member))
#define list_is_last(entry, list) ((entry)->next == (list))
#define LIST_HEAD(name) struct list_head name = { &name, &name }

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

void hlist_add_head(struct hlist_node *node, struct hlist_head *list);
void hlist_del_init(struct hlist_node *node);
#define hlist_unhashed(node) (!(node)->pprev)
#define hlist_empty(list) (!(list)->first)
#define hlist_entry_at(node, at, member) \
	((node) ? container_of(node, __typeof__(*(at)), member) : NULL)
#define hlist_for_each(entry, head)					\
	for ((entry) = (head)->first; (entry); (entry) = (entry)->next)
#define hlist_for_each_entry_safe(pos, following, head, member)	\
	for ((pos) = hlist_entry_at((head)->first, pos, member); \
	     (pos) && ((following) = (pos)->member.next, 1);		\
	     (pos) = hlist_entry_at(following, pos, member))
#define hlist_for_each_entry(at, list, member)				\
	for (at = hlist_entry_at((list)->first, at, member); at;	\
	     at = hlist_entry_at(at->member.next, at, member))

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

void llist_add(struct llist_node *node, struct llist_head *list);
struct llist_node *llist_del_all(struct llist_head *list);

static inline void *llist_entry_at(void *node, size_t offset)
{
	return node ? (char *)node - offset : NULL;
}

#define llist_for_each_entry_safe(at, then, node, member)		\
	for (at = llist_entry_at(node, offsetof(__typeof__(*at), member)); \
	     at && (then = llist_entry_at(at->member.next,		\
			offsetof(__typeof__(*at), member)), true);	\
	     at = then)

/* A table that grows is not what is simulated: it is a list. */
struct rhash_head {
	struct rhash_head *next;
};

struct rhashtable_compare_arg {
	const void *key;
};

struct rhashtable_params {
	size_t key_len, key_offset, head_offset;
	u32 (*hashfn)(const void *key, u32 len, u32 seed);
	u32 (*obj_hashfn)(const void *object, u32 len, u32 seed);
	int (*obj_cmpfn)(struct rhashtable_compare_arg *arg,
			 const void *object);
	bool automatic_shrinking;
};

struct rhashtable {
	struct rhash_head *first;
	const struct rhashtable_params *params;
};

int rhashtable_init(struct rhashtable *table,
		    const struct rhashtable_params *params);
int rhashtable_insert(struct rhashtable *table, struct rhash_head *head,
		      const void *key);
int rhashtable_replace(struct rhashtable *table, struct rhash_head *old,
		       struct rhash_head *new);
int rhashtable_remove(struct rhashtable *table, struct rhash_head *head);
void *rhashtable_find(struct rhashtable *table, const void *key);

#define rhashtable_destroy(table) ((void)(table))
#define rhashtable_lookup_insert_fast(table, head, params)		\
	rhashtable_insert(table, head,					\
			  (char *)(head) - (params).head_offset +	\
			  (params).key_offset)
#define rhashtable_lookup_insert_key(table, key, head, params) \
	rhashtable_insert(table, head, key)
#define rhashtable_replace_fast(table, old, new, params) \
	rhashtable_replace(table, old, new)
#define rhashtable_remove_fast(table, head, params) \
	rhashtable_remove(table, head)
#define rhashtable_lookup(table, key, params) rhashtable_find(table, key)
#define rhashtable_lookup_fast(table, key, params) \
	rhashtable_find(table, key)

/* -------------------------------------------------------- clock and chance */

typedef s64 ktime_t;

struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
};

u64 ktime_get_coarse_boottime_ns(void);
void ktime_get_real_ts64(struct timespec64 *now);
s64 ktime_get_real_seconds(void);
unsigned long shim_jiffies(void);
#define jiffies shim_jiffies()
#define nsecs_to_jiffies(ns) ((unsigned long)((ns) / (1000000000 / HZ)))
#define ns_to_ktime(ns) (ns)

u32 get_random_u32(void);
u32 get_random_u32_below(u32 bound);
void get_random_bytes(void *out, size_t len);
#define get_random_once(out, len) get_random_bytes(out, len)
#define wait_for_random_bytes() ((void)0)

typedef struct {
	u64 key[2];
} siphash_key_t;

u64 siphash(const void *data, size_t len, const siphash_key_t *key);
#define siphash_1u64(value, key) ({					\
	u64 value_ = (value);						\
									\
	siphash(&value_, sizeof(value_), key); })

/* --------------------------------------------------------- timers and works */

/**
 * struct later - a timer or a work: something that a CPU does later
 * @event: of the world, while it is set
 * @machine: whose it is
 * @run: calls the function of the timer or work that this is in
 * @is_running: a CPU is at it; a second one waits
 */
struct later {
	struct event *event;
	struct machine *machine;
	void (*run)(struct later *later);
	bool is_running;
};

void later_cancel(struct later *later);

struct timer_list {
	struct later later;
	void (*function)(struct timer_list *timer);
};

#define timer_setup(timer, f, flags) \
	(*(timer) = (struct timer_list){ .function = (f) })
#define timer_container_of(at, timer, member) \
	container_of(timer, __typeof__(*at), member)
#define timer_delete_sync(timer) later_cancel(&(timer)->later)
void mod_timer(struct timer_list *timer, unsigned long at_jiffies);

enum hrtimer_mode { HRTIMER_MODE_REL_PINNED_SOFT };
enum hrtimer_restart { HRTIMER_NORESTART };

struct hrtimer {
	struct later later;
	enum hrtimer_restart (*function)(struct hrtimer *timer);
};

#define hrtimer_setup(timer, f, clock, mode) \
	(*(timer) = (struct hrtimer){ .function = (f) })
#define hrtimer_is_queued(timer) ((timer)->later.event != NULL)
#define hrtimer_cancel(timer) later_cancel(&(timer)->later)
void hrtimer_start(struct hrtimer *timer, u64 after_ns, enum hrtimer_mode mode);

struct workqueue_struct;

struct work_struct {
	struct later later;
	void (*function)(struct work_struct *work);
};

struct delayed_work {
	struct work_struct work;
};

enum {
	WQ_UNBOUND = 1,
	WQ_FREEZABLE = 2,
	WQ_MEM_RECLAIM = 4,
	WQ_MAX_ACTIVE = 512,
};

#define alloc_workqueue(name, flags, threads, ...)			\
	((void)(flags), (void)(threads), (void)(__VA_ARGS__),		\
	 (struct workqueue_struct *)(name))
#define destroy_workqueue(queue) ((void)(queue))
#define INIT_WORK(work, f) \
	(*(work) = (struct work_struct){ .function = (f) })
#define INIT_DELAYED_WORK(delayed, f) INIT_WORK(&(delayed)->work, f)
#define cancel_work_sync(work) later_cancel(&(work)->later)
#define cancel_delayed_work_sync(delayed) cancel_work_sync(&(delayed)->work)
bool queue_work(struct workqueue_struct *queue, struct work_struct *work);
void schedule_delayed_work(struct delayed_work *delayed, unsigned long after);
#define cond_resched() ((void)0)

/* ----------------------------------------------------------- CPUs and tasks */

struct task_struct {
	unsigned int cpu;
};

struct task_struct *shim_current(void);
#define current shim_current()
#define num_online_cpus() 2

/* What DEFINE_PER_CPU() has is the pattern; each CPU has a copy of the section. */
#define DEFINE_PER_CPU(type, name) \
	__attribute__((section("per_cpu"))) __typeof__(type) name
#define alloc_percpu(type) ((type *)kzalloc(sizeof(type), GFP_KERNEL))
#define free_percpu(p) kfree(p)
void *shim_per_cpu(void *p, unsigned int cpu);
unsigned int shim_cpu(void);
unsigned int shim_cpus(void);

#define per_cpu_ptr(p, cpu) ((__typeof__(p))shim_per_cpu((void *)(p), cpu))
#define this_cpu_ptr(p) per_cpu_ptr(p, shim_cpu())
#define this_cpu_read(name) (*this_cpu_ptr(&(name)))
#define this_cpu_write(name, value) (*this_cpu_ptr(&(name)) = (value))
#define this_cpu_add(name, n) (*this_cpu_ptr(&(name)) += (n))
#define for_each_possible_cpu(cpu) \
	for ((cpu) = 0; (unsigned int)(cpu) < shim_cpus(); (cpu)++)

/* ------------------------------------------------------------------ packets */

#define IFNAMSIZ 16
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86dd
#define ETH_DATA_LEN 1500
#define LL_MAX_HEADER 96
#define SKB_GSO_UDP_L4 1
#define NETDEV_TX_OK 0
#define CHECKSUM_NONE 0
#define CHECKSUM_PARTIAL 3
#define PACKET_HOST 0
#define ICMP_DEST_UNREACH 3
#define ICMP_HOST_UNREACH 1
#define ICMPV6_DEST_UNREACH 1
#define ICMPV6_ADDR_UNREACH 3

typedef int netdev_tx_t;

struct ipv6hdr {
	struct in6_addr saddr, daddr;
};

struct net_device {
	void *priv;
	const char *name;
	unsigned int mtu;
};

struct napi_struct {
	struct net_device *dev;
};

struct page_frag {
	void *page;
	unsigned int offset, size;
};

#define MAX_SKB_FRAGS 17
#define page_address(page) (page)
#define skb_can_coalesce(skb, slot, page, offset) \
	((void)(skb), (void)(slot), (void)(page), (void)(offset), false)

struct skb_shared_info {
	unsigned char nr_frags;
	unsigned short gso_size, gso_segs;
	unsigned int gso_type;
};

/**
 * struct sk_buff - an inner packet, a datagram, or what becomes several
 * @next: in lists of either kind
 * @prev: in an sk_buff_head
 * @ip: outer header of a datagram, inner header of a packet
 * @hash: its flow
 * @packet: number of the application's packet, the first of several
 * @datagram: what came from the network, or NULL
 * @bytes: a message or several, from @data on
 */
struct sk_buff {
	struct sk_buff *next, *prev;
	char cb[48] __aligned(8);
	__be16 protocol;
	unsigned int len;
	u8 *data;
	struct net_device *dev;
	struct iphdr ip;
	struct ipv6hdr ip6;
	struct udphdr udp;
	int skb_iif;
	u32 priority, hash;
	u16 queue_mapping;
	u8 ip_summed, encapsulation, pkt_type;
	ktime_t tstamp;
	struct skb_shared_info shared;
	u64 packet;
	struct datagram *datagram;
	u8 bytes[];
};

struct sk_buff_head {
	struct sk_buff *next, *prev;
	unsigned int qlen;
	spinlock_t lock;
};

struct sk_buff *shim_skb(size_t bytes);
void kfree_skb(struct sk_buff *skb);
void consume_skb(struct sk_buff *skb);
#define kfree_skb_reason(skb, reason) ((void)(reason), kfree_skb(skb))

void __skb_queue_head_init(struct sk_buff_head *list);
void __skb_queue_tail(struct sk_buff_head *list, struct sk_buff *skb);
struct sk_buff *__skb_dequeue(struct sk_buff_head *list);
void __skb_unlink(struct sk_buff *skb, struct sk_buff_head *list);
struct sk_buff *skb_peek(const struct sk_buff_head *list);
void skb_queue_splice(struct sk_buff_head *list, struct sk_buff_head *to);
void skb_queue_splice_tail(struct sk_buff_head *list, struct sk_buff_head *to);
void skb_queue_splice_init(struct sk_buff_head *list, struct sk_buff_head *to);
void skb_queue_splice_tail_init(struct sk_buff_head *list,
				struct sk_buff_head *to);
void skb_queue_head_init(struct sk_buff_head *list);
void skb_queue_tail(struct sk_buff_head *list, struct sk_buff *skb);
struct sk_buff *skb_dequeue(struct sk_buff_head *list);
void skb_queue_purge(struct sk_buff_head *list);
#define skb_queue_len(list) ((list)->qlen)
#define skb_queue_len_lockless(list) ((list)->qlen)
#define skb_queue_empty(list) (!(list)->qlen)
#define skb_queue_empty_lockless(list) (!(list)->qlen)
#define skb_queue_walk(list, at)					\
	for (at = (list)->next; at != (struct sk_buff *)(list); at = at->next)
#define skb_queue_walk_safe(list, at, then)				\
	for (at = (list)->next, then = at->next;			\
	     at != (struct sk_buff *)(list); at = then, then = at->next)
#define skb_list_walk_safe(first, at, then)				\
	for (at = (first), then = at ? at->next : NULL; at;		\
	     at = then, then = at ? at->next : NULL)
#define skb_mark_not_on_list(skb) ((void)((skb)->next = NULL))

#define skb_shinfo(skb) (&(skb)->shared)
#define skb_is_gso(skb) ((skb)->shared.gso_size != 0)
#define ip_hdr(skb) (&(skb)->ip)
#define ipv6_hdr(skb) (&(skb)->ip6)
#define udp_hdr(skb) (&(skb)->udp)
#define ip_tunnel_parse_protocol(skb) ((skb)->protocol)
#define ip_tunnel_ecn_encap(tos, ip, skb) ((u8)((void)(ip), 0))
#define skb_get_hash(skb) ((skb)->hash)
#define __skb_set_sw_hash(skb, value, is_l4) ((skb)->hash = (value))
#define skb_valid_dst(skb) ((void)(skb), false)
#define skb_dst(skb) ((void)(skb), NULL)
#define dst_mtu(dst) ((void)(dst), 1420u)
#define skb_dst_drop(skb) ((void)(skb))
#define skb_dst_force(skb) ((void)(skb))
#define skb_orphan(skb) ((void)(skb))
#define skb_linearize(skb) ((void)(skb), 0)
#define skb_scrub_packet(skb, xnet) ((void)(skb))
#define skb_reset_redirect(skb) ((void)(skb))
#define skb_checksum_help(skb) ((void)(skb), 0)
/* a message is always made elsewhere */
#define skb_is_nonlinear(skb) ((void)(skb), true)
#define skb_cloned(skb) ((void)(skb), false)
#define skb_shared(skb) ((void)(skb), false)
#define skb_headroom(skb) ((void)(skb), 0u)
#define skb_tailroom(skb) ((void)(skb), 0u)
#define skb_put(skb, n) ((void)(n), (skb)->data)
#define skb_push(skb, n) ((void)(n), (skb)->data)
#define icmp_ndo_send(skb, type, code, info) ((void)(skb))
#define icmpv6_ndo_send(skb, type, code, info) ((void)(skb))
#define netdev_priv(device) ((device)->priv)

#define ipv6_addr_equal(a, b) (!memcmp(a, b, sizeof(struct in6_addr)))
#define ipv6_iface_scope_id(addr, ifindex) ((void)(addr), (u32)(ifindex))

struct dst_entry;

#define dst_release(dst) ((void)(dst))

enum skb_drop_reason {
	SKB_DROP_REASON_NOT_SPECIFIED,
	SKB_DROP_REASON_NOMEM,
	SKB_DROP_REASON_IP_OUTNOROUTES,
	SKB_DROP_REASON_PKT_TOO_SMALL,
	SKB_DROP_REASON_UNHANDLED_PROTO,
	SKB_DROP_REASON_FULL_RING,
	SKB_DROP_REASON_UDP_CSUM,
	SKB_DROP_REASON_SKB_GSO_SEG,
};

#define trace_wg_hs_received(peer, event) ((void)(peer), (void)(event))
#define trace_wg_hs_sent(peer, event) ((void)(peer), (void)(event))
void trace_wg_drop(struct net_device *dev, u64 peer_id, struct sk_buff *skb,
		   unsigned int reason);

struct net;
struct sock;

#endif
