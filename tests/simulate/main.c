// SPDX-License-Identifier: GPL-2.0
/*
 * simulate [-s SEED | -f FIRST] [-r RUNS] [-t SECONDS] [-q] [-p PLAN]: runs, one
 * after the other, in a child. The first that breaks a property is told, and, but
 * for -q, made as short as can be.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

#include "path/coalesce.h"

#define STORY_LINES 60
#define LINE_MAX_ 120
#define SHRINKS_MAX 400
#define FAILED 3 /* exit status of a child */

struct world world;

/**
 * struct verdict - what a child has to say, in memory that is shared
 * @seed: of the run under way
 * @runs: done
 * @events: of all of them
 * @simulated_ns: likewise
 * @cpu_s: what they have cost so far
 * @property: that does not hold
 * @at_ns: when that was
 * @text: how
 */
struct verdict {
	u64 seed;
	u64 runs, events, simulated_ns;
	double cpu_s;
	enum property property;
	u64 at_ns;
	char text[200];
};

static struct verdict *verdict;

static char story[STORY_LINES][LINE_MAX_];
static unsigned int told;

u32 get_random_u32_below(u32 bound)
{
	return chance_below(bound);
}

/* The first one will do. */
bool chance_picks(unsigned int number)
{
	return true;
}

/* ------------------------------------------------------------------ telling */

void tell(const struct machine *machine, const char *format, ...)
{
	char *line = story[told % STORY_LINES];
	va_list args;
	int len;

	if (!world.is_told)
		return;
	told++;
	len = snprintf(line, LINE_MAX_, "%12.6f  %u ", world.now_ns / 1e9,
		       machine->number);
	va_start(args, format);
	vsnprintf(line + len, LINE_MAX_ - len, format, args);
	va_end(args);
}

static void print_story(void)
{
	unsigned int i = told > STORY_LINES ? told - STORY_LINES : 0;

	for (; i < told; i++)
		printf("# %s\n", story[i % STORY_LINES]);
	fflush(stdout);
}

void fail(enum property property, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(verdict->text, sizeof(verdict->text), format, args);
	va_end(args);
	verdict->property = property;
	verdict->at_ns = world.now_ns;
	if (world.is_told)
		print_story();
	_exit(FAILED);
}

void shim_complain(const char *what, const char *file, int line)
{
	const char *slash = strrchr(file, '/');

	fail(PROPERTY_COMPLAINT, "%s:%d: %s", slash ? slash + 1 : file, line,
	     what);
}

/* -------------------------------------------------------------------- a run */

static void place_machine(struct machine *machine, unsigned int number)
{
	machine->number = number;
	machine->place = (struct place){
		htonl(0x0a000001 + number), htons(51820),
	};
	machine->wall_ns = 1700000000 * S + chance() % S;
	machine->highest_wall_ns = machine->wall_ns;
	machine->boot_ns = 1000 * S + chance() % (1000 * S);
}

static void link_all(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < world.plan->machines; i++) {
		if (i == machine->number)
			continue;
		machine->links[i].delay_ns = (world.plan->rtt_ns -
					      2 * world.plan->scatter_ns) / 2;
		link_add(machine, &world.machines[i]);
	}
}

static void begin(const struct plan *plan)
{
	bool is_told = world.is_told;
	unsigned int i;

	memset(&world, 0, sizeof(world));
	world.is_told = is_told;
	world.plan = plan;
	world.chance = ~plan->seed;
	world.weather.scatter_ns = plan->scatter_ns;
	shim_check(!wg_peer_register());
	wg_coalesce_register();
	for (i = 0; i < plan->machines; i++) {
		place_machine(&world.machines[i], i);
		sched_call(&world.machines[i], machine_begin);
	}
	for (i = 0; i < plan->machines; i++)
		sched_call(&world.machines[i], link_all);
	for (i = 0; i < plan->machines; i++)
		sched_call(&world.machines[i], machine_up);
	for (i = 0; i < plan->count; i++)
		event_add(plan->inputs[i].at_ns, EVENT_INPUT,
			  &world.machines[plan->inputs[i].a],
			  (void *)&plan->inputs[i]);
}

