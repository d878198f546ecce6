// SPDX-License-Identifier: GPL-2.0
#include "doctor/call.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <unistd.h>

#define NUMBERS 16 /* addresses of a network that are tried */
#define NEARLY_ALL 8 /* shorter prefixes are parts of the whole world */

static int open_one(uint16_t family, const char *interface)
{
	const bool is_ipv4 = family == AF_INET;
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			is_ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	int probe = is_ipv4 ? IP_PMTUDISC_PROBE : IPV6_PMTUDISC_PROBE, one = 1;

	if (fd < 0)
		return -1;
	if (!setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
			(socklen_t)strlen(interface) + 1) &&
	    !setsockopt(fd, is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
			is_ipv4 ? IP_TTL : IPV6_UNICAST_HOPS, &one,
			sizeof(one)) &&
	    !setsockopt(fd, is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6,
			is_ipv4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, &probe,
			sizeof(probe)))
		return fd;
	close(fd);
	return -1;
}

void caller_open(struct caller *caller, const char *interface)
{
	size_t i;

	for (i = 0; i < IP_FAMILIES; i++)
		caller->fd[i] = open_one(ip_families[i], interface);
}

void caller_close(struct caller *caller)
{
	size_t i;

	for (i = 0; i < IP_FAMILIES; i++)
		if (caller->fd[i] >= 0)
			close(caller->fd[i]);
}

/* RFC 1071; of ICMPv6 the kernel does it. */
static uint16_t checksum(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	if (len & 1)
		sum += (uint32_t)bytes[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_echo(uint8_t *echo, size_t len, uint16_t family,
		     const uint16_t *id_and_sequence)
{
	uint16_t sum, words[2] = { htons(id_and_sequence[0]),
				   htons(id_and_sequence[1]) };

	memset(echo, 0, len);
	echo[0] = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	memcpy(echo + 4, words, sizeof(words));
	if (family != AF_INET)
		return;
	sum = htons(checksum(echo, len));
	memcpy(echo + 2, &sum, sizeof(sum));
}

bool call(const struct caller *caller, const struct allowed_ip *to,
	  uint16_t id, uint16_t sequence, size_t len)
{
	const uint16_t words[2] = { id, sequence };
	const bool is_ipv4 = to->family == AF_INET;
	const struct endpoint endpoint = endpoint_of(to);
	uint8_t echo[CALL_LEN_MAX];
	int fd = caller->fd[!is_ipv4];

	len -= is_ipv4 ? 20 : 40;
	if (fd < 0 || len > sizeof(echo)) {
		errno = EINVAL; /* whatever it was before: nobody has forbidden it */
		return false;
	}
	put_echo(echo, len, to->family, words);
	return sendto(fd, echo, len, 0, &endpoint.addr.sa,
		      sizeof(endpoint.addr)) == (ssize_t)len;
}

struct allowed_ip call_nobody(uint16_t family)
{
	struct in6_addr address;

	inet_pton(family, family == AF_INET ? "192.0.2.1" : "2001:db8::1",
		  &address);
	return ip_host(family, &address);
}

/* The @number-th address of a network; a single address is itself. */
static struct allowed_ip address_in(const struct allowed_ip *net,
				    uint8_t number)
{
	const uint8_t full = net->family == AF_INET ? 32 : 128;
	struct allowed_ip ip = *net;

	ip_mask(&ip);
	if (net->cidr < full)
		((uint8_t *)&ip.v6)[ip_len(&ip) - 1] |= number;
	ip.cidr = full;
	return ip;
}

/* One of the first that is the peer's, by its longest prefix, and not ours. */
static bool choose_in(struct allowed_ip *to, const struct allowed_ip *net,
		      const struct peer *peer, const struct evidence *evidence)
{
	uint8_t number;

	for (number = 1; number < NUMBERS; number++) {
		*to = address_in(net, number);
		if (!is_among(to, &evidence->addresses) &&
		    peer_of(evidence, to) == peer)
			return true;
	}
	return false;
}

/* Of a peer that takes nearly everything: one of our own network, or of none. */
static bool choose_beside(struct allowed_ip *to, const struct peer *peer,
			  const struct evidence *evidence)
{
	const struct allowed_ips *addresses = &evidence->addresses;
	size_t i;

	for (i = 0; i < addresses->count; i++)
		if (choose_in(to, &addresses->items[i], peer, evidence))
			return true;
	for (i = 0; i < addresses->count; i++) {
		*to = call_nobody(addresses->items[i].family);
		if (peer_of(evidence, to) == peer)
			return true;
	}
	return false;
}

bool call_choose(struct allowed_ip *to, const struct peer *peer,
		 const struct evidence *evidence)
{
	const struct allowed_ip *best = NULL;
	struct allowed_ip one;
	size_t i;

	for (i = 0; i < peer->ips.count; i++) {
		const struct allowed_ip *ip = &peer->ips.items[i];

		if (ip->cidr < NEARLY_ALL ||
		    !ips_have_family(&evidence->addresses, ip->family) ||
		    (best && ip->cidr * ip_len(best) <= best->cidr * ip_len(ip)) ||
		    !choose_in(&one, ip, peer, evidence))
			continue;
		best = ip;
		*to = one;
	}
	return best || choose_beside(to, peer, evidence);
}
