// SPDX-License-Identifier: GPL-2.0
/*
 * Two peers in one process: the real tables of proto/slots, the real timers of
 * proto/timers and the real choice between crossing initiations, with a virtual
 * clock and a network that loses nothing. What core/ does with them under its
 * locks is done here with plain structs.
 */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "proto/noise.h"
#include "proto/slots.h"
#include "proto/timers.h"

#define MS WG_NS_PER_MS
#define S WG_NS_PER_S
#define STEP_NS (100 * MS) /* between two packets of a stream */
#define IN_FLIGHT 4096

/* A session goes by the number of the initiation that made it. */
struct session {
	u64 number; /* 0: none */
	u64 order; /* rises with each that began on this side */
	struct wg_timers_age age;
};

enum kind {
	OURS,
	FORGETS, /* has one handshake at a time, whoever began it */
	KEEPS, /* ends both of two that cross, and uses the newer one */
};

struct side {
	enum kind kind;
	struct wg_noise_local local;
	struct wg_noise_remote remote;
	struct wg_noise_handshake hs; /* its state alone */
	struct wg_timers timers;
	struct session slots[WG_SLOT_COUNT];
	u64 pending; /* our initiation that waits for its response */
	u64 answered; /* the newest initiation of the peer */
	u64 begun; /* sessions */
	u64 next_packet_ns;
	u64 initiated_ns; /* the last time */
	u64 first_ready_ns;
	unsigned int initiations;
	unsigned int staged;
	unsigned int sent, received, dropped;
};

enum message_kind { INITIATION, RESPONSE, PACKET, NOTHING };

struct message {
	u64 at_ns;
	u64 number;
	unsigned int to;
	enum message_kind kind;
};

struct world {
	struct side sides[2];
	struct message flying[IN_FLIGHT]; /* by time of arrival */
	unsigned int first, end;
	u64 now_ns;
	u64 delay_ns; /* one way */
	u64 scatter_ns; /* at most so much more, at random */
	u64 handshakes;
	struct random random;
	bool is_too_fast; /* an initiation less than 5 s after the last */
};

static void send(struct world *w, unsigned int to, enum message_kind kind,
		 u64 number)
{
	u64 at_ns = w->now_ns + w->delay_ns +
		    (w->scatter_ns ? random_u64(&w->random) % w->scatter_ns : 0);
	unsigned int i = w->end++;

	for (; i > w->first &&
	       w->flying[(i - 1) % IN_FLIGHT].at_ns > at_ns; i--)
		w->flying[i % IN_FLIGHT] = w->flying[(i - 1) % IN_FLIGHT];
	w->flying[i % IN_FLIGHT] = (struct message){ at_ns, number, to, kind };
	CHECK(w->end - w->first < IN_FLIGHT);
}

static void act(struct world *w, unsigned int me, u32 actions);

static void happened(struct world *w, unsigned int me,
		     enum wg_timers_event event)
{
	u64 jitter_ns = random_below(&w->random, 334) * MS;

	act(w, me, wg_timers_event(&w->sides[me].timers, event, w->now_ns,
				   jitter_ns));
}

static void move(struct side *side, enum wg_slots_event event,
		 const struct session *new)
{
	struct session old[WG_SLOT_COUNT + 2] = { };
	struct wg_slots_plan plan;
	unsigned int i, taken = 0;

	for (i = 0; i < WG_SLOT_COUNT; i++) {
		old[i] = side->slots[i];
		taken |= old[i].number ? 1U << i : 0;
	}
	if (new)
		old[WG_SLOT_NEW] = *new;
	plan = wg_slots_plan(event, taken);
	for (i = 0; i < WG_SLOT_COUNT; i++)
		side->slots[i] = old[plan.from[i]];
}

static void send_data(struct world *w, unsigned int me, bool is_packet)
{
	struct side *side = &w->sides[me];
	struct session *current = &side->slots[WG_SLOT_CURRENT];

	if (!current->number ||
	    !wg_timers_quota(&current->age, 1, w->now_ns)) {
		side->staged += is_packet;
		happened(w, me, WG_EV_WANT_SESSION);
		return;
	}
	current->age.counter++;
	send(w, !me, is_packet ? PACKET : NOTHING, current->number);
	happened(w, me, is_packet ? WG_EV_DATA_SENT : WG_EV_KEEPALIVE_SENT);
	if (wg_timers_must_renew_on_send(&current->age, w->now_ns))
		happened(w, me, WG_EV_WANT_SESSION);
}