static void end_coalescing(struct machine *machine)
{
	wg_coalesce_unregister();
}

static void end(void)
{
	struct flow *flow;
	unsigned int i;

	for (i = 0; i < world.plan->machines; i++)
		sched_call(&world.machines[i], machine_down);
	sched_call(&world.machines[0], end_coalescing);
	for (i = 0; i < world.plan->machines; i++)
		sched_call(&world.machines[i], machine_end);
	wg_peer_unregister();
	sched_end();
	network_forget();
	free(world.packets);
	while ((flow = world.flows)) {
		world.flows = flow->next;
		free(flow);
	}
}

static u64 run(const struct plan *plan)
{
	begin(plan);
	sched_run(plan->heal_ns);
	input_heal();
	sched_run(plan->end_ns);
	watch_end();
	end();
	if (shim_live_sessions())
		fail(PROPERTY_WIPED, "%u sessions outlive their device",
		     shim_live_sessions());
	verdict->runs++;
	verdict->events += world.events;
	verdict->simulated_ns += plan->end_ns;
	return world.trace;
}

/* ---------------------------------------------------------------- children */

/* Return: whether nothing was found. */
static bool in_child(void (*what)(void *), void *argument, bool is_quiet)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (is_quiet) {
			dup2(open("/dev/null", O_WRONLY), 1);
			dup2(1, 2);
		}
		what(argument);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != FAILED) {
		verdict->property = PROPERTY_COMPLAINT;
		strcpy(verdict->text, "the program died");
	}
	return false;
}

static void run_plan(void *plan)
{
	run(plan);
}

/* What happened is printed if it fails. */
static void tell_plan(void *plan)
{
	world.is_told = true;
	run(plan);
}

/* Does @plan still break @property? */
static bool breaks(struct plan *plan, enum property property)
{
	return !in_child(run_plan, plan, true) &&
	       verdict->property == property;
}

/* Take what @changed has for @plan, if that still breaks @property. */
static bool try(struct plan *plan, const struct plan *changed,
		enum property property)
{
	struct plan copy = *changed;

	if (!breaks(&copy, property))
		return false;
	*plan = copy;
	return true;
}

static void leave_out(struct plan *plan, unsigned int from, unsigned int count)
{
	count = min(count, plan->count - from);
	memmove(plan->inputs + from, plan->inputs + from + count,
		(plan->count - from - count) * sizeof(*plan->inputs));
	plan->count -= count;
}

static bool shrink_lines(struct plan *plan, enum property property)
{
	unsigned int size = max(plan->count / 2, 1u), i;
	bool has_shrunk = false;
	struct plan changed;

	for (; size; size /= 2) {
		for (i = 0; i < plan->count;) {
			changed = *plan;
			leave_out(&changed, i, size);
			if (try(plan, &changed, property))
				has_shrunk = true;
			else
				i += size;
		}
	}
	return has_shrunk;
}

static void shrink_flows(struct plan *plan, enum property property)
{
	struct plan changed;
	unsigned int i;

	for (i = 0; i < plan->count; i++) {
		do {
			changed = *plan;
			if (plan->inputs[i].kind != INPUT_FLOW ||
			    plan->inputs[i].n < 2)
				break;
			changed.inputs[i].n /= 2;
		} while (try(plan, &changed, property));
	}
}

static void shrink(struct plan *plan, enum property property)
{
	struct plan changed = *plan;

	changed.interrupts = 0;
	try(plan, &changed, property);
	changed = *plan;
	changed.scatter_ns = 0;
	try(plan, &changed, property);
	while (shrink_lines(plan, property))
		;
	shrink_flows(plan, property);
	changed = *plan;
	changed.machines = 2;
	if (plan->count && plan->machines > 2)
		try(plan, &changed, property);
}

