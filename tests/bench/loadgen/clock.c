// SPDX-License-Identifier: GPL-2.0
/* What was delivered, and how much time it took. */
#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/seq_buf.h>

#include "loadgen.h"

struct loadgen_totals loadgen_totals;

void loadgen_sent(int bytes)
{
	atomic64_add(bytes, &loadgen_totals.sent);
}

void loadgen_delivered(int bytes)
{
	atomic64_add(bytes, &loadgen_totals.bytes);
	atomic64_inc(&loadgen_totals.calls);
}

#ifdef CONFIG_UML
/*
 * User Mode Linux is a process, and its kernel code may make the host's system
 * calls. So it can tell what no wall clock can: the CPU time that the process
 * got, and how long it was ready to run while the host ran something else.
 */
enum {
	HOST_READ		= 0,
	HOST_OPEN		= 2,
	HOST_CLOSE		= 3,
	HOST_CLOCK_GETTIME	= 228,
	HOST_MONOTONIC		= 1,
	HOST_PROCESS_CPUTIME	= 2,
};

static long host_call(long number, long a, long b, long c)
{
	long result;

	asm volatile("syscall"
		     : "=a" (result)
		     : "0" (number), "D" (a), "S" (b), "d" (c)
		     : "rcx", "r11", "memory");
	return result;
}

static u64 host_clock_ns(long clock)
{
	struct { s64 sec, nsec; } now = { };

	if (host_call(HOST_CLOCK_GETTIME, clock, (long)&now, 0))
		return 0;
	return now.sec * NSEC_PER_SEC + now.nsec;
}

/* The kernel's own clock is coarser: it is made for a tick, not for latency. */
u64 loadgen_host_ns(void)
{
	return host_clock_ns(HOST_MONOTONIC);
}

static u64 loadgen_cpu_ns(void)
{
	return host_clock_ns(HOST_PROCESS_CPUTIME);
}

/* Of the calling thread, which with one CPU is the one that runs the kernel. */
static u64 loadgen_delay_ns(void)
{
	static const char path[] = "/proc/thread-self/schedstat";
	char text[96] = { };
	u64 delay = 0;
	long fd, len;

	fd = host_call(HOST_OPEN, (long)path, 0, 0);
	if (fd < 0)
		return 0;
	len = host_call(HOST_READ, fd, (long)text, sizeof(text) - 1);
	host_call(HOST_CLOSE, fd, 0, 0);
	if (len <= 0 || sscanf(text, "%*u %llu", &delay) != 1)
		return 0;
	return delay;
}
#else
u64 loadgen_host_ns(void)
{
	return ktime_get_ns();
}

static u64 loadgen_cpu_ns(void)
{
	return 0;
}

static u64 loadgen_delay_ns(void)
{
	return 0;
}
#endif

/**
 * loadgen_busy_ns() - the clock for code that never sleeps
 *
 * Return: CPU time where it is known, else the time that has passed; ns.
 */
u64 loadgen_busy_ns(void)
{
	return loadgen_cpu_ns() ?: ktime_get_ns();
}

void loadgen_mark(struct loadgen_mark *mark)
{
	mark->sent = atomic64_read(&loadgen_totals.sent);
	mark->bytes = atomic64_read(&loadgen_totals.bytes);
	mark->calls = atomic64_read(&loadgen_totals.calls);
	mark->wall_ns = ktime_get_ns();
	mark->host_ns = loadgen_host_ns();
	mark->cpu_ns = loadgen_cpu_ns();
	mark->delay_ns = loadgen_delay_ns();
}

void loadgen_report(struct seq_buf *out, const struct loadgen_mark *from,
		    const struct loadgen_mark *to)
{
	seq_buf_printf(out, "from_ns=%llu to_ns=%llu ", from->host_ns, to->host_ns);
	seq_buf_printf(out, "wall_ns=%llu cpu_ns=%llu delay_ns=%llu ",
		       to->wall_ns - from->wall_ns, to->cpu_ns - from->cpu_ns,
		       to->delay_ns - from->delay_ns);
	seq_buf_printf(out, "sent=%llu bytes=%llu calls=%llu\n",
		       to->sent - from->sent, to->bytes - from->bytes,
		       to->calls - from->calls);
}
