// SPDX-License-Identifier: GPL-2.0
/*
 * The order of events, and the CPUs. A task that lets a lock go may be
 * interrupted there by a later event of the same machine, as if another CPU had
 * come first: so what one function does in two sections of a lock meets
 * everything that can happen between them.
 */
#include "world.h"

#ifndef EVENTS_MAX
#define EVENTS_MAX 65536
#endif
#define NEAR_NS (2 * MS) /* so much may an event come early */

/**
 * struct task - what a CPU is at
 * @bh: bottom halves are disabled so many times; in softirq they are
 * @spins: spinlocks held
 * @sleepers: locks held that may sleep
 */
struct task {
	struct task_struct base;
	struct machine *machine;
	unsigned int bh, spins, sleepers;
};

static struct event *heap[EVENTS_MAX];
static unsigned int heap_len;
static u64 numbers;

static struct task tasks[CPUS];
static unsigned int depth; /* tasks under way */

static struct rcu_head *waiting; /* for a grace period */

/* -------------------------------------------------------------- the queue */

static bool is_before(const struct event *a, const struct event *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns :
				      a->number < b->number;
}

static void swap_events(unsigned int i, unsigned int j)
{
	struct event *event = heap[i];

	heap[i] = heap[j];
	heap[j] = event;
}

static void sift_up(unsigned int i)
{
	for (; i && is_before(heap[i], heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap_events(i, (i - 1) / 2);
}

static void sift_down(unsigned int i)
{
	unsigned int child;

	while ((child = 2 * i + 1) < heap_len) {
		if (child + 1 < heap_len &&
		    is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], heap[i]))
			return;
		swap_events(i, child);
		i = child;
	}
}

static struct event *remove_at(unsigned int i)
{
	struct event *event = heap[i];

	heap[i] = heap[--heap_len];
	if (i < heap_len) {
		sift_down(i);
		sift_up(i);
	}
	return event;
}

struct event *event_add(u64 at_ns, enum event_kind kind,
			struct machine *machine, void *what)
{
	struct event *event = calloc(1, sizeof(*event));

	if (!event || heap_len == EVENTS_MAX)
		abort();
	event->at_ns = max(at_ns, world.now_ns);
	event->number = ++numbers;
	event->kind = kind;
	event->machine = machine;
	event->datagram = what;
	heap[heap_len++] = event;
	sift_up(heap_len - 1);
	return event;
}

void event_cancel(struct event *event)
{
	unsigned int i;

	for (i = 0; i < heap_len; i++) {
		if (heap[i] == event) {
			free(remove_at(i));
			return;
		}
	}
	abort();
}

/* -------------------------------------------------------------------- tasks */

static struct task *task(void)
{
	return &tasks[depth - 1];
}

struct machine *sched_machine(void)
{
	return depth ? task()->machine : NULL;
}

struct task_struct *shim_current(void)
{
	return &task()->base;
}

unsigned int shim_cpu(void)
{
	return depth ? task()->base.cpu : 0;
}

unsigned int shim_cpus(void)
{
	return MACHINES_MAX * CPUS;
}

static bool is_softirq(enum event_kind kind)
{
	return kind == EVENT_ARRIVAL || kind == EVENT_TIMER ||
	       kind == EVENT_FLOW;
}

static void run_later(struct later *later)
{
	later->event = NULL;
	later->is_running = true;
	later->run(later);
	/* who runs is not freed meanwhile: that waits for it */
	later->is_running = false;
}

static void act(struct event *event)
{
	switch (event->kind) {
	case EVENT_INPUT:
		input_begin(event->input);
		break;
	case EVENT_UNDO:
		input_end(event->input);
		break;
	case EVENT_FLOW:
		flow_go_on(event->flow);
		break;
	case EVENT_ARRIVAL:
		network_arrive(event->machine, event->datagram);
		break;
	case EVENT_TIMER:
	case EVENT_WORK:
		run_later(event->later);
		break;
	}
}

static void execute(struct event *event)
{
	struct machine *machine = event->machine;

	tasks[depth] = (struct task){
		.base.cpu = (machine ? machine->number * CPUS : 0) + depth,
		.machine = machine,
		.bh = is_softirq(event->kind),
	};
	depth++;
	world.events++;
	act(event);
	shim_check(!task()->spins && !task()->sleepers &&
		   task()->bh == is_softirq(event->kind));
	depth--;
	free(event);
}

static void end_grace_period(void)
{
	struct rcu_head *head;

	while ((head = waiting)) {
		waiting = head->next;
		head->func(head);
	}
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->func = func;
	head->next = waiting;
	waiting = head;
}

