/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module remembers of what it refused, as far as it bears on what does
 * not work now: what is long ago, or was put right since, does not.
 *
 * @text, where it is a parameter, gets how it was refused: FAULT_TEXT_MAX bytes.
 */
#ifndef _WGCTL_DOCTOR_REFUSAL_H
#define _WGCTL_DOCTOR_REFUSAL_H

#include "doctor/evidence.h"

/* Was something of the peer refused for this reason, after its last handshake? */
bool peer_is_refused(const struct evidence *evidence,
		     const struct trial *trial, const char *reason);

/* Was somebody refused who is where the peer's endpoint is? NULL: at nobody's? */
bool stranger_is_refused(const struct evidence *evidence,
			 const struct trial *trial, const char *reason,
			 char *text);

/* Did the peer send from an address that is not its own? */
bool source_is_refused(const struct evidence *evidence,
		       const struct trial *trial, char *text);

/* Was there a packet for an address that no peer has? */
bool destination_is_refused(const struct evidence *evidence, char *text);

/* Does any peer have some of the network? */
bool is_somebodys(const struct evidence *evidence,
		  const struct allowed_ip *net);

#endif
