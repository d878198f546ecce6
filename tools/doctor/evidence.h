/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the doctor knows of a tunnel, as plain data: look.h fills it, check.h
 * judges it. Nothing here talks to anybody.
 */
#ifndef _WGCTL_DOCTOR_EVIDENCE_H
#define _WGCTL_DOCTOR_EVIDENCE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "model/tunnel.h"
#include "netlink/link.h"
#include "quick/firewall.h"
#include "quick/routes.h"
#include "quick/setup.h"
#include "quick/state.h"

/* How packets to an address would leave. */
struct way {
	bool is_known; /* somebody has asked */
	int error; /* negative errno; 0: there is a way */
	uint32_t ifindex;
	char device[IFNAMSIZ];
	struct allowed_ip source;
};

/* Messages by type, as wire.h counts them. */
#define WIRE_TYPES 5

struct seen {
	unsigned int out[WIRE_TYPES]; /* that left this machine, to the peer */
	unsigned int in[WIRE_TYPES]; /* that came, firewalls not yet asked */
};

/* What a router or host said of our datagrams. */
struct icmp_word {
	bool is_there;
	uint16_t family;
	uint8_t type;
	uint8_t code;
	struct allowed_ip from;
};

enum name_state {
	NAME_NONE, /* the endpoint is no name, or none is known */
	NAME_SAME,
	NAME_ELSEWHERE,
	NAME_FAILS,
};

/* What was tried with one peer, and came of it. */
struct trial {
	const struct peer *peer; /* as it is at the end */
	const struct peer *before; /* as it was */
	const struct peer *file; /* what the file says; NULL: nothing */
	bool is_asked_for; /* by name, or because there is no other */
	bool is_called; /* packets were sent into the tunnel for it */
	bool is_forbidden; /* and a firewall did not let them */
	bool has_answered; /* through the tunnel */
	bool is_direct; /* the one that was called answered itself */
	struct allowed_ip called; /* the address for which they were */
	uint16_t id; /* of these packets */
	uint16_t large; /* of those that find the MTU; 0: none was sent */
	uint16_t largest; /* that was answered */
	bool is_sent_beyond; /* one for somebody behind the peer */
	bool has_forwarded;
	struct seen seen;
	uint32_t came_by; /* the interface by which these came; 0: none did */
	uint32_t indices[8]; /* sender indices of our initiations */
	struct endpoint elsewhere; /* where answers came from; or AF_UNSPEC */
	struct icmp_word icmp;
	struct endpoint at; /* the endpoint as it was last seen */
	struct endpoint left; /* and the one before */
	unsigned int returns; /* to the one before */
	struct way way; /* to the endpoint, with the tunnel's mark */
	struct way unmarked; /* and without it */
	enum name_state name;
	struct endpoint named; /* what the name means */
	struct endpoint other; /* and in the other address family; or AF_UNSPEC */
	char *name_error; /* owned */
	bool name_is_unsure; /* nobody could be asked */
};

/* One packet that peers want to have forwarded, and what became of it. */
struct beyond {
	unsigned int wanted; /* packets that came out of the tunnel for @to */
	unsigned int left;
	unsigned int answered; /* answers that came to this machine */
	unsigned int returned; /* and went into the tunnel */
	bool has_kept_source; /* it left with the peer's own address */
	struct allowed_ip from;
	struct allowed_ip to;
	char device[IFNAMSIZ]; /* by which it left */
	struct way way;
};

/* What is sent into the tunnel, besides our calls, and calls for an answer. */
struct asked {
	unsigned int out;
	unsigned int in; /* answers of any kind, and all other packets */
	struct allowed_ip to; /* the last one */
};

struct module_state {
	bool is_loaded;
	bool has_in_tree; /* the kernel's own is loaded */
	bool wants_compat; /* a file of modprobe.d says so */
	bool is_compat;
	char version[32]; /* empty: not known */
};

/* The route by which a prefix of a peer is reached. */
struct lead {
	const struct peer *peer;
	struct allowed_ip ip;
	struct way way;
	bool has_route; /* into the tunnel, in whatever table */
};

struct leads {
	struct lead *items;
	size_t count;
	size_t room;
};

struct sysctls {
	bool forwards[IP_FAMILIES]; /* for the interface */
	bool reads_mark; /* src_valid_mark */
	int rp_filter; /* of the interface, as the kernel takes it */
	int outer_rp_filter; /* of the one that datagrams come in by */
	char outer[IFNAMSIZ];
	uint64_t rp_drops; /* in the time that was watched */
};

