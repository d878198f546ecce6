// SPDX-License-Identifier: GPL-2.0
#include <crypto/curve25519.h>
#include <string.h>

#include "harness.h"
#include "proto/noise.h"
#include "vectors.h"

#define FILE_NAME "noise-ikpsk2.json"

/* The published handshake. Its prologue and payloads are not WireGuard's. */

struct cacophony {
	struct wg_noise_symmetric symmetric;
	u8 prologue[9], psk[32], resp_public[32], init_public[32];
	u8 init_static[32], init_ephemeral[32];
	u8 resp_static[32], resp_ephemeral[32];
	u8 sealed[256], payload[64], opened[64];
	size_t sealed_len, payload_len;
};

static void load_keys(struct cacophony *c)
{
	vector_exact(FILE_NAME, "init_prologue", c->prologue, 9);
	vector_get(FILE_NAME, "init_psks", 0, c->psk, 32);
	vector_exact(FILE_NAME, "init_static", c->init_static, 32);
	vector_exact(FILE_NAME, "init_ephemeral", c->init_ephemeral, 32);
	vector_exact(FILE_NAME, "init_remote_static", c->resp_public, 32);
	vector_exact(FILE_NAME, "resp_static", c->resp_static, 32);
	vector_exact(FILE_NAME, "resp_ephemeral", c->resp_ephemeral, 32);
	curve25519_clamp_secret(c->init_static);
	curve25519_clamp_secret(c->init_ephemeral);
	curve25519_clamp_secret(c->resp_static);
	curve25519_clamp_secret(c->resp_ephemeral);
	CHECK(curve25519_generate_public(c->init_public, c->init_static));
}

static void load_message(struct cacophony *c, unsigned int number)
{
	c->payload_len = vector_get(FILE_NAME, "payload", number, c->payload,
				    sizeof(c->payload));
	c->sealed_len = vector_get(FILE_NAME, "ciphertext", number, c->sealed,
				   sizeof(c->sealed));
}

static void begin(struct cacophony *c)
{
	wg_noise_begin(&c->symmetric, wg_bytes(c->prologue, 9));
	wg_noise_mix_hash(&c->symmetric, wg_bytes(c->resp_public, 32));
}

static void mix_e(struct cacophony *c, const u8 *e)
{
	wg_noise_mix_hash(&c->symmetric, wg_bytes(e, 32));
	wg_noise_mix_key(&c->symmetric, NULL, e);
}

static void write_first(struct cacophony *c)
{
	struct wg_noise_symmetric *s = &c->symmetric;
	u8 got[256], key[32];

	load_message(c, 0);
	begin(c);
	CHECK(curve25519_generate_public(got, c->init_ephemeral));
	mix_e(c, got);
	CHECK(wg_noise_mix_dh(s, key, c->init_ephemeral, c->resp_public));
	wg_noise_seal(s, got + 32, wg_bytes(c->init_public, 32), key);
	CHECK(wg_noise_mix_dh(s, key, c->init_static, c->resp_public));
	wg_noise_seal(s, got + 80, wg_bytes(c->payload, c->payload_len), key);
	CHECK_EQ(c->sealed_len, 80 + c->payload_len + 16);
	CHECK_BYTES(got, c->sealed, c->sealed_len);
}

static void read_first(struct cacophony *c)
{
	struct wg_noise_symmetric *s = &c->symmetric;
	u8 key[32];

	load_message(c, 0);
	begin(c);
	mix_e(c, c->sealed);
	CHECK(wg_noise_mix_dh(s, key, c->resp_static, c->sealed));
	CHECK(wg_noise_open(s, c->opened, wg_bytes(c->sealed + 32, 48), key));
	CHECK_BYTES(c->opened, c->init_public, 32);
	CHECK(wg_noise_mix_dh(s, key, c->resp_static, c->init_public));
	CHECK(wg_noise_open(s, c->opened,
			    wg_bytes(c->sealed + 80, c->sealed_len - 80),
			    key));
	CHECK_BYTES(c->opened, c->payload, c->payload_len);
}

