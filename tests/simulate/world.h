/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A world of a few machines, each with one tunnel device that is the module's
 * own code, a network between them, a clock, and one stream of chance. All that
 * ever happens is an event of this clock.
 */
#ifndef _SIMULATE_WORLD_H
#define _SIMULATE_WORLD_H

#include "shim.h"

#include "core/device.h"
#include "core/endpoint.h"
#include "core/peer.h"
#include "core/session.h"
#include "path/path.h"
#include "plan.h"
#include "proto/cookie.h"

#define MS WG_NS_PER_MS
#define S WG_NS_PER_S
#define TICK_NS (S / HZ)
#define CPUS 3 /* of a machine: so deep events interrupt one another */

enum event_kind {
	EVENT_INPUT, /* a line of the plan */
	EVENT_UNDO, /* the end of one */
	EVENT_FLOW, /* an application sends */
	EVENT_ARRIVAL,
	EVENT_TIMER,
	EVENT_WORK,
};

struct event {
	u64 at_ns;
	u64 number;
	enum event_kind kind;
	struct machine *machine; /* NULL: the world's */
	union {
		const struct input *input;
		struct flow *flow;
		struct datagram *datagram;
		struct later *later;
	};
};

/* Where a machine is on the network. */
struct place {
	__be32 addr;
	__be16 port;
};

/**
 * struct record - a message that the module sent
 * @sender: who
 * @sent_ns: when
 * @type: its first byte
 * @packet: number of the packet in it, or NO_PACKET
 * @has_mac2: it is a handshake's, stamped with a cookie
 * @psk: number of the preshared key that it was made with, or PSK_EITHER where
 *	that changed in the instant of sending
 * @is_taken: it was accepted
 * @overtaken: by so many, for tests/prove
 */
struct record {
	struct record *next;
	struct machine *sender;
	u64 sent_ns;
	u8 type;
	u64 packet;
	unsigned int psk;
	bool has_mac2;
	bool is_taken;
	unsigned int overtaken;
};

#define NO_PACKET (~0ULL)
#define PSK_EITHER (~0U)
#define DATAGRAM_MAX 160

/* On its way. @record: NULL where it is forged. */
struct datagram {
	struct place from, to;
	struct record *record;
	unsigned int len;
	u8 bytes[DATAGRAM_MAX];
};

/* A stream of packets of an application, or some that it sends at once. */
struct flow {
	struct flow *next;
	const struct input *input;
	u64 left;
};

enum packet_state {
	PACKET_WAITS, /* in the module */
	PACKET_SENT, /* in a message */
	PACKET_HEARD,
	PACKET_DROPPED,
};

/*
 * A packet of an application, which has handed it over between @begun and @done,
 * in the order of all such moments; 0: not yet.
 */
struct packet {
	struct machine *from, *to;
	u64 sent_ns;
	u64 begun, done;
	enum packet_state state;
	bool is_question;
};

/* A session as it is known to who watches, by its sending key. */
struct key_use {
	u8 key[16];
	u64 birth_ns;
	u64 stale_ns; /* used when it was to be renewed; 0: not yet */
	bool is_heard; /* something came under it */
	u64 seen; /* the event in which it was last there */
	u64 used_from[8], used_to[8]; /* ranges of counters, the end not in it */
	unsigned int ranges;
};

#define KEYS_MAX 16

/**
 * struct link - what one machine has to do with another one
 * @peer: the other one on this machine's device; NULL: not configured
 * @allowed: its address in the tunnel
 * @psk: number of the preshared key
 * @keepalive_s: persistent keepalive
 * @delay_ns: one way, on this direction of the cable
 * @is_cut: nothing gets through, on this direction
 *
 * The rest is the watcher's:
 * @accepted_ns: last initiation accepted
 * @initiated_ns: last initiation, 0: none that counts any more
 * @ephemeral: the private key of the handshake under way; @ephemeral_ns: since when
 * @retried_ns: time between the last two of them, 0: no retransmit
 * @disturbed_ns: when the administrator last interfered
 * @key_ns: when the newest session was made
 * @forgets_ns: keys from before that are to be gone
 * @heard_ns: first data since we last spoke, 0: none
 * @is_heard_again: more of it came while a keepalive was due
 * @contact_ns: last message in either direction
 * @owed_ns: a second keepalive is due before that; 0: none
 * @cookie_ns: when the other one's cookie was taken; 0: none was
 * @kept_ns: our last word, if that was a keepalive; 0: it was none
 * @attempt_ns: first initiation of an attempt, under way beside session
 *	@attempt_id, if any; 0: none was sent
 * @usable: under which it may send, for as long as something waits all the same;
 *	@usable_ns: since when
 * @pair_initiated_ns: the last two initiations of either side; @crossed_ns: when
 *	they last were no round trip apart
 * @talked_ns: first packet of an application since the network healed
 * @place: where the peer is said to be
 * @keys: sessions seen lately
 */
