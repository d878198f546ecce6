// SPDX-License-Identifier: GPL-2.0
#include "quick/iptables.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/process.h"
#include "lib/xalloc.h"

#define FILTER "wgctl filter of"
#define MASQUERADING "wgctl masquerading of"
#define FOREIGN "wg-quick(8) rule for"

#define COMMENT_MAX 80

/* As iptables-save prints it, which iptables-restore reads as well. */
static const char *comment_of(char *comment, const char *whose,
			      const char *interface)
{
	snprintf(comment, COMMENT_MAX, "-m comment --comment \"%s %s\"", whose,
		 interface);
	return comment;
}

bool iptables_exists(void)
{
	return process_exists("iptables-save") &&
	       process_exists("iptables-restore");
}

/* All rules of a family, or NULL. */
static char *read_rules(uint16_t family)
{
	const char *const argv[] = {
		family == AF_INET ? "iptables-save" : "ip6tables-save", NULL,
	};
	struct fault ignored;

	return process_output(argv, &ignored);
}

static int write_rules(uint16_t family, const char *text, struct fault *fault)
{
	const char *const argv[] = {
		family == AF_INET ? "iptables-restore" : "ip6tables-restore",
		"-n", NULL,
	};

	return process_run(argv, text, fault);
}

static bool has_rules(uint16_t family, const char *whose,
		      const char *interface)
{
	char comment[COMMENT_MAX], *rules = read_rules(family);
	bool has = rules && strstr(rules, comment_of(comment, whose,
						     interface));

	free(rules);
	return has;
}

void iptables_look(struct firewall_seen *seen, const char *interface)
{
	seen->filters_ipv4 = has_rules(AF_INET, FILTER, interface);
	seen->filters_ipv6 = has_rules(AF_INET6, FILTER, interface);
	seen->masquerades = has_rules(AF_INET, MASQUERADING, interface) ||
			    has_rules(AF_INET6, MASQUERADING, interface);
	seen->has_foreign = has_rules(AF_INET, FOREIGN, interface) ||
			    has_rules(AF_INET6, FOREIGN, interface);
}

/* Each rule "-A CHAIN ..." of somebody's as "-D CHAIN ...", in its table. */
static void print_deletions(uint16_t family, const char *comment, FILE *to)
{
	char *rules = read_rules(family), *rest = rules, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (*line == '*' || !strcmp(line, "COMMIT"))
			fprintf(to, "%s\n", line);
		else if (!strncmp(line, "-A ", 3) && strstr(line, comment))
			fprintf(to, "-D %s\n", line + 3);
	}
	free(rules);
}

static void print_filter(const struct firewall *firewall, const char *comment,
			 FILE *to)
{
	char text[INET6_ADDRSTRLEN];
	size_t i;

	fputs("*raw\n", to);
	for (i = 0; i < firewall->addresses->count; i++) {
		const struct allowed_ip *ip = &firewall->addresses->items[i];

		if (ip->family != firewall->family)
			continue;
		inet_ntop(ip->family, &ip->v6, text, sizeof(text));
		fprintf(to,
			"-I PREROUTING ! -i %s -d %s -m addrtype ! --src-type LOCAL %s -j DROP\n",
			firewall->interface, text, comment);
	}
	fprintf(to,
		"COMMIT\n*mangle\n"
		"-I PREROUTING -p udp %s -j CONNMARK --restore-mark\n"
		"-I POSTROUTING -p udp -m mark --mark %u %s -j CONNMARK --save-mark\n"
		"COMMIT\n",
		comment, firewall->mark, comment);
}

/* Where a packet leaves it is too late to ask for where it came in. */
static void print_masquerade(const struct firewall *firewall, uint16_t family,
			     const char *comment, FILE *to)
{
	char text[IP_TEXT_MAX];
	size_t i;

	fputs("*nat\n", to);
	for (i = 0; i < firewall->addresses->count; i++) {
		struct allowed_ip net = firewall->addresses->items[i];

		ip_mask(&net);
		if (net.family == family)
			fprintf(to,
				"-A POSTROUTING -s %s ! -o %s %s -j MASQUERADE\n",
				ip_text(&net, text), firewall->interface,
				comment);
	}
	fputs("COMMIT\n", to);
}

/* @firewall: what comes instead of what is there; NULL: nothing */
static int replace(uint16_t family, const char *whose, const char *interface,
		   const struct firewall *firewall, struct fault *fault)
{
	char comment[COMMENT_MAX], *text;
	size_t len;
	FILE *to = xopen(&text, &len);
	int ret;

	comment_of(comment, whose, interface);
	print_deletions(family, comment, to);
	if (firewall && firewall->family == AF_UNSPEC)
		print_masquerade(firewall, family, comment, to);
	else if (firewall)
		print_filter(firewall, comment, to);
	xclose(to);
	ret = *text ? write_rules(family, text, fault) : 0;
	free(text);
	return ret;
}

int iptables_put(const struct firewall *firewall, struct fault *fault)
{
	const bool is_both = firewall->family == AF_UNSPEC;
	struct fault ignored;
	int ret = 0;
	size_t i;

	for (i = 0; i < IP_FAMILIES && !ret; i++)
		if (is_both ? ips_have_family(firewall->addresses,
					      ip_families[i]) :
			      ip_families[i] == firewall->family)
			ret = replace(ip_families[i],
				      is_both ? MASQUERADING : FILTER,
				      firewall->interface, firewall, fault);
	/* each table is changed by itself: some may have been */
	if (ret)
		iptables_delete(firewall->interface, firewall->family,
				&ignored);
	return ret;
}

static int delete_both(const char *interface, const char *whose,
		       struct fault *fault)
{
	return replace(AF_INET, whose, interface, NULL, fault) ?:
	       replace(AF_INET6, whose, interface, NULL, fault);
}

int iptables_delete(const char *interface, uint16_t family,
		    struct fault *fault)
{
	if (family == AF_UNSPEC)
		return delete_both(interface, MASQUERADING, fault);
	return replace(family, FILTER, interface, NULL, fault);
}

int iptables_delete_foreign(const char *interface, struct fault *fault)
{
	return delete_both(interface, FOREIGN, fault);
}
