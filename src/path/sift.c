// SPDX-License-Identifier: GPL-2.0
#include "path/sift.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/udp.h>

#include "core/device.h"
#include "core/drop.h"
#include "core/session.h"
#include "path/batch.h"
#include "path/cb.h"
#include "path/crypt.h"
#include "path/path.h"
#include "proto/wire.h"

/* A copy needs no more than this in one piece: 11 messages of full size. */
#define COPY_BYTES SZ_16K

#define MAX_HEADERS (sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/* The part of a message by which it is judged. */
union header {
	__le32 type;
	struct wg_message_data data;
	struct {
		__le32 type;
		__le32 sender_index;
		__le32 receiver_index;
	} response;
};

static_assert(offsetof(struct wg_message_response, receiver_index) ==
	      offsetof(union header, response.receiver_index));
static_assert(offsetof(struct wg_message_cookie, receiver_index) ==
	      offsetof(union header, data.receiver_index));

/* Of several messages of one type, the one that will be taken. */
struct pick {
	unsigned int offset;
	unsigned int seen; /* how many there were so far */
};

/**
 * struct sift - where the sifting of a datagram is
 * @wg: the device
 * @datagram: the datagram; NULL: it was taken whole
 * @size: of its messages; the last may be shorter
 * @len: of the datagram
 * @walk: where the pieces of the datagram are; goes forward only
 * @header: of the message that was judged last
 * @type: its type
 * @session: the session of the last data message that has one
 * @picks: by type: INITIATION, RESPONSE, COOKIE
 * @list: what was taken
 * @tail: its end
 * @reason: why the last refused ones were, which are not counted yet
 * @refused: how many these are
 */
struct sift {
	struct wg_device *wg;
	struct sk_buff *datagram;
	unsigned int size;
	unsigned int len;
	struct skb_seq_state walk;
	union header header;
	enum wg_message_type type;
	struct wg_session *session;
	struct pick picks[WG_MESSAGE_DATA];
	struct sk_buff *list;
	struct sk_buff **tail;
	enum wg_drop_reason reason;
	unsigned int refused;
};

static unsigned int message_len(const struct sift *s, unsigned int offset)
{
	return min(s->size, s->len - offset);
}

/* ------------------------------------------------------------- refusing */

static void note_refused(const struct sift *s)
{
	struct wg_endpoint from;

	wg_endpoint_from_skb(&from, s->datagram);
	wg_drop_note(s->wg, NULL, s->reason, &from, NULL);
}

static void count_refused(struct sift *s)
{
	if (!s->refused)
		return;
	note_refused(s);
	wg_drop_count(s->wg, NULL, s->reason, s->refused);
	s->refused = 0;
}

static void refuse(struct sift *s, enum wg_drop_reason reason,
		   unsigned int messages)
{
	if (reason != s->reason)
		count_refused(s);
	s->reason = reason;
	s->refused += messages;
}

/* -------------------------------------------------------------- judging */

static void read_header(struct sift *s, unsigned int offset)
{
	unsigned int len = min_t(unsigned int, message_len(s, offset),
				 sizeof(s->header));
	const u8 *bytes;

	if (skb_seq_read(offset, &bytes, &s->walk) >= len)
		memcpy(&s->header, bytes, len);
	else if (skb_copy_bits(s->datagram, offset, &s->header, len))
		s->header.type = 0; /* frags of device memory */
}

/* Messages under one index come in rows. */
static bool find_session(struct sift *s)
{
	__le32 index = s->header.data.receiver_index;

	if (!s->session || s->session->index.value != index)
		s->session = wg_session_by_index_rcu(s->wg, index);
	return s->session;
}

/* @index: what it answers; NULL: nothing. */
static enum wg_drop_reason judge_handshake(struct sift *s, const __le32 *index)
{
	if (index && !wg_index_lookup_rcu(&s->wg->index, *index))
		return WG_DROP_UNKNOWN_INDEX;
	return wg_hs_is_full(&s->wg->path->hs) ? WG_DROP_HS_QUEUE_FULL :
						 WG_DROP_NONE;
}

static enum wg_drop_reason judge(struct sift *s, unsigned int offset)
{
	read_header(s, offset);
	s->type = wg_wire_parse(&s->header, message_len(s, offset));
	switch (s->type) {
	case WG_MESSAGE_DATA:
		return find_session(s) ? WG_DROP_NONE : WG_DROP_UNKNOWN_INDEX;
	case WG_MESSAGE_INITIATION:
		return judge_handshake(s, NULL);
	case WG_MESSAGE_RESPONSE:
		return judge_handshake(s, &s->header.response.receiver_index);
	case WG_MESSAGE_COOKIE:
		return judge_handshake(s, &s->header.data.receiver_index);
	case WG_MESSAGE_BAD_LENGTH:
		return WG_DROP_TOO_SHORT;
	case WG_MESSAGE_BAD_TYPE:
		break;
	}
	return WG_DROP_BAD_TYPE;
}

/* ---------------------------------------------------------- taking out */

/* The headers of @skb, without options, which nobody reads. */
static void copy_headers(struct sk_buff *copy, const struct sk_buff *skb)
{
	bool is_ip6 = skb->protocol == htons(ETH_P_IPV6);
	unsigned int len = is_ip6 ? sizeof(struct ipv6hdr) :
				    sizeof(struct iphdr);

	skb_reset_network_header(copy);
	skb_set_transport_header(copy, len);
	skb_put_data(copy, skb_network_header(skb), len);
	skb_put_data(copy, skb_transport_header(skb), sizeof(struct udphdr));
	__skb_pull(copy, copy->len);
	copy->protocol = skb->protocol;
	copy->skb_iif = skb->skb_iif;
}

