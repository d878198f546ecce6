// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the place of tools/netlink/socket.c: what would go to the kernel goes to
 * the socket that FAKE_KERNEL names. Each datagram has its length in front;
 * the first one of a connection is the netlink protocol alone, one of four bytes
 * later on is a multicast group to join. One of no bytes from there is ENOBUFS.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "netlink/talk.h"

struct nl_transport {
	int fd;
};

static int write_all(int fd, const void *from, size_t len)
{
	return send(fd, from, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -EPIPE;
}

static int read_all(int fd, void *to, size_t len)
{
	return recv(fd, to, len, MSG_WAITALL) == (ssize_t)len ? 0 : -EPIPE;
}

int nl_transport_send(struct nl_transport *transport, const void *message,
		      size_t len)
{
	uint32_t length = (uint32_t)len;

	if (write_all(transport->fd, &length, sizeof(length)))
		return -EPIPE;
	return write_all(transport->fd, message, len);
}

struct nl_transport *nl_transport_open(int protocol)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct nl_transport *transport = calloc(1, sizeof(*transport));
	const char *path = getenv("FAKE_KERNEL");

	snprintf(address.sun_path, sizeof(address.sun_path), "%s",
		 path ? path : "/nonexistent");
	transport->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (!connect(transport->fd, (struct sockaddr *)&address,
		     sizeof(address)) &&
	    !nl_transport_send(transport, &protocol, sizeof(protocol)))
		return transport;
	free(transport);
	return NULL;
}

ssize_t nl_transport_receive(struct nl_transport *transport, void *buf,
			     size_t room)
{
	uint32_t length;

	if (read_all(transport->fd, &length, sizeof(length)))
		return -EPIPE;
	if (!length)
		return -ENOBUFS;
	if (length > room)
		return -ENOSPC;
	if (read_all(transport->fd, buf, length))
		return -EPIPE;
	return (ssize_t)length;
}

void nl_transport_close(struct nl_transport *transport)
{
	close(transport->fd);
	free(transport);
}

int nl_transport_join(struct nl_transport *transport, uint32_t group)
{
	return nl_transport_send(transport, &group, sizeof(group));
}

int nl_transport_fd(const struct nl_transport *transport)
{
	return transport->fd;
}
