// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a peer: who sees it when, what ends with it, and that nothing
 * of it stays behind.
 */
#include "core/peer.h"

#include "core/clock.h"
#include "fixture.h"
#include "packets.h"
#include "path/tx.h"

static const u8 stranger[WG_KEY_SIZE] = { 9 };

static struct wg_peer *create(struct fixture *f, const u8 *key)
{
	struct wg_peer *peer;

	mutex_lock(&f->wg->config_lock);
	peer = wg_peer_create(f->wg, key);
	mutex_unlock(&f->wg->config_lock);
	return peer;
}

static bool is_known(struct fixture *f, const u8 *key)
{
	struct wg_peer *peer = wg_peer_get_by_key(f->wg, key);

	if (peer)
		wg_peer_put(peer);
	return peer;
}

/* Hand the device a packet for @remote whose payload is @len bytes. */
static void send(struct kunit *test, struct remote *remote, unsigned int len)
{
	struct packet_form form = { .payload = len, .to = 1 };
	struct fixture *f = test->priv;
	struct sk_buff *skb;

	form.to = remote - f->remote + 1;
	skb = packet_make(test, &form);
	skb->dev = f->dev;
	rcu_read_lock_bh();
	wg_tx_xmit(skb, f->dev);
	rcu_read_unlock_bh();
}

static unsigned int staged(struct remote *remote)
{
	return skb_queue_len_lockless(&remote->peer->txq.packets);
}

/* --- life --- */

static void a_peer_is_seen_once_it_is_published(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_peer *peer = create(f, stranger);

	KUNIT_ASSERT_FALSE(test, IS_ERR(peer));
	KUNIT_EXPECT_FALSE(test, is_known(f, stranger));
	mutex_lock(&f->wg->config_lock);
	KUNIT_EXPECT_PTR_EQ(test, wg_peer_find_locked(f->wg, stranger), peer);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 0);
	wg_peer_publish(peer);
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 1);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_EXPECT_TRUE(test, is_known(f, stranger));
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
}

static void a_public_key_is_taken_once(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_peer *peer = create(f, stranger);

	KUNIT_ASSERT_FALSE(test, IS_ERR(peer));
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(create(f, stranger)), -EEXIST);
	mutex_lock(&f->wg->config_lock);
	wg_peer_discard(peer);
	mutex_unlock(&f->wg->config_lock);
	peer = create(f, stranger);
	KUNIT_ASSERT_FALSE(test, IS_ERR(peer));
	mutex_lock(&f->wg->config_lock);
	wg_peer_discard(peer);
	mutex_unlock(&f->wg->config_lock);
}

static void a_killed_peer_is_seen_by_nobody(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_session *session = fixture_initiate(test, remote).session;
	struct wg_peer *peer = remote->peer;
	const __le32 index = session->index.value;

	refcount_inc(&peer->refs);
	fixture_kill(f, remote);
	KUNIT_EXPECT_FALSE(test, is_known(f, remote->local.public_key));
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&f->wg->peers));
	rcu_read_lock();
	KUNIT_EXPECT_NULL(test, wg_peer_get_rcu(peer));
	KUNIT_EXPECT_NULL(test, wg_session_by_index_rcu(f->wg, index));
	KUNIT_EXPECT_NULL(test, wg_peer_by_addr4_rcu(f->wg,
						     htonl(0x0a010001)));
	rcu_read_unlock();
	wg_peer_put(peer);
}

/* Who holds a session holds its peer; nobody else does once it is killed. */
static void sessions_keep_a_killed_peer_and_no_longer(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_session *a = fixture_initiate(test, remote).session;
	struct wg_session *b = fixture_respond(test, remote).session;
	struct wg_peer *peer = remote->peer;

	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 3);
	refcount_inc(&peer->refs);
	KUNIT_ASSERT_TRUE(test, wg_session_get_rcu(a));
	KUNIT_ASSERT_TRUE(test, wg_session_get_rcu(b));
	fixture_kill(test->priv, remote);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 3);
	wg_session_put(a);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 2);
	wg_session_put(b);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
	wg_peer_put(peer);
}

