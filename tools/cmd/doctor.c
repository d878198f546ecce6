// SPDX-License-Identifier: GPL-2.0
/* doctor: why a tunnel does not work. */
#include <errno.h>
#include <limits.h>

#include "cmd/verb.h"
#include "doctor/check.h"
#include "doctor/doctor.h"
#include "model/value.h"
#include "netlink/link.h"
#include "quick/setup.h"

/* What is behind the peers is judged by traffic, and that by being tried. */
static void print_hint(struct out *out, const struct evidence *evidence)
{
	out_line(out,
		 "  If something behind a peer fails, try it during: wgctl doctor --watch 30 %s",
		 evidence->name);
}

static void print_verdict(struct out *out, const struct evidence *evidence,
			  const struct findings *findings)
{
	size_t i, answered = 0;

	for (i = 0; i < evidence->trial_count; i++)
		answered += evidence->trials[i].has_answered;
	if (findings->count)
		out_line(out, "%s: %zu finding%s", evidence->name,
			 findings->count, findings->count == 1 ? "" : "s");
	else
		out_line(out, "%s: nothing wrong was found; %zu of %zu peers answered",
			 evidence->name, answered, evidence->trial_count);
	out_begin(out, NULL);
	out_string(out, "interface", NULL, evidence->name);
	out_number(out, "peers", NULL, evidence->trial_count, NULL);
	out_number(out, "answered", NULL, answered, NULL);
	out_number(out, "watched_seconds", NULL, evidence->watched_s, NULL);
	findings_print(findings, out);
	out_end(out);
}

/* 0, VERB_FOUND, or a negative errno */
static int examine(struct verb_call *call, const struct doctor *doctor)
{
	struct findings findings = { 0 };
	struct evidence evidence;
	int ret;

	ret = doctor_look(doctor, &evidence, &call->fault);
	if (!ret) {
		check_all(&evidence, &findings);
		if (doctor->peer && evidence.trial_count)
			findings_keep(&findings, evidence.trials[0].peer);
		print_verdict(&call->out, &evidence, &findings);
		if (!findings.count && !doctor->watch_s)
			print_hint(&call->out, &evidence);
		ret = findings.count ? VERB_FOUND : 0;
	}
	findings_clear(&findings);
	evidence_clear(&evidence);
	return ret;
}

/* All tunnels that are there, or else those that should be. */
static int list_tunnels(struct strv *names, struct fault *fault)
{
	int ret = nl_list(names, fault);

	if (!ret && !names->count)
		ret = setup_list(names, fault);
	if (!ret && !names->count)
		ret = fault_set(fault, -ENODEV,
				"there is no tunnel to look at, and no file of one");
	return ret;
}

/* One that cannot be looked at does not keep the others from being. */
static int examine_all(struct verb_call *call, struct doctor *doctor)
{
	struct strv names = { 0 };
	int one, ret = list_tunnels(&names, &call->fault);
	size_t i;

	for (i = 0; i < names.count; i++) {
		doctor->interface = names.items[i];
		one = examine(call, doctor);
		if (one < 0)
			one = verb_report(call);
		if (ret != VERB_REPORTED)
			ret = one ? one : ret;
	}
	strv_clear(&names);
	return ret;
}

int cmd_doctor(struct verb_call *call)
{
	const char *seconds = verb_option(call, "--watch");
	struct doctor doctor = { 0 };

	if (verb_option(call, "--list")) {
		findings_list(&call->out);
		return 0;
	}
	if (seconds && !value_number(&doctor.watch_s, seconds, 10, INT_MAX))
		return fault_set(&call->fault, -EINVAL,
				 "--watch: '%s' is not a number of seconds",
				 SHOWN(seconds));
	out_begin(&call->out, NULL);
	out_list(&call->out, "interfaces");
	if (!call->argc)
		return examine_all(call, &doctor);
	doctor.interface = call->argv[0];
	doctor.peer = call->argc > 1 ? call->argv[1] : NULL;
	return examine(call, &doctor);
}
