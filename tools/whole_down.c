// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "deeds.h"
#include "nl.h"
#include "whole.h"
#include "whole_parts.h"

/* What is there of the tunnel: its interface, notes of it, or both? */
static int find_remains(struct plan *plan, bool *has_link,
			struct fault *fault)
{
	bool has_notes = notes_read(&plan->notes, plan->name);
	struct nl_link link;
	int ret = nl_find_link(&link, plan->name, fault);

	*has_link = !ret;
	if (ret == -ENODEV && has_notes)
		return 0;
	if (ret == -ENODEV)
		return fault_set(fault, ret, "'%s' is not up", plan->name);
	if (!ret && !link.kind[0])
		return fault_set(fault, -EINVAL, "'%s' is not a tunnel",
				 plan->name);
	if (!ret && plan->notes.ifindex != link.ifindex) {
		/* another interface of that name: not what was noted */
		notes_clear(&plan->notes);
		plan->notes.ifindex = link.ifindex;
	}
	return ret;
}

/* Brought up by another tool: what it did is to be guessed. */
static int guess_notes(struct plan *plan, struct fault *fault)
{
	struct tunnel *now;

	if (plan->notes.path)
		return 0;
	now = nl_get(plan->name, fault);
	if (!now)
		return fault->code;
	plan->notes.mark = now->fwmark;
	tunnel_free(now);
	return whole_need_dns(plan, fault);
}

static void plan_deed(struct plan *plan, const struct deed *deed,
		      const char *words, const char *what)
{
	const struct plan_step step = {
		.deed = deed,
		.must_work = deed == &deed_save,
		.number = plan->notes.dns,
	};

	if (words)
		plan_add(plan, &step, "%s %s", words, what);
	else
		plan_add(plan, &step, NULL);
}

static int plan_no_policies(struct plan *plan, struct fault *fault)
{
	size_t i;
	int ret;

	for (i = 0; i < WHOLE_FAMILIES && plan->notes.mark; i++) {
		ret = whole_plan_no_policy(plan, whole_families[i], fault);
		if (ret)
			return ret;
	}
	return 0;
}

int whole_down(struct plan *plan, struct fault *fault)
{
	bool has_link;
	int ret = find_remains(plan, &has_link, fault);

	if (!ret && has_link)
		ret = guess_notes(plan, fault);
	if (ret)
		return ret;
	if (has_link)
		whole_plan_hooks(plan, SETUP_PRE_DOWN);
	if (has_link && plan->setup->saves)
		plan_deed(plan, &deed_save, "save", plan->setup->path);
	if (plan->notes.dns != DNS_NOBODY)
		plan_deed(plan, &deed_unset_dns, "take DNS back from",
			  dns_manager_word(plan->notes.dns));
	ret = whole_plan_masquerade(plan, false, fault);
	if (!ret)
		ret = plan_no_policies(plan, fault);
	if (ret)
		return ret;
	if (has_link)
		plan_deed(plan, &deed_delete_link, "delete interface",
			  plan->name);
	plan_deed(plan, &deed_remove_notes, NULL, NULL);
	whole_plan_hooks(plan, SETUP_POST_DOWN);
	return 0;
}
