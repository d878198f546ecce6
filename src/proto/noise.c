// SPDX-License-Identifier: GPL-2.0
#include "proto/noise.h"

#include <crypto/curve25519.h>
#include <linux/string.h>

#include "compat.h"

/* Arrays, not strings: the final zero does not belong to what is hashed. */
static const u8 construction[37] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
static const u8 identifier[34] = "WireGuard v1 zx2c4 Jason@zx2c4.com";

static const struct wg_bytes nothing = { };

static struct wg_bytes key_bytes(const u8 key[WG_KEY_SIZE])
{
	return wg_bytes(key, WG_KEY_SIZE);
}

/* The symmetric state, section 5.2 of the Noise specification. */

void wg_noise_begin(struct wg_noise_symmetric *symmetric,
		    struct wg_bytes prologue)
{
	wg_hash(symmetric->chain,
		wg_bytes(construction, sizeof(construction)), nothing);
	memcpy(symmetric->hash, symmetric->chain, WG_HASH_SIZE);
	wg_noise_mix_hash(symmetric, prologue);
}

void wg_noise_mix_hash(struct wg_noise_symmetric *symmetric,
		       struct wg_bytes data)
{
	wg_hash(symmetric->hash, wg_bytes(symmetric->hash, WG_HASH_SIZE),
		data);
}

void wg_noise_mix_key(struct wg_noise_symmetric *symmetric, u8 *key,
		      const u8 input[WG_KEY_SIZE])
{
	u8 *const out[] = { symmetric->chain, key };

	wg_kdf(out, key ? 2 : 1, symmetric->chain, key_bytes(input));
}

bool wg_noise_mix_dh(struct wg_noise_symmetric *symmetric, u8 *key,
		     const u8 private_key[WG_KEY_SIZE],
		     const u8 public_key[WG_KEY_SIZE])
{
	u8 shared[WG_KEY_SIZE];
	bool is_good;

	is_good = curve25519(shared, private_key, public_key);
	if (is_good)
		wg_noise_mix_key(symmetric, key, shared);
	wg_wipe(shared, sizeof(shared));
	return is_good;
}

void wg_noise_mix_psk(struct wg_noise_symmetric *symmetric,
		      u8 key[WG_KEY_SIZE], const u8 psk[WG_KEY_SIZE])
{
	u8 mixed[WG_HASH_SIZE];
	u8 *const out[] = { symmetric->chain, mixed, key };

	wg_kdf(out, 3, symmetric->chain, key_bytes(psk));
	wg_noise_mix_hash(symmetric, wg_bytes(mixed, sizeof(mixed)));
	wg_wipe(mixed, sizeof(mixed));
}

void wg_noise_seal(struct wg_noise_symmetric *symmetric, u8 *dst,
		   struct wg_bytes plain, const u8 key[WG_KEY_SIZE])
{
	wg_aead_seal(dst, plain.data, plain.len, symmetric->hash,
		     WG_HASH_SIZE, 0, key);
	wg_noise_mix_hash(symmetric, wg_bytes(dst, plain.len + WG_TAG_SIZE));
}

bool wg_noise_open(struct wg_noise_symmetric *symmetric, u8 *dst,
		   struct wg_bytes sealed, const u8 key[WG_KEY_SIZE])
{
	if (!wg_aead_open(dst, sealed.data, sealed.len, symmetric->hash,
			  WG_HASH_SIZE, 0, key))
		return false;
	wg_noise_mix_hash(symmetric, sealed);
	return true;
}

void wg_noise_split(const struct wg_noise_symmetric *symmetric,
		    u8 initiator_key[WG_KEY_SIZE],
		    u8 responder_key[WG_KEY_SIZE])
{
	u8 *const out[] = { initiator_key, responder_key };

	wg_kdf(out, 2, symmetric->chain, nothing);
}

/* Tokens that both messages and both roles share. */

/* "<- s" before the first message: the responder's static key is known. */
static void mix_prelude(struct wg_noise_symmetric *symmetric,
			const u8 responder[WG_KEY_SIZE])
{
	wg_noise_begin(symmetric, wg_bytes(identifier, sizeof(identifier)));
	wg_noise_mix_hash(symmetric, key_bytes(responder));
}

