// SPDX-License-Identifier: GPL-2.0
/*
 * Junk is refused where it lies, without an allocation; what belongs to
 * somebody is taken out of it, and nothing else.
 */
#include "path/sift.h"

#include "fault.h"
#include "path/cb.h"
#include "poll.h"

#define SIZE 148 /* of a message: an initiation's, so that all kinds fit */
#define INNER 112 /* a data message of this has the size with a padded end */

/* A message that belongs to nobody, of kind @i. */
static void write_junk(struct writer *w, unsigned int i)
{
	u8 *message = w->bytes + w->len;

	memset(message, 0x5a, SIZE);
	put_unaligned_le32(i % 7, message); /* types 0, 5, 6 are none */
	if (i % 7 == WG_MESSAGE_INITIATION) /* the one that may be honest */
		message[3] = 1;
	w->len += SIZE;
}

static void write_junks(struct writer *w, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		write_junk(w, i);
}

/* Data for us, made as long as the others. */
static void write_honest(struct writer *w)
{
	u8 inner[SIZE - 32];

	write_inner(inner, number_of(w->f, w->remote), w->number++, INNER,
		    sizeof(inner));
	w->len += fixture_seal(&w->session, w->bytes + w->len, inner,
			       sizeof(inner));
}

/* One poll of what @w wrote. Return: whether it came to @nth allocation. */
static bool poll_came_to_allocation(struct kunit *test, struct writer *w,
				    unsigned int nth)
{
	bool is_there;

	poll_hold(w->f);
	send(test, w, SIZE);
	wg_fault_arm(nth);
	poll_once(w->f);
	is_there = wg_fault_disarm();
	poll_let_go(w->f);
	return is_there;
}

static u64 junk_drops(struct fixture *f)
{
	return fixture_drops(f, WG_DROP_BAD_TYPE) +
	       fixture_drops(f, WG_DROP_TOO_SHORT) +
	       fixture_drops(f, WG_DROP_UNKNOWN_INDEX);
}

static void junk_allocates_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	write_junks(w, 60);
	KUNIT_EXPECT_FALSE(test, poll_came_to_allocation(test, w, 1));
	KUNIT_EXPECT_EQ(test, junk_drops(f), 60);
	expect_quiet(test, f);
}

static void an_honest_message_gets_out_of_junk(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);

	write_junks(w, 30);
	write_honest(w);
	write_junks(w, 29);
	/* one for the copy, one for what is in it */
	KUNIT_EXPECT_FALSE(test, poll_came_to_allocation(test, w, 3));
	fixture_await(f, 1);
	expect_inner(test, f, 0, INNER);
	KUNIT_EXPECT_EQ(test, junk_drops(f), 59);
	expect_quiet(test, f);
}

/* A run inside an aggregate is one copy and one batch. */
static void an_honest_run_gets_out_as_one(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct sk_buff *skb, *list;
	unsigned int i;

	write_junks(w, 1);
	for (i = 0; i < 40; i++)
		write_honest(w);
	write_junks(w, 1);
	skb = take_datagram(test, w, &flat);
	fixture_aggregate(skb, SIZE);
	KUNIT_ASSERT_EQ(test, fixture_wrap(f, skb, SOURCE_PORT, 0), 0);
	skb_pull(skb, sizeof(struct iphdr) + sizeof(struct udphdr));
	rcu_read_lock();
	list = wg_sift(f->wg, skb);
	rcu_read_unlock();
	KUNIT_ASSERT_NOT_NULL(test, list);
	KUNIT_EXPECT_NULL(test, list->next);
	KUNIT_EXPECT_EQ(test, list->len, 40 * SIZE);
	KUNIT_EXPECT_EQ(test, wg_rx_cb(list)->messages, 40);
	KUNIT_EXPECT_PTR_EQ(test, wg_rx_cb(list)->session,
			    w->session.session);
	KUNIT_EXPECT_EQ(test, junk_drops(f), 2);
	kfree_skb(list);
}

/* A bridge or a packet tap has a clone, and believes what that says. */
static void what_others_share_stays_as_it_is(struct kunit *test)
{
	const unsigned int type = SKB_GSO_UDP_L4 | SKB_GSO_DODGY |
				  SKB_GSO_UDP_TUNNEL;
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	struct sk_buff *skb, *clone;
	unsigned int i;

	for (i = 0; i < 40; i++)
		write_honest(w);
	skb = take_datagram(test, w, &flat);
	fixture_aggregate(skb, SIZE);
	KUNIT_ASSERT_EQ(test, fixture_wrap(f, skb, SOURCE_PORT, 0), 0);
	skb_pull(skb, sizeof(struct iphdr) + sizeof(struct udphdr));
	skb_shinfo(skb)->gso_type = type;
	clone = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, wg_sift(f->wg, skb), skb);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, skb_shinfo(clone)->gso_type, type);
	KUNIT_EXPECT_EQ(test, skb_shinfo(clone)->gso_size, SIZE);
	kfree_skb(clone);
	kfree_skb(skb);
}

/* Whatever the order of two sessions and junk, each message arrives once. */
static void nothing_is_lost_between_runs(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *a = new_writer(test), *b = new_writer(test);
	unsigned int round, i, sent = 0, junk = 0;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < 60; i++) {
			switch ((i * i + round * i) % 7) {
			case 0:
				write_junk(a, i);
				junk++;
				break;
			case 1:
				write_honest(b);
				memcpy(a->bytes + a->len, b->bytes, SIZE);
				a->len += SIZE;
				b->len = 0;
				sent++;
				break;
			default:
				write_honest(a);
				sent++;
			}
		}
		send(test, a, SIZE);
	}
	fixture_await(f, sent);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&f->arrived), sent);
	KUNIT_EXPECT_EQ(test, junk_drops(f), junk);
}

static void one_handshake_of_a_type_is_enough(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct writer *w = new_writer(test);
	unsigned int i;

	for (i = 0; i < 60; i++) {
		memset(w->bytes + w->len, 0, SIZE);
		put_unaligned_le32(WG_MESSAGE_INITIATION, w->bytes + w->len);
		w->len += SIZE;
	}
	KUNIT_EXPECT_FALSE(test, poll_came_to_allocation(test, w, 2));
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_HS_EXCESS), 59);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_BAD_MAC1), 1);
}

static struct kunit_case sift_test_cases[] = {
	KUNIT_CASE(junk_allocates_nothing),
	KUNIT_CASE(an_honest_message_gets_out_of_junk),
	KUNIT_CASE(an_honest_run_gets_out_as_one),
	KUNIT_CASE(what_others_share_stays_as_it_is),
	KUNIT_CASE(nothing_is_lost_between_runs),
	KUNIT_CASE(one_handshake_of_a_type_is_enough),
	{}
};

static struct kunit_suite sift_test_suite = {
	.name = "wg_sift",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = sift_test_cases,
};

kunit_test_suite(sift_test_suite);
