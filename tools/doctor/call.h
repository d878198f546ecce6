/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls into a tunnel: echo requests with a hop limit of one.
 */
#ifndef _WGCTL_DOCTOR_CALL_H
#define _WGCTL_DOCTOR_CALL_H

#include "doctor/evidence.h"

#define CALL_LEN_MAX 9216 /* larger packets are not sent */

/* sockets for both families, bound to the interface; -1: none */
struct caller {
	int fd[IP_FAMILIES];
};

void caller_open(struct caller *caller, const char *interface);
void caller_close(struct caller *caller);

/**
 * call() - send one echo request
 * @caller: open
 * @to: the address
 * @id: of the request
 * @sequence: of the request
 * @len: of the packet, IP header included
 *
 * Return: false if it could not be sent.
 */
bool call(const struct caller *caller, const struct allowed_ip *to,
	  uint16_t id, uint16_t sequence, size_t len);

/* an address of the documentation, which nobody has */
struct allowed_ip call_nobody(uint16_t family);

/**
 * call_choose() - whom to call for a peer
 * @to: filled
 * @peer: has allowed IPs
 * @evidence: has the device's state and addresses
 *
 * Return: false if there is no address that is the peer's, and neither ours nor
 * another peer's, and of a family that the interface has an address of.
 */
bool call_choose(struct allowed_ip *to, const struct peer *peer,
		 const struct evidence *evidence);

#endif