static void flush(struct world *w, unsigned int me)
{
	unsigned int count = w->sides[me].staged;

	w->sides[me].staged = 0;
	while (count--)
		send_data(w, me, true);
}

static void initiate(struct world *w, unsigned int me)
{
	struct side *side = &w->sides[me];

	if (!wg_timers_may_initiate(&side->timers, w->now_ns))
		return;
	if (side->initiations && w->now_ns < side->initiated_ns + 5 * S)
		w->is_too_fast = true;
	side->initiated_ns = w->now_ns;
	side->initiations++;
	side->pending = ++w->handshakes;
	side->hs.state = WG_NOISE_INITIATION_SENT;
	send(w, !me, INITIATION, side->pending);
	happened(w, me, WG_EV_INITIATION_SENT);
}

static void act(struct world *w, unsigned int me, u32 actions)
{
	if (actions & WG_ACT_DROP_STAGED) {
		w->sides[me].dropped += w->sides[me].staged;
		w->sides[me].staged = 0;
	}
	if (actions & WG_ACT_FORGET_KEYS)
		move(&w->sides[me], WG_SLOTS_WIPED, NULL);
	if (actions & WG_ACT_KEEPALIVE)
		send_data(w, me, false);
	if (actions & WG_ACT_INITIATE)
		initiate(w, me);
}

static void begin(struct world *w, unsigned int me, u64 number,
		  bool is_initiator)
{
	struct side *side = &w->sides[me];
	struct session new = {
		number, ++side->begun, { w->now_ns, 0, is_initiator },
	};

	move(side, is_initiator ? WG_SLOTS_INITIATED : WG_SLOTS_RESPONDED,
	     &new);
	happened(w, me, WG_EV_HANDSHAKE_RECEIVED);
	happened(w, me, WG_EV_SESSION_MADE);
}

static void ready(struct world *w, unsigned int me)
{
	if (!w->sides[me].first_ready_ns)
		w->sides[me].first_ready_ns = w->now_ns;
	happened(w, me, WG_EV_SESSION_READY);
}

static void forget_handshake(struct side *side)
{
	side->pending = 0;
	side->hs.state = WG_NOISE_NONE;
}

static bool must_yield(const struct side *side)
{
	if (side->kind == OURS)
		return wg_noise_must_yield(&side->hs, &side->local,
					   &side->remote);
	return side->kind == FORGETS;
}

static void take_initiation(struct world *w, unsigned int me, u64 number)
{
	struct side *side = &w->sides[me];

	if (number <= side->answered)
		return;
	side->answered = number;
	begin(w, me, number, false);
	send(w, !me, RESPONSE, number);
	if (!must_yield(side)) {
		happened(w, me, WG_EV_RESPONSE_SENT);
		return;
	}
	forget_handshake(side);
	happened(w, me, side->kind == OURS ? WG_EV_YIELDED :
					     WG_EV_RESPONSE_SENT);
}

static void take_response(struct world *w, unsigned int me, u64 number)
{
	struct side *side = &w->sides[me];

	if (number != side->pending)
		return;
	forget_handshake(side);
	begin(w, me, number, true);
	ready(w, me);
	if (side->staged)
		flush(w, me);
	else
		send_data(w, me, false);
}

static bool is_promoted(const struct world *w, const struct side *side,
			unsigned int slot)
{
	const struct session *current = &side->slots[WG_SLOT_CURRENT];
	const struct session *next = &side->slots[WG_SLOT_NEXT];

	if (slot != WG_SLOT_NEXT)
		return false;
	if (!current->number || side->kind != OURS)
		return !current->number || side->kind == FORGETS ||
		       next->order > current->order;
	return wg_slots_may_promote(next->order > current->order,
				    current->age.birth_ns, w->now_ns);
}

