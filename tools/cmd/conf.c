// SPDX-License-Identifier: GPL-2.0
/* setconf, addconf, syncconf: devices from the files that wg reads. */
#include "cmd/verb.h"
#include "conf/conf.h"
#include "model/change.h"
#include "model/resolve.h"
#include "model/warn.h"
#include "netlink/nl.h"

static int complete(struct verb_call *call, struct tunnel *wanted)
{
	return resolve_tunnel(wanted, call->argv[1], &call->fault) ?:
	       tunnel_set_name(wanted, call->argv[0], &call->fault);
}

/* The tunnel that a file describes, with addresses of its endpoints, or NULL. */
static struct tunnel *load_wanted(struct verb_call *call)
{
	struct tunnel *wanted = conf_load_tunnel(call->argv[1], &call->fault);

	if (wanted && complete(call, wanted)) {
		tunnel_free(wanted);
		return NULL;
	}
	if (wanted)
		warn_of_tunnel(wanted);
	return wanted;
}

int cmd_setconf(struct verb_call *call)
{
	struct tunnel *wanted = load_wanted(call);
	int ret;

	if (!wanted)
		return call->fault.code;
	change_replace(wanted);
	ret = nl_set(wanted, &call->fault);
	tunnel_free(wanted);
	return ret;
}

int cmd_addconf(struct verb_call *call)
{
	struct tunnel *wanted = load_wanted(call);
	int ret;

	if (!wanted)
		return call->fault.code;
	ret = nl_set_and_warn(wanted, &call->fault);
	tunnel_free(wanted);
	return ret;
}

static int sync_with(struct tunnel *wanted, struct fault *fault)
{
	struct tunnel *now = nl_get(wanted->name, fault), *change;
	int ret = 0;

	if (!now)
		return fault->code;
	change_merge_peers(wanted);
	change = change_difference(now, wanted);
	if (!change_is_empty(change))
		ret = nl_set(change, fault);
	tunnel_free(change);
	tunnel_free(now);
	return ret;
}

int cmd_syncconf(struct verb_call *call)
{
	struct tunnel *wanted = load_wanted(call);
	int ret;

	if (!wanted)
		return call->fault.code;
	ret = sync_with(wanted, &call->fault);
	tunnel_free(wanted);
	return ret;
}
