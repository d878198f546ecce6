/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The handshake: Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s, as a symmetric state
 * and the functions that make and take the two messages. Ephemeral keys,
 * timestamps and indices come in, a verdict goes out; nothing is looked up.
 * Stored state changes only when the verdict is WG_NOISE_OK. No locks inside;
 * a call costs up to three X25519 multiplications: process context.
 *
 *	initiator                              responder
 *	wg_noise_create_initiation()  ----->   wg_noise_open_initiation()
 *	                                       (who is it? look the key up)
 *	                                       wg_noise_check_initiation()
 *	                                       wg_noise_past_check(), _note()
 *	wg_noise_consume_response()   <-----   wg_noise_create_response()
 *	wg_noise_derive()                      wg_noise_derive()
 *
 * The two roles do not share state: while our own initiation is under way the
 * responder's half may live in another struct wg_noise_handshake, such as one
 * on the stack. Where initiations cross, wg_noise_must_yield() says which one
 * of them is given up.
 */
#ifndef _WG_PROTO_NOISE_H
#define _WG_PROTO_NOISE_H

#include <linux/types.h>

#include "proto/crypto.h"
#include "proto/wire.h"

enum wg_noise_verdict {
	WG_NOISE_OK,
	WG_NOISE_NO_KEY, /* we have no private key */
	WG_NOISE_LOW_ORDER_STATIC, /* the peer's static key gives zero */
	WG_NOISE_LOW_ORDER_EPHEMERAL, /* the message's ephemeral gives zero */
	WG_NOISE_BAD_STATIC, /* the encrypted static key does not verify */
	WG_NOISE_WRONG_PEER, /* not the remote whose key was claimed */
	WG_NOISE_BAD_TIMESTAMP, /* the encrypted timestamp does not verify */
	WG_NOISE_REPLAY, /* timestamp not later than one accepted before */
	WG_NOISE_FLOOD, /* too soon after the last one accepted */
	WG_NOISE_BAD_STATE, /* no handshake is in the state that this needs */
	WG_NOISE_BAD_INDEX, /* the response is to another initiation */
	WG_NOISE_BAD_NOTHING, /* the response's tag does not verify */
};

/**
 * struct wg_noise_symmetric - what both sides have agreed on so far. Secret.
 * @chain: the chaining key
 * @hash: hash of all that was said
 */
struct wg_noise_symmetric {
	u8 chain[WG_HASH_SIZE];
	u8 hash[WG_HASH_SIZE];
};

/**
 * struct wg_noise_local - our static identity. Secret.
 * @private_key: clamped
 * @public_key: belongs to it
 * @generation: rises whenever a key is set; 0: none ever was
 * @has_key: false: both are zero
 */
struct wg_noise_local {
	u8 private_key[WG_KEY_SIZE];
	u8 public_key[WG_KEY_SIZE];
	u32 generation;
	bool has_key;
};

/**
 * struct wg_noise_remote - a peer's identity, as this device sees it. Secret.
 * @public_key: its static key
 * @static_static: shared secret of both static keys; all zero: there is none,
 *	and no handshake is possible, because we have no key or because the
 *	peer's is of low order
 * @psk: preshared key, all zero for none
 * @generation: of the local identity that @static_static was computed with;
 *	0: not yet
 */
struct wg_noise_remote {
	u8 public_key[WG_KEY_SIZE];
	u8 static_static[WG_KEY_SIZE];
	u8 psk[WG_KEY_SIZE];
	u32 generation;
};

/* How far a handshake is. All zero is none. */
enum wg_noise_state {
	WG_NOISE_NONE,
	WG_NOISE_INITIATION_SENT, /* we wait for the response */
	WG_NOISE_INITIATOR_READY, /* keys may be derived */
	WG_NOISE_RESPONDER_READY, /* keys may be derived */
};

/**
 * struct wg_noise_handshake - a handshake under way. Secret.
 * @symmetric: agreed on so far
 * @ephemeral_private: ours, clamped; while @state is INITIATION_SENT
 * @local_index: what the peer calls us by
 * @remote_index: what we call the peer by, once it has said so
 * @state: enum wg_noise_state
 */
struct wg_noise_handshake {
	struct wg_noise_symmetric symmetric;
	u8 ephemeral_private[WG_KEY_SIZE];
	__le32 local_index;
	__le32 remote_index;
	u8 state;
};

/**
 * struct wg_noise_fresh - what a new message needs from outside. Secret.
 * @ephemeral: 32 random bytes
 * @index: our index for the handshake
 * @timestamp: wall clock; for initiations
 */
