// SPDX-License-Identifier: GPL-2.0
/* Messages that are nobody's, as fast as one thread can send them. */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>
#include <linux/string.h>
#include <net/sock.h>

#include "loadgen.h"

static u8 loadgen_junk[65536];
static unsigned int loadgen_junk_len, loadgen_junk_size;
static u64 loadgen_junk_sent; /* messages; the thread's */
static u64 loadgen_junk_since; /* ktime_get_ns() */
static struct loadgen_thread loadgen_flooder; /* guarded by the command mutex */

static int loadgen_flood_send(struct socket *sock)
{
	int n = loadgen_send(sock, loadgen_junk, loadgen_junk_len);

	if (n > 0)
		loadgen_junk_sent += n / loadgen_junk_size;
	return n == -ENOBUFS || n == -EAGAIN || n == -ECONNREFUSED ? 1 : n;
}

static void loadgen_write_junk(const struct loadgen_args *args)
{
	unsigned int offset;

	loadgen_junk_size = args->segment ?: args->size;
	loadgen_junk_len = args->size;
	memset(loadgen_junk, 0, sizeof(loadgen_junk));
	for (offset = 0; offset < args->size; offset += loadgen_junk_size)
		memcpy(loadgen_junk + offset, args->head,
		       min(args->head_len, args->size - offset));
}

/**
 * loadgen_flood() - begin to send, until loadgen_calm()
 * @args: the command: to, size, segment, head
 * @out: unused
 *
 * Return: 0 or a negative errno.
 */
int loadgen_flood(const struct loadgen_args *args, struct seq_buf *out)
{
	struct socket *sock;
	int err;

	if (loadgen_flooder.task)
		return -EBUSY;
	sock = loadgen_socket(args, SOCK_DGRAM, -1);
	if (IS_ERR(sock))
		return PTR_ERR(sock);
	loadgen_write_junk(args);
	loadgen_junk_sent = 0;
	loadgen_junk_since = ktime_get_ns();
	err = loadgen_connect(args, sock, 0);
	if (!err)
		err = loadgen_set_segment(sock, args->segment);
	if (err) {
		sock_release(sock);
		return err;
	}
	return loadgen_thread_start(&loadgen_flooder, sock, loadgen_flood_send,
				    "loadgen_flood");
}

/**
 * loadgen_calm() - end the flood, if there is one
 * @args: unused
 * @out: takes how many messages it was; may be NULL
 *
 * Return: 0.
 */
int loadgen_calm(const struct loadgen_args *args, struct seq_buf *out)
{
	if (!loadgen_flooder.task)
		return 0;
	loadgen_thread_stop(&loadgen_flooder);
	loadgen_flooder.task = NULL;
	if (out)
		seq_buf_printf(out, "flooded=%llu flooded_ns=%llu\n",
			       loadgen_junk_sent,
			       ktime_get_ns() - loadgen_junk_since);
	return 0;
}
