// SPDX-License-Identifier: GPL-2.0
/* Dumps in many messages, and what changes between two of them. */
#include "ctl/dump.h"

#include "request.h"

/* Count the peers that a dump in small parts has, and their allowed IPs. */
static void count_in_parts(struct sk_buff *all, unsigned int *peers,
			   unsigned int *ips)
{
	struct nlattr *attr, *peer, *part, *entry;
	int rest, rest2, rest3, rest4;

	nla_for_each_attr(attr, (struct nlattr *)all->data, all->len, rest) {
		if (nla_type(attr) != WG_DEVICE_A_PEERS)
			continue;
		nla_for_each_nested(peer, attr, rest2) {
			nla_for_each_nested(part, peer, rest3) {
				if (nla_type(part) == WG_PEER_A_RX_BYTES)
					(*peers)++;
				if (nla_type(part) != WG_PEER_A_ALLOWEDIPS)
					continue;
				nla_for_each_nested(entry, part, rest4)
					(*ips)++;
			}
		}
	}
}

static void a_dump_of_many_parts_is_whole(struct kunit *test)
{
	static const unsigned int sizes[] = { 2000, 3776, 16384, 1 << 18 };
	struct fixture *f = test->priv;
	unsigned int i;

	write_many(f, 300, 0);
	add_peer(f, anna, 0);
	for (i = 0; i < 1500; i++) /* more than a message holds */
		put_ip(f, htonl(0xc0000000 + i), 32, 0);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct sk_buff *all = dump(test, f, sizes[i]);
		unsigned int peers = 0, ips = 0;

		count_in_parts(all, &peers, &ips);
		KUNIT_EXPECT_EQ_MSG(test, peers, 301, "size %u", sizes[i]);
		KUNIT_EXPECT_EQ_MSG(test, ips, 1800, "size %u", sizes[i]);
		kfree_skb(all);
	}
}

static void a_dump_survives_the_removal_of_its_place(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *part = alloc_skb(4096, GFP_KERNEL);
	struct wg_dump state = {};
	unsigned int peers = 0, ips = 0;
	u8 key[WG_KEY_LEN];
	int err;

	KUNIT_ASSERT_NOT_NULL(test, part);
	write_many(f, 100, 0);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	mutex_lock(&f->wg->config_lock);
	err = wg_dump_fill_locked(&state, part, f->wg);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_ASSERT_NOT_NULL(test, state.peer);
	count_in_parts(part, &peers, &ips);

	begin(f);
	memcpy(key, state.peer->remote.public_key, sizeof(key));
	add_peer(f, key, WG_PEER_F_REMOVE_ME);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	while (!err && !state.is_done) {
		skb_trim(part, 0);
		mutex_lock(&f->wg->config_lock);
		err = wg_dump_fill_locked(&state, part, f->wg);
		mutex_unlock(&f->wg->config_lock);
		count_in_parts(part, &peers, &ips);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, peers, 99);
	kfree_skb(part);
}

static struct kunit_case dump_test_cases[] = {
	KUNIT_CASE(a_dump_of_many_parts_is_whole),
	KUNIT_CASE(a_dump_survives_the_removal_of_its_place),
	{}
};

static struct kunit_suite dump_test_suite = {
	.name = "wg_dump",
	.init = request_init,
	.exit = request_exit,
	.test_cases = dump_test_cases,
};

kunit_test_suite(dump_test_suite);
