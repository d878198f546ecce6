/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which session of a peer goes where: a table of moves between three slots.
 * Knows no session, only which slots are taken; the caller moves pointers as
 * the plan says and ends what dies. Any context.
 *
 *	previous: received under, for messages that are still on their way
 *	current: sent and received under
 *	next: received under; we are the responder and wait for a message that
 *	proves that the initiator has it too
 *
 * Where initiations crossed, each side is the responder of one session and the
 * initiator of the other. Only one side, by wg_noise_must_yield(), ends both;
 * it leaves the older of them in next.
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
	WG_SLOTS_CONFIRMED, /* next is to be used, wg_slots_may_promote() */
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

/*
 * A message authenticated under next, while the current session was made at
 * @current_birth_ns: is next to be used from now on? One that is not newer than
 * the current one (@is_newer) crossed it, and the peer, once it has heard from us,
 * comes over to the current one. An implementation that has not by now keeps
 * to its own choice: so we follow.
 */
bool wg_slots_may_promote(bool is_newer, u64 current_birth_ns, u64 now_ns);

#endif
