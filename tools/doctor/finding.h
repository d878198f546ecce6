/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be wrong with a tunnel: one table, from which the doctor's output,
 * its list and the guide are made.
 */
#ifndef _WGCTL_DOCTOR_FINDING_H
#define _WGCTL_DOCTOR_FINDING_H

#include <stddef.h>

#include "lib/out.h"
#include "model/tunnel.h"

/* What can be wrong; finding_kinds has the words. */
enum finding_id {
	/* module and interface */
	FINDING_MODULE_MISSING,
	FINDING_MODULE_OLD,
	FINDING_COMPAT_REFUSED,
	FINDING_IN_TREE,
	FINDING_NO_INTERFACE,
	FINDING_PORT_TAKEN,
	FINDING_SAME_NET,
	FINDING_BOUND_GONE,
	FINDING_LINK_DOWN,
	FINDING_NO_ADDRESS,
	FINDING_NO_KEY,
	FINDING_NO_PEERS,
	/* the file, and what belongs to it */
	FINDING_FILE_BROKEN,
	FINDING_FILE_DIFFERS,
	FINDING_FILE_READABLE,
	FINDING_FILE_WRITABLE,
	FINDING_RESOLVER_NOT_TOLD,
	FINDING_RESOLVER_OUTSIDE,
	FINDING_UNIT_FAILED,
	/* keys and clocks */
	FINDING_OWN_KEY,
	FINDING_OUR_KEY_WRONG,
	FINDING_PEER_KEY_WRONG,
	FINDING_PSK_DIFFERS,
	FINDING_PEER_CLOCK,
	FINDING_OUR_CLOCK,
	/* the way to the other side */
	FINDING_PEER_OFF,
	FINDING_NO_ENDPOINT,
	FINDING_NAME_FAILS,
	FINDING_NAME_MOVED,
	FINDING_ENDPOINT_LOOP,
	FINDING_NO_FAMILY,
	FINDING_NO_ROUTE,
	FINDING_BLOCKED_OUT,
	FINDING_BLOCKED_IN,
	FINDING_REFUSED,
	FINDING_UNREACHABLE,
	FINDING_ANSWER_ELSEWHERE,
	FINDING_KEY_TWICE,
	FINDING_NO_ANSWER,
	FINDING_IDLE,
	FINDING_KEEPALIVES_ONLY,
	FINDING_UNDER_LOAD,
	/* what goes through the tunnel */
	FINDING_NO_ALLOWED_IPS,
	FINDING_OVERLAP,
	FINDING_NOBODYS,
	FINDING_SOURCE,
	FINDING_WRONG_ADDRESS,
	FINDING_ROUTE_MISSING,
	FINDING_ROUTE_ELSEWHERE,
	FINDING_POLICY_MISSING,
	FINDING_SPOOF_FILTER,
	FINDING_RP_FILTER,
	FINDING_MTU,
	/* beyond the tunnel */
	FINDING_FORWARDING_OFF,
	FINDING_NO_MASQUERADE,
	FINDING_FORWARD_DROPS,
	FINDING_PEER_FORWARDS_NOT,
	FINDING_UNANSWERED,
	FINDING_END,
};

enum finding_severity {
	FINDING_IS_FAULT, /* something does not work */
	FINDING_IS_WARNING, /* something will not, or should not be so */
};

struct finding_kind {
	const char *name;
	enum finding_severity severity;
	const char *text;
	const char *remedy;
	/*
	 * The remedy, to be copied, where it is known beforehand; each %s, of
	 * which there are two at the most, stands for the interface
	 */
	const char *command;
};

extern const struct finding_kind finding_kinds[FINDING_END];

struct finding {
	enum finding_id id;
	const struct peer *peer; /* borrowed; NULL: it is not about one */
	char *evidence; /* owned */
	char *command; /* owned; to be copied; NULL: there is none */
};

struct findings {
	const char *interface; /* borrowed */
	struct finding *items;
	size_t count;
	size_t room;
	bool nobody_is_turned_away; /* it was looked for, which takes long */
};

/**
 * finding_add() - note that something is wrong
 * @findings: grows
 * @id: what
 * @peer: whom it is about, or NULL; outlives the findings
 * @evidence: printf format of what was seen
 *
 * Return: it, until the next one is added.
 */
struct finding *finding_add(struct findings *findings, enum finding_id id,
			    const struct peer *peer, const char *evidence, ...)
	__attribute__((format(printf, 4, 5)));

/* what to do, to be copied, of a kind that has no command */
void finding_command(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Is there one of this kind, about a peer of this key? NULL: about none. */
bool findings_have(const struct findings *findings, enum finding_id id,
		   const struct peer *peer);

/* Is there any that is about this peer? */
bool findings_concern(const struct findings *findings,
		      const struct peer *peer);

/* Leave only what is about this peer, and what is about none. */
void findings_keep(struct findings *findings, const struct peer *peer);

void findings_clear(struct findings *findings);

/* findings for people, or a list of them in JSON */
void findings_print(const struct findings *findings, struct out *out);

/* all that there can be */
void findings_list(struct out *out);

#endif
