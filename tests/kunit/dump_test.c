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

static unsigned int count_refusals(const struct sk_buff *all)
{
	const struct nlattr *attr;
	unsigned int count = 0;
	int rest;

	nla_for_each_attr(attr, (struct nlattr *)all->data, all->len, rest)
		count += nla_type(attr) == WG_DEVICE_A_REFUSALS;
	return count;
}

static void note_all_that_fit(struct fixture *f)
{
	unsigned int row, i;

	for (row = 0; row < WG_REFUSAL_ROWS; row++)
		for (i = 0; i < WG_REFUSALS_KEPT; i++)
			f->wg->refusals.kept[row][i] = (struct wg_refusal){
				.time_ns = 1,
				.reason = WG_DROP_PEER_END + row,
				.about.addr6.sin6_family = AF_INET6,
			};
}

static void a_dump_of_any_size_has_all_refusals(struct kunit *test)
{
	static const unsigned int sizes[] = { 2200, 3776, 16384 };
	struct fixture *f = test->priv;
	unsigned int i;

	note_all_that_fit(f);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct sk_buff *all = dump(test, f, sizes[i]);

		KUNIT_EXPECT_EQ(test, count_refusals(all),
				WG_REFUSAL_ROWS * WG_REFUSALS_KEPT);
		kfree_skb(all);
	}
}

/**
 * struct reader - somebody who reads a dump with pauses
 * @state: where the dump is
 * @part: one message
 * @peers: how many were read
 * @ips: and their allowed IPs
 */
struct reader {
	struct wg_dump state;
	struct sk_buff *part;
	unsigned int peers;
	unsigned int ips;
};

static void open_reader(struct kunit *test, struct reader *r)
{
	*r = (struct reader){ .part = alloc_skb(4096, GFP_KERNEL) };
	KUNIT_ASSERT_NOT_NULL(test, r->part);
}

static void read_one(struct kunit *test, struct reader *r)
{
	struct fixture *f = test->priv;
	int err;

	skb_trim(r->part, 0);
	mutex_lock(&f->wg->config_lock);
	err = wg_dump_fill_locked(&r->state, r->part, f->wg);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_ASSERT_EQ(test, err, 0);
	count_in_parts(r->part, &r->peers, &r->ips);
}

static void read_rest(struct kunit *test, struct reader *r)
{
	while (!r->state.is_done)
		read_one(test, r);
	wg_dump_end(&r->state);
	kfree_skb(r->part);
}

/* Where the reader is now, that peer goes; its memory is free at the return. */
static void remove_place(struct kunit *test, struct reader *r)
{
	struct fixture *f = test->priv;
	u8 key[WG_KEY_LEN];

	KUNIT_ASSERT_FALSE(test, r->state.is_done);
	memcpy(key, r->state.cursor.peer->remote.public_key, sizeof(key));
	begin(f);
	add_peer(f, key, WG_PEER_F_REMOVE_ME);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	rcu_barrier();
}

static void a_dump_survives_the_removal_of_its_place(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct reader r;

	write_many(f, 100, 0);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	open_reader(test, &r);
	read_one(test, &r);
	remove_place(test, &r);
	read_rest(test, &r);
	KUNIT_EXPECT_EQ(test, r.peers, 99);
}

/* The number of a generation comes round. It proves nothing. */
static void no_number_makes_a_dump_trust_what_has_gone(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct reader r;
	u32 generation;

	write_many(f, 100, 0);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	open_reader(test, &r);
	read_one(test, &r);
	generation = f->wg->generation;
	remove_place(test, &r);
	f->wg->generation = generation;
	read_rest(test, &r);
	KUNIT_EXPECT_EQ(test, r.peers, 99);
}

/* The device goes while its reader pauses. */
static void a_dump_survives_the_end_of_all_peers(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int before;
	struct reader r;

	write_many(f, 100, 0);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	open_reader(test, &r);
	read_one(test, &r);
	before = r.peers;
	mutex_lock(&f->wg->config_lock);
	wg_device_remove_peers_locked(f->wg);
	mutex_unlock(&f->wg->config_lock);
	rcu_barrier();
	read_rest(test, &r);
	KUNIT_EXPECT_EQ(test, r.peers, before);
}

