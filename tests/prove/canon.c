// SPDX-License-Identifier: GPL-2.0
/*
 * A state, so described that two get one description where nothing that happens
 * from now on can tell them apart: times are relative to now, and those that have
 * no effect any more are all the same; a session is a number by its keys; messages
 * on their way are a set.
 *
 * Left out, since nothing asks for it here:
 * - keys, indices, addresses of memory: by their relations alone;
 * - counters of sessions far from their end, and the window: few packets are sent,
 *   all counters are new. Where messages are copied it is in the description
 *   whether a copy was taken;
 * - counters of bytes and drops, the time of the last handshake: only shown;
 * - endpoints and cookies: nobody moves, and no queue is long enough for load;
 * - bursts: it takes 16 packets within one tick;
 * - numbers of packets: they only have to be in order;
 * - locks, preemption, poll: between steps nothing is under way.
 */
#include "explore.h"

#include "proto/wire.h"

#define SLOTS (2 * WG_SLOT_COUNT)

/* What watch.c asks of the past goes no further back. */
#define PACE_NS (S / 50)
#define RETRY_NS (6 * S)
#define PAIR_NS (60 * S)
#define CROSSED_NS (11 * S + 2 * world.plan->rtt_ns)
#define SILENCE_NS (31 * S + 4 * world.plan->rtt_ns)
#define TROUBLE_NS (280 * S)
#define GRACE_NS (40 * S + 4 * world.plan->rtt_ns)
#define AGE_NS (181 * S)
#define WIPE_NS (900 * S)

static u64 hash;
static u64 keys[SLOTS]; /* of both machines' sessions; 0: none */

static void mix(u64 word)
{
	hash = (hash ^ word) * 0x9fb21c651e98df25ULL;
	hash ^= hash >> 35;
	hash *= 0xd6e8feb86659fd93ULL;
	hash ^= hash >> 32;
}

/* A deadline. */
static void mix_due(u64 at_ns)
{
	mix(at_ns == WG_NEVER_NS ? at_ns : at_ns - world.now_ns);
}

/* One that does nothing once it has passed. */
static void mix_until(u64 at_ns)
{
	mix(at_ns > world.now_ns ? at_ns - world.now_ns : 0);
}

/* A time in the past; before @most_ns, or never, is long ago. */
static void mix_ago(u64 at_ns, u64 most_ns)
{
	u64 ago_ns = world.now_ns - at_ns;

	mix(!at_ns || ago_ns > most_ns ? most_ns : ago_ns);
}

/* One that is not the same long ago as never. */
static void mix_ago_or_never(u64 at_ns, u64 most_ns)
{
	mix(!!at_ns);
	mix_ago(at_ns, most_ns);
}

/* -------------------------------------------------------------------- sessions */

static struct wg_peer *peer_on(unsigned int machine)
{
	return world.machines[machine].links[!machine].peer;
}

/* The same on both sides. */
static u64 key_of(const struct wg_session *session)
{
	u64 send, receive;

	memcpy(&send, session->keys.send, sizeof(send));
	memcpy(&receive, session->keys.receive, sizeof(receive));
	return send ^ receive;
}

static void find_keys(void)
{
	const struct wg_session *session;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		session = peer_on(i / WG_SLOT_COUNT)->slots[i % WG_SLOT_COUNT];
		keys[i] = session ? key_of(session) : 0;
	}
}

/* The first slot that has it: the same number for both of a pair. */
static unsigned int number_of(const struct wg_session *session)
{
	u64 key = session ? key_of(session) : 0;
	unsigned int i;

	for (i = 0; key && i < SLOTS; i++) {
		if (keys[i] == key)
			return i;
	}
	return SLOTS;
}

/* A counter that is used twice shows when the next one is used. */
static void mix_use(struct link *link, const struct wg_session *session)
{
	const struct key_use *use = watch_key(link, session);

	mix(!!use);
	if (!use)
		return;
	mix_ago(use->birth_ns, AGE_NS);
	mix_ago(use->stale_ns, RETRY_NS + 2 * world.plan->rtt_ns);
	mix(use->is_heard);
	mix(use->ranges);
	mix(use->ranges && session->send_counter == use->used_to[0]);
}

static void mix_session(struct link *link,
			const struct wg_session *session)
{
	mix(number_of(session));
	if (!session)
		return;
	mix_ago(session->birth_ns, AGE_NS);
	mix(session->is_initiator);
	mix(session->is_rekey_asked);
	mix(session->send_counter > WG_REKEY_AFTER_MESSAGES ?
	    session->send_counter : 0);
	mix_use(link, session);
}

