/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a wanted state to a change that a device can be sent.
 *
 * Pure functions of models: no kernel, no files.
 */
#ifndef _WGCTL_MODEL_CHANGE_H
#define _WGCTL_MODEL_CHANGE_H

#include "lib/fault.h"
#include "model/tunnel.h"

/**
 * change_replace() - make a file's content replace all that a device has
 * @wanted: of the file; flags and `has` are completed in place, so that what
 *	the file does not say is set to its default
 */
void change_replace(struct tunnel *wanted);

/**
 * change_difference() - the smallest change from one state to another
 * @now: of the device
 * @wanted: of the file, with resolved endpoints; not changed
 *
 * Untouched peers do not appear, so that their sessions live on. An endpoint
 * that the file does not name stays what it is: peers roam.
 *
 * Return: the change, for tunnel_free().
 */
struct tunnel *change_difference(const struct tunnel *now,
				 const struct tunnel *wanted);

/**
 * change_is_empty() - is there nothing to send?
 * @change: from change_difference()
 *
 * Return: true if sending it would change nothing.
 */
bool change_is_empty(const struct tunnel *change);

/**
 * change_merge_peers() - make one entry of several with the same key, and let
 * each prefix have the last peer alone that it is given to, unless the device is
 * to refuse that
 * @wanted: changed in place; later values win, prefixes without sign replace
 */
void change_merge_peers(struct tunnel *wanted);

/* A prefix that a peer is given, and in which order that was said. */
struct claim {
	struct allowed_ip ip;
	struct peer *peer;
	size_t at; /* in the peer's list */
	size_t place;
};

/**
 * change_claims() - all prefixes that are given to peers
 * @wanted: of a file or of arguments
 * @count: set to how many they are
 *
 * Return: sorted by prefix, and then as they were said; for free().
 */
struct claim *change_claims(const struct tunnel *wanted, size_t *count);

/* Is the second, which follows the first, the same prefix for another peer? */
bool change_is_outdone(const struct claim *first, const struct claim *second);

/**
 * change_resolve_peer() - a public key, or the name of a peer
 * @key: filled
 * @word: base64 of a key, or a name that a peer of @now has
 * @now: the device's state; NULL: only keys are accepted
 * @fault: says when there is no such peer, or more than one
 *
 * Return: 0 or a negative errno.
 */
int change_resolve_peer(uint8_t *key, const char *word,
			const struct tunnel *now, struct fault *fault);

#endif
