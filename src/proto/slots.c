// SPDX-License-Identifier: GPL-2.0
#include "proto/slots.h"

#define BIT_OF(slot) (1U << WG_SLOT_##slot)
#define ALL_SLOTS (BIT_OF(PREVIOUS) | BIT_OF(CURRENT) | BIT_OF(NEXT))
#define MOVE(previous, current, next) \
	{ WG_SLOT_##previous, WG_SLOT_##current, WG_SLOT_##next }

/*
 * A new session as initiator is used at once. The one that it replaces stays
 * for messages under way: the unconfirmed next, if there is one, since the
 * peer, whose initiation crossed ours, may already send under it.
 */
static const struct wg_slots_plan initiated = {
	MOVE(CURRENT, NEW, NONE), BIT_OF(PREVIOUS),
};

static const struct wg_slots_plan initiated_over_next = {
	MOVE(NEXT, NEW, NONE), BIT_OF(PREVIOUS) | BIT_OF(CURRENT),
};

/*
 * As responder we wait in next. A next that was never confirmed is of no use
 * to the initiator any more, and previous has outlived its messages.
 */
static const struct wg_slots_plan responded = {
	MOVE(NONE, CURRENT, NEW), BIT_OF(PREVIOUS) | BIT_OF(NEXT),
};

static const struct wg_slots_plan confirmed = {
	MOVE(CURRENT, NEXT, NONE), BIT_OF(PREVIOUS),
};

static const struct wg_slots_plan unchanged = {
	MOVE(PREVIOUS, CURRENT, NEXT), 0,
};

static const struct wg_slots_plan wiped = {
	MOVE(NONE, NONE, NONE), ALL_SLOTS,
};

static const struct wg_slots_plan *plan_of(enum wg_slots_event event,
					   bool has_next)
{
	switch (event) {
	case WG_SLOTS_INITIATED:
		return has_next ? &initiated_over_next : &initiated;
	case WG_SLOTS_RESPONDED:
		return &responded;
	case WG_SLOTS_CONFIRMED:
		return has_next ? &confirmed : &unchanged;
	case WG_SLOTS_WIPED:
		return &wiped;
	}
	return &unchanged;
}

struct wg_slots_plan wg_slots_plan(enum wg_slots_event event,
				   unsigned int taken)
{
	struct wg_slots_plan plan = *plan_of(event, taken & BIT_OF(NEXT));

	plan.dies &= taken;
	return plan;
}
