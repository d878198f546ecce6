// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "cmd/verb.h"
#include "conf/conf.h"
#include "model/change.h"
#include "model/resolve.h"
#include "model/warn.h"
#include "netlink/nl.h"

/*
 * The tunnel that a file describes, with addresses of its endpoints, or NULL
 * after a message.
 */
static struct tunnel *load_wanted(struct verb_call *call)
{
	const char *path = call->argv[1];
	struct tunnel *wanted = NULL;
	struct fault fault = { 0 };
	struct conf *conf;

	conf = conf_load(path, &fault);
	if (conf)
		wanted = conf_to_tunnel(conf, CONF_ONLY_WG, &fault);
	if (wanted && resolve_tunnel(wanted, &fault)) {
		fault.file = path;
		tunnel_free(wanted);
		wanted = NULL;
	}
	if (!wanted)
		verb_fail(&fault);
	conf_free(conf);
	if (wanted && tunnel_set_name(wanted, call->argv[0], &fault)) {
		verb_fail(&fault);
		tunnel_free(wanted);
		wanted = NULL;
	}
	if (wanted)
		warn_of_tunnel(wanted);
	return wanted;
}

static int send_and_free(struct tunnel *change)
{
	struct fault fault;
	int ret = nl_set(change, &fault);

	tunnel_free(change);
	return ret ? verb_fail(&fault) : VERB_OK;
}

int cmd_setconf(struct verb_call *call)
{
	struct tunnel *wanted;

	if (call->argc != 2)
		return verb_usage(call);
	wanted = load_wanted(call);
	if (!wanted)
		return VERB_FAILED;
	change_replace(wanted);
	return send_and_free(wanted);
}

int cmd_addconf(struct verb_call *call)
{
	struct tunnel *wanted;
	struct fault fault;
	int ret;

	if (call->argc != 2)
		return verb_usage(call);
	wanted = load_wanted(call);
	if (!wanted)
		return VERB_FAILED;
	ret = nl_set_and_warn(wanted, &fault);
	tunnel_free(wanted);
	return ret ? verb_fail(&fault) : VERB_OK;
}

/* What separates the device from the file, or NULL after a message. */
static struct tunnel *find_difference(struct tunnel *wanted)
{
	struct tunnel *now, *change = NULL;
	struct fault fault;

	now = nl_get(wanted->name, &fault);
	if (!now) {
		verb_fail(&fault);
		return NULL;
	}
	if (!change_merge_peers(wanted))
		change = change_difference(now, wanted);
	if (!change) {
		fault_set(&fault, -ENOMEM, "out of memory");
		verb_fail(&fault);
	}
	tunnel_free(now);
	return change;
}

int cmd_syncconf(struct verb_call *call)
{
	struct tunnel *wanted, *change;

	if (call->argc != 2)
		return verb_usage(call);
	wanted = load_wanted(call);
	if (!wanted)
		return VERB_FAILED;
	change = find_difference(wanted);
	tunnel_free(wanted);
	if (!change)
		return VERB_FAILED;
	if (change_is_empty(change)) {
		tunnel_free(change);
		return VERB_OK;
	}
	return send_and_free(change);
}
