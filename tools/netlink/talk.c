// SPDX-License-Identifier: GPL-2.0
#include "netlink/talk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>

#include "lib/secret.h"
#include "lib/xalloc.h"
#include "model/key.h"
#include "netlink/nl_internal.h"

/* What was asked, and who takes the answer. */
struct nl_question {
	const struct nlmsghdr *request;
	nl_answer_fn *answer;
	void *context;
};

int nl_talk_open(struct nl_talk *talk, int protocol, struct fault *fault)
{
	memset(talk, 0, sizeof(*talk));
	talk->transport = nl_transport_open(protocol);
	if (!talk->transport)
		return fault_set(fault, -errno,
				 "cannot open a netlink socket: %s",
				 strerror(errno));
	talk->buf = xcalloc(NL_RECEIVE_ROOM, 1);
	return 0;
}

void nl_talk_close(struct nl_talk *talk)
{
	if (!talk->transport)
		return;
	nl_transport_close(talk->transport);
	wipe(talk->buf, NL_RECEIVE_ROOM);
	free(talk->buf);
}

void *nl_begin(struct nl_request *request, uint16_t type, uint16_t flags,
	       size_t room)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(request->bytes);

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(header, room);
}

/* The attributes after the error, where the kernel sends them. */
static size_t error_attrs_at(const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
	size_t at = sizeof(*error);

	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		at += MNL_ALIGN(error->msg.nlmsg_len) - NLMSG_HDRLEN;
	return at;
}

/* Names the peer whose attribute was refused. */
static void add_place(struct fault *fault, const struct nlmsghdr *request,
		      uint32_t offset, struct nl_refused *refused)
{
	char text[KEY_TEXT_MAX];

	if (nl_name_place(request, offset, refused))
		fault_prefix(fault, "peer %s",
			     key_text(refused->peer_key, text));
}

static int read_error(const struct nlmsghdr *message,
		      const struct nlmsghdr *request,
		      struct nl_refused *refused, struct fault *fault)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
	const char *words = NULL;
	const struct nlattr *attr;
	uint32_t offset = 0;
	int code;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*error))
		return fault_set(fault, -EBADMSG, "the kernel's answer is too short");
	code = error->error;
	if (!code)
		return 0;
	fault_set(fault, code, "%s", strerror(-code));
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return code;
	mnl_attr_for_each(attr, message, (unsigned int)error_attrs_at(message))
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			words = mnl_attr_get_str(attr);
		else if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS &&
			 mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			offset = mnl_attr_get_u32(attr);
	if (words)
		fault_set(fault, code, "%s (%s)", words, strerror(-code));
	if (offset && request->nlmsg_type >= NLMSG_MIN_TYPE)
		add_place(fault, request, offset, refused);
	return code;
}

/* A dump is read to its end even when it will be thrown away. */
static int read_done(const struct nl_talk *talk, const struct nlmsghdr *message,
		     struct fault *fault)
{
	int code = 0;

	if (mnl_nlmsg_get_payload_len(message) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(message), sizeof(code));
	if (code < 0)
		return fault_set(fault, code, "%s", strerror(-code));
	if (talk->is_interrupted)
		return fault_set(fault, -EINTR,
				 "the configuration changed while it was read");
	return 0;
}

/* What one message means for the conversation: 1 goes on, else it ends. */
static int take_message(struct nl_talk *talk, const struct nlmsghdr *message,
			const struct nl_question *question,
			struct fault *fault)
{
	int ret = 0;

	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		talk->is_interrupted = true;
	switch (message->nlmsg_type) {
	case NLMSG_ERROR:
		return read_error(message, question->request, &talk->refused,
				  fault);
	case NLMSG_DONE:
		return read_done(talk, message, fault);
	case NLMSG_NOOP:
		return 1;
	}
	if (question->answer)
		ret = question->answer(message, question->context);
	if (ret)
		return fault_set(fault, ret, "cannot use the kernel's answer: %s",
				 strerror(-ret));
	return 1;
}

/* All messages of one datagram. */
static int take_datagram(struct nl_talk *talk, size_t len,
			 const struct nl_question *question,
			 struct fault *fault)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)talk->buf;
	int left = (int)len, ret = 1;

	while (ret == 1 && mnl_nlmsg_ok(message, left)) {
		if (message->nlmsg_seq == talk->seq)
			ret = take_message(talk, message, question, fault);
		message = mnl_nlmsg_next(message, &left);
	}
	return ret;
}

int nl_talk_ask(struct nl_talk *talk, struct nlmsghdr *request,
		nl_answer_fn *answer, void *context, struct fault *fault)
{
	const struct nl_question question = { request, answer, context };
	ssize_t len;
	int ret;

	talk->is_interrupted = false;
	memset(&talk->refused, 0, sizeof(talk->refused));
	request->nlmsg_seq = ++talk->seq;
	ret = nl_transport_send(talk->transport, request, request->nlmsg_len);
	if (ret)
		return fault_set(fault, ret, "cannot send to the kernel: %s",
				 strerror(-ret));
	do {
		len = nl_transport_receive(talk->transport, talk->buf,
					   NL_RECEIVE_ROOM);
		if (len < 0)
			return fault_set(fault, (int)len,
					 "cannot receive from the kernel: %s",
					 strerror((int)-len));
		ret = take_datagram(talk, (size_t)len, &question, fault);
	} while (ret == 1);
	return ret;
}
