// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "doctor/check.h"
#include "doctor/refusal.h"
#include "doctor/wire.h"
#include "lib/format.h"
#include "model/key.h"

/* One case: its finding is added, and nothing further looked for. */
struct case_of {
	const struct evidence *evidence;
	const struct trial *trial;
	struct findings *findings;
};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

typedef bool case_fn(const struct case_of *one);

static bool has_endpoint(const struct peer *peer)
{
	return peer->has & PEER_HAS_ENDPOINT;
}

static bool got_packets(const struct trial *trial)
{
	return trial->peer->stats->counters.rx_packets >
	       trial->before->stats->counters.rx_packets;
}

/*
 * Is there a session that both sides have? An initiation alone is authentic,
 * and proves nothing of that.
 */
static bool is_heard(const struct case_of *one)
{
	const struct peer_stats *now = one->trial->peer->stats;
	const struct peer_stats *before = one->trial->before->stats;

	return one->trial->has_answered || got_packets(one->trial) ||
	       now->handshake_s != before->handshake_s ||
	       now->handshake_ns != before->handshake_ns;
}

static const char *where(const struct peer *peer)
{
	static char text[ENDPOINT_TEXT_MAX];

	return endpoint_text(&peer->endpoint, text);
}

/* --- what is wrong on this side --- */

static bool is_off(const struct case_of *one)
{
	const struct peer *peer = one->trial->peer;
	char until[UNTIL_TEXT_MAX];

	if (!peer_is_off(peer, one->evidence->now_s))
		return false;
	/* one of many who keeps silent is off as he should be */
	if (!one->trial->is_asked_for &&
	    !peer_is_refused(one->evidence, one->trial, "peer-off"))
		return true;
	if (peer->is_disabled)
		finding_command(finding_add(one->findings, FINDING_PEER_OFF,
					    peer, "disabled"),
				"wgctl set %s peer KEY enable",
				one->evidence->name);
	else
		finding_command(finding_add(one->findings, FINDING_PEER_OFF,
					    peer, "ended at %s",
					    until_text(peer->until_s, until)),
				"wgctl set %s peer KEY until TIME",
				one->evidence->name);
	return true;
}

static bool is_clock_wrong(const struct case_of *one)
{
	const struct peer *peer = one->trial->peer;
	const int64_t ahead_s = peer->stats->handshake_s - one->evidence->now_s;
	char words[FORMAT_MAX];

	if (ahead_s <= 2)
		return false;
	finding_add(one->findings, FINDING_OUR_CLOCK, peer,
		    "the last handshake was %s after what the clock says now",
		    format_duration(ahead_s, words));
	return true;
}

static bool is_name_lost(const struct case_of *one)
{
	const struct trial *trial = one->trial;

	/* whom to ask may be behind the tunnel */
	if (trial->name != NAME_FAILS ||
	    (trial->name_is_unsure && has_endpoint(trial->peer)))
		return false;
	finding_command(finding_add(one->findings, FINDING_NAME_FAILS,
				    trial->peer, "%s: %s",
				    SHOWN(trial->file->endpoint.host),
				    trial->name_error),
			"getent ahosts %s", SHOWN(trial->file->endpoint.host));
	return true;
}

/*
 * One that is waited for may be the one who is turned away. But bad-mac1 anybody
 * may be, who tries all addresses of the world.
 */
static bool is_turned_away(const struct case_of *one)
{
	const uint8_t *own = one->evidence->now->public_key;
	char text[FAULT_TEXT_MAX], ours[KEY_TEXT_MAX];
	struct findings *findings = one->findings;

	if (findings_have(findings, FINDING_PEER_KEY_WRONG, NULL) ||
	    findings_have(findings, FINDING_OUR_KEY_WRONG, NULL))
		return true;
	if (findings->nobody_is_turned_away)
		return false;
	if (stranger_is_refused(one->evidence, NULL, "unknown-peer", text))
		finding_add(findings, FINDING_PEER_KEY_WRONG, NULL, "%s", text);
	else if (one->trial->is_asked_for &&
		 stranger_is_refused(one->evidence, NULL, "bad-mac1", text))
		finding_add(findings, FINDING_OUR_KEY_WRONG, NULL,
			    "%s; our public key is %s", text,
			    key_text(own, ours));
	else
		findings->nobody_is_turned_away = true;
	return !findings->nobody_is_turned_away;
}

