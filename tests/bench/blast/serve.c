// SPDX-License-Identifier: GPL-2.0
/* The far end: a TCP server, a sink for datagrams and an echo. */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/net.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "blast.h"

struct blast_server {
	struct list_head link;
	struct blast_thread thread;
};

static LIST_HEAD(blast_servers);	/* guarded by the command mutex */
static LIST_HEAD(blast_accepted);	/* guarded by blast_accepted_mutex */
static DEFINE_MUTEX(blast_accepted_mutex);

static int blast_server_start(struct list_head *list, struct socket *sock,
			      int (*work)(struct socket *sock), const char *name)
{
	struct blast_server *server = kzalloc(sizeof(*server), GFP_KERNEL);
	int err;

	if (!server) {
		sock_release(sock);
		return -ENOMEM;
	}
	err = blast_thread_start(&server->thread, sock, work, name);
	if (err) {
		kfree(server);
		return err;
	}
	list_add(&server->link, list);
	return 0;
}

static void blast_server_stop(struct blast_server *server)
{
	list_del(&server->link);
	blast_thread_stop(&server->thread);
	kfree(server);
}

/* Connections that have ended are kept no longer than until the next one. */
static void blast_reap(void)
{
	struct blast_server *server, *next;

	list_for_each_entry_safe(server, next, &blast_accepted, link)
		if (server->thread.sock->sk->sk_state == TCP_CLOSE)
			blast_server_stop(server);
}

static int blast_accept(struct socket *listener)
{
	struct socket *sock;
	u8 way;
	int err;

	err = kernel_accept(listener, &sock, 0);
	if (err)
		return err;
	if (blast_receive(sock, &way, 1) != 1) {
		sock_release(sock);
		return 1;
	}
	mutex_lock(&blast_accepted_mutex);
	blast_reap();
	blast_server_start(&blast_accepted, sock, way == BLAST_UP ?
			   blast_stream_receive : blast_stream_send,
			   "blast_accepted");
	mutex_unlock(&blast_accepted_mutex);
	return 1;
}

static int blast_echo(struct socket *sock)
{
	struct sockaddr_storage from;
	struct msghdr msg = { .msg_name = &from };
	u8 data[BLAST_ECHO_MAX];
	struct kvec vec = { .iov_base = data, .iov_len = sizeof(data) };
	int n;

	n = kernel_recvmsg(sock, &msg, &vec, 1, sizeof(data), 0);
	if (n <= 0)
		return n;
	vec.iov_base = data;
	vec.iov_len = n;
	msg.msg_flags = 0;
	kernel_sendmsg(sock, &msg, &vec, 1, n);
	return n;
}

static int blast_serve_port(const struct blast_args *args, int type, int port,
			    int (*work)(struct socket *sock), const char *name)
{
	struct socket *sock = blast_socket(args, type, port);
	int err = PTR_ERR_OR_ZERO(sock);

	if (err)
		return err;
	if (type == SOCK_STREAM) {
		err = kernel_listen(sock, BLAST_STREAMS_MAX);
		if (err) {
			sock_release(sock);
			return err;
		}
	} else {
		WRITE_ONCE(sock->sk->sk_rcvbuf, BLAST_SINK_BUFFER);
	}
	return blast_server_start(&blast_servers, sock, work, name);
}

/**
 * blast_serve() - open the three ports in the caller's namespace
 * @args: the command: port
 * @out: unused
 *
 * Return: 0 or a negative errno; what was opened before a failure stays open
 * until blast_stop().
 */
int blast_serve(const struct blast_args *args, struct seq_buf *out)
{
	int err;

	err = blast_serve_port(args, SOCK_STREAM, BLAST_PORT_STREAM,
			       blast_accept, "blast_listen");
	if (!err)
		err = blast_serve_port(args, SOCK_DGRAM, BLAST_PORT_SINK,
				       blast_stream_receive, "blast_sink");
	if (!err)
		err = blast_serve_port(args, SOCK_DGRAM, BLAST_PORT_ECHO,
				       blast_echo, "blast_echo");
	return err;
}

/**
 * blast_stop() - end every server and every connection
 * @args: unused
 * @out: unused
 *
 * Return: 0.
 */
int blast_stop(const struct blast_args *args, struct seq_buf *out)
{
	struct blast_server *server, *next;

	/* The listeners first: no connection comes after that. */
	list_for_each_entry_safe(server, next, &blast_servers, link)
		blast_server_stop(server);
	list_for_each_entry_safe(server, next, &blast_accepted, link)
		blast_server_stop(server);
	return 0;
}
