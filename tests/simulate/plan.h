/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to happen in a run: made of a seed, made shorter by leaving lines out.
 */
#ifndef _SIMULATE_PLAN_H
#define _SIMULATE_PLAN_H

#include <stdio.h>

#include <linux/types.h>

/* tests/prove has smaller worlds */
#ifndef MACHINES_MAX
#define MACHINES_MAX 8
#endif
#define INPUTS_MAX 48

/* X(enumerator, what it says) */
#define INPUTS(X)							\
	X(FLOW, "sends packets to")					\
	X(CUT, "is cut off from")					\
	X(WEATHER, "the network turns bad")				\
	X(REBIND, "gets another port from its NAT")			\
	X(MOVE, "gets another address")					\
	X(DOWN, "device goes down")					\
	X(SLEEP, "falls asleep")					\
	X(COPY, "was copied")						\
	X(KEY, "gets another private key")				\
	X(PSK, "gets another preshared key with")			\
	X(KEEPALIVE, "has another keepalive interval for")		\
	X(ENDPOINT, "is told the endpoint of")				\
	X(CLOCK, "its calendar jumps")					\
	X(COUNTERS, "has used up most of its counters with")		\
	X(REMOVE, "removes and adds again")				\
	X(CHEAT, "numbers a message beyond the limit for")		\
	X(REPLAY, "is sent old messages again")				\
	X(FLOOD, "is flooded with initiations")

#define INPUT_ENUM(name, text) INPUT_##name,
enum input_kind { INPUTS(INPUT_ENUM) INPUT_KINDS };

/**
 * struct input - a line of a plan; what the numbers are depends on its kind
 * @at_ns: when
 * @for_ns: how long until it is undone; of a flow, the time between packets
 * @kind: what
 * @a: the machine
 * @b: the other one
 * @n: how many, how much
 * @flag: yes or no
 */
struct input {
	u64 at_ns;
	u64 for_ns;
	enum input_kind kind;
	unsigned int a, b;
	u64 n;
	unsigned int flag;
};

/* Of 1000 datagrams so many are lost, doubled, changed; and scattered in time. */
struct weather {
	u32 loss, copies, damage;
	u64 scatter_ns;
};

enum plan_kind {
	PLAN_CALM, /* nothing is ever lost */
	PLAN_STORM, /* everything happens; at the end the network heals */
	PLAN_KINDS,
};

/**
 * struct plan - a run
 * @seed: what it was made of, and what chance begins with
 * @machines: how many
 * @rtt_ns: the longest round trip, scatter included
 * @scatter_ns: of calm weather
 * @interrupts: of 1000 places where another CPU may have its turn it has it
 * @is_lazy: endpoints are known to one side only
 * @heal_ns: from here on nothing is at fault
 * @end_ns: the end
 * @count: lines
 */
struct plan {
	u64 seed;
	enum plan_kind kind;
	unsigned int machines;
	u64 rtt_ns;
	u64 scatter_ns;
	u32 interrupts;
	bool is_lazy;
	u64 heal_ns;
	u64 end_ns;
	unsigned int count;
	struct input inputs[INPUTS_MAX];
};

/* X(enumerator, name, claim) */
#define PROPERTIES(X)							\
	X(COMPLAINT, "complaint", "the module complains of nothing")	\
	X(COUNTER, "counter", "no counter twice under one key")		\
	X(TWICE, "twice", "nothing is accepted twice")			\
	X(FORGED, "forged", "only what was sent is accepted, and by whom it is for") \
	X(AGE, "age", "no key is used past its time")			\
	X(USED_UP, "used-up", "no key is used past its messages")	\
	X(WIPED, "wiped", "keys are wiped in time, and all of them")	\
	X(LOST, "lost", "nothing is lost where the network loses nothing") \
	X(CONFIRMED, "confirmed", "who answered sends once something came under the session") \
	X(PATIENCE, "patience", "an attempt lasts for 90 s")		\
	X(HEALED, "healed", "when the network heals, a session is there in time") \
	X(WAITS, "waits", "no packet waits without a deadline")		\
	X(STAGED, "staged", "128 packets may wait, then the oldest go")	\
	X(ORDER, "order", "packets leave in their order")		\
	X(PACE, "pace", "one initiation in REKEY_TIMEOUT is sent, one in 20 ms accepted")		\
	X(JITTER, "jitter", "retransmits are spread")			\
	X(RENEWAL, "renewal", "both use one session, and one side renews it")	\
	X(SILENCE, "silence", "nothing is said when there is nothing to say") \
	X(ANSWER, "answer", "data that came again is answered again, keepalives persist")	\
	X(ENDPOINT, "endpoint", "an endpoint moves only where something authentic and new came from") \
	X(FLOOD, "flood", "under a flood who has a cookie gets in, at a rate, and nobody else")

#define PROPERTY_ENUM(id, name, claim) PROPERTY_##id,
enum property { PROPERTIES(PROPERTY_ENUM) PROPERTY_COUNT };

void plan_make(struct plan *plan, u64 seed);
/* As text that can be kept; lines that begin with # are skipped. */
void plan_write(const struct plan *plan, FILE *file);
bool plan_read(struct plan *plan, FILE *file);
const char *property_name(enum property property);
const char *property_claim(enum property property);

#endif
