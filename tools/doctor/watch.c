// SPDX-License-Identifier: GPL-2.0
#include "doctor/watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "doctor/call.h"
#include "doctor/look.h"
#include "doctor/wire.h"
#include "lib/clock.h"
#include "model/key.h"
#include "netlink/listen.h"
#include "netlink/nl.h"

#define CAPTURED 256 /* a handshake with all headers that it may have */
#define CALLS_MAX 64 /* peers that are called */
#define ROOM_BYTES (4 << 20) /* for packets that wait, of a busy tunnel */

/*
 * A handshake is retried after 5.3 s; with a session after 15.3 s of silence. A
 * machine with much to do takes some seconds more.
 */
#define NEW_S 7
#define SILENT_S 20
#define MTU_S 2 /* for what is large, once the peer has answered */
#define BEYOND_S 5 /* for what is to be forwarded: an answer, or one more */

struct watcher {
	struct evidence *evidence;
	struct nl_talk *rtnl;
	struct caller caller;
	struct nl_listener listener;
	bool is_told; /* by the module, of endpoints that move */
	int fd;
	int64_t begun_ms;
	int64_t beyond_ms; /* since when something is to be forwarded */
	struct {
		int64_t patience_ms;
		int64_t since_ms;
	} waits[CALLS_MAX]; /* of the trials, in their order */
};

/* --- the packet socket --- */

static uint32_t last_word(const struct allowed_ip *ip)
{
	uint32_t word;

	if (!ip->family)
		return UINT32_MAX;
	memcpy(&word, (const uint8_t *)&ip->v6 + ip_len(ip) - 4, 4);
	return ntohl(word);
}

#define LOAD(size, at) BPF_STMT(BPF_LD | (size) | BPF_ABS, at)
#define ABOUT(what) LOAD(BPF_W, SKF_AD_OFF + (what))
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)

/*
 * All of the tunnel; else handshakes at its port, ICMP, and what is sent to or
 * comes from one address beyond. Jumps are relative to the next line.
 */
static int filter(int fd, const struct evidence *evidence)
{
	const uint32_t beyond = last_word(&evidence->beyond.to);
	const uint16_t port = evidence->before->listen_port;
	struct sock_filter code[] = {
		/*  0 */ ABOUT(SKF_AD_IFINDEX),
		/*  1 */ IS(evidence->link.ifindex, 26, 0),
		/*  2 */ ABOUT(SKF_AD_PROTOCOL),
		/*  3 */ IS(ETH_P_IPV6, 10, 0),
		/*  4 */ IS(ETH_P_IP, 0, 24),
		/*  5 */ LOAD(BPF_W, 16),
		/*  6 */ IS(beyond, 21, 0),
		/*  7 */ LOAD(BPF_W, 12),
		/*  8 */ IS(beyond, 19, 0),
		/*  9 */ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		/* 10 */ LOAD(BPF_B, 9),
		/* 11 */ IS(IPPROTO_ICMP, 16, 0),
		/* 12 */ IS(IPPROTO_UDP, 0, 16),
		/* 13 */ BPF_STMT(BPF_JMP | BPF_JA, 8),
		/* 14 */ LOAD(BPF_W, 36),
		/* 15 */ IS(beyond, 12, 0),
		/* 16 */ LOAD(BPF_W, 20),
		/* 17 */ IS(beyond, 10, 0),
		/* 18 */ BPF_STMT(BPF_LDX | BPF_IMM, 40),
		/* 19 */ LOAD(BPF_B, 6),
		/* 20 */ IS(IPPROTO_ICMPV6, 7, 0),
		/* 21 */ IS(IPPROTO_UDP, 0, 7),
		/* 22 */ BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
		/* 23 */ IS(port, 2, 0),
		/* 24 */ BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		/* 25 */ IS(port, 0, 3),
		/* 26 */ BPF_STMT(BPF_LD | BPF_B | BPF_IND, 8),
		/* 27 */ BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, WIRE_COOKIE, 1, 0),
		/* 28 */ BPF_STMT(BPF_RET | BPF_K, CAPTURED),
		/* 29 */ BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {
		.len = sizeof(code) / sizeof(*code), .filter = code,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program));
}

