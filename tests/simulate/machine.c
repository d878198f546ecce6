// SPDX-License-Identifier: GPL-2.0
/*
 * A computer with one device: what ctl/ does to the module when it goes up and
 * down and is configured, and what path/rx does with a datagram, each with as
 * little around it as can be.
 */
#include <stdlib.h>

#include "world.h"

#include "core/clock.h"
#include "path/coalesce.h"
#include "path/tx.h"

struct machine *machine_of(const struct wg_device *wg)
{
	return container_of(wg->dev, struct machine, dev);
}

struct machine *other_of(const struct wg_peer *peer)
{
	struct machine *machine = machine_of(peer->wg);
	unsigned int i;

	for (i = 0; machine->links[i].peer != peer; i++)
		shim_check(i < MACHINES_MAX);
	return &world.machines[i];
}

struct link *link_of(const struct wg_peer *peer)
{
	return &machine_of(peer->wg)->links[other_of(peer)->number];
}

/* -------------------------------------------------------------------- life */

static void set_private_key(struct machine *machine)
{
	chance_bytes(machine->private_key, WG_KEY_SIZE);
	mutex_lock(&machine->wg->config_lock);
	wg_device_set_private_key_locked(machine->wg, machine->private_key);
	mutex_unlock(&machine->wg->config_lock);
}

void machine_begin(struct machine *machine)
{
	struct wg_device *wg = kzalloc(sizeof(*wg), GFP_KERNEL);

	machine->dev = (struct net_device){ .priv = wg, .mtu = 1420 };
	wg->dev = &machine->dev;
	machine->wg = wg;
	shim_check(!wg_device_init(wg));
	wg->path = kzalloc(sizeof(*wg->path), GFP_KERNEL);
	wg_hs_init(&wg->path->hs, wg);
	set_private_key(machine);
}

/* As rest() of ctl/netdev. */
static void rest(struct machine *machine)
{
	struct wg_peer *peer;

	machine->wg->is_running = false;
	list_for_each_entry(peer, &machine->wg->peers, node)
		wg_peer_stop_locked(peer);
	wg_hs_stop(&machine->wg->path->hs);
}

/* As run() of ctl/netdev. */
static void run(struct machine *machine)
{
	struct wg_peer *peer;

	machine->wg->is_running = true;
	list_for_each_entry(peer, &machine->wg->peers, node)
		wg_peer_start_locked(peer);
}

void machine_up(struct machine *machine)
{
	mutex_lock(&machine->wg->config_lock);
	machine->is_up = true;
	if (!machine->wakes_ns)
		run(machine);
	mutex_unlock(&machine->wg->config_lock);
}

void machine_down(struct machine *machine)
{
	struct wg_peer *peer;

	mutex_lock(&machine->wg->config_lock);
	machine->is_up = false;
	rest(machine);
	list_for_each_entry(peer, &machine->wg->peers, node)
		wg_txq_purge(peer, WG_DROP_OTHER_PEER_GONE);
	mutex_unlock(&machine->wg->config_lock);
}

void machine_sleep(struct machine *machine)
{
	mutex_lock(&machine->wg->config_lock);
	rest(machine);
	mutex_unlock(&machine->wg->config_lock);
	rcu_barrier();
}

void machine_wake(struct machine *machine)
{
	mutex_lock(&machine->wg->config_lock);
	if (machine->is_up)
		run(machine);
	mutex_unlock(&machine->wg->config_lock);
}

static void forget_all(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < world.plan->machines; i++)
		machine->links[i].forgets_ns = world.now_ns;
}

void machine_new_key(struct machine *machine)
{
	set_private_key(machine);
	forget_all(machine);
}

void machine_copied(struct machine *machine)
{
	mutex_lock(&machine->wg->config_lock);
	wg_device_expire_sessions_locked(machine->wg);
	mutex_unlock(&machine->wg->config_lock);
	forget_all(machine);
}