static void mix_sessions(struct link *link)
{
	struct wg_session *const *slots = link->peer->slots;
	unsigned int i;

	for (i = 0; i < WG_SLOT_COUNT; i++)
		mix_session(link, slots[i]);
	if (slots[WG_SLOT_NEXT] && slots[WG_SLOT_CURRENT])
		mix(slots[WG_SLOT_NEXT]->id > slots[WG_SLOT_CURRENT]->id);
}

/* -------------------------------------------------------------------- messages */

/* What handshakes left; all zero where there never was one. */
static const struct wg_peer_hs *hs_of(const struct wg_peer *peer)
{
	static const struct wg_peer_hs none;

	return peer->hs ? peer->hs : &none;
}

/* Who sent it has the handshake under way that it began, or has answered. */
static bool is_under_way(const struct machine *machine, __le32 index)
{
	const struct wg_peer_hs *hs = hs_of(peer_on(machine->number));

	return hs->noise.state == WG_NOISE_INITIATION_SENT &&
	       hs->noise.local_index == index;
}

static const struct wg_session *session_at(const struct machine *machine,
					   __le32 index)
{
	return wg_session_by_index_rcu(machine->wg, index);
}

static void mix_initiation(const struct machine *to,
			   const struct datagram *datagram)
{
	const struct wg_message_initiation *message = (void *)datagram->bytes;
	const struct record *record = datagram->record;
	u64 wall_ns = record->sent_ns + record->sender->wall_ns;
	struct wg_timestamp timestamp;

	wg_timestamp_encode(&timestamp, wall_ns / S, wall_ns % S);
	mix(is_under_way(record->sender, message->sender_index));
	mix(wg_timestamp_is_after(&timestamp,
				  &hs_of(peer_on(to->number))->past.timestamp));
}

static void mix_response(const struct machine *to,
			 const struct datagram *datagram)
{
	const struct wg_message_response *message = (void *)datagram->bytes;

	mix(is_under_way(to, message->receiver_index));
	mix(number_of(session_at(datagram->record->sender,
				 message->sender_index)));
}

static void mix_packet(u64 number)
{
	const struct packet *packet;

	mix(number != NO_PACKET);
	if (number == NO_PACKET)
		return;
	packet = &world.packets[number];
	mix(packet->state);
	mix_ago(packet->sent_ns, 2 * GRACE_NS + TROUBLE_NS);
}

static void mix_data(const struct machine *to, const struct datagram *datagram)
{
	const struct wg_message_data *message = (void *)datagram->bytes;

	mix(number_of(session_at(to, message->receiver_index)));
	mix_packet(datagram->record->packet);
}

static void mix_message(const struct machine *to,
			const struct datagram *datagram)
{
	const struct record *record = datagram->record;

	mix(to->number);
	mix(record->type);
	mix(record->is_taken);
	mix_ago(record->sent_ns, TROUBLE_NS);
	if (record->type == WG_MESSAGE_INITIATION)
		mix_initiation(to, datagram);
	else if (record->type == WG_MESSAGE_RESPONSE)
		mix_response(to, datagram);
	else
		mix_data(to, datagram);
}

/* ------------------------------------------------------------------ the queue */

/* Which of what a machine may do later is it? Workers count from the next on. */
static unsigned int role_of(const struct event *event)
{
	const struct machine *machine = event->machine;
	const struct wg_peer *peer = peer_on(machine->number);
	const struct wg_hs *hs = &machine->wg->path->hs;
	unsigned int i;

	if (event->later == &peer->timer.later)
		return 1;
	if (event->later == &peer->work.later)
		return 2;
	if (event->later == &peer->flush_work.later)
		return 3;
	for (i = 0; i < hs->worker_count; i++) {
		if (event->later ==
		    &hs->workers[(hs->next + i) % hs->worker_count].work.later)
			return 4 + i;
	}
	return 0;
}

/* Where overtaking has no bound, who was first does not matter. */
static void mix_line(const struct event *event)
{
	if (bounds.overtakes == OVERTAKES_ANY)
		return;
	mix(choice_line(event));
	mix(event->datagram->record->overtaken);
}

static u64 hash_event(const struct event *event)
{
	u64 before = hash, one;

	hash = 0;
	mix(event->kind);
	mix(event->machine->number);
	if (event->kind == EVENT_ARRIVAL) {
		mix_line(event);
		mix_message(event->machine, event->datagram);
	} else if (event->kind == EVENT_UNDO) {
		mix_due(event->at_ns);
	} else if (event->kind == EVENT_INPUT) {
		mix(event->input->kind);
	} else {
		mix(role_of(event));
		mix(event->kind == EVENT_TIMER ? event->at_ns - world.now_ns :
						 0);
	}
	one = hash;
	hash = before;
	return one;
}