struct wg_noise_fresh {
	u8 ephemeral[WG_KEY_SIZE];
	__le32 index;
	struct wg_timestamp timestamp;
};

/**
 * struct wg_noise_initiation - an initiation taken apart. Lives on the stack,
 *	wiped by the caller with wg_wipe(). Secret.
 * @symmetric: agreed on so far
 * @remote_static: who it claims to be from
 * @remote_ephemeral: the initiator's ephemeral public key
 * @remote_index: the initiator's index
 * @timestamp: valid after wg_noise_check_initiation()
 */
struct wg_noise_initiation {
	struct wg_noise_symmetric symmetric;
	u8 remote_static[WG_KEY_SIZE];
	u8 remote_ephemeral[WG_KEY_SIZE];
	__le32 remote_index;
	struct wg_timestamp timestamp;
};

/**
 * struct wg_noise_past - newest initiation accepted from a peer; all zero for
 *	none
 * @accepted_ns: when, on the caller's clock
 * @timestamp: the timestamp in it
 */
struct wg_noise_past {
	u64 accepted_ns;
	struct wg_timestamp timestamp;
};

/**
 * struct wg_noise_keys - transport keys of one session. Secret.
 * @send: for what we send
 * @receive: for what we receive
 */
struct wg_noise_keys {
	u8 send[WG_KEY_SIZE];
	u8 receive[WG_KEY_SIZE];
};

/*
 * Take @private_key as our identity, clamped; NULL or all zero: none. No remote
 * is paired with it.
 */
void wg_noise_local_set(struct wg_noise_local *local, const u8 *private_key);

/* Was @remote paired with @local as it is now? */
static inline bool wg_noise_is_paired(const struct wg_noise_remote *remote,
				      const struct wg_noise_local *local)
{
	return remote->generation == local->generation;
}

/* Forget the shared secret. */
void wg_noise_remote_unpair(struct wg_noise_remote *remote);

/*
 * Compute the shared secret of @remote, whose public_key is set, with @local:
 * before each message below but a response, if wg_noise_is_paired() denies it.
 * Return: whether there is one.
 */
bool wg_noise_remote_pair(struct wg_noise_remote *remote,
			  const struct wg_noise_local *local);

/**
 * wg_noise_create_initiation() - first message, as initiator
 * @message: written but for the macs
 * @hs: replaced when OK; keeps the ephemeral key for the response
 * @local: us
 * @remote: the responder
 * @fresh: randomness, index and time
 *
 * Return: OK, NO_KEY, LOW_ORDER_STATIC.
 */
enum wg_noise_verdict
wg_noise_create_initiation(struct wg_message_initiation *message,
			   struct wg_noise_handshake *hs,
			   const struct wg_noise_local *local,
			   const struct wg_noise_remote *remote,
			   const struct wg_noise_fresh *fresh);

/**
 * wg_noise_open_initiation() - who does this initiation claim to be from?
 * @opened: result; wipe it in any case
 * @message: its macs were checked
 * @local: us
 *
 * Return: OK, with opened->remote_static proven by nothing yet; NO_KEY,
 * LOW_ORDER_EPHEMERAL, BAD_STATIC.
 */
enum wg_noise_verdict
wg_noise_open_initiation(struct wg_noise_initiation *opened,
			 const struct wg_message_initiation *message,
			 const struct wg_noise_local *local);

/**
 * wg_noise_check_initiation() - is it from that remote?
 * @opened: from wg_noise_open_initiation(), not used up by a check before
 * @message: the same message
 * @remote: found by opened->remote_static
 *
 * Return: OK: authentic, and opened->timestamp is valid; it may still be a
 * replay. WRONG_PEER, LOW_ORDER_STATIC, BAD_TIMESTAMP.
 */
enum wg_noise_verdict
wg_noise_check_initiation(struct wg_noise_initiation *opened,
			  const struct wg_message_initiation *message,
			  const struct wg_noise_remote *remote);

/*
 * May an initiation with @timestamp be answered at @now_ns?
 * Return: OK, REPLAY, FLOOD.
 */
enum wg_noise_verdict
wg_noise_past_check(const struct wg_noise_past *past,
		    const struct wg_timestamp *timestamp, u64 now_ns);

/* Note the initiation that was accepted. @now_ns is not 0. */
void wg_noise_past_note(struct wg_noise_past *past,
			const struct wg_timestamp *timestamp, u64 now_ns);

