// SPDX-License-Identifier: GPL-2.0
/*
 * wgctl - control tunnels of the kernel families "wg" and "wireguard".
 *
 * This file holds the table of verbs and nothing that any of them does.
 */
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

static const struct verb_option show_options[] = {
	{ "--json", NULL, "print JSON" },
	{ "--prometheus", NULL, "print metrics" },
	{ "--watch", NULL, "show again and again" },
	{ "--interval", "SECONDS", "how often to show again; else 2" },
	{ 0 },
};

static const struct verb_option new_options[] = {
	{ "--address", "LIST", "addresses with their networks; else random ones" },
	{ "--port", "PORT", "to listen on; else 51820" },
	{ "--endpoint", "HOST[:PORT]", "by which users reach this machine" },
	{ "--masquerade", NULL, "let users reach what this machine reaches" },
	{ "--json", NULL, "print JSON" },
	{ 0 },
};

#define TUNNEL_OPTION                                                     \
	{ "--tunnel", "NAME", "whose users; else the only tunnel's" }

static const struct verb_option user_add_options[] = {
	TUNNEL_OPTION,
	{ "--json", NULL, "print JSON" },
	{ "--qr", NULL, "draw the configuration as a QR code" },
	{ "--png", "FILE", "write it as a picture of a QR code" },
	{ "--full", NULL, "send everything through the tunnel" },
	{ "--allowed-ips", "LIST", "what to send; else the tunnel's networks" },
	{ "--address", "LIST", "addresses of the user; else the next free" },
	{ "--endpoint", "HOST[:PORT]", "by which users reach this machine" },
	{ "--dns", "LIST", "name servers and domains" },
	{ "--keepalive", "SECONDS", "or off; else 25" },
	{ "--mtu", "BYTES", "else what the user's device chooses" },
	{ "--dry-run", NULL, "say what would be done, and do nothing" },
	{ 0 },
};

static const struct verb_option user_del_options[] = {
	TUNNEL_OPTION,
	{ "--json", NULL, "print JSON" },
	{ "--dry-run", NULL, "say what would be done, and do nothing" },
	{ 0 },
};

static const struct verb_option user_clear_options[] = {
	TUNNEL_OPTION,
	{ "--json", NULL, "print JSON" },
	{ "--yes", NULL, "do take all of them away" },
	{ "--dry-run", NULL, "say what would be done, and do nothing" },
	{ 0 },
};

static const struct verb_option user_list_options[] = {
	TUNNEL_OPTION,
	{ "--json", NULL, "print JSON" },
	{ 0 },
};

static const struct verb_option user_show_options[] = {
	TUNNEL_OPTION,
	{ "--json", NULL, "print JSON" },
	{ "--qr", NULL, "draw the configuration as a QR code" },
	{ "--png", "FILE", "write it as a picture of a QR code" },
	{ 0 },
};

const struct verb verbs[] = {
	{
		.name = "new",
		.run = cmd_new,
		.usage = "TUNNEL",
		.help = "make the file of a server's tunnel",
		.options = new_options,
		.words = { VERB_WORD_FREE },
	},
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
		.options = whole_options,
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
		.name = "resolve",
		.run = cmd_resolve,
		.usage = "TUNNEL|FILE",
		.help = "look up the names of silent endpoints again",
		.options = verb_json_only,
		.words = { VERB_WORD_TUNNEL },
	},
	{
		.name = "user add",
		.run = cmd_user_add,
		.usage = "USER",
		.help = "add a user to a server's tunnel: file, device, QR code",
		.options = user_add_options,
		.words = { VERB_WORD_FREE },
	},
	{
		.name = "user show",
		.run = cmd_user_show,
		.usage = "USER",
		.help = "print a user's configuration, or draw its QR code",
		.options = user_show_options,
		.words = { VERB_WORD_USER },
	},
	{
		.name = "user list",
		.run = cmd_user_list,
		.usage = "",
		.help = "list the users of a tunnel, and how they do",
		.options = user_list_options,
	},
	{
		.name = "user del",
		.run = cmd_user_del,
		.usage = "USER...",
		.help = "take users away: from file, device and their own files",
		.options = user_del_options,
		.words = { VERB_WORD_USER, VERB_WORD_USER, VERB_WORD_USER },
	},
	{
		.name = "user clear",
		.run = cmd_user_clear,
		.usage = "",
		.help = "take all users away",
		.options = user_clear_options,
	},
	{
		.name = "show",
		.run = cmd_show,
		.usage = "[INTERFACE | all | interfaces] [PART]",
		.help = "show tunnels and their peers",
		.options = show_options,
		.words = { VERB_WORD_INTERFACE },
		.keywords = show_words,
	},
	{
		.name = "showconf",
		.run = cmd_showconf,
		.usage = "INTERFACE",
		.help = "print a tunnel's configuration in the format of a file",
		.options = verb_json_only,
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
		.name = "complete",
		.run = cmd_complete,
		.usage = "[--] [WORD]...",
		.help = "print what the last word can become, for shells",
		.options = verb_json_only,
		.words = { VERB_WORD_FREE },
		.is_raw = true,
	},
	{
		.name = "help",
		.run = cmd_help,
		.usage = "[VERB | health]",
		.help = "list the verbs, or explain one",
		.options = verb_json_only,
		.words = { VERB_WORD_FREE },
	},
	{
		.name = "version",
		.run = cmd_version,
		.usage = "",
		.help = "print the version of wgctl",
		.options = verb_json_only,
	},
	{ 0 },
};

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
	return verb_dispatch(argc, argv);
}
