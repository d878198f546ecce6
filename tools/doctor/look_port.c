// SPDX-License-Identifier: GPL-2.0
#include <glob.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/look.h"
#include "lib/xalloc.h"
#include "netlink/talk.h"

/* Is it "socket:[INODE]"? */
static bool leads_to(const char *path, const char *target)
{
	char text[64];
	ssize_t len = readlink(path, text, sizeof(text) - 1);

	text[len < 0 ? 0 : len] = 0;
	return !strcmp(text, target);
}

/* "/proc/12/fd/3" as "nc, process 12" */
static char *process_of(const char *path)
{
	char name[64], comm[32];
	int pid = 0;

	if (sscanf(path, "/proc/%d/", &pid) != 1)
		return NULL;
	snprintf(comm, sizeof(comm), "/proc/%d/comm", pid);
	look_line(comm, name, sizeof(name));
	return xasprintf("%s, process %d", name, pid);
}

static char *owner_of(unsigned long inode)
{
	char target[48], *owner = NULL;
	glob_t fds;
	size_t i;

	snprintf(target, sizeof(target), "socket:[%lu]", inode);
	if (inode && !glob("/proc/[0-9]*/fd/*", GLOB_NOSORT, NULL, &fds)) {
		for (i = 0; i < fds.gl_pathc && !owner; i++)
			if (leads_to(fds.gl_pathv[i], target))
				owner = process_of(fds.gl_pathv[i]);
		globfree(&fds);
	}
	return owner ?: xstrdup("another tunnel, or a process that cannot be seen");
}

/* Who has that port, in one of the kernel's tables of sockets? */
static char *user_in(const char *table, uint16_t port)
{
	FILE *from = fopen(table, "re");
	char line[256], *user = NULL;
	unsigned long inode;
	unsigned int local;

	while (from && !user && fgets(line, sizeof(line), from))
		if (sscanf(line, "%*d: %*[0-9A-Fa-f]:%x %*s %*s %*s %*s %*s %*s %*s %lu",
			   &local, &inode) == 2 && local == port)
			user = owner_of(inode);
	if (from)
		fclose(from);
	return user;
}

static char *user_of(uint16_t port)
{
	return user_in("/proc/net/udp", port) ?: user_in("/proc/net/udp6", port);
}

/* The port that the tunnel wants and has not. */
static uint16_t wanted_port(const struct evidence *evidence)
{
	const struct tunnel *file = evidence->setup ? evidence->setup->tunnel :
						      NULL;
	const struct tunnel *now = evidence->now;

	if (now && !evidence->link.is_up)
		return now->listen_port;
	if (!file || !(file->has & TUNNEL_HAS_PORT) ||
	    (now && now->listen_port == file->listen_port))
		return 0;
	return file->listen_port;
}

void look_at_port(struct evidence *evidence)
{
	const uint16_t own = evidence->now ? evidence->now->listen_port : 0;
	char *user = NULL;

	evidence->port = wanted_port(evidence);
	if (evidence->port)
		evidence->port_user = user_of(evidence->port);
	/* its sockets may be in another namespace, where it was made */
	if (own && evidence->link.is_up)
		user = user_of(own);
	evidence->sees_wire = user;
	evidence->is_elsewhere = own && evidence->link.is_up && !user;
	free(user);
}

/* --- what the sockets are bound to --- */

struct bound {
	uint32_t ifindex;
	uint16_t port;
	unsigned int sockets; /* on the port */
	unsigned int here; /* bound to the device */
};

static int take_socket(const struct nlmsghdr *message, void *context)
{
	const struct inet_diag_msg *diag = mnl_nlmsg_get_payload(message);
	struct bound *bound = context;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*diag) ||
	    ntohs(diag->id.idiag_sport) != bound->port)
		return 0;
	bound->sockets++;
	bound->here += diag->id.idiag_if == bound->ifindex;
	return 0;
}

static void ask_for_sockets(struct nl_talk *talk, uint8_t family,
			    struct bound *bound)
{
	struct inet_diag_req_v2 *wanted;
	struct nl_request request;

	wanted = nl_begin(&request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP,
			  sizeof(*wanted));
	wanted->sdiag_family = family;
	wanted->sdiag_protocol = IPPROTO_UDP;
	wanted->idiag_states = UINT32_MAX;
	nl_talk_ask(talk, &request.header, take_socket, bound, fault_ignored());
}

/* A binding is to a device, not to its name: a new one is not what is bound to. */
static bool is_bound_to(uint32_t ifindex, uint16_t port)
{
	struct bound bound = { .ifindex = ifindex, .port = port };
	struct nl_talk talk;

	if (nl_talk_open(&talk, NETLINK_SOCK_DIAG, fault_ignored()))
		return true;
	ask_for_sockets(&talk, AF_INET, &bound);
	ask_for_sockets(&talk, AF_INET6, &bound);
	nl_talk_close(&talk);
	return bound.here || !bound.sockets;
}

void look_at_bound(struct evidence *evidence)
{
	const struct bind *bind;
	uint32_t ifindex;

	if (!evidence->now || evidence->is_elsewhere)
		return;
	bind = &evidence->now->bind;
	ifindex = if_nametoindex(bind->device);
	evidence->lacks_bound =
		(*bind->device && !ifindex) ||
		(bind->address.family &&
		 !is_among(&bind->address, &evidence->everywhere));
	evidence->has_other_bound = ifindex && evidence->link.is_up &&
				    !is_bound_to(ifindex,
						 evidence->now->listen_port);
}
