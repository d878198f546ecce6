// SPDX-License-Identifier: GPL-2.0
/* setconf, addconf, syncconf: devices from the files that wg reads. */
#include "cmd/verb.h"
#include "conf/conf.h"
#include "model/change.h"
#include "model/resolve.h"
#include "model/warn.h"
#include "netlink/nl.h"

/* Loads the tunnel that a file describes, and makes the device like it. */
static int apply_file(struct verb_call *call,
		      int (*apply)(struct tunnel *wanted, struct fault *fault))
{
	struct tunnel *wanted = conf_load_tunnel(call->argv[1], &call->fault);
	int ret;

	if (!wanted)
		return call->fault.code;
	ret = resolve_tunnel(wanted, call->argv[1], &call->fault) ?:
	      tunnel_set_name(wanted, call->argv[0], &call->fault);
	if (!ret) {
		warn_of_tunnel(wanted);
		ret = apply(wanted, &call->fault);
	}
	tunnel_free(wanted);
	return ret;
}

static int replace(struct tunnel *wanted, struct fault *fault)
{
	change_replace(wanted);
	return nl_set(wanted, fault);
}

int cmd_setconf(struct verb_call *call)
{
	return apply_file(call, replace);
}

static int add(struct tunnel *wanted, struct fault *fault)
{
	return nl_set_and_warn(wanted, fault);
}

int cmd_addconf(struct verb_call *call)
{
	return apply_file(call, add);
}

static int synchronise(struct tunnel *wanted, struct fault *fault)
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
	return apply_file(call, synchronise);
}
