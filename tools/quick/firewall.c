// SPDX-License-Identifier: GPL-2.0
#include "quick/firewall.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/process.h"
#include "lib/xalloc.h"
#include "quick/iptables.h"

/* Whose tables these are. */
#define OURS "wgctl"
#define THEIRS "wg-quick"

#define TABLE_NAME_MAX (sizeof(THEIRS "-") + 3 * IFNAMSIZ)

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

/*
 * Of what the name of an interface may have, nft takes all but '+' and '='
 * in the name of a table, and '/' is in no interface's.
 */
static const char *table_name(char *name, const char *maker,
			      const char *interface)
{
	char *to = name + sprintf(name, "%s-", maker);

	for (; *interface; interface++)
		if (*interface == '+' || *interface == '=')
			to += sprintf(to, "/%d", *interface);
		else
			*to++ = *interface;
	*to = 0;
	return name;
}

/* Added before it is deleted, a table may be there already or not. */
static void print_no_table(uint16_t family, const char *maker,
			   const char *interface, FILE *to)
{
	const char *word = family_word(family);
	char name[TABLE_NAME_MAX];

	table_name(name, maker, interface);
	fprintf(to, "add table %s %s\ndelete table %s %s\n", word, name, word,
		name);
}

static void print_table(const struct firewall *firewall, FILE *to)
{
	char name[TABLE_NAME_MAX];

	print_no_table(firewall->family, OURS, firewall->interface, to);
	fprintf(to, "table %s %s {\n", family_word(firewall->family),
		table_name(name, OURS, firewall->interface));
	if (firewall->family == AF_UNSPEC)
		print_masquerade(firewall, to);
	else
		print_filter(firewall, to);
	fputs("}\n", to);
}

/* Carries out and frees what was printed to a stream. */
static int run_nft(FILE *to, char **text, struct fault *fault)
{
	static const char *const argv[] = { "nft", "-f", "-", NULL };
	int ret;

	xclose(to);
	ret = process_run(argv, *text, fault);
	free(*text);
	return ret;
}

static bool has_nft(void)
{
	return process_exists("nft");
}

const char *firewall_word(void)
{
	if (has_nft())
		return "nftables";
	return iptables_exists() ? "iptables" : NULL;
}

int firewall_put(const struct firewall *firewall, struct fault *fault)
{
	char *text;
	size_t len;
	FILE *to;

	if (!has_nft())
		return iptables_put(firewall, fault);
	to = xopen(&text, &len);
	print_table(firewall, to);
	return run_nft(to, &text, fault);
}

static int delete_table(const char *maker, const char *interface,
			uint16_t family, struct fault *fault)
{
	char *text;
	size_t len;
	FILE *to = xopen(&text, &len);

	print_no_table(family, maker, interface, to);
	return run_nft(to, &text, fault);
}

int firewall_delete(const char *interface, uint16_t family,
		    struct fault *fault)
{
	if (!has_nft())
		return iptables_delete(interface, family, fault);
	return delete_table(OURS, interface, family, fault);
}

int firewall_delete_foreign(const char *interface, struct fault *fault)
{
	if (!has_nft())
		return iptables_delete_foreign(interface, fault);
	return delete_table(THEIRS, interface, AF_INET, fault) ?:
	       delete_table(THEIRS, interface, AF_INET6, fault);
}

static bool has_table(const char *tables, const char *maker,
		      const char *interface, uint16_t family)
{
	bool is_there = false;
	const char *at;
	char line[96], name[TABLE_NAME_MAX];

	snprintf(line, sizeof(line), "table %s %s", family_word(family),
		 table_name(name, maker, interface));
	for (at = tables; !is_there && (at = strstr(at, line)); at++)
		is_there = at[strlen(line)] == '\n' || !at[strlen(line)];
	return is_there;
}

int firewall_look(struct firewall_seen *seen, const char *interface,
		  struct fault *fault)
{
	static const char *const argv[] = { "nft", "list", "tables", NULL };
	char *tables;

	memset(seen, 0, sizeof(*seen));
	if (!has_nft()) {
		iptables_look(seen, interface);
		return 0;
	}
	tables = process_output(argv, fault);
	if (!tables)
		return fault_prefix(fault, "cannot list filters");
	seen->filters_ipv4 = has_table(tables, OURS, interface, AF_INET);
	seen->filters_ipv6 = has_table(tables, OURS, interface, AF_INET6);
	seen->masquerades = has_table(tables, OURS, interface, AF_UNSPEC);
	seen->has_foreign = has_table(tables, THEIRS, interface, AF_INET) ||
			    has_table(tables, THEIRS, interface, AF_INET6);
	free(tables);
	return 0;
}
