// SPDX-License-Identifier: GPL-2.0
/*
 * Handshakes of peers: who a message is taken to be from, what is refused and
 * why, and what a refusal leaves behind. The messages themselves are
 * proto/noise's and tested there.
 */
#include "core/handshake.h"

#include <linux/completion.h>
#include <linux/kthread.h>

#include "fault.h"
#include "fixture.h"

/* Where the remote side's messages come from. */
static const struct wg_endpoint somewhere = { .addr4 = {
	.sin_family = AF_INET,
	.sin_port = cpu_to_be16(9),
	.sin_addr.s_addr = cpu_to_be32(0xc6336401),
} };

static const u8 other_key[WG_KEY_SIZE] = { 0x18, [31] = 0x45 };

static enum wg_drop_reason
take_response(struct fixture *f, const struct wg_message_response *response)
{
	enum wg_drop_reason reason;
	struct wg_peer *peer = NULL;

	reason = wg_handshake_complete(f->wg, response, &somewhere, &peer);
	if (peer)
		wg_peer_put(peer);
	return reason;
}

/**
 * struct exchange - a handshake, whose messages nobody has taken yet
 * @initiation: the first message
 * @response: the second one
 * @hs: the remote side's half
 */
struct exchange {
	struct wg_message_initiation initiation;
	struct wg_message_response response;
	struct wg_noise_handshake hs;
};

/* The device has initiated. */
static struct exchange *initiated(struct kunit *test, struct remote *remote)
{
	struct exchange *x = kunit_kzalloc(test, sizeof(*x), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, x);
	KUNIT_ASSERT_EQ(test, fixture_write_initiation(remote->peer,
						       &x->initiation), 0);
	return x;
}

static void answer(struct kunit *test, struct remote *remote,
		   struct exchange *x)
{
	KUNIT_ASSERT_EQ(test, fixture_answer(remote, &x->initiation, 1,
					     &x->response, &x->hs), 0);
}

/* The device has initiated, and the remote side has answered. */
static struct exchange *answered(struct kunit *test, struct remote *remote)
{
	struct exchange *x = initiated(test, remote);

	answer(test, remote, x);
	return x;
}

/* The remote side has initiated. */
static struct exchange *remote_initiated(struct kunit *test,
					 struct remote *remote)
{
	struct exchange *x = kunit_kzalloc(test, sizeof(*x), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, x);
	KUNIT_ASSERT_EQ(test, fixture_remote_initiation(remote, &x->initiation,
							&x->hs), 0);
	return x;
}

/* What the device says to the initiation of @x; its answer goes there too. */
static enum wg_drop_reason respond(struct fixture *f, struct exchange *x)
{
	enum wg_drop_reason reason;
	struct wg_peer *peer = NULL;

	reason = wg_handshake_respond(f->wg, &x->initiation, &somewhere,
				      &x->response, &peer);
	if (peer)
		wg_peer_put(peer);
	return reason;
}

/* Nobody but the device holds @peer, and it has @sessions. */
static void expect_refs(struct kunit *test, struct wg_peer *peer,
			unsigned int sessions)
{
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1 + sessions);
}

static struct remote *remote_with_psk(struct kunit *test, u8 ours, u8 theirs)
{
	struct remote *remote = fixture_remote(test);
	u8 psk[WG_KEY_SIZE] = { };

	psk[5] = ours;
	wg_peer_set_psk(remote->peer, psk);
	remote->device.psk[5] = theirs;
	return remote;
}

static void expect_port(struct kunit *test, struct wg_peer *peer,
			__be16 port)
{
	struct wg_endpoint endpoint;

	wg_peer_copy_endpoint(peer, &endpoint);
	KUNIT_EXPECT_EQ(test, endpoint.addr4.sin_port, port);
}