void machine_end(struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < world.plan->machines; i++) {
		if (machine->links[i].peer)
			link_remove(machine, &world.machines[i]);
	}
	wg_hs_stop(&machine->wg->path->hs);
	kfree(machine->wg->path);
	wg_device_uninit(machine->wg);
	kfree(machine->wg);
}

/* ------------------------------------------------------------------- peers */

static const struct wg_endpoint *endpoint_at(struct place place)
{
	static struct wg_endpoint endpoint;

	memset(&endpoint, 0, sizeof(endpoint));
	endpoint.addr4.sin_family = AF_INET;
	endpoint.addr4.sin_addr.s_addr = place.addr;
	endpoint.addr4.sin_port = place.port;
	return &endpoint;
}

void link_set_endpoint(struct machine *machine, struct machine *other)
{
	struct link *link = &machine->links[other->number];

	if (!link->peer)
		return;
	link->place = other->place;
	wg_peer_set_endpoint(link->peer, endpoint_at(other->place));
}

void link_set_psk(struct machine *machine, struct machine *other)
{
	struct link *link = &machine->links[other->number];
	u8 psk[WG_KEY_SIZE] = { link->psk };

	if (link->peer)
		wg_peer_set_psk(link->peer, psk);
}

void link_set_keepalive(struct machine *machine, struct machine *other)
{
	struct link *link = &machine->links[other->number];

	if (link->peer)
		wg_clock_set_keepalive(link->peer, link->keepalive_s);
}

static void configure(struct machine *machine, struct machine *other)
{
	struct link *link = &machine->links[other->number];

	link_set_psk(machine, other);
	link_set_keepalive(machine, other);
	if (!world.plan->is_lazy || machine->number < other->number)
		link_set_endpoint(machine, other);
	wg_peer_publish(link->peer);
	link->allowed.peer = link->peer;
}

/* What came before from @other may come again. */
static void forget_past(struct machine *other)
{
	struct record *record;

	for (record = world.records; record; record = record->next) {
		if (record->sender == other &&
		    record->type == WG_MESSAGE_INITIATION)
			record->is_taken = false;
	}
}

void link_add(struct machine *machine, struct machine *other)
{
	struct link *link = &machine->links[other->number];

	mutex_lock(&machine->wg->config_lock);
	link->peer = wg_peer_create(machine->wg, other->wg->local.public_key);
	shim_check(!IS_ERR(link->peer));
	link->place = (struct place){ };
	link->accepted_ns = 0;
	link->cookie_ns = 0;
	forget_past(other);
	configure(machine, other);
	mutex_unlock(&machine->wg->config_lock);
}

void link_remove(struct machine *machine, struct machine *other)
{
	struct link *link = &machine->links[other->number];

	mutex_lock(&machine->wg->config_lock);
	link->allowed.peer = NULL;
	wg_peer_kill_locked(link->peer);
	wg_peer_finish(link->peer);
	mutex_unlock(&machine->wg->config_lock);
	link->peer = NULL;
	rcu_barrier();
}

/* Removed and added in one request. */
void link_reset(struct machine *machine, struct machine *other)
{
	struct link *link = &machine->links[other->number];

	mutex_lock(&machine->wg->config_lock);
	wg_peer_reset_locked(link->peer);
	link->forgets_ns = world.now_ns;
	link->place = (struct place){ };
	link->accepted_ns = 0;
	link->cookie_ns = 0;
	forget_past(other);
	configure(machine, other);
	mutex_unlock(&machine->wg->config_lock);
}

/* As if as many messages as make @to, or @more, had been sent. */
void link_skip_counters(struct machine *machine, struct machine *other, u64 to,
			u64 more)
{
	struct link *link = &machine->links[other->number];
	struct wg_session *session;

	if (!link->peer)
		return;
	spin_lock_bh(&link->peer->lock);
	session = link->peer->slots[WG_SLOT_CURRENT];
	if (session)
		session->send_counter = max(session->send_counter + more, to);
	spin_unlock_bh(&link->peer->lock);
}

/* ----------------------------------------------------------------- packets */

