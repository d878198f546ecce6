// SPDX-License-Identifier: GPL-2.0
#include "path/frag.h"

#include <linux/mm.h>
#include <net/sock.h>

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
		skb_frag_size_add(&skb_shinfo(skb)->frags[last - 1], len);
	} else {
		get_page(frag->page);
		skb_fill_page_desc(skb, last, frag->page, frag->offset, len);
	}
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
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
