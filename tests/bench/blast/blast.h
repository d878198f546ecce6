/* SPDX-License-Identifier: GPL-2.0 */
/*
 * blast: what the files of this module share.
 *
 * A command is a line written to /proc/wg_blast by a process in the network
 * namespace whose sockets are to be used; the answer is read back from the same
 * open file. See main.c for the commands.
 */
#ifndef _WG_BLAST_H
#define _WG_BLAST_H

#include <linux/in.h>
#include <linux/types.h>

struct net;
struct seq_buf;
struct socket;
struct task_struct;

/* A server's ports, counted from the one that was asked for. */
enum {
	BLAST_PORT_STREAM,
	BLAST_PORT_SINK,
	BLAST_PORT_ECHO,
};

#define BLAST_STREAMS_MAX	64
#define BLAST_CHUNK		65536	/* bytes, one call on a TCP socket */
#define BLAST_SINK_BUFFER	(8 << 20)
#define BLAST_ECHO_MAX		1500

/* The first byte on a TCP connection says which way the rest will flow. */
#define BLAST_UP	'u'
#define BLAST_DOWN	'd'

/**
 * struct blast_args - the words of one command
 * @net: namespace of the caller
 * @to: server's address and first port
 * @size: payload of a datagram or of an AEAD call, in bytes
 * @segment: segment size for UDP GSO, 0 for none
 * @up: TCP connections that send from here
 * @down: TCP connections that receive here
 * @warm_ms: traffic before the counting begins
 * @run_ms: how long to count
 * @count: exchanges to time
 * @gap_us: pause between exchanges
 */
struct blast_args {
	struct net *net;
	struct sockaddr_in to;
	unsigned int size;
	unsigned int segment;
	unsigned int up;
	unsigned int down;
	unsigned int warm_ms;
	unsigned int run_ms;
	unsigned int count;
	unsigned int gap_us;
};

/* A kernel thread that works on one socket until it is stopped or fails. */
struct blast_thread {
	struct task_struct *task;
	struct socket *sock;
	int (*work)(struct socket *sock);
};

/* Sent and delivered lie apart: they may be counted on different CPUs. */
struct blast_totals {
	atomic64_t sent ____cacheline_aligned;
	atomic64_t bytes ____cacheline_aligned;
	atomic64_t calls;
};

extern struct blast_totals blast_totals;

/* Where the clocks and the counters stood at one moment; times in ns. */
struct blast_mark {
	u64 wall_ns;
	u64 host_ns;	/* monotonic clock of the host, for perf's samples */
	u64 cpu_ns;	/* of the process that the kernel runs in; 0: no such */
	u64 delay_ns;	/* that process was ready and had no CPU of the host */
	u64 sent;
	u64 bytes;
	u64 calls;
};

void blast_sent(int bytes);
void blast_delivered(int bytes);
void blast_mark(struct blast_mark *mark);
u64 blast_host_ns(void);
u64 blast_busy_ns(void);
void blast_report(struct seq_buf *out, const struct blast_mark *from,
		  const struct blast_mark *to);

struct socket *blast_socket(const struct blast_args *args, int type, int port);
int blast_connect(const struct blast_args *args, struct socket *sock, int port);
int blast_send(struct socket *sock, void *data, size_t len);
int blast_receive(struct socket *sock, void *data, size_t len);
int blast_drain(struct socket *sock);

int blast_thread_start(struct blast_thread *thread, struct socket *sock,
		       int (*work)(struct socket *sock), const char *name);
void blast_thread_stop(struct blast_thread *thread);
int blast_measure(const struct blast_args *args, struct seq_buf *out);

int blast_stream_send(struct socket *sock);
int blast_stream_receive(struct socket *sock);

int blast_serve(const struct blast_args *args, struct seq_buf *out);
int blast_stop(const struct blast_args *args, struct seq_buf *out);
int blast_tcp(const struct blast_args *args, struct seq_buf *out);
int blast_udp(const struct blast_args *args, struct seq_buf *out);
int blast_rr(const struct blast_args *args, struct seq_buf *out);
int blast_aead(const struct blast_args *args, struct seq_buf *out);

#endif /* _WG_BLAST_H */