static bool lacks_endpoint(const struct case_of *one)
{
	const struct peer *peer = one->trial->peer;
	const uint64_t drops = drops_of(&peer->stats->drops, "no-endpoint");

	if (has_endpoint(peer))
		return false;
	if (is_name_lost(one) || is_turned_away(one))
		return true;
	/* a server waits for its users, and that is all right */
	if (!one->trial->is_asked_for && !drops && !peer->keepalive_s)
		return true;
	finding_add(one->findings, FINDING_NO_ENDPOINT, peer,
		    "%llu packets for it were dropped for that reason",
		    (unsigned long long)drops);
	return true;
}

static bool is_loop(const struct case_of *one)
{
	const struct evidence *evidence = one->evidence;
	const struct peer *peer = one->trial->peer;
	const struct way *way = &one->trial->way;

	if (!way->is_known || way->error || one->trial->has_answered ||
	    way->ifindex != evidence->link.ifindex)
		return false;
	finding_add(one->findings, FINDING_ENDPOINT_LOOP, peer,
		    "the route to %s leads into %s%s", where(peer),
		    evidence->name,
		    evidence->now->fwmark ? ", the tunnel's mark notwithstanding" :
					    ", and the tunnel has no mark");
	return true;
}

static bool lacks_route(const struct case_of *one)
{
	const struct peer *peer = one->trial->peer;
	const uint16_t family = peer->endpoint.addr.sa.sa_family;
	const struct way *way = &one->trial->way;

	if (!way->is_known || !way->error || one->trial->has_answered)
		return false;
	if (!one->evidence->has_family[family != AF_INET])
		finding_add(one->findings, FINDING_NO_FAMILY, peer,
			    "the endpoint is %s, and no route of %s leads out of this machine",
			    where(peer), ip_family_name(family));
	else
		finding_add(one->findings, FINDING_NO_ROUTE, peer,
			    "the kernel says of %s: %s", where(peer),
			    strerror(-way->error));
	return true;
}

/* --- who is merely not there --- */

static unsigned int handshakes(const unsigned int *seen)
{
	return seen[WIRE_INITIATION] + seen[WIRE_RESPONSE] + seen[WIRE_COOKIE];
}

/* An endpoint that was learnt, and no more than that. */
static bool is_learnt(const struct trial *trial)
{
	return trial->peer->stats->handshake_s &&
	       !(trial->file && has_endpoint(trial->file));
}

/* Users come and go: who does not come now, and whom nobody wants, may be off. */
static bool is_left_alone(const struct case_of *one)
{
	const struct trial *trial = one->trial;
	const struct asked *asked = &one->evidence->asked;

	return is_learnt(trial) && !trial->is_asked_for &&
	       !trial->peer->keepalive_s && !handshakes(trial->seen.in) &&
	       !trial_is_alive(one->evidence, trial) &&
	       !(asked->out && peer_of(one->evidence, &asked->to) == trial->peer);
}

/* --- what the other side is told, or tells --- */

static bool do_psks_differ(const struct case_of *one)
{
	const struct peer *peer = one->trial->peer;

	if (!peer_is_refused(one->evidence, one->trial, "handshake-response"))
		return false;
	finding_add(one->findings, FINDING_PSK_DIFFERS, peer,
		    "it answers, and the answer does not authenticate; here %s set",
		    key_is_zero(peer->psk) ? "no preshared key is" :
					     "a preshared key is");
	return true;
}

static bool is_their_clock_wrong(const struct case_of *one)
{
	const struct peer *peer = one->trial->peer;

	if (!peer_is_refused(one->evidence, one->trial, "handshake-replay"))
		return false;
	finding_add(one->findings, FINDING_PEER_CLOCK, peer,
		    "it was refused %llu times for a handshake older than one before",
		    (unsigned long long)drops_of(&peer->stats->drops,
						 "handshake-replay"));
	return true;
}

static bool is_our_key_wrong(const struct case_of *one)
{
	const uint8_t *key = one->evidence->now->public_key;
	char text[FAULT_TEXT_MAX], ours[KEY_TEXT_MAX];

	if (!stranger_is_refused(one->evidence, one->trial, "bad-mac1", text) ||
	    is_left_alone(one))
		return false;
	finding_add(one->findings, FINDING_OUR_KEY_WRONG, one->trial->peer,
		    "%s; our public key is %s", text, key_text(key, ours));
	return true;
}

