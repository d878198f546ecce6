/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What arrives at the sockets, where it arrives: a datagram is taken off its
 * socket at once and by the same CPU, and path/sift says what of it belongs to
 * somebody. What is nobody's costs the CPU that it came to, and stands in no
 * queue; path/rx and path/hs get the rest.
 *
 *	socket of a CPU --> sift --> lane of a peer
 *	                        \--> handshakes
 */
#ifndef _WG_PATH_INTAKE_H
#define _WG_PATH_INTAKE_H

#include <linux/cache.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct sock;
struct wg_device;

/* What a socket of ours has thrown away, as far as that is counted. */
struct wg_overflow {
	const struct sock *sk;
	unsigned int seen;
};

/**
 * struct wg_intake - what the sockets of some CPUs share, of both families, and
 *	of the port in use and the next one
 * @wg: the device
 * @lock: whose holder takes datagrams off the sockets. Its CPU's alone, unless
 *	there are more CPUs than sockets
 * @is_open: what arrives is let in; else it stays in the sockets
 * @overflow4: of the newest socket for IPv4; @lock
 * @overflow6: likewise
 */
struct wg_intake {
	struct wg_device *wg;
	spinlock_t lock;
	bool is_open;
	struct wg_overflow overflow4, overflow6;
} ____cacheline_aligned_in_smp;

void wg_intake_init(struct wg_intake *intake, struct wg_device *wg);

/* Once this has closed it, nothing is on its way in. Process context. */
void wg_intake_set_open(struct wg_intake *intake, bool is_open);

/*
 * Let in what @sk receives. After a grace period wg_intake_wake() finds all that
 * came before, while nobody listened. Process context.
 */
void wg_intake_attach(struct wg_intake *intake, struct sock *sk);
void wg_intake_wake(struct sock *sk);

/* sk_data_ready of the outer sockets. Softirq. */
void wg_intake_data_ready(struct sock *sk);

#endif