/* ------------------------------------------------------------------- main */

/**
 * struct job - what is asked for
 * @first: seed of the first run
 * @runs: how many; 0: as many as there is time for
 * @seconds: that is, of a processor
 * @file: of a plan; NULL: seeds
 * @is_quick: that something was found will do
 */
struct job {
	u64 first;
	u64 runs;
	double seconds;
	const char *file;
	bool is_quick;
};

static double seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void run_many(void *argument)
{
	const struct job *job = argument;
	struct plan plan;
	u64 i, trace;

	for (i = 0; job->runs ? i < job->runs : verdict->cpu_s < job->seconds;
	     i++) {
		verdict->seed = job->first + i;
		plan_make(&plan, verdict->seed);
		trace = run(&plan);
		if (!i && run(&plan) != trace)
			fail(PROPERTY_COMPLAINT, "one seed, two traces");
		verdict->cpu_s = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	}
}

static void run_file(void *argument)
{
	const struct job *job = argument;
	FILE *file = fopen(job->file, "r");
	struct plan plan;

	if (!file || !plan_read(&plan, file))
		fail(PROPERTY_COMPLAINT, "%s is no plan", job->file);
	fclose(file);
	tell_plan(&plan);
}

static void report_property(const char *of, u64 seed)
{
	printf("# %s %llu: %s: %s\n", of, seed,
	       property_name(verdict->property),
	       property_claim(verdict->property));
	printf("# %.3f s: %s (found after %.1f s)\n", verdict->at_ns / 1e9,
	       verdict->text, verdict->cpu_s);
}

static void report(u64 seed, bool is_quick)
{
	enum property property = verdict->property;
	struct plan plan;

	report_property("seed", seed);
	plan_make(&plan, seed);
	if (!is_quick && breaks(&plan, property)) {
		shrink(&plan, property);
		in_child(tell_plan, &plan, false);
		report_property("shrunk, seed", seed);
		plan_write(&plan, stdout);
	}
	printf("# again: make simulate SEED=%llu\n", seed);
	printf("not ok - %s\n", property_claim(property));
}

static void report_success(const struct job *job, double wall_s)
{
	printf("ok - seeds %llu to %llu: %llu events, %.0f a second, %.1f simulated hours\n",
	       job->first, verdict->seed, verdict->events,
	       verdict->events / wall_s, verdict->simulated_ns / 3600e9);
}

static int do_file(struct job *job)
{
	if (in_child(run_file, job, false)) {
		printf("ok - %s\n", job->file);
		return 0;
	}
	report_property(job->file, 0);
	printf("not ok - %s\n", job->file);
	return 1;
}

static int do_seeds(struct job *job)
{
	double began_s = seconds_of(CLOCK_MONOTONIC);

	if (in_child(run_many, job, false)) {
		report_success(job, seconds_of(CLOCK_MONOTONIC) - began_s);
		return 0;
	}
	report(verdict->seed, job->is_quick);
	return 1;
}

int main(int argc, char **argv)
{
	struct job job = { .first = 1, .seconds = 10 };
	int option;

	while ((option = getopt(argc, argv, "s:f:r:t:p:q")) != -1) {
		if (option == 's' || option == 'f')
			job.first = strtoull(optarg, NULL, 0);
		if (option == 's' || option == 'r')
			job.runs = option == 's' ? 1 : strtoull(optarg, NULL, 0);
		if (option == 't')
			job.seconds = strtod(optarg, NULL);
		if (option == 'q')
			job.is_quick = true;
		if (option == 'p')
			job.file = optarg;
	}
	verdict = mmap(NULL, sizeof(*verdict), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (verdict == MAP_FAILED)
		return 2;
	return job.file ? do_file(&job) : do_seeds(&job);
}
