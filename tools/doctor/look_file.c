// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/look.h"
#include "lib/process.h"
#include "lib/xalloc.h"
#include "quick/dns.h"

/* --- the file --- */

static void say_error(struct evidence *evidence, const struct fault *fault)
{
	if (fault->line)
		evidence->file_error = xasprintf("%s:%zu: %s", fault->file,
						 fault->line, fault->text);
	else
		evidence->file_error = xstrdup(fault->text);
}

static int read_parts(struct setup *setup, struct fault *fault)
{
	setup->conf = conf_load(setup->path, fault);
	if (!setup->conf)
		return fault->code;
	setup->tunnel = conf_to_tunnel(setup->conf, CONF_KEEP_UNKNOWN, fault);
	if (!setup->tunnel)
		return fault->code;
	return setup_read(setup, setup->conf, fault) ?:
	       tunnel_set_name(setup->tunnel, setup->name, fault);
}

static struct setup *read_setup(struct evidence *evidence)
{
	struct setup *setup = xcalloc(1, sizeof(*setup));
	struct fault fault;

	snprintf(setup->name, sizeof(setup->name), "%s", evidence->name);
	setup->path = xstrdup(evidence->path);
	if (!read_parts(setup, &fault))
		return setup;
	say_error(evidence, &fault);
	setup_free(setup);
	return NULL;
}

static char *find_file(const struct evidence *evidence)
{
	char name[IFNAMSIZ];

	if (evidence->is_fresh && evidence->state.path)
		return xstrdup(evidence->state.path);
	return setup_find(evidence->name, name, fault_ignored());
}

/* --- name servers --- */

static bool is_in_text(const char *text, const char *word)
{
	const size_t len = strlen(word);
	const char *at = text;

	while ((at = strstr(at, word))) {
		if ((at == text || strchr(" \t\n", at[-1])) &&
		    (!at[len] || strchr(" \t\n#%", at[len])))
			return true;
		at += len;
	}
	return false;
}

static bool are_in_file(const struct strv *servers, const char *path)
{
	FILE *from = fopen(path, "re");
	char text[4096];
	size_t i, len = from ? fread(text, 1, sizeof(text) - 1, from) : 0;

	if (from)
		fclose(from);
	text[len] = 0;
	for (i = 0; i < servers->count; i++)
		if (!is_in_text(text, servers->items[i]))
			return false;
	return true;
}

static bool resolved_has(const struct strv *servers, const char *name)
{
	const char *const argv[] = { "resolvectl", "dns", name, NULL };
	char *text;
	bool has = true;
	size_t i;

	if (dns_manager() != DNS_RESOLVED)
		return false;
	text = process_output(argv, fault_ignored());
	for (i = 0; i < servers->count && has; i++)
		has = text && is_in_text(text, servers->items[i]);
	free(text);
	return has;
}

/* As openresolv and Debian's resolvconf keep what they are told. */
static bool resolvconf_has(const struct strv *servers, const char *name)
{
	static const char *const places[] = {
		"/run/resolvconf/interface/",
		"/run/resolvconf/interface/tun.",
		"/run/resolvconf/interfaces/",
		"/run/resolvconf/keys/",
	};
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s%s", places[i], name);
		if (are_in_file(servers, path))
			return true;
	}
	return false;
}

static bool resolver_knows(const struct setup *setup)
{
	return are_in_file(&setup->dns, "/etc/resolv.conf") ||
	       resolvconf_has(&setup->dns, setup->name) ||
	       resolved_has(&setup->dns, setup->name);
}

/* --- units --- */

static char *find_failed_unit(const char *name)
{
	static const char *const units[] = { "wgctl", "wg-quick" };
	size_t i;

	if (access("/run/systemd/system", F_OK))
		return NULL;
	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		char *unit = xasprintf("%s@%s.service", units[i], name), *text;
		const char *const argv[] = { "systemctl", "is-failed", unit,
					     NULL };

		text = process_output(argv, fault_ignored());
		free(text);
		if (text)
			return unit;
		free(unit);
	}
	return NULL;
}

void look_at_file(struct evidence *evidence)
{
	struct stat info;

	state_read(&evidence->state, evidence->name);
	evidence->is_fresh = evidence->link.ifindex &&
			     evidence->state.ifindex == evidence->link.ifindex;
	evidence->failed_unit = find_failed_unit(evidence->name);
	evidence->path = find_file(evidence);
	if (!evidence->path)
		return;
	if (!stat(evidence->path, &info))
		evidence->mode = info.st_mode;
	evidence->setup = read_setup(evidence);
	evidence->resolver_knows = !evidence->setup ||
				   resolver_knows(evidence->setup);
}
