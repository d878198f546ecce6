// SPDX-License-Identifier: GPL-2.0
#include "path/crypt.h"

#include <linux/highmem.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/dsfield.h>

#include "compat.h"
#include "core/reason.h"
#include "core/session.h"
#include "path/cb.h"
#include "path/merge.h"
#include "proto/crypto.h"
#include "proto/data.h"
#include "proto/wire.h"

void wg_crypt_seal(u8 *message, unsigned int len, unsigned int padded_len,
		   const struct wg_session *session, u64 counter)
{
	struct wg_message_data *data = (struct wg_message_data *)message;

	put_unaligned_le32(WG_MESSAGE_DATA, &data->type);
	put_unaligned(session->remote_index, &data->receiver_index);
	put_unaligned_le64(counter, &data->counter);
	memset(data->ciphertext + len, 0, padded_len - len);
	wg_data_seal(data->ciphertext, padded_len, counter,
		     session->keys.send);
}

/*
 * Walks the contiguous pieces of a datagram: the linear part, each frag, and
 * the same of each skb in its frag_list.
 *
 *	datagram: |linear|frag 0|frag 1| frag_list: |linear|...| -> |linear|...
 *	          ^start                ^start + len
 */
struct piece {
	const struct sk_buff *datagram;
	const struct sk_buff *skb; /* in which the piece is */
	int frag; /* the piece is this frag of skb; -1: its linear part */
	unsigned int start; /* offset of the piece in the datagram */
	unsigned int len;
	const u8 *bytes; /* NULL: not mapped */
};

static void set_piece(struct piece *p)
{
	const skb_frag_t *frag;

	if (p->frag < 0) {
		p->len = skb_headlen(p->skb);
		p->bytes = p->skb->data;
		return;
	}
	frag = &skb_shinfo(p->skb)->frags[p->frag];
	p->len = skb_frag_size(frag);
	p->bytes = PageHighMem(skb_frag_page(frag)) ? NULL :
						      skb_frag_address(frag);
}

static void first_piece(struct piece *p, const struct sk_buff *datagram)
{
	*p = (struct piece){ .datagram = datagram, .skb = datagram,
			     .frag = -1 };
	set_piece(p);
}

static bool next_piece(struct piece *p)
{
	p->start += p->len;
	if (++p->frag >= skb_shinfo(p->skb)->nr_frags) {
		p->skb = p->skb == p->datagram ?
			 skb_shinfo(p->skb)->frag_list : p->skb->next;
		p->frag = -1;
		if (!p->skb)
			return false;
	}
	set_piece(p);
	return true;
}

/*
 * The @len bytes at @offset, in place if they are contiguous; else NULL.
 * Offsets only rise from call to call.
 */
static const u8 *contiguous(struct piece *p, unsigned int offset,
			    unsigned int len)
{
	while (p->skb && offset >= p->start + p->len) {
		if (!next_piece(p))
			break;
	}
	if (!p->skb || !p->bytes || offset + len > p->start + p->len)
		return NULL;
	return p->bytes + (offset - p->start);
}

/* Do the bytes before @bytes, which are in the piece, belong to it too? */
static bool has_room(const struct piece *p, const u8 *bytes)
{
	const u8 *start = p->frag < 0 ? p->skb->head : p->bytes;

	return bytes - start >= WG_DATA_ROOM;
}

/* An skb for an inner packet of @len bytes, with room to push headers. */
static struct sk_buff *alloc_plain(struct napi_struct *napi,
				   unsigned int len)
{
	struct sk_buff *plain = napi_alloc_skb(napi, len);

	if (plain)
		skb_put(plain, len);
	return plain;
}

/**
 * struct opening - where the opening of a batch is
 * @batch: the batch
 * @napi: whose caches give memory
 * @merge: the TCP stream that messages may join
 * @is_merging: the device aggregates
 * @piece: of the datagram at hand
 * @ds: its traffic class
 */
struct opening {
	struct sk_buff *batch;
	struct napi_struct *napi;
	struct wg_merge merge;
	bool is_merging;
	struct piece piece;
	u8 ds;
};

/*
 * Open the message of @len bytes at @offset of the piece's datagram to @dst,
 * which has room for the tag as well, and if @has_dst_room, WG_DATA_ROOM bytes
 * before it. A message that straddles pieces is first put together at @dst.
 */
