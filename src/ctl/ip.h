/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of allowed IPs: a cache of their own, since the next general size
 * would waste a quarter of it, and a device may have millions.
 */
#ifndef _WG_CTL_IP_H
#define _WG_CTL_IP_H

struct list_head;
struct wg_allowed_ip;

/* The cache. Process context. 0 or -ENOMEM. */
int wg_ip_register(void);

/* After the last device is gone: waits for all that RCU still holds. */
void wg_ip_unregister(void);

/* All zero, or NULL. Process context. */
struct wg_allowed_ip *wg_ip_alloc(void);

/* Free one that is on no list and that no packet could ever find. */
void wg_ip_free(struct wg_allowed_ip *ip);

/* Free a list of such. */
void wg_ip_free_list(struct list_head *ips);

/* Free a list of those that packets may still look at. */
void wg_ip_free_list_rcu(struct list_head *ips);

#endif
