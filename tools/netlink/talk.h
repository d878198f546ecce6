/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Conversations with the kernel: requests and their answers, whatever they
 * are about.
 */
#ifndef _WGCTL_NETLINK_TALK_H
#define _WGCTL_NETLINK_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <libmnl/libmnl.h>

#include "lib/fault.h"
#include "model/tunnel.h"

/* How messages travel: in socket.c. Tests link others so called. */
struct nl_transport;

/* @protocol: NETLINK_GENERIC or NETLINK_ROUTE. Return: NULL with errno. */
struct nl_transport *nl_transport_open(int protocol);
int nl_transport_send(struct nl_transport *transport, const void *message,
		      size_t len);

/* One datagram. Return: its length, or a negative errno. */
ssize_t nl_transport_receive(struct nl_transport *transport, void *buf,
			     size_t room);
void nl_transport_close(struct nl_transport *transport);

/* Listen to a multicast group. Return: 0 or a negative errno. */
int nl_transport_join(struct nl_transport *transport, uint32_t group);

/* To be polled. */
int nl_transport_fd(const struct nl_transport *transport);

/* The allowed IP that a request was refused for; family 0: for another reason. */
struct nl_refused {
	uint8_t peer_key[WG_KEY_LEN];
	struct allowed_ip ip;
};

/* One conversation with one subsystem of the kernel. */
struct nl_talk {
	struct nl_transport *transport;
	char *buf; /* for what is received; wiped at the end */
	uint32_t seq;
	bool is_interrupted; /* the dump is not of one moment */
	struct nl_refused refused;
};

#define NL_RECEIVE_ROOM (256 * 1024)

int nl_talk_open(struct nl_talk *talk, int protocol, struct fault *fault);
void nl_talk_close(struct nl_talk *talk);

#define NL_REQUEST_MAX 512

/* A request of a few attributes, to subsystems that have no families. */
struct nl_request {
	union {
		struct nlmsghdr header;
		char bytes[NL_REQUEST_MAX];
	};
};

/* Starts one. Return: its fixed part of @room bytes, all zero. */
void *nl_begin(struct nl_request *request, uint16_t type, uint16_t flags,
	       size_t room);

/* Called for each message of an answer; not 0 ends the conversation. */
typedef int nl_answer_fn(const struct nlmsghdr *message, void *context);

/**
 * nl_talk_ask() - send one request and read its whole answer
 * @talk: open
 * @request: its sequence number is written into it
 * @answer: called for each message; may be NULL
 * @context: for @answer
 * @fault: the kernel's words, or its error
 *
 * Return: 0, what @answer returned, or a negative errno; -EINTR for a dump
 * in which the configuration changed under way.
 */
int nl_talk_ask(struct nl_talk *talk, struct nlmsghdr *request,
		nl_answer_fn *answer, void *context, struct fault *fault);

#endif
