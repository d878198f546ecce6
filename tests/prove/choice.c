// SPDX-License-Identifier: GPL-2.0
/*
 * What may come next, and how it comes. At one instant everything that is due may
 * come in any order, and before or after it what may come unasked: messages that
 * are on their way, packets of applications, changes of an administrator. Time
 * passes when nothing is due.
 */
#include <stdio.h>

#include "explore.h"

struct left left;

/* Of the step under way: what it may use, and what it could have used. */
static struct choice taken;
static bool has_drawn;
static unsigned int place;
static u8 others[256];

/* ------------------------------------------------ chance, as far as it matters */

/* Jitter: none, or the most. */
u32 get_random_u32_below(u32 bound)
{
	has_drawn = true;
	return taken.has_jitter ? bound - 1 : 0;
}

/* A place has at least one other. */
bool chance_picks(unsigned int number)
{
	place += !number;
	shim_check(place < ARRAY_SIZE(others));
	others[place] = number + 1;
	return place == taken.place && number == taken.other;
}

/* ------------------------------------------------------------------ what is due */

static u64 latest_ns(const struct event *event)
{
	return event->datagram->record->sent_ns + bounds_delay_ns();
}

/* By when must it have happened? What is unasked never must. */
static u64 due_ns(const struct event *event)
{
	if (event->kind == EVENT_INPUT)
		return WG_NEVER_NS;
	return event->kind == EVENT_ARRIVAL ? latest_ns(event) : event->at_ns;
}

static bool is_due(const struct event *event)
{
	return event->kind == EVENT_WORK || due_ns(event) <= world.now_ns;
}

/* Is @other a message to the same machine that was sent before @event? */
static bool is_before(const struct event *other, const struct event *event)
{
	return other->kind == EVENT_ARRIVAL &&
	       other->machine == event->machine &&
	       other->number < event->number;
}

unsigned int choice_line(const struct event *event)
{
	const struct event *other;
	unsigned int i, before = 0;

	for (i = 0; (other = sched_event(i)); i++)
		before += is_before(other, event);
	return before;
}

static bool may_overtake(const struct event *event)
{
	const struct event *other;
	unsigned int i;

	for (i = 0; (other = sched_event(i)); i++) {
		if (is_before(other, event) &&
		    other->datagram->record->overtaken == bounds.overtakes)
			return false;
	}
	return true;
}

static void overtake(const struct event *event)
{
	const struct event *other;
	unsigned int i;

	for (i = 0; (other = sched_event(i)); i++) {
		if (is_before(other, event))
			other->datagram->record->overtaken++;
	}
}

/* May it happen now? A message may be early. */
static bool may_happen(const struct event *event)
{
	switch (event->kind) {
	case EVENT_ARRIVAL:
		return may_overtake(event);
	case EVENT_INPUT:
		return event->machine->is_up;
	default:
		return is_due(event);
	}
}

static bool has_unasked(void)
{
	return left.sends[0] || left.sends[1] || left.changes;
}

static bool is_endless(void)
{
	return bounds.sends[0] == SENDS_ENDLESS ||
	       bounds.sends[1] == SENDS_ENDLESS;
}

/*
 * Machines are as old as the world: one clock does for all. Without end there is no
 * just before: times a tick apart would add up to ever new ones.
 */
static u64 next_age_ns(const struct wg_session *session)
{
	static const u64 ages_ns[] = { 120 * S, 165 * S, 175 * S, 180 * S };
	u64 before_ns = is_endless() ? 0 : TICK_NS, at_ns;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ages_ns); i++) {
		at_ns = session->birth_ns + ages_ns[i];
		if (at_ns - before_ns > world.now_ns)
			return at_ns - before_ns;
		if (at_ns > world.now_ns)
			return at_ns;
	}
	return WG_NEVER_NS;
}

static struct wg_peer *peer_on(unsigned int machine)
{
	return world.machines[machine].links[!machine].peer;
}