static void write_second(struct cacophony *c, const u8 *init_ephemeral)
{
	struct wg_noise_symmetric *s = &c->symmetric;
	u8 got[256], key[32];

	load_message(c, 1);
	CHECK(curve25519_generate_public(got, c->resp_ephemeral));
	mix_e(c, got);
	CHECK(wg_noise_mix_dh(s, NULL, c->resp_ephemeral, init_ephemeral));
	CHECK(wg_noise_mix_dh(s, NULL, c->resp_ephemeral, c->init_public));
	wg_noise_mix_psk(s, key, c->psk);
	wg_noise_seal(s, got + 32, wg_bytes(c->payload, c->payload_len), key);
	CHECK_BYTES(got, c->sealed, c->sealed_len);
}

static void read_second(struct cacophony *c)
{
	struct wg_noise_symmetric *s = &c->symmetric;
	u8 key[32];

	load_message(c, 1);
	mix_e(c, c->sealed);
	CHECK(wg_noise_mix_dh(s, NULL, c->init_ephemeral, c->sealed));
	CHECK(wg_noise_mix_dh(s, NULL, c->init_static, c->sealed));
	wg_noise_mix_psk(s, key, c->psk);
	CHECK(wg_noise_open(s, c->opened,
			    wg_bytes(c->sealed + 32, c->sealed_len - 32),
			    key));
	CHECK_BYTES(c->opened, c->payload, c->payload_len);
}

/* Messages 2 and 4 are the initiator's, 3 and 5 the responder's. */
static void check_transport(struct cacophony *c)
{
	u8 keys[2][32], expected[32], got[256];
	unsigned int i;

	vector_exact(FILE_NAME, "handshake_hash", expected, 32);
	CHECK_BYTES(c->symmetric.hash, expected, 32);
	wg_noise_split(&c->symmetric, keys[0], keys[1]);
	for (i = 0; i < 4; i++) {
		load_message(c, 2 + i);
		wg_aead_seal(got, c->payload, c->payload_len, NULL, 0, i / 2,
			     keys[i % 2]);
		CHECK_BYTES(got, c->sealed, c->sealed_len);
	}
}

TEST(noise_published_vector_as_initiator)
{
	struct cacophony c;

	load_keys(&c);
	write_first(&c);
	read_second(&c);
	check_transport(&c);
}

TEST(noise_published_vector_as_responder)
{
	struct cacophony c;
	u8 e[32];

	load_keys(&c);
	read_first(&c);
	memcpy(e, c.sealed, 32);
	write_second(&c, e);
	check_transport(&c);
}

/* WireGuard's messages between two of us. */

struct side {
	struct wg_noise_local local;
	struct wg_noise_remote remote; /* the other side */
	struct wg_noise_handshake hs;
	struct wg_noise_fresh fresh;
	struct wg_noise_keys keys;
};

struct pair {
	struct side a, b; /* initiator, responder */
	struct wg_message_initiation initiation;
	struct wg_message_response response;
	struct wg_noise_initiation opened;
};

static const u8 zero_key[32];

/* A point of low order. */
static const u8 low_order[32] = { 1 };

static void make_side(struct side *side, struct random *random)
{
	u8 key[32];

	memset(side, 0, sizeof(*side));
	random_bytes(random, key, 32);
	wg_noise_local_set(&side->local, key);
	random_bytes(random, side->fresh.ephemeral, 32);
	side->fresh.index = (__le32)random_u64(random);
	wg_timestamp_encode(&side->fresh.timestamp, 1700000000, 500000000);
}

static void meet(struct side *side, const struct side *other)
{
	memcpy(side->remote.public_key, other->local.public_key, 32);
	CHECK(wg_noise_remote_pair(&side->remote, &side->local));
}

