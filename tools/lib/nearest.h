/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Suggestions for a word that was mistyped.
 */
#ifndef _WGCTL_LIB_NEAREST_H
#define _WGCTL_LIB_NEAREST_H

#include "lib/strv.h"

/**
 * nearest() - the word that may have been meant
 * @words: to choose from
 * @typed: what was typed
 *
 * Counted are letters that are wrong, missing, too many, or exchanged with
 * their neighbours; letter case does not count, nor what is after 16 letters.
 *
 * Return: one of the words, or NULL if none is near.
 */
const char *nearest(const struct strv *words, const char *typed);

#endif
