// SPDX-License-Identifier: GPL-2.0
#include "doctor/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/format.h"
#include "lib/xalloc.h"
#include "model/key.h"

const struct finding_kind finding_kinds[FINDING_END] = {
	[FINDING_MODULE_MISSING] = {
		"module-missing", FINDING_IS_FAULT,
		"The module wg is not loaded.",
		"Load it. If it is not found, it was not built for this kernel (dkms status); if it is refused, the kernel log says why.",
		"modprobe wg",
	},
	[FINDING_MODULE_OLD] = {
		"module-old", FINDING_IS_FAULT,
		"The loaded module is older than this tool.",
		"Take all tunnels down and load the installed module.",
		"modprobe -r wg && modprobe wg",
	},
	[FINDING_COMPAT_REFUSED] = {
		"compat-refused", FINDING_IS_FAULT,
		"compat=1 is asked for, but the module was loaded without it.",
		"Take all tunnels down, unload the kernel's own module, and load wg.",
	},
	[FINDING_IN_TREE] = {
		"in-tree", FINDING_IS_WARNING,
		"The device is the kernel's own module's, which gives no reasons for drops.",
		"Documentation/moving.rst says how to move it to the module wg.",
	},
	[FINDING_NO_INTERFACE] = {
		"no-interface", FINDING_IS_FAULT,
		"There is a file for the tunnel, and no interface.",
		"Bring it up.",
		"wgctl up %s",
	},
	[FINDING_PORT_TAKEN] = {
		"port-taken", FINDING_IS_FAULT,
		"Somebody else has the UDP port.",
		"Stop that, or choose another port here and in the other side's endpoint.",
	},
	[FINDING_SAME_NET] = {
		"same-net", FINDING_IS_FAULT,
		"The peer's network has the same addresses as one of this machine.",
		"Give one of them other addresses; or allow, instead of the network, the hosts that are needed.",
		"ip addr; ip route",
	},
	[FINDING_BOUND_GONE] = {
		"bound-gone", FINDING_IS_FAULT,
		"The device or address that the tunnel is bound to is not there.",
		"When it is there again, bind again; or bind to another, or to none.",
	},
	[FINDING_LINK_DOWN] = {
		"link-down", FINDING_IS_FAULT,
		"The interface is down.",
		"Bring it up.",
		"ip link set %s up",
	},
	[FINDING_NO_ADDRESS] = {
		"no-address", FINDING_IS_FAULT,
		"The interface has no address.",
		"Give it the address that the other side has in its allowed IPs.",
		"ip addr add ADDRESS/LENGTH dev %s",
	},
	[FINDING_NO_KEY] = {
		"no-key", FINDING_IS_FAULT,
		"The device has no private key.",
		"Set one.",
		"wgctl set %s private-key FILE",
	},
	[FINDING_NO_PEERS] = {
		"no-peers", FINDING_IS_FAULT,
		"The device has no peers.",
		"Add the other side by its public key.",
		"wgctl set %s peer KEY allowed-ips ADDRESS/LENGTH",
	},
	[FINDING_FILE_BROKEN] = {
		"file-broken", FINDING_IS_FAULT,
		"The file of the tunnel cannot be used.",
		"Correct the line that is named.",
	},
	[FINDING_FILE_DIFFERS] = {
		"file-differs", FINDING_IS_WARNING,
		"The running device and its file differ.",
		"Apply the file, or save the device to it.",
		"wgctl reload %s",
	},
	[FINDING_FILE_READABLE] = {
		"file-readable", FINDING_IS_WARNING,
		"Others can read a file that holds keys.",
		"Take that right away; who could read it has the keys.",
	},
	[FINDING_FILE_WRITABLE] = {
		"file-writable", FINDING_IS_FAULT,
		"Others can write a file that runs commands as root.",
		"Take that right away, and look at what is in it.",
	},
	[FINDING_RESOLVER_NOT_TOLD] = {
		"resolver-not-told", FINDING_IS_FAULT,
		"The resolver does not know the name servers of the tunnel.",
		"Take the tunnel down and up again.",
		"wgctl down %s && wgctl up %s",
	},
	[FINDING_RESOLVER_OUTSIDE] = {
		"resolver-outside", FINDING_IS_WARNING,
		"A name server of the tunnel is not reached through it.",
		"Add its address to the allowed IPs of the peer that leads to it.",
	},
	[FINDING_UNIT_FAILED] = {
		"unit-failed", FINDING_IS_FAULT,
		"The unit that brings the tunnel up has failed.",
		"Read its log, and start it again.",
	},
	[FINDING_OWN_KEY] = {
		"own-key", FINDING_IS_FAULT,
		"A peer has the public key of this side.",
		"Put the other side's public key there.",
	},
	[FINDING_OUR_KEY_WRONG] = {
		"our-key-wrong", FINDING_IS_FAULT,
		"The other side has another public key for us.",
		"Give the other side our public key.",
	},
	[FINDING_PEER_KEY_WRONG] = {
		"peer-key-wrong", FINDING_IS_FAULT,
		"The public key configured here is not the one that the peer has.",
		"Compare the peer's public key here with what the other side shows.",
	},
	[FINDING_PSK_DIFFERS] = {
		"psk-differs", FINDING_IS_FAULT,
		"The preshared keys differ.",
		"Set the same preshared key on both sides, or none on both.",
		"wgctl set %s peer KEY preshared-key FILE",
	},
	[FINDING_PEER_CLOCK] = {
		"peer-clock", FINDING_IS_FAULT,
		"The other side's clock went back: its handshakes are taken for old ones.",
		"Set the clock there; or remove the peer here and add it again.",
	},
	[FINDING_OUR_CLOCK] = {
		"our-clock", FINDING_IS_FAULT,
		"Our clock is before the last handshake: the other side takes ours for old ones.",
		"Set the clock of this machine.",
		"timedatectl set-ntp true",
	},
	[FINDING_PEER_OFF] = {
		"peer-off", FINDING_IS_WARNING,
		"The peer is switched off, or has expired.",
		"Enable it, or let it expire later, if it is to be used.",
	},
	[FINDING_NO_ENDPOINT] = {
		"no-endpoint", FINDING_IS_FAULT,
		"The peer has no endpoint and was never heard from.",
		"One side needs to know where the other is: set an endpoint here, or there.",
		"wgctl set %s peer KEY endpoint HOST:PORT",
	},
	[FINDING_NAME_FAILS] = {
		"name-fails", FINDING_IS_FAULT,
		"The name of the endpoint cannot be resolved.",
		"Correct the name, or look at the resolver.",
	},
	[FINDING_NAME_MOVED] = {
		"name-moved", FINDING_IS_FAULT,
		"The name of the endpoint means another address now.",
		"Look it up again; wgctl-resolve@.timer does that by itself.",
		"wgctl resolve %s",
	},
	[FINDING_ENDPOINT_LOOP] = {
		"endpoint-loop", FINDING_IS_FAULT,
		"The endpoint is routed into the tunnel itself.",
		"Route it by another interface, or have a mark keep the tunnel's packets out.",
	},
	[FINDING_NO_FAMILY] = {
		"no-family", FINDING_IS_FAULT,
		"This machine has no route at all for the endpoint's address family.",
		"Use an endpoint of the other family, or get an address of this one.",
	},
	[FINDING_NO_ROUTE] = {
		"no-route", FINDING_IS_FAULT,
		"There is no route to the endpoint.",
		"Add one.",
	},
	[FINDING_BLOCKED_OUT] = {
		"blocked-out", FINDING_IS_FAULT,
		"A firewall of this machine drops what is sent to the peer.",
		"Allow UDP to the endpoint, and what goes into the tunnel, in the output chains.",
		"nft list ruleset",
	},
	[FINDING_BLOCKED_IN] = {
		"blocked-in", FINDING_IS_FAULT,
		"A firewall of this machine drops what the peer sends.",
		"Allow UDP to the tunnel's port in the input chains.",
		"nft list ruleset",
	},
	[FINDING_REFUSED] = {
		"refused", FINDING_IS_FAULT,
		"Nobody listens at the endpoint.",
		"Compare the port with the other side's; see whether its tunnel is up.",
	},
	[FINDING_UNREACHABLE] = {
		"unreachable", FINDING_IS_FAULT,
		"Something on the way says that the endpoint cannot be reached.",
		"Look at who says so, and why.",
	},
	[FINDING_ANSWER_ELSEWHERE] = {
		"answer-elsewhere", FINDING_IS_FAULT,
		"Answers come from elsewhere than the endpoint.",
		"Have the other side answer from the address that is its endpoint here, or make that where it answers from its endpoint.",
	},
	[FINDING_KEY_TWICE] = {
		"key-twice", FINDING_IS_FAULT,
		"The peer is in two places by turns.",
		"If two machines have its key, give each its own; else its way here changes all the time.",
	},
	[FINDING_NO_ANSWER] = {
		"no-answer", FINDING_IS_FAULT,
		"Nothing comes back from the endpoint.",
		"One of: firewall, wrong endpoint, wrong public key, our clock. The other side sees which.",
	},
	[FINDING_IDLE] = {
		"idle", FINDING_IS_FAULT,
		"The peer was there before, and cannot be reached any more.",
		"If it is behind NAT, set persistent-keepalive 25 there; or else it is off.",
	},
	[FINDING_KEEPALIVES_ONLY] = {
		"keepalives-only", FINDING_IS_FAULT,
		"The peer is there, and nothing comes out of the tunnel.",
		"Give the other side our address as allowed IP. If it only drops echo requests, nothing is wrong.",
	},
	[FINDING_UNDER_LOAD] = {
		"under-load", FINDING_IS_WARNING,
		"Handshakes are refused because there are too many.",
		"Look at where they come from.",
		"wgctl show %s refusals",
	},
	[FINDING_NO_ALLOWED_IPS] = {
		"no-allowed-ips", FINDING_IS_FAULT,
		"The peer has no allowed IPs.",
		"Set the addresses that are to be reached through it.",
		"wgctl set %s peer KEY allowed-ips ADDRESS/LENGTH",
	},
	[FINDING_OVERLAP] = {
		"overlap", FINDING_IS_FAULT,
		"Two peers are given the same allowed IP; the last one has it.",
		"Give it to one of them; a server gives each client its own address alone.",
	},
	[FINDING_NOBODYS] = {
		"nobodys", FINDING_IS_FAULT,
		"Packets for an address that is in nobody's allowed IPs.",
		"Add it to the allowed IPs of the peer that has it, or take the route away.",
	},
	[FINDING_SOURCE] = {
		"source", FINDING_IS_FAULT,
		"The peer sends from addresses that are not in its allowed IPs.",
		"Add them to its allowed IPs here, or correct its address or masquerading there.",
	},
	[FINDING_WRONG_ADDRESS] = {
		"wrong-address", FINDING_IS_FAULT,
		"The other side sends for an address that this interface does not have.",
		"Compare the address here with the allowed IPs that the other side has for us.",
		"ip addr show dev %s",
	},
	[FINDING_ROUTE_MISSING] = {
		"route-missing", FINDING_IS_FAULT,
		"No route leads to the peer's allowed IPs.",
		"Add one into the tunnel.",
	},
	[FINDING_ROUTE_ELSEWHERE] = {
		"route-elsewhere", FINDING_IS_FAULT,
		"The route for the peer's allowed IPs leads elsewhere.",
		"Take the other route away, or make the tunnel's a better one.",
	},
	[FINDING_POLICY_MISSING] = {
		"policy-missing", FINDING_IS_FAULT,
		"The rules that send everything through the tunnel are not there.",
		"Take the tunnel down and up again, or add them by hand. systemd-networkd removes such rules, unless told ManageForeignRoutingPolicyRules=no.",
	},
	[FINDING_SPOOF_FILTER] = {
		"spoof-filter", FINDING_IS_WARNING,
		"The filter that belongs to the full tunnel is not there.",
		"Take the tunnel down and up again.",
		"wgctl down %s && wgctl up %s",
	},
	[FINDING_RP_FILTER] = {
		"rp-filter", FINDING_IS_FAULT,
		"The reverse path filter is in the way.",
		"Set rp_filter to 2, which is loose.",
	},
	[FINDING_MTU] = {
		"mtu", FINDING_IS_FAULT,
		"Large packets vanish.",
		"Make the MTU of the tunnel smaller, here and on the other side.",
	},
	[FINDING_FORWARDING_OFF] = {
		"forwarding-off", FINDING_IS_FAULT,
		"This machine is to forward for its peers, and does not.",
		"Turn forwarding on.",
	},
	[FINDING_NO_MASQUERADE] = {
		"no-masquerade", FINDING_IS_FAULT,
		"What peers send on leaves with their own addresses, and nothing comes back.",
		"Masquerade what leaves by the uplink, or route these addresses back to this machine.",
	},
	[FINDING_FORWARD_DROPS] = {
		"forward-drops", FINDING_IS_FAULT,
		"What peers send on is dropped here.",
		"Accept it in the forward chain, in both directions.",
	},
	[FINDING_PEER_FORWARDS_NOT] = {
		"peer-forwards-not", FINDING_IS_FAULT,
		"The peer answers, and does not forward.",
		"Turn forwarding on there.",
	},
	[FINDING_UNANSWERED] = {
		"unanswered", FINDING_IS_FAULT,
		"The peer answers, and nobody behind it.",
		"See whether the other side forwards and masquerades, by the doctor there while this is tried.",
	},
};