static void make_pair(struct pair *pair)
{
	struct random random = { 1701 };

	memset(pair, 0, sizeof(*pair));
	make_side(&pair->a, &random);
	make_side(&pair->b, &random);
	meet(&pair->a, &pair->b);
	meet(&pair->b, &pair->a);
	random_bytes(&random, pair->a.remote.psk, 32);
	memcpy(pair->b.remote.psk, pair->a.remote.psk, 32);
}

static enum wg_noise_verdict initiate(struct pair *pair)
{
	return wg_noise_create_initiation(&pair->initiation, &pair->a.hs,
					  &pair->a.local, &pair->a.remote,
					  &pair->a.fresh);
}

static enum wg_noise_verdict open_it(struct pair *pair)
{
	return wg_noise_open_initiation(&pair->opened, &pair->initiation,
					&pair->b.local);
}

static enum wg_noise_verdict check_it(struct pair *pair)
{
	return wg_noise_check_initiation(&pair->opened, &pair->initiation,
					 &pair->b.remote);
}

static enum wg_noise_verdict respond(struct pair *pair)
{
	return wg_noise_create_response(&pair->response, &pair->b.hs,
					&pair->opened, &pair->b.remote,
					&pair->b.fresh);
}

static enum wg_noise_verdict consume(struct pair *pair)
{
	return wg_noise_consume_response(&pair->a.hs, &pair->response,
					 &pair->a.local, &pair->a.remote);
}

static void until_initiation(struct pair *pair)
{
	make_pair(pair);
	CHECK_EQ(initiate(pair), WG_NOISE_OK);
}

static void until_opened(struct pair *pair)
{
	until_initiation(pair);
	CHECK_EQ(open_it(pair), WG_NOISE_OK);
}

static void until_response(struct pair *pair)
{
	until_opened(pair);
	CHECK_EQ(check_it(pair), WG_NOISE_OK);
	CHECK_EQ(respond(pair), WG_NOISE_OK);
}

TEST(noise_handshake_gives_both_sides_the_same_keys)
{
	struct pair pair;

	until_response(&pair);
	CHECK_EQ(consume(&pair), WG_NOISE_OK);
	CHECK(wg_noise_is_initiator(&pair.a.hs));
	CHECK(!wg_noise_is_initiator(&pair.b.hs));
	CHECK_EQ(pair.a.hs.remote_index, pair.b.fresh.index);
	CHECK_EQ(pair.b.hs.remote_index, pair.a.fresh.index);
	CHECK_EQ(pair.a.hs.local_index, pair.a.fresh.index);
	CHECK_EQ(pair.b.hs.local_index, pair.b.fresh.index);
	CHECK_EQ(wg_noise_derive(&pair.a.keys, &pair.a.hs), WG_NOISE_OK);
	CHECK_EQ(wg_noise_derive(&pair.b.keys, &pair.b.hs), WG_NOISE_OK);
	CHECK_BYTES(pair.a.keys.send, pair.b.keys.receive, 32);
	CHECK_BYTES(pair.a.keys.receive, pair.b.keys.send, 32);
	CHECK(memcmp(pair.a.keys.send, pair.a.keys.receive, 32));
}

TEST(noise_initiation_says_who_and_when)
{
	struct pair pair;

	until_opened(&pair);
	CHECK_EQ(check_it(&pair), WG_NOISE_OK);
	CHECK_BYTES(pair.opened.remote_static, pair.a.local.public_key, 32);
	CHECK_BYTES(&pair.opened.timestamp, &pair.a.fresh.timestamp, 12);
	CHECK_EQ(pair.opened.remote_index, pair.a.fresh.index);
	CHECK_EQ(wg_wire_parse(&pair.initiation, sizeof(pair.initiation)),
		 WG_MESSAGE_INITIATION);
}

TEST(noise_response_answers_to_the_sender_index)
{
	struct pair pair;

	until_response(&pair);
	CHECK_EQ(pair.response.receiver_index, pair.a.fresh.index);
	CHECK_EQ(pair.response.sender_index, pair.b.fresh.index);
	CHECK_EQ(wg_wire_parse(&pair.response, sizeof(pair.response)),
		 WG_MESSAGE_RESPONSE);
}

