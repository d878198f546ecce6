// SPDX-License-Identifier: GPL-2.0
/*
 * monitor: what happens to tunnels and peers, as it happens.
 *
 * The module tells that a configuration changed, not how: the device is read
 * again and compared. So that a busy administrator does not keep us from showing
 * anything, what has come is shown first, and a device is read when there is a
 * pause, or after SETTLE_MS.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/verb.h"
#include "lib/clock.h"
#include "lib/signal.h"
#include "lib/xalloc.h"
#include "model/key.h"
#include "netlink/link.h"
#include "netlink/listen.h"
#include "netlink/nl.h"
#include "show/event.h"

#define SETTLE_MS 1000

/* An interface that is there. */
struct watched {
	struct watched *next;
	struct nl_link link;
	struct tunnel *tunnel; /* as it was read last; NULL: not yet */
	struct peer **sorted; /* its peers, by key */
	bool is_dirty; /* to be read again */
	bool is_seen; /* in the list of interfaces that is being read */
};

struct monitor {
	struct verb_call *call;
	struct nl_listener listener;
	struct watched *watched;
	bool is_dirty; /* the list of interfaces is to be read again */
	bool is_quiet; /* what is found is how it begins, and not shown */
	bool is_begun; /* what is found is new */
	int64_t dirty_since_ms; /* 0: nothing is to be read */
	uint32_t kinds; /* bits of enum event_kind that are shown */
};

/* --------------------------------------------------------------- filters */

static int read_kinds(struct monitor *monitor, const char *list)
{
	size_t len;

	monitor->kinds = list ? 1U << EVENT_LOST : UINT32_MAX;
	for (; list && *list; list += len + (list[len] == ',')) {
		enum event_kind kind;

		len = strcspn(list, ",");
		kind = event_of_word(list, len);
		if (kind == EVENT_KIND_COUNT)
			return fault_set(&monitor->call->fault, -EINVAL,
					 "--event: '%s' is not an event",
					 SHOWN_LEN(list, len));
		monitor->kinds |= 1U << kind;
	}
	return 0;
}

static bool is_wanted_name(const struct verb_call *call, const char *name)
{
	int i;

	for (i = 0; i < call->argc; i++)
		if (!strcmp(call->argv[i], name))
			return true;
	return !call->argc;
}

static bool is_wanted_peer(const struct verb_call *call,
			   const struct event *event)
{
	const char *wanted = verb_option(call, "--peer");
	char key[KEY_TEXT_MAX];

	return !wanted || event->kind == EVENT_LOST ||
	       (event->peer && !strcmp(event->peer->name, wanted)) ||
	       !strcmp(key_text(event->public_key, key), wanted);
}

/* A line; who reads it may be waiting for it. */
static void print(struct monitor *monitor, const struct event *event)
{
	struct verb_call *call = monitor->call;

	if (monitor->kinds & 1U << event->kind && is_wanted_peer(call, event)) {
		show_event(&call->out, event);
		fflush(call->out.to);
	}
}

/* ----------------------------------------------------------------- state */

static struct watched *find(struct monitor *monitor, const char *name)
{
	struct watched *w = monitor->watched;

	while (w && strcmp(w->link.name, name))
		w = w->next;
	return w;
}

static void mark_dirty(struct monitor *monitor, bool *is_dirty)
{
	*is_dirty = true;
	if (!monitor->dirty_since_ms)
		monitor->dirty_since_ms = clock_now_ms();
}

/* Something was found out about @w, now. */
static void print_of(struct monitor *monitor, const struct watched *w,
		     struct event event)
{
	clock_gettime(CLOCK_REALTIME, &event.time);
	memcpy(event.interface, w->link.name, sizeof(event.interface));
	event.tunnel = w->tunnel;
	if (event.peer)
		memcpy(event.public_key, event.peer->public_key, WG_KEY_LEN);
	if (!monitor->is_quiet)
		print(monitor, &event);
}

