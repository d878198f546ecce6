// SPDX-License-Identifier: GPL-2.0
/*
 * What must hold, said from outside and with numbers of its own: the paper's.
 * Everything is checked when it happens or after the event in which it did.
 */
#include "world.h"

#include "core/drop.h"
#include "path/coalesce.h"

#define REKEY_TIMEOUT_NS (5 * S)
#define JITTER_NS (333 * MS)
#define REKEY_AFTER_TIME_NS (120 * S)
#define REJECT_AFTER_TIME_NS (180 * S)
#define RENEWAL_EARLY_NS (10 * S) /* so much before its time, by chance */
#define REKEY_AFTER_MESSAGES (1ULL << 60)
#define REJECT_AFTER_MESSAGES (~0ULL - (1 << 13))
#define ATTEMPT_NS (90 * S)
#define KEEPALIVE_NS (10 * S)
#define STAGED_MAX 128
#define WIPE_NS (3 * REJECT_AFTER_TIME_NS)

/* How late the wheel and the works may be, for deadlines of such lengths. */
#define LATE_5S_NS (256 * MS + 100 * MS)
#define LATE_90S_NS (2048 * MS + 100 * MS)
#define LATE_540S_NS (16384 * MS + 100 * MS)

/* To one session more: a retransmit, its delay, a round trip. */
#define RETRY_NS (REKEY_TIMEOUT_NS + JITTER_NS + LATE_5S_NS)

/* The same once data was sent in vain. */
#define NOTICE_NS (KEEPALIVE_NS + REKEY_TIMEOUT_NS + JITTER_NS + LATE_5S_NS)

static struct link *link_between(struct machine *from, struct machine *to)
{
	return &from->links[to->number];
}

/* What the watcher knows of two together stands with the first. */
static struct link *pair_of(struct machine *a, struct machine *b)
{
	return a->number < b->number ? link_between(a, b) : link_between(b, a);
}

/* ------------------------------------------------------- state of the pair */