TEST(noise_derive_wipes_the_handshake)
{
	static const struct wg_noise_handshake wiped;
	struct pair pair;

	until_response(&pair);
	CHECK_EQ(consume(&pair), WG_NOISE_OK);
	CHECK_BYTES(pair.a.hs.ephemeral_private, zero_key, 32);
	wg_noise_derive(&pair.a.keys, &pair.a.hs);
	CHECK_BYTES(&pair.a.hs, &wiped, sizeof(wiped));
	wg_noise_derive(&pair.b.keys, &pair.b.hs);
	CHECK_BYTES(&pair.b.hs, &wiped, sizeof(wiped));
}

TEST(noise_forget_wipes_a_handshake_under_way)
{
	static const struct wg_noise_handshake wiped;
	struct pair pair;

	until_initiation(&pair);
	wg_noise_forget(&pair.a.hs);
	CHECK_BYTES(&pair.a.hs, &wiped, sizeof(wiped));
}

TEST(noise_ephemerals_are_clamped)
{
	struct pair pair;

	make_pair(&pair);
	memset(pair.a.fresh.ephemeral, 0xff, 32);
	CHECK_EQ(initiate(&pair), WG_NOISE_OK);
	CHECK_EQ(pair.a.hs.ephemeral_private[0], 0xf8);
	CHECK_EQ(pair.a.hs.ephemeral_private[31], 0x7f);
}

TEST(noise_without_key_nothing_goes)
{
	struct pair pair;

	until_response(&pair);
	wg_noise_local_set(&pair.a.local, NULL);
	CHECK_EQ(consume(&pair), WG_NOISE_NO_KEY);
	CHECK_EQ(pair.a.hs.state, WG_NOISE_INITIATION_SENT);
	CHECK_EQ(initiate(&pair), WG_NOISE_NO_KEY);
	wg_noise_local_set(&pair.b.local, zero_key);
	CHECK_EQ(open_it(&pair), WG_NOISE_NO_KEY);
}

TEST(noise_local_set_clears_both_keys_for_no_key)
{
	struct pair pair;

	make_pair(&pair);
	CHECK(pair.a.local.has_key);
	wg_noise_local_set(&pair.a.local, zero_key);
	CHECK(!pair.a.local.has_key);
	CHECK_BYTES(pair.a.local.private_key, zero_key, 32);
	CHECK_BYTES(pair.a.local.public_key, zero_key, 32);
	CHECK(!wg_noise_remote_pair(&pair.a.remote, &pair.a.local));
	CHECK_BYTES(pair.a.remote.static_static, zero_key, 32);
}

TEST(noise_a_shared_secret_is_of_one_key_of_ours)
{
	u8 key[32] = { 0x40, [31] = 0x40 };
	struct pair pair;

	make_pair(&pair);
	CHECK(wg_noise_is_paired(&pair.a.remote, &pair.a.local));
	wg_noise_local_set(&pair.a.local, key);
	CHECK(!wg_noise_is_paired(&pair.a.remote, &pair.a.local));
	wg_noise_remote_unpair(&pair.a.remote);
	CHECK(!wg_noise_is_paired(&pair.a.remote, &pair.a.local));
	CHECK_BYTES(pair.a.remote.static_static, zero_key, 32);
	meet(&pair.a, &pair.b);
	meet(&pair.b, &pair.a);
	CHECK(wg_noise_is_paired(&pair.a.remote, &pair.a.local));
	CHECK_BYTES(pair.a.remote.static_static, pair.b.remote.static_static,
		    32);
}

