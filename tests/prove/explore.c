// SPDX-License-Identifier: GPL-2.0
/*
 * explore [BOUND...]: all states that can be reached, nearest first. What is found
 * first is reached by as few steps as can be; they are told.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "explore.h"

#include "path/coalesce.h"

#define BEGIN_NS (1000 * S)
#define LEVEL_BYTES (16ULL << 30) /* of address space */
#define TWINS_MAX 20000
#define TWINS_EVERY 7

struct world world;
struct plan plan = { .machines = 2 };

struct bounds bounds = {
	.burst = 1,
	.overtakes = OVERTAKES_ANY,
	.states = STATES_MAX,
};

/**
 * struct level - states that are as many steps away, one after the other: the
 *	number of each, and its image
 */
struct level {
	char *bytes;
	size_t used;
};

/*
 * struct search - what is known; not of the world, so outside of its variables
 * @seen: the hash of each state that was seen, at a place that is its own
 * @places: of these, a power of two
 * @from: of each state, by number, the one that it was first reached from
 * @by: and the step
 * @states: how many
 * @now: being explored
 * @next: one step further
 * @twins: others that were taken for states already seen, likewise
 * @numbers: of the states whose hashes are in @seen, at the same places
 * @sums: of each state, over the hashes of all that it leads to
 * @state: the number of the one that is being explored
 * @sum: of it, so far
 * @is_dry: it is only looked at
 * @step: what is tried
 * @text: what was found
 */
struct search {
	u64 *seen;
	u32 *numbers;
	u64 places;
	u64 *sums;
	u32 *from;
	struct choice *by;
	u32 states;
	u64 steps, ends;
	unsigned int depth;
	u64 longest_ns;
	unsigned int most_on_the_way;
	struct level now, next, twins;
	u32 twin_count;
	u32 state;
	u64 sum;
	bool is_dry;
	struct choice step;
	sigjmp_buf found;
	enum property property;
	char text[200];
};

static struct search *search;

static void *map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

/* --------------------------------------------------------------------- failure */

