/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Name servers of a tunnel, through resolvconf or else systemd-resolved.
 */
#ifndef _WGCTL_QUICK_DNS_H
#define _WGCTL_QUICK_DNS_H

#include "lib/fault.h"
#include "lib/strv.h"

enum dns_manager {
	DNS_NOBODY,
	DNS_RESOLVCONF,
	DNS_RESOLVED,
};

/* Who manages /etc/resolv.conf on this machine? */
enum dns_manager dns_manager(void);

/* "resolvconf", "systemd-resolved" */
const char *dns_manager_word(enum dns_manager manager);

/**
 * dns_set() - use a tunnel's name servers, and only these, if it has any
 * @manager: who manages them
 * @interface: of the tunnel, up
 * @servers: addresses
 * @search: domains
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int dns_set(enum dns_manager manager, const char *interface,
	    const struct strv *servers, const struct strv *search,
	    struct fault *fault);

/* use them no more */
int dns_unset(enum dns_manager manager, const char *interface,
	      struct fault *fault);

#endif
