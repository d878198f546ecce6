// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "doctor/check.h"
#include "model/change.h"
#include "model/key.h"

/* --- the module --- */

static bool is_ours(const struct tunnel *tunnel)
{
	return tunnel->has & TUNNEL_HAS_COUNTERS;
}

static bool lacks_compat(const struct module_state *module)
{
	return module->wants_compat &&
	       (module->is_loaded ? !module->is_compat : module->has_in_tree);
}

static void add_compat(const struct module_state *module,
		       struct findings *findings)
{
	struct finding *finding;

	finding = finding_add(findings, FINDING_COMPAT_REFUSED, NULL,
			      "modprobe.d has compat=1 for wg; %s",
			      module->has_in_tree ?
				      "the kernel's module wireguard has the names" :
				      "the loaded module was not told so");
	finding_command(finding, "modprobe -r wireguard%s && modprobe wg",
			module->is_loaded ? " wg" : "");
}

static void check_module(const struct evidence *evidence,
			 struct findings *findings)
{
	const struct module_state *module = &evidence->module;

	if (lacks_compat(module))
		add_compat(module, findings);
	else if (!module->is_loaded && !evidence->link.ifindex)
		finding_add(findings, FINDING_MODULE_MISSING, NULL,
			    "/sys/module/wg is not there");
	if (module->is_loaded && *module->version &&
	    strverscmp(module->version, WGCTL_VERSION) < 0)
		finding_add(findings, FINDING_MODULE_OLD, NULL,
			    "the module is of version %s, wgctl of %s",
			    module->version, WGCTL_VERSION);
	if (evidence->now && !is_ours(evidence->now))
		finding_add(findings, FINDING_IN_TREE, NULL,
			    "the device is of kind '%s' and counts no drops",
			    evidence->link.kind);
}

/* --- the file --- */

static void check_mode(const struct evidence *evidence,
		       struct findings *findings)
{
	enum finding_id id = FINDING_FILE_READABLE;

	if (evidence->mode & 0022)
		id = FINDING_FILE_WRITABLE;
	else if (!(evidence->mode & 0044))
		return;
	finding_command(finding_add(findings, id, NULL,
				    "%s has mode %04o", evidence->path,
				    evidence->mode & 07777),
			"chmod 600 %s", evidence->path);
}

/* Two of the file's values that the device has otherwise, or NULL. */
static const char *device_differs(const struct evidence *evidence)
{
	const struct tunnel *file = evidence->setup->tunnel;
	const struct tunnel *now = evidence->now;
	uint8_t public_key[WG_KEY_LEN];

	if (file->has & TUNNEL_HAS_PRIVATE_KEY) {
		key_public(public_key, file->private_key);
		if (!key_equal(public_key, now->public_key))
			return "the private keys";
	}
	if (file->has & TUNNEL_HAS_PORT && file->listen_port &&
	    file->listen_port != now->listen_port)
		return "the ports";
	if (file->has & TUNNEL_HAS_FWMARK && file->fwmark &&
	    file->fwmark != now->fwmark)
		return "the marks";
	if (file->is_exclusive != now->is_exclusive)
		return "the values of Exclusive";
	if (!bind_equal(&file->bind, &now->bind))
		return "the bindings";
	if (evidence->setup->mtu && evidence->setup->mtu != evidence->link.mtu)
		return "the MTUs";
	return NULL;
}

static const char *peer_differs(const struct peer *file,
				const struct peer *now)
{
	if (file->has & PEER_HAS_PSK && !key_equal(file->psk, now->psk))
		return "the preshared keys";
	if (file->has & PEER_HAS_KEEPALIVE &&
	    file->keepalive_s != now->keepalive_s)
		return "the keepalive intervals";
	if (!file->ips_are_changes && !ips_equal(&file->ips, &now->ips))
		return "the allowed IPs";
	if (file->is_disabled != now->is_disabled)
		return now->is_disabled ? "only the device has it disabled" :
					  "only the file has it disabled";
	if (file->until_s != now->until_s)
		return "the times at which it ends";
	return NULL;
}

/*
 * Is what the file says of the peer more than its section? It may have two, or
 * have been given a prefix that a later one has, which is told of elsewhere.
 */
static bool is_put_together(const struct tunnel *file, const struct peer *peer)
{
	size_t count, i;
	struct claim *claims = change_claims(file, &count);
	bool has = false;

	for (i = 0; i < file->peer_count && !has; i++)
		has = file->peers[i] != peer &&
		      key_equal(file->peers[i]->public_key, peer->public_key);
	for (i = 0; i + 1 < count && !has; i++)
		has = change_is_outdone(&claims[i], &claims[i + 1]) &&
		      key_equal(claims[i].peer->public_key, peer->public_key);
	free(claims);
	return has;
}

