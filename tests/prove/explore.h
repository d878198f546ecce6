/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every order in which things can happen to two peers, within bounds: the world
 * of tests/simulate, whose events are chosen one by one here, in all ways.
 */
#ifndef _PROVE_EXPLORE_H
#define _PROVE_EXPLORE_H

#include "world.h"

#define STATES_MAX (1U << 28)

/**
 * struct bounds - what may happen at all
 * @sends: packets that the application of each side may send; SENDS_ENDLESS: one
 *	at each instant, without end
 * @burst: that many at once each time
 * @losses: messages that the network may lose
 * @copies: messages that it may deliver once more
 * @changes: a device goes down and up, a machine was copied, counters are nearly
 *	used up
 * @interrupts: places where another CPU comes in between
 * @delay_ms: how long a message may take
 * @overtakes: by how many later ones to the same machine it may be overtaken
 * @keepalive_s: of the first peer, persistent
 * @jitter: not 0: retransmits come with the greatest delay too
 * @states: the end, reached or not
 */
struct bounds {
	u32 sends[2];
	u32 burst;
	u32 losses, copies, changes, interrupts;
	u32 delay_ms;
	u32 overtakes;
	u32 keepalive_s;
	u32 jitter;
	u32 states;
};

#define SENDS_ENDLESS 255
#define OVERTAKES_ANY (~0U)

/**
 * struct left - what of these may still happen; part of a state
 * @has_sent: at this instant
 */
struct left {
	u32 sends[2];
	bool has_sent[2];
	u32 losses, copies, changes, interrupts;
};

extern struct bounds bounds;
extern struct left left;
extern struct plan plan; /* of the world, as far as it has one */

static inline u64 bounds_delay_ns(void)
{
	return bounds.delay_ms * MS;
}

/* A round trip may take longer than is promised to lose nothing. */
static inline bool bounds_are_slow(void)
{
	return 2 * bounds_delay_ns() > WG_REKEY_TIMEOUT_NS;
}

/* --------------------------------------------------- what may happen (choice.c) */

enum choice_kind {
	CHOICE_EVENT, /* of the queue, the @which-th: a message, a timer, a change */
	CHOICE_LOSE, /* the message that is the @which-th of the queue */
	CHOICE_COPY, /* likewise */
	CHOICE_SEND, /* an application of machine @which has a packet */
	CHOICE_DOWN, /* the device of machine @which & 1 goes down, and up again */
	CHOICE_TIME, /* until something is due */
};

/**
 * struct choice - one step
 * @kind: what
 * @which: of these
 * @place: where another CPU comes in: the place-th at which it can; 0: nowhere
 * @other: with which event: the other-th of those that can
 * @has_jitter: a retransmit that is set now takes the longest time
 */
struct choice {
	u8 kind : 4;
	u8 has_jitter : 1;
	u8 which;
	u8 place;
	u8 other;
};

#define CHOICES_MAX 4096

/* What may come at any time joins the queue. */
void choice_begin(void);
/* All that may come next. Return: how many. */
unsigned int choice_list(struct choice *choices);
void choice_take(struct choice choice);
/*
 * The other ways that @choice could have gone, now that it was taken as the
 * simplest: with jitter, and with another CPU coming in.
 * Return: how many.
 */
unsigned int choice_variants(struct choice choice, struct choice *choices);
void choice_describe(struct choice choice, char *text, size_t size);
/* How many messages to the same machine would @event, a message, overtake? */
unsigned int choice_line(const struct event *event);

/* ------------------------------------------------- what a state is (canon.c) */

/* Equal for states that nothing can tell apart from now on. */
u64 canon_hash(void);

/* -------------------------------------------------- copies of it (image.c) */

/* All memory of the world, as it is now, is the one that others differ from. */
void image_begin(void);
/* Write how it differs now. Return: bytes. */
size_t image_save(void *out);
/* Make it so again. Return: bytes read. */
size_t image_load(const void *in);
#define IMAGE_MAX (1 << 20)

#endif
