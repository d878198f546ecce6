// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "lib/secret.h"
#include "model/key.h"

/* A secret is about to go into a file that others may read. */
static void warn_if_open_to_others(void)
{
	struct stat file;

	if (!fstat(STDOUT_FILENO, &file) && S_ISREG(file.st_mode) &&
	    file.st_mode & 0007)
		fputs("wgctl: warning: other users can read this key file; use umask 077\n",
		      stderr);
}

static int print_key(struct verb_call *call, const char *name, uint8_t *key)
{
	char text[KEY_TEXT_MAX];

	key_text(key, text);
	out_begin(&call->out, NULL);
	out_string(&call->out, name, NULL, text);
	out_line(&call->out, "%s", text);
	wipe(text, sizeof(text));
	wipe(key, WG_KEY_LEN);
	return 0;
}

int cmd_genkey(struct verb_call *call)
{
	uint8_t key[WG_KEY_LEN];

	warn_if_open_to_others();
	key_make_private(key);
	return print_key(call, "private_key", key);
}

int cmd_genpsk(struct verb_call *call)
{
	uint8_t key[WG_KEY_LEN];

	warn_if_open_to_others();
	key_make_psk(key);
	return print_key(call, "preshared_key", key);
}

int cmd_pubkey(struct verb_call *call)
{
	uint8_t key[WG_KEY_LEN], public_key[WG_KEY_LEN];

	if (key_read_file(key, "/dev/stdin", &call->fault))
		return call->fault.code;
	if (key_is_zero(key))
		return fault_set(&call->fault, -EINVAL,
				 "there is no key in '/dev/stdin'");
	key_public(public_key, key);
	wipe(key, sizeof(key));
	return print_key(call, "public_key", public_key);
}
