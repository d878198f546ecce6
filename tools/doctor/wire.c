// SPDX-License-Identifier: GPL-2.0
#include "doctor/wire.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <string.h>

#define UDP_HEADER 8
#define ICMP_HEADER 8

static uint16_t be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t le32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

#define MORE_FRAGMENTS 0x2000
#define FRAGMENT_AT 0x1fff

/* What stands in a later one is no header. */
static void note_fragment(struct wire_packet *packet, bool is_later, bool has_more)
{
	packet->is_part = is_later || has_more;
	if (is_later)
		packet->payload_len = 0;
}

static bool parse_ipv4(struct wire_packet *packet)
{
	const uint8_t *ip = packet->bytes;
	size_t header = (ip[0] & 15) * 4;

	if (packet->len < header || header < 20)
		return false;
	packet->from = ip_host(AF_INET, ip + 12);
	packet->to = ip_host(AF_INET, ip + 16);
	packet->protocol = ip[9];
	packet->payload = ip + header;
	packet->payload_len = packet->len - header;
	note_fragment(packet, be16(ip + 6) & FRAGMENT_AT,
		      be16(ip + 6) & MORE_FRAGMENTS);
	return true;
}

/* A peer with a smaller MTU answers what is large in parts. */
static void open_fragment(struct wire_packet *packet)
{
	const uint8_t *header = packet->payload;

	packet->protocol = header[0];
	packet->payload += 8;
	packet->payload_len -= 8;
	note_fragment(packet, be16(header + 2) >> 3, header[3] & 1);
}

static bool parse_ipv6(struct wire_packet *packet)
{
	const uint8_t *ip = packet->bytes;

	if (packet->len < 40)
		return false;
	packet->from = ip_host(AF_INET6, ip + 8);
	packet->to = ip_host(AF_INET6, ip + 24);
	packet->protocol = ip[6];
	packet->payload = ip + 40;
	packet->payload_len = packet->len - 40;
	if (packet->protocol == IPPROTO_FRAGMENT && packet->payload_len >= 8)
		open_fragment(packet);
	return true;
}

bool wire_parse(struct wire_packet *packet)
{
	if (packet->len < 20)
		return false;
	if (packet->bytes[0] >> 4 == 4)
		return parse_ipv4(packet);
	return packet->bytes[0] >> 4 == 6 && parse_ipv6(packet);
}

/* Is it of this type, of ICMP or else of ICMPv6? */
static bool is_type(const struct wire_packet *packet, uint8_t v4, uint8_t v6)
{
	return packet->payload[0] == (packet->protocol == IPPROTO_ICMP ? v4 : v6);
}

static bool is_echo_reply(const struct wire_packet *packet)
{
	return is_type(packet, ICMP_ECHOREPLY, ICMP6_ECHO_REPLY);
}

/* Does it tell the sender of a packet what became of that? */
static bool is_word(const struct wire_packet *packet)
{
	return is_type(packet, ICMP_DEST_UNREACH, ICMP6_DST_UNREACH) ||
	       is_type(packet, ICMP_TIME_EXCEEDED, ICMP6_TIME_EXCEEDED);
}

static bool is_icmp(const struct wire_packet *packet)
{
	return (packet->protocol == IPPROTO_ICMP ||
		packet->protocol == IPPROTO_ICMPV6) &&
	       packet->payload_len >= ICMP_HEADER;
}

/* The packet that an ICMP error repeats. */
static bool parse_quoted(struct wire_packet *quoted,
			 const struct wire_packet *packet)
{
	*quoted = (struct wire_packet){
		.bytes = packet->payload + ICMP_HEADER,
		.len = packet->payload_len - ICMP_HEADER,
	};
	return wire_parse(quoted) && quoted->payload_len >= ICMP_HEADER;
}

/* --- through the tunnel --- */

static struct trial *trial_by_id(const struct evidence *evidence, uint16_t id)
{
	size_t i;

	for (i = 0; i < evidence->trial_count; i++)
		if (evidence->trials[i].is_called && evidence->trials[i].id == id)
			return &evidence->trials[i];
	return NULL;
}

static void note_reply(struct trial *trial, uint16_t call)
{
	trial->has_answered = true;
	if (call == CALL_BEYOND)
		trial->has_forwarded = true;
	if (call >= CALL_LARGE && call > trial->largest)
		trial->largest = call;
}

static bool is_echo_request(const struct wire_packet *packet)
{
	return is_icmp(packet) &&
	       is_type(packet, ICMP_ECHO, ICMP6_ECHO_REQUEST);
}