static void a_handshake_under_way_ends_with_its_peer(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer, *found = NULL;
	struct wg_message_initiation initiation;
	struct wg_message_response response;
	struct wg_endpoint from = { };
	struct wg_noise_handshake hs;

	refcount_inc(&peer->refs);
	KUNIT_ASSERT_EQ(test, fixture_write_initiation(peer, &initiation), 0);
	KUNIT_ASSERT_EQ(test, fixture_answer(remote, &initiation, 1, &response,
					     &hs), 0);
	fixture_kill(f, remote);
	KUNIT_EXPECT_EQ(test, wg_handshake_complete(f->wg, &response, &from,
						    &found),
			WG_DROP_UNKNOWN_INDEX);
	KUNIT_EXPECT_NULL(test, found);
	KUNIT_EXPECT_EQ(test, fixture_hs_state(peer), WG_NOISE_NONE);
	KUNIT_EXPECT_NULL(test, memchr_inv(peer->hs->noise.ephemeral_private,
					   0, WG_KEY_SIZE));
	KUNIT_EXPECT_EQ(test, refcount_read(&peer->refs), 1);
	wg_peer_put(peer);
}

static void nothing_starts_again_for_a_dead_peer(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	struct wg_message_initiation m;

	refcount_inc(&peer->refs);
	wg_clock_set_keepalive(peer, 25);
	KUNIT_EXPECT_TRUE(test, timer_pending(&peer->timer));
	fixture_kill(test->priv, remote);
	KUNIT_EXPECT_FALSE(test, timer_pending(&peer->timer));
	wg_clock_set_keepalive(peer, 0);
	wg_clock_set_keepalive(peer, 1);
	wg_clock_event(peer, WG_EV_DATA_SENT);
	wg_clock_event(peer, WG_EV_WANT_SESSION);
	wg_peer_queue(peer, WG_TODO_FORGET);
	wg_peer_queue_flush(peer);
	KUNIT_EXPECT_FALSE(test, timer_pending(&peer->timer));
	KUNIT_EXPECT_FALSE(test, test_bit(WG_TODO_FORGET, &peer->todo));
	KUNIT_EXPECT_FALSE(test, work_pending(&peer->work));
	KUNIT_EXPECT_FALSE(test, work_pending(&peer->flush_work));
	KUNIT_EXPECT_EQ(test, wg_handshake_initiate(peer, &m), -EALREADY);
	wg_peer_put(peer);
}

/* --- what waits for a session --- */

static void at_most_128_packets_wait_and_the_oldest_go(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	unsigned int i;

	for (i = 0; i < 128; i++)
		send(test, remote, 100 + i);
	KUNIT_EXPECT_EQ(test, staged(remote), 128);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_STAGED_FULL), 0);
	for (; i < 131; i++)
		send(test, remote, 100 + i);
	KUNIT_EXPECT_EQ(test, staged(remote), 128);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_STAGED_FULL), 3);
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(remote->peer,
						 WG_DROP_STAGED_FULL), 3);
	spin_lock_bh(&remote->peer->lock);
	KUNIT_EXPECT_EQ(test, skb_peek(&remote->peer->txq.packets)->len,
			28 + 103);
	KUNIT_EXPECT_EQ(test, skb_peek_tail(&remote->peer->txq.packets)->len,
			28 + 230);
	spin_unlock_bh(&remote->peer->lock);
}

static void what_waits_is_dropped_with_its_peer(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;

	refcount_inc(&peer->refs);
	send(test, remote, 100);
	send(test, remote, 100);
	KUNIT_EXPECT_EQ(test, staged(remote), 2);
	fixture_kill(f, remote);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&peer->txq.packets));
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_OTHER_PEER_GONE), 2);
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(peer,
						 WG_DROP_OTHER_PEER_GONE), 2);
	wg_peer_put(peer);
}

static void a_device_that_goes_down_ends_all(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	send(test, remote, 100);
	fixture_respond(test, remote);
	fixture_up(f, false);
	KUNIT_EXPECT_EQ(test, staged(remote), 0);
	KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, WG_SLOT_NEXT));
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_OTHER_PEER_GONE), 1);
	spin_lock_bh(&remote->peer->lock);
	KUNIT_EXPECT_EQ(test, wg_timers_next(&remote->peer->timers),
			WG_NEVER_NS);
	spin_unlock_bh(&remote->peer->lock);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, refcount_read(&remote->peer->refs), 1);
	fixture_up(f, true);
	KUNIT_EXPECT_NOT_NULL(test, fixture_initiate(test, remote).session);
}

