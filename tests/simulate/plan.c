// SPDX-License-Identifier: GPL-2.0
/* Plans from seeds. */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "world.h"

static u64 between(u64 least, u64 most)
{
	return least + chance() % (most - least + 1);
}

/* As many short ones as long ones. */
static u64 any_length(u64 least, u64 most)
{
	u64 length = least;

	while (length < most && chance_below(4))
		length *= 2;
	return min(between(length, 2 * length), most);
}

static struct input *add(struct plan *plan, enum input_kind kind, u64 at_ns)
{
	static struct input none;
	struct input *input = &none;

	if (plan->count < INPUTS_MAX)
		input = &plan->inputs[plan->count++];
	memset(input, 0, sizeof(*input));
	input->kind = kind;
	input->at_ns = at_ns;
	input->a = chance_below(plan->machines);
	input->b = (input->a + 1 + chance_below(plan->machines - 1)) %
		   plan->machines;
	return input;
}

/*
 * A stream of questions, of packets or of GSO packets. What waits for the longest
 * handshake is to fit in the queue.
 */
static void add_flow(struct plan *plan, u64 at_ns, u64 until_ns)
{
	static const unsigned int flags[] = { 0, 0, 1, 1, 2, 7 };
	struct input *input = add(plan, INPUT_FLOW, at_ns);
	u64 least_ns = max(5 * MS, plan->rtt_ns / 8);

	input->flag = flags[chance_below(ARRAY_SIZE(flags))];
	if (input->flag > 1)
		least_ns *= input->flag;
	if (chance_in(150)) { /* a burst */
		input->for_ns = 1 + chance() % (MS / 20);
		input->n = between(2, 80 / max(1u, input->flag));
		return;
	}
	input->for_ns = any_length(least_ns, 40 * S);
	input->n = min(1 + (until_ns - at_ns) / input->for_ns,
		       between(1, 1500));
}

/* Both begin at nearly the same time, so that their initiations may cross. */
static void add_meeting(struct plan *plan, u64 at_ns)
{
	struct input *first = add(plan, INPUT_FLOW, at_ns), *second;

	first->n = between(1, 20);
	first->for_ns = any_length(MS, S);
	second = add(plan, INPUT_FLOW, at_ns + chance() % (plan->rtt_ns + 1));
	second->n = between(1, 20);
	second->for_ns = any_length(MS, S);
	second->a = first->b;
	second->b = first->a;
}

/* After a meeting, silence until a session has nearly reached one of its limits. */
static void add_sequel(struct plan *plan, u64 at_ns)
{
	static const u64 ages_s[] = { 120, 165, 180, 180, 540 };
	u64 age_ns = ages_s[chance_below(ARRAY_SIZE(ages_s))] * S;
	struct input *input;

	add_meeting(plan, at_ns);
	input = add(plan, INPUT_FLOW,
		    at_ns + age_ns + chance() % (4 * plan->rtt_ns) -
		    2 * plan->rtt_ns);
	input->n = between(1, 5);
	input->for_ns = any_length(MS, S);
	/* and is not under way when the world ends */
	plan->end_ns = max(plan->end_ns, input->at_ns + 60 * S);
}

static u64 near_a_limit(void)
{
	static const u64 limits[] = {
		1ULL << 60, ~0ULL - (1 << 13), (~0ULL - (1 << 13)) / 2,
		8192 + 64 + 80, /* the window comes round */
	};

	return limits[chance_below(ARRAY_SIZE(limits))] - chance_below(80);
}

static void set_details(struct plan *plan, struct input *input)
{
	input->for_ns = any_length(MS, 200 * S);
	input->flag = chance_below(2);
	switch (input->kind) {
	case INPUT_WEATHER:
		input->n = chance();
		input->flag = chance_below(8);
		break;
	case INPUT_PSK:
		input->n = chance_below(3);
		break;
	case INPUT_KEEPALIVE:
		input->n = chance_below(3) ? 1 + chance_below(40) : 0;
		break;
	case INPUT_CLOCK:
		input->n = any_length(MS, 4000 * S);
		break;
	case INPUT_COUNTERS:
		input->n = input->flag ? between(2000, 2500) : near_a_limit();
		break;
	case INPUT_CHEAT:
		input->n = ~0ULL - (1 << 13) + chance_below(100);
		break;
	case INPUT_REPLAY:
		input->n = between(1, 60);
		break;
	case INPUT_FLOOD:
		input->n = between(400, 900);
		input->for_ns = 0;
		break;
	default:
		break;
	}
	/* all is undone when the network heals */
	input->for_ns = min(input->for_ns, plan->heal_ns - input->at_ns - S);
}

