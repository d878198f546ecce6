/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration files: reading, changing and writing them without loss.
 *
 * Two steps, both pure functions of their arguments. conf_parse() splits a
 * buffer into lines and says what each is, keeping every byte, so that an
 * edited file still has its comments, order and unknown keys.
 * conf_to_tunnel() gives the lines their meaning. Neither resolves names,
 * opens files or prints; conf_load(), its kin and conf_replace() are
 * the only ones that touch a file system.
 *
 * A line and the places in it that are kept:
 *
 *	  AllowedIPs = 10.0.0.1/32, fd00::1/128   # my laptop
 *	  ^key         ^value                  ^end of value
 */
#ifndef _WGCTL_CONF_CONF_H
#define _WGCTL_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/fault.h"
#include "lib/out.h"
#include "model/tunnel.h"

enum conf_section {
	CONF_NOWHERE, /* before the first section */
	CONF_INTERFACE,
	CONF_PEER,
};

enum conf_kind {
	CONF_BLANK,
	CONF_COMMENT,
	CONF_HEADER, /* [Interface] or [Peer] */
	CONF_ASSIGNMENT, /* key = value */
};

/*
 * Every key that we know, those of a device, which are wg's, before the others;
 * CONF_KEY_UNKNOWN for those that we only keep.
 */
enum conf_key {
	CONF_KEY_UNKNOWN,
	CONF_PRIVATE_KEY,
	CONF_LISTEN_PORT,
	CONF_FWMARK,
	CONF_PUBLIC_KEY,
	CONF_PRESHARED_KEY,
	CONF_ALLOWED_IPS,
	CONF_ENDPOINT,
	CONF_PERSISTENT_KEEPALIVE,
	/* those of wg-quick, which `up` reads and `setconf` refuses */
	CONF_ADDRESS,
	CONF_DNS,
	CONF_MTU,
	CONF_TABLE,
	CONF_PRE_UP,
	CONF_POST_UP,
	CONF_PRE_DOWN,
	CONF_POST_DOWN,
	CONF_SAVE_CONFIG,
	/* ours alone: in comments, "# Name = laptop", which others pass over */
	CONF_EXCLUSIVE,
	CONF_BIND,
	CONF_NAME,
	CONF_DISABLED,
	CONF_UNTIL,
};

/* Holds a secret where key says so: freed by conf_free() only. */
struct conf_line {
	char *text; /* owned; whole, without its newline */
	size_t number; /* in the file that was read, from 1; 0: added */
	enum conf_kind kind;
	enum conf_section section; /* in which the line stands */
	enum conf_key key; /* a comment's is one of our own */
	bool is_out; /* a comment of a section that is one as a whole */
	const char *odd; /* why a comment of that form is none; NULL: it may be */
	size_t key_at; /* offsets into text */
	size_t key_len;
	size_t value_at;
	size_t value_len; /* without comment and white space after it */
};

struct conf {
	char *path; /* owned; how faults call the file */
	struct conf_line *lines;
	size_t count;
	size_t room;
	size_t read; /* lines that were read so far */
	bool lacks_newline; /* the last line did not end with one */
	bool has_cr; /* lines ended with CR LF */
	bool is_lenient; /* takes a line that is none for a comment */
};

/**
 * conf_parse() - split a buffer into lines
 * @buf: need not be terminated; a zero byte in it is an error
 * @len: of @buf
 * @path: how to call it in faults; copied
 * @fault: file, line and column of the first error
 *
 * Refuses what can have no meaning: a key outside of a section, a line that
 * is none of the kinds, an unknown section. Unknown keys are kept. Several
 * [Interface] sections count as one, the later lines winning.
 *
 * Return: the file, for conf_free(), or NULL.
 */
struct conf *conf_parse(const char *buf, size_t len, const char *path,
			struct fault *fault);

/**
 * conf_load() - read and parse a file
 * @path: a file, a pipe, or /dev/stdin
 * @fault: filled on failure
 *
 * Return: the file, for conf_free(), or NULL.
 */
struct conf *conf_load(const char *path, struct fault *fault);

/**
 * conf_load_partly() - read a file whatever is in it
 * @path: as in conf_load()
 * @fault: filled on failure
 *
 * A line that conf_parse() would refuse counts as a comment.
 *
 * Return: the file, for conf_free(), or NULL.
 */
struct conf *conf_load_partly(const char *path, struct fault *fault);

/**
 * conf_free() - wipe and free
 * @conf: may be NULL
 */
void conf_free(struct conf *conf);

enum conf_strictness {
	CONF_ONLY_WG, /* refuse every key that is not the device's own */
	CONF_QUICK, /* pass over the keys of wg-quick */
	CONF_KEEP_UNKNOWN, /* pass over unknown keys as well */
};