static const char *severity_word(const struct finding_kind *kind)
{
	return kind->severity == FINDING_IS_FAULT ? "fault" : "warning";
}

struct finding *finding_add(struct findings *findings, enum finding_id id,
			    const struct peer *peer, const char *evidence, ...)
{
	const char *command = finding_kinds[id].command;
	struct finding *finding;
	va_list args;

	findings->items = xgrow(findings->items, findings->count,
				&findings->room, sizeof(*finding));
	finding = &findings->items[findings->count++];
	*finding = (struct finding){ .id = id, .peer = peer };
	if (command)
		finding_command(finding, command, findings->interface,
				findings->interface);
	va_start(args, evidence);
	/* names of processes and files are others' to choose */
	finding->evidence = format_printable(xvasprintf(evidence, args));
	va_end(args);
	return finding;
}

void finding_command(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	finding->command = format_printable(xvasprintf(format, args));
	va_end(args);
}

static bool is_about(const struct finding *finding, const struct peer *peer)
{
	if (!finding->peer || !peer)
		return finding->peer == peer;
	return key_equal(finding->peer->public_key, peer->public_key);
}

bool findings_have(const struct findings *findings, enum finding_id id,
		   const struct peer *peer)
{
	size_t i = 0;

	while (i < findings->count &&
	       (findings->items[i].id != id ||
		!is_about(&findings->items[i], peer)))
		i++;
	return i < findings->count;
}