static bool open_message(struct opening *o, unsigned int offset,
			 unsigned int len, u8 *dst, bool has_dst_room,
			 u64 *counter)
{
	const u8 *key = wg_rx_cb(o->batch)->session->keys.receive;
	unsigned int sealed_len = len - sizeof(struct wg_message_data);
	const u8 *bytes = contiguous(&o->piece, offset, len);
	const struct sk_buff *datagram = o->piece.datagram;
	const struct wg_message_data *message;
	struct wg_message_data header;

	if (bytes) {
		message = (const struct wg_message_data *)bytes;
		memcpy(&header, message, sizeof(header));
		bytes = message->ciphertext;
	} else {
		if (skb_copy_bits(datagram, offset, &header, sizeof(header)) ||
		    skb_copy_bits(datagram, offset + sizeof(header), dst,
				  sealed_len))
			return false;
		bytes = dst;
	}
	*counter = le64_to_cpu(header.counter);
	/* all but the first message of a piece have the room before them */
	if (bytes != dst && has_room(&o->piece, bytes) && has_dst_room)
		return wg_data_open(dst, bytes, sealed_len, *counter, key);
	return wg_aead_open(dst, bytes, sealed_len, NULL, 0, *counter, key);
}

static u8 traffic_class(const struct sk_buff *datagram)
{
	return datagram->protocol == htons(ETH_P_IP) ?
	       ip_hdr(datagram)->tos : ipv6_get_dsfield(ipv6_hdr(datagram));
}

/* The packet @plain of the batch came in one message. */
static void add_plain(struct opening *o, struct sk_buff *plain, u64 counter,
		      bool is_open)
{
	struct wg_rx_cb *cb = wg_rx_cb(o->batch);

	skb_trim(plain, plain->len - WG_TAG_SIZE);
	*wg_plain_cb(plain) = (struct wg_plain_cb){
		.counter = counter,
		.len = plain->len,
		.last_len = plain->len,
		.verdict = is_open ? WG_DROP_NONE : WG_DROP_BAD_TAG,
		.ds = o->ds,
		.messages = 1,
	};
	if (cb->plain)
		cb->plain_tail->next = plain;
	else
		cb->plain = plain;
	cb->plain_tail = plain;
}

/*
 * Open the message of @len bytes at @offset of the piece's datagram: as part
 * of the stream before it, or into a packet of its own, which others may join
 * unless it @is_last.
 * Return: false: no memory.
 */
static bool open_next(struct opening *o, unsigned int offset, unsigned int len,
		      bool is_last)
{
	unsigned int sealed_len = len - sizeof(struct wg_message_data);
	u8 *room = wg_merge_room(&o->merge, sealed_len);
	struct sk_buff *plain;
	bool is_open = false;
	u64 counter = 0;

	if (room)
		is_open = open_message(o, offset, len, room, true, &counter);
	if (is_open && wg_merge_join(&o->merge, sealed_len - WG_TAG_SIZE,
				     counter, o->ds))
		return true;

	plain = alloc_plain(o->napi, sealed_len);
	if (plain && room)
		memcpy(plain->data, room, sealed_len);
	else if (plain)
		is_open = open_message(o, offset, len, plain->data,
				       skb_headroom(plain) >= WG_DATA_ROOM,
				       &counter);
	wg_merge_end(&o->merge);
	if (!plain)
		return false;
	add_plain(o, plain, counter, is_open);
	if (is_open && o->is_merging && !is_last)
		wg_merge_begin(&o->merge, plain);
	return true;
}

/* Return: how many messages found no memory. */
static unsigned int open_datagram(struct opening *o,
				  struct sk_buff *datagram)
{
	unsigned int size = wg_crypt_message_len(datagram), offset, len;
	unsigned int failed = 0;
	bool is_last;

	first_piece(&o->piece, datagram);
	o->ds = traffic_class(datagram);
	for (offset = 0; offset < datagram->len; offset += len) {
		len = min(size, datagram->len - offset);
		is_last = offset + len == datagram->len && !datagram->next;
		if (!open_next(o, offset, len, is_last))
			failed++;
	}
	return failed;
}

void wg_crypt_open_batch(struct sk_buff *batch, struct napi_struct *napi)
{
	struct wg_rx_cb *cb = wg_rx_cb(batch);
	struct sk_buff *datagram;
	struct opening o;

	o.batch = batch;
	o.napi = napi;
	o.is_merging = napi->dev->features & NETIF_F_GRO;
	o.merge.head = NULL;
	cb->plain = NULL;
	cb->unopened = 0;
	wg_merge_enter();
	for (datagram = batch; datagram; datagram = datagram->next)
		cb->unopened += open_datagram(&o, datagram);
	wg_merge_end(&o.merge);
	wg_merge_leave();
}
