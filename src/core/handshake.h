/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handshakes of real peers: looks up who a message is from, takes the locks,
 * calls proto/noise, and does what its verdict says. Process context
 * throughout: one message costs several Curve25519 multiplications. What needs
 * random bytes waits, before it takes a lock, until the generator is seeded.
 */
#ifndef _WG_CORE_HANDSHAKE_H
#define _WG_CORE_HANDSHAKE_H

#include "core/drop.h"
#include "proto/wire.h"

struct wg_device;
struct wg_endpoint;
struct wg_peer;

/*
 * Write an initiation to @peer, macs included, unless one was sent less than
 * REKEY_TIMEOUT ago.
 * Return: 0; -EALREADY: one is under way; -ENOKEY: no private key; -EINVAL:
 * the peer's key is of low order; -ENOENT: peer removed; -ENOMEM.
 */
int wg_handshake_initiate(struct wg_peer *peer,
			  struct wg_message_initiation *message);

/*
 * Take an initiation whose macs were checked and which came from @from, where
 * the endpoint follows it, and write the response, macs included; the session
 * is made and waits to be confirmed.
 * Return: 0, with a reference to the peer in @peer; or a reason, with @peer
 * NULL or, where the reason concerns a peer, a reference to it.
 */
enum wg_drop_reason
wg_handshake_respond(struct wg_device *wg,
		     const struct wg_message_initiation *message,
		     const struct wg_endpoint *from,
		     struct wg_message_response *response,
		     struct wg_peer **peer);

/* Take a response likewise: the session is made and current. */
enum wg_drop_reason
wg_handshake_complete(struct wg_device *wg,
		      const struct wg_message_response *message,
		      const struct wg_endpoint *from, struct wg_peer **peer);

/* Take a cookie reply: the next handshake messages carry the cookie. */
enum wg_drop_reason
wg_handshake_take_cookie(struct wg_device *wg,
			 const struct wg_message_cookie *message,
			 struct wg_peer **peer);

/* Wipe the handshake in flight, if there is one; hs_lock not held, or held. */
void wg_handshake_forget(struct wg_peer *peer);
void wg_handshake_forget_locked(struct wg_peer *peer);

#endif