/* Of many behind one router it may be any, and nobody who has just gone is blamed. */
static bool is_their_key_wrong(const struct case_of *one)
{
	const struct peer *peer;
	char text[FAULT_TEXT_MAX];

	if (!stranger_is_refused(one->evidence, one->trial, "unknown-peer",
				 text))
		return false;
	peer = is_left_alone(one) ? NULL : one->trial->peer;
	if (peer || !findings_have(one->findings, FINDING_PEER_KEY_WRONG, NULL))
		finding_add(one->findings, FINDING_PEER_KEY_WRONG, peer, "%s",
			    text);
	return true;
}

/* --- what happens on the way --- */

static bool has_name_moved(const struct case_of *one)
{
	const struct trial *trial = one->trial;
	char now[ENDPOINT_TEXT_MAX];

	if (is_name_lost(one))
		return true;
	if (trial->name != NAME_ELSEWHERE)
		return false;
	finding_add(one->findings, FINDING_NAME_MOVED, trial->peer,
		    "%s is %s now, and the endpoint is %s",
		    SHOWN(trial->file->endpoint.host),
		    endpoint_text(&trial->named, now), where(trial->peer));
	return true;
}

/* Why the module may have refused a handshake message that it got. */
static const char *const refusals[] = {
	"bad-mac1", "unknown-peer", "unknown-index", "handshake-initiation",
	"handshake-response", "handshake-replay", "handshake-flood",
	"handshake-queue-full", "handshake-excess", "cookie-sent",
	"cookie-invalid", "rate-limited", "bad-checksum", "no-key",
};

static bool got_bytes(const struct trial *trial)
{
	return trial->peer->stats->rx_bytes > trial->before->stats->rx_bytes;
}

/* Did it get any, accepted or not? Or one who is said to be at the same place? */
static bool has_arrived(const struct case_of *one)
{
	const struct evidence *evidence = one->evidence;
	const struct endpoint *at = &one->trial->peer->endpoint;
	size_t i;

	for (i = 0; i < COUNT_OF(refusals); i++)
		if (drops_grown(&evidence->before->drops,
				&evidence->now->drops, refusals[i]))
			return true;
	for (i = 0; i < evidence->trial_count; i++)
		if (endpoint_equal(&evidence->trials[i].peer->endpoint, at) &&
		    got_bytes(&evidence->trials[i]))
			return true;
	return false;
}

static bool comes_from_elsewhere(const struct case_of *one)
{
	const struct trial *trial = one->trial;
	char from[ENDPOINT_TEXT_MAX];

	if (trial->elsewhere.addr.sa.sa_family == AF_UNSPEC ||
	    trial->has_answered)
		return false;
	finding_add(one->findings, FINDING_ANSWER_ELSEWHERE, trial->peer,
		    "handshakes went to %s, and %s answered%s",
		    where(trial->before),
		    endpoint_text(&trial->elsewhere, from),
		    is_heard(one) ? "" : "; that did not reach the tunnel");
	return true;
}

/* Once may be a change of networks and back. */
static bool is_in_two_places(const struct case_of *one)
{
	const struct trial *trial = one->trial;
	char here[ENDPOINT_TEXT_MAX], there[ENDPOINT_TEXT_MAX];

	if (trial->returns < 2)
		return false;
	finding_add(one->findings, FINDING_KEY_TWICE, trial->peer,
		    "in %llu s it went from %s to %s and back, %u times",
		    (unsigned long long)one->evidence->watched_s,
		    endpoint_text(&trial->left, there),
		    endpoint_text(&trial->at, here), trial->returns);
	return true;
}

static void add_rp_filter(const struct case_of *one, unsigned int came)
{
	const struct sysctls *sysctls = &one->evidence->sysctls;
	struct finding *finding;

	finding = finding_add(one->findings, FINDING_RP_FILTER, one->trial->peer,
			      "%u handshakes came by %s, and %llu packets were dropped for their way back",
			      came, sysctls->outer,
			      (unsigned long long)sysctls->rp_drops);
	finding_command(finding, "sysctl -w net.ipv4.conf.%s.rp_filter=2",
			sysctls->outer);
}

