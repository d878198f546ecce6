// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include "lib/xalloc.h"
#include "netlink/talk.h"

struct nl_transport {
	struct mnl_socket *socket;
	int send_room;
};

/* Errors come with words and places, and without the request repeated. */
static void want_good_errors(struct mnl_socket *socket)
{
	int on = 1;

	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof(on));
}

struct nl_transport *nl_transport_open(int protocol)
{
	struct mnl_socket *socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	struct nl_transport *transport;

	if (!socket)
		return NULL;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(socket);
		return NULL;
	}
	want_good_errors(socket);
	transport = xcalloc(1, sizeof(*transport));
	transport->socket = socket;
	return transport;
}

/* A message is queued whole: the socket's limit must be above its length. */
static void make_send_room(struct nl_transport *transport, size_t len)
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

int nl_transport_send(struct nl_transport *transport, const void *message,
		      size_t len)
{
	make_send_room(transport, len);
	return mnl_socket_sendto(transport->socket, message, len) < 0 ? -errno :
									0;
}

ssize_t nl_transport_receive(struct nl_transport *transport, void *buf,
			     size_t room)
{
	ssize_t len;

	do {
		len = mnl_socket_recvfrom(transport->socket, buf, room);
	} while (len < 0 && errno == EINTR);
	return len < 0 ? -errno : len;
}

void nl_transport_close(struct nl_transport *transport)
{
	mnl_socket_close(transport->socket);
	free(transport);
}

int nl_transport_join(struct nl_transport *transport, uint32_t group)
{
	return mnl_socket_setsockopt(transport->socket,
				     NETLINK_ADD_MEMBERSHIP, &group,
				     sizeof(group)) < 0 ? -errno : 0;
}

int nl_transport_fd(const struct nl_transport *transport)
{
	return mnl_socket_get_fd(transport->socket);
}
