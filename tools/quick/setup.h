/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that the file of a tunnel says: what the device gets
 * (model/tunnel.h) and what is around the device: addresses, routes, DNS, hooks.
 *
 * Reading only; quick.h makes it true.
 */
#ifndef _WGCTL_QUICK_SETUP_H
#define _WGCTL_QUICK_SETUP_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/fault.h"
#include "lib/strv.h"
#include "model/tunnel.h"

enum setup_table {
	SETUP_TABLE_AUTO, /* main, and default routes by policy */
	SETUP_TABLE_OFF,
	SETUP_TABLE_NUMBER,
};

enum setup_hook {
	SETUP_PRE_UP,
	SETUP_POST_UP,
	SETUP_PRE_DOWN,
	SETUP_POST_DOWN,
	SETUP_HOOKS,
};

/* Holds keys by way of its parts: freed by setup_free() only. */
struct setup {
	char name[IFNAMSIZ];
	char *path; /* owned; absolute */
	struct conf *conf;
	struct tunnel *tunnel;
	struct allowed_ips addresses; /* with their host bits */
	struct strv dns; /* addresses of servers */
	struct strv search; /* domains */
	uint32_t mtu; /* 0: by the route to the endpoints */
	enum setup_table table;
	uint32_t table_number;
	struct strv hooks[SETUP_HOOKS]; /* commands, %i replaced */
	bool saves; /* SaveConfig = true */
	bool masquerades; /* # Masquerade = true */
	bool is_partial; /* the file has errors, or is gone */
};

/* "PreUp", ... */
const char *setup_hook_name(enum setup_hook hook);

/* The comment that masquerades is read from; wg-quick passes over it. */
#define SETUP_MASQUERADE "Masquerade"

/**
 * setup_find() - the file and the interface that a word stands for
 * @word: "wg0", looked up in the directories of configurations, or the path
 *	of a file called NAME.conf
 * @name: IFNAMSIZ bytes, filled with the name of the interface
 * @fault: filled on failure
 *
 * WGCTL_DIRECTORY in the environment, a list with colons, replaces
 * /etc/wireguard and /etc/wg.
 *
 * Return: the absolute path, for free(), or NULL.
 */
char *setup_find(const char *word, char *name, struct fault *fault);

/**
 * setup_new_path() - where the file of a new tunnel goes
 * @name: of its interface
 * @fault: filled for a name that cannot be, or is in use
 *
 * Makes the directory, with mode 0700, where there is none.
 *
 * Return: the path, for free(), or NULL.
 */
char *setup_new_path(const char *name, struct fault *fault);

/**
 * setup_list() - all configurations in the directories
 * @names: interfaces' names are added, each once
 * @fault: filled on failure
 *
 * Return: 0, or a negative errno where a directory cannot be read.
 */
int setup_list(struct strv *names, struct fault *fault);

/**
 * setup_check_mode() - may others read or write the file?
 * @path: of a file, which may run commands as root and has keys in it
 * @fault: filled when others may write it
 *
 * One that others may read is warned of on standard error.
 *
 * Return: 0, or -EPERM when others may write it.
 */
int setup_check_mode(const char *path, struct fault *fault);

/**
 * setup_load() - find, check and read a file
 * @word: as in setup_find()
 * @known: the file that this tunnel was brought up from; NULL: not known
 * @strictness: CONF_QUICK or CONF_KEEP_UNKNOWN
 * @fault: filled on failure
 *
 * Return: the setup, for setup_free(), or NULL.
 */
struct setup *setup_load(const char *word, const char *known,
			 enum conf_strictness strictness,
			 struct fault *fault);

/**
 * setup_load_partly() - what can be read of a file that setup_load() refuses
 * @word: as there
 * @known: as there
 * @fault: filled where that must not be taken: others could have written it
 *
 * Without a file there are only names.
 *
 * Return: the setup, for setup_free(), or NULL.
 */
struct setup *setup_load_partly(const char *word, const char *known,
				struct fault *fault);

/**
 * setup_read() - what a parsed file says around the device
 * @setup: its name is set; filled
 * @conf: parsed
 * @fault: file, line and column of the first error; the rest is read as well
 *
 * Pure, so that it can be fuzzed.
 *
 * Return: 0 or a negative errno.
 */
int setup_read(struct setup *setup, const struct conf *conf,
	       struct fault *fault);

/* servers and domains, as DNS lists them; added to those of the setup */
int setup_read_dns(struct setup *setup, const char *value,
		   struct fault *fault);

/**
 * setup_check_text() - is what we put together a file that `up` takes?
 * @text: of the file
 * @name: of its interface
 * @fault: what is wrong, without a place: nobody has seen the file yet
 *
 * Return: 0 or a negative errno.
 */
int setup_check_text(const char *text, const char *name, struct fault *fault);

/**
 * setup_routes() - where routes must lead into the tunnel
 * @tunnel: has peers
 * @routes: filled: networks, each once, the longest prefixes first
 */
void setup_routes(const struct tunnel *tunnel, struct allowed_ips *routes);

/** setup_clear() - wipe and free the parts of a setup */
void setup_clear(struct setup *setup);

/** setup_free() - wipe and free; may be NULL */
void setup_free(struct setup *setup);

#endif