static void add_blocked_in(const struct case_of *one, unsigned int came)
{
	finding_add(one->findings, FINDING_BLOCKED_IN, one->trial->peer,
		    "%u handshakes came from %s for port %u, and the tunnel got none",
		    came, where(one->trial->peer),
		    one->evidence->now->listen_port);
}

static bool is_blocked_in(const struct case_of *one)
{
	const unsigned int came = handshakes(one->trial->seen.in);

	if (!came || has_arrived(one))
		return false;
	if (one->evidence->sysctls.rp_drops)
		add_rp_filter(one, came);
	else
		add_blocked_in(one, came);
	return true;
}

/* Who had a session and was not called may have been sent data alone, or keepalives. */
static bool needs_handshake(const struct case_of *one)
{
	const struct trial *trial = one->trial;
	const struct evidence *evidence = one->evidence;
	const int64_t begun_s = evidence->now_s - (int64_t)evidence->watched_s;

	return trial->is_called || !trial->peer->stats->handshake_s ||
	       begun_s - trial->peer->stats->handshake_s > SESSION_S;
}

static bool is_blocked_out(const struct case_of *one)
{
	const struct trial *trial = one->trial;
	const uint64_t then = trial->before->stats->tx_bytes;
	const uint64_t now = trial->peer->stats->tx_bytes;

	if (!one->evidence->sees_wire || one->evidence->has_missed ||
	    handshakes(trial->seen.out) || !needs_handshake(one) || now <= then)
		return false;
	finding_add(one->findings, FINDING_BLOCKED_OUT, trial->peer,
		    "the tunnel sent %llu bytes to %s, and nothing left this machine",
		    (unsigned long long)(now - then), where(trial->peer));
	return true;
}

static bool is_port_unreachable(const struct icmp_word *icmp)
{
	if (icmp->family == AF_INET)
		return icmp->type == ICMP_DEST_UNREACH &&
		       icmp->code == ICMP_PORT_UNREACH;
	return icmp->type == ICMP6_DST_UNREACH &&
	       icmp->code == ICMP6_DST_UNREACH_NOPORT;
}

static bool says_icmp(const struct case_of *one)
{
	const struct icmp_word *icmp = &one->trial->icmp;
	const struct peer *peer = one->trial->peer;
	char from[IP_TEXT_MAX];

	if (!icmp->is_there)
		return false;
	address_text(&icmp->from, from);
	if (is_port_unreachable(icmp))
		finding_add(one->findings, FINDING_REFUSED, peer,
			    "handshakes went to %s, and %s says by ICMP that nobody has that port",
			    where(peer), from);
	else
		finding_add(one->findings, FINDING_UNREACHABLE, peer,
			    "handshakes went to %s, and %s says by ICMP, type %u, code %u, that it cannot be reached",
			    where(peer), from, icmp->type, icmp->code);
	return true;
}

/* Not even into the tunnel; of handshakes nobody has anything, then. */
static bool is_forbidden(const struct case_of *one)
{
	const struct trial *trial = one->trial;
	char to[IP_TEXT_MAX];

	if (!trial->is_forbidden || trial->has_answered || got_packets(trial))
		return false;
	finding_add(one->findings, FINDING_BLOCKED_OUT, trial->peer,
		    "an echo request into %s for %s was forbidden: %s",
		    one->evidence->name, address_text(&trial->called, to),
		    strerror(EPERM));
	return true;
}

#define HINTS_MAX 256

/* What may be the reason, and can be seen from here. */
static const char *hints(const struct case_of *one, char *text)
{
	const struct trial *trial = one->trial;
	char other[ENDPOINT_TEXT_MAX], time[UNTIL_TEXT_MAX];
	size_t len = 0;

	*text = 0;
	if (trial->name == NAME_SAME && trial->other.addr.sa.sa_family)
		len = (size_t)snprintf(text, HINTS_MAX,
				       "; its name is %s as well",
				       endpoint_text(&trial->other, other));
	if (one->evidence->is_unsynced)
		snprintf(text + len, HINTS_MAX - len,
			 "; our clock is not synchronised, and says %s",
			 until_text((uint64_t)one->evidence->now_s, time));
	return text;
}

/* What leaves it can be seen only where it was made. */
static void add_no_answer_elsewhere(const struct case_of *one)
{
	finding_add(one->findings, FINDING_NO_ANSWER, one->trial->peer,
		    "nothing came back from %s; %s was made in another network namespace, by which its packets leave",
		    where(one->trial->peer), one->evidence->name);
}

