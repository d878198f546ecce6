/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of a received datagram belongs to somebody. All messages of an
 * aggregate are judged where they lie, before anything is allocated or copied
 * for them: type, length, receiver index, room for handshakes. What strangers
 * make up costs them more than us; path/rx gets the rest.
 *
 *	aggregate: |data A|data A|junk|data A|initiation|junk|initiation|
 *	taken out: |data A|data A|    |data A|          |    |initiation|
 */
#ifndef _WG_PATH_SIFT_H
#define _WG_PATH_SIFT_H

struct sk_buff;
struct wg_device;

/*
 * Sift @datagram, which is consumed; all else is counted as dropped.
 * Softirq, RCU read section.
 * Return: a list by ->next, in order: datagrams and aggregates with data of
 * one session, at most WG_BATCH_MAX, which wg_rx_cb() of each tells,
 * and datagrams with one handshake or cookie message each, without a session.
 */
struct sk_buff *wg_sift(struct wg_device *wg, struct sk_buff *datagram);

#endif