/* A device does not take it, so that only the file can have it. */
static bool is_own_key(const struct evidence *evidence,
		       const struct peer *peer)
{
	return key_equal(peer->public_key, evidence->now->public_key);
}

static void check_own_key(const struct evidence *evidence,
			  struct findings *findings)
{
	const struct tunnel *file = evidence->setup->tunnel;
	size_t i;

	for (i = 0; i < file->peer_count; i++)
		if (is_own_key(evidence, file->peers[i]))
			finding_add(findings, FINDING_OWN_KEY, NULL,
				    "in %s a peer has the public key of %s; the device leaves it out",
				    evidence->path, evidence->name);
}

static void check_peers_of_file(const struct evidence *evidence,
				struct findings *findings)
{
	const struct tunnel *file = evidence->setup->tunnel;
	struct peer **sorted = tunnel_sorted_by_key(evidence->now);
	size_t i;

	for (i = 0; i < file->peer_count; i++) {
		const struct peer *peer = file->peers[i];
		const char *what = "the file has the peer, the device not";
		const struct peer *now;

		now = tunnel_search(sorted, evidence->now->peer_count,
				    peer->public_key);
		if (now)
			what = peer_differs(peer, now);
		if (what && !is_own_key(evidence, peer) &&
		    !is_put_together(file, peer))
			finding_add(findings, FINDING_FILE_DIFFERS, peer, "%s",
				    what);
	}
	free(sorted);
	for (i = 0; i < evidence->trial_count; i++)
		if (!evidence->trials[i].file)
			finding_add(findings, FINDING_FILE_DIFFERS,
				    evidence->trials[i].peer,
				    "the device has the peer, the file not");
}

static void check_addresses_of_file(const struct evidence *evidence,
				    struct findings *findings)
{
	const struct allowed_ips *wanted = &evidence->setup->addresses;
	char text[IP_TEXT_MAX];
	size_t i;

	for (i = 0; i < wanted->count && evidence->addresses.count; i++)
		if (!ips_have(&evidence->addresses, &wanted->items[i]))
			finding_add(findings, FINDING_FILE_DIFFERS, NULL,
				    "the file has address %s, the interface not",
				    ip_text(&wanted->items[i], text));
}

static void check_difference(const struct evidence *evidence,
			     struct findings *findings)
{
	const char *what = device_differs(evidence);

	if (what)
		finding_add(findings, FINDING_FILE_DIFFERS, NULL,
			    "%s of %s and of the device are not the same",
			    what, evidence->path);
	check_own_key(evidence, findings);
	check_peers_of_file(evidence, findings);
	check_addresses_of_file(evidence, findings);
}

static void check_resolver(const struct evidence *evidence,
			   struct findings *findings)
{
	const struct setup *setup = evidence->setup;
	char *servers;

	if (!setup->dns.count || evidence->resolver_knows)
		return;
	servers = strv_join(&setup->dns, ", ");
	finding_add(findings, FINDING_RESOLVER_NOT_TOLD, NULL,
		    "the file has DNS = %s, and neither /etc/resolv.conf nor the resolver for %s has it",
		    servers, evidence->name);
	free(servers);
}

static void check_servers(const struct evidence *evidence,
			  struct findings *findings)
{
	const char *server = evidence->lost_server;
	struct finding *finding;

	if (!server || evidence->setup->table != SETUP_TABLE_AUTO)
		return;
	finding = finding_add(findings, FINDING_RESOLVER_OUTSIDE, NULL,
			      "the file has DNS = %s, a private address, and %s does not lead there",
			      server, evidence->name);
	finding_command(finding, "ip route get %s", server);
}

static void check_file(const struct evidence *evidence,
		       struct findings *findings)
{
	if (evidence->failed_unit)
		finding_command(finding_add(findings, FINDING_UNIT_FAILED,
					    NULL, "systemctl says of %s: failed",
					    evidence->failed_unit),
				"journalctl -u %s", evidence->failed_unit);
	if (!evidence->path)
		return;
	check_mode(evidence, findings);
	if (evidence->file_error)
		finding_add(findings, FINDING_FILE_BROKEN, NULL, "%s",
			    evidence->file_error);
	if (!evidence->setup || !evidence->now)
		return;
	check_difference(evidence, findings);
	check_resolver(evidence, findings);
	check_servers(evidence, findings);
}

/* --- the interface --- */

static void check_port(const struct evidence *evidence,
		       struct findings *findings)
{
	if (evidence->port_user)
		finding_command(finding_add(findings, FINDING_PORT_TAKEN, NULL,
					    "UDP port %u is used by %s",
					    evidence->port,
					    evidence->port_user),
				"ss -ulpn sport = %u", evidence->port);
}

