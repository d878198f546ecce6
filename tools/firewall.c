// SPDX-License-Identifier: GPL-2.0
#include "firewall.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"

#define TABLE "wgctl-"

static const char *family_word(uint16_t family)
{
	if (family == AF_UNSPEC)
		return "inet";
	return family == AF_INET ? "ip" : "ip6";
}

static void print_guard(const struct firewall *firewall, FILE *to)
{
	const char *family = family_word(firewall->family);
	char text[INET6_ADDRSTRLEN];
	size_t i;

	fprintf(to, "\tchain guard {\n"
		    "\t\ttype filter hook prerouting priority raw;\n");
	for (i = 0; i < firewall->addresses->count; i++) {
		const struct allowed_ip *ip = &firewall->addresses->items[i];

		if (ip->family != firewall->family)
			continue;
		inet_ntop(ip->family, &ip->v6, text, sizeof(text));
		fprintf(to,
			"\t\tiifname != \"%s\" %s daddr %s fib saddr type != local drop\n",
			firewall->interface, family, text);
	}
	fputs("\t}\n", to);
}

static void print_filter(const struct firewall *firewall, FILE *to)
{
	print_guard(firewall, to);
	fprintf(to,
		"\tchain recall {\n"
		"\t\ttype filter hook prerouting priority mangle;\n"
		"\t\tmeta l4proto udp meta mark set ct mark\n"
		"\t}\n"
		"\tchain remember {\n"
		"\t\ttype filter hook postrouting priority mangle;\n"
		"\t\tmeta l4proto udp meta mark %u ct mark set meta mark\n"
		"\t}\n",
		firewall->mark);
}

static void print_masquerade(const struct firewall *firewall, FILE *to)
{
	fprintf(to,
		"\tchain hide {\n"
		"\t\ttype nat hook postrouting priority srcnat;\n"
		"\t\tiifname \"%s\" oifname != \"%s\" masquerade\n"
		"\t}\n",
		firewall->interface, firewall->interface);
}

/* A table that is new, or new again. */
static void print_table(const struct firewall *firewall, bool replaces,
			FILE *to)
{
	const char *family = family_word(firewall->family);
	const char *name = firewall->interface;

	if (replaces)
		fprintf(to,
			"add table %s " TABLE "%s\ndelete table %s " TABLE
			"%s\n",
			family, name, family, name);
	else
		fprintf(to, "create table %s " TABLE "%s\n", family, name);
	fprintf(to, "table %s " TABLE "%s {\n", family, name);
}

char *firewall_text(const struct firewall *firewall, bool replaces)
{
	size_t len = 0;
	char *text = NULL;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return NULL;
	print_table(firewall, replaces, to);
	if (firewall->family == AF_UNSPEC)
		print_masquerade(firewall, to);
	else
		print_filter(firewall, to);
	fputs("}\n", to);
	if (!fclose(to))
		return text;
	free(text);
	return NULL;
}

static int put(const struct firewall *firewall, bool replaces,
	       struct fault *fault)
{
	static const char *const argv[] = { "nft", "-f", "-", NULL };
	char *text = firewall_text(firewall, replaces);
	int ret;

	if (!text)
		return fault_set(fault, -ENOMEM, "out of memory");
	ret = child_run(argv, text, fault);
	free(text);
	return ret;
}

int firewall_add(const struct firewall *firewall, struct fault *fault)
{
	return put(firewall, false, fault);
}

int firewall_replace(const struct firewall *firewall, struct fault *fault)
{
	return put(firewall, true, fault);
}

int firewall_delete(const char *interface, uint16_t family,
		    struct fault *fault)
{
	char table[64];
	const char *const argv[] = { "nft", "delete", "table",
			 family_word(family), table, NULL };

	snprintf(table, sizeof(table), TABLE "%s", interface);
	return child_run(argv, NULL, fault);
}

int firewall_exists(const char *interface, uint16_t family,
		    struct fault *fault)
{
	static const char *const argv[] = { "nft", "list", "tables", NULL };
	char line[96], *tables, *at;
	bool is_there = false;

	if (!child_exists("nft"))
		return 0;
	tables = child_output(argv, fault);
	if (!tables)
		return fault_prefix(fault, "cannot list filters");
	snprintf(line, sizeof(line), "table %s " TABLE "%s",
		 family_word(family), interface);
	for (at = tables; !is_there && (at = strstr(at, line)); at++)
		is_there = at[strlen(line)] == '\n' || !at[strlen(line)];
	free(tables);
	return is_there;
}
