/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `up` has to remember until `down`: which file a tunnel came from and
 * what was done that the tunnel itself does not show.
 *
 * A small file under /run for each tunnel of each network namespace; nothing
 * secret is in it, and nothing goes wrong badly without it.
 */
#ifndef _WGCTL_NOTES_H
#define _WGCTL_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "dns.h"
#include "fault.h"
#include "switches.h"

struct notes {
	char *path; /* owned; of the configuration */
	uint32_t ifindex; /* of the interface that was made */
	uint32_t mark; /* chosen for default routes; 0: none */
	bool has_policy[2]; /* rules for IPv4, IPv6 */
	bool has_set[SWITCHES]; /* was off before this or another tunnel */
	enum dns_manager dns; /* who was told of name servers */
	char *names; /* owned; what was told: servers, domains */
};

/**
 * notes_read() - what was written for a tunnel
 * @notes: filled; all zero when there is nothing; for notes_clear()
 * @interface: its name
 *
 * Return: true if there are notes.
 */
bool notes_read(struct notes *notes, const char *interface);

/**
 * notes_mark_taken() - has another tunnel here noted the mark?
 * @mark: and number of a table
 * @interface: the one that asks
 *
 * Return: true if there is one that is up.
 */
bool notes_mark_taken(uint32_t mark, const char *interface);

/**
 * notes_share() - has another tunnel here noted the switch?
 * @id: of the switch; the last tunnel that has it noted sets it back
 * @interface: the one that asks
 *
 * Return: true if there is one that is up.
 */
bool notes_share(enum switch_id id, const char *interface);

int notes_write(const struct notes *notes, const char *interface,
		struct fault *fault);

/* nothing is to be remembered any more */
void notes_remove(const char *interface);

/** notes_clear() - free what notes own */
void notes_clear(struct notes *notes);

/**
 * notes_lock() - be the only one to bring a tunnel up or down
 * @interface: its name
 * @fault: filled when another one does not end within 10 seconds
 *
 * One that we were started by, from a hook, waits for us and not we for it.
 *
 * Return: a descriptor to close at the end, or a negative errno.
 */
int notes_lock(const char *interface, struct fault *fault);

#endif
