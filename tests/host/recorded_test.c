// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that wireguard-go sent, taken with the keys that were used: see
 * vectors/README.
 */
#include <string.h>

#include "harness.h"
#include "proto/cookie.h"
#include "proto/noise.h"
#include "vectors.h"

#define FILE_NAME "wireguard-go.json"

struct recording {
	struct wg_noise_local local;
	struct wg_noise_remote remote;
	struct wg_noise_fresh fresh;
	struct wg_noise_handshake hs;
	struct wg_noise_keys keys;
};

/* Static key, ephemeral key and index as in record.c. */
static void load(struct recording *r, u8 static_byte, u8 ephemeral_byte)
{
	u8 key[WG_KEY_SIZE];

	memset(r, 0, sizeof(*r));
	memset(key, static_byte, sizeof(key));
	wg_noise_local_set(&r->local, key);
	vector_exact(FILE_NAME, "other_public", r->remote.public_key, 32);
	vector_exact(FILE_NAME, "psk", r->remote.psk, 32);
	CHECK(wg_noise_remote_pair(&r->remote, &r->local));
	memset(r->fresh.ephemeral, ephemeral_byte, 32);
	r->fresh.index = cpu_to_le32(0x01020300 + ephemeral_byte);
}

/* A ping from 10.9.0.9 to 10.9.0.@last under the recorded session? */
static void check_ping(const char *name, const struct recording *r, u8 last)
{
	const u8 source[4] = { 10, 9, 0, 9 }, target[4] = { 10, 9, 0, last };
	u8 bytes[512], inner[512];
	struct wg_message_data *message = (void *)bytes;
	size_t len;

	len = vector_get(FILE_NAME, name, 0, bytes, sizeof(bytes));
	if (!CHECK_EQ(wg_wire_parse(bytes, len), WG_MESSAGE_DATA))
		return;
	CHECK_EQ(message->receiver_index, r->fresh.index);
	if (!CHECK(wg_aead_open(inner, message->ciphertext, len - 16, NULL, 0,
				le64_to_cpu(message->counter),
				r->keys.receive)))
		return;
	CHECK_EQ(inner[0], 0x45);
	CHECK_EQ(inner[2] << 8 | inner[3], 84);
	CHECK_EQ(inner[9], 1);
	CHECK_BYTES(inner + 12, source, 4);
	CHECK_BYTES(inner + 16, target, 4);
	CHECK_EQ(len, WG_DATA_OVERHEAD + wg_wire_padded_len(84, 1420));
}

TEST(recorded_response_completes_our_initiation)
{
	struct wg_message_initiation initiation;
	struct wg_message_response response;
	struct recording r;

	load(&r, 0x11, 0x12);
	vector_exact(FILE_NAME, "initiator_timestamp", &r.fresh.timestamp,
		     12);
	CHECK_EQ(wg_noise_create_initiation(&initiation, &r.hs, &r.local,
					    &r.remote, &r.fresh),
		 WG_NOISE_OK);
	vector_exact(FILE_NAME, "response", &response, sizeof(response));
	CHECK_EQ(wg_wire_parse(&response, sizeof(response)),
		 WG_MESSAGE_RESPONSE);
	CHECK_EQ(wg_noise_consume_response(&r.hs, &response, &r.local,
					   &r.remote), WG_NOISE_OK);
	CHECK_EQ(wg_noise_derive(&r.keys, &r.hs), WG_NOISE_OK);
	check_ping("data_to_initiator", &r, 1);
}

static void open_recorded(struct recording *r, const char *name,
			  struct wg_noise_initiation *opened)
{
	struct wg_message_initiation initiation;

	vector_exact(FILE_NAME, name, &initiation, sizeof(initiation));
	CHECK_EQ(wg_wire_parse(&initiation, sizeof(initiation)),
		 WG_MESSAGE_INITIATION);
	CHECK_EQ(wg_noise_open_initiation(opened, &initiation, &r->local),
		 WG_NOISE_OK);
	CHECK_BYTES(opened->remote_static, r->remote.public_key, 32);
	CHECK_EQ(wg_noise_check_initiation(opened, &initiation, &r->remote),
		 WG_NOISE_OK);
}

