// SPDX-License-Identifier: GPL-2.0
/*
 * Consumption of initiations and responses. The input is a change to a real
 * handshake: a byte says which message, the rest is XORed over it. A message
 * that was changed must not be accepted, nor may it change stored state; one
 * that was not must be.
 */
#include <sodium.h>

#include "fuzz.h"
#include "proto/noise.h"

struct side {
	struct wg_noise_local local;
	struct wg_noise_remote remote;
	struct wg_noise_handshake hs;
};

static struct side initiator, responder;
static struct wg_message_initiation initiation;
static struct wg_message_response response;
static struct wg_noise_initiation opened;

static void identity(struct wg_noise_local *local, uint8_t byte)
{
	uint8_t key[WG_KEY_SIZE];

	memset(key, byte, sizeof(key));
	wg_noise_local_set(local, key);
}

static void meet(struct side *side, const struct side *other)
{
	memcpy(side->remote.public_key, other->local.public_key,
	       WG_KEY_SIZE);
	memset(side->remote.psk, 9, WG_KEY_SIZE);
	CLAIM(wg_noise_remote_pair(&side->remote, &side->local));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct wg_noise_fresh fresh = { .index = 7 };

	(void)argc;
	(void)argv;
	CLAIM(sodium_init() >= 0);
	identity(&initiator.local, 1);
	identity(&responder.local, 2);
	meet(&initiator, &responder);
	meet(&responder, &initiator);
	wg_timestamp_encode(&fresh.timestamp, 1700000000, 0);
	memset(fresh.ephemeral, 3, sizeof(fresh.ephemeral));
	CLAIM(!wg_noise_create_initiation(&initiation, &initiator.hs,
					  &initiator.local,
					  &initiator.remote, &fresh));
	CLAIM(!wg_noise_open_initiation(&opened, &initiation,
					&responder.local));
	CLAIM(!wg_noise_check_initiation(&opened, &initiation,
					 &responder.remote));
	memset(fresh.ephemeral, 4, sizeof(fresh.ephemeral));
	CLAIM(!wg_noise_create_response(&response, &responder.hs, &opened,
					&responder.remote, &fresh));
	return 0;
}

/* XOR the input over @len bytes. Return: whether the @len bytes changed. */
static int change(void *message, size_t len, const uint8_t *data, size_t size)
{
	uint8_t *bytes = message;
	int changed = 0;
	size_t i;

	for (i = 0; i < len && i < size; i++) {
		bytes[i] ^= data[i];
		changed |= data[i];
	}
	return changed;
}

/* From the ephemeral to the end of the timestamp. */
static void try_initiation(const uint8_t *data, size_t size)
{
	struct wg_message_initiation message = initiation;
	struct wg_noise_initiation got;
	int changed = change(message.ephemeral, 108, data, size);
	enum wg_noise_verdict verdict;

	verdict = wg_noise_open_initiation(&got, &message, &responder.local);
	if (verdict == WG_NOISE_OK)
		verdict = wg_noise_check_initiation(&got, &message,
						    &responder.remote);
	/* X25519 ignores the top bit, the hash of the message does not. */
	CLAIM((verdict == WG_NOISE_OK) == !changed);
	CLAIM(verdict == WG_NOISE_OK || verdict == WG_NOISE_BAD_STATIC ||
	      verdict == WG_NOISE_BAD_TIMESTAMP ||
	      verdict == WG_NOISE_LOW_ORDER_EPHEMERAL);
}

/* From the receiver index to the end of the tag. */
static void try_response(const uint8_t *data, size_t size)
{
	struct wg_noise_handshake hs = initiator.hs;
	struct wg_message_response message = response;
	int changed = change((uint8_t *)&message + 8, 52, data, size);
	enum wg_noise_verdict verdict;

	verdict = wg_noise_consume_response(&hs, &message, &initiator.local,
					    &initiator.remote);
	CLAIM((verdict == WG_NOISE_OK) == !changed);
	if (verdict != WG_NOISE_OK)
		CLAIM(!memcmp(&hs, &initiator.hs, sizeof(hs)));
}

/* Bytes that have nothing to do with a handshake. */
static void try_garbage(const uint8_t *data, size_t size)
{
	struct wg_message_initiation message;
	struct wg_noise_initiation got;

	fuzz_take(&message, sizeof(message), &data, &size);
	if (!memcmp(message.ephemeral, initiation.ephemeral, 80))
		return;
	CLAIM(wg_noise_open_initiation(&got, &message, &responder.local) !=
	      WG_NOISE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	switch (data[0] % 3) {
	case 0:
		try_initiation(data + 1, size - 1);
		break;
	case 1:
		try_response(data + 1, size - 1);
		break;
	case 2:
		try_garbage(data + 1, size - 1);
		break;
	}
	return 0;
}