static u64 latest(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* When somebody last interfered with the two, or the network was at fault. */
static u64 disturbed_ns(struct machine *a, struct machine *b)
{
	return latest(world.unwell_ns,
		      latest(link_between(a, b)->disturbed_ns,
			     link_between(b, a)->disturbed_ns));
}

static bool knows(struct machine *a, struct machine *b)
{
	const struct wg_peer *peer = link_between(a, b)->peer;

	return peer && !memcmp(peer->remote.public_key,
			       b->wg->local.public_key, WG_KEY_SIZE);
}

static bool is_awake(const struct machine *machine)
{
	return machine->is_up && !machine->wakes_ns;
}

/* Could @from reach @to, if it had to begin anew? */
static bool can_reach(struct machine *from, struct machine *to)
{
	return is_awake(from) && is_awake(to) && knows(from, to) &&
	       knows(to, from) &&
	       is_same_place(link_between(from, to)->place, to->place) &&
	       link_between(from, to)->psk == link_between(to, from)->psk &&
	       from->wall_ns >= from->highest_wall_ns &&
	       to->wall_ns >= to->highest_wall_ns &&
	       !world.weather.loss && !link_between(from, to)->is_cut &&
	       !link_between(to, from)->is_cut;
}

/* Is it a fault of ours if the packet is lost? */
static bool is_protected(const struct packet *packet)
{
	u64 since_ns = disturbed_ns(packet->from, packet->to);

	if (world.plan->kind == PLAN_CALM)
		return since_ns == 0 ||
		       packet->sent_ns > since_ns + world.plan->rtt_ns;
	since_ns = latest(link_between(packet->from, packet->to)->talked_ns,
			  since_ns);
	return since_ns > world.plan->heal_ns &&
	       packet->sent_ns > since_ns + NOTICE_NS + 2 * RETRY_NS +
				 2 * world.plan->rtt_ns;
}

/*
 * Who yielded to an initiation that crossed its own leaves the next one to the
 * other side for a while, which may think that all is well.
 */
static bool is_yielding(struct machine *a, struct machine *b)
{
	const struct link *pair = pair_of(a, b);

	return pair->crossed_ns &&
	       world.now_ns <= pair->crossed_ns + 2 * REKEY_TIMEOUT_NS +
			       LATE_5S_NS + 2 * world.plan->rtt_ns;
}

static enum property loss_is(void)
{
	return world.plan->kind == PLAN_CALM ? PROPERTY_LOST :
					       PROPERTY_HEALED;
}

/* -------------------------------------------------------------------- keys */

struct key_use *watch_key(struct link *link, const struct wg_session *session)
{
	unsigned int i;

	for (i = 0; i < KEYS_MAX; i++) {
		if (!memcmp(link->keys[i].key, session->keys.send, 16))
			return &link->keys[i];
	}
	return NULL;
}

/* The one that was not seen for longest gives its place. */
static struct key_use *oldest_key(struct link *link)
{
	struct key_use *oldest = link->keys;
	unsigned int i;

	for (i = 1; i < KEYS_MAX; i++) {
		if (link->keys[i].seen < oldest->seen)
			oldest = &link->keys[i];
	}
	return oldest;
}

static struct key_use *note_key(struct link *link,
				const struct wg_session *session)
{
	struct key_use *key = watch_key(link, session);

	if (key) {
		key->seen = world.events;
		return key;
	}
	key = oldest_key(link);
	memset(key, 0, sizeof(*key));
	memcpy(key->key, session->keys.send, 16);
	key->birth_ns = world.now_ns;
	key->seen = world.events;
	link->key_ns = world.now_ns;
	return key;
}

static void check_age(const struct key_use *key, const char *use)
{
	/* the clock of the module is as coarse as the tick */
	if (world.now_ns >= key->birth_ns + REJECT_AFTER_TIME_NS + TICK_NS)
		fail(PROPERTY_AGE, "%s under a key that is %llu s old", use,
		     (world.now_ns - key->birth_ns) / S);
}

static bool is_used(const struct key_use *key, u64 counter)
{
	unsigned int i;

	for (i = 0; i < key->ranges; i++) {
		if (counter >= key->used_from[i] && counter < key->used_to[i])
			return true;
	}
	return false;
}

static void use(struct key_use *key, u64 counter)
{
	unsigned int i;

	for (i = 0; i < key->ranges; i++) {
		if (counter == key->used_to[i]) {
			key->used_to[i]++;
			return;
		}
		if (counter + 1 == key->used_from[i]) {
			key->used_from[i]--;
			return;
		}
	}
	/* the oldest ranges stand for themselves: counters only grow */
	i = key->ranges < 8 ? key->ranges++ : 7;
	key->used_from[i] = counter;
	key->used_to[i] = counter + 1;
}

/* By age whoever began a session renews it, by messages both. */
static bool is_stale(const struct wg_session *session,
		     const struct key_use *key, u64 counter)
{
	return counter >= REKEY_AFTER_MESSAGES ||
	       (session->is_initiator && world.now_ns >= key->birth_ns +
					 REKEY_AFTER_TIME_NS + TICK_NS);
}

/* It is renewed as soon as it is used after that. */
static void check_renewed(const struct wg_session *session,
			  struct key_use *key, u64 counter)
{
	if (world.plan->kind == PLAN_STORM ||
	    !is_stale(session, key, counter))
		return;
	if (!key->stale_ns)
		key->stale_ns = world.now_ns;
	if (world.now_ns > key->stale_ns + RETRY_NS + world.plan->rtt_ns &&
	    !is_yielding(machine_of(session->peer->wg),
			 other_of(session->peer)))
		fail(PROPERTY_RENEWAL, "used for %llu s after its time",
		     (world.now_ns - key->stale_ns) / S);
}

void watch_sealed(const struct wg_session *session, u64 counter)
{
	struct key_use *key = note_key(link_of(session->peer), session);

	check_age(key, "sent");
	check_renewed(session, key, counter);
	if (!session->is_initiator && !key->is_heard)
		fail(PROPERTY_CONFIRMED, "counter %llu", counter);
	if (counter >= REJECT_AFTER_MESSAGES)
		fail(PROPERTY_USED_UP, "counter %llx", counter);
	if (is_used(key, counter))
		fail(PROPERTY_COUNTER, "counter %llu again", counter);
	use(key, counter);
}

/* ----------------------------------------------------------------- packets */

/*
 * What was handed over later has not been sent before. (It may have been, where
 * this one is not: whoever drops the oldest tells of it a moment later.)
 */
static void check_order(const struct packet *packet)
{
	const struct packet *end = world.packets + world.packet_count, *other;

	if (!packet->done) /* it is being handed over */
		return;
	for (other = packet + 1; other < end; other++) {
		if ((other->state == PACKET_SENT ||
		     other->state == PACKET_HEARD) &&
		    packet->done < other->begun &&
		    other->from == packet->from && other->to == packet->to &&
		    other->is_question == packet->is_question)
			fail(PROPERTY_ORDER, "packet %llu before %llu",
			     (u64)(other - world.packets),
			     (u64)(packet - world.packets));
	}
}

static void note_packet_sent(struct link *link, u64 number)
{
	struct packet *packet = &world.packets[number];

	check_order(packet);
	packet->state = PACKET_SENT;
	if (!link->talked_ns && world.now_ns > world.plan->heal_ns)
		link->talked_ns = world.now_ns;
}

static void note_lost(struct packet *packet, const char *how,
		      unsigned int reason)
{
	packet->state = PACKET_DROPPED;
	tell(packet->from, "packet %llu to %u %s: %s",
	     (u64)(packet - world.packets), packet->to->number, how,
	     wg_drop_name(reason));
	if (is_protected(packet))
		fail(loss_is(), "packet %llu of %u to %u %s: %s",
		     (u64)(packet - world.packets), packet->from->number,
		     packet->to->number, how, wg_drop_name(reason));
}

/* Other CPUs may have handed over some that come after it all the same. */
static void check_is_oldest(u64 number)
{
	const struct packet *packet = &world.packets[number], *other;
	const struct packet *end = world.packets + world.packet_count;
	unsigned int younger = 0;

	for (other = packet + 1; other < end; other++)
		younger += other->from == packet->from &&
			   other->to == packet->to;
	if (younger < STAGED_MAX - 32)
		fail(PROPERTY_STAGED, "%u packets came after one that goes",
		     younger);
}

void watch_dropped(struct machine *by, u64 packet, unsigned int count,
		   unsigned int reason)
{
	bool is_expected = reason == WG_DROP_STAGED_FULL ||
			   reason == WG_DROP_NO_ENDPOINT;

	if (reason == WG_DROP_STAGED_FULL)
		check_is_oldest(packet + count - 1);
	while (count--) {
		if (is_expected)
			world.packets[packet++].state = PACKET_DROPPED;
		else
			note_lost(&world.packets[packet++], "dropped", reason);
	}
}

void watch_refused(struct machine *by, const struct datagram *datagram,
		   unsigned int reason)
{
	const struct record *record = datagram->record;
	struct packet *packet;

	if (!record)
		flood_refused(by, datagram->from, reason);
	if (!record || record->is_taken || record->packet == NO_PACKET)
		return;
	packet = &world.packets[record->packet];
	if (packet->state == PACKET_SENT && by == packet->to)
		note_lost(packet, "refused", reason);
}

void watch_heard(struct link *link, const struct wg_session *session)
{
	note_key(link, session)->is_heard = true;
}

void watch_heard_data(struct link *link)
{
	if (!link->heard_ns)
		link->heard_ns = world.now_ns;
	else if (world.now_ns < link->heard_ns + KEEPALIVE_NS - TICK_NS)
		link->is_heard_again = true;
}

static void note_source(struct machine *by, const struct machine *sender,
			struct place place)
{
	if (by->source_count < ARRAY_SIZE(by->sources))
		by->sources[by->source_count++] = (struct source){
			sender, place,
		};
}

/* Fifty a second are accepted, as the module's clock has it. */
static void note_accepted(struct link *link)
{
	if (link->accepted_ns && world.now_ns + 2 * TICK_NS <
				 link->accepted_ns + S / 50)
		fail(PROPERTY_PACE, "two accepted within %llu ms",
		     (world.now_ns - link->accepted_ns) / MS);
	link->accepted_ns = world.now_ns;
}

/* Who is interrupted by a change writes, or reads, with the key before. */
static unsigned int psk_now(const struct link *link)
{
	return link->disturbed_ns == world.now_ns ? PSK_EITHER : link->psk;
}

static bool is_same_psk(unsigned int a, unsigned int b)
{
	return a == b || a == PSK_EITHER || b == PSK_EITHER;
}

/* Also one that was replayed crosses ours, where it is forgotten that it is old. */
static void note_crossed(struct machine *by, struct machine *from)
{
	u64 initiated_ns = link_between(by, from)->initiated_ns;

	if (initiated_ns && world.now_ns <= initiated_ns + RETRY_NS)
		pair_of(by, from)->crossed_ns = world.now_ns;
}

void watch_taken(struct machine *by, const struct datagram *datagram)
{
	struct record *record = datagram->record;

	if (!record || record->sender == by)
		fail(PROPERTY_FORGED, "a message of type %u",
		     datagram->bytes[0]);
	if (record->is_taken)
		fail(PROPERTY_TWICE, "a message of type %u", record->type);
	if (record->type == WG_MESSAGE_RESPONSE &&
	    !is_same_psk(record->psk, psk_now(link_between(by, record->sender))))
		fail(PROPERTY_FORGED, "a response under another preshared key");
	flood_taken(by, record);
	record->is_taken = true;
	tell(by, "takes type %u, packet %lld", record->type,
	     (s64)record->packet);
	if (record->type == WG_MESSAGE_INITIATION) {
		note_accepted(link_between(by, record->sender));
		note_crossed(by, record->sender);
	}
	if (record->type == WG_MESSAGE_COOKIE) {
		link_between(by, record->sender)->cookie_ns = world.now_ns;
		return;
	}
	link_between(by, record->sender)->contact_ns = world.now_ns;
	note_source(by, record->sender, datagram->from);
}

/* Long after a handshake of the two each hears the other under one session. */
static void check_one_session(struct machine *by,
			      const struct wg_session *session)
{
	struct machine *other = other_of(session->peer);
	struct link *pair = pair_of(by, other);
	u64 since_ns = latest(pair->pair_initiated_ns[1],
			      disturbed_ns(by, other));

	if (world.plan->kind == PLAN_CALM &&
	    session != session->peer->slots[WG_SLOT_CURRENT] &&
	    world.now_ns > since_ns + 3 * REKEY_TIMEOUT_NS +
			   2 * world.plan->rtt_ns)
		fail(PROPERTY_RENEWAL, "%u and %u keep to their own sessions",
		     by->number, other->number);
}

void watch_opened(struct machine *by, const struct wg_session *session,
		  const struct datagram *datagram, u64 packet)
{
	const struct wg_message_data *message = (void *)datagram->bytes;
	struct link *link = link_of(session->peer);

	watch_taken(by, datagram);
	if (le64_to_cpu(message->counter) >= REJECT_AFTER_MESSAGES)
		fail(PROPERTY_USED_UP, "counter %llx is accepted",
		     (u64)le64_to_cpu(message->counter));
	check_one_session(by, session);
	check_age(note_key(link, session), "received");
	if (packet != datagram->record->packet ||
	    (packet != NO_PACKET && world.packets[packet].to != by))
		fail(PROPERTY_FORGED, "packet %llu", packet);
	if (packet != NO_PACKET)
		world.packets[packet].state = PACKET_HEARD;
}

/* Since when may it send? ~0: it may not. */
static u64 usable_since_ns(struct link *link)
{
	const struct wg_session *session = link->peer->slots[WG_SLOT_CURRENT];
	const struct key_use *key = session ? watch_key(link, session) : NULL;

	if (!key || world.now_ns >= key->birth_ns + REJECT_AFTER_TIME_NS -
				    REKEY_TIMEOUT_NS ||
	    session->send_counter >= REJECT_AFTER_MESSAGES - 128) {
		link->usable = NULL;
		return ~0ULL;
	}
	if (link->usable != session) {
		link->usable = session;
		link->usable_ns = world.now_ns;
	}
	return link->usable_ns;
}

/*
 * Each who is flooded asks for a cookie, and may do so again when that is old; and
 * one may have yielded to the other.
 */
static u64 flood_ns(const struct machine *a, const struct machine *b)
{
	u64 most_ns = 12 * RETRY_NS;
	unsigned int n = 0;

	n += a->flooded_ns && world.now_ns <= a->flooded_ns + most_ns;
	n += b->flooded_ns && world.now_ns <= b->flooded_ns + most_ns;
	return n ? (n + 3) * RETRY_NS + world.plan->rtt_ns : 0;
}

static void check_waiting(const struct packet *packet)
{
	u64 more_ns = flood_ns(packet->from, packet->to);
	u64 since_ns = latest(packet->sent_ns,
			      disturbed_ns(packet->from, packet->to));
	u64 waited_ns = world.now_ns - min(since_ns, world.now_ns);
	struct link *link = link_between(packet->from, packet->to);
	u64 usable_ns;

	if (!is_awake(packet->from) || !link->peer)
		return;
	usable_ns = latest(since_ns, usable_since_ns(link));
	if (waited_ns > ATTEMPT_NS + LATE_90S_NS)
		fail(PROPERTY_WAITS, "for %llu s", waited_ns / S);
	if (usable_ns < world.now_ns - S)
		fail(PROPERTY_WAITS, "for %llu ms beside a session",
		     (world.now_ns - usable_ns) / MS);
	if (waited_ns > RETRY_NS + world.plan->rtt_ns + more_ns &&
	    (more_ns || !is_yielding(packet->from, packet->to)) &&
	    can_reach(packet->from, packet->to))
		fail(more_ns ? PROPERTY_FLOOD : PROPERTY_HEALED,
		     "a packet of %u to %u waited %llu ms",
		     packet->from->number, packet->to->number,
		     waited_ns / MS);
}

static void check_all_waiting(void)
{
	u64 i;

	while (world.first_waiting < world.packet_count &&
	       world.packets[world.first_waiting].state != PACKET_WAITS)
		world.first_waiting++;
	for (i = world.first_waiting;
	     i < world.packet_count && i < world.first_waiting + 256; i++) {
		if (world.packets[i].state == PACKET_WAITS)
			check_waiting(&world.packets[i]);
	}
}

/* ------------------------------------------------------------------- sending */

/* The wheel rounds: that now and then one differs from the next must do. */
static void note_retransmit(struct link *link, u64 interval_ns)
{
	if (interval_ns > RETRY_NS) {
		link->retried_ns = 0;
		return;
	}
	if (link->retried_ns) {
		world.retransmits++;
		world.spread += interval_ns > link->retried_ns + 100 * MS ||
				link->retried_ns > interval_ns + 100 * MS;
	}
	link->retried_ns = interval_ns;
	if (world.retransmits == 40 && world.spread < 3)
		fail(PROPERTY_JITTER, "%u of 40 differ", world.spread);
}

/* Of the pair together: the first of three may not be so long ago. */
static void check_renewal(struct machine *from, struct machine *to)
{
	struct link *pair = pair_of(from, to);
	bool is_settled = pair->pair_initiated_ns[0] > 30 * S &&
			  pair->pair_initiated_ns[0] >
			  disturbed_ns(from, to) + 30 * S;

	if (world.plan->kind == PLAN_CALM && is_settled &&
	    world.plan->rtt_ns < 4 * S &&
	    world.now_ns < pair->pair_initiated_ns[0] + 60 * S)
		fail(PROPERTY_RENEWAL, "three initiations in %llu s",
		     (world.now_ns - pair->pair_initiated_ns[0]) / S);
	pair->pair_initiated_ns[0] = pair->pair_initiated_ns[1];
	pair->pair_initiated_ns[1] = world.now_ns;
	/* that of one side may be lost, and be given up by it all the same */
	if (pair->pair_initiated_ns[0] + RETRY_NS + world.plan->rtt_ns >=
	    world.now_ns)
		pair->crossed_ns = world.now_ns;
}

/* Where nothing is lost, nobody asks for a session beside one that is good. */
static void check_needed(struct machine *from, struct machine *to)
{
	struct link *link = link_between(from, to);
	const struct wg_session *session = link->peer->slots[WG_SLOT_CURRENT];
	const struct key_use *key = session ? watch_key(link, session) : NULL;

	if (world.plan->kind == PLAN_CALM && key && world.plan->rtt_ns < 4 * S &&
	    session->send_counter < REKEY_AFTER_MESSAGES &&
	    world.now_ns > disturbed_ns(from, to) + 30 * S &&
	    world.now_ns > key->birth_ns + 30 * S &&
	    world.now_ns + RENEWAL_EARLY_NS + 2 * TICK_NS <
	    key->birth_ns + REKEY_AFTER_TIME_NS)
		fail(PROPERTY_RENEWAL, "of a session that is %llu s old",
		     (world.now_ns - key->birth_ns) / S);
}

static u64 current_id(const struct link *link)
{
	const struct wg_session *session = link->peer->slots[WG_SLOT_CURRENT];

	return session ? session->id : 0;
}

static void note_attempt(struct link *link)
{
	if (link->attempt_ns)
		return;
	link->attempt_ns = world.now_ns;
	link->attempt_id = current_id(link);
}

/* It ends with another session to send under. */
static void note_ready(struct link *link)
{
	u64 id = current_id(link);

	if (id && id != link->attempt_id)
		link->attempt_ns = 0;
}

/* It began a rest before the first initiation, unless that was put off further. */
void watch_lost(const struct wg_peer *peer)
{
	struct link *link = link_of(peer);
	u64 since_ns = latest(link->disturbed_ns, link->accepted_ns);

	tell(sched_machine(), "gives up on %u", other_of(peer)->number);
	if (link->attempt_ns &&
	    world.now_ns > since_ns + ATTEMPT_NS + LATE_90S_NS &&
	    world.now_ns + REKEY_TIMEOUT_NS + LATE_5S_NS <
	    link->attempt_ns + ATTEMPT_NS)
		fail(PROPERTY_PATIENCE, "given up after %llu s",
		     (world.now_ns - link->attempt_ns) / S);
	link->attempt_ns = 0;
}

static void note_initiation(struct machine *from, struct link *link)
{
	u64 interval_ns = world.now_ns - link->initiated_ns;

	/* written before the keys went, by who was interrupted by that */
	if (link->disturbed_ns == world.now_ns)
		return;
	if (link->initiated_ns) {
		if (interval_ns + TICK_NS < REKEY_TIMEOUT_NS)
			fail(PROPERTY_PACE, "%u sends two in %llu ms",
			     from->number, interval_ns / MS);
		note_retransmit(link, interval_ns);
	}
	link->initiated_ns = world.now_ns;
}

/* Nothing to say for so long: then all is said. */
static u64 last_word_ns(void)
{
	u64 last_ns = latest(world.talk_ns, world.plan->heal_ns);

	return last_ns + ATTEMPT_NS + LATE_90S_NS + NOTICE_NS +
	       3 * KEEPALIVE_NS + 4 * world.plan->rtt_ns;
}

static bool has_keepalive(struct machine *a, struct machine *b)
{
	return link_between(a, b)->keepalive_s ||
	       link_between(b, a)->keepalive_s;
}

static void check_silence(struct machine *from, struct machine *to)
{
	u64 last_ns = last_word_ns();

	if (world.plan->kind == PLAN_CALM)
		last_ns = world.talk_ns + 3 * KEEPALIVE_NS +
			  4 * world.plan->rtt_ns;
	if (world.now_ns > last_ns && world.now_ns > world.plan->heal_ns &&
	    world.now_ns > disturbed_ns(from, to) + 3 * ATTEMPT_NS &&
	    !has_keepalive(from, to))
		fail(PROPERTY_SILENCE, "%u has nothing to say to %u",
		     from->number, to->number);
}

/* After a keepalive, data that came again while it was due asks for one more. */
static void note_spoken(struct link *link, bool is_keepalive)
{
	link->owed_ns = is_keepalive && link->is_heard_again ?
			world.now_ns + KEEPALIVE_NS + LATE_5S_NS : 0;
	link->kept_ns = is_keepalive ? world.now_ns : 0;
	link->heard_ns = 0;
	link->is_heard_again = false;
}

/* Who began a session confirms it. */
static bool is_confirming(struct link *link)
{
	const struct wg_session *session = link->peer->slots[WG_SLOT_CURRENT];
	const struct key_use *key = session ? watch_key(link, session) : NULL;

	return key && session->is_initiator &&
	       world.now_ns <= key->birth_ns + S;
}

/* Has @since_ns been, and @time_ns since? The module's clock is coarse. */
static bool has_passed(u64 since_ns, u64 time_ns)
{
	return since_ns && world.now_ns + 2 * TICK_NS >= since_ns + time_ns;
}

/* A keepalive answers data, is the next after one that did, persists, or confirms. */
static void check_keepalive(struct machine *from, struct machine *to)
{
	struct link *link = link_between(from, to);
	u64 idle_ns = link->keepalive_s * S;

	/* what is heard while another CPU sends is answered by that, or is not */
	if (world.plan->interrupts ||
	    has_passed(link->heard_ns, KEEPALIVE_NS) ||
	    has_passed(link->kept_ns, KEEPALIVE_NS) ||
	    (idle_ns && has_passed(link->contact_ns, idle_ns)) ||
	    is_confirming(link) ||
	    world.now_ns <= link->disturbed_ns +
			    2 * (KEEPALIVE_NS + LATE_5S_NS))
		return;
	fail(PROPERTY_SILENCE, "%u has no reason for a keepalive to %u",
	     from->number, to->number);
}

static void check_owed(const struct link *link)
{
	if (link->owed_ns && world.now_ns > link->owed_ns)
		fail(PROPERTY_ANSWER, "%llu ms ago",
		     (world.now_ns - link->owed_ns) / MS);
}

/* Somebody who is to be kept alive hears of us, if only of initiations. */
static void check_persistent(struct machine *machine, struct machine *other)
{
	const struct link *link = link_between(machine, other);
	u64 since_ns = latest(link->contact_ns, disturbed_ns(machine, other));

	if (link->keepalive_s && link->place.addr && is_awake(machine) &&
	    world.now_ns > since_ns + link->keepalive_s * S + LATE_90S_NS +
			   RETRY_NS)
		fail(PROPERTY_ANSWER, "%u has been silent for %llu s",
		     machine->number, (world.now_ns - since_ns) / S);
}

void watch_sent(struct machine *from, const struct wg_peer *peer,
		struct record *record)
{
	bool is_keepalive = record->type == WG_MESSAGE_DATA &&
			    record->packet == NO_PACKET;
	struct machine *to;
	struct link *link;

	tell(from, "sends type %u, packet %lld", record->type,
	     (s64)record->packet);
	if (!peer)
		return;
	link = link_of(peer);
	to = other_of(peer);
	if (is_keepalive)
		check_keepalive(from, to);
	link->contact_ns = world.now_ns;
	record->psk = psk_now(link);
	flood_sent(link, record);
	if (record->type == WG_MESSAGE_INITIATION) {
		note_initiation(from, link);
		note_attempt(link);
		check_needed(from, to);
		check_renewal(from, to);
	}
	check_silence(from, to);
	if (record->type == WG_MESSAGE_RESPONSE) /* it answers no data */
		link->owed_ns = 0;
	else
		note_spoken(link, is_keepalive);
	if (record->packet != NO_PACKET)
		note_packet_sent(link, record->packet);
}

/* ---------------------------------------------------------- after an event */

void watch_disturbed(struct machine *machine, struct machine *other)
{
	struct link *link = link_between(machine, other);

	link->disturbed_ns = world.now_ns;
	link->initiated_ns = 0;
	link->retried_ns = 0;
	link->heard_ns = 0;
	link->is_heard_again = false;
	link->owed_ns = 0;
	link->kept_ns = 0;
	link->attempt_ns = 0;
}

static bool is_zero(const void *bytes, size_t len)
{
	static const u8 zero[256];

	return len <= sizeof(zero) && !memcmp(bytes, zero, len);
}

static unsigned int count_sessions(struct link *link)
{
	unsigned int slot, count = 0;

	for (slot = 0; slot < WG_SLOT_COUNT; slot++) {
		if (!link->peer->slots[slot])
			continue;
		if (note_key(link, link->peer->slots[slot])->birth_ns <
		    link->forgets_ns)
			fail(PROPERTY_WIPED, "a session is kept");
		count++;
	}
	return count;
}

/* Our own handshake with a peer; all zero where there never was one. */
static const struct wg_noise_handshake *handshake_of(const struct link *link)
{
	static const struct wg_noise_handshake none;

	return link->peer->hs ? &link->peer->hs->noise : &none;
}

/* One is made for each initiation, also where that cannot be sent. */
static void note_ephemeral(struct link *link)
{
	const u8 *ephemeral = handshake_of(link)->ephemeral_private;

	if (!memcmp(link->ephemeral, ephemeral, sizeof(link->ephemeral)))
		return;
	memcpy(link->ephemeral, ephemeral, sizeof(link->ephemeral));
	link->ephemeral_ns = world.now_ns;
}

static void check_wiped(const struct machine *machine, struct link *link)
{
	const struct wg_noise_handshake *hs = handshake_of(link);
	unsigned int sessions = count_sessions(link);
	u64 newest_ns;

	note_ephemeral(link);
	newest_ns = latest(link->key_ns, link->ephemeral_ns);
	if (hs->state == WG_NOISE_NONE && !is_zero(hs, sizeof(*hs)))
		fail(PROPERTY_WIPED, "%u keeps what is left of a handshake",
		     machine->number);
	if (hs->state != WG_NOISE_NONE &&
	    link->ephemeral_ns < link->forgets_ns)
		fail(PROPERTY_WIPED, "%u keeps a handshake with %u",
		     machine->number, other_of(link->peer)->number);
	if (hs->state > WG_NOISE_INITIATION_SENT)
		fail(PROPERTY_WIPED, "%u keeps a handshake that is done",
		     machine->number);
	if (!is_awake(machine)) {
		if (sessions || hs->state != WG_NOISE_NONE)
			fail(PROPERTY_WIPED, "%u keeps keys while it is down",
			     machine->number);
		return;
	}
	if (sessions && world.now_ns > link->key_ns + WIPE_NS + LATE_540S_NS)
		fail(PROPERTY_WIPED, "%u keeps sessions", machine->number);
	if (hs->state != WG_NOISE_NONE && world.now_ns >
	    newest_ns + ATTEMPT_NS + WIPE_NS + LATE_540S_NS)
		fail(PROPERTY_WIPED, "%u keeps a handshake", machine->number);
}

/* Where it was heard in this event, else where it was before. */
static void check_endpoint(struct machine *machine, struct link *link)
{
	const struct machine *other = other_of(link->peer);
	struct place place = place_of(&link->peer->endpoint);
	bool is_same = is_same_place(place, link->place);
	bool is_heard = false;
	unsigned int i;

	link->place = place;
	for (i = 0; i < machine->source_count; i++) {
		if (machine->sources[i].sender != other)
			continue;
		if (is_same_place(place, machine->sources[i].place))
			return;
		is_heard = true;
	}
	if (!is_same || (is_heard && link->disturbed_ns != world.now_ns))
		fail(PROPERTY_ENDPOINT, "%u believes %u elsewhere",
		     machine->number, other->number);
}

static void check_staged(const struct link *link)
{
	if (skb_queue_len(&link->peer->txq.packets) > STAGED_MAX)
		fail(PROPERTY_STAGED, "%u wait",
		     skb_queue_len(&link->peer->txq.packets));
}

static void check_machine(struct machine *machine)
{
	struct link *link;
	unsigned int i;

	for (i = 0; i < world.plan->machines; i++) {
		link = &machine->links[i];
		if (!link->peer)
			continue;
		note_ready(link);
		check_wiped(machine, link);
		check_endpoint(machine, link);
		check_staged(link);
		check_owed(link);
		check_persistent(machine, &world.machines[i]);
	}
	machine->source_count = 0;
}

/* No session is left that is in nobody's slot: its keys would be. */
static void check_sessions(void)
{
	unsigned int i, j, slots = 0;

	for (i = 0; i < world.plan->machines; i++) {
		for (j = 0; j < world.plan->machines; j++) {
			if (world.machines[i].links[j].peer)
				slots += count_sessions(
					&world.machines[i].links[j]);
		}
	}
	world.live_sessions = slots;
	if (slots != shim_live_sessions())
		fail(PROPERTY_WIPED, "%u sessions, of which %u are in use",
		     shim_live_sessions(), slots);
}

void watch_event(struct machine *machine)
{
	if (machine) {
		flood_event(machine);
		check_machine(machine);
	}
	check_all_waiting();
	if (shim_live_sessions() != world.live_sessions)
		check_sessions();
}

void watch_end(void)
{
	unsigned int i;

	for (i = 0; i < world.plan->machines; i++)
		check_machine(&world.machines[i]);
	check_all_waiting();
	check_sessions();
}
