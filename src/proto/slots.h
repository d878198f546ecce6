/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which session of a peer goes where: a table of moves between three slots.
 * Knows no session, only which slots are taken; the caller moves pointers as
 * the plan says and ends what dies. Any context.
 *
 *	previous: received under, for messages that are still on their way
 *	current: sent and received under
 *	next: received under; we are the responder and wait for the first
 *	message that proves that the initiator has it too
 */
#ifndef _WG_PROTO_SLOTS_H
#define _WG_PROTO_SLOTS_H

#include <linux/types.h>

enum wg_slot {
	WG_SLOT_PREVIOUS,
	WG_SLOT_CURRENT,
	WG_SLOT_NEXT,
	WG_SLOT_COUNT,
	WG_SLOT_NEW = WG_SLOT_COUNT, /* in plans: the session just made */
	WG_SLOT_NONE, /* in plans: nothing */
};

enum wg_slots_event {
	WG_SLOTS_INITIATED, /* we are the initiator of a new session */
	WG_SLOTS_RESPONDED, /* we are the responder of a new session */
	WG_SLOTS_CONFIRMED, /* a message authenticated under next */
	WG_SLOTS_WIPED, /* all must go */
};

/**
 * struct wg_slots_plan - what to do with a peer's slots
 * @from: for each slot, where its session comes from: a slot (possibly
 *	itself), WG_SLOT_NEW or WG_SLOT_NONE
 * @dies: bits (1 << enum wg_slot) of the sessions that end, by the slot in
 *	which they were before
 */
struct wg_slots_plan {
	u8 from[WG_SLOT_COUNT];
	u8 dies;
};

/**
 * wg_slots_plan() - what an event does to the slots
 * @event: what happened
 * @taken: bits of the slots that hold a session
 *
 * Return: the plan; @dies has bits of taken slots only.
 */
struct wg_slots_plan wg_slots_plan(enum wg_slots_event event,
				   unsigned int taken);

#endif