#ifndef PACKETS_STEP
#define PACKETS_STEP 1024
#endif

static u64 make_packets(struct machine *from, struct machine *to,
			unsigned int count, bool is_question)
{
	struct packet packet = {
		.from = from,
		.to = to,
		.sent_ns = world.now_ns,
		.begun = ++world.moments,
		.is_question = is_question,
	};
	u64 first = world.packet_count;

	while (count--) {
		if (world.packet_count % PACKETS_STEP == 0)
			world.packets = realloc(world.packets,
						(world.packet_count +
						 PACKETS_STEP) *
						sizeof(packet));
		world.packets[world.packet_count++] = packet;
	}
	return first;
}

/* Several packets are one GSO packet. */
void machine_send(struct machine *from, struct machine *to,
		  unsigned int packets, bool is_question)
{
	struct sk_buff *skb;
	u64 first;

	if (!from->is_up || from->wakes_ns)
		return;
	first = make_packets(from, to, packets, is_question);
	skb = shim_skb(0);
	skb->protocol = htons(ETH_P_IP);
	skb->ip.daddr = to->number;
	skb->hash = is_question;
	skb->len = 24 * packets;
	skb->packet = first;
	if (packets > 1)
		skb->shared = (struct skb_shared_info){
			.gso_size = 24,
			.gso_segs = packets,
		};
	world.talk_ns = world.now_ns;
	local_bh_disable();
	wg_tx_xmit(skb, &from->dev);
	while (packets--)
		world.packets[first + packets].done = ++world.moments;
	local_bh_enable();
}

/* An application has got packet @number. */
static void hear(struct machine *machine, u64 number)
{
	struct packet *packet = &world.packets[number];

	world.talk_ns = world.now_ns;
	if (packet->is_question)
		machine_send(machine, packet->from, 1, false);
}

/* --------------------------------------------------------------- datagrams */

static struct sk_buff *skb_of(struct machine *machine,
			      const struct datagram *datagram)
{
	struct sk_buff *skb = shim_skb(datagram->len);

	memcpy(skb->data, datagram->bytes, datagram->len);
	skb->len = datagram->len;
	skb->protocol = htons(ETH_P_IP);
	skb->ip.saddr = datagram->from.addr;
	skb->udp.source = datagram->from.port;
	skb->ip.daddr = machine->place.addr;
	skb->skb_iif = 1;
	return skb;
}

static struct wg_session *session_of(struct machine *machine,
				     const struct datagram *datagram)
{
	const struct wg_message_data *message = (void *)datagram->bytes;

	return wg_session_by_index_rcu(machine->wg, message->receiver_index);
}

/* Return: number of the packet in it. */
static u64 open_message(const struct wg_session *session,
			const struct datagram *datagram,
			struct wg_arrival *arrival)
{
	const struct wg_message_data *message = (void *)datagram->bytes;
	unsigned int len = datagram->len - sizeof(*message);
	u8 plain[DATAGRAM_MAX];
	u64 packet = NO_PACKET;

	*arrival = (struct wg_arrival){
		.counter = le64_to_cpu(message->counter),
		.len = len - WG_TAG_SIZE,
	};
	if (!wg_aead_open(plain, message->ciphertext, len, NULL, 0,
			  arrival->counter, session->keys.receive))
		arrival->verdict = WG_DROP_BAD_TAG;
	else if (arrival->len)
		memcpy(&packet, plain, sizeof(packet));
	return packet;
}

/* Messages under one session and from one place. */
struct batch {
	struct datagram *datagrams[64];
	struct wg_arrival arrivals[64];
	u64 packets[64];
	unsigned int count;
};

/* That takes time: other CPUs have their turn meanwhile. */
static void open_batch(struct wg_session *session, struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->count; i++)
		batch->packets[i] = open_message(session, batch->datagrams[i],
						 &batch->arrivals[i]);
	local_bh_disable();
	local_bh_enable();
}

