// SPDX-License-Identifier: GPL-2.0
/* TCP: any number of connections, each sending one way. */
#include <linux/err.h>
#include <linux/net.h>
#include <linux/slab.h>

#include "loadgen.h"

static u8 loadgen_zeros[LOADGEN_CHUNK];

int loadgen_stream_send(struct socket *sock)
{
	int n = loadgen_send(sock, loadgen_zeros, sizeof(loadgen_zeros));

	if (n > 0)
		loadgen_sent(n);
	return n;
}

int loadgen_stream_receive(struct socket *sock)
{
	int n = loadgen_drain(sock);

	if (n > 0)
		loadgen_delivered(n);
	return n;
}

/* @peer: to which of them */
static int loadgen_stream_open(const struct loadgen_args *args,
			       struct loadgen_thread *thread, u8 way,
			       unsigned int peer)
{
	struct socket *sock = loadgen_socket(args, SOCK_STREAM, -1);
	struct loadgen_args its = *args;
	int err;

	if (IS_ERR(sock))
		return PTR_ERR(sock);
	loadgen_add_peer(&its.to, peer);
	err = loadgen_connect(&its, sock, LOADGEN_PORT_STREAM);
	if (!err)
		err = loadgen_send(sock, &way, 1);
	if (err < 0) {
		sock_release(sock);
		return err;
	}
	return loadgen_thread_start(thread, sock,
				    way == LOADGEN_UP ? loadgen_stream_send
						      : loadgen_stream_receive,
				    "loadgen_tcp");
}

/**
 * loadgen_tcp() - run connections to a server and count what arrives
 * @args: the command: to, peers, up, down, warm_ms, run_ms
 * @out: takes the result
 *
 * Return: 0 or a negative errno.
 */
int loadgen_tcp(const struct loadgen_args *args, struct seq_buf *out)
{
	unsigned int i, all = args->up + args->down;
	struct loadgen_thread *threads;
	int err = 0;

	threads = kcalloc(all, sizeof(*threads), GFP_KERNEL);
	if (!threads)
		return -ENOMEM;
	for (i = 0; i < all && !err; i++)
		err = loadgen_stream_open(args, &threads[i],
					  i < args->up ? LOADGEN_UP
						       : LOADGEN_DOWN,
					  i % args->peers);
	if (err)
		i--;
	else
		err = loadgen_measure(args, out);
	while (i--)
		loadgen_thread_stop(&threads[i]);
	kfree(threads);
	return err;
}