/* "e": with a preshared key in the pattern it goes into the chain as well. */
static void mix_ephemeral(struct wg_noise_symmetric *symmetric,
			  const u8 public_key[WG_KEY_SIZE])
{
	wg_noise_mix_hash(symmetric, key_bytes(public_key));
	wg_noise_mix_key(symmetric, NULL, public_key);
}

/* Our ephemeral key from 32 random bytes, and its public half. */
static void make_ephemeral(u8 private_key[WG_KEY_SIZE],
			   u8 public_key[WG_KEY_SIZE],
			   const struct wg_noise_fresh *fresh)
{
	memcpy(private_key, fresh->ephemeral, WG_KEY_SIZE);
	curve25519_clamp_secret(private_key);
	/* Clamping sets a bit: the key is not zero, this does not fail. */
	(void)!curve25519_generate_public(public_key, private_key);
}

/* Identities */

static const u8 zero[WG_KEY_SIZE];

void wg_noise_local_set(struct wg_noise_local *local, const u8 *private_key)
{
	u32 generation = local->generation + 1;

	wg_wipe(local, sizeof(*local));
	local->generation = generation;
	if (!private_key || wg_equal(private_key, zero, WG_KEY_SIZE))
		return;
	memcpy(local->private_key, private_key, WG_KEY_SIZE);
	curve25519_clamp_secret(local->private_key);
	local->has_key = curve25519_generate_public(local->public_key,
						    local->private_key);
}

void wg_noise_remote_unpair(struct wg_noise_remote *remote)
{
	wg_wipe(remote->static_static, WG_KEY_SIZE);
	remote->generation = 0;
}

static bool has_secret(const struct wg_noise_remote *remote)
{
	return !wg_equal(remote->static_static, zero, WG_KEY_SIZE);
}

bool wg_noise_remote_pair(struct wg_noise_remote *remote,
			  const struct wg_noise_local *local)
{
	wg_noise_remote_unpair(remote);
	remote->generation = local->generation;
	/* with a key of low order the result is zero, which is none */
	return local->has_key &&
	       curve25519(remote->static_static, local->private_key,
			  remote->public_key);
}

/* The first message */

/* 5.4.2: e, es, s, ss, {t} */
static enum wg_noise_verdict
write_initiation(struct wg_message_initiation *message,
		 struct wg_noise_handshake *hs,
		 const struct wg_noise_local *local,
		 const struct wg_noise_remote *remote,
		 const struct wg_timestamp *timestamp)
{
	u8 key[WG_KEY_SIZE];

	mix_prelude(&hs->symmetric, remote->public_key);
	/* e */
	mix_ephemeral(&hs->symmetric, message->ephemeral);
	/* es */
	if (!wg_noise_mix_dh(&hs->symmetric, key, hs->ephemeral_private,
			     remote->public_key))
		return WG_NOISE_LOW_ORDER_STATIC;
	/* s */
	wg_noise_seal(&hs->symmetric, message->encrypted_static,
		      key_bytes(local->public_key), key);
	/* ss */
	wg_noise_mix_key(&hs->symmetric, key, remote->static_static);
	/* {t} */
	wg_noise_seal(&hs->symmetric, message->encrypted_timestamp,
		      wg_bytes(timestamp, sizeof(*timestamp)), key);
	wg_wipe(key, sizeof(key));
	return WG_NOISE_OK;
}

enum wg_noise_verdict
wg_noise_create_initiation(struct wg_message_initiation *message,
			   struct wg_noise_handshake *hs,
			   const struct wg_noise_local *local,
			   const struct wg_noise_remote *remote,
			   const struct wg_noise_fresh *fresh)
{
	struct wg_noise_handshake made = {
		.local_index = fresh->index,
		.state = WG_NOISE_INITIATION_SENT,
	};
	enum wg_noise_verdict verdict;

	if (!local->has_key)
		return WG_NOISE_NO_KEY;
	if (!has_secret(remote))
		return WG_NOISE_LOW_ORDER_STATIC;

	message->type = cpu_to_le32(WG_MESSAGE_INITIATION);
	message->sender_index = fresh->index;
	make_ephemeral(made.ephemeral_private, message->ephemeral, fresh);
	verdict = write_initiation(message, &made, local, remote,
				   &fresh->timestamp);
	if (verdict == WG_NOISE_OK)
		*hs = made;
	wg_wipe(&made, sizeof(made));
	return verdict;
}