/* At any time, or when something else happens or has just happened. */
static u64 time_of_trouble(const struct plan *plan)
{
	u64 latest_ns = plan->heal_ns - 2 * S, at_ns;

	if (chance_below(2))
		return between(S, latest_ns);
	at_ns = plan->inputs[chance_below(plan->count)].at_ns;
	return min(at_ns + chance() % (2 * plan->rtt_ns), latest_ns);
}

static void add_trouble(struct plan *plan, unsigned int kinds)
{
	u64 at_ns = time_of_trouble(plan);
	enum input_kind kind = 1 + chance_below(INPUT_KINDS - 1);
	struct input *input;

	/* a plan has a few kinds of trouble, else none of them goes deep */
	if (!(kinds & 1U << kind))
		return;
	input = add(plan, kind, at_ns);
	set_details(plan, input);
}

static void make_storm(struct plan *plan)
{
	unsigned int i, kinds = chance() & chance();

	plan->heal_ns = between(20 * S, 600 * S);
	plan->end_ns = plan->heal_ns + 140 * S;
	for (i = 0; i < plan->machines; i++)
		add_flow(plan, between(S, plan->heal_ns),  plan->heal_ns);
	for (i = 0; i < 40; i++)
		add_trouble(plan, kinds);
	for (i = 0; i < plan->machines; i++)
		add_flow(plan, plan->heal_ns + between(1, 30 * S),
			 plan->end_ns);
}

/*
 * Nothing but a flood at one of two, or at both, who have much to say: for the first
 * time, or when their session is of no use any more.
 */
static void make_siege(struct plan *plan)
{
	u64 at_ns = chance_below(2) ? 190 * S : 0;
	struct input *input;
	unsigned int i;

	plan->machines = 2;
	plan->heal_ns = at_ns + 80 * S;
	plan->end_ns = plan->heal_ns + 140 * S;
	if (at_ns)
		add_meeting(plan, S);
	for (i = 0; i < 2; i++) {
		input = add(plan, INPUT_FLOOD, at_ns + between(S, 5 * S));
		input->n = between(650, 900);
		input->for_ns = 60 * S;
		add_flow(plan, at_ns + between(6 * S, 25 * S), plan->heal_ns);
	}
}

/* Nothing but meetings, each when the session of the last one is of no use. */
static void make_meetings(struct plan *plan)
{
	u64 at_ns = S;

	while (plan->count < 12) {
		add_meeting(plan, at_ns);
		at_ns += between(176 * S, 250 * S);
	}
	plan->heal_ns = at_ns;
	plan->end_ns = at_ns + 140 * S;
}

/* Administrators may do what loses nothing. */
static void make_streams(struct plan *plan)
{
	static const enum input_kind kinds[] = {
		INPUT_KEEPALIVE, INPUT_COUNTERS,
	};
	u64 until_ns = between(100 * S, 1200 * S);
	unsigned int i, n;

	plan->heal_ns = until_ns;
	plan->end_ns = until_ns + 140 * S;
	n = 1 + plan->machines + chance_below(4);
	for (i = 0; i < n; i++)
		add_flow(plan, chance_below(2) ? S + chance() % (plan->rtt_ns + 1) :
						 between(S, until_ns),
			 until_ns);
	for (n = chance_below(5); n--;)
		add_meeting(plan, between(S, until_ns));
	if (chance_below(2))
		add_sequel(plan, between(30 * S, until_ns));
	for (n = chance_below(3); n--;)
		set_details(plan, add(plan, kinds[chance_below(2)],
				      between(S, until_ns - 2 * S)));
}