/* Of so many bytes at least, and authentic. */
static bool has_any(const struct batch *batch, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < batch->count; i++) {
		if (!batch->arrivals[i].verdict &&
		    batch->arrivals[i].len >= len)
			return true;
	}
	return false;
}

static void check_refused(const struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->count; i++) {
		if (!batch->arrivals[i].verdict)
			fail(PROPERTY_AGE, "a session that has ended is received under");
	}
}

/* What it hears comes before what it sends because of it. */
static void judge(struct machine *machine, struct wg_session *session,
		  struct batch *batch)
{
	struct sk_buff *skb = skb_of(machine, batch->datagrams[0]);
	struct link *link = link_of(session->peer);
	struct wg_endpoint from;
	u64 heard_ns = link->heard_ns;
	bool is_heard_again = link->is_heard_again;
	bool had_data = has_any(batch, 1), is_dead = session->is_dead;

	wg_endpoint_from_skb(&from, skb);
	kfree_skb(skb);
	if (has_any(batch, 0))
		watch_heard(link, session);
	if (had_data)
		watch_heard_data(link);
	wg_session_receive(session, batch->arrivals, batch->count, &from);
	if (is_dead)
		check_refused(batch);
	if (had_data && !has_any(batch, 1)) {
		link->heard_ns = heard_ns;
		link->is_heard_again = is_heard_again;
	}
}

/* Whose index it is says nothing: path/sift counts and drops it. */
static void refuse(struct machine *machine, struct datagram *datagram)
{
	watch_refused(machine, datagram, WG_DROP_UNKNOWN_INDEX);
	free(datagram);
}

static void finish(struct machine *machine, struct wg_session *session,
		   struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->count; i++) {
		if (batch->arrivals[i].verdict) {
			watch_refused(machine, batch->datagrams[i],
				      batch->arrivals[i].verdict);
			continue;
		}
		watch_opened(machine, session, batch->datagrams[i],
			     batch->packets[i]);
	}
	for (i = 0; i < batch->count; i++) {
		if (!batch->arrivals[i].verdict && batch->arrivals[i].len)
			hear(machine, batch->packets[i]);
		free(batch->datagrams[i]);
	}
}

/* Data of one session. Return: what came behind it and is not of it, or NULL. */
static struct datagram *receive_batch(struct machine *machine,
				      struct wg_session *session,
				      struct datagram *datagram)
{
	struct batch batch = { };

	do {
		batch.datagrams[batch.count++] = datagram;
		datagram = batch.count < 64 ? sched_next_arrival(machine) :
					      NULL;
	} while (datagram &&
		 wg_wire_parse(datagram->bytes, datagram->len) ==
			 WG_MESSAGE_DATA &&
		 session_of(machine, datagram) == session &&
		 is_same_place(datagram->from, batch.datagrams[0]->from));
	open_batch(session, &batch);
	judge(machine, session, &batch);
	finish(machine, session, &batch);
	return datagram;
}

static void receive_handshake(struct machine *machine,
			      struct datagram *datagram)
{
	struct sk_buff *skb = skb_of(machine, datagram);

	skb->datagram = datagram;
	wg_hs_receive(&machine->wg->path->hs, skb);
}

void machine_receive(struct machine *machine, struct datagram *datagram)
{
	struct wg_session *session;
	struct datagram *next;

	machine->is_receiving = true;
	while (datagram) {
		next = NULL;
		session = NULL;
		switch (wg_wire_parse(datagram->bytes, datagram->len)) {
		case WG_MESSAGE_DATA:
			session = session_of(machine, datagram);
			if (session)
				next = receive_batch(machine, session,
						     datagram);
			else
				refuse(machine, datagram);
			break;
		case WG_MESSAGE_INITIATION:
		case WG_MESSAGE_RESPONSE:
		case WG_MESSAGE_COOKIE:
			receive_handshake(machine, datagram);
			break;
		case WG_MESSAGE_BAD_TYPE:
		case WG_MESSAGE_BAD_LENGTH:
			free(datagram);
			break;
		}
		datagram = next;
	}
	machine->is_receiving = false;
}