static void set_private_key(struct fixture *f, u8 number)
{
	const u8 key[WG_KEY_SIZE] = { number };

	mutex_lock(&f->wg->config_lock);
	wg_device_set_private_key_locked(f->wg, key);
	mutex_unlock(&f->wg->config_lock);
	fixture_settle();
}

static void what_waits_for_a_private_key_goes_on_when_it_comes(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	set_private_key(f, 0);
	send(test, remote, 100);
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 0);
	set_private_key(f, 8);
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 1); /* an initiation */
	KUNIT_EXPECT_EQ(test, staged(remote), 1);
}

/* --- configuration --- */

static void expiry_ends_sessions_and_leaves_the_rest(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_endpoint endpoint;

	send(test, remote, 100);
	fixture_respond(test, remote);
	mutex_lock(&f->wg->config_lock);
	wg_peer_expire_locked(remote->peer);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, WG_SLOT_NEXT));
	KUNIT_EXPECT_EQ(test, staged(remote), 1);
	/* and what waits is not left without a deadline */
	KUNIT_EXPECT_TRUE(test, timer_pending(&remote->peer->timer));
	spin_lock_bh(&remote->peer->lock);
	KUNIT_EXPECT_LE(test, wg_timers_next(&remote->peer->timers),
			wg_clock_now_ns() + WG_REKEY_TIMEOUT_NS);
	spin_unlock_bh(&remote->peer->lock);
	wg_peer_copy_endpoint(remote->peer, &endpoint);
	KUNIT_EXPECT_TRUE(test, wg_endpoint_is_set(&endpoint));
}

static void a_reset_peer_is_as_new(struct kunit *test)
{
	static const u8 psk[WG_KEY_SIZE] = { 1, 2, 3 };
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	struct wg_endpoint endpoint;

	fixture_initiate(test, remote);
	fixture_respond(test, remote);
	send(test, remote, 100);
	wg_peer_set_psk(peer, psk);
	wg_clock_set_keepalive(peer, 25);
	wg_drop_count(f->wg, peer, WG_DROP_REPLAY, 1);
	KUNIT_ASSERT_NOT_NULL(test, peer->drops);
	mutex_lock(&f->wg->config_lock);
	wg_peer_reset_locked(peer);
	mutex_unlock(&f->wg->config_lock);
	wg_peer_copy_endpoint(peer, &endpoint);
	KUNIT_EXPECT_FALSE(test, wg_endpoint_is_set(&endpoint));
	KUNIT_EXPECT_NULL(test, fixture_slot(peer, WG_SLOT_CURRENT));
	KUNIT_EXPECT_NULL(test, memchr_inv(peer->remote.psk, 0, WG_KEY_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(&peer->hs->past, 0,
					   sizeof(peer->hs->past)));
	KUNIT_EXPECT_NULL(test, memchr_inv(&peer->counters, 0,
					   sizeof(peer->counters)));
	KUNIT_EXPECT_NULL(test, memchr_inv(peer->drops, 0,
					   sizeof(*peer->drops)));
	KUNIT_EXPECT_EQ(test, peer->timers.persistent_s, 0);
	KUNIT_EXPECT_EQ(test, staged(remote), 0);
	KUNIT_EXPECT_FALSE(test, is_known(f, remote->local.public_key));
	mutex_lock(&f->wg->config_lock);
	wg_peer_publish(peer);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_EXPECT_TRUE(test, is_known(f, remote->local.public_key));
	KUNIT_EXPECT_EQ(test, f->wg->peer_count, 1);
	KUNIT_EXPECT_EQ(test, list_count_nodes(&f->wg->peers), 1);
}

static void a_keepalive_that_is_switched_on_is_sent_at_once(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct sk_buff *skb;

	fixture_initiate(test, remote);
	wg_clock_set_keepalive(remote->peer, 25);
	skb = fixture_receive(f);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb->len, 32);
	kfree_skb(skb);
	wg_clock_set_keepalive(remote->peer, 26);
	KUNIT_EXPECT_NULL(test, fixture_receive(f));
}

