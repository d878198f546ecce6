// SPDX-License-Identifier: GPL-2.0
/* One datagram there and back, timed again and again. */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/seq_buf.h>
#include <linux/sort.h>
#include <net/sock.h>

#include "blast.h"

#define BLAST_RR_WARM	100	/* exchanges before the first one that counts */
#define BLAST_RR_WAIT	(HZ)

struct blast_samples {
	u32 *ns;
	unsigned int kept;
	unsigned int lost;
};

static int blast_exchange(const struct blast_args *args, struct socket *sock,
			  u32 *ns)
{
	u8 data[BLAST_ECHO_MAX] = { };
	u64 start = blast_host_ns();
	int n;

	n = blast_send(sock, data, args->size);
	if (n < 0)
		return n;
	n = blast_receive(sock, data, sizeof(data));
	*ns = min_t(u64, blast_host_ns() - start, U32_MAX);
	return n < 0 ? n : 0;
}

static int blast_exchanges(const struct blast_args *args, struct socket *sock,
			   struct blast_samples *samples)
{
	unsigned int i;
	u32 ns;
	int err;

	for (i = 0; i < args->count + BLAST_RR_WARM; i++) {
		err = blast_exchange(args, sock, &ns);
		if (signal_pending(current))
			return -EINTR;
		if (err == -EAGAIN)
			samples->lost++;
		else if (err)
			return err;
		else if (i >= BLAST_RR_WARM)
			samples->ns[samples->kept++] = ns;
		if (args->gap_us)
			usleep_range(args->gap_us, args->gap_us + 10);
	}
	return samples->kept ? 0 : -ETIMEDOUT;
}

static int blast_compare(const void *a, const void *b)
{
	const u32 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void blast_report_samples(struct seq_buf *out, struct blast_samples *samples)
{
	u32 *ns = samples->ns, n = samples->kept;

	sort(ns, n, sizeof(*ns), blast_compare, NULL);
	seq_buf_printf(out, "count=%u lost=%u min_ns=%u median_ns=%u ",
		       n, samples->lost, ns[0], ns[n / 2]);
	seq_buf_printf(out, "p90_ns=%u p99_ns=%u max_ns=%u\n",
		       ns[(u64)n * 90 / 100], ns[(u64)n * 99 / 100], ns[n - 1]);
}

/**
 * blast_rr() - time exchanges with a server's echo
 * @args: the command: to, size, count, gap_us
 * @out: takes the result
 *
 * Return: 0 or a negative errno.
 */
int blast_rr(const struct blast_args *args, struct seq_buf *out)
{
	struct blast_samples samples = { };
	struct socket *sock;
	int err;

	if (args->size > BLAST_ECHO_MAX || !args->count)
		return -EINVAL;
	samples.ns = kvmalloc_array(args->count, sizeof(u32), GFP_KERNEL);
	if (!samples.ns)
		return -ENOMEM;
	sock = blast_socket(args, SOCK_DGRAM, -1);
	err = PTR_ERR_OR_ZERO(sock);
	if (err)
		goto out_free;
	sock->sk->sk_rcvtimeo = BLAST_RR_WAIT;
	err = blast_connect(args, sock, BLAST_PORT_ECHO);
	if (!err)
		err = blast_exchanges(args, sock, &samples);
	if (!err)
		blast_report_samples(out, &samples);
	sock_release(sock);
out_free:
	kvfree(samples.ns);
	return err;
}
