/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that wait on their peer, in order: for a session, for their turn
 * behind those that wait, or to be coalesced (coalesce.h). One at a time, who took
 * some of them, flushes.
 *
 * Nothing waits without somebody who will send or drop it: the flusher, a timer
 * or work that is going to flush, or, without a session, the attempt at one,
 * whose end drops what is staged. So each function decides in one section of
 * peer->lock: a session that came before it is seen, and one that comes after
 * it flushes by itself.
 *
 * All with BH disabled.
 */
#ifndef _WG_PATH_STAGE_H
#define _WG_PATH_STAGE_H

#include <linux/skbuff.h>
#include <linux/types.h>

struct wg_peer;

/*
 * Let a list by ->next wait behind what waits already. Return: is there a
 * session? Then the caller has it flushed; else one is asked for.
 */
bool wg_stage(struct wg_peer *peer, struct sk_buff *list);

/*
 * For the flusher: some packets, to be sent as one batch: a GSO packet, or
 * single ones up to the next GSO packet, as a list by ->next. Who comes new is
 * not yet the flusher, and says so by @is_ours.
 * Return: NULL: there is none, or no session, or somebody else flushes. The
 * caller does not.
 */
struct sk_buff *wg_stage_take(struct wg_peer *peer, bool is_ours);

/*
 * For the flusher: a list that he took, of @messages, could not be numbered; it
 * is the first again. Return: there is a session now, the flush goes on. False:
 * it has ended.
 */
bool wg_stage_back(struct wg_peer *peer, struct sk_buff *list,
		   unsigned int messages);

/* The flusher goes; somebody else, or another time, flushes on. */
void wg_stage_leave(struct wg_peer *peer);

#endif