/* Only asked for where one event alone runs. */
void rcu_barrier(void)
{
	end_grace_period();
}

/* -------------------------------------------------------------- other CPUs */

static bool holds_sleeper(const struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < depth; i++) {
		if (tasks[i].machine == machine && tasks[i].sleepers)
			return true;
	}
	return false;
}

/* What an administrator does that waits for nobody else. */
static bool is_small_change(const struct input *input)
{
	return input->kind == INPUT_COPY || input->kind == INPUT_KEEPALIVE ||
	       input->kind == INPUT_ENDPOINT || input->kind == INPUT_PSK;
}

/* May it run now, beside what runs already? */
static bool may_interrupt(const struct event *event)
{
	const struct machine *machine = task()->machine;

	if (event->machine != machine || event->at_ns > world.now_ns + NEAR_NS)
		return false;
	switch (event->kind) {
	case EVENT_ARRIVAL:
		return !machine->is_receiving;
	case EVENT_FLOW:
		return true;
	case EVENT_TIMER:
		return event->at_ns <= world.now_ns &&
		       !event->later->is_running;
	case EVENT_WORK:
		return !event->later->is_running &&
		       !holds_sleeper(machine);
	case EVENT_INPUT:
		return is_small_change(event->input) &&
		       !holds_sleeper(machine);
	case EVENT_UNDO:
		break;
	}
	return false;
}

static void interrupt(void)
{
	unsigned int i, others = 0;

	if (!task()->machine || task()->machine->wakes_ns || depth == CPUS ||
	    !chance_in(world.plan->interrupts))
		return;
	for (i = 0; i < heap_len; i++) {
		if (may_interrupt(heap[i]) && chance_picks(others++)) {
			execute(remove_at(i));
			return;
		}
	}
}

/* -------------------------------------------------------------------- locks */

void lock_init(struct lock *lock)
{
	memset(lock, 0, sizeof(*lock));
}

bool lock_is_held(const struct lock *lock)
{
	return lock->readers || lock->holder == shim_current();
}

void local_bh_disable(void)
{
	task()->bh++;
}

void local_bh_enable(void)
{
	shim_check(task()->bh);
	task()->bh--;
	if (!task()->spins)
		interrupt();
}

void lock_spin(struct lock *lock)
{
	/* else a softirq on the same CPU would wait for it for ever */
	shim_check(task()->bh);
	shim_check(!lock->holder);
	lock->holder = shim_current();
	task()->spins++;
}

void unlock_spin(struct lock *lock)
{
	shim_check(lock->holder == shim_current());
	lock->holder = NULL;
	if (!--task()->spins)
		interrupt();
}

static void begin_sleeper(void)
{
	shim_check(!task()->spins && !task()->bh);
	task()->sleepers++;
}

void lock_sleeping(struct lock *lock)
{
	begin_sleeper();
	shim_check(!lock->holder && !lock->readers);
	lock->holder = shim_current();
}

void unlock_sleeping(struct lock *lock)
{
	shim_check(lock->holder == shim_current());
	lock->holder = NULL;
	task()->sleepers--;
}

void lock_shared(struct lock *lock)
{
	begin_sleeper();
	shim_check(!lock->holder);
	lock->readers++;
}

void unlock_shared(struct lock *lock)
{
	shim_check(lock->readers);
	lock->readers--;
	task()->sleepers--;
}

/* ---------------------------------------------------------- timers and works */

static void set(struct later *later, u64 at_ns, enum event_kind kind)
{
	later_cancel(later);
	later->machine = sched_machine();
	later->event = event_add(at_ns, kind, later->machine, later);
}

void later_cancel(struct later *later)
{
	if (later->event)
		event_cancel(later->event);
	later->event = NULL;
}

unsigned long shim_jiffies(void)
{
	const struct machine *machine = sched_machine();

	return (world.now_ns + machine->boot_ns - machine->slept_ns) / TICK_NS;
}

u64 ktime_get_coarse_boottime_ns(void)
{
	u64 ns = world.now_ns + sched_machine()->boot_ns;

	return ns - ns % TICK_NS;
}

void ktime_get_real_ts64(struct timespec64 *now)
{
	u64 ns = world.now_ns + sched_machine()->wall_ns;

	now->tv_sec = ns / S;
	now->tv_nsec = ns % S;
}

s64 ktime_get_real_seconds(void)
{
	struct timespec64 now;

	ktime_get_real_ts64(&now);
	return now.tv_sec;
}