/* A copy of @len bytes at @offset of the aggregate, as a datagram alone. */
static struct sk_buff *copy_out(const struct sift *s, unsigned int offset,
				unsigned int len)
{
	struct sk_buff *copy = alloc_skb(MAX_HEADERS + len,
					 GFP_ATOMIC | __GFP_NOWARN);

	if (!copy)
		return NULL;
	copy_headers(copy, s->datagram);
	if (skb_copy_bits(s->datagram, offset, skb_put(copy, len), len)) {
		kfree_skb(copy);
		return NULL;
	}
	if (len > s->size) {
		skb_shinfo(copy)->gso_size = s->size;
		skb_shinfo(copy)->gso_type = SKB_GSO_UDP_L4;
	}
	return copy;
}

/*
 * The @len bytes at @offset, or the whole of the datagram, if it is that:
 * untouched, since others may have clones of it.
 */
static struct sk_buff *take_out(struct sift *s, unsigned int offset,
				unsigned int len)
{
	struct sk_buff *skb = s->datagram;

	if (len < s->len)
		return copy_out(s, offset, len);
	s->datagram = NULL;
	return skb;
}

/* @messages messages at @offset, of @session if it is data, join the list. */
static void take(struct sift *s, unsigned int offset, unsigned int messages,
		 struct wg_session *session)
{
	unsigned int len = min(messages * s->size, s->len - offset);
	struct sk_buff *skb = take_out(s, offset, len);

	if (!skb) {
		refuse(s, WG_DROP_NO_MEMORY, messages);
		return;
	}
	*wg_rx_cb(skb) = (struct wg_rx_cb){
		.session = session,
		.messages = messages,
	};
	skb_mark_not_on_list(skb);
	*s->tail = skb;
	s->tail = &skb->next;
}

static void take_run(struct sift *s, unsigned int offset, unsigned int messages,
		     struct wg_session *session)
{
	unsigned int step = max_t(unsigned int, COPY_BYTES / s->size, 1), count;

	if (messages <= WG_BATCH_MAX && messages * s->size >= s->len)
		step = messages; /* the whole, as it is */
	step = min_t(unsigned int, step, WG_BATCH_MAX);
	for (; messages; messages -= count, offset += count * s->size) {
		count = min(messages, step);
		take(s, offset, count, session);
	}
}

/*
 * All messages of an aggregate are from one place, and no device sends two
 * handshake messages of a type in one breath: one may be right. As anybody can
 * write the same source into junk, chance says which one.
 */
static void note_handshake(struct sift *s, unsigned int offset)
{
	struct pick *pick = &s->picks[s->type - WG_MESSAGE_INITIATION];

	if (!pick->seen++ || !get_random_u32_below(pick->seen))
		pick->offset = offset;
}

static void take_handshakes(struct sift *s)
{
	struct pick *pick;

	for (pick = s->picks; pick < s->picks + ARRAY_SIZE(s->picks); pick++) {
		if (pick->seen > 1)
			refuse(s, WG_DROP_HS_EXCESS, pick->seen - 1);
		if (pick->seen)
			take(s, pick->offset, 1, NULL);
	}
}

/* --------------------------------------------------------- the datagram */

/*
 * Take the data that begins with the message at @offset, which was judged, and
 * goes on under one session. Return: how many messages that was.
 */
static unsigned int sift_run(struct sift *s, unsigned int offset)
{
	struct wg_session *session = s->session;
	unsigned int messages = 1, end;

	for (end = offset + s->size; end < s->len; end += s->size) {
		if (judge(s, end) || s->type != WG_MESSAGE_DATA ||
		    s->session != session)
			break;
		messages++;
	}
	take_run(s, offset, messages, session);
	return messages;
}

static void sift_messages(struct sift *s)
{
	unsigned int offset, messages;
	enum wg_drop_reason reason;

	for (offset = 0; offset < s->len; offset += messages * s->size) {
		messages = 1;
		reason = judge(s, offset);
		if (reason)
			refuse(s, reason, 1);
		else if (s->type == WG_MESSAGE_DATA)
			messages = sift_run(s, offset);
		else
			note_handshake(s, offset);
	}
	take_handshakes(s);
}

/* Free what is left of the datagram, and count. */
static void leave(struct sift *s)
{
	if (s->datagram && !s->list) {
		note_refused(s);
		wg_drop_packets(s->wg, NULL, s->datagram, s->reason,
				s->refused);
		return;
	}
	count_refused(s);
	consume_skb(s->datagram);
}

/* No message can be shorter, and the last one is no longer than the others. */
static bool is_hopeless(const struct sift *s)
{
	return !s->len || (s->size < WG_DATA_OVERHEAD && s->size < s->len);
}

struct sk_buff *wg_sift(struct wg_device *wg, struct sk_buff *datagram)
{
	struct sift s = {
		.wg = wg,
		.datagram = datagram,
		.size = wg_crypt_message_len(datagram),
		.len = datagram->len,
		.tail = &s.list,
	};

	if (is_hopeless(&s)) {
		refuse(&s, WG_DROP_TOO_SHORT, wg_crypt_messages(datagram));
	} else {
		skb_prepare_seq_read(datagram, 0, datagram->len, &s.walk);
		sift_messages(&s);
		skb_abort_seq_read(&s.walk);
	}
	leave(&s);
	return s.list;
}