/* What is refused moves nothing; what is taken has moved it already. */
static void the_endpoint_follows_an_authentic_message(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x = answered(test, remote);
	struct wg_message_response forged = x->response;
	struct wg_endpoint before;

	wg_peer_copy_endpoint(remote->peer, &before);
	forged.encrypted_nothing[0] ^= 1;
	KUNIT_EXPECT_NE(test, take_response(f, &forged), 0);
	expect_port(test, remote->peer, before.addr4.sin_port);
	KUNIT_EXPECT_EQ(test, take_response(f, &x->response), 0);
	expect_port(test, remote->peer, somewhere.addr4.sin_port);

	wg_peer_set_endpoint(remote->peer, &before);
	x = remote_initiated(test, remote);
	x->initiation.encrypted_timestamp[0] ^= 1;
	KUNIT_EXPECT_NE(test, respond(f, x), 0);
	expect_port(test, remote->peer, before.addr4.sin_port);
	x->initiation.encrypted_timestamp[0] ^= 1;
	KUNIT_EXPECT_EQ(test, respond(f, x), 0);
	expect_port(test, remote->peer, somewhere.addr4.sin_port);
}

/* --- as initiator --- */

static void a_preshared_key_goes_into_the_keys(struct kunit *test)
{
	struct remote *remote = remote_with_psk(test, 7, 7);
	struct remote_session a = fixture_initiate(test, remote);
	struct remote_session b = fixture_respond(test, remote);

	KUNIT_EXPECT_MEMEQ(test, a.session->keys.send, a.keys.receive,
			   WG_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, b.session->keys.send, b.keys.receive,
			   WG_KEY_SIZE);
}

static void another_preshared_key_makes_no_session(struct kunit *test)
{
	struct remote *remote = remote_with_psk(test, 7, 8);
	struct exchange *x = answered(test, remote);

	KUNIT_EXPECT_EQ(test, take_response(test->priv, &x->response),
			WG_DROP_HS_BAD_RESPONSE);
	expect_refs(test, remote->peer, 0);
}

static void a_forged_response_does_not_spoil_the_true_one(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct exchange *x = answered(test, remote);
	struct wg_message_response forged;

	forged = x->response;
	forged.encrypted_nothing[0] ^= 1;
	KUNIT_EXPECT_EQ(test, take_response(test->priv, &forged),
			WG_DROP_HS_BAD_RESPONSE);
	forged = x->response;
	forged.receiver_index ^= cpu_to_le32(1);
	KUNIT_EXPECT_EQ(test, take_response(test->priv, &forged),
			WG_DROP_UNKNOWN_INDEX);
	KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, WG_SLOT_CURRENT));
	KUNIT_EXPECT_EQ(test, take_response(test->priv, &x->response), 0);
	KUNIT_EXPECT_NOT_NULL(test,
			      fixture_slot(remote->peer, WG_SLOT_CURRENT));
	expect_refs(test, remote->peer, 1);
}

static void a_response_is_taken_once(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct exchange *x = answered(test, remote);

	KUNIT_EXPECT_EQ(test, take_response(test->priv, &x->response), 0);
	KUNIT_EXPECT_EQ(test, take_response(test->priv, &x->response),
			WG_DROP_UNKNOWN_INDEX);
	expect_refs(test, remote->peer, 1);
}

static void only_the_newest_initiation_can_be_answered(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct exchange *old = initiated(test, remote);
	struct exchange *new = initiated(test, remote);

	KUNIT_EXPECT_MEMNEQ(test, old->initiation.ephemeral,
			    new->initiation.ephemeral, WG_KEY_SIZE);
	answer(test, remote, old);
	KUNIT_EXPECT_NE(test, take_response(test->priv, &old->response), 0);
	answer(test, remote, new);
	KUNIT_EXPECT_EQ(test, take_response(test->priv, &new->response), 0);
}

static void one_initiation_leaves_in_five_seconds(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_message_initiation m;

	KUNIT_EXPECT_EQ(test, wg_handshake_initiate(remote->peer, &m),
			-EALREADY);
	KUNIT_ASSERT_EQ(test, fixture_write_initiation(remote->peer, &m), 0);
	KUNIT_EXPECT_EQ(test, wg_handshake_initiate(remote->peer, &m),
			-EALREADY);
	spin_lock_bh(&remote->peer->lock);
	remote->peer->timers.may_initiate_ns -= WG_REKEY_TIMEOUT_NS;
	spin_unlock_bh(&remote->peer->lock);
	KUNIT_EXPECT_EQ(test, wg_handshake_initiate(remote->peer, &m), 0);
}

