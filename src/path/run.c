// SPDX-License-Identifier: GPL-2.0
#include "path/run.h"

#include <linux/local_lock.h>
#include <linux/percpu.h>
#include <linux/udp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "path/crypt.h"
#include "path/frag.h"
#include "path/udp.h"

/*
 * Memory that the runs of one CPU share. With PREEMPT_RT, senders with BHs
 * disabled preempt each other: each takes its piece under the lock.
 */
struct run_memory {
	local_lock_t lock;
	struct page_frag frag;
};

static DEFINE_PER_CPU(struct run_memory, run_memory) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

bool wg_run_fits(const struct wg_run *run, unsigned int len, u8 ds)
{
	if (!run->skb)
		return true;
	return !run->is_closed && ds == run->ds && len <= run->message_len &&
	       run->messages < WG_RUN_MESSAGES_MAX &&
	       run->skb->len + len <= WG_RUN_BYTES_MAX;
}

/*
 * The first message may stand in the linear part, alone: that is a single
 * packet and needs no frag.
 */
static u8 *begin(struct wg_run *run, unsigned int len, u8 ds,
		 unsigned int linear)
{
	run->skb = alloc_skb(WG_UDP_HEADROOM + linear,
			     GFP_ATOMIC | __GFP_NOWARN);
	if (!run->skb)
		return NULL;
	skb_reserve(run->skb, WG_UDP_HEADROOM);
	run->message_len = len;
	run->messages = 0;
	run->is_closed = false;
	run->ds = ds;
	return linear ? skb_put(run->skb, linear) : NULL;
}

/*
 * Sealing borrows the bytes before a message. Those before a message of the
 * same frag are ours; a frag begins with a gap, because what lies before it
 * may be another run, already on its way.
 */
#define FRAG_GAP ALIGN(WG_CRYPT_ROOM, sizeof(long))

static u8 *append_locked(struct wg_run *run, unsigned int len)
{
	struct page_frag *frag = this_cpu_ptr(&run_memory.frag);
	u8 *bytes;

	if (!wg_frag_has_slot(run->skb) ||
	    !wg_frag_refill(frag, FRAG_GAP + len))
		return NULL;
	if (!wg_frag_follows(run->skb, frag))
		frag->offset += FRAG_GAP;
	bytes = wg_frag_bytes(frag);
	wg_frag_attach(run->skb, frag, len);
	return bytes;
}

static u8 *append(struct wg_run *run, unsigned int len)
{
	u8 *bytes;

	local_lock_nested_bh(&run_memory.lock);
	bytes = append_locked(run, len);
	local_unlock_nested_bh(&run_memory.lock);
	return bytes;
}

u8 *wg_run_extend(struct wg_run *run, unsigned int len, u8 ds,
		  unsigned int more)
{
	bool is_first = !run->skb;
	u8 *bytes = NULL;

	if (is_first && more)
		begin(run, len, ds, 0);
	if (run->skb)
		bytes = append(run, len);
	/* alone, or too long for what the page allocator had to give */
	if (!bytes && is_first) {
		kfree_skb(run->skb);
		bytes = begin(run, len, ds, len);
		run->is_closed = true;
	}
	if (!bytes)
		return NULL;
	run->messages++;
	if (len < run->message_len)
		run->is_closed = true;
	return bytes;
}

/*
 * Does @skb's socket count it as sent, by truesize, until its destructor has
 * run? TCP's own destructor is not exported everywhere: it is what a TCP
 * socket's packet has but for those that hold a reference only. A pure
 * acknowledgment says that it counts for next to nothing.
 */
static bool is_charged(const struct sk_buff *skb)
{
	if (!skb->destructor || !skb->sk || !sk_fullsock(skb->sk))
		return false;
	if (skb->destructor == sock_wfree)
		return true;
	return sk_is_tcp(skb->sk) && !skb_is_tcp_pure_ack(skb) &&
	       skb->destructor != sock_efree &&
	       skb->destructor != sock_edemux &&
	       skb->destructor != sock_pfree && skb->destructor != sock_rfree;
}

void wg_run_take_over(struct wg_run *run, struct sk_buff *skb)
{
	struct sk_buff *outer = run->skb;

	if (is_charged(skb) &&
	    (!outer->sk || (outer->sk == skb->sk &&
			    outer->destructor == skb->destructor))) {
		outer->sk = skb->sk;
		outer->destructor = skb->destructor;
		run->charged += skb->truesize;
		skb->sk = NULL;
		skb->destructor = NULL;
	}
	consume_skb(skb);
}

/* From the inner packets' memory to the outer one's, as GSO does it. */
static void charge(const struct wg_run *run)
{
	const struct sk_buff *skb = run->skb;
	int more = skb->truesize - run->charged;

	if (!skb->sk)
		return;
	if (more >= 0)
		refcount_add(more, &skb->sk->sk_wmem_alloc);
	else
		WARN_ON_ONCE(refcount_sub_and_test(-more,
						   &skb->sk->sk_wmem_alloc));
}

struct sk_buff *wg_run_take(struct wg_run *run)
{
	struct sk_buff *skb = run->skb;

	charge(run);
	if (run->messages > 1) {
		skb_shinfo(skb)->gso_size = run->message_len;
		skb_shinfo(skb)->gso_segs = run->messages;
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
		/* of the UDP header, which is pushed later */
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) - sizeof(struct udphdr);
		skb->csum_offset = offsetof(struct udphdr, check);
	}
	memset(run, 0, sizeof(*run));
	return skb;
}

void wg_run_unregister(void)
{
	wg_frag_free(&run_memory.frag);
}