static void write_wide_peer(struct fixture *f)
{
	unsigned int i;

	begin(f);
	add_peer(f, anna, 0);
	for (i = 0; i < 1500; i++)
		put_ip(f, htonl(0xc0000000 + i), 32, 0);
	add_peer(f, bert, 0);
}

/* A reader who pauses in the midst of a peer goes on there. */
static void a_change_elsewhere_costs_a_dump_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct reader r;

	write_wide_peer(f);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	open_reader(test, &r);
	do {
		read_one(test, &r);
		begin(f);
		add_peer(f, bert, 0);
		nla_put_string(f->message, WG_PEER_A_NAME, "bert");
		KUNIT_ASSERT_EQ(test, apply(f), 0);
	} while (!r.state.is_done);
	read_rest(test, &r);
	KUNIT_EXPECT_EQ(test, r.peers, 2);
	KUNIT_EXPECT_EQ(test, r.ips, 1500);
}

/* All allowed IPs of the peer at hand go to another, the next one included. */
static void a_dump_survives_the_loss_of_its_prefix(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i, before;
	struct reader r;

	write_wide_peer(f);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	open_reader(test, &r);
	read_one(test, &r);
	before = r.ips;
	KUNIT_ASSERT_NE(test, before, 0);
	begin(f);
	add_peer(f, carl, 0);
	for (i = 0; i < 1500; i++)
		put_ip(f, htonl(0xc0000000 + i), 32, 0);
	KUNIT_ASSERT_EQ(test, apply(f), 0);
	rcu_barrier();
	read_rest(test, &r);
	KUNIT_EXPECT_EQ(test, r.peers, 3);
	KUNIT_EXPECT_EQ(test, r.ips, before + 1500);
}

/* Each removal of a peer looks at all dumps that wait: so they are not many. */
static void dumps_that_wait_are_bounded(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sk_buff *part = alloc_skb(1 << 16, GFP_KERNEL);
	struct wg_dump *dumps;
	unsigned int i;

	dumps = kunit_kcalloc(test, WG_PEER_CURSORS_MAX + 1, sizeof(*dumps),
			      GFP_KERNEL);
	mutex_lock(&f->wg->config_lock);
	for (i = 0; i <= WG_PEER_CURSORS_MAX; i++) {
		dumps[i].device_id = f->wg->id;
		skb_trim(part, 0);
		KUNIT_EXPECT_EQ(test, wg_dump_fill_locked(&dumps[i], part,
							  f->wg),
				i < WG_PEER_CURSORS_MAX ? 0 : -EBUSY);
	}
	wg_dump_end(&dumps[0]);
	skb_trim(part, 0);
	KUNIT_EXPECT_EQ(test, wg_dump_fill_locked(&dumps[i - 1], part, f->wg),
			0);
	mutex_unlock(&f->wg->config_lock);
	while (i--)
		wg_dump_end(&dumps[i]);
	kfree_skb(part);
}

static struct kunit_case dump_test_cases[] = {
	KUNIT_CASE(dumps_that_wait_are_bounded),
	KUNIT_CASE(a_dump_of_many_parts_is_whole),
	KUNIT_CASE(a_dump_of_any_size_has_all_refusals),
	KUNIT_CASE(a_dump_survives_the_removal_of_its_place),
	KUNIT_CASE(no_number_makes_a_dump_trust_what_has_gone),
	KUNIT_CASE(a_dump_survives_the_end_of_all_peers),
	KUNIT_CASE(a_change_elsewhere_costs_a_dump_nothing),
	KUNIT_CASE(a_dump_survives_the_loss_of_its_prefix),
	{}
};

static struct kunit_suite dump_test_suite = {
	.name = "wg_dump",
	.init = request_init,
	.exit = request_exit,
	.test_cases = dump_test_cases,
};

kunit_test_suite(dump_test_suite);