static void without_a_key_nothing_is_initiated(struct kunit *test)
{
	static const u8 none[WG_KEY_SIZE];
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x = remote_initiated(test, remote);

	mutex_lock(&f->wg->config_lock);
	wg_device_set_private_key_locked(f->wg, none);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_EXPECT_EQ(test, respond(f, x), WG_DROP_NO_KEY);
	KUNIT_EXPECT_EQ(test, fixture_write_initiation(remote->peer,
						       &x->initiation),
			-ENOKEY);
	KUNIT_EXPECT_EQ(test, fixture_hs_state(remote->peer), WG_NOISE_NONE);
	rcu_read_lock();
	KUNIT_EXPECT_NULL(test,
			  wg_index_lookup_rcu(&f->wg->index,
					      remote->peer->hs->index.value));
	rcu_read_unlock();
}

static void a_forgotten_handshake_is_found_by_nobody(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct exchange *x = answered(test, remote);

	wg_handshake_forget(remote->peer);
	KUNIT_EXPECT_EQ(test, take_response(test->priv, &x->response),
			WG_DROP_UNKNOWN_INDEX);
	KUNIT_EXPECT_NULL(test, memchr_inv(&remote->peer->hs->noise, 0,
					   sizeof(remote->peer->hs->noise)));
}

/* Its index is gone, so what answers the one before finds no handshake. */
static void a_failed_initiation_ends_the_one_before(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x = answered(test, remote);

	down_write(&f->wg->local_lock);
	wg_noise_local_set(&f->wg->local, NULL);
	up_write(&f->wg->local_lock);
	KUNIT_EXPECT_EQ(test, fixture_write_initiation(remote->peer,
						       &x->initiation),
			-ENOKEY);
	KUNIT_EXPECT_EQ(test, fixture_hs_state(remote->peer), WG_NOISE_NONE);
	KUNIT_EXPECT_EQ(test, take_response(f, &x->response),
			WG_DROP_UNKNOWN_INDEX);
}

/* --- random numbers --- */

static struct wg_peer *waiting_peer;
static unsigned int waits_without_locks;

static void note_wait(void)
{
	if (!rwsem_is_locked(&waiting_peer->wg->local_lock) &&
	    !mutex_is_locked(&waiting_peer->hs_lock))
		waits_without_locks++;
}

static void the_generator_is_waited_for_without_locks(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct exchange *x;

	waiting_peer = remote->peer;
	waits_without_locks = 0;
	wg_fault_on_wait = note_wait;
	initiated(test, remote);
	KUNIT_EXPECT_EQ(test, waits_without_locks, 1);
	x = remote_initiated(test, remote);
	KUNIT_EXPECT_EQ(test, respond(test->priv, x), 0);
	KUNIT_EXPECT_EQ(test, waits_without_locks, 2);
	wg_fault_on_wait = NULL;
}

/* --- as responder --- */

static void an_initiation_is_taken_once(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x = remote_initiated(test, remote);

	KUNIT_EXPECT_EQ(test, respond(f, x), 0);
	KUNIT_EXPECT_EQ(test, respond(f, x), WG_DROP_HS_REPLAY);
	x = remote_initiated(test, remote);
	remote->peer->hs->past.accepted_ns = wg_clock_now_ns();
	KUNIT_EXPECT_EQ(test, respond(f, x), WG_DROP_HS_FLOOD);
	remote->peer->hs->past.accepted_ns = wg_clock_now_ns() -
					 WG_NS_PER_S / 50;
	KUNIT_EXPECT_EQ(test, respond(f, x), 0);
	expect_refs(test, remote->peer, 1);
}

static void what_is_refused_leaves_no_trace(struct kunit *test)
{
	static const size_t offsets[] = {
		offsetof(struct wg_message_initiation, ephemeral),
		offsetof(struct wg_message_initiation, encrypted_static),
		offsetof(struct wg_message_initiation, encrypted_timestamp) + 3,
	};
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x = remote_initiated(test, remote), bad;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		bad = *x;
		((u8 *)&bad.initiation)[offsets[i]] ^= 1;
		KUNIT_EXPECT_EQ(test, respond(f, &bad),
				WG_DROP_HS_BAD_INITIATION);
	}
	bad = *x;
	memset(bad.initiation.ephemeral, 0, WG_KEY_SIZE);
	KUNIT_EXPECT_EQ(test, respond(f, &bad), WG_DROP_HS_BAD_INITIATION);
	expect_refs(test, remote->peer, 0);
	KUNIT_EXPECT_NULL(test, remote->peer->hs);
	KUNIT_EXPECT_EQ(test, respond(f, x), 0);
	expect_refs(test, remote->peer, 1);
}

