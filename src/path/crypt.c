// SPDX-License-Identifier: GPL-2.0
#include "path/crypt.h"

#include <linux/ip.h>
#include <linux/netdevice.h>
#include <linux/string.h>
#include <net/ip_tunnels.h>

#include "compat.h"
#include "core/drop.h"
#include "path/batch.h"
#include "path/cb.h"
#include "path/merge.h"
#include "proto/aead.h"
#include "proto/wire.h"

void wg_crypt_seal(u8 *message, unsigned int len, unsigned int padded_len,
		   const struct wg_session *session, u64 counter)
{
	struct wg_message_data *data = (struct wg_message_data *)message;

	put_unaligned_le32(WG_MESSAGE_DATA, &data->type);
	put_unaligned(session->remote_index, &data->receiver_index);
	put_unaligned_le64(counter, &data->counter);
	memset(data->ciphertext + len, 0, padded_len - len);
	wg_aead_seal_in_place(data->ciphertext, padded_len, counter,
			      session->keys.send);
}

/**
 * struct opening - where the opening of a batch is
 * @batch: the batch
 * @napi: whose caches give memory
 * @merge: the TCP stream that messages may join
 * @is_merging: the device aggregates
 * @bytes: of the datagram at hand, read from front to back
 * @ds: its traffic class
 */
struct opening {
	struct wg_batch *batch;
	struct napi_struct *napi;
	struct wg_merge merge;
	bool is_merging;
	struct skb_seq_state bytes;
	u8 ds;
};

/* Copy @len bytes at @offset to @dst. Offsets only rise from call to call. */
static bool copy_bytes(struct skb_seq_state *bytes, unsigned int offset,
		       void *dst, unsigned int len)
{
	unsigned int piece, done;
	const u8 *src;

	for (done = 0; done < len; done += piece) {
		piece = skb_seq_read(offset + done, &src, bytes);
		if (!piece)
			return false;
		piece = min(piece, len - done);
		memcpy(dst + done, src, piece);
	}
	return true;
}

/*
 * Open the message of @len bytes at @offset of the datagram in @text, which
 * has room for the tag as well. The datagram's pages may be some user's, who
 * writes to them meanwhile (sendfile() over veth): each byte is read once, and
 * what is verified is the copy.
 */
static bool open_message(struct opening *o, unsigned int offset,
			 unsigned int len, u8 *text, u64 *counter)
{
	unsigned int sealed_len = len - sizeof(struct wg_message_data);
	struct wg_message_data header;

	if (!copy_bytes(&o->bytes, offset, &header, sizeof(header)) ||
	    !copy_bytes(&o->bytes, offset + sizeof(header), text, sealed_len))
		return false;
	*counter = le64_to_cpu(header.counter);
	return wg_aead_open_in_place(text, sealed_len, *counter,
				     o->batch->session->keys.receive);
}

static void note_arrival(struct opening *o, unsigned int len, u64 counter,
			 enum wg_drop_reason verdict)
{
	o->batch->arrivals[o->batch->opened++] = (struct wg_arrival){
		.counter = counter,
		.len = len,
		.verdict = verdict,
	};
}

/* The packet @plain of the batch came in one message. */
static void add_plain(struct opening *o, struct sk_buff *plain)
{
	struct wg_batch *batch = o->batch;

	skb_trim(plain, plain->len - WG_TAG_SIZE);
	*wg_plain_cb(plain) = (struct wg_plain_cb){ .ds = o->ds, .messages = 1 };
	if (batch->plain)
		batch->last_plain->next = plain;
	else
		batch->plain = plain;
	batch->last_plain = plain;
}

/*
 * Open the message of @len bytes at @offset of the datagram: as part
 * of the stream before it, or into a packet of its own, which others may join
 * unless it @is_last. What finds no memory is not open.
 */
static void open_next(struct opening *o, unsigned int offset, unsigned int len,
		      bool is_last)
{
	unsigned int sealed_len = len - sizeof(struct wg_message_data);
	unsigned int plain_len = sealed_len - WG_TAG_SIZE;
	u8 *room = wg_merge_room(&o->merge, sealed_len);
	struct sk_buff *plain;
	bool is_open = false;
	u64 counter = 0;

	if (room)
		is_open = open_message(o, offset, len, room, &counter);
	if (is_open && wg_merge_join(&o->merge, plain_len, counter, o->ds)) {
		note_arrival(o, plain_len, counter, WG_DROP_NONE);
		return;
	}

	plain = napi_alloc_skb(o->napi, sealed_len);
	if (plain && room)
		skb_put_data(plain, room, sealed_len);
	else if (plain)
		is_open = open_message(o, offset, len,
				       skb_put(plain, sealed_len), &counter);
	wg_merge_end(&o->merge);
	if (!plain)
		return;
	add_plain(o, plain);
	note_arrival(o, plain_len, counter,
		     is_open ? WG_DROP_NONE : WG_DROP_BAD_TAG);
	if (is_open && o->is_merging && !is_last)
		wg_merge_begin(&o->merge, plain, counter);
}

static void open_datagram(struct opening *o, struct sk_buff *datagram)
{
	unsigned int size = wg_crypt_message_len(datagram), offset, len;
	bool is_last;

	skb_prepare_seq_read(datagram, 0, datagram->len, &o->bytes);
	o->ds = ip_tunnel_get_dsfield(ip_hdr(datagram), datagram);
	for (offset = 0; offset < datagram->len; offset += len) {
		len = min(size, datagram->len - offset);
		is_last = offset + len == datagram->len && !datagram->next;
		open_next(o, offset, len, is_last);
	}
	skb_abort_seq_read(&o->bytes);
}

void wg_crypt_open_batch(struct wg_batch *batch, struct napi_struct *napi)
{
	struct sk_buff *datagram;
	struct opening o;

	o.batch = batch;
	o.napi = napi;
	o.is_merging = !netif_elide_gro(napi->dev);
	o.merge.head = NULL;
	batch->plain = NULL;
	batch->opened = 0;
	wg_merge_enter();
	for (datagram = batch->datagrams; datagram; datagram = datagram->next)
		open_datagram(&o, datagram);
	wg_merge_end(&o.merge);
	wg_merge_leave();
}
