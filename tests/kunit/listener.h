/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who listens to notifications, as a program does.
 */
#ifndef _WG_TESTS_KUNIT_LISTENER_H
#define _WG_TESTS_KUNIT_LISTENER_H

#include <kunit/test.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include <uapi/linux/wg.h>

#include "ctl/genl.h"
#include "ctl/notify.h"

/* Of changes and of peers. Release the socket. */
static inline struct socket *listen(struct kunit *test)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	unsigned int i, group;
	struct socket *sock;
	int err = 0;

	KUNIT_ASSERT_EQ(test, sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW,
					       NETLINK_GENERIC, &sock), 0);
	/* who has no address is taken for the sender, and told nothing */
	KUNIT_EXPECT_EQ(test, kernel_bind(sock, (void *)&addr, sizeof(addr)),
			0);
	for (i = WG_NOTIFY_CONFIG; i <= WG_NOTIFY_PEERS; i++) {
		group = wg_genl_family.mcgrp_offset + i;
		err = err ?: sock->ops->setsockopt(sock, SOL_NETLINK,
						   NETLINK_ADD_MEMBERSHIP,
						   KERNEL_SOCKPTR(&group),
						   sizeof(group));
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	return sock;
}

static inline bool is_of_end(u8 command)
{
	return command == WG_CMD_CONFIG_NTF ||
	       command == WG_CMD_PEER_ENDED_NTF ||
	       command == WG_CMD_PEER_RENEWED_NTF;
}

/* The next one of a change or of an end; 0: there is none. */
static inline u8 hear(struct socket *sock)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
		u8 attributes[256];
	} message;
	struct kvec vec = { &message, sizeof(message) };
	struct msghdr msg = { };

	while (kernel_recvmsg(sock, &msg, &vec, 1, sizeof(message),
			      MSG_DONTWAIT) > 0)
		if (is_of_end(message.genl.cmd))
			return message.genl.cmd;
	return 0;
}

/* A change is told, then @command, if it is not 0, and no more. */
static inline void expect_change_then(struct kunit *test, struct socket *sock,
				      u8 command)
{
	KUNIT_EXPECT_EQ(test, hear(sock), WG_CMD_CONFIG_NTF);
	KUNIT_EXPECT_EQ(test, hear(sock), command);
	if (command)
		KUNIT_EXPECT_EQ(test, hear(sock), 0);
}

#endif
