// SPDX-License-Identifier: GPL-2.0
/* UDP: datagrams as fast as they go, one by one or many in a GSO send. */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/net.h>
#include <linux/seq_buf.h>
#include <linux/sockptr.h>
#include <linux/udp.h>
#include <net/sock.h>

#include "blast.h"

static u8 blast_payload[65536];
static unsigned int blast_payload_len; /* of the one command that runs */

/*
 * A full queue on the way is what a source without flow control runs into;
 * it costs what it costs and is no reason to end.
 */
static int blast_datagram_send(struct socket *sock)
{
	int n = blast_send(sock, blast_payload, blast_payload_len);

	if (n > 0)
		blast_sent(n);
	return n == -ENOBUFS || n == -EAGAIN ? 1 : n;
}

static int blast_set_segment(struct socket *sock, int segment)
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
static void blast_report_loss(struct seq_buf *out, const struct blast_mark *before)
{
	struct blast_mark after;

	msleep(50);
	blast_mark(&after);
	seq_buf_printf(out, "all_sent=%llu all_bytes=%llu\n",
		       after.sent - before->sent, after.bytes - before->bytes);
}

/**
 * blast_udp() - send datagrams to a server's sink and count what arrives
 * @args: the command: to, size, segment, warm_ms, run_ms
 * @out: takes the result
 *
 * Return: 0 or a negative errno.
 */
int blast_udp(const struct blast_args *args, struct seq_buf *out)
{
	struct socket *sock = blast_socket(args, SOCK_DGRAM, -1);
	struct blast_thread thread;
	struct blast_mark before;
	int err;

	if (IS_ERR(sock))
		return PTR_ERR(sock);
	blast_payload_len = args->size;
	err = blast_connect(args, sock, BLAST_PORT_SINK);
	if (!err)
		err = blast_set_segment(sock, args->segment);
	if (err) {
		sock_release(sock);
		return err;
	}
	blast_mark(&before);
	err = blast_thread_start(&thread, sock, blast_datagram_send, "blast_udp");
	if (err)
		return err;
	err = blast_measure(args, out);
	blast_thread_stop(&thread);
	if (!err)
		blast_report_loss(out, &before);
	return err;
}
