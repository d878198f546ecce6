/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module and rtnetlink tell of unasked: see Documentation/interface.rst.
 */
#ifndef _WGCTL_NETLINK_LISTEN_H
#define _WGCTL_NETLINK_LISTEN_H

#include <poll.h>

#include "model/event.h"
#include "netlink/talk.h"

struct nl_listener {
	struct nl_talk module;
	struct nl_talk links;
};

/* Called for each event; EVENT_LINK: interfaces came, went, or changed. */
typedef void nl_event_fn(const struct event *event, void *context);

/**
 * nl_listen_open() - begin to listen to rtnetlink
 * @listener: filled
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int nl_listen_open(struct nl_listener *listener, struct fault *fault);

/**
 * nl_listen_join() - listen to the module as well
 * @listener: open
 * @fault: filled on failure
 *
 * May be repeated: a module that was loaded again has other groups.
 *
 * Return: 0 or a negative errno; -ENOENT: the module is not loaded.
 */
int nl_listen_join(struct nl_listener *listener, struct fault *fault);

/* What there is to poll. */
void nl_listen_poll(const struct nl_listener *listener, struct pollfd fds[2]);

/**
 * nl_listen_receive() - read what has come
 * @listener: open
 * @fds: of nl_listen_poll(), polled
 * @take: called for each event; EVENT_LOST: some were missed
 * @context: for @take
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int nl_listen_receive(struct nl_listener *listener,
		      const struct pollfd fds[2], nl_event_fn *take,
		      void *context, struct fault *fault);

void nl_listen_close(struct nl_listener *listener);

#endif
