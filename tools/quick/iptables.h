/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules of firewall.h where only iptables is installed.
 *
 * There are no tables of our own: a comment tells whose rules they are. For
 * firewall.c alone.
 */
#ifndef _WGCTL_QUICK_IPTABLES_H
#define _WGCTL_QUICK_IPTABLES_H

#include "quick/firewall.h"

bool iptables_exists(void);
void iptables_look(struct firewall_seen *seen, const char *interface);
int iptables_put(const struct firewall *firewall, struct fault *fault);
int iptables_delete(const char *interface, uint16_t family,
		    struct fault *fault);
int iptables_delete_foreign(const char *interface, struct fault *fault);

#endif
