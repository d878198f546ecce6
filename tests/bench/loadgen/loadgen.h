/* SPDX-License-Identifier: GPL-2.0 */
/*
 * loadgen: what the files of this module share.
 *
 * A command is a line written to /proc/wg_loadgen by a process in the network
 * namespace whose sockets are to be used; the answer is read back from the same
 * open file. See main.c for the commands.
 */
#ifndef _WG_LOADGEN_H
#define _WG_LOADGEN_H

#include <linux/in.h>
#include <linux/types.h>

struct net;
struct seq_buf;
struct socket;
struct task_struct;

/* A server's ports, counted from the one that was asked for. */
enum {
	LOADGEN_PORT_STREAM,
	LOADGEN_PORT_SINK,
	LOADGEN_PORT_ECHO,
};

#define LOADGEN_STREAMS_MAX	64
#define LOADGEN_CHUNK		65536	/* bytes, one call on a TCP socket */
#define LOADGEN_SINK_BUFFER	(8 << 20)
#define LOADGEN_ECHO_MAX		1500
#define LOADGEN_HEAD_MAX		160	/* bytes of a message that are given */

/* The first byte on a TCP connection says which way the rest will flow. */
#define LOADGEN_UP	'u'
#define LOADGEN_DOWN	'd'

/**
 * struct loadgen_args - the words of one command
 * @net: namespace of the caller
 * @to: server's address and first port
 * @size: payload of a datagram or of an AEAD call, in bytes
 * @segment: segment size for UDP GSO, 0 for none
 * @peers: addresses to send to in turns, 256 apart, the first being @to
 * @head: how each segment of a flood begins; the rest is zero
 * @head_len: length of @head
 * @up: TCP connections that send from here
 * @down: TCP connections that receive here
 * @warm_ms: traffic before the counting begins
 * @run_ms: how long to count
 * @count: exchanges to time
 * @gap_us: pause between exchanges
 */
struct loadgen_args {
	struct net *net;
	struct sockaddr_in to;
	unsigned int size;
	unsigned int segment;
	unsigned int peers;
	u8 head[LOADGEN_HEAD_MAX];
	unsigned int head_len;
	unsigned int up;
	unsigned int down;
	unsigned int warm_ms;
	unsigned int run_ms;
	unsigned int count;
	unsigned int gap_us;
};

/* A kernel thread that works on one socket until it is stopped or fails. */
struct loadgen_thread {
	struct task_struct *task;
	struct socket *sock;
	int (*work)(struct socket *sock);
};

/* Sent and delivered lie apart: they may be counted on different CPUs. */
struct loadgen_totals {
	atomic64_t sent ____cacheline_aligned;
	atomic64_t bytes ____cacheline_aligned;
	atomic64_t calls;
};

extern struct loadgen_totals loadgen_totals;

/* Where the clocks and the counters stood at one moment; times in ns. */
struct loadgen_mark {
	u64 wall_ns;
	u64 host_ns;	/* monotonic clock of the host, for perf's samples */
	u64 cpu_ns;	/* of the process that the kernel runs in; 0: no such */
	u64 delay_ns;	/* that process was ready and had no CPU of the host */
	u64 sent;
	u64 bytes;
	u64 calls;
};

void loadgen_sent(int bytes);
void loadgen_delivered(int bytes);
void loadgen_mark(struct loadgen_mark *mark);
u64 loadgen_host_ns(void);
u64 loadgen_busy_ns(void);
void loadgen_report(struct seq_buf *out, const struct loadgen_mark *from,
		    const struct loadgen_mark *to);

struct socket *loadgen_socket(const struct loadgen_args *args, int type,
			      int port);
int loadgen_connect(const struct loadgen_args *args, struct socket *sock,
		    int port);
int loadgen_send(struct socket *sock, void *data, size_t len);
int loadgen_send_to(struct socket *sock, struct sockaddr_in *to, void *data,
		    size_t len);
int loadgen_receive(struct socket *sock, void *data, size_t len);
/* Make @to, the first peer's address, that of another one. */
void loadgen_add_peer(struct sockaddr_in *to, unsigned int peer);
int loadgen_set_segment(struct socket *sock, int segment);
int loadgen_drain(struct socket *sock);

int loadgen_thread_start(struct loadgen_thread *thread, struct socket *sock,
			 int (*work)(struct socket *sock), const char *name);
void loadgen_thread_stop(struct loadgen_thread *thread);
int loadgen_measure(const struct loadgen_args *args, struct seq_buf *out);

int loadgen_stream_send(struct socket *sock);
int loadgen_stream_receive(struct socket *sock);

int loadgen_serve(const struct loadgen_args *args, struct seq_buf *out);
int loadgen_stop(const struct loadgen_args *args, struct seq_buf *out);
int loadgen_tcp(const struct loadgen_args *args, struct seq_buf *out);
int loadgen_udp(const struct loadgen_args *args, struct seq_buf *out);
int loadgen_flood(const struct loadgen_args *args, struct seq_buf *out);
int loadgen_calm(const struct loadgen_args *args, struct seq_buf *out);
int loadgen_first(const struct loadgen_args *args, struct seq_buf *out);
int loadgen_rr(const struct loadgen_args *args, struct seq_buf *out);
int loadgen_aead(const struct loadgen_args *args, struct seq_buf *out);
int loadgen_x25519(const struct loadgen_args *args, struct seq_buf *out);

#endif /* _WG_LOADGEN_H */