struct link {
	struct wg_peer *peer;
	struct wg_allowed_ip allowed;
	unsigned int psk;
	u16 keepalive_s;
	u64 delay_ns;
	unsigned int is_cut;

	u64 accepted_ns;
	u64 initiated_ns;
	u8 ephemeral[WG_KEY_SIZE];
	u64 ephemeral_ns;
	u64 retried_ns;
	u64 disturbed_ns;
	u64 key_ns, forgets_ns;
	u64 contact_ns;
	u64 heard_ns, owed_ns, kept_ns;
	u64 cookie_ns;
	bool is_heard_again;
	const struct wg_session *usable;
	u64 usable_ns;
	u64 attempt_ns, attempt_id;
	u64 talked_ns;
	u64 pair_initiated_ns[2], crossed_ns;
	struct place place;
	struct key_use keys[KEYS_MAX];
};

/* Where a message that was accepted came from. */
struct source {
	const struct machine *sender;
	struct place place;
};

/**
 * struct machine - a computer with one device
 * @number: in the world
 * @place: what others see as its address
 * @wall_ns: its calendar is that much ahead of the world's clock
 * @highest_wall_ns: the latest that it ever was, now or before
 * @boot_ns: it was booted so long before the world began
 * @slept_ns: of that and since, asleep
 * @wakes_ns: asleep until then
 * @is_up: the device is
 * @is_receiving: a CPU is in the poll
 * @links: to the others, by their number
 * @flooded_ns: when it last was flooded, by @flood_len messages
 * @loaded_ns: when so much waited to be answered that it takes note
 * @old: a cookie that a stranger keeps for too long; @old_ns: since when
 * @asked_ns: when the stranger was last answered, or was not; @spurned_ns: since its
 *	cookie was not
 * @full_ns: until then it has used up some of what it may send
 * @sources: of messages accepted in this event
 */
struct machine {
	unsigned int number;
	struct net_device dev;
	struct wg_device *wg;
	struct place place;
	u8 private_key[WG_KEY_SIZE];
	s64 wall_ns;
	s64 highest_wall_ns;
	u64 boot_ns;
	u64 slept_ns;
	u64 wakes_ns;
	bool is_up;
	bool is_receiving;
	struct link links[MACHINES_MAX];
	u64 flooded_ns, loaded_ns, asked_ns, spurned_ns, full_ns;
	unsigned int flood_len;
	struct wg_cookie_maker old;
	u64 old_ns;
	struct source sources[64];
	unsigned int source_count;
};

/**
 * struct world - all there is
 * @chance: state of the generator
 * @unwell_ns: when the network last was at fault
 * @talk_ns: when an application last had something to say or heard it
 * @weather: what the network does to datagrams
 * @is_stepped: somebody chooses the events (tests/prove): timers fire when they are
 *	to, not when the wheel comes by, and messages come one by one
 */
struct world {
	const struct plan *plan;
	u64 now_ns;
	u64 chance;
	struct machine machines[MACHINES_MAX];
	struct weather weather;
	bool is_stepped;
	u64 unwell_ns;
	u64 talk_ns;
	struct flow *flows;
	struct record *records;
	struct packet *packets;
	u64 packet_count;
	u64 moments; /* at which packets were handed over */
	u64 first_waiting; /* no packet before this one waits */
	u64 events;
	unsigned int live_sessions; /* as they were last counted */
	unsigned int retransmits, spread; /* those compared, those that differ */
	u64 trace; /* a hash of all that was sent */
	bool is_told; /* keep what happens, to be printed */
};

extern struct world world;

/* ----------------------------------------------------------- chance (chance.c) */

u64 chance(void);
u32 chance_below(u32 bound);
bool chance_in(u32 of_1000);
void chance_bytes(void *out, size_t len);
/* Of those that may interrupt: is it this one, the @number-th? */
bool chance_picks(unsigned int number);