static void a_new_endpoint_has_no_sticky_source(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_endpoint endpoint = { };

	endpoint.addr4.sin_family = AF_INET;
	endpoint.src4.s_addr = htonl(0x01020304);
	endpoint.src_if4 = 7;
	wg_peer_set_endpoint(remote->peer, &endpoint);
	wg_peer_copy_endpoint(remote->peer, &endpoint);
	KUNIT_EXPECT_EQ(test, endpoint.src4.s_addr, 0);
	KUNIT_EXPECT_EQ(test, endpoint.src_if4, 0);

	endpoint.src4.s_addr = htonl(0x01020304);
	wg_peer_heard(remote->peer, &endpoint, 92);
	memset(&endpoint, 0, sizeof(endpoint));
	wg_peer_copy_endpoint(remote->peer, &endpoint);
	KUNIT_EXPECT_EQ(test, endpoint.src4.s_addr, htonl(0x01020304));
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_bytes, 92);

	/* what comes while the peer is made anew is of its life before */
	endpoint.addr4.sin_port = htons(1);
	WRITE_ONCE(remote->peer->is_dead, true);
	wg_peer_heard(remote->peer, &endpoint, 92);
	WRITE_ONCE(remote->peer->is_dead, false);
	wg_peer_copy_endpoint(remote->peer, &endpoint);
	KUNIT_EXPECT_EQ(test, endpoint.addr4.sin_port, 0);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_bytes, 92);

	wg_peer_clear_source(remote->peer);
	wg_peer_copy_endpoint(remote->peer, &endpoint);
	KUNIT_EXPECT_EQ(test, endpoint.src4.s_addr, 0);
}

/* --- drops --- */

static void drops_are_counted_once_on_each(struct kunit *test)
{
	struct packet_form form = { .is_tcp = true, .payload = 3000,
				    .size = 1000 };
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	wg_drop_count(f->wg, remote->peer, WG_DROP_REPLAY, 5);
	wg_drop_count(f->wg, NULL, WG_DROP_REPLAY, 1);
	wg_drop_count(f->wg, remote->peer, WG_DROP_BAD_MAC1, 2);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_REPLAY), 6);
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(remote->peer, WG_DROP_REPLAY),
			5);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_BAD_MAC1), 2);
	wg_drop_skb(f->wg, remote->peer, packet_make(test, &form),
		    WG_DROP_NO_ROUTE);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_NO_ROUTE), 3);
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(remote->peer,
						 WG_DROP_NO_ROUTE), 3);
}

static void every_reason_has_a_name_of_its_own(struct kunit *test)
{
	enum wg_drop_reason a, b;

	for (a = WG_DROP_NONE; a < WG_DROP_END; a++) {
		KUNIT_ASSERT_NOT_NULL(test, wg_drop_name(a));
		for (b = WG_DROP_NONE; b < a; b++)
			KUNIT_EXPECT_STRNEQ(test, wg_drop_name(a),
					    wg_drop_name(b));
	}
}

static struct kunit_case peer_test_cases[] = {
	KUNIT_CASE(a_peer_is_seen_once_it_is_published),
	KUNIT_CASE(a_public_key_is_taken_once),
	KUNIT_CASE(a_killed_peer_is_seen_by_nobody),
	KUNIT_CASE(sessions_keep_a_killed_peer_and_no_longer),
	KUNIT_CASE(a_handshake_under_way_ends_with_its_peer),
	KUNIT_CASE(nothing_starts_again_for_a_dead_peer),
	KUNIT_CASE(at_most_128_packets_wait_and_the_oldest_go),
	KUNIT_CASE(what_waits_is_dropped_with_its_peer),
	KUNIT_CASE(a_device_that_goes_down_ends_all),
	KUNIT_CASE(what_waits_for_a_private_key_goes_on_when_it_comes),
	KUNIT_CASE(expiry_ends_sessions_and_leaves_the_rest),
	KUNIT_CASE(a_reset_peer_is_as_new),
	KUNIT_CASE(a_keepalive_that_is_switched_on_is_sent_at_once),
	KUNIT_CASE(a_new_endpoint_has_no_sticky_source),
	KUNIT_CASE(drops_are_counted_once_on_each),
	KUNIT_CASE(every_reason_has_a_name_of_its_own),
	{}
};

static struct kunit_suite peer_test_suite = {
	.name = "wg_peer",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = peer_test_cases,
};

kunit_test_suite(peer_test_suite);
