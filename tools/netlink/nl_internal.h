/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the device's family: what the files of netlink/ share.
 */
#ifndef _WGCTL_NETLINK_NL_INTERNAL_H
#define _WGCTL_NETLINK_NL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "lib/secret.h"
#include "model/tunnel.h"
#include "netlink/talk.h"

/**
 * nl_buf_begin() - start a generic netlink message
 * @buf: the message is appended
 * @type: of the family
 * @flags: NLM_F_*
 * @command: of the family
 *
 * Return: its offset, for nl_buf_finish().
 */
size_t nl_buf_begin(struct secret *buf, uint16_t type, uint16_t flags,
		    uint8_t command);

/** nl_buf_finish() - write the length of the message that began at @at */
void nl_buf_finish(struct secret *buf, size_t at);

/** nl_buf_put() - append an attribute of @len bytes */
void nl_buf_put(struct secret *buf, uint16_t type, const void *data,
		size_t len);

/** nl_buf_put_string() - append a string with its final zero */
void nl_buf_put_string(struct secret *buf, uint16_t type, const char *text);

/** nl_buf_nest() - open a nest. Return: its offset, for nl_buf_close(). */
size_t nl_buf_nest(struct secret *buf, uint16_t type);

/** nl_buf_close() - write the length of the nest that was opened at @at */
void nl_buf_close(struct secret *buf, size_t at);

/* How a family takes its messages. */
struct nl_family {
	uint16_t id;
	bool is_ours; /* repeats the peers attribute, knows names */
};

/**
 * nl_ask_family() - ask what the kernel says of a netlink family
 * @talk: of NETLINK_GENERIC
 * @name: of the family
 * @answer: called for the answer
 * @context: for @answer
 * @fault: filled on failure
 *
 * Return: 0, what @answer returned, or a negative errno; -ENOENT: there is none.
 */
int nl_ask_family(struct nl_talk *talk, const char *name, nl_answer_fn *answer,
		  void *context, struct fault *fault);

/**
 * nl_encode_set() - write a change as one or more messages
 * @buf: empty; filled
 * @family: several messages unless it is ours
 * @change: what to write
 */
void nl_encode_set(struct secret *buf, const struct nl_family *family,
		   const struct tunnel *change);

/**
 * nl_decode_device() - add what one message of a dump says
 * @message: WG_CMD_GET_DEVICE's answer
 * @tunnel: struct tunnel of the messages before; a peer that goes on in this
 *	one gets its further allowed IPs
 *
 * Return: 0, or -EBADMSG for what a kernel does not send.
 */
int nl_decode_device(const struct nlmsghdr *message, void *tunnel);

/** nl_decode_bytes() - exactly @len bytes. Return: 0 or -EBADMSG. */
int nl_decode_bytes(void *to, const struct nlattr *attr, size_t len);

/** nl_decode_string() - a string, cut at @room. Return: 0 or -EBADMSG. */
int nl_decode_string(char *to, size_t room, const struct nlattr *attr);

/** nl_decode_endpoint() - an address and its port. Return: 0 or -EBADMSG. */
int nl_decode_endpoint(struct endpoint *endpoint, const struct nlattr *attr);

/**
 * nl_name_place() - say what the attribute at an offset belongs to
 * @message: the request that was refused
 * @offset: from NLMSGERR_ATTR_OFFS
 * @refused: the peer's public key, and the allowed IP, if it is in one
 *
 * Return: true if the offset lies in a peer that has a key.
 */
bool nl_name_place(const struct nlmsghdr *message, uint32_t offset,
		   struct nl_refused *refused);

#endif
