// SPDX-License-Identifier: GPL-2.0
/*
 * LD_PRELOAD for User Mode Linux: the processor has AMX. ptrace() shows an XSAVE area
 * of 11,008 bytes, and takes it back whole or not at all, as the host's kernel does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define WIDE 11008

typedef long ptrace_fn(enum __ptrace_request request, ...);

static char area[1 << 16];
static struct iovec host = { .iov_base = area };

static long get_area(ptrace_fn *real, pid_t pid, struct iovec *iov)
{
	size_t wide;
	long ret;

	host.iov_len = sizeof(area);
	ret = real(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &host);
	wide = host.iov_len > WIDE ? host.iov_len : WIDE;
	if (iov->iov_len > wide)
		iov->iov_len = wide;
	memcpy(iov->iov_base, area, iov->iov_len);
	return ret;
}

static long set_area(ptrace_fn *real, pid_t pid, const struct iovec *iov)
{
	if (iov->iov_len < WIDE) {
		errno = EFAULT;
		return -1;
	}
	memcpy(area, iov->iov_base, host.iov_len);
	return real(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &host);
}

long ptrace(enum __ptrace_request request, ...)
{
	ptrace_fn *real = (ptrace_fn *)dlsym(RTLD_NEXT, "ptrace");
	void *addr, *data;
	va_list args;
	pid_t pid;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	addr = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);

	if (addr == (void *)NT_X86_XSTATE && request == PTRACE_GETREGSET)
		return get_area(real, pid, data);
	if (addr == (void *)NT_X86_XSTATE && request == PTRACE_SETREGSET)
		return set_area(real, pid, data);
	return real(request, pid, addr, data);
}
