/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What packets say that were seen going by: the tunnel's own datagrams, ICMP
 * about them, answers to what was tried, and what peers want forwarded.
 *
 * Pure functions of bytes; watch.c gets them from a packet socket.
 */
#ifndef _WGCTL_DOCTOR_WIRE_H
#define _WGCTL_DOCTOR_WIRE_H

#include "doctor/evidence.h"

enum wire_type {
	WIRE_INITIATION = 1,
	WIRE_RESPONSE = 2,
	WIRE_COOKIE = 3,
	WIRE_DATA = 4,
};

/* Sequence numbers of echo requests; larger ones are the packet's length. */
#define CALL_PEER 1
#define CALL_BEYOND 2
#define CALL_LARGE 64 /* the smallest length that is tried */

struct wire_packet {
	const uint8_t *bytes; /* from the IP header on */
	size_t len; /* of what was captured */
	bool is_out; /* it leaves this machine */
	uint32_t ifindex;
	/* filled by wire_parse() */
	struct allowed_ip from;
	struct allowed_ip to;
	bool is_part; /* a fragment; it has a header if it is the first one */
	uint8_t protocol;
	const uint8_t *payload; /* of IP */
	size_t payload_len;
};

/**
 * wire_parse() - read the IP header
 * @packet: bytes and len are set; the rest is filled
 *
 * Return: false for what is no IP, or cut off too early.
 */
bool wire_parse(struct wire_packet *packet);

/**
 * wire_note() - write down what a packet says
 * @evidence: trials and what is beyond are filled
 * @packet: parsed
 *
 * Return: true if it may be one that a peer wants to have forwarded: it came
 * out of the tunnel, and what becomes of its like is not watched yet.
 */
bool wire_note(struct evidence *evidence, const struct wire_packet *packet);

#endif
