// SPDX-License-Identifier: GPL-2.0
/* The far end: a TCP server, a sink for datagrams and an echo. */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/net.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "loadgen.h"

struct loadgen_server {
	struct list_head link;
	struct loadgen_thread thread;
};

static LIST_HEAD(loadgen_servers);	/* guarded by the command mutex */
static LIST_HEAD(loadgen_accepted);	/* guarded by loadgen_accepted_mutex */
static DEFINE_MUTEX(loadgen_accepted_mutex);

static int loadgen_server_start(struct list_head *list, struct socket *sock,
				int (*work)(struct socket *sock),
				const char *name)
{
	struct loadgen_server *server = kzalloc(sizeof(*server), GFP_KERNEL);
	int err;

	if (!server) {
		sock_release(sock);
		return -ENOMEM;
	}
	err = loadgen_thread_start(&server->thread, sock, work, name);
	if (err) {
		kfree(server);
		return err;
	}
	list_add(&server->link, list);
	return 0;
}

static void loadgen_server_stop(struct loadgen_server *server)
{
	list_del(&server->link);
	loadgen_thread_stop(&server->thread);
	kfree(server);
}

/* Connections that have ended are kept no longer than until the next one. */
static void loadgen_reap(void)
{
	struct loadgen_server *server, *next;

	list_for_each_entry_safe(server, next, &loadgen_accepted, link)
		if (server->thread.sock->sk->sk_state == TCP_CLOSE)
			loadgen_server_stop(server);
}

static int loadgen_accept(struct socket *listener)
{
	struct socket *sock;
	u8 way;
	int err;

	err = kernel_accept(listener, &sock, 0);
	if (err)
		return err;
	if (loadgen_receive(sock, &way, 1) != 1) {
		sock_release(sock);
		return 1;
	}
	mutex_lock(&loadgen_accepted_mutex);
	loadgen_reap();
	loadgen_server_start(&loadgen_accepted, sock, way == LOADGEN_UP ?
			     loadgen_stream_receive : loadgen_stream_send,
			     "loadgen_accepted");
	mutex_unlock(&loadgen_accepted_mutex);
	return 1;
}

static int loadgen_echo(struct socket *sock)
{
	struct sockaddr_storage from;
	struct msghdr msg = { .msg_name = &from };
	u8 data[LOADGEN_ECHO_MAX];
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

static int loadgen_serve_port(const struct loadgen_args *args, int type,
			      int port, int (*work)(struct socket *sock),
			      const char *name)
{
	struct socket *sock = loadgen_socket(args, type, port);
	int err = PTR_ERR_OR_ZERO(sock);

	if (err)
		return err;
	if (type == SOCK_STREAM) {
		err = kernel_listen(sock, LOADGEN_STREAMS_MAX);
		if (err) {
			sock_release(sock);
			return err;
		}
	} else {
		WRITE_ONCE(sock->sk->sk_rcvbuf, LOADGEN_SINK_BUFFER);
	}
	return loadgen_server_start(&loadgen_servers, sock, work, name);
}

/**
 * loadgen_serve() - open the three ports in the caller's namespace
 * @args: the command: port
 * @out: unused
 *
 * Return: 0 or a negative errno; what was opened before a failure stays open
 * until loadgen_stop().
 */
int loadgen_serve(const struct loadgen_args *args, struct seq_buf *out)
{
	int err;

	err = loadgen_serve_port(args, SOCK_STREAM, LOADGEN_PORT_STREAM,
				 loadgen_accept, "loadgen_listen");
	if (!err)
		err = loadgen_serve_port(args, SOCK_DGRAM, LOADGEN_PORT_SINK,
					 loadgen_stream_receive,
					 "loadgen_sink");
	if (!err)
		err = loadgen_serve_port(args, SOCK_DGRAM, LOADGEN_PORT_ECHO,
					 loadgen_echo, "loadgen_echo");
	return err;
}

/**
 * loadgen_stop() - end every server and every connection
 * @args: unused
 * @out: unused
 *
 * Return: 0.
 */
int loadgen_stop(const struct loadgen_args *args, struct seq_buf *out)
{
	struct loadgen_server *server, *next;

	loadgen_calm(args, NULL);
	/* The listeners first: no connection comes after that. */
	list_for_each_entry_safe(server, next, &loadgen_servers, link)
		loadgen_server_stop(server);
	list_for_each_entry_safe(server, next, &loadgen_accepted, link)
		loadgen_server_stop(server);
	return 0;
}
