// SPDX-License-Identifier: GPL-2.0
#include "proto/slots.h"

#include "proto/limits.h"

#define BIT_OF(slot) (1U << WG_SLOT_##slot)
#define ALL_SLOTS (BIT_OF(PREVIOUS) | BIT_OF(CURRENT) | BIT_OF(NEXT))
#define MOVE(previous, current, next) \
	{ WG_SLOT_##previous, WG_SLOT_##current, WG_SLOT_##next }

static const struct wg_slots_plan plans[] = {
	/*
	 * A new session as initiator is used at once. The one that it replaces
	 * stays for messages under way; so does an unconfirmed next, under
	 * which the peer, if its initiation crossed ours, sends until it has
	 * heard from us.
	 */
	[WG_SLOTS_INITIATED] = { MOVE(CURRENT, NEW, NEXT), BIT_OF(PREVIOUS) },
	/*
	 * As responder we wait in next. A next that was never confirmed is of
	 * no use to the initiator any more.
	 */
	[WG_SLOTS_RESPONDED] = { MOVE(PREVIOUS, CURRENT, NEW), BIT_OF(NEXT) },
	[WG_SLOTS_CONFIRMED] = { MOVE(CURRENT, NEXT, NONE), BIT_OF(PREVIOUS) },
	[WG_SLOTS_WIPED] = { MOVE(NONE, NONE, NONE), ALL_SLOTS },
};

/* For CONFIRMED without a next. */
static const struct wg_slots_plan unchanged = {
	MOVE(PREVIOUS, CURRENT, NEXT), 0,
};

struct wg_slots_plan wg_slots_plan(enum wg_slots_event event,
				   unsigned int taken)
{
	struct wg_slots_plan plan = plans[event];

	if (event == WG_SLOTS_CONFIRMED && !(taken & BIT_OF(NEXT)))
		plan = unchanged;
	plan.dies &= taken;
	return plan;
}

bool wg_slots_may_promote(bool is_newer, u64 current_birth_ns, u64 now_ns)
{
	return is_newer || now_ns >= current_birth_ns + WG_REKEY_TIMEOUT_NS;
}