void tell(const struct machine *machine, const char *format, ...)
{
	va_list args;

	if (!world.is_told)
		return;
	printf("# %12.6f  %u ", (world.now_ns - BEGIN_NS) / 1e9,
	       machine ? machine->number : 0);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void fail(enum property property, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(search->text, sizeof(search->text), format, args);
	va_end(args);
	search->property = property;
	siglongjmp(search->found, 1);
}

void shim_complain(const char *what, const char *file, int line)
{
	const char *slash = strrchr(file, '/');

	fail(PROPERTY_COMPLAINT, "%s:%d: %s", slash ? slash + 1 : file, line,
	     what);
}

static void die(int number)
{
	fail(PROPERTY_COMPLAINT, "signal %d", number);
}

/* ----------------------------------------------------------------- the beginning */

static void place_machine(struct machine *machine, unsigned int number)
{
	machine->number = number;
	machine->place = (struct place){
		htonl(0x0a000001 + number), htons(51820),
	};
	machine->wall_ns = 1700000000 * S;
	machine->highest_wall_ns = machine->wall_ns;
}

static void link_other(struct machine *machine)
{
	link_add(machine, &world.machines[!machine->number]);
}

static void keep_alive(struct machine *machine)
{
	link_set_keepalive(machine, &world.machines[!machine->number]);
}

/* The first has the smaller key. */
static bool is_ordered(void)
{
	return memcmp(world.machines[0].wg->local.public_key,
		      world.machines[1].wg->local.public_key,
		      WG_KEY_SIZE) < 0;
}

static void begin(void)
{
	unsigned int i;

	plan.kind = bounds.losses || bounds.copies || bounds.changes ||
		    bounds_are_slow() ? PLAN_STORM : PLAN_CALM;
	plan.rtt_ns = 2 * bounds_delay_ns();
	plan.interrupts = bounds.interrupts ? 1000 : 0;
	world.plan = &plan;
	world.now_ns = BEGIN_NS;
	world.is_stepped = true;
	left = (struct left){
		.sends = { bounds.sends[0], bounds.sends[1] },
		.losses = bounds.losses,
		.copies = bounds.copies,
		.changes = bounds.changes,
		.interrupts = bounds.interrupts,
	};
	shim_check(!wg_peer_register());
	wg_coalesce_register();
	for (i = 0; i < 2; i++) {
		place_machine(&world.machines[i], i);
		sched_call(&world.machines[i], machine_begin);
	}
	while (!is_ordered())
		sched_call(&world.machines[1], machine_new_key);
	for (i = 0; i < 2; i++)
		sched_call(&world.machines[i], link_other);
	world.machines[0].links[1].keepalive_s = bounds.keepalive_s;
	world.machines[0].links[1].contact_ns = BEGIN_NS;
	sched_call(&world.machines[0], keep_alive);
	for (i = 0; i < 2; i++)
		sched_call(&world.machines[i], machine_up);
	choice_begin();
}

/* ---------------------------------------------------------------- what was seen */

static u64 place_of_hash(u64 hash)
{
	u64 i = hash & (search->places - 1);

	while (search->seen[i] && search->seen[i] != hash)
		i = (i + 1) & (search->places - 1);
	return i;
}

static void enter(u64 hash, u32 number)
{
	u64 i = place_of_hash(hash);

	search->seen[i] = hash;
	search->numbers[i] = number;
}

static void grow(void)
{
	struct search before = *search;
	u64 i;

	search->places = before.places ? 2 * before.places : 1 << 20;
	search->seen = map(search->places * sizeof(*search->seen));
	search->numbers = map(search->places * sizeof(*search->numbers));
	for (i = 0; i < before.places; i++) {
		if (before.seen[i])
			enter(before.seen[i], before.numbers[i]);
	}
	if (!before.places)
		return;
	munmap(before.seen, before.places * sizeof(*before.seen));
	munmap(before.numbers, before.places * sizeof(*before.numbers));
}

static void keep(struct level *level, u32 number)
{
	if (level->used + IMAGE_MAX > LEVEL_BYTES) {
		printf("too many states\n");
		exit(2);
	}
	memcpy(level->bytes + level->used, &number, sizeof(number));
	level->used += sizeof(number);
	level->used += image_save(level->bytes + level->used);
}

static void measure(void)
{
	const struct event *event;
	unsigned int i, messages = 0;

	for (i = 0; (event = sched_event(i)); i++)
		messages += event->kind == EVENT_ARRIVAL;
	search->most_on_the_way = max(search->most_on_the_way, messages);
	search->longest_ns = max(search->longest_ns, world.now_ns - BEGIN_NS);
}

static void note_new(u64 hash)
{
	enter(hash, search->states);
	search->from[search->states] = search->state;
	search->by[search->states] = search->step;
	measure();
	keep(&search->next, search->states++);
}

/* Some, from all over the search. */
static void note_twin(u32 number)
{
	if (search->twin_count == TWINS_MAX || search->steps % TWINS_EVERY)
		return;
	search->twin_count++;
	keep(&search->twins, number);
}

/* The world is as it is after the step: is that new? */
static void note(void)
{
	u64 hash = canon_hash() ?: 1, i;

	search->sum += hash * 0x9fb21c651e98df25ULL ^ hash >> 32;
	if (search->is_dry)
		return;
	search->steps++;
	if (2ULL * search->states >= search->places)
		grow();
	i = place_of_hash(hash);
	if (search->seen[i])
		note_twin(search->numbers[i]);
	else
		note_new(hash);
}

/* ------------------------------------------------------------------- the search */

/* Nothing will happen any more: nothing must be left, however long it takes. */
static void end(void)
{
	search->ends += !search->is_dry;
	world.now_ns += 3600 * S;
	watch_end();
}

static void try(const void *image, struct choice choice)
{
	struct choice more[CHOICES_MAX];
	unsigned int i, count;

	image_load(image);
	search->step = choice;
	choice_take(choice);
	/* before the next image: what else it could have been is of this step */
	count = choice_variants(choice, more);
	note();
	for (i = 0; i < count; i++)
		try(image, more[i]);
}

static void explore(const void *image)
{
	struct choice choices[CHOICES_MAX];
	unsigned int i, count = choice_list(choices);

	search->sum = 0;
	search->step = (struct choice){ .kind = CHOICE_TIME };
	if (!count)
		end();
	for (i = 0; i < count; i++)
		try(image, choices[i]);
}

static void explore_level(void)
{
	const char *at = search->now.bytes, *end = at + search->now.used;
	const char *image;

	while (at < end && search->states < bounds.states) {
		memcpy(&search->state, at, sizeof(search->state));
		image = at + sizeof(search->state);
		at = image + image_load(image);
		explore(image);
		search->sums[search->state] = search->sum;
	}
	madvise(search->now.bytes, search->now.used, MADV_DONTNEED);
	search->now.used = 0;
}

static void explore_all(void)
{
	struct level done;

	note();
	while (search->next.used && search->states < bounds.states) {
		done = search->now;
		search->now = search->next;
		search->next = done;
		search->depth++;
		explore_level();
	}
}

/*
 * Two states of one hash lead to the same: else something that matters is left out
 * of it.
 */
static void check_twins(void)
{
	const char *at = search->twins.bytes, *end = at + search->twins.used;
	const char *image;

	search->is_dry = true;
	while (at < end) {
		memcpy(&search->state, at, sizeof(search->state));
		image = at + sizeof(search->state);
		at = image + image_load(image);
		explore(image);
		if (search->sums[search->state] != search->sum)
			fail(PROPERTY_COMPLAINT,
			     "state %u is not all that its hash stands for",
			     search->state);
	}
}

/* --------------------------------------------------------------------- the story */

static unsigned int path_to(u32 state, struct choice *path)
{
	unsigned int count = 0, i;

	for (; state; state = search->from[state])
		path[count++] = search->by[state];
	for (i = 0; i < count / 2; i++) {
		struct choice choice = path[i];

		path[i] = path[count - 1 - i];
		path[count - 1 - i] = choice;
	}
	return count;
}

static void tell_step(struct choice choice)
{
	char text[100];

	choice_describe(choice, text, sizeof(text));
	printf("# %12.6f   -- %s\n", (world.now_ns - BEGIN_NS) / 1e9, text);
	choice_take(choice);
}

static void tell_path(const void *first)
{
	struct choice *path = map((search->depth + 1) * sizeof(*path));
	unsigned int i, count = path_to(search->state, path);
	struct choice choices[CHOICES_MAX];

	image_load(first);
	world.is_told = true;
	for (i = 0; i < count; i++)
		tell_step(path[i]);
	if (sigsetjmp(search->found, 1))
		return;
	tell_step(search->step);
	if (!choice_list(choices))
		end();
}

/* ------------------------------------------------------------------------- main */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void print_bounds(void)
{
	printf("packets %u and %u, losses %u, copies %u, changes %u, interrupts %u, delays to %u ms",
	       bounds.sends[0], bounds.sends[1], bounds.losses, bounds.copies,
	       bounds.changes, bounds.interrupts, bounds.delay_ms);
	if (bounds.burst > 1)
		printf(", %u packets at once", bounds.burst);
	if (bounds.keepalive_s)
		printf(", keepalive %u s", bounds.keepalive_s);
	if (bounds.overtakes != OVERTAKES_ANY)
		printf(", overtaken by %u", bounds.overtakes);
	if (bounds.jitter)
		printf(", jitter");
}

static void print_counts(void)
{
	printf("# %u states, %llu steps, %u deep, %llu ends, %u messages on the way, %.0f s of life, %u twins, %.1f minutes\n",
	       search->states, search->steps, search->depth, search->ends,
	       search->most_on_the_way, search->longest_ns / 1e9,
	       search->twin_count, seconds() / 60);
}

static int report(const void *first)
{
	tell_path(first);
	printf("# %s: %s: %s\n", property_name(search->property),
	       property_claim(search->property), search->text);
	print_counts();
	printf("not ok - ");
	print_bounds();
	putchar('\n');
	return 1;
}

static int report_success(void)
{
	bool is_whole = search->states < bounds.states;

	print_counts();
	printf(is_whole ? "ok - all orders: " : "ok - so many states of: ");
	print_bounds();
	putchar('\n');
	return 0;
}

static const struct {
	char name;
	u32 *bound;
} options[] = {
	{ 'a', &bounds.sends[0] },
	{ 'b', &bounds.sends[1] },
	{ 's', &bounds.burst },
	{ 'd', &bounds.delay_ms },
	{ 'o', &bounds.overtakes },
	{ 'l', &bounds.losses },
	{ 'c', &bounds.copies },
	{ 'k', &bounds.changes },
	{ 'i', &bounds.interrupts },
	{ 'j', &bounds.jitter },
	{ 'p', &bounds.keepalive_s },
	{ 'n', &bounds.states },
};

static void read_bounds(int argc, char **argv)
{
	unsigned int i;
	int option;

	while ((option = getopt(argc, argv, "a:b:s:d:o:l:c:k:i:j:p:n:")) != -1) {
		for (i = 0; i < ARRAY_SIZE(options); i++) {
			if (option == options[i].name)
				*options[i].bound = strtoul(optarg, NULL, 0);
		}
		if (option == '?')
			exit(2);
	}
}

int main(int argc, char **argv)
{
	static char *first; /* the same in all states */

	read_bounds(argc, argv);
	first = map(IMAGE_MAX);
	search = map(sizeof(*search));
	search->from = map(STATES_MAX * sizeof(u32));
	search->by = map(STATES_MAX * sizeof(struct choice));
	search->now.bytes = map(LEVEL_BYTES);
	search->next.bytes = map(LEVEL_BYTES);
	search->twins.bytes = map(LEVEL_BYTES);
	search->sums = map(STATES_MAX * sizeof(u64));
	begin();
	image_begin();
	image_save(first);
	if (sigsetjmp(search->found, 1))
		return report(first);
	signal(SIGSEGV, die);
	signal(SIGABRT, die);
	explore_all();
	if (search->states < bounds.states)
		check_twins();
	return report_success();
}