static void take_data(struct world *w, unsigned int me, u64 number,
		      bool is_packet)
{
	struct side *side = &w->sides[me];
	unsigned int slot = 0;
	struct session *current = &side->slots[WG_SLOT_CURRENT];

	while (slot < WG_SLOT_COUNT && side->slots[slot].number != number)
		slot++;
	if (slot == WG_SLOT_COUNT ||
	    !wg_timers_may_receive(side->slots[slot].age.birth_ns, w->now_ns))
		return;
	side->received += is_packet;
	if (is_promoted(w, side, slot)) {
		move(side, WG_SLOTS_CONFIRMED, NULL);
		ready(w, me);
		flush(w, me);
	}
	happened(w, me, is_packet ? WG_EV_DATA_RECEIVED :
				    WG_EV_KEEPALIVE_RECEIVED);
	if (current->number == number &&
	    wg_timers_must_renew_on_receive(&current->age, w->now_ns))
		happened(w, me, WG_EV_WANT_SESSION);
}

static void arrive(struct world *w)
{
	struct message m = w->flying[w->first++ % IN_FLIGHT];

	switch (m.kind) {
	case INITIATION:
		take_initiation(w, m.to, m.number);
		break;
	case RESPONSE:
		take_response(w, m.to, m.number);
		break;
	case PACKET:
	case NOTHING:
		take_data(w, m.to, m.number, m.kind == PACKET);
		break;
	}
}

static u64 earliest(u64 a, u64 b)
{
	return a < b ? a : b;
}

static u64 next_event(const struct world *w)
{
	u64 next_ns = w->first == w->end ?
		      WG_NEVER_NS : w->flying[w->first % IN_FLIGHT].at_ns;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		next_ns = earliest(next_ns, w->sides[i].next_packet_ns);
		next_ns = earliest(next_ns,
				   wg_timers_next(&w->sides[i].timers));
	}
	return next_ns;
}

/* What arrives comes before what is due, as it does where that is close. */
static void step(struct world *w)
{
	struct side *side;
	unsigned int i;

	if (w->first != w->end &&
	    w->flying[w->first % IN_FLIGHT].at_ns <= w->now_ns) {
		arrive(w);
		return;
	}
	for (i = 0; i < 2; i++) {
		side = &w->sides[i];
		act(w, i, wg_timers_due(&side->timers, w->now_ns,
					random_below(&w->random, 334) * MS));
		if (w->now_ns < side->next_packet_ns)
			continue;
		side->sent++;
		side->next_packet_ns += STEP_NS;
		send_data(w, i, true);
	}
}

static void run(struct world *w, u64 until_ns)
{
	u64 next_ns;

	while ((next_ns = next_event(w)) <= until_ns) {
		if (next_ns > w->now_ns)
			w->now_ns = next_ns;
		step(w);
	}
	w->now_ns = until_ns;
}

static void end_streams(struct world *w)
{
	w->sides[0].next_packet_ns = WG_NEVER_NS;
	w->sides[1].next_packet_ns = WG_NEVER_NS;
	run(w, w->now_ns + 2 * (w->delay_ns + w->scatter_ns) + S);
}

/* Two peers that begin to talk at 1 s and @offset_ns later. */
static void set_up(struct world *w, enum kind kind0, enum kind kind1,
		   u64 rtt_ns, u64 offset_ns)
{
	unsigned int i;

	memset(w, 0, sizeof(*w));
	w->now_ns = S;
	w->delay_ns = rtt_ns / 2;
	w->random.state = rtt_ns ^ offset_ns;
	w->sides[0].kind = kind0;
	w->sides[1].kind = kind1;
	for (i = 0; i < 2; i++) {
		w->sides[i].local.public_key[0] = i;
		w->sides[i].remote.public_key[0] = !i;
		w->sides[i].next_packet_ns = S + (i ? offset_ns : 0);
		wg_timers_init(&w->sides[i].timers);
		happened(w, i, WG_EV_STARTED);
	}
}

static void check_nothing_is_lost(const struct world *w, const char *row)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		CHECK_EQ_ROW(w->sides[!i].received, w->sides[i].sent, row);
		CHECK_EQ_ROW(w->sides[i].dropped, 0, row);
	}
}

