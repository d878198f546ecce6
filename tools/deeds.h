/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The steps that plans are made of, each with what takes it back.
 */
#ifndef _WGCTL_DEEDS_H
#define _WGCTL_DEEDS_H

#include "plan.h"

extern const struct deed deed_add_link;
extern const struct deed deed_delete_link;
extern const struct deed deed_raise_link; /* number: the MTU; 0: mtu.h's */
extern const struct deed deed_resolve; /* change: its endpoints' names */
extern const struct deed deed_device; /* change, back */
extern const struct deed deed_add_address; /* ip */
extern const struct deed deed_delete_address; /* ip */
extern const struct deed deed_add_route; /* route, ifindex filled in */
extern const struct deed deed_delete_route; /* route */
extern const struct deed deed_add_rule; /* rule */
extern const struct deed deed_delete_rule; /* rule */
extern const struct deed deed_add_filter; /* number: as in firewall.h */
extern const struct deed deed_replace_filter; /* number: likewise */
extern const struct deed deed_delete_filter; /* number: likewise */
extern const struct deed deed_delete_foreign; /* filters of wg-quick */
extern const struct deed deed_turn_on; /* number: enum switch_id */
extern const struct deed deed_turn_off; /* number: enum switch_id */
extern const struct deed deed_leave_on; /* number: enum switch_id, another's */
extern const struct deed deed_set_dns; /* number: enum dns_manager */
extern const struct deed deed_unset_dns; /* number: enum dns_manager */
extern const struct deed deed_hook; /* text: command, number: enum setup_hook */
extern const struct deed deed_save; /* the device's state into the file */
extern const struct deed deed_write_notes; /* first, and last if less is left */
extern const struct deed deed_remove_notes;

/*
 * Not steps of their own: places in a plan at which, on the way back, the
 * hooks of going down are run, if those of going up have been. What PostUp
 * did is for PreDown and PostDown to undo, what PreUp did for PostDown. They
 * may find less to undo than after a whole `up`: their failures are said, and
 * passed over.
 */
extern const struct deed deed_undo_by_pre_down;
extern const struct deed deed_undo_by_post_down;

#endif