/**
 * wg_noise_create_response() - second message, as responder
 * @message: written but for the macs
 * @hs: replaced when OK; ready for wg_noise_derive()
 * @opened: the initiation, checked
 * @remote: the initiator
 * @fresh: randomness and index
 *
 * Return: OK, LOW_ORDER_EPHEMERAL, LOW_ORDER_STATIC.
 */
enum wg_noise_verdict
wg_noise_create_response(struct wg_message_response *message,
			 struct wg_noise_handshake *hs,
			 const struct wg_noise_initiation *opened,
			 const struct wg_noise_remote *remote,
			 const struct wg_noise_fresh *fresh);

/**
 * wg_noise_consume_response() - second message, at the initiator
 * @hs: found by message->receiver_index; when OK, ready for wg_noise_derive()
 * @message: its macs were checked
 * @local: us
 * @remote: the responder
 *
 * Return: OK, BAD_STATE, BAD_INDEX, NO_KEY, LOW_ORDER_EPHEMERAL,
 * BAD_NOTHING.
 */
enum wg_noise_verdict
wg_noise_consume_response(struct wg_noise_handshake *hs,
			  const struct wg_message_response *message,
			  const struct wg_noise_local *local,
			  const struct wg_noise_remote *remote);

/**
 * wg_noise_derive() - end a handshake in a pair of transport keys
 * @keys: result
 * @hs: ready, as either role; wiped when OK. Read the indices and the role
 *	(wg_noise_is_initiator()) before
 *
 * Return: OK, BAD_STATE.
 */
enum wg_noise_verdict wg_noise_derive(struct wg_noise_keys *keys,
				      struct wg_noise_handshake *hs);

/*
 * An initiation of @remote was answered: must @hs, our own handshake with it, be
 * forgotten? Of two sides whose initiations crossed it is so on one, and both
 * end up with the session that the other one began.
 */
bool wg_noise_must_yield(const struct wg_noise_handshake *hs,
			 const struct wg_noise_local *local,
			 const struct wg_noise_remote *remote);

/* Forget a handshake, whatever its state. */
void wg_noise_forget(struct wg_noise_handshake *hs);

/* Did we begin the handshake, which is not NONE? */
static inline bool wg_noise_is_initiator(const struct wg_noise_handshake *hs)
{
	return hs->state != WG_NOISE_RESPONDER_READY;
}

/*
 * The symmetric state by itself, after section 5.2 of the Noise
 * specification. The functions above are made of these; others may only want
 * them to check that against published vectors, whose prologue and payloads
 * are not ours.
 */

/* Begin with the protocol's name and a prologue. */
void wg_noise_begin(struct wg_noise_symmetric *symmetric,
		    struct wg_bytes prologue);

/* MixHash(): both sides have seen @data. */
void wg_noise_mix_hash(struct wg_noise_symmetric *symmetric,
		       struct wg_bytes data);

/* MixKey(): @key, if not NULL, is the AEAD key until the next mixing. */
void wg_noise_mix_key(struct wg_noise_symmetric *symmetric, u8 *key,
		      const u8 input[WG_KEY_SIZE]);

/*
 * MixKey() of a Diffie-Hellman result.
 * Return: false, with nothing mixed, when that is all zero.
 */
bool __must_check wg_noise_mix_dh(struct wg_noise_symmetric *symmetric,
				  u8 *key,
				  const u8 private_key[WG_KEY_SIZE],
				  const u8 public_key[WG_KEY_SIZE]);

/* MixKeyAndHash(): the token "psk". */
void wg_noise_mix_psk(struct wg_noise_symmetric *symmetric,
		      u8 key[WG_KEY_SIZE], const u8 psk[WG_KEY_SIZE]);

/* EncryptAndHash() with the first nonce; @dst has a tag's more room. */
void wg_noise_seal(struct wg_noise_symmetric *symmetric, u8 *dst,
		   struct wg_bytes plain, const u8 key[WG_KEY_SIZE]);

/* DecryptAndHash(). Return: false, with nothing mixed, when it fails. */
bool __must_check wg_noise_open(struct wg_noise_symmetric *symmetric, u8 *dst,
				struct wg_bytes sealed,
				const u8 key[WG_KEY_SIZE]);

/* Split(): the initiator's and the responder's sending key. */
void wg_noise_split(const struct wg_noise_symmetric *symmetric,
		    u8 initiator_key[WG_KEY_SIZE],
		    u8 responder_key[WG_KEY_SIZE]);

#endif
