/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run: messages to one endpoint, all of one length but a shorter last one,
 * that leave as one UDP GSO packet. The messages are written and sealed in
 * the very memory that leaves.
 */
#ifndef _WG_PATH_RUN_H
#define _WG_PATH_RUN_H

#include <linux/skbuff.h>
#include <linux/udp.h>

/*
 * The most messages of a run: what UDP GSO takes on the oldest kernel.
 */
#define WG_RUN_MESSAGES_MAX 64

/* The most bytes: an IPv4 or IPv6 packet with UDP header holds them. */
#define WG_RUN_BYTES_MAX (65535 - 48)

/**
 * struct wg_run - a run being filled
 * @skb: the outer packet so far; NULL: nothing yet
 * @message_len: length of its messages
 * @messages: how many
 * @ds: traffic class of all
 * @is_closed: a shorter message was the last
 * @charged: memory that the socket of @skb is charged for so far
 */
struct wg_run {
	struct sk_buff *skb;
	unsigned int message_len;
	unsigned int messages;
	u8 ds;
	bool is_closed;
	unsigned int charged;
};

/**
 * wg_run_fits() - may a message join?
 * @run: the run, perhaps empty
 * @len: length of the message
 * @ds: its traffic class
 *
 * Return: false when it is too long, too many or of another class.
 */
bool wg_run_fits(const struct wg_run *run, unsigned int len, u8 ds);

/**
 * wg_run_extend() - room for one more message
 * @run: the run; wg_run_fits() said yes
 * @len: length of the message
 * @ds: its traffic class
 * @more: messages that will follow it, at a guess: a single one gets a
 *	smaller packet
 *
 * Context: BH disabled.
 * Return: @len contiguous bytes, or NULL: no memory.
 */
u8 *wg_run_extend(struct wg_run *run, unsigned int len, u8 ds,
		  unsigned int more);

/*
 * The last of the inner packet @skb is in @run: the outer packet takes over its
 * socket, which so feels what is still queued below, and @skb is consumed.
 * A run that holds packets of several sockets has the first one's.
 */
void wg_run_take_over(struct wg_run *run, struct sk_buff *skb);

/* Take what is in @run as a packet ready for wg_udp_send(); @run is empty. */
struct sk_buff *wg_run_take(struct wg_run *run);

/* Free the pages that CPUs keep. Process context, no run exists. */
void wg_run_unregister(void);

#endif