static void a_key_that_is_no_peers_gets_no_answer(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct exchange *x = remote_initiated(test, remote);

	fixture_kill(test->priv, remote);
	KUNIT_EXPECT_EQ(test, respond(test->priv, x), WG_DROP_HS_UNKNOWN_PEER);
}

static bool has_secret(const struct wg_noise_remote *remote)
{
	return memchr_inv(remote->static_static, 0, WG_KEY_SIZE);
}

static void set_private_key(struct fixture *f, const u8 *key)
{
	mutex_lock(&f->wg->config_lock);
	wg_device_set_private_key_locked(f->wg, key);
	mutex_unlock(&f->wg->config_lock);
}

/* @remote is told that the device has another key. */
static void learn_key(struct fixture *f, struct remote *remote)
{
	memcpy(remote->device.public_key, f->wg->local.public_key, WG_KEY_SIZE);
	wg_noise_remote_pair(&remote->device, &remote->local);
}

/* A private key for the device, so that it yields to @remote, or does not. */
static void let_yield(struct fixture *f, struct remote *remote, bool yields)
{
	u8 key[WG_KEY_SIZE] = { };

	do {
		key[0] += 8;
		set_private_key(f, key);
	} while (yields != (memcmp(f->wg->local.public_key,
				   remote->local.public_key, WG_KEY_SIZE) < 0));
	learn_key(f, remote);
}

static void with_the_greater_key_ours_goes_on(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *next;
	struct exchange *x;

	let_yield(test->priv, remote, false);
	x = initiated(test, remote);
	next = fixture_respond(test, remote).session;
	answer(test, remote, x);
	KUNIT_EXPECT_EQ(test, take_response(test->priv, &x->response), 0);
	KUNIT_EXPECT_PTR_EQ(test, fixture_slot(remote->peer, WG_SLOT_NEXT),
			    next);
	KUNIT_EXPECT_NOT_NULL(test,
			      fixture_slot(remote->peer, WG_SLOT_CURRENT));
	expect_refs(test, remote->peer, 2);
}

static void with_the_smaller_key_ours_is_forgotten(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *next;
	struct exchange *x;

	let_yield(test->priv, remote, true);
	x = initiated(test, remote);
	next = fixture_respond(test, remote).session;
	answer(test, remote, x);
	KUNIT_EXPECT_EQ(test, take_response(test->priv, &x->response),
			WG_DROP_UNKNOWN_INDEX);
	KUNIT_EXPECT_PTR_EQ(test, fixture_slot(remote->peer, WG_SLOT_NEXT),
			    next);
	KUNIT_EXPECT_NULL(test, memchr_inv(&remote->peer->hs->noise, 0,
					   sizeof(remote->peer->hs->noise)));
	expect_refs(test, remote->peer, 1);
}

static void the_shared_secret_is_made_by_the_first_handshake(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	KUNIT_EXPECT_FALSE(test, has_secret(&remote->peer->remote));
	set_private_key(f, other_key);
	learn_key(f, remote);
	KUNIT_EXPECT_FALSE(test, has_secret(&remote->peer->remote));
	fixture_respond(test, remote);
	KUNIT_EXPECT_MEMEQ(test, remote->peer->remote.static_static,
			   remote->device.static_static, WG_KEY_SIZE);
}

/* A key that gives no secret is asked for one once, not by each message. */
static void a_peer_of_low_order_is_tried_once(struct kunit *test)
{
	static const u8 low_order[WG_KEY_SIZE] = { 1 };
	struct fixture *f = test->priv;
	struct wg_message_initiation m;
	struct wg_peer *peer;

	mutex_lock(&f->wg->config_lock);
	peer = wg_peer_create(f->wg, low_order);
	KUNIT_EXPECT_FALSE(test, IS_ERR(peer));
	if (!IS_ERR(peer))
		wg_peer_publish(peer);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_ASSERT_FALSE(test, IS_ERR(peer));
	KUNIT_EXPECT_EQ(test, fixture_write_initiation(peer, &m), -EINVAL);
	KUNIT_EXPECT_FALSE(test, has_secret(&peer->remote));
	KUNIT_EXPECT_TRUE(test, wg_noise_is_paired(&peer->remote,
						   &f->wg->local));
}

