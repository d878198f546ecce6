// SPDX-License-Identifier: GPL-2.0
/*
 * The gate before handshakes: who is answered, who is sent a cookie, who is
 * limited, and who hears nothing. What the messages say is core/handshake's.
 */
#include "path/hs.h"

#include "fixture.h"

/* As if the queue had been long just now, for longer than a case takes. */
static void put_under_load(struct fixture *f)
{
	struct wg_hs *hs = &f->wg->path->hs;

	spin_lock_bh(&hs->queue.lock);
	hs->load.until_ns = wg_clock_now_ns() + 60 * WG_NS_PER_S;
	spin_unlock_bh(&hs->queue.lock);
}

/* Let the device take @len bytes of @message as if from the remote socket. */
static void inject(struct kunit *test, const void *message, unsigned int len)
{
	struct sk_buff *skb = fixture_datagram(test, len);
	struct fixture *f = test->priv;

	skb_put_data(skb, message, len);
	KUNIT_ASSERT_EQ(test, fixture_inject(f, skb, ntohs(f->port)), 0);
	flush_workqueue(f->wg->workqueue);
}

/* The remote side initiates, with what @maker knows of cookies. */
static struct wg_noise_handshake initiate(struct kunit *test,
					  struct remote *remote,
					  struct wg_cookie_maker *maker)
{
	struct wg_message_initiation m;
	struct wg_noise_handshake hs;

	fixture_let_initiate(remote->peer);
	KUNIT_ASSERT_EQ(test, fixture_remote_initiation(remote, &m, &hs), 0);
	wg_cookie_maker_stamp(maker, &m, sizeof(m), remote->device.public_key,
			      wg_clock_now_ns());
	inject(test, &m, sizeof(m));
	return hs;
}

/* The remote side is sent one message of @len bytes, now in @message. */
static void expect_message(struct kunit *test, void *message, unsigned int len,
			   u8 ds)
{
	struct sk_buff *skb = fixture_receive(test->priv);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb->len, len);
	KUNIT_EXPECT_EQ(test, ip_hdr(skb)->tos, ds);
	KUNIT_EXPECT_EQ(test, skb_copy_bits(skb, 0, message, len), 0);
	kfree_skb(skb);
	KUNIT_EXPECT_EQ(test, fixture_drain(test->priv), 0);
}

static void expect_response(struct kunit *test, struct remote *remote,
			    struct wg_noise_handshake *hs)
{
	struct wg_message_response response;

	expect_message(test, &response, sizeof(response), 0x88); /* AF41 */
	KUNIT_EXPECT_EQ(test, wg_noise_consume_response(hs, &response,
							&remote->local,
							&remote->device), 0);
}

/* The remote side gets a cookie, after which @maker has it. */
static void get_cookie(struct kunit *test, struct remote *remote,
		       struct wg_cookie_maker *maker)
{
	struct wg_message_cookie reply;

	initiate(test, remote, maker);
	expect_message(test, &reply, sizeof(reply), 0);
	KUNIT_EXPECT_EQ(test, reply.receiver_index, cpu_to_le32(0xfa5));
	KUNIT_ASSERT_EQ(test, wg_cookie_maker_take(maker, &reply,
						   remote->device.public_key,
						   wg_clock_now_ns()), 0);
}

static void an_initiation_is_answered_at_its_source(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct wg_cookie_maker maker = { };
	struct wg_noise_handshake hs;

	hs = initiate(test, remote, &maker);
	expect_response(test, remote, &hs);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_bytes, 148);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.tx_bytes, 92);
}

static void under_load_a_cookie_comes_first(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_cookie_maker maker = { };
	struct wg_noise_handshake hs;

	put_under_load(f);
	get_cookie(test, remote, &maker);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_COOKIE_SENT), 1);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.rx_bytes, 0);
	KUNIT_EXPECT_NULL(test, fixture_slot(remote->peer, WG_SLOT_NEXT));
	hs = initiate(test, remote, &maker);
	expect_response(test, remote, &hs);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_COOKIE_SENT), 1);
}

static void under_load_an_address_is_served_at_a_rate(struct kunit *test)
{
	const unsigned int sent = 4 * WG_SOURCE_BURST;
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_cookie_maker maker = { };
	u64 begin_ns, limited;
	unsigned int i;

	put_under_load(f);
	get_cookie(test, remote, &maker);
	begin_ns = wg_clock_now_ns();
	for (i = 0; i < sent; i++)
		initiate(test, remote, &maker);
	limited = fixture_drops(f, WG_DROP_RATE_LIMITED);
	KUNIT_EXPECT_EQ(test, fixture_drain(f) + limited, sent);
	KUNIT_EXPECT_LE(test, limited, sent - WG_SOURCE_BURST);
	KUNIT_EXPECT_GE(test, limited + 1 + (wg_clock_now_ns() - begin_ns) *
				      WG_SOURCE_RATE / WG_NS_PER_S,
			sent - WG_SOURCE_BURST);
}

/* Whoever does not know our public key is not even told to wait. */
static void a_wrong_mac1_hears_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct wg_message_initiation m = {
		.type = cpu_to_le32(WG_MESSAGE_INITIATION),
	};

	inject(test, &m, sizeof(m));
	put_under_load(f);
	inject(test, &m, sizeof(m));
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 0);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_BAD_MAC1), 2);
}

static void a_cookie_of_another_time_is_none(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_cookie_maker maker = { };
	struct wg_message_cookie reply;

	put_under_load(f);
	get_cookie(test, remote, &maker);
	spin_lock_bh(&f->wg->checker_lock);
	f->wg->checker.secret_birth_ns -= WG_COOKIE_TIME_NS;
	spin_unlock_bh(&f->wg->checker_lock);
	initiate(test, remote, &maker);
	expect_message(test, &reply, sizeof(reply), 0);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_COOKIE_SENT), 2);
}

