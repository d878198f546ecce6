// SPDX-License-Identifier: GPL-2.0
#include <netdb.h>
#include <string.h>

#include "doctor/look.h"
#include "lib/clock.h"
#include "lib/xalloc.h"

#define NAMES_MAX 32 /* that are looked up: each may take seconds */
#define NAMES_S 20 /* and after which no further one is begun */

static bool leads_to(const struct addrinfo *found, const struct peer *peer)
{
	struct endpoint one = { 0 };

	for (; found; found = found->ai_next) {
		if (found->ai_addrlen > sizeof(one.addr))
			continue;
		memcpy(&one.addr, found->ai_addr, found->ai_addrlen);
		if (endpoint_equal(&one, &peer->endpoint))
			return true;
	}
	return false;
}

/* The first address of the family that is not called; or it stays empty. */
static void note_other(struct trial *trial, const struct addrinfo *found)
{
	const uint16_t called = trial->peer->endpoint.addr.sa.sa_family;

	while (found && (found->ai_family == called ||
			 found->ai_addrlen > sizeof(trial->other.addr)))
		found = found->ai_next;
	if (found)
		memcpy(&trial->other.addr, found->ai_addr, found->ai_addrlen);
}

static void look_up(struct trial *trial)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC,
					.ai_socktype = SOCK_DGRAM,
					.ai_protocol = IPPROTO_UDP };
	const struct endpoint *wanted = &trial->file->endpoint;
	struct addrinfo *found = NULL;
	int error = getaddrinfo(wanted->host, wanted->port, &hints, &found);

	if (error) {
		trial->name = NAME_FAILS;
		trial->name_is_unsure = error != EAI_NONAME;
		trial->name_error = xstrdup(gai_strerror(error));
		return;
	}
	if (found && found->ai_addrlen <= sizeof(trial->named.addr))
		memcpy(&trial->named.addr, found->ai_addr, found->ai_addrlen);
	note_other(trial, found);
	trial->name = trial->peer->has & PEER_HAS_ENDPOINT &&
				      leads_to(found, trial->peer) ?
			      NAME_SAME :
			      NAME_ELSEWHERE;
	freeaddrinfo(found);
}

/* One that answers is where we think it is. */
static bool is_doubtful(const struct evidence *evidence,
			const struct trial *trial)
{
	return trial->file && trial->file->has & PEER_HAS_ENDPOINT &&
	       endpoint_has_name(&trial->file->endpoint) &&
	       !trial->has_answered &&
	       !peer_is_off(trial->peer, evidence->now_s) &&
	       trial->peer->stats->rx_bytes == trial->before->stats->rx_bytes;
}

void look_at_names(struct evidence *evidence)
{
	const int64_t until_ms = clock_now_ms() + NAMES_S * 1000;
	size_t i, names = 0;

	for (i = 0; i < evidence->trial_count && names < NAMES_MAX; i++) {
		if (clock_now_ms() >= until_ms)
			return;
		if (is_doubtful(evidence, &evidence->trials[i])) {
			look_up(&evidence->trials[i]);
			names++;
		}
	}
}
