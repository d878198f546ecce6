// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "proto/limits.h"
#include "proto/slots.h"

/*
 * Sessions are letters, '.' is an empty slot; "pcn" are previous, current and
 * next, 'N' is the new session.
 */
struct row {
	const char *before;
	const char *after;
	const char *dead;
};

static const struct row initiated[] = {
	{ "...", ".N.", "" },
	{ "p..", ".N.", "p" },
	{ ".c.", "cN.", "" },
	{ "pc.", "cN.", "p" },
	{ "..n", ".Nn", "" },
	{ "p.n", ".Nn", "p" },
	{ ".cn", "cNn", "" },
	{ "pcn", "cNn", "p" },
};

static const struct row responded[] = {
	{ "...", "..N", "" },
	{ "p..", "p.N", "" },
	{ ".c.", ".cN", "" },
	{ "pc.", "pcN", "" },
	{ "..n", "..N", "n" },
	{ "p.n", "p.N", "n" },
	{ ".cn", ".cN", "n" },
	{ "pcn", "pcN", "n" },
};

static const struct row confirmed[] = {
	{ "...", "...", "" },
	{ "p..", "p..", "" },
	{ ".c.", ".c.", "" },
	{ "pc.", "pc.", "" },
	{ "..n", ".n.", "" },
	{ "p.n", ".n.", "p" },
	{ ".cn", "cn.", "" },
	{ "pcn", "cn.", "p" },
};

static const struct row wiped[] = {
	{ "...", "...", "" },
	{ "p..", "...", "p" },
	{ ".c.", "...", "c" },
	{ "pc.", "...", "pc" },
	{ "..n", "...", "n" },
	{ "p.n", "...", "pn" },
	{ ".cn", "...", "cn" },
	{ "pcn", "...", "pcn" },
};

static unsigned int taken_of(const char *slots)
{
	unsigned int slot, taken = 0;

	for (slot = 0; slot < WG_SLOT_COUNT; slot++)
		if (slots[slot] != '.')
			taken |= 1U << slot;
	return taken;
}

/* Do what the plan says, as the kernel's core does with pointers. */
static void apply(const struct wg_slots_plan *plan, const char *before,
		  char after[4], char dead[4])
{
	unsigned int slot, from;

	for (slot = 0; slot < WG_SLOT_COUNT; slot++) {
		from = plan->from[slot];
		after[slot] = from == WG_SLOT_NEW ? 'N' :
			      from == WG_SLOT_NONE ? '.' : before[from];
		if (plan->dies & 1U << slot)
			*dead++ = before[slot];
	}
	after[WG_SLOT_COUNT] = '\0';
	*dead = '\0';
}

static void check_rows(enum wg_slots_event event, const struct row rows[8])
{
	struct wg_slots_plan plan;
	char after[4], dead[4];
	unsigned int i;

	for (i = 0; i < 8; i++) {
		plan = wg_slots_plan(event, taken_of(rows[i].before));
		apply(&plan, rows[i].before, after, dead);
		CHECK_ROW(!strcmp(after, rows[i].after), rows[i].before);
		CHECK_ROW(!strcmp(dead, rows[i].dead), rows[i].before);
	}
}

TEST(slots_new_session_as_initiator)
{
	check_rows(WG_SLOTS_INITIATED, initiated);
}

TEST(slots_new_session_as_responder)
{
	check_rows(WG_SLOTS_RESPONDED, responded);
}

TEST(slots_confirmed_by_the_first_message)
{
	check_rows(WG_SLOTS_CONFIRMED, confirmed);
}

TEST(slots_wiped)
{
	check_rows(WG_SLOTS_WIPED, wiped);
}

TEST(slots_promotion_table)
{
	const u64 s = 1000000000;

	CHECK(wg_slots_may_promote(true, 7 * s, 7 * s));
	CHECK(!wg_slots_may_promote(false, 7 * s, 7 * s));
	CHECK(!wg_slots_may_promote(false, 7 * s, 12 * s - 1));
	CHECK(wg_slots_may_promote(false, 7 * s, 12 * s));
}

static bool is_in(char session, const char *set)
{
	return strchr(set, session) != NULL;
}

/* None is lost without being ended, none ended that is still used. */
TEST(slots_every_session_lives_once_or_dies_once)
{
	struct random random = { 3 };
	char slots[4] = "...", after[4], dead[4], before[4];
	char letter = 'a';
	struct wg_slots_plan plan;
	unsigned int i, j, event;

	for (i = 0; i < 10000; i++) {
		event = random_below(&random, 4);
		plan = wg_slots_plan(event, taken_of(slots));
		strcpy(before, slots);
		apply(&plan, before, after, dead);
		for (j = 0; j < 3; j++)
			if (before[j] != '.')
				CHECK(is_in(before[j], after) !=
				      is_in(before[j], dead));
		if (event == WG_SLOTS_INITIATED)
			CHECK_EQ(after[1], 'N');
		if (event == WG_SLOTS_RESPONDED)
			CHECK_EQ(after[2], 'N');
		letter = letter == 'z' ? 'a' : letter + 1;
		for (j = 0; j < 3; j++)
			slots[j] = after[j] == 'N' ? letter : after[j];
	}
}