/* The device has the key, but its change has yet to come to this peer. */
static void a_handshake_may_overtake_a_new_private_key(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_session *next;

	fixture_initiate(test, remote);
	down_write(&f->wg->local_lock);
	wg_noise_local_set(&f->wg->local, other_key);
	up_write(&f->wg->local_lock);
	learn_key(f, remote);
	next = fixture_respond(test, remote).session;
	KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, WG_SLOT_CURRENT));
	mutex_lock(&f->wg->config_lock);
	wg_peer_unpair_locked(remote->peer);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_EXPECT_PTR_EQ(test, fixture_slot(remote->peer, WG_SLOT_NEXT),
			    next);
	expect_refs(test, remote->peer, 1);
}

static void a_new_private_key_ends_what_there_was(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	fixture_initiate(test, remote);
	KUNIT_EXPECT_TRUE(test, has_secret(&remote->peer->remote));
	set_private_key(f, other_key);
	KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, WG_SLOT_CURRENT));
	KUNIT_EXPECT_FALSE(test, has_secret(&remote->peer->remote));
	learn_key(f, remote);
	fixture_initiate(test, remote);
	expect_refs(test, remote->peer, 1);
}

/* --- peers that are off --- */

static void set_disabled(struct fixture *f, struct remote *remote, bool is)
{
	mutex_lock(&f->wg->config_lock);
	remote->peer->is_disabled = is;
	wg_peer_settle_locked(remote->peer);
	mutex_unlock(&f->wg->config_lock);
}

/* Nor may what was refused be taken later, from wherever it comes then. */
static void a_peer_that_is_off_gets_no_answer(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x = remote_initiated(test, remote);

	set_disabled(f, remote, true);
	KUNIT_EXPECT_EQ(test, respond(f, x), WG_DROP_PEER_OFF);
	expect_port(test, remote->peer, f->port);
	expect_refs(test, remote->peer, 0);
	set_disabled(f, remote, false);
	KUNIT_EXPECT_EQ(test, respond(f, x), WG_DROP_HS_REPLAY);
	fixture_respond(test, remote);
}

static void only_the_true_peer_is_refused_for_being_off(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x = remote_initiated(test, remote);

	set_disabled(f, remote, true);
	x->initiation.encrypted_timestamp[0] ^= 1;
	KUNIT_EXPECT_EQ(test, respond(f, x), WG_DROP_HS_BAD_INITIATION);
}

static void a_peer_that_is_off_is_asked_for_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_message_initiation m;

	set_disabled(f, remote, true);
	KUNIT_EXPECT_EQ(test, fixture_write_initiation(remote->peer, &m),
			-EALREADY);
	set_disabled(f, remote, false);
	KUNIT_EXPECT_EQ(test, fixture_write_initiation(remote->peer, &m), 0);
}

static void switching_off_ends_a_handshake_under_way(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x = answered(test, remote);

	set_disabled(f, remote, true);
	KUNIT_EXPECT_EQ(test, take_response(f, &x->response),
			WG_DROP_UNKNOWN_INDEX);
	KUNIT_EXPECT_NULL(test, memchr_inv(&remote->peer->hs->noise, 0,
					   sizeof(remote->peer->hs->noise)));
	expect_refs(test, remote->peer, 0);
}

static void switching_off_ends_all_sessions(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	fixture_initiate(test, remote);
	fixture_respond(test, remote);
	set_disabled(f, remote, true);
	KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, WG_SLOT_CURRENT));
	KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, WG_SLOT_NEXT));
	expect_refs(test, remote->peer, 0);
	set_disabled(f, remote, false);
	fixture_initiate(test, remote);
}

static void a_peer_that_is_off_stays_so_when_the_device_changes(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x;

	set_disabled(f, remote, true);
	fixture_up(f, false);
	fixture_up(f, true);
	set_private_key(f, other_key);
	learn_key(f, remote);
	x = remote_initiated(test, remote);
	KUNIT_EXPECT_EQ(test, respond(f, x), WG_DROP_PEER_OFF);
	KUNIT_EXPECT_FALSE(test, remote->peer->timers.is_started);
}

struct switcher {
	struct fixture *f;
	struct remote *remote;
	struct completion is_done;
};