/* Closed to everything until it has its filter. */
static int open_tap(const struct evidence *evidence)
{
	const struct sockaddr_ll all = { .sll_family = AF_PACKET,
					 .sll_protocol = htons(ETH_P_ALL) };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);
	const int room = ROOM_BYTES;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (!filter(fd, evidence) &&
	    !bind(fd, (const struct sockaddr *)&all, sizeof(all)))
		return fd;
	close(fd);
	return -1;
}

/* More came than there was room for: what was not seen may have been there. */
static bool has_missed(int fd)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);

	return !getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) &&
	       stats.tp_drops;
}

/* Is it for somebody else, and so to be forwarded? */
static void begin_beyond(struct watcher *watcher,
			 const struct wire_packet *packet)
{
	struct evidence *evidence = watcher->evidence;
	struct beyond *beyond = &evidence->beyond;
	struct way way;

	/* most are for us, and there may be very many */
	if (is_among(&packet->to, &evidence->everywhere))
		return;
	look_for_way(evidence, watcher->rtnl, &way, &packet->to);
	/* what is ours leads to the loopback interface, or the VRF instead of it */
	if (!way.error && (way.ifindex == if_nametoindex("lo") ||
			   way.ifindex == evidence->link.vrf))
		return;
	*beyond = (struct beyond){ .wanted = 1, .from = packet->from,
				   .to = packet->to, .way = way };
	watcher->beyond_ms = clock_now_ms();
	filter(watcher->fd, evidence);
}

/* The kernel says how long the address is, and that may be longer than there is room. */
static ssize_t take_one(int fd, uint8_t *bytes, struct sockaddr_ll *from)
{
	socklen_t from_len = sizeof(*from);

	return recvfrom(fd, bytes, CAPTURED, 0, (struct sockaddr *)from,
			&from_len);
}

/* Those that wait, but not more at a time: a flood may have no end. */
static void take_packets(struct watcher *watcher)
{
	struct sockaddr_ll from;
	uint8_t bytes[CAPTURED];
	struct wire_packet packet;
	unsigned int left = 1000;
	ssize_t len;

	while (left-- && (len = take_one(watcher->fd, bytes, &from)) > 0) {
		/* a bridge sees what is for other machines */
		if (from.sll_pkttype == PACKET_OTHERHOST)
			continue;
		packet = (struct wire_packet){
			.bytes = bytes,
			.len = (size_t)len,
			.is_out = from.sll_pkttype == PACKET_OUTGOING,
			.ifindex = (uint32_t)from.sll_ifindex,
		};
		if (wire_parse(&packet) &&
		    wire_note(watcher->evidence, &packet))
			begin_beyond(watcher, &packet);
	}
}

/* What has come is taken even where we were not run before the time was over. */
static void wait_for_packets(struct watcher *watcher, int64_t until_ms)
{
	struct pollfd poll_fd = { watcher->fd, POLLIN, 0 };
	int64_t left_ms;

	do {
		left_ms = until_ms - clock_now_ms();
		if (poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0) < 0 &&
		    errno != EINTR)
			return;
		take_packets(watcher);
	} while (left_ms > 0);
}

/* --- the calls --- */

static void call_beyond(struct watcher *watcher, struct trial *trial)
{
	const uint16_t family = trial->called.family;
	struct allowed_ip nobody = call_nobody(family);

	if (ips_have_default(&trial->peer->ips, family) &&
	    !trial->has_forwarded)
		trial->is_sent_beyond = call(&watcher->caller, &nobody,
					     trial->id, CALL_BEYOND, CALL_LARGE);
}

