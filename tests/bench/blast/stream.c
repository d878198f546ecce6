// SPDX-License-Identifier: GPL-2.0
/* TCP: any number of connections, each sending one way. */
#include <linux/err.h>
#include <linux/net.h>
#include <linux/slab.h>

#include "blast.h"

static u8 blast_zeros[BLAST_CHUNK];

int blast_stream_send(struct socket *sock)
{
	int n = blast_send(sock, blast_zeros, sizeof(blast_zeros));

	if (n > 0)
		blast_sent(n);
	return n;
}

int blast_stream_receive(struct socket *sock)
{
	int n = blast_drain(sock);

	if (n > 0)
		blast_delivered(n);
	return n;
}

static int blast_stream_open(const struct blast_args *args,
			     struct blast_thread *thread, u8 way)
{
	struct socket *sock = blast_socket(args, SOCK_STREAM, -1);
	int err;

	if (IS_ERR(sock))
		return PTR_ERR(sock);
	err = blast_connect(args, sock, BLAST_PORT_STREAM);
	if (!err)
		err = blast_send(sock, &way, 1);
	if (err < 0) {
		sock_release(sock);
		return err;
	}
	return blast_thread_start(thread, sock, way == BLAST_UP ?
				  blast_stream_send : blast_stream_receive,
				  "blast_tcp");
}

/**
 * blast_tcp() - run connections to a server and count what arrives
 * @args: the command: to, up, down, warm_ms, run_ms
 * @out: takes the result
 *
 * Return: 0 or a negative errno.
 */
int blast_tcp(const struct blast_args *args, struct seq_buf *out)
{
	unsigned int i, all = args->up + args->down;
	struct blast_thread *threads;
	int err = 0;

	threads = kcalloc(all, sizeof(*threads), GFP_KERNEL);
	if (!threads)
		return -ENOMEM;
	for (i = 0; i < all && !err; i++)
		err = blast_stream_open(args, &threads[i],
					i < args->up ? BLAST_UP : BLAST_DOWN);
	if (err)
		i--;
	else
		err = blast_measure(args, out);
	while (i--)
		blast_thread_stop(&threads[i]);
	kfree(threads);
	return err;
}
