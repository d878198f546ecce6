// SPDX-License-Identifier: GPL-2.0
/* What the lines of a plan do, and how it is undone. */
#include <stdlib.h>

#include "world.h"

static struct machine *machine_a(const struct input *input)
{
	return &world.machines[input->a];
}

static struct machine *machine_b(const struct input *input)
{
	return &world.machines[input->b];
}

static struct link *link_ab(const struct input *input)
{
	return &machine_a(input)->links[input->b];
}

static void undo_later(const struct input *input, struct machine *machine,
		       u64 after_ns)
{
	event_add(world.now_ns + after_ns, EVENT_UNDO, machine, (void *)input);
}

/* ------------------------------------------------------------ applications */

void flow_go_on(struct flow *flow)
{
	const struct input *input = flow->input;
	unsigned int packets = input->flag > 1 ? input->flag : 1;

	machine_send(machine_a(input), machine_b(input), packets,
		     input->flag == 1);
	if (--flow->left)
		event_add(world.now_ns + input->for_ns, EVENT_FLOW,
			  machine_a(input), flow);
}

static void begin_flow(const struct input *input)
{
	struct flow *flow = calloc(1, sizeof(*flow));

	if (!flow)
		abort();
	flow->input = input;
	flow->left = input->n;
	flow->next = world.flows;
	world.flows = flow;
	event_add(world.now_ns, EVENT_FLOW, machine_a(input), flow);
}

/* ------------------------------------------------------------ the network */

static void cut(const struct input *input, bool is_cut)
{
	struct link *there = link_ab(input);
	struct link *back = &machine_b(input)->links[input->a];

	there->is_cut += is_cut ? 1 : -1;
	if (!input->flag)
		back->is_cut += is_cut ? 1 : -1;
	world.unwell_ns = world.now_ns;
	if (is_cut)
		undo_later(input, NULL, input->for_ns);
}

static void turn_bad(const struct input *input)
{
	world.weather = (struct weather){
		.loss = input->n % 400,
		.copies = input->flag & 1 ? 100 : 0,
		.damage = input->flag & 2 ? 20 : 0,
		.scatter_ns = input->flag & 4 ? world.plan->rtt_ns :
						world.plan->scatter_ns,
	};
	undo_later(input, NULL, input->for_ns);
}

static void turn_good(void)
{
	world.weather = (struct weather){
		.scatter_ns = world.plan->scatter_ns,
	};
	world.unwell_ns = world.now_ns;
}

/* It never rests for as long as the load would last. */
static void flood(const struct input *input)
{
	network_flood(machine_a(input), input->n);
	if (world.now_ns < input->at_ns + input->for_ns)
		undo_later(input, machine_a(input), 900 * MS);
}

/* -------------------------------------------------------- administrators */

static void disturb_all(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < world.plan->machines; i++)
		watch_disturbed(machine, &world.machines[i]);
}

static void go_down(const struct input *input)
{
	struct machine *machine = machine_a(input);

	if (!machine->is_up || machine->wakes_ns)
		return;
	machine_down(machine);
	undo_later(input, machine, input->for_ns);
}

static void fall_asleep(const struct input *input)
{
	struct machine *machine = machine_a(input);

	if (!machine->is_up || machine->wakes_ns)
		return;
	machine_sleep(machine);
	machine->wakes_ns = world.now_ns + input->for_ns;
	undo_later(input, machine, input->for_ns);
}

static void wake(const struct input *input)
{
	struct machine *machine = machine_a(input);

	machine->wakes_ns = 0;
	machine->slept_ns += input->for_ns;
	machine_wake(machine);
}

/* The others get to know of it one by one. */
static void change_key(const struct input *input)
{
	unsigned int i;

	machine_new_key(machine_a(input));
	/* what waits to be answered is for another key */
	machine_a(input)->loaded_ns = 0;
	for (i = 0; i < world.plan->machines; i++) {
		if (i != input->a)
			undo_later(input, &world.machines[i],
				   chance() % (input->for_ns + 1));
	}
}

static void learn_key(const struct input *input)
{
	struct machine *machine = sched_machine();

	if (machine->links[input->a].peer)
		link_remove(machine, machine_a(input));
	link_add(machine, machine_a(input));
	watch_disturbed(machine, machine_a(input));
}

static void set_psk(struct machine *machine, struct machine *other,
		    const struct input *input)
{
	machine->links[other->number].psk = input->n;
	link_set_psk(machine, other);
	watch_disturbed(machine, other);
}

static void set_keepalive(const struct input *input)
{
	link_ab(input)->keepalive_s = input->n;
	/* the first one is sent at once */
	watch_disturbed(machine_a(input), machine_b(input));
	link_set_keepalive(machine_a(input), machine_b(input));
}

/* What is on its way, and may come later than what follows, is to be accepted. */
static void skip_within_window(const struct input *input)
{
	machine_send(machine_a(input), machine_b(input), 7, false);
	link_skip_counters(machine_a(input), machine_b(input), 0, input->n);
	machine_send(machine_a(input), machine_b(input), 7, false);
}