/* A sum: in no order. */
static void mix_events(void)
{
	const struct event *event;
	unsigned int i;
	u64 sum = 0;

	for (i = 0; (event = sched_event(i)); i++)
		sum += hash_event(event);
	mix(sum);
	mix(i);
}

/* -------------------------------------------------------------------- machines */

static void mix_timers(const struct wg_peer *peer)
{
	const struct wg_timers *timers = &peer->timers;

	mix_until(timers->may_initiate_ns);
	mix_due(timers->give_up_ns);
	mix_due(timers->retry_ns);
	mix_due(timers->keepalive_ns);
	mix_due(timers->silence_ns);
	mix_due(timers->wipe_ns);
	mix_due(timers->persistent_ns);
	mix(timers->has_more | timers->is_first << 1 |
	    timers->is_started << 2);
	mix_due(peer->armed_ns);
}

static void mix_waiting(struct link *link)
{
	const struct sk_buff_head *packets = &link->peer->txq.packets;
	struct sk_buff *skb;
	u64 before = 0;

	mix(skb_queue_len(packets));
	skb_queue_walk(packets, skb) {
		mix_packet(skb->packet);
		mix(skb->packet < before);
		before = skb->packet;
	}
	/* since when it could have been sent is asked for no longer */
	if (skb_queue_len(packets) && link->usable &&
	    link->usable == link->peer->slots[WG_SLOT_CURRENT])
		mix_ago(link->usable_ns, 2 * S);
}

static void mix_handshakes(const struct machine *machine)
{
	const struct sk_buff_head *queue = &machine->wg->path->hs.queue;
	struct sk_buff *skb;

	mix(skb_queue_len(queue));
	skb_queue_walk(queue, skb)
		mix_message(machine, skb->datagram);
}

static void mix_peer(struct link *link)
{
	const struct wg_peer *peer = link->peer;

	mix_timers(peer);
	mix_sessions(link);
	mix(hs_of(peer)->noise.state);
	mix_ago(hs_of(peer)->past.accepted_ns, PACE_NS);
	mix(peer->todo);
	mix(peer->txq.is_flushing | peer->txq.is_coalescing << 1);
	mix_waiting(link);
}

static bool has_session(const struct wg_peer *peer)
{
	return peer->slots[WG_SLOT_PREVIOUS] || peer->slots[WG_SLOT_CURRENT] ||
	       peer->slots[WG_SLOT_NEXT];
}

/* What watch.c remembers. */
static void mix_watched(struct link *link)
{
	const struct wg_peer *peer = link->peer;
	const struct wg_session *sends = peer->slots[WG_SLOT_CURRENT];

	mix_ago(link->accepted_ns, PACE_NS);
	mix_ago(link->initiated_ns, RETRY_NS);
	if (hs_of(peer)->noise.state != WG_NOISE_NONE)
		mix_ago(max(link->ephemeral_ns, link->key_ns), WIPE_NS);
	if (has_session(peer))
		mix_ago(link->key_ns, WIPE_NS);
	mix_ago(link->disturbed_ns, TROUBLE_NS);
	mix_ago(link->keepalive_s ? link->contact_ns : 0,
		bounds.keepalive_s * S + 10 * S);
	mix_ago_or_never(link->heard_ns, 11 * S);
	mix(link->is_heard_again);
	mix(link->owed_ns ? link->owed_ns - world.now_ns : 0);
	mix_ago_or_never(link->kept_ns, 11 * S);
	mix_ago_or_never(link->attempt_ns, 91 * S);
	mix(link->attempt_ns && link->attempt_id == (sends ? sends->id : 0));
	mix_ago_or_never(link->talked_ns, GRACE_NS);
	mix_ago(link->pair_initiated_ns[0], PAIR_NS);
	mix_ago(link->pair_initiated_ns[1], PAIR_NS);
	mix_ago(link->crossed_ns, CROSSED_NS);
}

static void mix_machine(struct machine *machine)
{
	struct link *link = &machine->links[!machine->number];

	mix(machine->is_up);
	mix_peer(link);
	mix_handshakes(machine);
	mix_watched(link);
}

u64 canon_hash(void)
{
	hash = 0;
	find_keys();
	mix_machine(&world.machines[0]);
	mix_machine(&world.machines[1]);
	mix_events();
	mix_ago(world.unwell_ns, TROUBLE_NS);
	mix_ago(plan.heal_ns, TROUBLE_NS);
	mix_ago(world.talk_ns, SILENCE_NS);
	mix(left.sends[0] | (u64)left.sends[1] << 16 |
	    (u64)left.losses << 32 | (u64)left.copies << 48);
	mix(left.changes | left.interrupts << 8 | left.has_sent[0] << 16 |
	    left.has_sent[1] << 17);
	return hash;
}