static void add_unheard(const struct case_of *one)
{
	finding_add(one->findings, FINDING_NO_ANSWER, one->trial->peer,
		    "%u handshakes came from %s, and what was sent there does not arrive, or comes from another address",
		    one->trial->seen.in[WIRE_INITIATION],
		    where(one->trial->peer));
}

static void add_no_answer(const struct case_of *one, unsigned int left)
{
	const struct way *way = &one->trial->way;
	char from[IP_TEXT_MAX], leaving[IP_TEXT_MAX + 32] = "", more[HINTS_MAX];

	if (way->is_known)
		snprintf(leaving, sizeof(leaving), " by %s from %s",
			 way->device, address_text(&way->source, from));
	finding_add(one->findings, FINDING_NO_ANSWER, one->trial->peer,
		    "%u handshakes left%s for %s, nothing came back, and nobody sent ICMP%s",
		    left, leaving, where(one->trial->peer), hints(one, more));
}

static bool is_silent(const struct case_of *one)
{
	const struct trial *trial = one->trial;
	const unsigned int left = handshakes(trial->seen.out);
	char ago[FORMAT_MAX];

	if (!trial->is_called)
		return false;
	if (is_learnt(trial))
		finding_add(one->findings, FINDING_IDLE, trial->peer,
			    "the last handshake was %s; %s was sent %u since, and nothing came back",
			    format_ago(trial->peer->stats->handshake_s,
				       one->evidence->now_s, ago),
			    where(trial->peer), left);
	else if (one->evidence->is_elsewhere)
		add_no_answer_elsewhere(one);
	else if (trial->seen.in[WIRE_INITIATION])
		add_unheard(one);
	else
		add_no_answer(one, left);
	return true;
}

static bool counts(const struct evidence *evidence)
{
	return evidence->now->has & TUNNEL_HAS_COUNTERS;
}

/* Was the last thing that it sent an empty message, while it was called? */
static bool is_kept_alive(const struct case_of *one)
{
	const struct evidence *evidence = one->evidence;
	const struct trial *trial = one->trial;
	const struct last_message *last = &trial->peer->stats->received;

	if (!trial->is_called || trial->has_answered)
		return false;
	/* the in-tree module does not tell */
	if (!counts(evidence))
		return !handshakes(trial->seen.in) && has_arrived(one);
	return !strcmp(last->message, "keepalive") &&
	       last->time_s >= evidence->now_s - (int64_t)evidence->watched_s;
}

/*
 * Whoever has sent packets before may drop echo requests, and that is all right,
 * unless somebody waits for an answer just now.
 */
static bool sends_keepalives_alone(const struct case_of *one)
{
	const struct evidence *evidence = one->evidence;
	const struct peer *peer = one->trial->peer;

	if (!is_kept_alive(one))
		return false;
	if (counts(evidence) && (is_asked_in_vain(evidence, peer) ||
				 !peer->stats->counters.rx_packets))
		finding_add(one->findings, FINDING_KEEPALIVES_ONLY, peer,
			    "pinged for %llu s, it sent keepalives; %llu packets have ever come from it",
			    (unsigned long long)evidence->watched_s,
			    (unsigned long long)peer->stats->counters.rx_packets);
	return true;
}

static case_fn *const always[] = {
	is_off, lacks_endpoint, is_clock_wrong, is_loop, lacks_route,
	is_in_two_places, comes_from_elsewhere, is_forbidden,
	sends_keepalives_alone,
};

static case_fn *const when_silent[] = {
	do_psks_differ, is_their_clock_wrong, is_our_key_wrong,
	is_their_key_wrong, has_name_moved, is_blocked_in, is_left_alone,
	says_icmp, is_blocked_out, is_silent,
};

static bool first_of(case_fn *const *cases, size_t count,
		     const struct case_of *one)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (cases[i](one))
			return true;
	return false;
}

void check_handshake(const struct evidence *evidence,
		     const struct trial *trial, struct findings *findings)
{
	const struct case_of one = { evidence, trial, findings };

	if (first_of(always, COUNT_OF(always), &one) || is_heard(&one))
		return;
	first_of(when_silent, COUNT_OF(when_silent), &one);
}
