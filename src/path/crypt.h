/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sealing and opening of data messages. Sealing runs in place, in the memory
 * that leaves. Opening runs where the datagram is, or, as a batch, on another
 * CPU; either way it touches nothing but the datagrams and the session's
 * constant keys.
 */
#ifndef _WG_PATH_CRYPT_H
#define _WG_PATH_CRYPT_H

#include <linux/math.h>
#include <linux/skbuff.h>

#include "proto/aead.h"
#include "proto/wire.h"

struct napi_struct;
struct wg_batch;
struct wg_session;

/*
 * What must lie before a message to be sealed that is nobody else's: see
 * proto/aead.
 */
#define WG_CRYPT_ROOM (WG_AEAD_ROOM - sizeof(struct wg_message_data))

/*
 * Make @message, whose inner packet of @len bytes stands at its place behind
 * the header already, a data message: header, zeroes up to @padded_len, tag.
 * WG_CRYPT_ROOM bytes before it are borrowed. Any context.
 */
void wg_crypt_seal(u8 *message, unsigned int len, unsigned int padded_len,
		   const struct wg_session *session, u64 counter);

/*
 * Open all messages of @batch: leaves the inner packets, each with its
 * wg_plain_cb, and an arrival of each message. TCP segments that follow each
 * other become one packet (path/merge.h). A message that does not authenticate
 * leaves a packet, and an arrival with that verdict; one for which there is no
 * memory leaves nothing. The packets come from the caches of this CPU's @napi
 * and are those of its device.
 * BH disabled.
 */
void wg_crypt_open_batch(struct wg_batch *batch, struct napi_struct *napi);

/*
 * Length of each message of @datagram; its last may be shorter. Only this kind
 * of GSO packet is several datagrams. UFO is one, however it would be cut on a
 * cable, and nothing else that says it is GSO is more.
 */
static inline unsigned int wg_crypt_message_len(const struct sk_buff *datagram)
{
	const struct skb_shared_info *info = skb_shinfo(datagram);

	return skb_is_gso(datagram) && info->gso_type & SKB_GSO_UDP_L4 ?
	       info->gso_size : datagram->len;
}

/*
 * Messages in @datagram, 1 or more: something has come, be it empty. What
 * gso_segs says is not to be believed.
 */
static inline unsigned int wg_crypt_messages(const struct sk_buff *datagram)
{
	unsigned int size = wg_crypt_message_len(datagram);

	return datagram->len > size ? DIV_ROUND_UP(datagram->len, size) : 1;
}

#endif