void plan_make(struct plan *plan, u64 seed)
{
	memset(plan, 0, sizeof(*plan));
	world.chance = seed;
	plan->seed = seed;
	plan->kind = chance_below(2) ? PLAN_CALM : PLAN_STORM;
	plan->machines = chance_below(4) ? 2 : 2 + chance_below(3);
	if (chance_in(20))
		plan->machines = MACHINES_MAX;
	plan->rtt_ns = any_length(MS / 5, 4700 * MS);
	plan->scatter_ns = chance_below(2) ? chance() % (plan->rtt_ns / 2) : 0;
	plan->interrupts = chance_below(3) ? 1 << chance_below(9) : 0;
	plan->is_lazy = plan->kind == PLAN_STORM && chance_below(2);
	if (plan->kind == PLAN_STORM && chance_in(30))
		make_siege(plan);
	else if (plan->kind == PLAN_STORM)
		make_storm(plan);
	else if (chance_below(3))
		make_streams(plan);
	else
		make_meetings(plan);
	if (chance_below(4)) /* to see the keys go */
		plan->end_ns += 900 * S;
}

/* ------------------------------------------------------------- as a file */

static const char *const input_names[] = {
#define INPUT_NAME(name, text) #name,
	INPUTS(INPUT_NAME)
};

static const char *const kind_names[] = { "CALM", "STORM" };

static void write_input(const struct input *input, FILE *file)
{
	fprintf(file, "%14.9f %-10s a %u b %u for %.9f n %llu flag %u\n",
		input->at_ns / 1e9, input_names[input->kind], input->a,
		input->b, input->for_ns / 1e9, input->n, input->flag);
}

void plan_write(const struct plan *plan, FILE *file)
{
	unsigned int i;

	fprintf(file, "%s seed %llu machines %u rtt %.9f scatter %.9f interrupts %u lazy %u heal %.9f end %.9f\n",
		kind_names[plan->kind], plan->seed, plan->machines,
		plan->rtt_ns / 1e9, plan->scatter_ns / 1e9, plan->interrupts,
		plan->is_lazy, plan->heal_ns / 1e9, plan->end_ns / 1e9);
	for (i = 0; i < plan->count; i++)
		write_input(&plan->inputs[i], file);
}

static unsigned int find(const char *const names[], unsigned int count,
			 const char *name)
{
	unsigned int i;

	for (i = 0; i < count && strcmp(names[i], name); i++)
		;
	return i;
}

static u64 ns_of(double s)
{
	return s * 1e9 + 0.5;
}

static bool read_input(struct input *input, const char *line)
{
	double at_s, for_s;
	char name[20];

	if (sscanf(line, "%lf %19s a %u b %u for %lf n %llu flag %u", &at_s,
		   name, &input->a, &input->b, &for_s, &input->n,
		   &input->flag) != 7)
		return false;
	input->at_ns = ns_of(at_s);
	input->for_ns = ns_of(for_s);
	input->kind = find(input_names, INPUT_KINDS, name);
	return input->kind < INPUT_KINDS && input->a < MACHINES_MAX &&
	       input->b < MACHINES_MAX;
}

static bool read_head(struct plan *plan, const char *line)
{
	double rtt_s, scatter_s, heal_s, end_s;
	unsigned int is_lazy;
	char name[20];

	if (sscanf(line, "%19s seed %llu machines %u rtt %lf scatter %lf interrupts %u lazy %u heal %lf end %lf",
		   name, &plan->seed, &plan->machines, &rtt_s, &scatter_s,
		   &plan->interrupts, &is_lazy, &heal_s, &end_s) != 9)
		return false;
	plan->kind = find(kind_names, PLAN_KINDS, name);
	plan->rtt_ns = ns_of(rtt_s);
	plan->scatter_ns = ns_of(scatter_s);
	plan->is_lazy = is_lazy;
	plan->heal_ns = ns_of(heal_s);
	plan->end_ns = ns_of(end_s);
	return plan->kind < PLAN_KINDS && plan->machines <= MACHINES_MAX;
}

bool plan_read(struct plan *plan, FILE *file)
{
	bool is_good = false;
	char line[256];

	memset(plan, 0, sizeof(*plan));
	while (fgets(line, sizeof(line), file)) {
		if (*line == '#')
			continue;
		if (!is_good)
			is_good = read_head(plan, line);
		else if (plan->count == INPUTS_MAX ||
			 !read_input(&plan->inputs[plan->count++], line))
			return false;
	}
	return is_good;
}

const char *property_name(enum property property)
{
#define PROPERTY_NAME(id, name, claim) name,
	static const char *const names[] = { PROPERTIES(PROPERTY_NAME) };

	return names[property];
}

const char *property_claim(enum property property)
{
#define PROPERTY_CLAIM(id, name, claim) claim,
	static const char *const claims[] = { PROPERTIES(PROPERTY_CLAIM) };

	return claims[property];
}
