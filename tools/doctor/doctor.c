// SPDX-License-Identifier: GPL-2.0
#include "doctor/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "doctor/look.h"
#include "doctor/watch.h"
#include "lib/xalloc.h"
#include "model/change.h"
#include "model/key.h"
#include "netlink/nl.h"

/* No interface: is there anything to say of it at all? */
static int without_device(struct evidence *evidence, struct fault *fault)
{
	if (evidence->path || !evidence->module.is_loaded)
		return 0;
	return fault_set(fault, -ENODEV,
			 "there is no interface '%s', and no file for it",
			 SHOWN(evidence->name));
}

static void note_file(struct evidence *evidence)
{
	const struct tunnel *file = evidence->setup->tunnel;
	struct peer **sorted = tunnel_sorted_by_key(file);
	size_t i;

	for (i = 0; i < evidence->trial_count; i++)
		evidence->trials[i].file =
			tunnel_search(sorted, file->peer_count,
				      evidence->trials[i].peer->public_key);
	free(sorted);
}

/* @wanted: the key of the only one, or NULL */
static void begin_trials(struct evidence *evidence, const uint8_t *wanted)
{
	const struct tunnel *tunnel = evidence->before;
	size_t i;

	evidence->trials = xcalloc(tunnel->peer_count,
				   sizeof(*evidence->trials));
	for (i = 0; i < tunnel->peer_count; i++)
		if (!wanted || key_equal(tunnel->peers[i]->public_key, wanted))
			evidence->trials[evidence->trial_count++] =
				(struct trial){ .peer = tunnel->peers[i],
						.before = tunnel->peers[i],
						.at.addr = tunnel->peers[i]->endpoint.addr };
	if (evidence->setup)
		note_file(evidence);
	if (evidence->trial_count == 1)
		evidence->trials->is_asked_for = true;
}

/* A peer that went meanwhile stays as it was. */
static int end_trials(struct evidence *evidence, struct fault *fault)
{
	struct peer **sorted;
	size_t i;

	evidence->now = nl_get(evidence->name, fault);
	if (!evidence->now)
		return fault->code;
	/* what another one has counted is no more of what the first one had */
	if (evidence->now->ifindex != evidence->before->ifindex)
		return fault_set(fault, -ENODEV,
				 "'%s' was removed while it was watched, and another one has its name",
				 evidence->name);
	sorted = tunnel_sorted_by_key(evidence->now);
	for (i = 0; i < evidence->trial_count; i++) {
		struct trial *trial = &evidence->trials[i];

		trial->peer = tunnel_search(sorted, evidence->now->peer_count,
					    trial->before->public_key) ?:
			      trial->before;
	}
	free(sorted);
	return 0;
}

static int choose_peer(const struct doctor *doctor,
		       const struct tunnel *tunnel, uint8_t *key,
		       struct fault *fault)
{
	int ret;

	if (!doctor->peer)
		return 0;
	ret = change_resolve_peer(key, doctor->peer, tunnel, fault);
	if (!ret && !tunnel_find_peer(tunnel, key))
		ret = fault_set(fault, -ENOENT, "'%s' has no peer of that key",
				doctor->interface);
	return ret;
}

static int look_at_device(const struct doctor *doctor,
			  struct evidence *evidence, struct fault *fault)
{
	uint8_t key[WG_KEY_LEN];
	struct nl_talk rtnl;
	uint64_t rp_drops;
	int ret;

	ret = choose_peer(doctor, evidence->before, key, fault) ?:
	      nl_talk_open(&rtnl, NETLINK_ROUTE, fault);
	if (ret)
		return ret;
	begin_trials(evidence, doctor->peer ? key : NULL);
	look_at_routes(evidence, &rtnl);
	rp_drops = look_at_rp_drops();
	if (evidence->sees_wire || evidence->is_elsewhere)
		watch(evidence, &rtnl, doctor->watch_s);
	look_at_sysctls(evidence);
	evidence->sysctls.rp_drops = look_at_rp_drops() - rp_drops;
	nl_talk_close(&rtnl);
	ret = end_trials(evidence, fault);
	if (ret)
		return ret;
	look_at_names(evidence);
	look_at_firewall(evidence);
	return 0;
}

int doctor_look(const struct doctor *doctor, struct evidence *evidence,
		struct fault *fault)
{
	int ret;

	memset(evidence, 0, sizeof(*evidence));
	snprintf(evidence->name, sizeof(evidence->name), "%s",
		 doctor->interface);
	look_at_clock(evidence);
	look_at_module(evidence);
	ret = nl_find_link(&evidence->link, doctor->interface, fault);
	if (ret && ret != -ENODEV)
		return ret;
	if (!ret) {
		evidence->before = nl_get(evidence->name, fault);
		if (!evidence->before)
			return fault->code;
		evidence->now = evidence->before;
	}
	look_at_file(evidence);
	look_at_port(evidence);
	look_at_addresses(evidence);
	look_at_bound(evidence);
	ret = evidence->before ? look_at_device(doctor, evidence, fault) :
				 without_device(evidence, fault);
	evidence->now_s = time(NULL);
	return ret;
}
