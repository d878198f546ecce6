// SPDX-License-Identifier: GPL-2.0
/*
 * Floods of initiations, and what must hold under them: who is loaded takes none
 * without a cookie, and who has one gets in, at a rate.
 */
#include "world.h"

#include "core/drop.h"
#include "path/path.h"

#define COOKIE_NS (120 * S)
#define LOAD_NS S
#define LOAD_LEN (4096 / 8 + 64)
#define TOKEN_NS (S / 20)
#define BURST 5

/* They have no keys. One has a cookie, one another's, one keeps it for too long. */
static const struct place stranger = { .addr = 1, .port = 1 };
static const struct place thief = { .addr = 1, .port = 2 };
static const struct place laggard = { .addr = 1, .port = 3 };

/* An initiation that looks well from outside. */
static void fake(struct machine *to, struct place from,
		 struct wg_cookie_maker *maker, struct datagram *datagram)
{
	struct wg_message_initiation *message = (void *)datagram->bytes;

	*datagram = (struct datagram){
		.from = from,
		.to = to->place,
		.len = sizeof(*message),
	};
	chance_bytes(message, sizeof(*message));
	message->type = cpu_to_le32(WG_MESSAGE_INITIATION);
	wg_cookie_maker_stamp(maker, message, sizeof(*message),
			      to->wg->local.public_key, 0);
}

/* Who receives at @from has the cookie that it would be sent. */
static void take_cookie(struct machine *to, struct place from,
			struct wg_cookie_maker *maker)
{
	const struct wg_cookie_checker *checker = &to->wg->checker;
	struct wg_message_cookie reply = { };
	struct wg_cookie_source source;
	struct datagram datagram;

	if (!checker->has_secret)
		return;
	wg_cookie_source_set(&source, &from.addr, sizeof(from.addr),
			     from.port);
	fake(to, from, maker, &datagram);
	wg_cookie_checker_reply(checker, &reply, datagram.bytes, datagram.len,
				&source);
	wg_cookie_maker_take(maker, &reply, to->wg->local.public_key, 0);
}

static void flood_from(struct machine *to, struct place from,
		       struct wg_cookie_maker *maker, unsigned int count)
{
	struct datagram datagram;

	while (count--) {
		fake(to, from, maker, &datagram);
		network_carry(0, to, &datagram);
	}
}

/* Some with a cookie, one with another's, and one with a cookie that is too old. */
static void flood_with_cookies(struct machine *to)
{
	struct wg_cookie_maker maker = { };

	take_cookie(to, stranger, &maker);
	if (!maker.has_cookie)
		return;
	flood_from(to, stranger, &maker, 10);
	flood_from(to, thief, &maker, 1);
	if (!to->old.has_cookie) {
		take_cookie(to, laggard, &to->old);
		to->old_ns = world.now_ns;
	} else if (world.now_ns > to->old_ns + 121 * S) {
		flood_from(to, laggard, &to->old, 1);
	}
}

/* Else from wherever one likes. */
void network_flood(struct machine *to, unsigned int count)
{
	struct wg_cookie_maker none = { };

	if (!to->is_up || to->wakes_ns)
		return;
	to->flooded_ns = world.now_ns;
	to->flood_len = count;
	while (count--)
		flood_from(to, (struct place){ chance(), chance() }, &none, 1);
	flood_with_cookies(to);
}

/* ------------------------------------------------------------ what must hold */

/* That it was loaded is known, and that it still thinks so. */
static bool is_loaded(const struct machine *machine)
{
	return machine->loaded_ns &&
	       world.now_ns + 2 * TICK_NS < machine->loaded_ns + LOAD_NS;
}

/* A secret, and so what was made of it, lives as long as a cookie. */
static void note_spurned(struct machine *by)
{
	u64 since_ns = by->spurned_ns;

	if (since_ns && world.now_ns > since_ns + S / 2 &&
	    world.now_ns + S < since_ns + COOKIE_NS)
		fail(PROPERTY_FLOOD, "%u does not know its cookie", by->number);
	by->spurned_ns = world.now_ns;
}

/* With a cookie twenty a second are looked at, five at once. */
static void note_looked_at(struct machine *by)
{
	const u64 burst_ns = BURST * TOKEN_NS + 2 * TICK_NS;

	by->full_ns = max(by->full_ns, world.now_ns) + TOKEN_NS;
	if (by->full_ns > world.now_ns + burst_ns)
		fail(PROPERTY_FLOOD, "%u looks at too many", by->number);
}

static void note_stranger(struct machine *by, unsigned int reason)
{
	bool has_rested = world.now_ns > by->asked_ns + BURST * TOKEN_NS +
					 2 * TICK_NS;

	by->asked_ns = world.now_ns;
	if (reason == WG_DROP_COOKIE_SENT)
		note_spurned(by);
	if (reason == WG_DROP_RATE_LIMITED && has_rested)
		fail(PROPERTY_FLOOD, "%u does not look", by->number);
	if (reason == WG_DROP_HS_BAD_INITIATION && is_loaded(by))
		note_looked_at(by);
}

void flood_refused(struct machine *by, struct place from, unsigned int reason)
{
	if (from.addr != stranger.addr)
		return;
	if (from.port == stranger.port)
		note_stranger(by, reason);
	else if ((reason == WG_DROP_HS_BAD_INITIATION ||
		  reason == WG_DROP_RATE_LIMITED) && is_loaded(by))
		fail(PROPERTY_FLOOD, "%u takes a cookie of another, or an old one",
		     by->number);
}

/* Who is under load wants a cookie. */
void flood_taken(const struct machine *by, const struct record *record)
{
	if (is_loaded(by) && !record->has_mac2 &&
	    (record->type == WG_MESSAGE_INITIATION ||
	     record->type == WG_MESSAGE_RESPONSE))
		fail(PROPERTY_FLOOD, "%u takes a message without one",
		     by->number);
}

/* Who has a cookie uses it for two minutes; the module's clock is coarse. */
void flood_sent(const struct link *link, const struct record *record)
{
	bool has_cookie = link->cookie_ns &&
			  world.now_ns < link->cookie_ns + COOKIE_NS;

	if (record->type != WG_MESSAGE_INITIATION &&
	    record->type != WG_MESSAGE_RESPONSE)
		return;
	if (link->cookie_ns == world.now_ns ||
	    (world.now_ns + 2 * TICK_NS >= link->cookie_ns + COOKIE_NS &&
	     world.now_ns <= link->cookie_ns + COOKIE_NS + 2 * TICK_NS))
		return;
	if (record->has_mac2 != has_cookie)
		fail(PROPERTY_FLOOD, "a cookie is %s",
		     has_cookie ? "not used" : "used all the same");
}

/* How much waits to be answered? */
void flood_event(struct machine *machine)
{
	if (!machine->is_up || machine->wakes_ns) /* the queue is emptied */
		machine->loaded_ns = 0;
	else if (machine->flooded_ns == world.now_ns &&
		 machine->flood_len >= LOAD_LEN &&
		 skb_queue_len(&machine->wg->path->hs.queue) >= LOAD_LEN)
		machine->loaded_ns = world.now_ns;
}
