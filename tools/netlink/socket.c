// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "netlink/talk.h"

struct socket_transport {
	struct nl_transport base;
	struct mnl_socket *socket;
	int send_room;
};

static struct socket_transport *to_socket(struct nl_transport *transport)
{
	return (struct socket_transport *)transport;
}

/* Errors come with words and places, and without the request repeated. */
static void want_good_errors(struct mnl_socket *socket)
{
	int on = 1;

	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on));
}

static int socket_open(struct nl_transport *self, int protocol)
{
	struct socket_transport *transport = to_socket(self);
	int ret;

	transport->socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	if (!transport->socket)
		return -errno;
	if (mnl_socket_bind(transport->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		ret = -errno;
		mnl_socket_close(transport->socket);
		transport->socket = NULL;
		return ret;
	}
	want_good_errors(transport->socket);
	return 0;
}

/* A message is queued whole: the socket's limit must be above its length. */
static void make_send_room(struct socket_transport *transport, size_t len)
{
	size_t wanted = len + len / 4 + 65536;
	int fd = mnl_socket_get_fd(transport->socket);
	int room = wanted > INT_MAX / 2 ? INT_MAX / 2 : (int)wanted;

	if (room <= transport->send_room)
		return;
	transport->send_room = room;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

static int socket_send(struct nl_transport *self, const void *message,
		       size_t len)
{
	struct socket_transport *transport = to_socket(self);

	make_send_room(transport, len);
	if (mnl_socket_sendto(transport->socket, message, len) < 0)
		return -errno;
	return 0;
}

static ssize_t socket_receive(struct nl_transport *self, void *buf,
			      size_t room)
{
	ssize_t len;

	do {
		len = mnl_socket_recvfrom(to_socket(self)->socket, buf, room);
	} while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : len;
}

static void socket_close(struct nl_transport *self)
{
	struct socket_transport *transport = to_socket(self);

	mnl_socket_close(transport->socket);
	transport->socket = NULL;
}

const struct nl_transport_ops nl_socket_ops = {
	sizeof(struct socket_transport),
	socket_open,
	socket_send,
	socket_receive,
	socket_close,
};