static bool add_same_net(const struct evidence *evidence,
			 const struct peer *peer, struct findings *findings)
{
	char net[IP_TEXT_MAX], own[IP_TEXT_MAX], word[PEER_WORD_MAX];
	const struct allowed_ip *twin = NULL;
	size_t i;

	for (i = 0; i < peer->ips.count && !twin; i++)
		twin = twin_of(evidence, &peer->ips.items[i]);
	if (!twin)
		return false;
	finding_add(findings, FINDING_SAME_NET, NULL,
		    "%s is in the allowed IPs of %s, and another interface has the address %s",
		    ip_text(&peer->ips.items[i - 1], net),
		    peer_word(peer, word), ip_text(twin, own));
	return true;
}

/* Also where there is no interface: that may be why it did not come up. */
static void check_same_net(const struct evidence *evidence,
			   struct findings *findings)
{
	const struct setup *setup = evidence->setup;
	const struct tunnel *tunnel = evidence->now;
	size_t i;

	if (!tunnel && setup && setup->table == SETUP_TABLE_AUTO)
		tunnel = setup->tunnel;
	if (!tunnel || routes_are_by_hand(evidence))
		return;
	for (i = 0; i < tunnel->peer_count; i++)
		if (add_same_net(evidence, tunnel->peers[i], findings))
			return;
}

static void check_bound(const struct evidence *evidence,
			struct findings *findings)
{
	const struct bind *bind = &evidence->now->bind;
	char text[BIND_TEXT_MAX];

	if (evidence->lacks_bound || evidence->has_other_bound)
		finding_command(finding_add(findings, FINDING_BOUND_GONE, NULL,
					    "%s is bound to '%s', and %s",
					    evidence->name,
					    bind_text(bind, text),
					    evidence->lacks_bound ?
						    "nothing has that name or address" :
						    "the device of that name is a new one"),
				"wgctl set %s bind %s", evidence->name, text);
}

/* A file that nobody wants up by itself is none's fault, but was asked for. */
static void check_absence(const struct evidence *evidence,
			  struct findings *findings)
{
	if (findings_have(findings, FINDING_PORT_TAKEN, NULL) ||
	    findings_have(findings, FINDING_SAME_NET, NULL) ||
	    findings_have(findings, FINDING_FILE_BROKEN, NULL) ||
	    findings_have(findings, FINDING_MODULE_MISSING, NULL) ||
	    findings_have(findings, FINDING_COMPAT_REFUSED, NULL))
		return;
	if (evidence->path)
		finding_add(findings, FINDING_NO_INTERFACE, NULL,
			    "%s is there, and there is no interface '%s'",
			    evidence->path, evidence->name);
}

static void check_interface(const struct evidence *evidence,
			    struct findings *findings)
{
	const struct tunnel *now = evidence->now;

	if (!(now->has & TUNNEL_HAS_PUBLIC_KEY) ||
	    key_is_zero(now->public_key))
		finding_add(findings, FINDING_NO_KEY, NULL,
			    "the kernel shows no key for %s", evidence->name);
	if (!evidence->link.is_up && !evidence->port_user &&
	    !evidence->lacks_bound)
		finding_add(findings, FINDING_LINK_DOWN, NULL,
			    "%s is not up", evidence->name);
	if (!evidence->addresses.count)
		finding_add(findings, FINDING_NO_ADDRESS, NULL,
			    "ip addr shows none for %s", evidence->name);
	if (!now->peer_count &&
	    !findings_have(findings, FINDING_OWN_KEY, NULL))
		finding_add(findings, FINDING_NO_PEERS, NULL,
			    "wgctl show %s lists none", evidence->name);
}

/* Whoever is not served by now has a cookie, and comes again. */
static void check_load(const struct evidence *evidence,
		       struct findings *findings)
{
	const struct drops *before = &evidence->before->drops;
	const struct drops *now = &evidence->now->drops;
	const uint64_t cookies = drops_grown(before, now, "cookie-sent");
	const uint64_t limited = drops_grown(before, now, "rate-limited");

	if (cookies || limited)
		finding_add(findings, FINDING_UNDER_LOAD, NULL,
			    "in %llu s %llu handshakes got a cookie instead of an answer, and %llu came too fast",
			    (unsigned long long)evidence->watched_s,
			    (unsigned long long)cookies,
			    (unsigned long long)limited);
}

void check_device(const struct evidence *evidence, struct findings *findings)
{
	check_module(evidence, findings);
	check_port(evidence, findings);
	check_file(evidence, findings);
	check_same_net(evidence, findings);
	if (!evidence->now) {
		check_absence(evidence, findings);
		return;
	}
	check_bound(evidence, findings);
	check_interface(evidence, findings);
	check_load(evidence, findings);
}
