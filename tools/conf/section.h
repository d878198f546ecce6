/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changing the keys of one section of a file, leaving the rest as it is.
 */
#ifndef _WGCTL_CONF_SECTION_H
#define _WGCTL_CONF_SECTION_H

#include "conf/conf.h"

/**
 * conf_interface() - where [Interface] is
 * @conf: parsed
 * @range: filled
 *
 * Return: false if there is none.
 */
bool conf_interface(struct conf *conf, struct conf_range *range);

/**
 * conf_put() - give a key a value, or take it away
 * @range: the section, changed in its file; moves with the change
 * @key: which
 * @value: NULL takes all lines of the key away; else the first such line gets
 *	the value and further ones go; a new line comes after the last one, or
 *	at the top if it is a comment
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int conf_put(struct conf_range *range, enum conf_key key, const char *value,
	     struct fault *fault);

/**
 * conf_remove_peer() - take a peer's section out
 * @conf: changed in place
 * @public_key: of the peer
 *
 * Comments directly above the section are about it, and go with it.
 *
 * Return: true if there was such a section.
 */
bool conf_remove_peer(struct conf *conf, const uint8_t *public_key);

#endif