enum wg_noise_verdict
wg_noise_open_initiation(struct wg_noise_initiation *opened,
			 const struct wg_message_initiation *message,
			 const struct wg_noise_local *local)
{
	u8 key[WG_KEY_SIZE];
	bool is_good;

	if (!local->has_key)
		return WG_NOISE_NO_KEY;
	mix_prelude(&opened->symmetric, local->public_key);
	/* e */
	mix_ephemeral(&opened->symmetric, message->ephemeral);
	/* es */
	if (!wg_noise_mix_dh(&opened->symmetric, key, local->private_key,
			     message->ephemeral))
		return WG_NOISE_LOW_ORDER_EPHEMERAL;
	/* s */
	is_good = wg_noise_open(&opened->symmetric, opened->remote_static,
				wg_bytes(message->encrypted_static,
					 sizeof(message->encrypted_static)),
				key);
	wg_wipe(key, sizeof(key));
	if (!is_good)
		return WG_NOISE_BAD_STATIC;
	memcpy(opened->remote_ephemeral, message->ephemeral, WG_KEY_SIZE);
	opened->remote_index = message->sender_index;
	return WG_NOISE_OK;
}

enum wg_noise_verdict
wg_noise_check_initiation(struct wg_noise_initiation *opened,
			  const struct wg_message_initiation *message,
			  const struct wg_noise_remote *remote)
{
	u8 key[WG_KEY_SIZE];
	bool is_good;

	if (!wg_equal(opened->remote_static, remote->public_key, WG_KEY_SIZE))
		return WG_NOISE_WRONG_PEER;
	if (!has_secret(remote))
		return WG_NOISE_LOW_ORDER_STATIC;
	/* ss */
	wg_noise_mix_key(&opened->symmetric, key, remote->static_static);
	/* {t} */
	is_good = wg_noise_open(&opened->symmetric, (u8 *)&opened->timestamp,
				wg_bytes(message->encrypted_timestamp,
					 sizeof(message->encrypted_timestamp)),
				key);
	wg_wipe(key, sizeof(key));
	return is_good ? WG_NOISE_OK : WG_NOISE_BAD_TIMESTAMP;
}

enum wg_noise_verdict
wg_noise_past_check(const struct wg_noise_past *past,
		    const struct wg_timestamp *timestamp, u64 now_ns)
{
	if (!wg_timestamp_is_after(timestamp, &past->timestamp))
		return WG_NOISE_REPLAY;
	if (past->accepted_ns &&
	    now_ns < past->accepted_ns + WG_INITIATION_GAP_NS)
		return WG_NOISE_FLOOD;
	return WG_NOISE_OK;
}

void wg_noise_past_note(struct wg_noise_past *past,
			const struct wg_timestamp *timestamp, u64 now_ns)
{
	past->accepted_ns = now_ns;
	past->timestamp = *timestamp;
}

/* The second message */

/* 5.4.3: e, ee, se, psk, {}; the DHs are each role's own. */
static enum wg_noise_verdict
write_response(struct wg_message_response *message,
	       struct wg_noise_symmetric *symmetric,
	       const u8 ephemeral_private[WG_KEY_SIZE],
	       const struct wg_noise_initiation *opened,
	       const struct wg_noise_remote *remote)
{
	u8 key[WG_KEY_SIZE];

	/* e */
	mix_ephemeral(symmetric, message->ephemeral);
	/* ee */
	if (!wg_noise_mix_dh(symmetric, NULL, ephemeral_private,
			     opened->remote_ephemeral))
		return WG_NOISE_LOW_ORDER_EPHEMERAL;
	/* se */
	if (!wg_noise_mix_dh(symmetric, NULL, ephemeral_private,
			     remote->public_key))
		return WG_NOISE_LOW_ORDER_STATIC;
	/* psk */
	wg_noise_mix_psk(symmetric, key, remote->psk);
	/* {} */
	wg_noise_seal(symmetric, message->encrypted_nothing, nothing, key);
	wg_wipe(key, sizeof(key));
	return WG_NOISE_OK;
}

