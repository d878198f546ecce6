// SPDX-License-Identifier: GPL-2.0
/*
 * Where the module ends: what it calls in path/ to write, seal and send messages,
 * to find who has an address and to tell who listens, done here in the simplest
 * way.
 */
#include "world.h"

#include "core/upcall.h"
#include "path/cb.h"
#include "path/crypt.h"
#include "path/gso.h"
#include "path/segment.h"
#include "path/udp.h"

#define PACKET_LEN 24u

/* A message in an outer packet that holds several. */
struct slot {
	u64 packet;
	u64 len;
	u8 message[DATAGRAM_MAX];
};

/* ---------------------------------------------------------------- segments */

static void count_message(struct wg_segments *segments)
{
	segments->batch.messages++;
	segments->batch.bytes += WG_DATA_OVERHEAD +
				 round_up(PACKET_LEN, WG_PAD_SIZE);
}

void wg_segments_begin_list(struct wg_segments *segments, struct sk_buff *list)
{
	struct sk_buff *skb;

	*segments = (struct wg_segments){ .batch.list = list };
	for (skb = list; skb; skb = skb->next)
		count_message(segments);
}

int wg_segments_begin(struct wg_segments *segments, struct sk_buff *skb)
{
	if (!skb_is_gso(skb)) {
		wg_segments_begin_list(segments, skb);
		return 0;
	}
	*segments = (struct wg_segments){ .batch.list = skb, .gso.headers = 1 };
	while (segments->batch.messages < skb->shared.gso_segs)
		count_message(segments);
	return 0;
}

unsigned int wg_segments_next_len(struct wg_segments *segments,
				  unsigned int *padded_len)
{
	*padded_len = round_up(PACKET_LEN, WG_PAD_SIZE);
	return PACKET_LEN;
}

/* The packet is its number. */
struct sk_buff *wg_segments_write(struct wg_segments *segments, u8 *dst)
{
	struct slot *slot = container_of((u8 (*)[DATAGRAM_MAX])
					 (dst - sizeof(struct wg_message_data)),
					 struct slot, message);
	struct sk_buff *skb = segments->batch.list;

	slot->packet = skb->packet + segments->gso.index;
	memset(dst, 0, PACKET_LEN);
	memcpy(dst, &slot->packet, sizeof(slot->packet));
	segments->batch.messages--;
	if (segments->gso.headers) {
		segments->gso.index++;
		return segments->batch.messages ? NULL : skb;
	}
	segments->batch.list = skb->next;
	return skb;
}

/* ------------------------------------------------------- the outer packet */

bool wg_gso_fits(const struct wg_gso *gso, unsigned int len, u8 ds)
{
	return !gso->skb || gso->messages < WG_GSO_MESSAGES_MAX;
}

u8 *wg_gso_extend(struct wg_gso *gso, unsigned int len, u8 ds,
		  unsigned int more)
{
	struct slot *slot;

	if (!gso->skb)
		gso->skb = shim_skb((1 + min(more, WG_GSO_MESSAGES_MAX - 1u)) *
				    sizeof(*slot));
	slot = (struct slot *)gso->skb->data + gso->messages++;
	slot->packet = NO_PACKET;
	slot->len = len;
	return slot->message;
}

void wg_gso_take_over(struct wg_gso *gso, struct sk_buff *skb)
{
	kfree_skb(skb);
}

struct sk_buff *wg_gso_take(struct wg_gso *gso)
{
	struct sk_buff *skb = gso->skb;

	skb->len = gso->messages;
	*gso = (struct wg_gso){ };
	return skb;
}

void wg_crypt_seal(u8 *message, unsigned int len, unsigned int padded_len,
		   const struct wg_session *session, u64 counter)
{
	struct wg_message_data *data = (void *)message;

	data->type = cpu_to_le32(WG_MESSAGE_DATA);
	data->receiver_index = session->remote_index;
	data->counter = cpu_to_le64(counter);
	memset(data->ciphertext + len, 0, padded_len - len);
	wg_aead_seal(data->ciphertext, data->ciphertext, padded_len, NULL, 0,
		     counter, session->keys.send);
	watch_sealed(session, counter);
}

/* A machine that has moved has the address no more that it was heard at. */
static void check_source(struct wg_peer *peer,
			 const struct wg_endpoint *endpoint)
{
	const struct machine *machine = sched_machine();

	if (endpoint->src4.s_addr &&
	    endpoint->src4.s_addr != machine->place.addr)
		wg_peer_refuse_source(peer, endpoint);
}

enum wg_drop_reason wg_udp_send(struct wg_tx_context *ctx,
				struct sk_buff *skb, u8 ds)
{
	const struct slot *slots = (struct slot *)skb->data;
	struct machine *machine = sched_machine();
	struct record *record;
	unsigned int i;

	check_source(ctx->peer, &ctx->endpoint);
	for (i = 0; i < skb->len; i++) {
		record = network_send(machine, place_of(&ctx->endpoint),
				      slots[i].message, slots[i].len,
				      slots[i].packet);
		watch_sent(machine, ctx->peer, record);
	}
	kfree_skb(skb);
	return WG_DROP_NONE;
}

enum wg_drop_reason wg_udp_send_message(struct wg_device *wg,
					struct wg_peer *peer,
					const void *message, unsigned int len,
					const struct wg_endpoint *endpoint)
{
	struct machine *machine = sched_machine();
	struct record *record;

	if (!wg_endpoint_is_set(endpoint))
		return WG_DROP_NO_ENDPOINT;
	if (!machine->is_up || machine->wakes_ns)
		return WG_DROP_DEVICE_DOWN;
	if (peer)
		check_source(peer, endpoint);
	record = network_send(machine, place_of(endpoint), message, len,
			      NO_PACKET);
	watch_sent(machine, peer, record);
	return WG_DROP_NONE;
}

/* ------------------------------------------------------------- allowed IPs */

void wg_trie_init(struct wg_trie *trie)
{
}

void wg_trie_destroy(struct wg_trie *trie)
{
}

void *wg_trie_lookup4_rcu(const struct wg_trie *trie, __be32 addr)
{
	struct machine *machine =
		machine_of(container_of(trie, struct wg_device, ips));
	struct wg_allowed_ip *allowed = &machine->links[addr].allowed;

	return allowed->peer ? allowed : NULL;
}

void *wg_trie_lookup6_rcu(const struct wg_trie *trie,
			  const struct in6_addr *addr)
{
	return NULL;
}

/* -------------------------------------------------------- what is told of */

void wg_notify_peer(struct wg_peer *peer, enum wg_cmd event,
		    const struct wg_endpoint *endpoint)
{
	unsigned int number = other_of(peer)->number;

	if (event == WG_CMD_SESSION_LOST_NTF)
		watch_lost(peer);
	else if (event == WG_CMD_SESSION_UP_NTF)
		tell(sched_machine(), "has a session with %u", number);
	else if (event == WG_CMD_ENDPOINT_NTF)
		tell(sched_machine(), "hears %u at a new place", number);
}

void wg_notify_diag(struct wg_device *wg, const struct wg_refusal *refusal)
{
}

void trace_wg_drop(struct net_device *dev, u64 peer_id, struct sk_buff *skb,
		   unsigned int reason)
{
	struct machine *machine = container_of(dev, struct machine, dev);
	unsigned int count = max(1u, (unsigned int)skb->shared.gso_segs);

	if (skb->datagram)
		watch_refused(machine, skb->datagram, reason);
	else
		watch_dropped(machine, skb->packet, count, reason);
}