static int switch_off(void *data)
{
	struct switcher *s = data;

	set_disabled(s->f, s->remote, true);
	complete(&s->is_done);
	return 0;
}

/* The switch waits for the handshake, and ends what comes of it. */
static void a_handshake_that_is_nearly_done_ends_with_the_others(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct switcher s = { .f = f, .remote = remote };
	struct exchange *x = remote_initiated(test, remote);

	KUNIT_ASSERT_EQ(test, respond(f, x), 0);
	init_completion(&s.is_done);
	mutex_lock(&remote->peer->hs_lock);
	kthread_run(switch_off, &s, "wg-switcher");
	KUNIT_EXPECT_TRUE(test, comes_true(READ_ONCE(remote->peer->is_off)));
	KUNIT_EXPECT_NOT_NULL(test, fixture_slot(remote->peer, WG_SLOT_NEXT));
	mutex_unlock(&remote->peer->hs_lock);
	wait_for_completion(&s.is_done);
	KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, WG_SLOT_NEXT));
	expect_refs(test, remote->peer, 0);
}

/* --- memory that runs out --- */

/* A response that found no memory may come again. */
static void each_failed_allocation_leaves_the_initiator_waiting(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct exchange *x = answered(test, remote);
	enum wg_drop_reason reason;
	unsigned int nth;

	for (nth = 1; ; nth++) {
		wg_fault_arm(nth);
		reason = take_response(test->priv, &x->response);
		if (!wg_fault_disarm())
			break;
		KUNIT_EXPECT_EQ(test, reason, WG_DROP_NO_MEMORY);
		expect_refs(test, remote->peer, 0);
	}
	KUNIT_EXPECT_EQ(test, nth, 2); /* the session */
	KUNIT_EXPECT_EQ(test, reason, 0);
	expect_refs(test, remote->peer, 1);
}

static void each_failed_allocation_leaves_no_session_behind(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	enum wg_drop_reason reason;
	struct exchange *x;
	unsigned int nth;

	for (nth = 1; ; nth++) {
		x = remote_initiated(test, remote);
		fixture_let_initiate(remote->peer);
		wg_fault_arm(nth);
		reason = respond(test->priv, x);
		if (!wg_fault_disarm())
			break;
		KUNIT_EXPECT_EQ(test, reason, WG_DROP_NO_MEMORY);
		expect_refs(test, remote->peer, 0);
	}
	KUNIT_EXPECT_EQ(test, nth, 3); /* what handshakes need, the session */
	KUNIT_EXPECT_EQ(test, reason, 0);
	expect_refs(test, remote->peer, 1);
}

/* --- cookies --- */

static void make_checker(struct remote *remote,
			 struct wg_cookie_checker *checker,
			 struct wg_cookie_source *source)
{
	static const u8 secret[WG_HASH_SIZE] = { 3, 1, 4 };
	const __be32 addr = REMOTE_ADDR;

	memset(checker, 0, sizeof(*checker));
	wg_cookie_checker_set_key(checker, remote->local.public_key);
	wg_cookie_checker_set_secret(checker, secret, wg_clock_now_ns());
	wg_cookie_source_set(source, &addr, sizeof(addr), htons(51820));
}

static bool has_mac2(const struct wg_cookie_checker *checker,
		     const struct wg_message_initiation *m,
		     const struct wg_cookie_source *source)
{
	return wg_cookie_checker_has_mac2(checker, m, sizeof(*m), source,
					  wg_clock_now_ns());
}

static enum wg_drop_reason take_cookie(struct fixture *f,
				       const struct wg_message_cookie *reply)
{
	enum wg_drop_reason reason;
	struct wg_peer *peer = NULL;

	reason = wg_handshake_take_cookie(f->wg, reply, &peer);
	if (peer)
		wg_peer_put(peer);
	return reason;
}

