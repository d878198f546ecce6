// SPDX-License-Identifier: GPL-2.0
#include "path/intake.h"

#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/sock.h>
#include <net/udp.h>

#include "compat.h"
#include "core/device.h"
#include "core/drop.h"
#include "path/cb.h"
#include "path/crypt.h"
#include "path/path.h"
#include "path/sift.h"

static struct sk_buff *dequeue(struct sock *sk)
{
	struct sk_buff *skb;
	int offset = 0, err;

	if (skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	    skb_queue_empty_lockless(&udp_sk(sk)->reader_queue))
		return NULL;
	skb = __skb_recv_udp(sk, MSG_DONTWAIT, &offset, &err);
	if (skb) /* UDP kept notes of its own in the field */
		skb->dev = NULL;
	return skb;
}

/*
 * The outer checksum, which a plain socket leaves to who reads it, does not
 * fit: nothing in the datagram is to be believed, its source neither.
 */
static void drop_damaged(struct wg_device *wg, struct sock *sk,
			 struct sk_buff *skb)
{
	__UDPX_INC_STATS(sk, UDP_MIB_CSUMERRORS);
	__UDPX_INC_STATS(sk, UDP_MIB_INERRORS);
	wg_drop_packets(wg, NULL, skb, WG_DROP_BAD_CSUM,
			wg_crypt_messages(skb));
}

/*
 * A broadcast comes to each of the sockets on the port: answered by all, one
 * message would be many. The first socket's is taken.
 */
static bool is_copy(const struct wg_intake *intake, const struct sk_buff *skb)
{
	if (intake == &intake->wg->path->intakes[0] ||
	    skb->protocol != htons(ETH_P_IP))
		return false;
	/*
	 * With IP_PKTINFO, IPv4 notes the address of ours that an answer comes
	 * from: the destination, unless that was a broadcast one.
	 */
	return PKTINFO_SKB_CB(skb)->ipi_spec_dst.s_addr != ip_hdr(skb)->daddr;
}

/* Consumes @skb, which came from @sk, whatever it is. */
static void receive(struct wg_intake *intake, struct sock *sk,
		    struct sk_buff *skb)
{
	struct wg_device *wg = intake->wg;
	struct sk_buff *datagram, *next;

	if (is_copy(intake, skb)) {
		consume_skb(skb);
		return;
	}
	if (udp_lib_checksum_complete(skb)) {
		drop_damaged(wg, sk, skb);
		return;
	}
	skb_list_walk_safe(wg_sift(wg, skb), datagram, next) {
		skb_mark_not_on_list(datagram);
		if (wg_rx_cb(datagram)->session)
			wg_rx_let_in(&wg->path->rx, datagram);
		else
			wg_hs_receive(&wg->path->hs, datagram);
	}
}

static struct wg_overflow *overflow_of(struct wg_intake *intake,
				       const struct sock *sk)
{
	return sk->sk_family == AF_INET ? &intake->overflow4 :
					  &intake->overflow6;
}

/* What UDP threw away because @sk was full; an aggregate is one. */
static void count_overflow(struct wg_intake *intake, const struct sock *sk)
{
	struct wg_overflow *overflow = overflow_of(intake, sk);
	unsigned int drops = sk_drops_read(sk);

	if (likely(drops == overflow->seen) || overflow->sk != sk)
		return;
	wg_drop_count(intake->wg, NULL, WG_DROP_RX_QUEUE_FULL,
		      drops - overflow->seen);
	overflow->seen = drops;
}

/*
 * Who else comes with a datagram for @sk waits, and finds it gone: no more
 * than one for each of these CPUs is done here. BH disabled, RCU read section.
 */
static void drain(struct wg_intake *intake, struct sock *sk)
{
	struct sk_buff *skb;

	spin_lock(&intake->lock);
	while (intake->is_open && (skb = dequeue(sk)))
		receive(intake, sk, skb);
	count_overflow(intake, sk);
	spin_unlock(&intake->lock);
}

void wg_intake_data_ready(struct sock *sk)
{
	struct wg_intake *intake;

	rcu_read_lock();
	intake = rcu_dereference_sk_user_data(sk);
	if (intake)
		drain(intake, sk);
	rcu_read_unlock();
}

void wg_intake_attach(struct wg_intake *intake, struct sock *sk)
{
	spin_lock_bh(&intake->lock);
	*overflow_of(intake, sk) = (struct wg_overflow){ .sk = sk };
	spin_unlock_bh(&intake->lock);
	rcu_assign_sk_user_data(sk, intake);
}

void wg_intake_wake(struct sock *sk)
{
	local_bh_disable();
	wg_intake_data_ready(sk);
	local_bh_enable();
}

void wg_intake_init(struct wg_intake *intake, struct wg_device *wg)
{
	intake->wg = wg;
	spin_lock_init(&intake->lock);
}

void wg_intake_set_open(struct wg_intake *intake, bool is_open)
{
	spin_lock_bh(&intake->lock);
	intake->is_open = is_open;
	spin_unlock_bh(&intake->lock);
}