bool findings_concern(const struct findings *findings,
		      const struct peer *peer)
{
	size_t i = 0;

	while (i < findings->count && !is_about(&findings->items[i], peer))
		i++;
	return i < findings->count;
}

static void free_finding(struct finding *finding)
{
	free(finding->evidence);
	free(finding->command);
}

void findings_keep(struct findings *findings, const struct peer *peer)
{
	size_t i, kept = 0;

	for (i = 0; i < findings->count; i++)
		if (!findings->items[i].peer ||
		    is_about(&findings->items[i], peer))
			findings->items[kept++] = findings->items[i];
		else
			free_finding(&findings->items[i]);
	findings->count = kept;
}

void findings_clear(struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->count; i++)
		free_finding(&findings->items[i]);
	free(findings->items);
	memset(findings, 0, sizeof(*findings));
}

static void print_peer(const struct peer *peer, struct out *out)
{
	char key[KEY_TEXT_MAX];

	if (peer)
		key_text(peer->public_key, key);
	out_string(out, "public_key", NULL, peer ? key : NULL);
	out_string(out, "name", NULL,
		   peer && peer->name[0] ? peer->name : NULL);
	if (peer && peer->name[0])
		out_line(out, "    peer:     %s (%s)", peer->name, key);
	else if (peer)
		out_line(out, "    peer:     %s", key);
}