TEST(noise_remote_of_low_order_never_shakes_hands)
{
	struct wg_noise_handshake before;
	struct pair pair;

	make_pair(&pair);
	before = pair.a.hs;
	memcpy(pair.a.remote.public_key, low_order, 32);
	CHECK(!wg_noise_remote_pair(&pair.a.remote, &pair.a.local));
	CHECK_BYTES(pair.a.remote.static_static, zero_key, 32);
	CHECK_EQ(initiate(&pair), WG_NOISE_LOW_ORDER_STATIC);
	CHECK_BYTES(&pair.a.hs, &before, sizeof(before));

	/* even if somebody says that the secret were there */
	pair.a.remote.static_static[0] = 1;
	CHECK_EQ(initiate(&pair), WG_NOISE_LOW_ORDER_STATIC);
	CHECK_BYTES(&pair.a.hs, &before, sizeof(before));
}

TEST(noise_initiation_with_low_order_ephemeral)
{
	struct pair pair;

	until_initiation(&pair);
	memcpy(pair.initiation.ephemeral, low_order, 32);
	CHECK_EQ(open_it(&pair), WG_NOISE_LOW_ORDER_EPHEMERAL);
}

TEST(noise_initiation_with_any_changed_byte_does_not_authenticate)
{
	struct pair pair;
	unsigned int i;
	u8 *bytes;

	until_initiation(&pair);
	bytes = (u8 *)&pair.initiation;
	for (i = 8; i < 116; i++) {
		bytes[i] ^= 0x10;
		if (i < 88)
			CHECK_EQ(open_it(&pair), WG_NOISE_BAD_STATIC);
		else if (CHECK_EQ(open_it(&pair), WG_NOISE_OK))
			CHECK_EQ(check_it(&pair), WG_NOISE_BAD_TIMESTAMP);
		bytes[i] ^= 0x10;
	}
}

TEST(noise_initiation_to_another_responder)
{
	struct random random = { 99 };
	struct pair pair;
	struct side c;

	until_initiation(&pair);
	make_side(&c, &random);
	pair.b.local = c.local;
	CHECK_EQ(open_it(&pair), WG_NOISE_BAD_STATIC);
}

TEST(noise_claimed_key_is_compared_with_the_remote)
{
	struct pair pair;

	until_opened(&pair);
	pair.b.remote.public_key[5] ^= 1;
	CHECK_EQ(check_it(&pair), WG_NOISE_WRONG_PEER);
}

/* Anyone who knows our public key can claim to be a peer up to here. */
TEST(noise_claim_without_the_static_secret_fails)
{
	struct pair pair;

	make_pair(&pair);
	pair.a.remote.static_static[0] ^= 1;
	CHECK_EQ(initiate(&pair), WG_NOISE_OK);
	CHECK_EQ(open_it(&pair), WG_NOISE_OK);
	CHECK_EQ(check_it(&pair), WG_NOISE_BAD_TIMESTAMP);
}

TEST(noise_initiation_from_a_remote_of_low_order)
{
	struct pair pair;

	until_opened(&pair);
	wg_noise_remote_unpair(&pair.b.remote);
	CHECK_EQ(check_it(&pair), WG_NOISE_LOW_ORDER_STATIC);
}

TEST(noise_response_to_low_order_keys)
{
	struct wg_noise_handshake before;
	struct pair pair;

	until_opened(&pair);
	CHECK_EQ(check_it(&pair), WG_NOISE_OK);
	memcpy(pair.opened.remote_ephemeral, low_order, 32);
	before = pair.b.hs;
	CHECK_EQ(respond(&pair), WG_NOISE_LOW_ORDER_EPHEMERAL);
	CHECK_BYTES(&pair.b.hs, &before, sizeof(before));

	memcpy(pair.opened.remote_ephemeral, pair.initiation.ephemeral, 32);
	memcpy(pair.b.remote.public_key, low_order, 32);
	CHECK_EQ(respond(&pair), WG_NOISE_LOW_ORDER_STATIC);
	CHECK_BYTES(&pair.b.hs, &before, sizeof(before));
}

