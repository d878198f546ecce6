// SPDX-License-Identifier: GPL-2.0
#include "path/run.h"

#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "path/crypt.h"
#include "path/udp.h"

/*
 * Runs of one CPU share pages of 32 KB as long as these last, so a short run
 * does not cost a whole page. BH disabled.
 */
static DEFINE_PER_CPU(struct page_frag, run_frag);

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

/* Attach @len bytes at the start of @frag's free space to @skb. */
static u8 *attach(struct sk_buff *skb, struct page_frag *frag,
		  unsigned int len)
{
	int last = skb_shinfo(skb)->nr_frags;
	u8 *bytes = page_address(frag->page) + frag->offset;

	if (skb_can_coalesce(skb, last, frag->page, frag->offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[last - 1], len);
	} else {
		get_page(frag->page);
		skb_fill_page_desc(skb, last, frag->page, frag->offset, len);
	}
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	frag->offset += len;
	return bytes;
}

static bool has_frag_slot(const struct sk_buff *skb)
{
	return skb_shinfo(skb)->nr_frags < MAX_SKB_FRAGS;
}

/*
 * Sealing borrows the bytes before a message. Those before a message of the
 * same frag are ours; a frag begins with a gap, because what lies before it
 * may be another run, already on its way.
 */
#define FRAG_GAP ALIGN(WG_CRYPT_ROOM, sizeof(long))

static unsigned int gap_before(const struct wg_run *run,
			       const struct page_frag *frag)
{
	int last = skb_shinfo(run->skb)->nr_frags;

	return skb_can_coalesce(run->skb, last, frag->page, frag->offset) ?
	       0 : FRAG_GAP;
}

static u8 *append(struct wg_run *run, unsigned int len)
{
	struct page_frag *frag = this_cpu_ptr(&run_frag);
	unsigned int gap;

	/* short of memory, refill falls back to single pages */
	if (!has_frag_slot(run->skb) ||
	    !skb_page_frag_refill(FRAG_GAP + len, frag,
				  GFP_ATOMIC | __GFP_NOWARN))
		return NULL;
	gap = gap_before(run, frag);
	if (frag->offset + gap + len > frag->size)
		return NULL;
	frag->offset += gap;
	return attach(run->skb, frag, len);
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

/* The outer packet is gone: now its inner packets' sockets may send more. */
static void release_owners(struct sk_buff *skb)
{
	struct sk_buff *owner, *next;

	skb_list_walk_safe(skb_shinfo(skb)->destructor_arg, owner, next) {
		skb_mark_not_on_list(owner);
		consume_skb(owner); /* sent, not dropped */
	}
}

struct sk_buff *wg_run_take(struct wg_run *run)
{
	struct sk_buff *skb = run->skb;

	if (run->owners) {
		skb_shinfo(skb)->destructor_arg = run->owners;
		skb->destructor = release_owners;
	}
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
	struct page_frag *frag;
	int cpu;

	for_each_possible_cpu(cpu) {
		frag = per_cpu_ptr(&run_frag, cpu);
		if (frag->page)
			put_page(frag->page);
		frag->page = NULL;
	}
}