/* What JSON has of it, whether it was found or only can be. */
static void begin_kind(const struct finding_kind *kind, struct out *out)
{
	out_begin(out, NULL);
	out_string(out, "finding", NULL, kind->name);
	out_string(out, "severity", NULL, severity_word(kind));
	out_string(out, "text", NULL, kind->text);
}

static void print_one(const struct finding *finding, struct out *out)
{
	const struct finding_kind *kind = &finding_kinds[finding->id];

	out_line(out, "  %s%s" OUT_END " %s: %s",
		 kind->severity == FINDING_IS_FAULT ? OUT_BAD : OUT_WARN,
		 severity_word(kind), kind->name, kind->text);
	begin_kind(kind, out);
	print_peer(finding->peer, out);
	out_line(out, "    evidence: %s", finding->evidence);
	out_string(out, "evidence", NULL, finding->evidence);
	out_line(out, "    to do:    %s", kind->remedy);
	out_string(out, "remedy", NULL, kind->remedy);
	if (finding->command)
		out_line(out, "              %s", finding->command);
	out_string(out, "command", NULL, finding->command);
	out_end(out);
}

void findings_print(const struct findings *findings, struct out *out)
{
	size_t i;

	out_list(out, "findings");
	for (i = 0; i < findings->count; i++)
		print_one(&findings->items[i], out);
	out_end(out);
}

void findings_list(struct out *out)
{
	const struct finding_kind *kind;

	out_begin(out, NULL);
	out_list(out, "findings");
	for (kind = finding_kinds; kind < finding_kinds + FINDING_END; kind++) {
		out_line(out, "%s (%s)\n    %s\n    %s", kind->name,
			 severity_word(kind), kind->text, kind->remedy);
		begin_kind(kind, out);
		out_string(out, "remedy", NULL, kind->remedy);
		out_end(out);
	}
}
