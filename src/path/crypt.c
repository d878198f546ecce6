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

/*
 * Open the message of @len bytes at @offset of @datagram into @plain. A
 * message that straddles pieces is first put together in @plain, which has
 * room for all of it.
 */
static bool open_message(const struct wg_session *session, struct piece *p,
			 unsigned int offset, unsigned int len,
			 struct sk_buff *plain)
{
	unsigned int sealed_len = len - sizeof(struct wg_message_data);
	const struct wg_message_data *message;
	struct wg_message_data header;
	const u8 *bytes = contiguous(p, offset, len);
	u64 counter;

	if (bytes) {
		message = (const struct wg_message_data *)bytes;
		memcpy(&header, message, sizeof(header));
		bytes = message->ciphertext;
	} else {
		if (skb_copy_bits(p->datagram, offset, &header,
				  sizeof(header)) ||
		    skb_copy_bits(p->datagram, offset + sizeof(header),
				  plain->data, sealed_len))
			return false;
		bytes = plain->data;
	}
	counter = le64_to_cpu(header.counter);
	wg_plain_cb(plain)->counter = counter;
	/* all but the first message of a piece have the room before them */
	if (bytes != plain->data && has_room(p, bytes) &&
	    skb_headroom(plain) >= WG_DATA_ROOM)
		return wg_data_open(plain->data, bytes, sealed_len, counter,
				    session->keys.receive);
	return wg_aead_open(plain->data, bytes, sealed_len, NULL, 0, counter,
			    session->keys.receive);
}

static void add_plain(struct sk_buff *batch, struct sk_buff *plain)
{
	struct wg_rx_cb *cb = wg_rx_cb(batch);

	if (cb->plain)
		cb->plain_tail->next = plain;
	else
		cb->plain = plain;
	cb->plain_tail = plain;
}

/* Return: how many messages found no memory. */
static unsigned int open_datagram(struct sk_buff *batch,
				  struct sk_buff *datagram,
				  struct napi_struct *napi)
{
	unsigned int size = wg_crypt_message_len(datagram), offset, len;
	const struct wg_session *session = wg_rx_cb(batch)->session;
	unsigned int failed = 0;
	struct sk_buff *plain;
	struct piece piece;

	first_piece(&piece, datagram);
	for (offset = 0; offset < datagram->len; offset += len) {
		len = min(size, datagram->len - offset);
		plain = alloc_plain(napi, len - sizeof(struct wg_message_data));
		if (!plain) {
			failed++;
			continue;
		}
		wg_plain_cb(plain)->ds = datagram->protocol == htons(ETH_P_IP) ?
			ip_hdr(datagram)->tos :
			ipv6_get_dsfield(ipv6_hdr(datagram));
		wg_plain_cb(plain)->verdict =
			open_message(session, &piece, offset, len, plain) ?
			WG_DROP_NONE : WG_DROP_BAD_TAG;
		skb_trim(plain, plain->len - WG_TAG_SIZE);
		add_plain(batch, plain);
	}
	return failed;
}

void wg_crypt_open_batch(struct sk_buff *batch, struct napi_struct *napi)
{
	struct wg_rx_cb *cb = wg_rx_cb(batch);
	struct sk_buff *datagram;

	cb->plain = NULL;
	cb->unopened = 0;
	for (datagram = batch; datagram; datagram = datagram->next)
		cb->unopened += open_datagram(batch, datagram, napi);
}
