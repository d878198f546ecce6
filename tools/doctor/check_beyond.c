// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "doctor/check.h"
#include "doctor/refusal.h"
#include "quick/sysctl.h"

/* Two or more: the first one may have been the last of its kind. */
static bool is_wanted(const struct beyond *beyond)
{
	return beyond->wanted >= 2 && !beyond->returned;
}

static void add_forwarding_off(size_t family_at, const char *evidence,
			       struct findings *findings)
{
	finding_command(finding_add(findings, FINDING_FORWARDING_OFF, NULL,
				    "%s, and forwarding of %s is off",
				    evidence,
				    ip_family_name(ip_families[family_at])),
			"sysctl -w %s=1",
			sysctl_name(family_at ? SYSCTL_FORWARD6 :
						SYSCTL_FORWARD4));
}

static void add_drops(const struct beyond *beyond, const char *text,
		      struct findings *findings)
{
	if (beyond->answered)
		finding_add(findings, FINDING_FORWARD_DROPS, NULL,
			    "%s; %u answers came back by %s, and none went into the tunnel",
			    text, beyond->answered, beyond->device);
	else if (beyond->way.error)
		finding_add(findings, FINDING_FORWARD_DROPS, NULL,
			    "%s, and none left this machine, which has no route there: %s",
			    text, strerror(-beyond->way.error));
	else
		finding_add(findings, FINDING_FORWARD_DROPS, NULL,
			    "%s, and none left this machine", text);
	finding_command(&findings->items[findings->count - 1],
			beyond->way.error ? "ip route" : "nft list ruleset");
}

/*
 * It would go back into the tunnel, to nobody else than who sent it: it is not
 * to be forwarded, it was meant for us.
 */
static bool is_for_us(const struct evidence *evidence)
{
	const struct beyond *beyond = &evidence->beyond;
	const struct peer *from = peer_of(evidence, &beyond->from);
	const struct peer *to = peer_of(evidence, &beyond->to);

	return leads_in(evidence, &beyond->way) && (!to || to == from);
}

/* By what was seen of packets that are to go on. */
static void check_traffic(const struct evidence *evidence,
			  struct findings *findings)
{
	const struct beyond *beyond = &evidence->beyond;
	char from[IP_TEXT_MAX], to[IP_TEXT_MAX], text[256];

	if (!is_wanted(beyond))
		return;
	snprintf(text, sizeof(text), "%u packets came from %s for %s",
		 beyond->wanted, address_text(&beyond->from, from),
		 address_text(&beyond->to, to));
	if (is_for_us(evidence))
		finding_add(findings, FINDING_WRONG_ADDRESS,
			    peer_of(evidence, &beyond->from), "%s", text);
	else if (!evidence->sysctls.forwards[beyond->to.family != AF_INET])
		add_forwarding_off(beyond->to.family != AF_INET, text,
				   findings);
	else if (!beyond->left || beyond->answered)
		add_drops(beyond, text, findings);
	else if (beyond->has_kept_source && ip_is_private(&beyond->from))
		finding_add(findings, FINDING_NO_MASQUERADE, NULL,
			    "%s and left by %s as they were; nothing came back",
			    text, beyond->device);
}

/* --- by what was set up --- */

static bool masquerades(const struct evidence *evidence)
{
	return evidence->filters.masquerades ||
	       (evidence->rules && (strstr(evidence->rules, "masquerade") ||
				    strstr(evidence->rules, "MASQUERADE")));
}

static bool wants_masquerade(const struct evidence *evidence)
{
	return evidence->setup && evidence->setup->masquerades;
}

static void add_no_rules(const struct evidence *evidence,
			 struct findings *findings)
{
	struct finding *finding;

	finding = finding_add(findings, FINDING_NO_MASQUERADE, NULL,
			      "the file has Masquerade = true, and no rule does that");
	finding_command(finding, "wgctl down %s && wgctl up %s",
			evidence->name, evidence->name);
}

/* A chain of nftables that drops what is forwarded, without any exception. */
static bool drops_all(const char *rules)
{
	const char *at = rules, *end;
	size_t len;

	while ((at = strstr(at, "hook forward"))) {
		end = strchr(at, '}');
		len = end ? (size_t)(end - at) : strlen(at);
		if (memmem(at, len, "policy drop", 11) &&
		    !memmem(at, len, "accept", 6) &&
		    !memmem(at, len, "jump", 4) && !memmem(at, len, "goto", 4))
			return true;
		at += len;
	}
	return false;
}

static void check_setup(const struct evidence *evidence,
			struct findings *findings)
{
	if (!wants_masquerade(evidence) && !masquerades(evidence))
		return;
	if (!evidence->sysctls.forwards[0] &&
	    ips_have_family(&evidence->addresses, AF_INET)) {
		add_forwarding_off(0, "packets that are forwarded are to be masqueraded",
				   findings);
		return;
	}
	if (wants_masquerade(evidence) && evidence->sees_filters &&
	    !masquerades(evidence))
		add_no_rules(evidence, findings);
	if (*evidence->masked_nobody)
		finding_add(findings, FINDING_NO_MASQUERADE, NULL,
			    "what leaves by '%s' is masqueraded, and no interface has that name",
			    evidence->masked_nobody);
	if (evidence->rules && drops_all(evidence->rules))
		finding_add(findings, FINDING_FORWARD_DROPS, NULL,
			    "a forward chain has the policy drop and accepts nothing");
}

/* --- the other side --- */

static void check_peer_forwards(const struct evidence *evidence,
				const struct trial *trial,
				struct findings *findings)
{
	const struct way *world =
		&evidence->defaults[trial->called.family != AF_INET];

	if (evidence->has_missed || !trial->is_sent_beyond || trial->has_forwarded ||
	    !trial->has_answered || !leads_in(evidence, world))
		return;
	finding_add(findings, FINDING_PEER_FORWARDS_NOT, trial->peer,
		    "everything goes to it, and it does not object to a packet without hops left");
}

static void check_unanswered(const struct evidence *evidence,
			     const struct trial *trial,
			     struct findings *findings)
{
	const struct asked *asked = &evidence->asked;
	char to[IP_TEXT_MAX];

	if (trial->has_answered && is_asked_in_vain(evidence, trial->peer) &&
	    !findings_concern(findings, trial->peer))
		finding_add(findings, FINDING_UNANSWERED, trial->peer,
			    "%u pings or TCP connections went into the tunnel, the last one to %s, and no packet came back",
			    asked->out, address_text(&asked->to, to));
}

void check_beyond(const struct evidence *evidence, struct findings *findings)
{
	size_t i;

	check_traffic(evidence, findings);
	if (!findings_have(findings, FINDING_FORWARDING_OFF, NULL) &&
	    !findings_have(findings, FINDING_NO_MASQUERADE, NULL) &&
	    !findings_have(findings, FINDING_FORWARD_DROPS, NULL))
		check_setup(evidence, findings);
	for (i = 0; i < evidence->trial_count; i++) {
		check_peer_forwards(evidence, &evidence->trials[i], findings);
		check_unanswered(evidence, &evidence->trials[i], findings);
	}
}
