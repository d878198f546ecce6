// SPDX-License-Identifier: GPL-2.0
#include "model/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/signal.h"

#define RETRIES_DEFAULT 15
#define RETRIES_FOREVER UINT32_MAX
#define WAIT_FIRST_MS 1000
#define WAIT_MOST_MS 90000

static uint32_t retries_allowed(void)
{
	const char *text = getenv("WG_ENDPOINT_RESOLUTION_RETRIES");
	unsigned long number;
	char *end;

	if (!text || !*text)
		return RETRIES_DEFAULT;
	if (!strcasecmp(text, "infinity"))
		return RETRIES_FOREVER;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *end || number >= RETRIES_FOREVER)
		return RETRIES_DEFAULT;
	return (uint32_t)number;
}

/* Will asking again never help? A name may not be known yet at boot. */
static bool is_final(int error)
{
	return error != EAI_AGAIN && error != EAI_SYSTEM;
}

/* A fifth longer each time. */
static uint32_t next_wait_ms(uint32_t wait_ms)
{
	uint32_t longer = wait_ms + wait_ms / 5;

	return longer > WAIT_MOST_MS ? WAIT_MOST_MS : longer;
}

static void wait_before_retry(const struct endpoint *endpoint, int error,
			      uint32_t wait_ms)
{
	struct timespec left = { wait_ms / 1000,
				 (long)(wait_ms % 1000) * 1000000 };

	fprintf(stderr,
		"wgctl: cannot resolve '%s': %s; trying again in %u.%02u seconds\n",
		SHOWN(endpoint->host), gai_strerror(error), wait_ms / 1000,
		wait_ms % 1000 / 10);
	while (nanosleep(&left, &left) && errno == EINTR &&
	       !signal_caught())
		;
}

/* Takes the resolver's first choice. */
static bool take_address(struct endpoint *endpoint,
			 const struct addrinfo *found)
{
	for (; found; found = found->ai_next) {
		if (found->ai_family != AF_INET && found->ai_family != AF_INET6)
			continue;
		if (found->ai_addrlen > sizeof(endpoint->addr))
			continue;
		memcpy(&endpoint->addr, found->ai_addr, found->ai_addrlen);
		return true;
	}
	return false;
}

int resolve_endpoint(struct endpoint *endpoint, struct fault *fault)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_DGRAM,
					.ai_protocol = IPPROTO_UDP };
	uint32_t wait_ms = WAIT_FIRST_MS, tries = retries_allowed();
	struct addrinfo *found = NULL;
	bool taken;
	int error;

	if (!endpoint->host)
		return 0;
	for (;;) {
		error = getaddrinfo(endpoint->host, endpoint->port, &hints,
				    &found);
		if (!error || is_final(error) || !tries || signal_caught())
			break;
		wait_before_retry(endpoint, error, wait_ms);
		wait_ms = next_wait_ms(wait_ms);
		if (tries != RETRIES_FOREVER)
			tries--;
	}
	if (error)
		return fault_set(fault, -EHOSTUNREACH,
				 "cannot resolve '%s', port '%s': %s",
				 SHOWN(endpoint->host), SHOWN(endpoint->port),
				 gai_strerror(error));
	taken = take_address(endpoint, found);
	freeaddrinfo(found);
	if (!taken)
		return fault_set(fault, -EHOSTUNREACH,
				 "'%s' has no IPv4 or IPv6 address",
				 SHOWN(endpoint->host));
	return 0;
}

int resolve_tunnel(struct tunnel *tunnel, const char *path,
		   struct fault *fault)
{
	size_t i;

	for (i = 0; i < tunnel->peer_count; i++) {
		struct peer *peer = tunnel->peers[i];

		if (peer->has & PEER_HAS_ENDPOINT &&
		    resolve_endpoint(&peer->endpoint, fault))
			return fault_at(fault, path, peer->line, 0);
	}
	return 0;
}