/* An answer to one of our echo requests, or a word about it, by the peer itself. */
static bool note_answer(struct evidence *evidence,
			const struct wire_packet *packet)
{
	struct wire_packet quoted;
	struct trial *trial;
	const uint8_t *echo;

	if (!is_icmp(packet))
		return false;
	echo = packet->payload;
	if (!is_echo_reply(packet)) {
		if (!is_word(packet) || !parse_quoted(&quoted, packet) ||
		    !is_echo_request(&quoted))
			return false;
		echo = quoted.payload;
	}
	trial = trial_by_id(evidence, be16(echo + 4));
	if (!trial || peer_of(evidence, &packet->from) != trial->peer)
		return false;
	note_reply(trial, be16(echo + 6));
	trial->is_direct |= is_echo_reply(packet);
	return true;
}

static bool is_multicast(const struct allowed_ip *ip)
{
	if (ip->family == AF_INET6)
		return ip->v6.s6_addr[0] == 0xff;
	return ntohl(ip->v4.s_addr) >= 0xe0000000;
}

/* Whoever is there answers it, unless it is unwanted. */
static bool is_question(const struct wire_packet *packet)
{
	if (packet->protocol != IPPROTO_TCP)
		return is_echo_request(packet);
	return packet->payload_len > 13 &&
	       (packet->payload[13] & (TH_SYN | TH_ACK)) == TH_SYN;
}

static void note_asked(struct evidence *evidence,
		       const struct wire_packet *packet)
{
	struct asked *asked = &evidence->asked;

	if (is_echo_request(packet) &&
	    trial_by_id(evidence, be16(packet->payload + 4)))
		return;
	asked->out++;
	asked->to = packet->to;
}

/* Somebody in the world answers through it: so it forwards, whatever it says. */
static void note_world(struct evidence *evidence,
		       const struct wire_packet *packet)
{
	size_t i;

	for (i = 0; i < evidence->trial_count; i++) {
		struct trial *trial = &evidence->trials[i];

		if (trial->is_sent_beyond && !trial->has_forwarded &&
		    !ip_is_private(&packet->from))
			trial->has_forwarded =
				peer_of(evidence, &packet->from) == trial->peer;
	}
}

/*
 * Does whoever sent it wait for an answer? Of datagrams nobody can tell, but of
 * those to a name server.
 */
static bool calls_for_answer(const struct wire_packet *packet)
{
	if (packet->protocol == IPPROTO_UDP)
		return packet->payload_len >= UDP_HEADER &&
		       be16(packet->payload + 2) == 53;
	return packet->protocol == IPPROTO_TCP || is_echo_request(packet);
}

/* Is a peer told that nobody is there whom it asks for? */
static bool is_nobody(const struct beyond *beyond,
		      const struct wire_packet *packet)
{
	const bool is_ipv4 = packet->protocol == IPPROTO_ICMP;
	struct wire_packet quoted;

	return beyond->wanted && is_icmp(packet) && is_word(packet) &&
	       packet->payload[1] == (is_ipv4 ? ICMP_HOST_UNREACH :
						ICMP6_DST_UNREACH_ADDR) &&
	       parse_quoted(&quoted, packet) &&
	       ip_equal(&quoted.to, &beyond->to);
}

static bool note_inside(struct evidence *evidence,
			const struct wire_packet *packet)
{
	struct beyond *beyond = &evidence->beyond;

	if (packet->is_out) {
		beyond->returned += beyond->wanted &&
				    (ip_equal(&packet->from, &beyond->to) ||
				     is_nobody(beyond, packet));
		if (is_question(packet))
			note_asked(evidence, packet);
		return false;
	}
	if (note_answer(evidence, packet) || is_multicast(&packet->to))
		return false;
	note_world(evidence, packet);
	evidence->asked.in += !is_question(packet);
	if (!beyond->wanted)
		return calls_for_answer(packet);
	beyond->wanted += ip_equal(&packet->to, &beyond->to) &&
			  ip_equal(&packet->from, &beyond->from);
	return false;
}

/* --- what peers want forwarded --- */

static void note_beyond(struct evidence *evidence,
			const struct wire_packet *packet)
{
	struct beyond *beyond = &evidence->beyond;

	if (packet->is_out && ip_equal(&packet->to, &beyond->to)) {
		beyond->left++;
		/* from peer to peer it has to */
		beyond->has_kept_source =
			packet->ifindex != evidence->link.ifindex &&
			ip_equal(&packet->from, &beyond->from);
		if_indextoname(packet->ifindex, beyond->device);
	} else if (!packet->is_out && ip_equal(&packet->from, &beyond->to)) {
		beyond->answered++;
	}
}

/* --- the tunnel's own datagrams --- */

static struct endpoint endpoint_at(const struct allowed_ip *ip,
				   const uint8_t *port)
{
	struct endpoint endpoint = endpoint_of(ip);

	/* it stands at the same place in both families */
	memcpy(&endpoint.addr.v4.sin_port, port, 2);
	return endpoint;
}

/* Where it is called: it may have moved since. */
static const struct endpoint *called_at(const struct trial *trial)
{
	return &trial->before->endpoint;
}