static void print_kind(struct monitor *monitor, const struct watched *w,
		       enum event_kind kind)
{
	print_of(monitor, w, (struct event){ .kind = kind });
}

/* A peer that was compared. */
struct compared {
	struct monitor *monitor;
	const struct watched *of;
};

static void print_peer(const struct event *event, void *context)
{
	const struct compared *compared = context;
	struct event copy = *event;

	if (!compared->monitor->is_begun)
		copy.kind = EVENT_PEER;
	print_of(compared->monitor, compared->of, copy);
}

static void forget_tunnel(struct watched *w)
{
	tunnel_free(w->tunnel);
	free(w->sorted);
	w->tunnel = NULL;
	w->sorted = NULL;
}

static void take_tunnel(struct monitor *monitor, struct watched *w,
			struct tunnel *now)
{
	struct compared compared = { monitor, w };
	struct tunnel *before = w->tunnel;
	uint32_t changes = before ? event_tunnel_changes(before, now) : 0;

	free(w->sorted);
	w->tunnel = now;
	w->sorted = tunnel_sorted_by_key(now);
	if (!monitor->is_begun)
		print_kind(monitor, w, EVENT_INTERFACE);
	if (changes)
		print_of(monitor, w,
			 (struct event){ .kind = EVENT_INTERFACE_CHANGED,
					 .changes = changes });
	event_compare(before, now, print_peer, &compared);
	tunnel_free(before);
}

/* One that cannot be read any more is about to go. */
static void read_again(struct monitor *monitor, struct watched *w)
{
	struct tunnel *now = nl_get(w->link.name, fault_ignored());

	w->is_dirty = false;
	if (now)
		take_tunnel(monitor, w, now);
	else
		mark_dirty(monitor, &monitor->is_dirty);
}

static void add(struct monitor *monitor, const struct nl_link *link)
{
	struct watched *w = xcalloc(1, sizeof(*w));

	w->link = *link;
	w->is_seen = true;
	w->next = monitor->watched;
	monitor->watched = w;
	if (monitor->is_begun)
		print_kind(monitor, w, EVENT_INTERFACE_ADDED);
	mark_dirty(monitor, &w->is_dirty);
}

static void see(struct monitor *monitor, const char *name)
{
	struct watched *w = find(monitor, name);
	struct nl_link link;

	if (!is_wanted_name(monitor->call, name) ||
	    nl_find_link(&link, name, fault_ignored()))
		return;
	if (!w || w->link.ifindex != link.ifindex) {
		add(monitor, &link);
		return;
	}
	w->is_seen = true;
	if (w->link.is_up != link.is_up)
		print_kind(monitor, w, link.is_up ? EVENT_INTERFACE_UP :
						    EVENT_INTERFACE_DOWN);
	w->link = link;
}

static void remove_unseen(struct monitor *monitor)
{
	struct watched **at = &monitor->watched, *w;

	while ((w = *at)) {
		if (w->is_seen) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		forget_tunnel(w);
		print_kind(monitor, w, EVENT_INTERFACE_REMOVED);
		free(w);
	}
}

static int read_links(struct monitor *monitor)
{
	struct strv names = { 0 };
	struct watched *w;
	int ret;
	size_t i;

	monitor->is_dirty = false;
	ret = nl_list(&names, &monitor->call->fault);
	for (w = monitor->watched; w; w = w->next)
		w->is_seen = ret;
	for (i = 0; i < names.count; i++)
		see(monitor, names.items[i]);
	strv_clear(&names);
	remove_unseen(monitor);
	return ret;
}

/* Read what has changed, until nothing has. */
static int settle(struct monitor *monitor)
{
	struct watched *w;
	int ret = 0;

	monitor->dirty_since_ms = 0;
	if (monitor->is_dirty)
		ret = read_links(monitor);
	for (w = monitor->watched; w; w = w->next)
		if (w->is_dirty)
			read_again(monitor, w);
	return ret;
}

/* ---------------------------------------------------------------- events */