struct evidence {
	char name[IFNAMSIZ];
	int64_t now_s;
	bool is_unsynced; /* nobody sets our clock by another one */
	uint64_t watched_s;
	struct module_state module;
	struct nl_link link; /* ifindex 0: there is none */
	struct tunnel *before; /* owned; NULL: there is no device */
	struct tunnel *now; /* owned; the same at first, looked at again */
	struct trial *trials; /* owned; one for each peer that is asked for */
	size_t trial_count;
	/* the file */
	struct setup *setup; /* owned; NULL: there is none that can be used */
	char *path; /* owned; of the file; NULL: there is none */
	mode_t mode;
	char *file_error; /* owned; NULL: it could be read */
	struct state state;
	bool is_fresh; /* state is of this very interface */
	bool resolver_knows; /* all name servers of the file */
	char *failed_unit; /* owned */
	/* around the device */
	struct allowed_ips addresses;
	struct allowed_ips everywhere; /* the addresses of all interfaces */
	const char *lost_server; /* of the file's, private and out of reach */
	struct routes routes; /* all into the tunnel */
	bool has_family[IP_FAMILIES]; /* a route to elsewhere */
	bool has_rule[IP_FAMILIES]; /* not our mark: by its table */
	bool has_main_rule[IP_FAMILIES];
	uint32_t default_table[IP_FAMILIES]; /* other than main; 0: none */
	bool has_table_rule[IP_FAMILIES]; /* some packets go by that one */
	bool has_source_rule[IP_FAMILIES]; /* some go by where they come from */
	bool has_own_rule; /* some packets go by the table that the file names */
	struct way defaults[IP_FAMILIES]; /* to somewhere in the world */
	struct leads leads;
	struct sysctls sysctls;
	struct firewall_seen filters;
	bool sees_filters;
	char *rules; /* owned; the machine's firewall in its own words */
	char masked_nobody[IFNAMSIZ]; /* no device, but what leaves by it is masqueraded */
	char *port_user; /* owned; who has the port that we want */
	uint16_t port;
	bool lacks_bound; /* there is no such device or address as it is bound to */
	bool has_other_bound; /* one has, and is not the one it is bound to */
	/* the wire */
	bool is_elsewhere; /* its sockets are, in the namespace it was made in */
	bool sees_wire; /* packets can be watched, and the sockets are here */
	bool has_missed; /* of the packets, some */
	struct beyond beyond;
	struct asked asked;
};

/* the drops of a reason, and by how many they grew */
uint64_t drops_of(const struct drops *drops, const char *reason);
uint64_t drops_grown(const struct drops *before, const struct drops *now,
		     const char *reason);

/* Whose address is it? That of the longest prefix; NULL: nobody's. */
const struct peer *peer_of(const struct evidence *evidence,
			   const struct allowed_ip *ip);

/* The address of another interface whose network is this one; or NULL. */
const struct allowed_ip *twin_of(const struct evidence *evidence,
				 const struct allowed_ip *net);

/* Does the file leave it to somebody else what goes into the tunnel? */
bool routes_are_by_hand(const struct evidence *evidence);

/* Is it one of these addresses, however long their networks? */
bool is_among(const struct allowed_ip *ip, const struct allowed_ips *addresses);

/* Is it for use within a site only? */
bool ip_is_private(const struct allowed_ip *ip);

#define SESSION_S 180 /* nothing is sent under a session after that */

/* Was there a handshake that is young enough to be sent under? */
bool trial_is_alive(const struct evidence *evidence,
		    const struct trial *trial);

/*
 * Was it asked, besides by us, and did no packet come? Three times: nobody who is
 * merely slow is blamed.
 */
bool is_asked_in_vain(const struct evidence *evidence,
		      const struct peer *peer);

/* "laptop", or the key of one without a name; buf has PEER_WORD_MAX bytes */
#define PEER_WORD_MAX 72
const char *peer_word(const struct peer *peer, char *buf);

/* an address without its length; buf has IP_TEXT_MAX bytes */
const char *address_text(const struct allowed_ip *ip, char *buf);

/* Does it lead into the tunnel? */
bool leads_in(const struct evidence *evidence, const struct way *way);

/* one address, as a prefix of full length */
struct allowed_ip ip_host(uint16_t family, const void *address);

/* the same of a socket address; and a socket address, of which the port is 0 */
struct allowed_ip ip_of(const struct endpoint *endpoint);
struct endpoint endpoint_of(const struct allowed_ip *ip);

/** evidence_clear() - free all that it owns, and wipe what is secret */
void evidence_clear(struct evidence *evidence);

#endif
