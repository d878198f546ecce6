// SPDX-License-Identifier: GPL-2.0
/*
 * What befalls a device from outside: a virtual machine that was copied while
 * it ran. Suspending, whose notifiers no module may call, is
 * tests/net/suspend.sh.
 */
#include "ctl/netdev.h"

#include <linux/random.h>

#include "fixture.h"

/* Say what the driver of the generation counter says. False: it is no module. */
static bool fork_machine(void)
{
#if IS_MODULE(CONFIG_VMGENID)
	static const u8 generation[16] = { 4, 8, 15, 16, 23, 42 };

	add_vmfork_randomness(generation, sizeof(generation));
	return true;
#else
	return false;
#endif
}

static void expect_no_session(struct kunit *test, struct far *far)
{
	unsigned int i;

	for (i = 0; i < WG_SLOT_COUNT; i++)
		KUNIT_EXPECT_NULL(test, fixture_slot(far->peer, i));
	KUNIT_EXPECT_EQ(test, far->peer->handshake.state, WG_NOISE_NONE);
}

/* Both machines would number messages under the same keys by the same counters. */
static void a_copy_of_the_machine_ends_every_session(struct kunit *test)
{
	struct far *one = fixture_far(test), *two = fixture_far(test);
	struct wg_message_initiation initiation;
	__le32 index;

	fixture_initiate(test, one);
	fixture_respond(test, one);
	index = fixture_initiate(test, two).session->index.value;
	fixture_write_initiation(two->peer, &initiation);
	if (!fork_machine())
		kunit_skip(test, "this kernel exports no way to say it");
	expect_no_session(test, one);
	expect_no_session(test, two);
	rcu_read_lock();
	KUNIT_EXPECT_NULL(test, wg_session_by_index_rcu(two->peer->wg, index));
	rcu_read_unlock();
	fixture_initiate(test, one);
	fixture_initiate(test, two);
}

/* Packets wait for the next session as they would have for the first one. */
static void a_copy_of_the_machine_loses_no_packet(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct far *far = fixture_far(test);
	struct sk_buff *waiting = fixture_datagram(test, 100);

	skb_put_zero(waiting, 100);
	spin_lock_bh(&far->peer->lock);
	__skb_queue_tail(&far->peer->staged, waiting);
	spin_unlock_bh(&far->peer->lock);
	if (!fork_machine())
		kunit_skip(test, "this kernel exports no way to say it");
	KUNIT_EXPECT_EQ(test, skb_queue_len_lockless(&far->peer->staged), 1);
	KUNIT_EXPECT_TRUE(test, netif_running(f->dev));
}

static struct kunit_case netdev_test_cases[] = {
	KUNIT_CASE(a_copy_of_the_machine_ends_every_session),
	KUNIT_CASE(a_copy_of_the_machine_loses_no_packet),
	{}
};

static struct kunit_suite netdev_test_suite = {
	.name = "wg_netdev",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = netdev_test_cases,
};

kunit_test_suite(netdev_test_suite);