static void mark_all_dirty(struct monitor *monitor)
{
	struct watched *w;

	mark_dirty(monitor, &monitor->is_dirty);
	for (w = monitor->watched; w; w = w->next)
		w->is_dirty = true;
}

static void take_of_device(struct monitor *monitor, struct watched *w,
			   struct event *event)
{
	struct peer *peer = NULL;

	if (w->tunnel)
		peer = tunnel_search(w->sorted, w->tunnel->peer_count,
				     event->public_key);
	event->tunnel = w->tunnel;
	event->peer = peer;
	if (peer && event->kind == EVENT_ENDPOINT_MOVED) {
		peer->endpoint.addr = event->endpoint.addr;
		peer->has |= PEER_HAS_ENDPOINT;
	}
	print(monitor, event);
}

static void take(const struct event *given, void *context)
{
	struct monitor *monitor = context;
	struct event event = *given;
	struct watched *w = find(monitor, event.interface);

	if (event.kind == EVENT_LOST) {
		print(monitor, &event);
		mark_all_dirty(monitor);
	} else if (event.kind == EVENT_LINK) {
		mark_dirty(monitor, &monitor->is_dirty);
	} else if (w && event.kind == EVENT_CONFIG) {
		mark_dirty(monitor, &w->is_dirty);
	} else if (w) {
		take_of_device(monitor, w, &event);
	} else if (is_wanted_name(monitor->call, event.interface)) {
		print(monitor, &event); /* one that was added just now */
	}
}

static bool must_settle(const struct monitor *monitor)
{
	return monitor->dirty_since_ms &&
	       clock_now_ms() >= monitor->dirty_since_ms + SETTLE_MS;
}

/* What there is to be heard, or, in a pause, to be read. */
static int turn(struct monitor *monitor)
{
	int timeout_ms = monitor->dirty_since_ms ? 0 : -1, count;
	struct verb_call *call = monitor->call;
	struct pollfd fds[2];
	int ret = 0;

	nl_listen_poll(&monitor->listener, fds);
	count = signal_poll(fds, 2, timeout_ms);
	if (count)
		ret = nl_listen_receive(&monitor->listener, fds, take, monitor,
					&call->fault);
	if (ret || (!must_settle(monitor) && (count || timeout_ms)))
		return ret;
	/* a module that was loaded again has its groups anew */
	if (monitor->is_dirty)
		nl_listen_join(&monitor->listener, &call->fault);
	return settle(monitor);
}

/* --------------------------------------------------------------- the verb */

static int begin(struct monitor *monitor)
{
	struct verb_call *call = monitor->call;
	int ret = nl_listen_join(&monitor->listener, &call->fault), i;

	if (ret && ret != -ENOENT)
		return ret;
	monitor->is_quiet = !verb_option(call, "--since-start");
	mark_dirty(monitor, &monitor->is_dirty);
	ret = settle(monitor);
	monitor->is_quiet = false;
	monitor->is_begun = true;
	for (i = 0; i < call->argc; i++)
		if (!find(monitor, call->argv[i]))
			fprintf(stderr,
				"wgctl: there is no tunnel '%s' yet: waiting for it\n",
				SHOWN(call->argv[i]));
	return ret;
}

static int listen_to_all(struct monitor *monitor)
{
	struct verb_call *call = monitor->call;
	int ret = begin(monitor);

	/* what could not be written is said at the end */
	while (!ret && !signal_caught() && !ferror(call->out.to))
		ret = turn(monitor);
	return ret;
}

int cmd_monitor(struct verb_call *call)
{
	struct monitor monitor = { .call = call };
	struct watched *w;
	int ret;

	ret = read_kinds(&monitor, verb_option(call, "--event")) ?:
	      nl_listen_open(&monitor.listener, &call->fault);
	if (ret)
		return ret;
	signal_catch();
	ret = listen_to_all(&monitor);
	while ((w = monitor.watched)) {
		monitor.watched = w->next;
		forget_tunnel(w);
		free(w);
	}
	nl_listen_close(&monitor.listener);
	return ret;
}
