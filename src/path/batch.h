/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A received batch: datagrams of one session and one source that follow each
 * other. They are opened, judged and counted together.
 */
#ifndef _WG_PATH_BATCH_H
#define _WG_PATH_BATCH_H

#include <linux/skbuff.h>

#include "core/session.h"

/*
 * The most messages of a batch: one aggregate, or single ones coalesced. What
 * GRO makes holds no more.
 */
#define WG_BATCH_MAX 64

/**
 * struct wg_batch - a batch on its way from the sockets to the stack
 * @session: under which all its messages are, with a reference
 * @datagrams: list by ->next; NULL: there is no batch here
 * @last: the last of them
 * @messages: how many messages they hold
 * @plain: list by ->next of inner packets, in order, once opened
 * @last_plain: the last of them
 * @opened: length of @arrivals: messages for which there was memory
 * @is_open: the three above are valid; release and acquire
 * @arrivals: what is to be known of each message, in the order of @plain
 */
struct wg_batch {
	struct wg_session *session;
	struct sk_buff *datagrams;
	struct sk_buff *last;
	unsigned int messages;
	struct sk_buff *plain;
	struct sk_buff *last_plain;
	unsigned int opened;
	bool is_open;
	struct wg_arrival arrivals[WG_BATCH_MAX];
};

#endif