enum wg_noise_verdict
wg_noise_create_response(struct wg_message_response *message,
			 struct wg_noise_handshake *hs,
			 const struct wg_noise_initiation *opened,
			 const struct wg_noise_remote *remote,
			 const struct wg_noise_fresh *fresh)
{
	struct wg_noise_handshake made = {
		.symmetric = opened->symmetric,
		.local_index = fresh->index,
		.remote_index = opened->remote_index,
		.state = WG_NOISE_RESPONDER_READY,
	};
	enum wg_noise_verdict verdict;
	u8 ephemeral[WG_KEY_SIZE];

	message->type = cpu_to_le32(WG_MESSAGE_RESPONSE);
	message->sender_index = fresh->index;
	message->receiver_index = opened->remote_index;
	make_ephemeral(ephemeral, message->ephemeral, fresh);
	verdict = write_response(message, &made.symmetric, ephemeral, opened,
				 remote);
	if (verdict == WG_NOISE_OK)
		*hs = made;
	wg_wipe(ephemeral, sizeof(ephemeral));
	wg_wipe(&made, sizeof(made));
	return verdict;
}

static enum wg_noise_verdict
read_response(struct wg_noise_symmetric *symmetric,
	      const struct wg_message_response *message,
	      const u8 ephemeral_private[WG_KEY_SIZE],
	      const struct wg_noise_local *local,
	      const struct wg_noise_remote *remote)
{
	u8 key[WG_KEY_SIZE];
	bool is_good;
	u8 none;

	/* e */
	mix_ephemeral(symmetric, message->ephemeral);
	/* ee */
	if (!wg_noise_mix_dh(symmetric, NULL, ephemeral_private,
			     message->ephemeral))
		return WG_NOISE_LOW_ORDER_EPHEMERAL;
	/* se */
	if (!wg_noise_mix_dh(symmetric, NULL, local->private_key,
			     message->ephemeral))
		return WG_NOISE_LOW_ORDER_EPHEMERAL;
	/* psk */
	wg_noise_mix_psk(symmetric, key, remote->psk);
	/* {} */
	is_good = wg_noise_open(symmetric, &none,
				wg_bytes(message->encrypted_nothing,
					 sizeof(message->encrypted_nothing)),
				key);
	wg_wipe(key, sizeof(key));
	return is_good ? WG_NOISE_OK : WG_NOISE_BAD_NOTHING;
}

enum wg_noise_verdict
wg_noise_consume_response(struct wg_noise_handshake *hs,
			  const struct wg_message_response *message,
			  const struct wg_noise_local *local,
			  const struct wg_noise_remote *remote)
{
	struct wg_noise_symmetric symmetric;
	enum wg_noise_verdict verdict;

	if (hs->state != WG_NOISE_INITIATION_SENT)
		return WG_NOISE_BAD_STATE;
	if (hs->local_index != message->receiver_index)
		return WG_NOISE_BAD_INDEX;
	if (!local->has_key)
		return WG_NOISE_NO_KEY;

	symmetric = hs->symmetric;
	verdict = read_response(&symmetric, message, hs->ephemeral_private,
				local, remote);
	if (verdict == WG_NOISE_OK) {
		hs->symmetric = symmetric;
		wg_wipe(hs->ephemeral_private, WG_KEY_SIZE);
		hs->remote_index = message->sender_index;
		hs->state = WG_NOISE_INITIATOR_READY;
	}
	wg_wipe(&symmetric, sizeof(symmetric));
	return verdict;
}

bool wg_noise_must_yield(const struct wg_noise_handshake *hs,
			 const struct wg_noise_local *local,
			 const struct wg_noise_remote *remote)
{
	return hs->state == WG_NOISE_INITIATION_SENT &&
	       memcmp(local->public_key, remote->public_key, WG_KEY_SIZE) < 0;
}

/* The end */

enum wg_noise_verdict wg_noise_derive(struct wg_noise_keys *keys,
				      struct wg_noise_handshake *hs)
{
	if (hs->state == WG_NOISE_INITIATOR_READY)
		wg_noise_split(&hs->symmetric, keys->send, keys->receive);
	else if (hs->state == WG_NOISE_RESPONDER_READY)
		wg_noise_split(&hs->symmetric, keys->receive, keys->send);
	else
		return WG_NOISE_BAD_STATE;
	wg_noise_forget(hs);
	return WG_NOISE_OK;
}

void wg_noise_forget(struct wg_noise_handshake *hs)
{
	wg_wipe(hs, sizeof(*hs));
}
