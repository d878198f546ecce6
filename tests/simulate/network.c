// SPDX-License-Identifier: GPL-2.0
/*
 * The network: datagrams take their time, and in bad weather are lost, doubled,
 * changed and overtaken. Whoever sees them go by may send them again.
 */
#include <stdlib.h>

#include "world.h"

#ifndef SEEN_MAX
#define SEEN_MAX 256
#endif

/* The last datagrams that went by: of data, and of handshakes. */
static struct seen {
	struct datagram datagrams[SEEN_MAX];
	unsigned int count, size;
} seen[2] = { { .size = SEEN_MAX }, { .size = 4 } };

bool is_same_place(struct place a, struct place b)
{
	return a.addr == b.addr && a.port == b.port;
}

struct place place_of(const struct wg_endpoint *endpoint)
{
	return (struct place){
		endpoint->addr4.sin_addr.s_addr, endpoint->addr4.sin_port,
	};
}

struct machine *machine_at(struct place place)
{
	unsigned int i;

	for (i = 0; i < world.plan->machines; i++) {
		if (is_same_place(world.machines[i].place, place))
			return &world.machines[i];
	}
	return NULL;
}

static struct record *make_record(struct machine *sender, u8 type, u64 packet)
{
	struct record *record = calloc(1, sizeof(*record));

	if (!record)
		abort();
	record->sender = sender;
	record->sent_ns = world.now_ns;
	record->type = type;
	record->packet = packet;
	record->next = world.records;
	world.records = record;
	return record;
}

/* The network is at fault. */
static void note_fault(void)
{
	world.unwell_ns = world.now_ns;
}

static u64 delay_ns(const struct machine *from, const struct machine *to)
{
	u64 scatter_ns = world.weather.scatter_ns;

	return from->links[to->number].delay_ns +
	       (scatter_ns ? chance() % scatter_ns : 0);
}

void network_carry(u64 time_ns, struct machine *to,
		   const struct datagram *datagram)
{
	struct datagram *copy = malloc(sizeof(*copy));

	if (!copy)
		abort();
	*copy = *datagram;
	event_add(world.now_ns + time_ns, EVENT_ARRIVAL, to, copy);
}

static void carry(struct machine *from, struct machine *to,
		  const struct datagram *datagram)
{
	network_carry(delay_ns(from, to), to, datagram);
}

/* A bit is turned, but for the mac that is not looked at without load. */
static void damage(struct datagram *datagram)
{
	unsigned int len = datagram->len;

	if (datagram->bytes[0] < WG_MESSAGE_COOKIE)
		len -= WG_MAC_SIZE;
	datagram->bytes[chance_below(len)] ^= 1 << chance_below(8);
	datagram->record = NULL;
}

static void expose(struct machine *from, struct machine *to,
		   struct datagram *datagram)
{
	const struct weather *weather = &world.weather;
	struct datagram changed = *datagram;

	if (weather->scatter_ns > world.plan->scatter_ns)
		note_fault();
	if (chance_in(weather->copies)) {
		note_fault();
		carry(from, to, datagram);
	}
	if (chance_in(weather->damage)) {
		note_fault();
		damage(&changed);
		carry(from, to, &changed);
	}
	if (from->links[to->number].is_cut || chance_in(weather->loss))
		note_fault();
	else
		carry(from, to, datagram);
}

static void see(const struct datagram *datagram)
{
	struct seen *these = &seen[datagram->bytes[0] != WG_MESSAGE_DATA];

	these->datagrams[these->count++ % these->size] = *datagram;
}

static bool has_mac2(const struct datagram *datagram)
{
	static const u8 none[WG_MAC_SIZE];

	return (datagram->bytes[0] == WG_MESSAGE_INITIATION ||
		datagram->bytes[0] == WG_MESSAGE_RESPONSE) &&
	       memcmp(datagram->bytes + datagram->len - WG_MAC_SIZE, none,
		      WG_MAC_SIZE);
}

struct record *network_send(struct machine *from, struct place place,
			    const void *bytes, unsigned int len, u64 packet)
{
	struct machine *to = machine_at(place);
	struct datagram datagram = {
		.from = from->place,
		.to = place,
		.len = len,
	};

	memcpy(datagram.bytes, bytes, len);
	world.trace = (world.trace ^ world.now_ns ^ datagram.bytes[0]) *
		      0x9fb21c651e98df25ULL;
	datagram.record = make_record(from, datagram.bytes[0], packet);
	datagram.record->has_mac2 = has_mac2(&datagram);
	see(&datagram);
	if (to && to != from)
		expose(from, to, &datagram);
	else if (datagram.bytes[0] != WG_MESSAGE_COOKIE) /* that asks for nothing */
		note_fault();
	return datagram.record;
}

void network_arrive(struct machine *to, struct datagram *datagram)
{
	if (to->is_up && !to->wakes_ns &&
	    is_same_place(to->place, datagram->to)) {
		machine_receive(to, datagram);
		return;
	}
	note_fault();
	free(datagram);
}

static void replay(struct machine *to, const struct seen *these)
{
	unsigned int i = chance_below(min(these->count, these->size));
	struct datagram datagram = these->datagrams[i];
	struct machine *sender;

	if (!these->count || !is_same_place(datagram.to, to->place))
		return;
	sender = datagram.record->sender;
	if (chance_in(500))
		datagram.from = (struct place){ chance(), chance() };
	if (chance_in(200))
		damage(&datagram);
	carry(sender, to, &datagram);
}

void network_replay(struct machine *to, unsigned int count)
{
	while (count--)
		replay(to, &seen[chance_below(2)]);
}

/* Who has the keys can number a message as it likes. */
void network_cheat(struct machine *from, struct machine *to, u64 counter)
{
	struct wg_peer *peer = from->links[to->number].peer;
	struct wg_message_data message = {
		.type = cpu_to_le32(WG_MESSAGE_DATA),
		.counter = cpu_to_le64(counter),
	};
	struct datagram datagram = {
		.from = from->place,
		.to = to->place,
		.len = WG_DATA_OVERHEAD,
	};

	if (!peer || !peer->slots[WG_SLOT_CURRENT])
		return;
	message.receiver_index = peer->slots[WG_SLOT_CURRENT]->remote_index;
	memcpy(datagram.bytes, &message, sizeof(message));
	wg_aead_seal(datagram.bytes + sizeof(message), NULL, 0, NULL, 0,
		     counter, peer->slots[WG_SLOT_CURRENT]->keys.send);
	datagram.record = make_record(from, WG_MESSAGE_DATA, NO_PACKET);
	carry(from, to, &datagram);
}

void network_forget(void)
{
	struct record *record;

	while ((record = world.records)) {
		world.records = record->next;
		free(record);
	}
	seen[0].count = 0;
	seen[1].count = 0;
}