/* Tell what happens, in a run that is told. */
void tell(const struct machine *machine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---------------------------------------------------------- events (sched.c) */

struct event *event_add(u64 at_ns, enum event_kind kind,
			struct machine *machine, void *what);
void event_cancel(struct event *event);
void sched_run(u64 until_ns);
/* For who chooses the order himself: those in the queue, in no order. */
struct event *sched_event(unsigned int i);
void sched_run_one(unsigned int i);
/* The next datagram, if it came to @machine right behind the last one. */
struct datagram *sched_next_arrival(struct machine *machine);
/* Process context of @machine, outside of all events. */
void sched_call(struct machine *machine, void (*what)(struct machine *machine));
/* Forget what would have happened. */
void sched_end(void);
/* The machine whose event runs. */
struct machine *sched_machine(void);

/* ------------------------------------------------- what happens (input.c) */

void input_begin(const struct input *input);
void input_end(const struct input *input);
void flow_go_on(struct flow *flow);
/* Nothing is at fault any more. */
void input_heal(void);

/* -------------------------------------------------------- network (network.c) */

/* Return: what it will be known by. */
struct record *network_send(struct machine *from, struct place to,
			    const void *bytes, unsigned int len, u64 packet);
void network_arrive(struct machine *to, struct datagram *datagram);
struct place place_of(const struct wg_endpoint *endpoint);
bool is_same_place(struct place a, struct place b);
struct machine *machine_at(struct place place);
void network_cheat(struct machine *from, struct machine *to, u64 counter);
void network_replay(struct machine *to, unsigned int count);
/* That takes @time_ns. */
void network_carry(u64 time_ns, struct machine *to,
		   const struct datagram *datagram);
void network_forget(void);

/* ------------------------------------------------------------ floods (flood.c) */

void network_flood(struct machine *to, unsigned int count);
/* For watch.c: what happened to messages, and after an event. */
void flood_refused(struct machine *by, struct place from, unsigned int reason);
void flood_taken(const struct machine *by, const struct record *record);
void flood_sent(const struct link *link, const struct record *record);
void flood_event(struct machine *machine);

/* ------------------------------------------------------- machines (machine.c) */

void machine_begin(struct machine *machine);
void machine_end(struct machine *machine);
void machine_up(struct machine *machine);
void machine_down(struct machine *machine);
void machine_sleep(struct machine *machine);
void machine_wake(struct machine *machine);
void machine_new_key(struct machine *machine);
void machine_copied(struct machine *machine);
void machine_receive(struct machine *machine, struct datagram *datagram);
void machine_send(struct machine *from, struct machine *to,
		  unsigned int packets, bool is_question);
void link_add(struct machine *machine, struct machine *other);
void link_remove(struct machine *machine, struct machine *other);
/* As machine->links[] says. */
void link_set_psk(struct machine *machine, struct machine *other);
void link_set_keepalive(struct machine *machine, struct machine *other);
void link_reset(struct machine *machine, struct machine *other);
void link_set_endpoint(struct machine *machine, struct machine *other);
void link_skip_counters(struct machine *machine, struct machine *other,
			u64 to, u64 more);
struct machine *machine_of(const struct wg_device *wg);
struct machine *other_of(const struct wg_peer *peer);
struct link *link_of(const struct wg_peer *peer);

/* ------------------------------------------------------ properties (watch.c) */

void watch_sealed(const struct wg_session *session, u64 counter);
void watch_sent(struct machine *from, const struct wg_peer *peer,
		struct record *record);
void watch_taken(struct machine *by, const struct datagram *datagram);
void watch_opened(struct machine *by, const struct wg_session *session,
		  const struct datagram *datagram, u64 packet);
void watch_heard(struct link *link, const struct wg_session *session);
void watch_heard_data(struct link *link);
void watch_refused(struct machine *by, const struct datagram *datagram,
		   unsigned int reason);
void watch_dropped(struct machine *by, u64 packet, unsigned int count,
		   unsigned int reason);
void watch_lost(const struct wg_peer *peer);
void watch_disturbed(struct machine *machine, struct machine *other);
void watch_event(struct machine *machine);
void watch_end(void);
/* What the watcher knows of a session's sending key; NULL: it is new. */
struct key_use *watch_key(struct link *link, const struct wg_session *session);
/* Sessions in memory (shim.c). */
unsigned int shim_live_sessions(void);

/* The run ends here: @property does not hold. */
void fail(enum property property, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

#endif
