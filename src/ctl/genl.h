/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink families: "wg" and, on demand, "wireguard" with the
 * same operations, so that the stock tools find us.
 */
#ifndef _WG_CTL_GENL_H
#define _WG_CTL_GENL_H

#include <linux/types.h>
#include <net/genetlink.h>

extern struct genl_family wg_genl_family;

/*
 * Make the families known; @is_compat: the second one too. Process context.
 * Return: 0; -EEXIST when somebody else has that name; -ENOMEM.
 */
int wg_genl_register(bool is_compat);
void wg_genl_unregister(bool is_compat);

#endif
