/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a tunnel is shown: to people, to scripts in columns, as JSON.
 *
 * Only models and output: whoever has a tunnel can show it.
 */
#ifndef _WGCTL_SHOW_SHOW_H
#define _WGCTL_SHOW_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/out.h"
#include "model/tunnel.h"

/* Parts of a tunnel, each named by the word that `show` takes for it. */
enum show_part {
	SHOW_PUBLIC_KEY = 1U << 0,
	SHOW_PRIVATE_KEY = 1U << 1,
	SHOW_LISTEN_PORT = 1U << 2,
	SHOW_FWMARK = 1U << 3,
	SHOW_PEERS = 1U << 4,
	SHOW_PRESHARED_KEYS = 1U << 5,
	SHOW_ENDPOINTS = 1U << 6,
	SHOW_ALLOWED_IPS = 1U << 7,
	SHOW_HANDSHAKES = 1U << 8,
	SHOW_TRANSFER = 1U << 9,
	SHOW_KEEPALIVE = 1U << 10,
	SHOW_NAMES = 1U << 11,
	SHOW_COUNTERS = 1U << 12,
	SHOW_DROPS = 1U << 13,
	SHOW_REFUSALS = 1U << 14,
	SHOW_MESSAGES = 1U << 15,
	SHOW_OWN = 1U << 16, /* settings that only our module has; no word */
	SHOW_ALL = (1U << 17) - 1,
};

enum health {
	HEALTH_GOOD, /* a handshake under 3 minutes old */
	HEALTH_QUIET, /* 3 to 10 minutes old */
	HEALTH_OLD, /* older */
	HEALTH_NEVER,
	HEALTH_OFF, /* disabled, or ended */
};

/**
 * show_health() - how a peer does, by its switch and its latest handshake
 * @peer: of a device
 * @now_s: since the epoch
 *
 * Return: one of five words' worth.
 */
enum health show_health(const struct peer *peer, int64_t now_s);

/** show_health_word() - "good", "quiet", "old", "never" or "off" */
const char *show_health_word(enum health health);

/**
 * show_tunnel() - a group for the interface and one for each peer
 * @out: as text or JSON
 * @tunnel: of a device; its peers are shown by latest handshake
 * @parts: which (enum show_part)
 * @now_s: since the epoch
 */
void show_tunnel(struct out *out, const struct tunnel *tunnel, uint32_t parts,
		 int64_t now_s);

/**
 * show_column() - one part of a tunnel in columns with tabs, as text
 * @out: must be text
 * @tunnel: of a device; its peers are shown in the device's order
 * @word: "public-key", ..., "dump"
 * @with_name: the interface's name is the first column
 *
 * Return: false if there is no such word.
 */
bool show_column(struct out *out, const struct tunnel *tunnel,
		 const char *word, bool with_name);

/**
 * show_part_of_word() - the bits that a word stands for
 * @word: "public-key", ..., "dump"
 *
 * Return: bits of enum show_part; 0 if there is no such word.
 */
uint32_t show_part_of_word(const char *word);

#endif
