// SPDX-License-Identifier: GPL-2.0
#include "path/gso.h"

#include <linux/mm.h>
#include <linux/udp.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "path/crypt.h"
#include "path/udp.h"

/* Each message takes its piece under the lock. */
static DEFINE_PER_CPU(struct wg_frag_memory, gso_memory) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

bool wg_gso_fits(const struct wg_gso *gso, unsigned int len, u8 ds)
{
	if (!gso->skb)
		return true;
	return !gso->is_closed && ds == gso->ds && len <= gso->message_len &&
	       gso->messages < WG_GSO_MESSAGES_MAX &&
	       gso->skb->len + len <= WG_GSO_BYTES_MAX;
}

/*
 * The first message may stand in the linear part, alone: that is a single
 * packet and needs no frag.
 */
static u8 *begin(struct wg_gso *gso, unsigned int len, u8 ds,
		 unsigned int linear)
{
	gso->skb = alloc_skb(WG_UDP_HEADROOM + linear,
			     GFP_ATOMIC | __GFP_NOWARN);
	if (!gso->skb)
		return NULL;
	skb_reserve(gso->skb, WG_UDP_HEADROOM);
	gso->message_len = len;
	gso->is_closed = linear;
	gso->ds = ds;
	return linear ? skb_put(gso->skb, linear) : NULL;
}

/*
 * Sealing borrows the bytes before a message. Those before a message of the
 * same frag are ours; a frag begins with a gap, because what lies before it
 * may be another packet, already on its way.
 */
#define FRAG_GAP ALIGN(WG_CRYPT_ROOM, sizeof(long))

static u8 *append(struct wg_gso *gso, unsigned int len)
{
	struct page_frag *frag;
	u8 *bytes = NULL;

	local_lock_nested_bh(&gso_memory.lock);
	frag = this_cpu_ptr(&gso_memory.frag);
	if (wg_frag_has_slot(gso->skb) &&
	    wg_frag_refill(frag, FRAG_GAP + len)) {
		if (!wg_frag_follows(gso->skb, frag))
			frag->offset += FRAG_GAP;
		bytes = wg_frag_bytes(frag);
		wg_frag_attach(gso->skb, frag, len);
	}
	local_unlock_nested_bh(&gso_memory.lock);
	return bytes;
}

u8 *wg_gso_extend(struct wg_gso *gso, unsigned int len, u8 ds,
		  unsigned int more)
{
	bool is_first = !gso->skb;
	u8 *bytes = NULL;

	if (is_first && more)
		begin(gso, len, ds, 0);
	if (gso->skb)
		bytes = append(gso, len);
	/* alone, or too long for what the page allocator had to give */
	if (!bytes && is_first) {
		kfree_skb(gso->skb);
		bytes = begin(gso, len, ds, len);
	}
	if (!bytes)
		return NULL;
	gso->messages++;
	if (len < gso->message_len)
		gso->is_closed = true;
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

void wg_gso_take_over(struct wg_gso *gso, struct sk_buff *skb)
{
	struct sk_buff *outer = gso->skb;

	if (is_charged(skb) &&
	    (!outer->sk || (outer->sk == skb->sk &&
			    outer->destructor == skb->destructor))) {
		outer->sk = skb->sk;
		outer->destructor = skb->destructor;
		gso->charged += skb->truesize;
		skb->sk = NULL;
		skb->destructor = NULL;
	}
	consume_skb(skb);
}

/* From the inner packets' memory to the outer one's, as GSO does it. */
static void charge(const struct wg_gso *gso)
{
	const struct sk_buff *skb = gso->skb;
	int more = skb->truesize - gso->charged;

	if (!skb->sk)
		return;
	if (more >= 0)
		refcount_add(more, &skb->sk->sk_wmem_alloc);
	else
		WARN_ON_ONCE(refcount_sub_and_test(-more,
						   &skb->sk->sk_wmem_alloc));
}

struct sk_buff *wg_gso_take(struct wg_gso *gso)
{
	struct sk_buff *skb = gso->skb;

	charge(gso);
	if (gso->messages > 1) {
		skb_shinfo(skb)->gso_size = gso->message_len;
		skb_shinfo(skb)->gso_segs = gso->messages;
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
		/* of the UDP header, which is pushed later */
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) - sizeof(struct udphdr);
		skb->csum_offset = offsetof(struct udphdr, check);
	}
	memset(gso, 0, sizeof(*gso));
	return skb;
}

void wg_gso_unregister(void)
{
	wg_frag_free(&gso_memory.frag);
}

/* ------------------------------------------------------------------ frags */

bool wg_frag_refill(struct page_frag *frag, unsigned int len)
{
	/* short of memory, refill falls back to single pages */
	return skb_page_frag_refill(len, frag, GFP_ATOMIC | __GFP_NOWARN) &&
	       frag->offset + len <= frag->size;
}

void wg_frag_attach(struct sk_buff *skb, struct page_frag *frag,
		    unsigned int len)
{
	int last = skb_shinfo(skb)->nr_frags;

	if (wg_frag_follows(skb, frag)) {
		skb_coalesce_rx_frag(skb, last - 1, len, len);
	} else {
		get_page(frag->page);
		skb_add_rx_frag(skb, last, frag->page, frag->offset, len, len);
	}
	frag->offset += len;
}

void wg_frag_free(struct page_frag __percpu *frags)
{
	struct page_frag *frag;
	int cpu;

	for_each_possible_cpu(cpu) {
		frag = per_cpu_ptr(frags, cpu);
		if (frag->page)
			put_page(frag->page);
		frag->page = NULL;
	}
}