/* Unasked events come at the ages of a session that is sent under. */
static u64 next_unasked_ns(void)
{
	u64 next_ns = WG_NEVER_NS;
	unsigned int i;

	if (!has_unasked())
		return next_ns;
	for (i = 0; i < 2; i++) {
		if (peer_on(i)->slots[WG_SLOT_CURRENT])
			next_ns = min(next_ns, next_age_ns(
				peer_on(i)->slots[WG_SLOT_CURRENT]));
	}
	return next_ns;
}

/* WG_NEVER_NS: nothing will happen any more. */
static u64 next_ns(void)
{
	u64 next_ns = next_unasked_ns();
	struct event *event;
	unsigned int i;

	for (i = 0; (event = sched_event(i)); i++)
		next_ns = min(next_ns, due_ns(event));
	return next_ns;
}

/* --------------------------------------------------------------------- choices */

struct list {
	struct choice *choices;
	unsigned int count;
};

static void add(struct list *list, enum choice_kind kind, unsigned int which)
{
	shim_check(list->count < CHOICES_MAX);
	list->choices[list->count++] = (struct choice){
		.kind = kind,
		.which = which,
	};
}

static void add_event(struct list *list, unsigned int i)
{
	const struct event *event = sched_event(i);

	if (!may_happen(event))
		return;
	add(list, CHOICE_EVENT, i);
	if (event->kind != EVENT_ARRIVAL)
		return;
	if (left.losses)
		add(list, CHOICE_LOSE, i);
	if (left.copies)
		add(list, CHOICE_COPY, i);
}

/* Of CHOICE_DOWN: until the other side has given up. */
#define LONG 2

static bool may_send(unsigned int machine)
{
	bool is_endless = bounds.sends[machine] == SENDS_ENDLESS;

	return left.sends[machine] && world.machines[machine].is_up &&
	       !(is_endless && left.has_sent[machine]);
}

static void add_unasked(struct list *list, unsigned int machine)
{
	if (may_send(machine))
		add(list, CHOICE_SEND, machine);
	if (!left.changes || !world.machines[machine].is_up)
		return;
	add(list, CHOICE_DOWN, machine);
	add(list, CHOICE_DOWN, machine | LONG);
}

unsigned int choice_list(struct choice *choices)
{
	struct list list = { choices };
	const struct event *event;
	bool is_due_now = false;
	unsigned int i;

	for (i = 0; (event = sched_event(i)); i++) {
		is_due_now |= is_due(event);
		add_event(&list, i);
	}
	add_unasked(&list, 0);
	add_unasked(&list, 1);
	if (!is_due_now && next_ns() != WG_NEVER_NS)
		add(&list, CHOICE_TIME, 0);
	return list.count;
}

unsigned int choice_variants(struct choice choice, struct choice *choices)
{
	struct list list = { choices };
	unsigned int i, j;

	if (has_drawn && bounds.jitter && !choice.has_jitter) {
		choice.has_jitter = true;
		list.choices[list.count++] = choice;
		choice.has_jitter = false;
	}
	if (!left.interrupts || choice.place)
		return list.count;
	for (i = 1; i <= place; i++) {
		for (j = 0; j < others[i]; j++) {
			add(&list, choice.kind, choice.which);
			choices[list.count - 1].place = i;
			choices[list.count - 1].other = j;
		}
	}
	return list.count;
}

/* ------------------------------------------------------------------- the steps */

/* From here on it heals: what is to hold then holds once somebody has talked. */
static void note_trouble(void)
{
	plan.heal_ns = world.now_ns;
	world.machines[0].links[1].talked_ns = 0;
	world.machines[1].links[0].talked_ns = 0;
}

static void send_some(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < bounds.burst; i++)
		machine_send(machine, &world.machines[!machine->number], 1,
			     false);
}

static void send(struct machine *machine)
{
	left.sends[machine->number] -=
		bounds.sends[machine->number] != SENDS_ENDLESS;
	left.has_sent[machine->number] =
		bounds.sends[machine->number] == SENDS_ENDLESS;
	sched_call(machine, send_some);
	watch_event(machine);
}

