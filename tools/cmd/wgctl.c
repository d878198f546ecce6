// SPDX-License-Identifier: GPL-2.0
/*
 * wgctl - control tunnels of the kernel families "wg" and "wireguard".
 *
 * This file holds the table of verbs and nothing that any of them does.
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/verb.h"
#include "lib/signal.h"
#include "model/key.h"

static const char *const show_words[] = {
	"all",		   "interfaces", "public-key",	   "private-key",
	"listen-port",	   "fwmark",	 "peers",	   "preshared-keys",
	"endpoints",	   "allowed-ips", "latest-handshakes",
	"transfer",	   "persistent-keepalive",
	"names",	   "counters",	 "drops",	   "refusals",
	"latest-messages", "dump",
	NULL,
};

static const char *const set_words[] = {
	"listen-port",	 "fwmark",   "private-key",
	"exclusive",	 "bind",
	"peer",		 "remove",   "preshared-key",
	"endpoint",	 "persistent-keepalive",
	"allowed-ips",	 "name",
	"disable",	 "enable",   "until",
	"on",		 "off",	     "never",
	NULL,
};

static const struct verb_option quick_options[] = {
	{ "--dry-run", NULL, "print the steps without running them" },
	{ "--json", NULL, "print JSON" },
	{ 0 },
};

static const struct verb_option show_options[] = {
	{ "--json", NULL, "print JSON" },
	{ "--prometheus", NULL, "print metrics for Prometheus" },
	{ "--watch", NULL, "repeat until interrupted" },
	{ "--interval", "SECONDS", "between repetitions (default 2)" },
	{ 0 },
};

static const struct verb_option doctor_options[] = {
	{ "--json", NULL, "print JSON" },
	{ "--watch", "SECONDS", "look for that long, while traffic is tried" },
	{ "--list", NULL, "list what can be found" },
	{ 0 },
};

static const struct verb_option monitor_options[] = {
	{ "--json", NULL, "print JSON, one object a line" },
	{ "--event", "LIST", "only these events, separated by commas" },
	{ "--peer", "KEY|NAME", "only those of this peer" },
	{ "--since-start", NULL, "print the state first" },
	{ 0 },
};

static const struct verb_option new_options[] = {
	{ "--address", "LIST", "addresses with prefix lengths (default: random private ones)" },
	{ "--port", "PORT", "UDP port to listen on (default 51820)" },
	{ "--endpoint", "HOST[:PORT]", "how users reach this machine" },
	{ "--masquerade", NULL, "forward and masquerade the traffic of users" },
	{ "--json", NULL, "print JSON" },
	{ 0 },
};

#define TUNNEL_OPTION                                                     \
	{ "--tunnel", "NAME", "the tunnel; required if there are several" }

static const struct verb_option user_add_options[] = {
	TUNNEL_OPTION,
	{ "--json", NULL, "print JSON" },
	{ "--qr", NULL, "print the configuration as a QR code" },
	{ "--png", "FILE", "write the QR code to a PNG file" },
	{ "--full", NULL, "route all traffic through the tunnel" },
	{ "--allowed-ips", "LIST", "networks to route (default: those of the tunnel)" },
	{ "--address", "LIST", "addresses of the user (default: the next free ones)" },
	{ "--endpoint", "HOST[:PORT]", "how users reach this machine" },
	{ "--dns", "LIST", "name servers and search domains" },
	{ "--keepalive", "SECONDS", "keepalive interval, or off (default 25)" },
	{ "--mtu", "BYTES", "MTU of the user's tunnel (default: chosen by the device)" },
	{ "--until", "TIME", "the user expires then: YYYY-MM-DD[THH:MM[:SS]][Z]" },
	{ "--dry-run", NULL, "print the steps without running them" },
	{ 0 },
};

static const struct verb_option user_del_options[] = {
	TUNNEL_OPTION,
	{ "--json", NULL, "print JSON" },
	{ "--dry-run", NULL, "print the steps without running them" },
	{ 0 },
};

static const struct verb_option user_enable_options[] = {
	TUNNEL_OPTION,
	{ "--until", "TIME", "when they expire, or never" },
	{ "--json", NULL, "print JSON" },
	{ "--dry-run", NULL, "print the steps without running them" },
	{ 0 },
};

static const struct verb_option user_clear_options[] = {
	TUNNEL_OPTION,
	{ "--json", NULL, "print JSON" },
	{ "--yes", NULL, "confirm removing all users" },
	{ "--dry-run", NULL, "print the steps without running them" },
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
	{ "--qr", NULL, "print the configuration as a QR code" },
	{ "--png", "FILE", "write the QR code to a PNG file" },
	{ 0 },
};

const struct verb verbs[] = {
	{ .name = "new", .run = cmd_new,
	  .usage = "TUNNEL", .args = { 1, 1 },
	  .help = "create the configuration file of a server",
	  .options = new_options, .words = { VERB_WORD_FREE },
	  .changes = true },
	{ .name = "up", .run = cmd_up,
	  .usage = "TUNNEL|FILE", .args = { 1, 1 },
	  .help = "bring a tunnel up (with its addresses, routes, DNS and hooks)",
	  .options = quick_options, .words = { VERB_WORD_TUNNEL },
	  .changes = true },
	{ .name = "down", .run = cmd_down,
	  .usage = "TUNNEL|FILE", .args = { 1, 1 },
	  .help = "take a tunnel down and undo what up did",
	  .options = quick_options, .words = { VERB_WORD_TUNNEL },
	  .changes = true },
	{ .name = "reload", .run = cmd_reload,
	  .usage = "TUNNEL|FILE", .args = { 1, 1 },
	  .help = "apply changes of the file to a running tunnel",
	  .options = quick_options, .words = { VERB_WORD_TUNNEL },
	  .changes = true },
	{ .name = "save", .run = cmd_save,
	  .usage = "TUNNEL|FILE", .args = { 1, 1 },
	  .help = "save the state of a running tunnel to its file",
	  .options = quick_options, .words = { VERB_WORD_TUNNEL },
	  .changes = true },
	{ .name = "strip", .run = cmd_strip,
	  .usage = "TUNNEL|FILE", .args = { 1, 1 },
	  .help = "print a tunnel's file without the keys that wg does not read",
	  .options = verb_json_only, .words = { VERB_WORD_TUNNEL } },
	{ .name = "resolve", .run = cmd_resolve,
	  .usage = "TUNNEL|FILE", .args = { 1, 1 },
	  .help = "look up the endpoint names of silent peers again",
	  .options = verb_json_only, .words = { VERB_WORD_TUNNEL } },
	{ .name = "user add", .run = cmd_user_add,
	  .usage = "USER", .args = { 1, 1 },
	  .help = "add a user to a server (file, device, QR code)",
	  .options = user_add_options, .words = { VERB_WORD_FREE },
	  .changes = true },
	{ .name = "user show", .run = cmd_user_show,
	  .usage = "USER", .args = { 1, 1 },
	  .help = "print a user's configuration or its QR code",
	  .options = user_show_options, .words = { VERB_WORD_USER } },
	{ .name = "user list", .run = cmd_user_list,
	  .usage = "",
	  .help = "list the users of a tunnel with their health",
	  .options = user_list_options },
	{ .name = "user del", .run = cmd_user_del,
	  .usage = "USER...", .args = { 1, VERB_MANY },
	  .help = "remove users (from the file, the device and their own files)",
	  .options = user_del_options,
	  .words = { VERB_WORD_USER, VERB_WORD_USER, VERB_WORD_USER },
	  .changes = true },
	{ .name = "user disable", .run = cmd_user_disable,
	  .usage = "USER...", .args = { 1, VERB_MANY },
	  .help = "switch users off; they keep all their settings",
	  .options = user_del_options,
	  .words = { VERB_WORD_USER, VERB_WORD_USER, VERB_WORD_USER },
	  .changes = true },
	{ .name = "user enable", .run = cmd_user_enable,
	  .usage = "USER...", .args = { 1, VERB_MANY },
	  .help = "switch users on again, or set when they expire",
	  .options = user_enable_options,
	  .words = { VERB_WORD_USER, VERB_WORD_USER, VERB_WORD_USER },
	  .changes = true },
	{ .name = "user clear", .run = cmd_user_clear,
	  .usage = "",
	  .help = "remove all users",
	  .options = user_clear_options, .changes = true },
	{ .name = "show", .run = cmd_show,
	  .usage = "[INTERFACE | all | interfaces] [PART]", .args = { 0, 2 },
	  .help = "show tunnels and their peers",
	  .options = show_options, .words = { VERB_WORD_INTERFACE },
	  .keywords = show_words },
	{ .name = "doctor", .run = cmd_doctor,
	  .usage = "[INTERFACE [PEER]]", .args = { 0, 2 },
	  .help = "find out why a tunnel does not work, and what to do",
	  .options = doctor_options, .words = { VERB_WORD_INTERFACE },
	  .finds = true },
	{ .name = "monitor", .run = cmd_monitor,
	  .usage = "[INTERFACE]...", .args = { 0, VERB_MANY },
	  .help = "print what happens to tunnels and peers, until interrupted",
	  .options = monitor_options,
	  .words = { VERB_WORD_INTERFACE, VERB_WORD_INTERFACE,
		     VERB_WORD_INTERFACE } },
	{ .name = "showconf", .run = cmd_showconf,
	  .usage = "INTERFACE", .args = { 1, 1 },
	  .help = "print a tunnel's configuration in file format",
	  .options = verb_json_only, .words = { VERB_WORD_INTERFACE } },
	{ .name = "set", .run = cmd_set,
	  .usage = "INTERFACE [listen-port PORT] [fwmark MARK] "
		    "[private-key FILE] [exclusive on|off] "
		    "[bind DEVICE|ADDRESS[%DEVICE]|off] [peer KEY|NAME [remove] "
		    "[preshared-key FILE] [endpoint HOST:PORT] "
		    "[persistent-keepalive SECONDS] "
		    "[allowed-ips [+|-]IP/LENGTH[,...]] [name NAME] "
		    "[disable|enable] [until TIME|never]]...",
	  .args = { 2, VERB_MANY },
	  .help = "change a tunnel, and add, change or remove peers",
	  .words = { VERB_WORD_INTERFACE }, .keywords = set_words },
	{ .name = "setconf", .run = cmd_setconf,
	  .usage = "INTERFACE FILE", .args = { 2, 2 },
	  .help = "replace a tunnel's configuration with that of a file",
	  .words = { VERB_WORD_INTERFACE, VERB_WORD_FILE } },
	{ .name = "addconf", .run = cmd_addconf,
	  .usage = "INTERFACE FILE", .args = { 2, 2 },
	  .help = "add the configuration of a file to a tunnel",
	  .words = { VERB_WORD_INTERFACE, VERB_WORD_FILE } },
	{ .name = "syncconf", .run = cmd_syncconf,
	  .usage = "INTERFACE FILE", .args = { 2, 2 },
	  .help = "apply only the differences between a file and a tunnel",
	  .words = { VERB_WORD_INTERFACE, VERB_WORD_FILE } },
	{ .name = "genkey", .run = cmd_genkey,
	  .usage = "",
	  .help = "generate a private key",
	  .options = verb_json_only },
	{ .name = "genpsk", .run = cmd_genpsk,
	  .usage = "",
	  .help = "generate a preshared key",
	  .options = verb_json_only },
	{ .name = "pubkey", .run = cmd_pubkey,
	  .usage = "",
	  .help = "read a private key and print its public key",
	  .options = verb_json_only },
	{ .name = "complete", .run = cmd_complete,
	  .usage = "[--] [WORD]...", .args = { 0, VERB_MANY },
	  .help = "print completions of the last word, for shells",
	  .options = verb_json_only, .words = { VERB_WORD_FREE },
	  .is_raw = true },
	{ .name = "help", .run = cmd_help,
	  .usage = "[VERB | health]", .args = { 0, VERB_MANY },
	  .help = "list the verbs or describe one",
	  .options = verb_json_only, .words = { VERB_WORD_FREE } },
	{ .name = "version", .run = cmd_version,
	  .usage = "",
	  .help = "print the version of wgctl",
	  .options = verb_json_only },
	{ 0 },
};

/*
 * What we open must not be taken for our input, output or errors. Who has closed
 * our output is told, as by others, that it cannot be written.
 */
static void open_descriptors(void)
{
	static const int modes[] = { O_RDONLY, O_RDONLY, O_WRONLY };
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", modes[fd]);
}

int main(int argc, char **argv)
{
	int ret;

	/* what a million peers took for a while is given back at once */
	mallopt(M_MMAP_THRESHOLD, 1 << 17);
	open_descriptors();
	signal_init();
	ret = key_init();
	if (!ret)
		return verb_dispatch(argc, argv);
	fprintf(stderr, "wgctl: cannot start libsodium: %s\n",
		strerror(-ret));
	return VERB_FAILED;
}
