/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which counters were received under a session: a sliding window after the
 * idea of RFC 6479. Counters are looked at after their messages have
 * authenticated. No lock inside: the caller holds one for a whole batch.
 */
#ifndef _WG_PROTO_REPLAY_H
#define _WG_PROTO_REPLAY_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "proto/limits.h"

/*
 * One word more than the window: moving ahead clears whole words, so up to
 * 63 bits of the last one are not there for late counters.
 */
#define WG_REPLAY_WORDS (WG_REPLAY_WINDOW / 64 + 1)

enum wg_replay_verdict {
	WG_REPLAY_OK, /* new, and noted */
	WG_REPLAY_DUPLICATE, /* received before */
	WG_REPLAY_TOO_OLD, /* behind the window: cannot say */
	WG_REPLAY_BEYOND, /* WG_REJECT_AFTER_MESSAGES or more */
};

/**
 * struct wg_replay - the window of one session; all zero at its birth
 * @next: the greatest counter received + 1, 0 for none
 * @seen: a ring of words; counter c is bit c % 64 of word c / 64
 *
 *	  too old |<-- at least WG_REPLAY_WINDOW -->| ahead
 *	 ---------+------+------+-- ... -+------+---+---------> counters
 *	          | word | word |        | word |###|
 *	          +------+------+-- ... -+------+---+
 *	                                        ^ next
 */
struct wg_replay {
	u64 next;
	u64 seen[WG_REPLAY_WORDS];
};

static_assert(sizeof(struct wg_replay) == 1040);

/**
 * wg_replay_accept() - may this counter pass? If so, note it.
 * @replay: the window; changed only when the verdict is WG_REPLAY_OK
 * @counter: counter of a message that authenticated
 *
 * However far ahead @counter is, at most WG_REPLAY_WORDS words are cleared.
 *
 * Return: why not, or WG_REPLAY_OK.
 */
enum wg_replay_verdict wg_replay_accept(struct wg_replay *replay, u64 counter);

/**
 * wg_replay_accept_run() - the same for counters that follow each other
 * @replay: the window
 * @first: the first counter
 * @count: how many, 1 to 64
 *
 * Return: bit i is set when counter @first + i may pass.
 */
u64 wg_replay_accept_run(struct wg_replay *replay, u64 first,
			 unsigned int count);

#endif