/* Changes that may come at any time, and while something else is being done. */
static const struct input changes[] = {
	{ .kind = INPUT_COPY, .a = 0, .b = 1 },
	{ .kind = INPUT_COPY, .a = 1, .b = 0 },
	{ .kind = INPUT_COUNTERS, .a = 0, .b = 1,
	  .n = WG_REJECT_AFTER_MESSAGES - 3 },
	{ .kind = INPUT_COUNTERS, .a = 1, .b = 0,
	  .n = WG_REJECT_AFTER_MESSAGES - 3 },
};

static struct event *event_of(const struct input *input)
{
	struct event *event;
	unsigned int i;

	for (i = 0; (event = sched_event(i)); i++) {
		if (event->kind == EVENT_INPUT && event->input == input)
			return event;
	}
	return NULL;
}

static void offer(const struct input *input)
{
	event_add(world.now_ns, EVENT_INPUT, &world.machines[input->a],
		  (void *)input);
}

void choice_begin(void)
{
	unsigned int i;

	for (i = 0; left.changes && i < ARRAY_SIZE(changes); i++)
		offer(&changes[i]);
}

static void withdraw_changes(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		if (event_of(&changes[i]))
			event_cancel(event_of(&changes[i]));
	}
}

/* One that came may come again, as long as any may. */
static void count_changes(u32 before)
{
	unsigned int i;

	for (i = 0; left.changes && i < ARRAY_SIZE(changes); i++) {
		if (event_of(&changes[i]))
			continue;
		left.changes--;
		note_trouble();
		offer(&changes[i]);
	}
	if (before && !left.changes)
		withdraw_changes();
}

static void go_down(struct machine *machine)
{
	static const struct input inputs[] = {
		{ .kind = INPUT_DOWN, .a = 0, .b = 1, .for_ns = 3 * S },
		{ .kind = INPUT_DOWN, .a = 1, .b = 0, .for_ns = 3 * S },
		{ .kind = INPUT_DOWN, .a = 0, .b = 1, .for_ns = 100 * S },
		{ .kind = INPUT_DOWN, .a = 1, .b = 0, .for_ns = 100 * S },
	};

	input_begin(&inputs[taken.which]);
}

static void down(struct machine *machine)
{
	left.changes--;
	note_trouble();
	sched_call(machine, go_down);
	watch_event(machine);
}

static struct datagram *copy_of(const struct datagram *datagram)
{
	struct datagram *copy = malloc(sizeof(*copy));

	*copy = *datagram;
	return copy;
}

static void lose(unsigned int which)
{
	struct event *event = sched_event(which);

	left.losses--;
	note_trouble();
	world.unwell_ns = world.now_ns;
	tell(event->machine, "loses type %u, packet %lld",
	     event->datagram->record->type,
	     (s64)event->datagram->record->packet);
	free(event->datagram);
	event_cancel(event);
}

/* One arrives now, the other one stays on its way. */
static void copy(unsigned int which)
{
	struct event *event = sched_event(which);

	left.copies--;
	note_trouble();
	world.unwell_ns = world.now_ns;
	event_add(event->at_ns, EVENT_ARRIVAL, event->machine,
		  copy_of(event->datagram));
	for (which = 0; sched_event(which) != event; which++)
		;
	sched_run_one(which);
}

static void run(unsigned int which)
{
	const struct event *event = sched_event(which);

	if (event->kind == EVENT_ARRIVAL)
		overtake(event);
	if (event->kind == EVENT_UNDO)
		note_trouble();
	sched_run_one(which);
}

static void act(struct choice choice)
{
	struct machine *machine = &world.machines[choice.which & 1];

	switch (choice.kind) {
	case CHOICE_EVENT:
		run(choice.which);
		break;
	case CHOICE_LOSE:
		lose(choice.which);
		break;
	case CHOICE_COPY:
		copy(choice.which);
		break;
	case CHOICE_SEND:
		send(machine);
		break;
	case CHOICE_DOWN:
		down(machine);
		break;
	case CHOICE_TIME:
		world.now_ns = next_ns();
		memset(left.has_sent, 0, sizeof(left.has_sent));
		break;
	}
}

