// SPDX-License-Identifier: GPL-2.0
#include "proto/replay.h"

#include <linux/minmax.h>

#define WORD_BITS 64

static u64 *word_of(struct wg_replay *replay, u64 counter)
{
	return &replay->seen[counter / WORD_BITS % WG_REPLAY_WORDS];
}

/*
 * Make room for counters up to and including @last: the words after the one
 * that holds the greatest counter so far are from one turn of the ring ago.
 */
static void advance(struct wg_replay *replay, u64 last)
{
	u64 begin, end;

	if (last < replay->next)
		return;
	/* With no counter yet all words are zero, so too many do no harm. */
	begin = replay->next ? (replay->next - 1) / WORD_BITS + 1 : 0;
	end = last / WORD_BITS;
	if (end >= begin + WG_REPLAY_WORDS)
		begin = end - (WG_REPLAY_WORDS - 1);
	for (; begin <= end; begin++)
		replay->seen[begin % WG_REPLAY_WORDS] = 0;
	replay->next = last + 1;
}

static bool is_behind(const struct wg_replay *replay, u64 counter)
{
	return counter + WG_REPLAY_WINDOW < replay->next;
}

enum wg_replay_verdict wg_replay_accept(struct wg_replay *replay, u64 counter)
{
	u64 bit = 1ULL << counter % WORD_BITS;
	u64 *word = word_of(replay, counter);

	if (counter >= WG_REJECT_AFTER_MESSAGES)
		return WG_REPLAY_BEYOND;
	if (is_behind(replay, counter))
		return WG_REPLAY_TOO_OLD;
	advance(replay, counter);
	if (*word & bit)
		return WG_REPLAY_DUPLICATE;
	*word |= bit;
	return WG_REPLAY_OK;
}

/*
 * Note a part of a run, 1 to 64 counters that are in one word; which of it is
 * new, counted from bit 0?
 */
static u64 take_part(struct wg_replay *replay, u64 first, unsigned int count)
{
	unsigned int offset = first % WORD_BITS;
	u64 *word = word_of(replay, first);
	u64 mask = ~0ULL >> (WORD_BITS - count) << offset;
	u64 fresh = mask & ~*word;

	*word |= fresh;
	return fresh >> offset;
}

/*
 * A run that ends beyond the limit, or has its beginning behind the window,
 * happens once in a session's life or under attack: one by one will do.
 */
static u64 accept_singly(struct wg_replay *replay, u64 first,
			 unsigned int count)
{
	u64 fresh = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (wg_replay_accept(replay, first + i) == WG_REPLAY_OK)
			fresh |= 1ULL << i;
	return fresh;
}

u64 wg_replay_accept_run(struct wg_replay *replay, u64 first,
			 unsigned int count)
{
	unsigned int in_word;
	u64 fresh;

	if (first >= WG_REJECT_AFTER_MESSAGES - count ||
	    is_behind(replay, first))
		return accept_singly(replay, first, count);
	advance(replay, first + count - 1);
	in_word = min_t(unsigned int, count, WORD_BITS - first % WORD_BITS);
	fresh = take_part(replay, first, in_word);
	if (in_word < count)
		fresh |= take_part(replay, first + in_word, count - in_word)
			 << in_word;
	return fresh;
}
