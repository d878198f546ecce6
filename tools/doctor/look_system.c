// SPDX-License-Identifier: GPL-2.0
/* The clock, sysctls, the kernel's statistics, the firewall. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "doctor/look.h"
#include "lib/process.h"
#include "lib/xalloc.h"
#include "quick/firewall.h"

void look_at_clock(struct evidence *evidence)
{
	struct timex clock = { 0 };

	evidence->now_s = time(NULL);
	evidence->is_unsynced = adjtimex(&clock) >= 0 &&
				clock.status & STA_UNSYNC;
}

/* A number below /proc/sys/net; 0 where there is none. */
static int sysctl_of(const char *family, const char *device, const char *name)
{
	char path[128], line[16];

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family,
		 device, name);
	return look_line(path, line, sizeof(line)) ? atoi(line) : 0;
}

/* The kernel takes the greater of all's and the device's. */
static int greater(const char *device, const char *name)
{
	int all = sysctl_of("ipv4", "all", name);
	int own = sysctl_of("ipv4", device, name);

	return all > own ? all : own;
}

/* Where datagrams of the tunnel come in, or else would. */
static const char *outer_device(const struct evidence *evidence)
{
	static char name[IFNAMSIZ];
	size_t i;

	for (i = 0; i < evidence->trial_count; i++)
		if (if_indextoname(evidence->trials[i].came_by, name))
			return name;
	for (i = 0; i < evidence->trial_count; i++) {
		const struct trial *trial = &evidence->trials[i];

		if (trial->way.is_known && !trial->way.error)
			return trial->way.device;
	}
	return "all";
}

void look_at_sysctls(struct evidence *evidence)
{
	struct sysctls *sysctls = &evidence->sysctls;
	const char *outer = outer_device(evidence);

	sysctls->forwards[0] = sysctl_of("ipv4", evidence->name, "forwarding");
	sysctls->forwards[1] = sysctl_of("ipv6", "all", "forwarding");
	sysctls->reads_mark = greater(outer, "src_valid_mark");
	sysctls->rp_filter = greater(evidence->name, "rp_filter");
	sysctls->outer_rp_filter = greater(outer, "rp_filter");
	snprintf(sysctls->outer, sizeof(sysctls->outer), "%s", outer);
}

#define SPACE "\n "

/* Names in one line, values in the next. */
static uint64_t value_of(char *names, char *values, const char *wanted)
{
	char *name, *value;

	do {
		name = strsep(&names, SPACE);
		value = strsep(&values, SPACE);
	} while (name && value && strcmp(name, wanted));
	return name && value ? strtoull(value, NULL, 10) : 0;
}

uint64_t look_at_rp_drops(void)
{
	FILE *from = fopen("/proc/net/netstat", "re");
	char names[8192], values[8192];
	uint64_t drops = 0;

	while (from && !drops && fgets(names, sizeof(names), from) &&
	       fgets(values, sizeof(values), from))
		drops = value_of(names, values, "IPReversePathFilter");
	if (from)
		fclose(from);
	return drops;
}

static char *run(const char *program, const char *first, const char *second)
{
	const char *const argv[] = { program, first, second, NULL };

	return process_output(argv, fault_ignored());
}

/* A module that is not loaded would be, by a question. */
static bool is_there(const char *module)
{
	struct utsname kernel;
	char pattern[512];
	glob_t files;

	snprintf(pattern, sizeof(pattern), "/sys/module/%s", module);
	if (!access(pattern, F_OK) || uname(&kernel))
		return true;
	snprintf(pattern, sizeof(pattern), "/lib/modules/%s/kernel/net/netfilter/%s.ko*",
		 kernel.release, module);
	if (glob(pattern, 0, NULL, &files))
		return true; /* it is no module, but built in, or nowhere */
	globfree(&files);
	return false;
}

static bool has_nftables(void)
{
	return process_exists("nft") && is_there("nf_tables");
}

static bool has_iptables(void)
{
	return !access("/proc/net/ip_tables_names", F_OK) &&
	       process_exists("iptables-save");
}

/* The device by which packets leave that a rule is for; or it stays empty. */
static void device_of(const char *rule, char *device)
{
	static const char *const words[] = { "oifname \"", " -o " };
	const char *at;
	size_t i;

	*device = 0;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		at = strstr(rule, words[i]);
		if (!at || strstr(rule, "! -o"))
			continue;
		at += strlen(words[i]);
		snprintf(device, IFNAMSIZ, "%.*s", (int)strcspn(at, "\" "), at);
	}
}

/* Is there none of that name, which is no pattern? */
static bool is_nobody(const char *device)
{
	return *device && !strpbrk(device, "*+") && !if_nametoindex(device);
}

/* Rules that masquerade, and each for a device that is not there. */
static void look_for_masquerade(struct evidence *evidence)
{
	char *rules = xstrdup(evidence->rules), *rest = rules, *rule;
	char device[IFNAMSIZ], nobody[IFNAMSIZ] = "";
	bool is_good = false;

	while ((rule = strsep(&rest, "\n"))) {
		if (!strcasestr(rule, "masquerade"))
			continue;
		device_of(rule, device);
		if (is_nobody(device))
			memcpy(nobody, device, sizeof(nobody));
		else
			is_good = true;
	}
	if (!is_good)
		memcpy(evidence->masked_nobody, nobody, sizeof(nobody));
	free(rules);
}

void look_at_firewall(struct evidence *evidence)
{
	const char *word = firewall_word();

	if (has_nftables())
		evidence->rules = run("nft", "list", "ruleset");
	else if (has_iptables())
		evidence->rules = run("iptables-save", NULL, NULL);
	evidence->sees_filters = true;
	if (!evidence->rules)
		return;
	look_for_masquerade(evidence);
	evidence->sees_filters = word && !firewall_look(&evidence->filters,
							evidence->name,
							fault_ignored());
}
