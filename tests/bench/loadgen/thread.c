// SPDX-License-Identifier: GPL-2.0
/* Sockets of the kernel's own, and threads that work on them. */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/net.h>
#include <linux/seq_buf.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "loadgen.h"

/**
 * loadgen_socket() - make a socket in the caller's namespace
 * @args: the command
 * @type: SOCK_STREAM or SOCK_DGRAM
 * @port: offset from the command's port to bind to, or -1 for none
 *
 * The socket holds no reference to its namespace: release it before that goes.
 *
 * Return: the socket or an ERR_PTR().
 */
struct socket *loadgen_socket(const struct loadgen_args *args, int type,
			      int port)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct socket *sock;
	int err;

	err = sock_create_kern(args->net, PF_INET, type, 0, &sock);
	if (err)
		return ERR_PTR(err);
	if (port < 0)
		return sock;
	any.sin_port = htons(ntohs(args->to.sin_port) + port);
	sock_set_reuseaddr(sock->sk);
	/* The parameter's type has changed since 6.12; void * suits both. */
	err = kernel_bind(sock, (void *)&any, sizeof(any));
	if (err) {
		sock_release(sock);
		return ERR_PTR(err);
	}
	return sock;
}

/**
 * loadgen_connect() - connect a socket to one of the server's ports
 * @args: the command, with the server's address
 * @sock: from loadgen_socket()
 * @port: one of LOADGEN_PORT_*
 *
 * Return: 0 or a negative errno.
 */
int loadgen_connect(const struct loadgen_args *args, struct socket *sock,
		    int port)
{
	struct sockaddr_in to = args->to;

	to.sin_port = htons(ntohs(to.sin_port) + port);
	return kernel_connect(sock, (void *)&to, sizeof(to), 0);
}

int loadgen_send_to(struct socket *sock, struct sockaddr_in *to, void *data,
		    size_t len)
{
	struct kvec vec = { .iov_base = data, .iov_len = len };
	struct msghdr msg = {
		.msg_name = to,
		.msg_namelen = to ? sizeof(*to) : 0,
		.msg_flags = MSG_NOSIGNAL,
	};

	return kernel_sendmsg(sock, &msg, &vec, 1, len);
}

int loadgen_send(struct socket *sock, void *data, size_t len)
{
	return loadgen_send_to(sock, NULL, data, len);
}

int loadgen_receive(struct socket *sock, void *data, size_t len)
{
	struct kvec vec = { .iov_base = data, .iov_len = len };
	struct msghdr msg = { };

	return kernel_recvmsg(sock, &msg, &vec, 1, len, 0);
}

/**
 * loadgen_drain() - receive once and throw the data away uncopied
 * @sock: any socket
 *
 * Return: number of bytes, 0 at the end, or a negative errno.
 */
int loadgen_drain(struct socket *sock)
{
	struct msghdr msg = { };

	iov_iter_discard(&msg.msg_iter, ITER_DEST, 16 * LOADGEN_CHUNK);
	return sock_recvmsg(sock, &msg, 0);
}

static int loadgen_thread_main(void *arg)
{
	struct loadgen_thread *thread = arg;

	while (!kthread_should_stop() && thread->work(thread->sock) > 0)
		cond_resched();
	return 0;
}

/**
 * loadgen_thread_start() - let a thread call @work until that fails
 * @thread: to be filled in; must stay until loadgen_thread_stop()
 * @sock: handed to @work; the thread's from here on, also on failure
 * @work: one step; 0 or less ends the thread
 * @name: of the thread
 *
 * Return: 0 or a negative errno.
 */
int loadgen_thread_start(struct loadgen_thread *thread, struct socket *sock,
			 int (*work)(struct socket *sock), const char *name)
{
	struct task_struct *task;

	thread->sock = sock;
	thread->work = work;
	task = kthread_create(loadgen_thread_main, thread, "%s", name);
	if (IS_ERR(task)) {
		sock_release(sock);
		return PTR_ERR(task);
	}
	/* It may end by itself before it is stopped. */
	thread->task = get_task_struct(task);
	wake_up_process(task);
	return 0;
}

/**
 * loadgen_thread_stop() - end a thread, whatever it waits for, and its socket
 * @thread: from loadgen_thread_start()
 */
void loadgen_thread_stop(struct loadgen_thread *thread)
{
	/* Wakes a sleeper, and no call on the socket sleeps from here on. */
	kernel_sock_shutdown(thread->sock, SHUT_RDWR);
	kthread_stop(thread->task);
	put_task_struct(thread->task);
	sock_no_linger(thread->sock->sk);
	sock_release(thread->sock);
}

/**
 * loadgen_measure() - let the running threads warm up, then count
 * @args: the command, with both times
 * @out: takes the result
 *
 * Return: 0 or -EINTR.
 */
int loadgen_measure(const struct loadgen_args *args, struct seq_buf *out)
{
	struct loadgen_mark from, to;

	if (msleep_interruptible(args->warm_ms))
		return -EINTR;
	loadgen_mark(&from);
	if (msleep_interruptible(args->run_ms))
		return -EINTR;
	loadgen_mark(&to);
	loadgen_report(out, &from, &to);
	return 0;
}
