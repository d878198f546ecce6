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

#include "loadgen.h"

#define LOADGEN_RR_WARM	100	/* exchanges before the first one that counts */
#define LOADGEN_RR_WAIT	(HZ)

struct loadgen_samples {
	u32 *ns;
	unsigned int kept;
	unsigned int lost;
};

static int loadgen_exchange(const struct loadgen_args *args,
			    struct socket *sock, u32 *ns)
{
	u8 data[LOADGEN_ECHO_MAX] = { };
	u64 start = loadgen_host_ns();
	int n;

	n = loadgen_send(sock, data, args->size);
	if (n < 0)
		return n;
	n = loadgen_receive(sock, data, sizeof(data));
	*ns = min_t(u64, loadgen_host_ns() - start, U32_MAX);
	return n < 0 ? n : 0;
}

static int loadgen_exchanges(const struct loadgen_args *args,
			     struct socket *sock,
			     struct loadgen_samples *samples)
{
	unsigned int i;
	u32 ns;
	int err;

	for (i = 0; i < args->count + LOADGEN_RR_WARM; i++) {
		err = loadgen_exchange(args, sock, &ns);
		if (signal_pending(current))
			return -EINTR;
		if (err == -EAGAIN)
			samples->lost++;
		else if (err)
			return err;
		else if (i >= LOADGEN_RR_WARM)
			samples->ns[samples->kept++] = ns;
		if (args->gap_us)
			usleep_range(args->gap_us, args->gap_us + 10);
	}
	return samples->kept ? 0 : -ETIMEDOUT;
}

static int loadgen_compare(const void *a, const void *b)
{
	const u32 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void loadgen_report_samples(struct seq_buf *out,
				   struct loadgen_samples *samples)
{
	u32 *ns = samples->ns, n = samples->kept;

	sort(ns, n, sizeof(*ns), loadgen_compare, NULL);
	seq_buf_printf(out, "count=%u lost=%u min_ns=%u median_ns=%u ",
		       n, samples->lost, ns[0], ns[n / 2]);
	seq_buf_printf(out, "p90_ns=%u p99_ns=%u max_ns=%u\n",
		       ns[(u64)n * 90 / 100], ns[(u64)n * 99 / 100], ns[n - 1]);
}

/**
 * loadgen_rr() - time exchanges with a server's echo
 * @args: the command: to, size, count, gap_us
 * @out: takes the result
 *
 * Return: 0 or a negative errno.
 */
int loadgen_rr(const struct loadgen_args *args, struct seq_buf *out)
{
	struct loadgen_samples samples = { };
	struct socket *sock;
	int err;

	if (args->size > LOADGEN_ECHO_MAX || !args->count)
		return -EINVAL;
	samples.ns = kvmalloc_array(args->count, sizeof(u32), GFP_KERNEL);
	if (!samples.ns)
		return -ENOMEM;
	sock = loadgen_socket(args, SOCK_DGRAM, -1);
	err = PTR_ERR_OR_ZERO(sock);
	if (err)
		goto out_free;
	sock->sk->sk_rcvtimeo = LOADGEN_RR_WAIT;
	err = loadgen_connect(args, sock, LOADGEN_PORT_ECHO);
	if (!err)
		err = loadgen_exchanges(args, sock, &samples);
	if (!err)
		loadgen_report_samples(out, &samples);
	sock_release(sock);
out_free:
	kvfree(samples.ns);
	return err;
}