/* What it was when it was queued does not matter, even if its mac1 is right. */
static void what_changed_in_the_queue_is_refused(struct kunit *test)
{
	u8 m[sizeof(struct wg_message_cookie)] = { WG_MESSAGE_RESPONSE };
	struct sk_buff *skb = fixture_datagram(test, sizeof(m));
	struct remote *remote = fixture_remote(test);
	struct wg_cookie_maker maker = { };
	struct fixture *f = test->priv;

	wg_cookie_maker_stamp(&maker, m, sizeof(m), remote->device.public_key,
			      wg_clock_now_ns());
	skb_put_data(skb, m, sizeof(m));
	local_bh_disable();
	wg_hs_receive(&f->wg->path->hs, skb);
	local_bh_enable();
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_BAD_TYPE), 1);
}

/* Messages wait in a line that ends somewhere; each is counted. */
static void the_queue_is_bounded(struct kunit *test)
{
	const unsigned int sent = WG_HS_QUEUE_MAX + 64;
	struct fixture *f = test->priv;
	struct wg_message_initiation m = {
		.type = cpu_to_le32(WG_MESSAGE_INITIATION),
	};
	struct sk_buff *skb;
	unsigned int i;

	local_bh_disable();
	for (i = 0; i < sent; i++) {
		skb = fixture_datagram(test, sizeof(m));
		skb_put_data(skb, &m, sizeof(m));
		wg_hs_receive(&f->wg->path->hs, skb);
	}
	local_bh_enable();
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_BAD_MAC1) +
			      fixture_drops(f, WG_DROP_HS_QUEUE_FULL), sent);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&f->wg->path->hs.queue));
	if (num_online_cpus() == 1) /* nobody took one meanwhile */
		KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_HS_QUEUE_FULL),
				64);
}

/**
 * struct stuck - a work that is not done before somebody says so
 * @work: it
 * @may_end: they have
 */
struct stuck {
	struct work_struct work;
	struct completion may_end;
};

static void wait_until_it_may_end(struct work_struct *work)
{
	wait_for_completion(&container_of(work, struct stuck, work)->may_end);
}

/* What is queued from now on waits for this. */
static void stick(struct stuck *stuck, struct workqueue_struct *queue)
{
	INIT_WORK_ONSTACK(&stuck->work, wait_until_it_may_end);
	init_completion(&stuck->may_end);
	workqueue_set_max_active(queue, 1);
	queue_work(queue, &stuck->work);
}

static void unstick(struct stuck *stuck)
{
	complete(&stuck->may_end);
	flush_work(&stuck->work);
	destroy_work_on_stack(&stuck->work);
}

static void another_device_s_queue_is_its_own(struct kunit *test)
{
	struct fixture *f = test->priv, *other = fixture_make(test);
	struct remote *remote = fixture_remote(test);
	struct wg_cookie_maker maker = { };
	struct wg_noise_handshake hs;
	struct stuck stuck;

	stick(&stuck, other->wg->workqueue);
	hs = initiate(test, remote, &maker);
	expect_response(test, remote, &hs);
	unstick(&stuck);
	fixture_free(other);
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 0);
}

/*
 * The fatal order: the work is about to forget a handshake when it is asked for that
 * again, and for another handshake.
 */
static void what_is_begun_after_the_end_is_not_forgotten(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;

	mutex_lock(&peer->hs_lock);
	wg_peer_queue(peer, WG_TODO_FORGET);
	KUNIT_EXPECT_TRUE(test, comes_true(!READ_ONCE(peer->todo)));
	wg_peer_queue(peer, WG_TODO_FORGET);
	wg_clock_event(peer, WG_EV_WANT_SESSION);
	mutex_unlock(&peer->hs_lock);
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_hs_state(peer),
			WG_NOISE_INITIATION_SENT);
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 1);
}

/* However many there are, and whatever each of them waits for. */
static void nobody_waits_for_those_who_begin(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_peer *peer = remote->peer;
	struct wg_cookie_maker maker = { };
	struct stuck beginning, sending;
	struct wg_noise_handshake hs;

	stick(&beginning, f->wg->peer_workqueue);
	stick(&sending, f->wg->flush_workqueue);
	wg_peer_queue(peer, WG_TODO_FORGET);
	wg_peer_queue_flush(peer);
	hs = initiate(test, remote, &maker);
	expect_response(test, remote, &hs);
	KUNIT_EXPECT_TRUE(test, work_pending(&peer->flush_work));
	unstick(&sending);
	KUNIT_EXPECT_TRUE(test, comes_true(!work_pending(&peer->flush_work)));
	KUNIT_EXPECT_TRUE(test, work_pending(&peer->work));
	unstick(&beginning);
	fixture_settle();
}

static struct kunit_case hs_test_cases[] = {
	KUNIT_CASE(another_device_s_queue_is_its_own),
	KUNIT_CASE(nobody_waits_for_those_who_begin),
	KUNIT_CASE(an_initiation_is_answered_at_its_source),
	KUNIT_CASE(under_load_a_cookie_comes_first),
	KUNIT_CASE(under_load_an_address_is_served_at_a_rate),
	KUNIT_CASE(a_wrong_mac1_hears_nothing),
	KUNIT_CASE(a_cookie_of_another_time_is_none),
	KUNIT_CASE(what_changed_in_the_queue_is_refused),
	KUNIT_CASE(the_queue_is_bounded),
	KUNIT_CASE(what_is_begun_after_the_end_is_not_forgotten),
	{}
};

static struct kunit_suite hs_test_suite = {
	.name = "wg_hs",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hs_test_cases,
};

kunit_test_suite(hs_test_suite);