/* Records of messages that are nowhere any more. */
static bool is_known(const struct record *record)
{
	const struct sk_buff_head *queue;
	const struct sk_buff *skb;
	const struct event *event;
	unsigned int i;

	for (i = 0; (event = sched_event(i)); i++) {
		if (event->kind == EVENT_ARRIVAL &&
		    event->datagram->record == record)
			return true;
	}
	for (i = 0; i < 2; i++) {
		queue = &world.machines[i].wg->path->hs.queue;
		skb_queue_walk(queue, skb) {
			if (skb->datagram->record == record)
				return true;
		}
	}
	return false;
}

static void forget_records(void)
{
	struct record **place = &world.records, *record;

	while ((record = *place)) {
		if (is_known(record)) {
			place = &record->next;
			continue;
		}
		*place = record->next;
		free(record);
	}
}

/* When all packets have arrived, or were dropped, the next is the first again. */
static void forget_packets(void)
{
	if (world.records || world.first_waiting < world.packet_count)
		return;
	world.packet_count = 0;
	world.first_waiting = 0;
	free(world.packets);
	world.packets = NULL;
}

/* Where messages may take so long that sessions end before them, all is unwell. */
static void note_slowness(void)
{
	if (!bounds_are_slow() || !world.records)
		return;
	note_trouble();
	world.unwell_ns = world.now_ns;
}

void choice_take(struct choice choice)
{
	u32 changes_left = left.changes;

	taken = choice;
	has_drawn = false;
	place = 0;
	if (choice.place)
		left.interrupts--;
	act(choice);
	count_changes(changes_left);
	forget_records();
	forget_packets();
	note_slowness();
	/* jitter is chosen here: nobody is to ask whether it is spread */
	world.retransmits = 0;
}

/* --------------------------------------------------------------------- telling */

static const char *name_of(const struct event *event)
{
	static const char *const types[] = {
		[WG_MESSAGE_INITIATION] = "the initiation arrives at",
		[WG_MESSAGE_RESPONSE] = "the response arrives at",
		[WG_MESSAGE_COOKIE] = "the cookie arrives at",
		[WG_MESSAGE_DATA] = "data arrives at",
	};

	switch (event->kind) {
	case EVENT_ARRIVAL:
		return types[event->datagram->record->type];
	case EVENT_TIMER:
		return "the timer fires on";
	case EVENT_WORK:
		return "the work begins on";
	case EVENT_INPUT:
		return event->input->kind == INPUT_COPY ? "was copied:" :
		       "has used up most of its counters:";
	default:
		return "comes up again:";
	}
}

void choice_describe(struct choice choice, char *text, size_t size)
{
	static const char *const names[] = {
		[CHOICE_LOSE] = "lost on the way to",
		[CHOICE_COPY] = "comes, and is on the way once more, to",
		[CHOICE_SEND] = "an application sends on",
		[CHOICE_DOWN] = "goes down:",
	};
	const struct event *event = sched_event(choice.which);
	unsigned int machine = choice.which & 1;
	const char *name = names[choice.kind];
	char other[40] = "";

	if (choice.kind == CHOICE_TIME) {
		snprintf(text, size, "time passes");
		return;
	}
	if (choice.kind <= CHOICE_COPY)
		machine = event->machine->number;
	if (choice.kind == CHOICE_EVENT)
		name = name_of(event);
	if (choice.kind == CHOICE_DOWN && choice.which & LONG)
		name = "goes down for long:";
	if (choice.place)
		snprintf(other, sizeof(other), ", at place %u comes %u",
			 choice.place, choice.other);
	snprintf(text, size, "%s %u%s%s", name, machine, other,
		 choice.has_jitter ? ", with jitter" : "");
}