static void a_cookie_is_on_the_next_initiation(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct exchange *x = initiated(test, remote);
	struct wg_message_initiation *m = &x->initiation;
	struct wg_message_cookie reply = { }, bad;
	struct wg_cookie_checker checker;
	struct wg_cookie_source source;

	make_checker(remote, &checker, &source);
	KUNIT_EXPECT_TRUE(test, wg_cookie_checker_has_mac1(&checker, m,
							   sizeof(*m)));
	KUNIT_EXPECT_FALSE(test, has_mac2(&checker, m, &source));
	wg_cookie_checker_reply(&checker, &reply, m, sizeof(*m), &source);
	bad = reply;
	bad.encrypted_cookie[2] ^= 1;
	KUNIT_EXPECT_EQ(test, take_cookie(test->priv, &bad),
			WG_DROP_COOKIE_INVALID);
	bad = reply;
	bad.receiver_index ^= cpu_to_le32(1);
	KUNIT_EXPECT_EQ(test, take_cookie(test->priv, &bad),
			WG_DROP_UNKNOWN_INDEX);
	KUNIT_EXPECT_EQ(test, take_cookie(test->priv, &reply), 0);
	KUNIT_EXPECT_EQ(test, take_cookie(test->priv, &reply),
			WG_DROP_COOKIE_INVALID);
	x = initiated(test, remote);
	KUNIT_EXPECT_TRUE(test, has_mac2(&checker, &x->initiation, &source));
	expect_refs(test, remote->peer, 0);
}

/* The responder's message may be answered by a cookie as well. */
static void a_response_may_be_answered_by_a_cookie(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct exchange *x = remote_initiated(test, remote);
	struct wg_message_response *m = &x->response;
	struct wg_message_cookie reply = { };
	struct wg_cookie_checker checker;
	struct wg_cookie_source source;

	make_checker(remote, &checker, &source);
	KUNIT_ASSERT_EQ(test, respond(f, x), 0);
	KUNIT_EXPECT_TRUE(test, wg_cookie_checker_has_mac1(&checker, m,
							   sizeof(*m)));
	wg_cookie_checker_reply(&checker, &reply, m, sizeof(*m), &source);
	KUNIT_EXPECT_EQ(test, take_cookie(f, &reply), 0);
}

static struct kunit_case handshake_test_cases[] = {
	KUNIT_CASE(the_endpoint_follows_an_authentic_message),
	KUNIT_CASE(a_preshared_key_goes_into_the_keys),
	KUNIT_CASE(another_preshared_key_makes_no_session),
	KUNIT_CASE(a_forged_response_does_not_spoil_the_true_one),
	KUNIT_CASE(a_response_is_taken_once),
	KUNIT_CASE(only_the_newest_initiation_can_be_answered),
	KUNIT_CASE(one_initiation_leaves_in_five_seconds),
	KUNIT_CASE(without_a_key_nothing_is_initiated),
	KUNIT_CASE(a_forgotten_handshake_is_found_by_nobody),
	KUNIT_CASE(a_failed_initiation_ends_the_one_before),
	KUNIT_CASE(the_generator_is_waited_for_without_locks),
	KUNIT_CASE(an_initiation_is_taken_once),
	KUNIT_CASE(what_is_refused_leaves_no_trace),
	KUNIT_CASE(a_key_that_is_no_peers_gets_no_answer),
	KUNIT_CASE(with_the_greater_key_ours_goes_on),
	KUNIT_CASE(with_the_smaller_key_ours_is_forgotten),
	KUNIT_CASE(the_shared_secret_is_made_by_the_first_handshake),
	KUNIT_CASE(a_peer_of_low_order_is_tried_once),
	KUNIT_CASE(a_handshake_may_overtake_a_new_private_key),
	KUNIT_CASE(a_new_private_key_ends_what_there_was),
	KUNIT_CASE(a_peer_that_is_off_gets_no_answer),
	KUNIT_CASE(only_the_true_peer_is_refused_for_being_off),
	KUNIT_CASE(a_peer_that_is_off_is_asked_for_nothing),
	KUNIT_CASE(switching_off_ends_a_handshake_under_way),
	KUNIT_CASE(switching_off_ends_all_sessions),
	KUNIT_CASE(a_peer_that_is_off_stays_so_when_the_device_changes),
	KUNIT_CASE(a_handshake_that_is_nearly_done_ends_with_the_others),
	KUNIT_CASE(each_failed_allocation_leaves_the_initiator_waiting),
	KUNIT_CASE(each_failed_allocation_leaves_no_session_behind),
	KUNIT_CASE(a_cookie_is_on_the_next_initiation),
	KUNIT_CASE(a_response_may_be_answered_by_a_cookie),
	{}
};

static struct kunit_suite handshake_test_suite = {
	.name = "wg_handshake",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = handshake_test_cases,
};

kunit_test_suite(handshake_test_suite);