static void jump(const struct input *input)
{
	struct machine *machine = machine_a(input);

	machine->wall_ns += (s64)input->n * (input->flag ? -1 : 1);
	machine->highest_wall_ns = max(machine->highest_wall_ns,
				       machine->wall_ns);
}

static void remove_peer(const struct input *input)
{
	if (!link_ab(input)->peer)
		return;
	if (input->flag) {
		link_reset(machine_a(input), machine_b(input));
		return;
	}
	link_remove(machine_a(input), machine_b(input));
	undo_later(input, machine_a(input), input->for_ns);
}

static void add_peer(const struct input *input)
{
	if (!link_ab(input)->peer)
		link_add(machine_a(input), machine_b(input));
}

/* Another address or another port of the same one. */
static void move(const struct input *input)
{
	struct machine *machine = machine_a(input);

	if (input->kind == INPUT_MOVE)
		machine->place.addr += htonl(0x100);
	else
		machine->place.port += htons(1);
	world.unwell_ns = world.now_ns;
	disturb_all(machine);
}

/* ------------------------------------------------------------------ lines */

static void tell_input(const struct input *input)
{
#define INPUT_TEXT(name, text) text,
	static const char *const texts[] = { INPUTS(INPUT_TEXT) };

	tell(machine_a(input), "%s %u", texts[input->kind], input->b);
}

void input_begin(const struct input *input)
{
	struct machine *machine = machine_a(input);

	tell_input(input);
	switch (input->kind) {
	case INPUT_FLOW:
		begin_flow(input);
		return;
	case INPUT_CUT:
		cut(input, true);
		return;
	case INPUT_WEATHER:
		turn_bad(input);
		return;
	case INPUT_REBIND:
	case INPUT_MOVE:
		move(input);
		return;
	case INPUT_DOWN:
		go_down(input);
		break;
	case INPUT_SLEEP:
		fall_asleep(input);
		break;
	case INPUT_COPY:
		machine_copied(machine);
		if (input->flag)
			undo_later(input, machine, input->for_ns % (40 * MS));
		break;
	case INPUT_KEY:
		change_key(input);
		break;
	case INPUT_PSK:
		set_psk(machine, machine_b(input), input);
		undo_later(input, machine_b(input), input->for_ns);
		break;
	case INPUT_KEEPALIVE:
		set_keepalive(input);
		break;
	case INPUT_ENDPOINT:
		link_set_endpoint(machine, machine_b(input));
		break;
	case INPUT_CLOCK:
		jump(input);
		break;
	case INPUT_COUNTERS:
		if (input->flag) {
			skip_within_window(input);
			return;
		}
		link_skip_counters(machine, machine_b(input), input->n, 0);
		break;
	case INPUT_REMOVE:
		remove_peer(input);
		break;
	case INPUT_CHEAT:
		network_cheat(machine, machine_b(input), input->n);
		return;
	case INPUT_REPLAY:
		network_replay(machine, input->n);
		return;
	case INPUT_FLOOD:
		flood(input);
		return;
	case INPUT_KINDS:
		break;
	}
	disturb_all(machine);
}

void input_end(const struct input *input)
{
	struct machine *machine = sched_machine();

	switch (input->kind) {
	case INPUT_CUT:
		cut(input, false);
		return;
	case INPUT_WEATHER:
		turn_good();
		return;
	case INPUT_FLOOD:
		flood(input);
		return;
	case INPUT_DOWN:
		machine_up(machine);
		break;
	case INPUT_SLEEP:
		wake(input);
		break;
	case INPUT_COPY: /* and again */
		machine_copied(machine);
		break;
	case INPUT_KEY:
		learn_key(input);
		break;
	case INPUT_PSK:
		set_psk(machine, machine_a(input), input);
		break;
	case INPUT_REMOVE:
		add_peer(input);
		break;
	default:
		break;
	}
	disturb_all(machine);
}

/* Changes that overlapped left two sides apart. */
static void agree_on_psk(struct machine *machine, struct machine *other)
{
	unsigned int psk = other->links[machine->number].psk;

	if (machine->links[other->number].psk == psk)
		return;
	machine->links[other->number].psk = psk;
	link_set_psk(machine, other);
}

/* Addresses are told anew, calendars put right. */
static void heal_machine(struct machine *machine)
{
	unsigned int i;

	machine->wall_ns = machine->highest_wall_ns;
	for (i = 0; i < world.plan->machines; i++) {
		if (world.plan->kind == PLAN_STORM)
			link_set_endpoint(machine, &world.machines[i]);
		agree_on_psk(machine, &world.machines[i]);
	}
	disturb_all(machine);
}

void input_heal(void)
{
	unsigned int i;

	if (world.plan->kind == PLAN_CALM)
		return;
	turn_good();
	for (i = 0; i < world.plan->machines; i++)
		sched_call(&world.machines[i], heal_machine);
}
