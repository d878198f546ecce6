// SPDX-License-Identifier: GPL-2.0
/* UDP: datagrams as fast as they go, one by one or many in a GSO send. */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/seq_buf.h>
#include <linux/sockptr.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "loadgen.h"

#define LOADGEN_FIRST_WAIT (20 * HZ)

static u8 loadgen_payload[65536];
/* Of the one command that runs. */
static unsigned int loadgen_payload_len, loadgen_peers, loadgen_peer;
static struct sockaddr_in loadgen_to;

void loadgen_add_peer(struct sockaddr_in *to, unsigned int peer)
{
	to->sin_addr.s_addr = htonl(ntohl(to->sin_addr.s_addr) + (peer << 8));
}

/* The next peer's address; NULL: the one that the socket is connected to. */
static struct sockaddr_in *loadgen_next_peer(struct sockaddr_in *to)
{
	if (loadgen_peers == 1)
		return NULL;
	*to = loadgen_to;
	loadgen_peer = (loadgen_peer + 1) % loadgen_peers;
	loadgen_add_peer(to, loadgen_peer);
	return to;
}

/*
 * A full queue on the way is what a source without flow control runs into;
 * it costs what it costs and is no reason to end.
 */
static int loadgen_datagram_send(struct socket *sock)
{
	struct sockaddr_in to;
	int n = loadgen_send_to(sock, loadgen_next_peer(&to), loadgen_payload,
				loadgen_payload_len);

	if (n > 0)
		loadgen_sent(n);
	return n == -ENOBUFS || n == -EAGAIN ? 1 : n;
}

int loadgen_set_segment(struct socket *sock, int segment)
{
	if (!segment)
		return 0;
	return sock->ops->setsockopt(sock, SOL_UDP, UDP_SEGMENT,
				     KERNEL_SOCKPTR(&segment), sizeof(segment));
}

/*
 * What was sent in all, and what arrived of it once the queues have emptied:
 * the counting window alone would call loss what is only on its way.
 */
static void loadgen_report_loss(struct seq_buf *out,
				const struct loadgen_mark *before)
{
	struct loadgen_mark after;

	msleep(50);
	loadgen_mark(&after);
	seq_buf_printf(out, "all_sent=%llu all_bytes=%llu\n",
		       after.sent - before->sent, after.bytes - before->bytes);
}

static void loadgen_aim(const struct loadgen_args *args)
{
	loadgen_payload_len = args->size;
	loadgen_peers = args->peers;
	loadgen_to = args->to;
	loadgen_to.sin_port = htons(ntohs(args->to.sin_port) +
				    LOADGEN_PORT_SINK);
}

/**
 * loadgen_udp() - send datagrams to a server's sink and count what arrives
 * @args: the command: to, size, segment, warm_ms, run_ms
 * @out: takes the result
 *
 * Return: 0 or a negative errno.
 */
int loadgen_udp(const struct loadgen_args *args, struct seq_buf *out)
{
	struct socket *sock = loadgen_socket(args, SOCK_DGRAM, -1);
	struct loadgen_thread thread;
	struct loadgen_mark before;
	int err;

	if (IS_ERR(sock))
		return PTR_ERR(sock);
	loadgen_aim(args);
	if (loadgen_peers == 1)
		err = loadgen_connect(args, sock, LOADGEN_PORT_SINK);
	else
		err = 0;
	if (!err)
		err = loadgen_set_segment(sock, args->segment);
	if (err) {
		sock_release(sock);
		return err;
	}
	loadgen_mark(&before);
	err = loadgen_thread_start(&thread, sock, loadgen_datagram_send,
				   "loadgen_udp");
	if (err)
		return err;
	err = loadgen_measure(args, out);
	loadgen_thread_stop(&thread);
	if (!err)
		loadgen_report_loss(out, &before);
	return err;
}

/* Until what was sent has come, but not for ever. */
static int loadgen_wait(const struct loadgen_mark *from, u64 bytes)
{
	unsigned long end = jiffies + LOADGEN_FIRST_WAIT;
	struct loadgen_mark now;

	do {
		usleep_range(100, 200);
		loadgen_mark(&now);
		if (signal_pending(current))
			return -EINTR;
	} while (now.bytes - from->bytes < bytes && time_before(jiffies, end));
	return 0;
}

/**
 * loadgen_first() - send a datagram to each peer, and wait until all have come
 * @args: the command: to, size, peers
 * @out: takes the result; bytes tells how many came in time
 *
 * Without sessions, the time is that of as many handshakes at once.
 *
 * Return: 0 or a negative errno.
 */
int loadgen_first(const struct loadgen_args *args, struct seq_buf *out)
{
	struct loadgen_mark from, to;
	struct socket *sock;
	unsigned int i;
	int err = 0;

	if (args->peers < 2) /* the socket is connected to none */
		return -EINVAL;
	sock = loadgen_socket(args, SOCK_DGRAM, -1);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	loadgen_aim(args);
	loadgen_mark(&from);
	for (i = 0; i < args->peers && err >= 0; i++)
		err = loadgen_datagram_send(sock);
	if (err >= 0)
		err = loadgen_wait(&from, (u64)args->peers * args->size);
	loadgen_mark(&to);
	sock_release(sock);
	if (!err)
		loadgen_report(out, &from, &to);
	return err;
}
