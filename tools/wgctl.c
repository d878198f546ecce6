// SPDX-License-Identifier: GPL-2.0
/*
 * wgctl - control tunnels of the kernel families "wg" and "wireguard".
 *
 * This file holds the table of verbs and nothing that any of them does.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "key.h"
#include "verb.h"

static const char *const show_words[] = {
	"all",		   "interfaces", "public-key",	   "private-key",
	"listen-port",	   "fwmark",	 "peers",	   "preshared-keys",
	"endpoints",	   "allowed-ips", "latest-handshakes",
	"transfer",	   "persistent-keepalive",
	"names",	   "counters",	 "drops",	   "dump",
	NULL,
};

static const char *const set_words[] = {
	"listen-port",	 "fwmark",   "private-key",
	"peer",		 "remove",   "preshared-key",
	"endpoint",	 "persistent-keepalive",
	"allowed-ips",	 "name",     NULL,
};

static const struct verb_option whole_options[] = {
	{ "--dry-run", NULL, "say what would be done, and do nothing" },
	{ "--json", NULL, "print JSON" },
	{ 0 },
};

const struct verb verbs[] = {
	{
		.name = "up",
		.run = cmd_up,
		.usage = "TUNNEL|FILE",
		.help = "bring a tunnel up from its file, with all around it",
		.options = whole_options,
		.words = { VERB_WORD_TUNNEL },
	},
	{
		.name = "down",
		.run = cmd_down,
		.usage = "TUNNEL|FILE",
		.help = "take a tunnel down, with all around it",
		.options = whole_options,
		.words = { VERB_WORD_TUNNEL },
	},
	{
		.name = "reload",
		.run = cmd_reload,
		.usage = "TUNNEL|FILE",
		.help = "bring a running tunnel to what its file says now",
		.options = whole_options,
		.words = { VERB_WORD_TUNNEL },
	},
	{
		.name = "save",
		.run = cmd_save,
		.usage = "TUNNEL|FILE",
		.help = "write a running tunnel's state into its file",
		.words = { VERB_WORD_TUNNEL },
	},
	{
		.name = "strip",
		.run = cmd_strip,
		.usage = "TUNNEL|FILE",
		.help = "print a tunnel's file as setconf and wg take it",
		.options = verb_json_only,
		.words = { VERB_WORD_TUNNEL },
	},
	{
		.name = "show",
		.run = cmd_show,
		.usage = "[INTERFACE | all | interfaces] [PART]",
		.help = "show tunnels and their peers",
		.options = verb_json_only,
		.words = { VERB_WORD_INTERFACE },
		.keywords = show_words,
	},
	{
		.name = "showconf",
		.run = cmd_showconf,
		.usage = "INTERFACE",
		.help = "print a tunnel's configuration in the format of a file",
		.words = { VERB_WORD_INTERFACE },
	},
	{
		.name = "set",
		.run = cmd_set,
		.usage = "INTERFACE [listen-port PORT] [fwmark MARK] "
			 "[private-key FILE] [peer KEY|NAME [remove] "
			 "[preshared-key FILE] [endpoint HOST:PORT] "
			 "[persistent-keepalive SECONDS] "
			 "[allowed-ips [+|-]IP/LENGTH[,...]] [name NAME]]...",
		.help = "change a tunnel, and add, change or remove peers",
		.words = { VERB_WORD_INTERFACE },
		.keywords = set_words,
	},
	{
		.name = "setconf",
		.run = cmd_setconf,
		.usage = "INTERFACE FILE",
		.help = "replace a tunnel's configuration with a file's",
		.words = { VERB_WORD_INTERFACE, VERB_WORD_FILE },
	},
	{
		.name = "addconf",
		.run = cmd_addconf,
		.usage = "INTERFACE FILE",
		.help = "add a file's configuration to a tunnel's",
		.words = { VERB_WORD_INTERFACE, VERB_WORD_FILE },
	},
	{
		.name = "syncconf",
		.run = cmd_syncconf,
		.usage = "INTERFACE FILE",
		.help = "change only what differs between a tunnel and a file",
		.words = { VERB_WORD_INTERFACE, VERB_WORD_FILE },
	},
	{
		.name = "genkey",
		.run = cmd_genkey,
		.usage = "",
		.help = "make a private key",
		.options = verb_json_only,
	},
	{
		.name = "genpsk",
		.run = cmd_genpsk,
		.usage = "",
		.help = "make a preshared key",
		.options = verb_json_only,
	},
	{
		.name = "pubkey",
		.run = cmd_pubkey,
		.usage = "",
		.help = "read a private key and print its public key",
		.options = verb_json_only,
	},
	{
		.name = "help",
		.run = cmd_help,
		.usage = "[VERB | health]",
		.help = "list the verbs, or explain one",
		.options = verb_json_only,
		.words = { VERB_WORD_FREE },
	},
	{ 0 },
};

static int print_version(void)
{
	printf("wgctl %s\n", WGCTL_VERSION);
	return fflush(stdout) ? VERB_FAILED : VERB_OK;
}

int main(int argc, char **argv)
{
	struct fault fault;
	int ret;

	ret = key_init();
	if (ret) {
		fault_set(&fault, ret, "cannot start libsodium: %s",
			  strerror(-ret));
		return verb_fail(&fault);
	}
	if (argc > 1 && (!strcmp(argv[1], "--version") ||
			 !strcmp(argv[1], "-v") || !strcmp(argv[1], "version")))
		return print_version();
	return verb_dispatch(argc, argv);
}