static uint16_t largest_call(const struct evidence *evidence)
{
	const uint32_t mtu = evidence->link.mtu;

	return mtu < CALL_LEN_MAX ? (uint16_t)mtu : CALL_LEN_MAX;
}

/*
 * Lengths from the MTU down, so that an answer to a small one tells that the large
 * ones before it were lost, and not merely slow. The largest that is answered counts.
 */
static void call_large(struct watcher *watcher, struct trial *trial)
{
	const uint16_t mtu = largest_call(watcher->evidence);
	uint16_t len = mtu, step = 0;

	do {
		len -= step;
		call(&watcher->caller, &trial->called, trial->id, len, len);
		step = len > 1200 ? 20 : 104;
	} while (len >= 576 + step);
	trial->large = mtu;
}

static void call_one(struct watcher *watcher, struct trial *trial)
{
	if (!trial->is_called)
		return;
	if (!trial->has_answered)
		trial->is_forbidden |= !call(&watcher->caller, &trial->called,
					     trial->id, CALL_PEER,
					     CALL_LARGE) && errno == EPERM;
	else if (trial->is_direct &&
		 trial->largest < largest_call(watcher->evidence))
		call_large(watcher, trial);
	call_beyond(watcher, trial);
}

static bool is_settled(const struct trial *trial, uint16_t largest)
{
	return !trial->is_called ||
	       (trial->has_answered &&
		(!trial->is_direct || trial->largest >= largest) &&
		(trial->has_forwarded || !trial->is_sent_beyond));
}

/* How long may an answer still take that has not come? */
static int64_t patience_ms(const struct evidence *evidence,
			   const struct trial *trial)
{
	if (is_settled(trial, largest_call(evidence)))
		return 0;
	if (trial->has_answered)
		return MTU_S * 1000;
	if (trial_is_alive(evidence, trial) || trial->seen.in[WIRE_RESPONSE] ||
	    trial->seen.out[WIRE_RESPONSE])
		return SILENT_S * 1000;
	return NEW_S * 1000;
}

static bool is_callable(const struct evidence *evidence,
			const struct trial *trial)
{
	return trial->peer->has & PEER_HAS_ENDPOINT &&
	       !peer_is_off(trial->peer, evidence->now_s) &&
	       evidence->now->has & TUNNEL_HAS_PUBLIC_KEY;
}

static void choose_calls(struct evidence *evidence)
{
	size_t i;

	for (i = 0; i < evidence->trial_count && i < CALLS_MAX; i++) {
		struct trial *trial = &evidence->trials[i];

		trial->id = (uint16_t)(getpid() + (int)i);
		trial->is_called = is_callable(evidence, trial) &&
				   call_choose(&trial->called, trial->peer,
					       evidence);
	}
}

/*
 * One packet alone may have been the last of its kind. And who is asked for may
 * not be there, which is told after three seconds.
 */
static bool waits_for_beyond(const struct watcher *watcher)
{
	const struct beyond *beyond = &watcher->evidence->beyond;

	return beyond->wanted && (beyond->wanted == 1 || !beyond->left) &&
	       !beyond->returned &&
	       clock_now_ms() - watcher->beyond_ms < BEYOND_S * 1000;
}

/* What has begun late, since all is slow here, has its time as well. */
static bool is_worth_waiting(struct watcher *watcher, size_t i, int64_t now_ms)
{
	const struct evidence *evidence = watcher->evidence;
	const int64_t patience = patience_ms(evidence, &evidence->trials[i]);

	if (watcher->waits[i].patience_ms != patience) {
		watcher->waits[i].patience_ms = patience;
		watcher->waits[i].since_ms = now_ms;
	}
	return now_ms - watcher->waits[i].since_ms < patience;
}

