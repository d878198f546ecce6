/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of a change that cannot fail, and what is left to do after it.
 */
#ifndef _WG_CTL_COMMIT_H
#define _WG_CTL_COMMIT_H

struct wg_change;
struct wg_device;
struct wg_peer;
struct wg_removed;

/*
 * Let a change that was reserved take effect. Process context, config_lock
 * held. Follow with wg_removed_release() of change->removed.
 */
void wg_change_commit(struct wg_change *change);

void wg_removed_init(struct wg_removed *removed);

/*
 * Kill @peer, to be released with the others. Its allowed IPs go too, out of
 * the trie or with it. config_lock held.
 */
void wg_removed_kill(struct wg_removed *removed, struct wg_peer *peer);

/*
 * Free what was taken away, after one grace period for all of it. Process
 * context.
 */
void wg_removed_release(struct wg_removed *removed);

#endif
