// SPDX-License-Identifier: GPL-2.0
#include "quick/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/process.h"
#include "lib/xalloc.h"

enum dns_manager dns_manager(void)
{
	/* where it is resolvectl by another name, that knows more */
	if (process_exists("resolvconf") && !process_is("resolvconf", "resolvectl"))
		return DNS_RESOLVCONF;
	if (process_exists("resolvectl"))
		return DNS_RESOLVED;
	return DNS_NOBODY;
}

const char *dns_manager_word(enum dns_manager manager)
{
	switch (manager) {
	case DNS_RESOLVCONF:
		return "resolvconf";
	case DNS_RESOLVED:
		return "systemd-resolved";
	case DNS_NOBODY:
		break;
	}
	return "nobody";
}

/* How resolvconf calls what a tunnel says. */
static void record_name(char *record, size_t room, const char *interface)
{
	/* Debian's resolvconf sorts records by prefixes of their names */
	bool has_order = !access("/etc/resolvconf/interface-order", R_OK);

	snprintf(record, room, "%s%s", has_order ? "tun." : "", interface);
}

/* In the form of resolv.conf. */
static char *record_text(const struct strv *servers,
			 const struct strv *search)
{
	size_t len, i;
	char *text;
	FILE *to = xopen(&text, &len);

	for (i = 0; i < servers->count; i++)
		fprintf(to, "nameserver %s\n", servers->items[i]);
	for (i = 0; i < search->count; i++)
		fprintf(to, "%s%s", i ? " " : "search ", search->items[i]);
	if (search->count)
		fputc('\n', to);
	xclose(to);
	return text;
}

static int resolvconf_set(const char *interface, const struct strv *servers,
			  const struct strv *search, struct fault *fault)
{
	char record[64];
	/* nobody else's servers; but domains alone need somebody to ask */
	const char *const argv[] = { "resolvconf", "-a", record,
				     servers->count ? "-m" : NULL, "0", "-x",
				     NULL };
	char *text = record_text(servers, search);
	int ret;

	record_name(record, sizeof(record), interface);
	ret = process_run(argv, text, fault);
	free(text);
	return ret;
}

/* "resolvectl WORD INTERFACE [FIRST] ITEM..." */
static int resolvectl(const char *word, const char *interface,
		      const char *first, const struct strv *items,
		      struct fault *fault)
{
	struct strv argv = { 0 };
	size_t i;
	int ret;

	strv_add(&argv, "resolvectl");
	strv_add(&argv, word);
	strv_add(&argv, interface);
	if (first)
		strv_add(&argv, first);
	for (i = 0; items && i < items->count; i++)
		strv_add(&argv, items->items[i]);
	ret = process_run((const char *const *)argv.items, NULL, fault);
	strv_clear(&argv);
	return ret;
}

static int resolved_set(const char *interface, const struct strv *servers,
			const struct strv *search, struct fault *fault)
{
	bool has_servers = servers->count;

	/*
	 * Without an argument it would only print what there is. "~.": every
	 * name is asked of these servers.
	 */
	return resolvectl("dns", interface, has_servers ? NULL : "", servers,
			  fault) ?:
	       resolvectl("domain", interface, has_servers ? "~." : NULL,
			  search, fault);
}

int dns_set(enum dns_manager manager, const char *interface,
	    const struct strv *servers, const struct strv *search,
	    struct fault *fault)
{
	if (manager == DNS_RESOLVCONF)
		return resolvconf_set(interface, servers, search, fault);
	return resolved_set(interface, servers, search, fault);
}

int dns_unset(enum dns_manager manager, const char *interface,
	      struct fault *fault)
{
	char record[64];
	const char *const argv[] = { "resolvconf", "-d", record, "-f", NULL };

	if (manager == DNS_RESOLVED)
		return resolvectl("revert", interface, NULL, NULL, fault);
	record_name(record, sizeof(record), interface);
	return process_run(argv, NULL, fault);
}