static void check_one_session(const struct world *w, const char *row)
{
	const struct session *a = &w->sides[0].slots[WG_SLOT_CURRENT];
	const struct session *b = &w->sides[1].slots[WG_SLOT_CURRENT];

	CHECK_EQ_ROW(a->number, b->number, row);
	CHECK_ROW(a->number && a->age.is_initiator != b->age.is_initiator,
		  row);
}

/* Ten minutes and a bit: the first handshake, and five renewals. */
static void check_ten_minutes(struct world *w, const char *row)
{
	unsigned int before[2];

	run(w, 30 * S);
	check_one_session(w, row);
	before[0] = w->sides[0].initiations;
	before[1] = w->sides[1].initiations;
	run(w, 640 * S);
	end_streams(w);
	check_nothing_is_lost(w, row);
	check_one_session(w, row);
	CHECK_ROW(!w->is_too_fast, row);
	/* who began the first one renews it, and nobody else does */
	CHECK_ROW((w->sides[0].initiations - before[0] == 0) !=
		  (w->sides[1].initiations - before[1] == 0), row);
	CHECK_ROW(w->sides[0].initiations + w->sides[1].initiations -
		  before[0] - before[1] <= 5, row);
}

static const u64 rtts_ms[] = { 0, 2, 30, 100, 400, 1000, 2500, 4900 };

#define OFFSETS 7 /* of the second side, in fifths of a round trip */

static void sweep(enum kind kind0, enum kind kind1,
		  void (*check)(struct world *w, const char *row))
{
	static struct world w;
	unsigned int i, j;
	u64 offset_ns;
	char row[80];

	for (i = 0; i < sizeof(rtts_ms) / sizeof(*rtts_ms); i++) {
		for (j = 0; j < OFFSETS; j++) {
			offset_ns = rtts_ms[i] * MS * j / 5;
			set_up(&w, kind0, kind1, rtts_ms[i] * MS, offset_ns);
			snprintf(row, sizeof(row),
				 "round trip %llu ms, %llu ms apart",
				 (unsigned long long)rtts_ms[i],
				 (unsigned long long)(offset_ns / MS));
			check(&w, row);
		}
	}
}

TEST(crossing_initiations_end_in_one_session)
{
	sweep(OURS, OURS, check_ten_minutes);
}

/* What is in flight at one time, or with two workers, may also be overtaken. */
TEST(crossing_initiations_out_of_order)
{
	struct random random = { 1851 };
	static struct world w;
	unsigned int i;
	u64 rtt_ns;
	char row[80];

	for (i = 0; i < 1000; i++) {
		rtt_ns = MS << random_below(&random, 11);
		set_up(&w, OURS, OURS, rtt_ns, random_u64(&random) % rtt_ns);
		w.scatter_ns = random_u64(&random) % rtt_ns;
		snprintf(row, sizeof(row), "run %u", i);
		run(&w, 30 * S);
		check_one_session(&w, row);
		run(&w, 130 * S);
		end_streams(&w);
		check_nothing_is_lost(&w, row);
		check_one_session(&w, row);
		CHECK_ROW(!w.is_too_fast, row);
	}
}

/*
 * With other implementations: a session at the latest one retransmit after the
 * first try, from then on the same one, and nothing is lost.
 */
static void check_others(struct world *w, const char *row)
{
	u64 latest_ns;

	run(w, 640 * S);
	end_streams(w);
	latest_ns = S + 5 * S + WG_JITTER_MAX_NS + 7 * w->delay_ns;
	CHECK_ROW(w->sides[0].first_ready_ns <= latest_ns, row);
	CHECK_ROW(w->sides[1].first_ready_ns <= latest_ns, row);
	check_nothing_is_lost(w, row);
	check_one_session(w, row);
	CHECK_ROW(!w->is_too_fast, row);
}

TEST(crossing_with_who_forgets_its_own)
{
	sweep(OURS, FORGETS, check_others);
	sweep(FORGETS, OURS, check_others);
}

TEST(crossing_with_who_keeps_both)
{
	sweep(OURS, KEEPS, check_others);
	sweep(KEEPS, OURS, check_others);
}
