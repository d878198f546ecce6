/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `up` has to remember until `down`: which file a tunnel came from and
 * what was done that the tunnel itself does not show.
 *
 * A small file under /run for each tunnel of each network namespace; nothing
 * secret is in it, and nothing goes wrong badly without it.
 */
#ifndef _WGCTL_QUICK_STATE_H
#define _WGCTL_QUICK_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/fault.h"
#include "quick/dns.h"
#include "quick/sysctl.h"

struct state {
	char *path; /* owned; of the configuration */
	uint32_t ifindex; /* of the interface that was made */
	uint32_t mark; /* chosen for default routes; 0: none */
	bool has_policy[2]; /* rules for IPv4, IPv6 */
	bool has_set[SYSCTLS]; /* was off before this or another tunnel */
	enum dns_manager dns; /* who was told of name servers */
	char *names; /* owned; what was told: servers, domains */
};

/**
 * state_read() - what was written for a tunnel
 * @state: filled; all zero when there is nothing; for state_clear()
 * @interface: its name
 *
 * Return: true if something was written.
 */
bool state_read(struct state *state, const char *interface);

/**
 * state_mark_taken() - has another tunnel here noted the mark?
 * @mark: and number of a table
 * @interface: the one that asks
 *
 * Return: true if there is one that is up.
 */
bool state_mark_taken(uint32_t mark, const char *interface);

/**
 * state_share() - has another tunnel here noted the sysctl?
 * @id: of the sysctl; the last tunnel that has it noted sets it back
 * @interface: the one that asks
 *
 * Return: true if there is one that is up.
 */
bool state_share(enum sysctl_id id, const char *interface);

int state_write(const struct state *state, const char *interface,
		struct fault *fault);

/* nothing is to be remembered any more */
void state_remove(const char *interface);

/** state_clear() - free what a state owns */
void state_clear(struct state *state);

/**
 * state_lock() - be the only one to bring a tunnel up or down
 * @interface: its name
 * @fault: filled when another one does not end within 10 seconds
 *
 * One that we were started by, from a hook, waits for us and not we for it.
 *
 * Return: a descriptor to close at the end, or a negative errno.
 */
int state_lock(const char *interface, struct fault *fault);

#endif
