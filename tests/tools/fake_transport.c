// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the place of tools/netlink/socket.c: what would go to the kernel goes to
 * the socket that FAKE_KERNEL names. Each datagram has its length in front;
 * the first one of a connection is the netlink protocol alone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "netlink/talk.h"

struct fake_transport {
	struct nl_transport base;
	int fd;
};

static struct fake_transport *to_fake(struct nl_transport *transport)
{
	return (struct fake_transport *)transport;
}

static int write_all(int fd, const void *from, size_t len)
{
	return send(fd, from, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -EPIPE;
}

static int read_all(int fd, void *to, size_t len)
{
	return recv(fd, to, len, MSG_WAITALL) == (ssize_t)len ? 0 : -EPIPE;
}

static int fake_send(struct nl_transport *self, const void *message,
		     size_t len)
{
	uint32_t length = (uint32_t)len;

	if (write_all(to_fake(self)->fd, &length, sizeof(length)))
		return -EPIPE;
	return write_all(to_fake(self)->fd, message, len);
}

static int fake_open(struct nl_transport *self, int protocol)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("FAKE_KERNEL");
	struct fake_transport *fake = to_fake(self);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 path ? path : "/nonexistent");
	fake->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fake->fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return fake_send(self, &protocol, sizeof(protocol));
}

static ssize_t fake_receive(struct nl_transport *self, void *buf, size_t room)
{
	uint32_t length;

	if (read_all(to_fake(self)->fd, &length, sizeof(length)))
		return -EPIPE;
	if (length > room)
		return -ENOSPC;
	if (read_all(to_fake(self)->fd, buf, length))
		return -EPIPE;
	return (ssize_t)length;
}

static void fake_close(struct nl_transport *self)
{
	close(to_fake(self)->fd);
}

const struct nl_transport_ops nl_socket_ops = {
	sizeof(struct fake_transport), fake_open, fake_send, fake_receive,
	fake_close,
};