static bool is_done(struct watcher *watcher, uint64_t least_s)
{
	const int64_t now_ms = clock_now_ms();
	bool is_waiting = waits_for_beyond(watcher);
	size_t i;

	for (i = 0; i < watcher->evidence->trial_count && i < CALLS_MAX; i++)
		is_waiting |= is_worth_waiting(watcher, i, now_ms);
	return !is_waiting &&
	       now_ms - watcher->begun_ms >= (int64_t)least_s * 1000;
}

/* --- where the peers are --- */

static void note_place(struct trial *trial, const struct endpoint *endpoint)
{
	if (endpoint->addr.sa.sa_family == AF_UNSPEC ||
	    endpoint_equal(endpoint, &trial->at))
		return;
	trial->returns += endpoint_equal(endpoint, &trial->left);
	trial->left.addr = trial->at.addr;
	trial->at.addr = endpoint->addr;
}

static void note_event(const struct event *event, void *context)
{
	struct evidence *evidence = context;
	size_t i;

	if (event->kind != EVENT_ENDPOINT_MOVED ||
	    strcmp(event->interface, evidence->name))
		return;
	for (i = 0; i < evidence->trial_count; i++)
		if (key_equal(evidence->trials[i].peer->public_key,
			      event->public_key))
			note_place(&evidence->trials[i], &event->endpoint);
}

/* Not more at a time than these: there may be no end of them. */
static void take_events(struct watcher *watcher)
{
	unsigned int left = 1000;
	struct pollfd fds[2];

	nl_listen_poll(&watcher->listener, fds);
	while (left-- && poll(fds, 2, 0) > 0 &&
	       !nl_listen_receive(&watcher->listener, fds, note_event,
				  watcher->evidence, fault_ignored()))
		;
}

/* Of large devices that is too much to be read each time. */
static void read_places(struct evidence *evidence)
{
	struct tunnel *tunnel = NULL;
	const struct peer *peer;
	size_t i;

	if (evidence->before->peer_count <= CALLS_MAX)
		tunnel = nl_get(evidence->name, fault_ignored());
	for (i = 0; tunnel && i < evidence->trial_count; i++) {
		peer = tunnel_find_peer(tunnel,
					evidence->trials[i].peer->public_key);
		if (peer)
			note_place(&evidence->trials[i], &peer->endpoint);
	}
	tunnel_free(tunnel);
}

/* The in-tree module does not tell. */
static void begin_listening(struct watcher *watcher)
{
	if (!(watcher->evidence->before->has & TUNNEL_HAS_COUNTERS) ||
	    nl_listen_open(&watcher->listener, fault_ignored()))
		return;
	watcher->is_told = !nl_listen_join(&watcher->listener, fault_ignored());
	if (!watcher->is_told)
		nl_listen_close(&watcher->listener);
}

static void run(struct watcher *watcher, uint64_t least_s)
{
	struct evidence *evidence = watcher->evidence;
	size_t i;

	do {
		for (i = 0; i < evidence->trial_count; i++)
			call_one(watcher, &evidence->trials[i]);
		wait_for_packets(watcher, clock_now_ms() + 500);
		if (watcher->is_told)
			take_events(watcher);
		else
			read_places(evidence);
	} while (!is_done(watcher, least_s));
	evidence->watched_s = (uint64_t)(clock_now_ms() - watcher->begun_ms) / 1000;
}

void watch(struct evidence *evidence, struct nl_talk *rtnl, uint64_t least_s)
{
	struct watcher watcher = { .evidence = evidence, .rtnl = rtnl,
				   .begun_ms = clock_now_ms() };

	watcher.fd = open_tap(evidence);
	if (watcher.fd < 0) {
		evidence->sees_wire = false;
		return;
	}
	caller_open(&watcher.caller, evidence->name);
	begin_listening(&watcher);
	choose_calls(evidence);
	run(&watcher, least_s);
	evidence->has_missed = has_missed(watcher.fd);
	if (watcher.is_told)
		nl_listen_close(&watcher.listener);
	caller_close(&watcher.caller);
	close(watcher.fd);
}