TEST(recorded_initiation_gets_our_response)
{
	struct wg_message_response response;
	struct wg_noise_initiation opened;
	struct recording r;

	load(&r, 0x21, 0x22);
	open_recorded(&r, "initiation_with_cookie", &opened);
	CHECK_EQ(wg_noise_create_response(&response, &r.hs, &opened,
					  &r.remote, &r.fresh), WG_NOISE_OK);
	CHECK_EQ(wg_noise_derive(&r.keys, &r.hs), WG_NOISE_OK);
	check_ping("data_to_responder", &r, 2);
}

TEST(recorded_initiations_are_in_order)
{
	struct wg_noise_initiation first, second;
	struct wg_noise_past past = { };
	struct recording r;

	load(&r, 0x21, 0x22);
	open_recorded(&r, "initiation", &first);
	open_recorded(&r, "initiation_with_cookie", &second);
	wg_noise_past_note(&past, &first.timestamp, 1);
	CHECK_EQ(wg_noise_past_check(&past, &second.timestamp,
				     5 * WG_NS_PER_S), WG_NOISE_OK);
	wg_noise_past_note(&past, &second.timestamp, 5 * WG_NS_PER_S);
	CHECK_EQ(wg_noise_past_check(&past, &first.timestamp,
				     10 * WG_NS_PER_S), WG_NOISE_REPLAY);
}

TEST(recorded_messages_have_right_macs)
{
	static const u8 no_mac[WG_MAC_SIZE];
	struct wg_message_initiation initiation;
	struct wg_cookie_checker checker = { };
	struct wg_cookie_source source;
	struct recording r;
	u8 secret[32];

	load(&r, 0x21, 0x22);
	wg_cookie_checker_set_key(&checker, r.local.public_key);
	memset(secret, 0x23, sizeof(secret));
	wg_cookie_checker_set_secret(&checker, secret, 0);
	source.len = vector_get(FILE_NAME, "cookie_source", 0, source.bytes,
				sizeof(source.bytes));

	vector_exact(FILE_NAME, "initiation", &initiation,
		     sizeof(initiation));
	CHECK(wg_cookie_checker_has_mac1(&checker, &initiation,
					 sizeof(initiation)));
	CHECK_BYTES(initiation.macs.mac2, no_mac, WG_MAC_SIZE);
	CHECK(!wg_cookie_checker_has_mac2(&checker, &initiation,
					  sizeof(initiation), &source, 1));

	/* wireguard-go took our cookie reply, and used it as we read it. */
	vector_exact(FILE_NAME, "initiation_with_cookie", &initiation,
		     sizeof(initiation));
	CHECK(wg_cookie_checker_has_mac1(&checker, &initiation,
					 sizeof(initiation)));
	CHECK(wg_cookie_checker_has_mac2(&checker, &initiation,
					 sizeof(initiation), &source, 1));
}

TEST(recorded_cookie_reply_is_taken)
{
	struct wg_message_initiation flood;
	struct wg_cookie_maker maker = { };
	struct wg_message_cookie reply;
	u8 mac1[WG_MAC_SIZE];
	struct recording r;

	load(&r, 0x11, 0x12);
	vector_exact(FILE_NAME, "flood_message", &flood, sizeof(flood));
	vector_exact(FILE_NAME, "cookie_reply", &reply, sizeof(reply));
	CHECK_EQ(wg_wire_parse(&reply, sizeof(reply)), WG_MESSAGE_COOKIE);
	CHECK_EQ(reply.receiver_index, flood.sender_index);
	memcpy(mac1, flood.macs.mac1, WG_MAC_SIZE);
	wg_cookie_maker_stamp(&maker, &flood, sizeof(flood),
			      r.remote.public_key, 0);
	CHECK_BYTES(flood.macs.mac1, mac1, WG_MAC_SIZE);
	CHECK_EQ(wg_cookie_maker_take(&maker, &reply, r.remote.public_key, 0),
		 WG_COOKIE_OK);
}