static void with_low_order_ephemeral(struct pair *pair)
{
	memcpy(pair->response.ephemeral, low_order, 32);
}

static void with_another_psk(struct pair *pair)
{
	pair->a.remote.psk[31] ^= 1;
}

static void with_another_static_key(struct pair *pair)
{
	struct random random = { 77 };
	struct side c;

	make_side(&c, &random);
	pair->a.local = c.local;
}

static void to_another_initiation(struct pair *pair)
{
	pair->a.hs.local_index ^= 1;
}

TEST(noise_response_that_is_refused_changes_nothing)
{
	static const struct {
		const char *claim;
		void (*spoil)(struct pair *pair);
		enum wg_noise_verdict verdict;
	} rows[] = {
		{ "low order ephemeral", with_low_order_ephemeral,
		  WG_NOISE_LOW_ORDER_EPHEMERAL },
		{ "another preshared key", with_another_psk,
		  WG_NOISE_BAD_NOTHING },
		{ "another static key", with_another_static_key,
		  WG_NOISE_BAD_NOTHING },
		{ "to another initiation", to_another_initiation,
		  WG_NOISE_BAD_INDEX },
	};
	struct wg_noise_handshake before;
	struct wg_message_response sent;
	struct side initiator;
	struct pair pair;
	unsigned int i;

	until_response(&pair);
	initiator = pair.a;
	sent = pair.response;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rows[i].spoil(&pair);
		before = pair.a.hs;
		CHECK_EQ_ROW(consume(&pair), rows[i].verdict, rows[i].claim);
		CHECK_BYTES(&pair.a.hs, &before, sizeof(before));
		pair.a = initiator;
		pair.response = sent;
	}
	CHECK_EQ(consume(&pair), WG_NOISE_OK);
}

TEST(noise_response_with_any_changed_byte_changes_nothing)
{
	struct wg_noise_handshake before;
	struct pair pair;
	unsigned int i;
	u8 *bytes;

	until_response(&pair);
	before = pair.a.hs;
	bytes = (u8 *)&pair.response;
	for (i = 12; i < 60; i++) {
		bytes[i] ^= 0x10;
		CHECK_EQ(consume(&pair), WG_NOISE_BAD_NOTHING);
		bytes[i] ^= 0x10;
		CHECK_BYTES(&pair.a.hs, &before, sizeof(before));
	}
	CHECK_EQ(consume(&pair), WG_NOISE_OK);
}

TEST(noise_response_is_taken_in_one_state_only)
{
	struct pair pair;
	u8 state;

	for (state = 0; state < 4; state++) {
		until_response(&pair);
		pair.a.hs.state = state;
		CHECK_EQ(consume(&pair), state == WG_NOISE_INITIATION_SENT ?
			 WG_NOISE_OK : WG_NOISE_BAD_STATE);
	}
}

TEST(noise_response_is_taken_once)
{
	struct pair pair;

	until_response(&pair);
	CHECK_EQ(consume(&pair), WG_NOISE_OK);
	CHECK_EQ(consume(&pair), WG_NOISE_BAD_STATE);
}

TEST(noise_derive_needs_a_finished_handshake)
{
	struct wg_noise_handshake before;
	struct pair pair;

	until_initiation(&pair);
	before = pair.a.hs;
	CHECK_EQ(wg_noise_derive(&pair.a.keys, &pair.a.hs),
		 WG_NOISE_BAD_STATE);
	CHECK_BYTES(&pair.a.hs, &before, sizeof(before));
	wg_noise_forget(&pair.a.hs);
	CHECK_EQ(wg_noise_derive(&pair.a.keys, &pair.a.hs),
		 WG_NOISE_BAD_STATE);
}

static bool must_yield(const struct side *side)
{
	return wg_noise_must_yield(&side->hs, &side->local, &side->remote);
}

static void memswap(u8 a[32], u8 b[32])
{
	u8 kept[32];

	memcpy(kept, a, 32);
	memcpy(a, b, 32);
	memcpy(b, kept, 32);
}