/*
 * As the kernel's wheel does it: 64 buckets a level, each level eight times as
 * coarse as the one below, and never too early.
 */
static unsigned long wheel(unsigned long now, unsigned long at)
{
	unsigned long delta = at > now ? at - now : 0;
	unsigned int shift = 0;

	while (shift < 21 && delta >= 63UL << shift)
		shift += 3;
	return ((at >> shift) + 1) << shift;
}

static void run_timer(struct later *later)
{
	struct timer_list *timer =
		container_of(later, struct timer_list, later);

	timer->function(timer);
}

void mod_timer(struct timer_list *timer, unsigned long at_jiffies)
{
	const struct machine *machine = sched_machine();
	u64 at_ns = wheel(shim_jiffies(), at_jiffies) * TICK_NS;

	if (world.is_stepped)
		at_ns = (at_jiffies - 1) * TICK_NS;
	timer->later.run = run_timer;
	set(&timer->later, at_ns + machine->slept_ns - machine->boot_ns,
	    EVENT_TIMER);
}

static void run_hrtimer(struct later *later)
{
	struct hrtimer *timer =
		container_of(later, struct hrtimer, later);

	timer->function(timer);
}

void hrtimer_start(struct hrtimer *timer, u64 after_ns, enum hrtimer_mode mode)
{
	timer->later.run = run_hrtimer;
	set(&timer->later, world.now_ns + after_ns, EVENT_TIMER);
}

static void run_work(struct later *later)
{
	struct work_struct *work =
		container_of(later, struct work_struct, later);

	work->function(work);
}

/* Most works begin at once, some when there is a CPU for them. */
static u64 work_delay_ns(void)
{
	if (world.is_stepped)
		return 0;
	return chance_in(50) ? chance() % (20 * MS) : chance() % (MS / 10);
}

bool queue_work(struct workqueue_struct *queue, struct work_struct *work)
{
	if (work->later.event)
		return false;
	work->later.run = run_work;
	set(&work->later, world.now_ns + work_delay_ns(), EVENT_WORK);
	return true;
}

void schedule_delayed_work(struct delayed_work *delayed, unsigned long after)
{
	delayed->work.later.run = run_work;
	set(&delayed->work.later, world.now_ns + after * TICK_NS,
	    EVENT_WORK);
}

/* ---------------------------------------------------------------- the clock */

/* What a sleeping machine would do, it does when it wakes. */
static bool is_put_off(struct event *event)
{
	const struct machine *machine = event->machine;

	if (!machine || world.now_ns >= machine->wakes_ns ||
	    event->kind == EVENT_ARRIVAL || event->kind == EVENT_INPUT ||
	    event->kind == EVENT_UNDO)
		return false;
	event->at_ns = machine->wakes_ns;
	event->number = ++numbers;
	heap[heap_len++] = event;
	sift_up(heap_len - 1);
	return true;
}

struct datagram *sched_next_arrival(struct machine *machine)
{
	struct datagram *datagram;
	struct event *event;

	if (world.is_stepped || !heap_len || heap[0]->kind != EVENT_ARRIVAL ||
	    heap[0]->machine != machine ||
	    heap[0]->at_ns > world.now_ns + MS / 10)
		return NULL;
	event = remove_at(0);
	datagram = event->datagram;
	free(event);
	return datagram;
}

static void run_event(struct event *event)
{
	struct machine *machine = event->machine;

	execute(event);
	end_grace_period();
	watch_event(machine);
}

void sched_run(u64 until_ns)
{
	struct event *event;

	while (heap_len && heap[0]->at_ns <= until_ns) {
		event = remove_at(0);
		world.now_ns = max(world.now_ns, event->at_ns);
		if (!is_put_off(event))
			run_event(event);
	}
	world.now_ns = max(world.now_ns, until_ns);
}

struct event *sched_event(unsigned int i)
{
	return i < heap_len ? heap[i] : NULL;
}

void sched_run_one(unsigned int i)
{
	run_event(remove_at(i));
}

/* @what of the administrator's, now, outside of all events. */
void sched_call(struct machine *machine, void (*what)(struct machine *machine))
{
	tasks[depth] = (struct task){
		.base.cpu = machine->number * CPUS + depth,
		.machine = machine,
	};
	depth++;
	what(machine);
	depth--;
	end_grace_period();
}

void sched_end(void)
{
	while (heap_len) {
		struct event *event = remove_at(0);

		if (event->kind == EVENT_ARRIVAL)
			free(event->datagram);
		free(event);
	}
}