/**
 * conf_to_tunnel() - what the file says of the device and its peers
 * @conf: parsed
 * @strictness: which keys to accept
 * @fault: file, line and column of the first error
 *
 * Endpoints keep host and port; resolve_tunnel() gives them addresses. A
 * peer's WG_PEER_F_REPLACE_ALLOWEDIPS is set unless its prefixes have signs.
 *
 * Return: the tunnel, for tunnel_free(), or NULL.
 */
struct tunnel *conf_to_tunnel(const struct conf *conf,
			      enum conf_strictness strictness,
			      struct fault *fault);

/**
 * conf_load_tunnel() - what a file says of a device and its peers
 * @path: a file, a pipe, or /dev/stdin
 * @fault: filled on failure
 *
 * As conf_load() and conf_to_tunnel() with CONF_ONLY_WG, for files of any
 * length: no line is kept but settings in comments, until it is known what follows them.
 *
 * Return: the tunnel, for tunnel_free(), or NULL.
 */
struct tunnel *conf_load_tunnel(const char *path, struct fault *fault);

/**
 * conf_next() - walk over the assignments to one key
 * @conf: parsed
 * @section: in which
 * @key: which
 * @from: index of the line to begin with
 *
 * Return: index of the line, or conf->count at the end.
 */
size_t conf_next(const struct conf *conf, enum conf_section section,
		 enum conf_key key, size_t from);

/**
 * conf_value() - a copy of the value of a line
 * @line: of kind CONF_ASSIGNMENT, or a comment with a key
 *
 * Return: a string for free(), or for wipe_text() where it is secret.
 */
char *conf_value(const struct conf_line *line);

/**
 * conf_word() - the value of a line as a device's keys are read
 * @line: of kind CONF_ASSIGNMENT
 *
 * Return: as conf_value(), without the white space that is in it.
 */
char *conf_word(const struct conf_line *line);

/**
 * conf_setting() - what a comment of [Interface] says to us alone
 * @conf: parsed
 * @name: as in "# UserEndpoint = vpn.example.org"
 * @number: filled with the line's, from 1; may be NULL
 *
 * Return: the value, for free(), or NULL when there is no such comment.
 */
char *conf_setting(const struct conf *conf, const char *name, size_t *number);

/* A section, from the header's line to that after the last one. */
struct conf_range {
	struct conf *conf;
	size_t first;
	size_t after;
};

/**
 * conf_find_peer() - the lines of a peer's section
 * @conf: parsed
 * @public_key: of the peer
 * @range: all zero, or a section after which to look; filled; blank lines and
 *	comments directly before the next section belong to that one
 *
 * Return: true if there is such a peer.
 */
bool conf_find_peer(struct conf *conf, const uint8_t *public_key,
		    struct conf_range *range);

/**
 * conf_insert() - put a line into the file
 * @conf: changed in place
 * @at: index that the new line will have; conf->count appends
 * @text: one line without newline; parsed like those of a file
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int conf_insert(struct conf *conf, size_t at, const char *text,
		struct fault *fault);

/**
 * conf_delete() - take lines out of the file
 * @conf: changed in place
 * @from: index of the first one
 * @count: how many
 */
void conf_delete(struct conf *conf, size_t from, size_t count);

/**
 * conf_set_value() - give a line another value, keeping all around it
 * @conf: changed in place
 * @at: index of a line of kind CONF_ASSIGNMENT
 * @value: without newline
 */
void conf_set_value(struct conf *conf, size_t at, const char *value);

/**
 * conf_append_peer() - add a [Peer] section at the end
 * @conf: changed in place
 * @peer: what to write, a name included
 * @fault: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int conf_append_peer(struct conf *conf, const struct peer *peer,
		     struct fault *fault);

/**
 * conf_print() - write the file as it stands now
 * @conf: what to write
 * @to: where; errors stay in the stream for the caller to see
 */
void conf_print(const struct conf *conf, FILE *to);

/**
 * conf_replace() - write the file and put it in the place of the old one
 * @conf: what to write
 * @path: replaced atomically, mode 0600, flushed to disk
 * @fault: filled on failure; the old file is then untouched
 *
 * Return: 0 or a negative errno.
 */
int conf_replace(const struct conf *conf, const char *path,
		 struct fault *fault);

/**
 * conf_print_tunnel() - write a device's state in the format of a file
 * @tunnel: as nl_get() has read it
 * @out: where; keys are never hidden, as a file without them is none
 */
void conf_print_tunnel(const struct tunnel *tunnel, struct out *out);

/**
 * conf_print_peer() - write one [Peer] section
 * @peer: what to write
 * @out: where; laid out by out_as_file()
 */
void conf_print_peer(const struct peer *peer, struct out *out);

/**
 * conf_key_name() - how a key is written
 * @key: not CONF_KEY_UNKNOWN
 *
 * Return: such as "AllowedIPs".
 */
const char *conf_key_name(enum conf_key key);

#endif
