/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of netlink/ share, and what their tests look at.
 */
#ifndef _WGCTL_NETLINK_NL_INTERNAL_H
#define _WGCTL_NETLINK_NL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "lib/fault.h"
#include "model/tunnel.h"
#include "netlink/nl.h"

/* Bytes that grow, and that leave no copy behind: they may hold keys. */
struct nl_buf {
	char *bytes;
	size_t len;
	size_t room;
	bool has_failed; /* memory ran out: what follows did nothing */
};

void nl_buf_free(struct nl_buf *buf);

/**
 * nl_buf_begin() - start a generic netlink message
 * @buf: the message is appended
 * @type: of the family
 * @flags: NLM_F_*
 * @command: of the family
 *
 * Return: its offset, for nl_buf_finish().
 */
size_t nl_buf_begin(struct nl_buf *buf, uint16_t type, uint16_t flags,
		    uint8_t command);

/** nl_buf_finish() - write the length of the message that began at @at */
void nl_buf_finish(struct nl_buf *buf, size_t at);

/** nl_buf_put() - append an attribute of @len bytes */
void nl_buf_put(struct nl_buf *buf, uint16_t type, const void *data,
		size_t len);

/** nl_buf_put_string() - append a string with its final zero */
void nl_buf_put_string(struct nl_buf *buf, uint16_t type, const char *text);

/** nl_buf_nest() - open a nest. Return: its offset, for nl_buf_close(). */
size_t nl_buf_nest(struct nl_buf *buf, uint16_t type);

/** nl_buf_close() - write the length of the nest that was opened at @at */
void nl_buf_close(struct nl_buf *buf, size_t at);

/* How a family takes its messages. */
struct nl_family {
	uint16_t id;
	bool is_ours; /* repeats the peers attribute, knows names */
};

/**
 * nl_encode_set() - write a change as one or more messages
 * @buf: empty; filled
 * @family: several messages unless it is ours
 * @change: what to write
 *
 * Return: 0 or -ENOMEM.
 */
int nl_encode_set(struct nl_buf *buf, const struct nl_family *family,
		  const struct tunnel *change);

/**
 * nl_decode_device() - add what one message of a dump says
 * @tunnel: of the messages before; a peer that goes on in this message gets
 *	its further allowed IPs
 * @message: WG_CMD_GET_DEVICE's answer
 *
 * Return: 0, -EBADMSG for what a kernel does not send, or -ENOMEM.
 */
int nl_decode_device(struct tunnel *tunnel, const struct nlmsghdr *message);

/**
 * nl_name_place() - say which peer the attribute at an offset belongs to
 * @message: the request that was refused
 * @offset: from NLMSGERR_ATTR_OFFS
 * @peer_key: the peer's public key
 *
 * Return: true if the offset lies in a peer that has a key.
 */
bool nl_name_place(const struct nlmsghdr *message, uint32_t offset,
		   uint8_t peer_key[WG_KEY_LEN]);

/* One conversation with one subsystem of the kernel. */
struct nl_talk {
	struct nl_transport *transport;
	char *buf; /* for what is received; wiped at the end */
	uint32_t seq;
	bool is_interrupted; /* the dump is not of one moment */
};

#define NL_RECEIVE_ROOM (256 * 1024)

int nl_talk_open(struct nl_talk *talk, int protocol, struct fault *fault);
void nl_talk_close(struct nl_talk *talk);

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

/**
 * nl_find_link() - the kind of an interface
 * @link: filled; an empty kind for one that is no tunnel
 * @name: of the interface
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno; -ENODEV where there is none.
 */
int nl_find_link(struct nl_link *link, const char *name, struct fault *fault);

#endif
