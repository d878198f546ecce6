// SPDX-License-Identifier: GPL-2.0
#include "doctor/check.h"

static bool has_fault(const struct findings *findings)
{
	return findings_have(findings, FINDING_LINK_DOWN, NULL) ||
	       findings_have(findings, FINDING_PORT_TAKEN, NULL) ||
	       findings_have(findings, FINDING_BOUND_GONE, NULL) ||
	       findings_have(findings, FINDING_NO_KEY, NULL);
}

void check_all(const struct evidence *evidence, struct findings *findings)
{
	size_t i;

	findings->interface = evidence->name;
	check_device(evidence, findings);
	/* one that is down sends nothing: what follows from that is not told */
	if (!evidence->now || has_fault(findings))
		return;
	for (i = 0; i < evidence->trial_count; i++)
		check_handshake(evidence, &evidence->trials[i], findings);
	check_inside(evidence, findings);
	check_beyond(evidence, findings);
}