static bool is_at(const struct endpoint *a, const struct endpoint *b)
{
	const struct allowed_ip first = ip_of(a);
	const struct allowed_ip second = ip_of(b);

	/* ports stand at the same place in both families */
	return first.family != AF_UNSPEC && ip_equal(&first, &second) &&
	       a->addr.v4.sin_port == b->addr.v4.sin_port;
}

static struct trial *trial_at(const struct evidence *evidence,
			      const struct endpoint *endpoint)
{
	size_t i;

	for (i = 0; i < evidence->trial_count; i++)
		if (is_at(called_at(&evidence->trials[i]), endpoint))
			return &evidence->trials[i];
	return NULL;
}

static bool has_index(const struct trial *trial, uint32_t index)
{
	const size_t count = sizeof(trial->indices) / sizeof(*trial->indices);
	size_t i = 0;

	while (i < count && trial->indices[i] != index)
		i++;
	return index && i < count;
}

static struct trial *trial_by_index(const struct evidence *evidence,
				    uint32_t index)
{
	size_t i;

	for (i = 0; i < evidence->trial_count; i++)
		if (has_index(&evidence->trials[i], index))
			return &evidence->trials[i];
	return NULL;
}

static void note_out(struct trial *trial, const uint8_t *message)
{
	unsigned int at = trial->seen.out[WIRE_INITIATION] +
			  trial->seen.out[WIRE_RESPONSE];

	trial->seen.out[message[0]]++;
	/* that of a cookie is not ours, but was said by whom it is for */
	if (message[0] != WIRE_COOKIE)
		trial->indices[at % 8] = le32(message + 4);
}

/* An answer names the index of what it answers: so it is known whose it is. */
static void note_in(struct evidence *evidence, const struct endpoint *from,
		    const uint8_t *message, uint32_t ifindex)
{
	const bool is_answer = message[0] != WIRE_INITIATION;
	struct trial *trial = trial_at(evidence, from);
	struct trial *asked = NULL;

	if (is_answer)
		asked = trial_by_index(evidence, le32(message + (message[0] ==
						 WIRE_RESPONSE ? 8 : 4)));
	if (asked && !is_at(called_at(asked), from))
		asked->elsewhere = *from;
	if (asked)
		trial = asked;
	if (!trial)
		return;
	trial->seen.in[message[0]]++;
	trial->came_by = ifindex;
}

/* As the module takes it: what it does not count nobody has kept from it. */
static bool is_handshake(const struct wire_packet *packet)
{
	static const uint16_t lens[] = { [WIRE_INITIATION] = 148,
					 [WIRE_RESPONSE] = 92,
					 [WIRE_COOKIE] = 64 };
	const uint8_t *udp = packet->payload;
	const uint8_t *message = udp + UDP_HEADER;

	return !packet->is_part && packet->payload_len >= UDP_HEADER + 4 &&
	       message[0] && message[0] < WIRE_DATA &&
	       !message[1] && !message[2] && !message[3] &&
	       be16(udp + 4) == UDP_HEADER + lens[message[0]] &&
	       packet->payload_len >= be16(udp + 4);
}

static void note_datagram(struct evidence *evidence,
			  const struct wire_packet *packet)
{
	const uint16_t port = evidence->now->listen_port;
	const uint8_t *udp = packet->payload;
	const uint8_t *message = udp + UDP_HEADER;
	struct endpoint from, to;
	size_t i;

	if (!is_handshake(packet))
		return;
	from = endpoint_at(&packet->from, udp);
	to = endpoint_at(&packet->to, udp + 2);
	/* whose it is of those who are said to be there nobody can see */
	for (i = 0; i < evidence->trial_count && packet->is_out; i++)
		if (be16(udp) == port &&
		    is_at(called_at(&evidence->trials[i]), &to))
			note_out(&evidence->trials[i], message);
	if (!packet->is_out && be16(udp + 2) == port)
		note_in(evidence, &from, message, packet->ifindex);
}

static void note_word(struct evidence *evidence,
		      const struct wire_packet *packet)
{
	struct wire_packet quoted;
	struct endpoint to;
	struct trial *trial;

	if (!is_word(packet) || !parse_quoted(&quoted, packet) ||
	    quoted.protocol != IPPROTO_UDP ||
	    be16(quoted.payload) != evidence->now->listen_port)
		return;
	to = endpoint_at(&quoted.to, quoted.payload + 2);
	trial = trial_at(evidence, &to);
	if (trial)
		trial->icmp = (struct icmp_word){
			.is_there = true,
			.family = quoted.to.family,
			.type = packet->payload[0],
			.code = packet->payload[1],
			.from = packet->from,
		};
}

bool wire_note(struct evidence *evidence, const struct wire_packet *packet)
{
	if (evidence->beyond.wanted)
		note_beyond(evidence, packet);
	if (packet->ifindex == evidence->link.ifindex)
		return note_inside(evidence, packet);
	if (packet->protocol == IPPROTO_UDP)
		note_datagram(evidence, packet);
	else if (is_icmp(packet))
		note_word(evidence, packet);
	return false;
}