/* Of two sides one yields, whatever their keys are. */
TEST(noise_one_of_two_sides_yields)
{
	struct pair pair;
	bool yields;

	make_pair(&pair);
	CHECK(!must_yield(&pair.a) && !must_yield(&pair.b));
	pair.a.hs.state = WG_NOISE_INITIATION_SENT;
	pair.b.hs.state = WG_NOISE_INITIATION_SENT;
	yields = must_yield(&pair.a);
	CHECK_EQ(must_yield(&pair.b), !yields);
	memswap(pair.a.local.public_key, pair.a.remote.public_key);
	CHECK_EQ(must_yield(&pair.a), !yields);
}

/* Both begin at once: each keeps its own initiation while it answers. */
TEST(noise_crossing_initiations_both_succeed)
{
	struct wg_noise_handshake answer_b, answer_a;
	struct wg_noise_keys mine, theirs;
	struct pair ab, ba;

	until_response(&ab);
	make_pair(&ba);
	ba.a = ab.b;
	ba.b = ab.a;
	answer_b = ab.b.hs;
	CHECK_EQ(initiate(&ba), WG_NOISE_OK);
	CHECK_EQ(open_it(&ba), WG_NOISE_OK);
	CHECK_EQ(check_it(&ba), WG_NOISE_OK);
	CHECK_EQ(wg_noise_create_response(&ba.response, &answer_a, &ba.opened,
					  &ba.b.remote, &ba.b.fresh),
		 WG_NOISE_OK);
	CHECK_EQ(consume(&ab), WG_NOISE_OK);
	CHECK_EQ(consume(&ba), WG_NOISE_OK);

	wg_noise_derive(&mine, &ab.a.hs);
	wg_noise_derive(&theirs, &answer_b);
	CHECK_BYTES(mine.send, theirs.receive, 32);
	wg_noise_derive(&mine, &ba.a.hs);
	wg_noise_derive(&theirs, &answer_a);
	CHECK_BYTES(mine.send, theirs.receive, 32);
}

static struct wg_timestamp at(u64 s, u32 ns)
{
	struct wg_timestamp timestamp;

	wg_timestamp_encode(&timestamp, s, ns);
	return timestamp;
}

TEST(noise_past_table)
{
	static const struct {
		const char *claim;
		u64 s;
		u32 ns;
		u64 now_ms;
		enum wg_noise_verdict verdict;
	} rows[] = {
		{ "the same again", 1000, 0, 5000, WG_NOISE_REPLAY },
		{ "an earlier one", 999, 999999999, 5000, WG_NOISE_REPLAY },
		{ "a step later", 1000, 1 << 24, 5000, WG_NOISE_OK },
		{ "a second later", 1001, 0, 5000, WG_NOISE_OK },
		{ "later but at once", 1001, 0, 1000, WG_NOISE_FLOOD },
		{ "just inside the gap", 1001, 0, 1019, WG_NOISE_FLOOD },
		{ "after the gap", 1001, 0, 1020, WG_NOISE_OK },
		{ "old and at once", 1000, 0, 1000, WG_NOISE_REPLAY },
	};
	struct wg_noise_past past = { };
	struct wg_timestamp timestamp;
	unsigned int i;

	timestamp = at(1000, 0);
	wg_noise_past_note(&past, &timestamp, 1000 * WG_NS_PER_MS);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		timestamp = at(rows[i].s, rows[i].ns);
		CHECK_EQ_ROW(wg_noise_past_check(&past, &timestamp,
						 rows[i].now_ms *
						 WG_NS_PER_MS),
			     rows[i].verdict, rows[i].claim);
	}
}

TEST(noise_past_of_a_new_peer_takes_any_time)
{
	const struct wg_noise_past none = { };
	struct wg_timestamp timestamp = at(0, 0);

	CHECK_EQ(wg_noise_past_check(&none, &timestamp, 0), WG_NOISE_OK);
}
