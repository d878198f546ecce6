/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The steps that plans are made of, each with what takes it back.
 */
#ifndef _WGCTL_QUICK_OPS_H
#define _WGCTL_QUICK_OPS_H

#include "quick/plan.h"

extern const struct op op_add_link;
extern const struct op op_delete_link;
extern const struct op op_raise_link; /* number: the MTU; 0: mtu.h's */
extern const struct op op_resolve; /* change: its endpoints' names */
extern const struct op op_device; /* change, back */
extern const struct op op_add_address; /* ip */
extern const struct op op_delete_address; /* ip */
extern const struct op op_add_route; /* route, ifindex filled in */
extern const struct op op_delete_route; /* route */
extern const struct op op_add_rule; /* rule */
extern const struct op op_delete_rule; /* rule */
extern const struct op op_add_filter; /* number: as in firewall.h */
extern const struct op op_replace_filter; /* number: likewise */
extern const struct op op_delete_filter; /* number: likewise */
extern const struct op op_delete_foreign; /* filters of wg-quick */
extern const struct op op_turn_on; /* number: enum sysctl_id */
extern const struct op op_turn_off; /* number: enum sysctl_id */
extern const struct op op_leave_on; /* number: enum sysctl_id, another's */
extern const struct op op_set_dns; /* number: enum dns_manager */
extern const struct op op_unset_dns; /* number: enum dns_manager */
extern const struct op op_hook; /* text: command, number: enum setup_hook */
extern const struct op op_save; /* the device's state into the file */
extern const struct op op_write_state; /* first, and last if less is left */
extern const struct op op_remove_state;

/*
 * Not steps of their own: places in a plan at which, on the way back, the
 * hooks of going down are run, if those of going up have been. What PostUp
 * did is for PreDown and PostDown to undo, what PreUp did for PostDown. They
 * may find less to undo than after a whole `up`: their failures are said, and
 * passed over.
 */
extern const struct op op_undo_by_pre_down;
extern const struct op op_undo_by_post_down;

#endif
