// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into wgctl: makes its Nth change of the machine fail.
 *
 *	FAIL_NTH=3 LD_PRELOAD=./fail_nth.so wgctl up wg0
 *
 * Changes are requests that change something over netlink, programs that are
 * started, and files that are written, put in place or made. FAIL_HOW=signal
 * lets the Nth one be done, and sends SIGTERM as it happens; FAIL_HOW=kill ends
 * wgctl on the spot. What fails is named on standard error. Programs that wgctl
 * starts are left alone.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

static int wanted, seen;
static int by_signal; /* which; 0: it fails */

__attribute__((constructor)) static void start(void)
{
	const char *nth = getenv("FAIL_NTH"), *how = getenv("FAIL_HOW");

	wanted = nth ? atoi(nth) : 0;
	if (how && !strcmp(how, "signal"))
		by_signal = SIGTERM;
	else if (how && !strcmp(how, "kill"))
		by_signal = SIGKILL;
	unsetenv("LD_PRELOAD");
}

/* Counts a change; true if it is to fail. */
static bool fails(const char *what)
{
	if (++seen != wanted)
		return false;
	fprintf(stderr, "fail_nth: %s%s\n", by_signal ? "a signal at " : "",
		what);
	if (!by_signal)
		return true;
	raise(by_signal);
	return false;
}

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static bool is_change(int fd, const void *buf, size_t len)
{
	const struct nlmsghdr *message = buf;
	const struct genlmsghdr *generic = NLMSG_DATA(message);
	int protocol = -1;
	socklen_t size = sizeof(protocol);

	if (len < NLMSG_HDRLEN + sizeof(*generic) ||
	    getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size))
		return false;
	if (protocol == NETLINK_ROUTE)
		return (message->nlmsg_type & 3) < 2; /* new or delete */
	return protocol == NETLINK_GENERIC &&
	       message->nlmsg_type != GENL_ID_CTRL && generic->cmd == 1;
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags,
	       const struct sockaddr *to, socklen_t size)
{
	ssize_t (*real)(int, const void *, size_t, int,
			const struct sockaddr *, socklen_t) = next("sendto");

	if (is_change(fd, buf, len) && fails("a request over netlink")) {
		errno = EIO;
		return -1;
	}
	return real(fd, buf, len, flags, to, size);
}

int posix_spawn(pid_t *pid, const char *path,
		const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attributes, char *const argv[],
		char *const envp[])
{
	int (*real)(pid_t *, const char *, const posix_spawn_file_actions_t *,
		    const posix_spawnattr_t *, char *const[], char *const[]) =
		next("posix_spawn");

	if (fails(path))
		return EIO;
	return real(pid, path, actions, attributes, argv, envp);
}

int open(const char *path, int flags, ...)
{
	int (*real)(const char *, int, mode_t) = next("open");
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	if ((flags & O_ACCMODE) == O_WRONLY && fails(path)) {
		errno = EIO;
		return -1;
	}
	return real(path, flags, mode);
}

int mkostemp(char *path, int flags)
{
	int (*real)(char *, int) = next("mkostemp");

	if (fails(path)) {
		errno = EIO;
		return -1;
	}
	return real(path, flags);
}

int rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *) = next("rename");

	if (fails(to)) {
		errno = EIO;
		return -1;
	}
	return real(from, to);
}
