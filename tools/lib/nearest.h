/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far one word is from another, for suggestions.
 */
#ifndef _WGCTL_LIB_NEAREST_H
#define _WGCTL_LIB_NEAREST_H

#include <stdbool.h>

/**
 * nearest_distance() - the mistakes that make one word of another
 * @typed: what was typed
 * @meant: what may have been meant
 *
 * Return: how many letters are wrong, missing, too many, or exchanged with
 * their neighbours; letter case does not count, nor what is after 16 letters.
 */
unsigned int nearest_distance(const char *typed, const char *meant);

/* Is that few for a word of this length? */
bool nearest_is_likely(unsigned int distance, const char *meant);

#endif
