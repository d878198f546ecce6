/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looking at a machine, without changing anything: each function fills a part of
 * the evidence, and leaves out what it may not see.
 */
#ifndef _WGCTL_DOCTOR_LOOK_H
#define _WGCTL_DOCTOR_LOOK_H

#include "doctor/evidence.h"
#include "netlink/talk.h"

/* the time, and whether it is to be trusted */
void look_at_clock(struct evidence *evidence);

/* modules, and what modprobe would do */
void look_at_module(struct evidence *evidence);

/* the tunnel's file, its rights, units and name servers */
void look_at_file(struct evidence *evidence);

/* who has the port that the tunnel wants? */
void look_at_port(struct evidence *evidence);

/* is what it is bound to there? needs addresses, and where the sockets are */
void look_at_bound(struct evidence *evidence);

/* addresses of all interfaces */
void look_at_addresses(struct evidence *evidence);

/* addresses, routes, rules; needs the device's state */
void look_at_routes(struct evidence *evidence, struct nl_talk *rtnl);

/* where the endpoints' names lead, of peers that are silent */
void look_at_names(struct evidence *evidence);

/* forwarding and reverse path filter; needs the ways to and from the endpoints */
void look_at_sysctls(struct evidence *evidence);

/* the firewall */
void look_at_firewall(struct evidence *evidence);

/* how many packets the reverse path filter dropped so far */
uint64_t look_at_rp_drops(void);

/* the first line of a file; false if it cannot be read */
bool look_line(const char *path, char *line, size_t room);

/* how packets to an address leave that are not the tunnel's own */
void look_for_way(const struct evidence *evidence, struct nl_talk *rtnl,
		  struct way *way, const struct allowed_ip *to);

#endif
