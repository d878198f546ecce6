// SPDX-License-Identifier: GPL-2.0
/*
 * What the stack sends through the device arrives at the remote side as the
 * packets that the kernel would have made of it, in order, numbered without a
 * gap, in runs that UDP GSO can carry.
 */
#include "path/tx.h"

#include "fault.h"
#include "path/cb.h"
#include "path/udp.h"
#include "reader.h"

/* --- batches --- */

static const struct packet_form forms[] = {
	{ "1 UDP v4", .payload = 900, .to = 1 },
	{ "1 UDP v6, padding cut at the MTU", .payload = 1370, .is_ip6 = true,
	  .to = 1 },
	{ "1 TCP v4 in frags", .is_tcp = true, .payload = 1300, .frag = 500,
	  .to = 1 },
	{ "2, equal", .is_tcp = true, .payload = 2 * 1340, .size = 1340,
	  .to = 1 },
	{ "2, tail of 1", .is_tcp = true, .payload = 1341, .size = 1340,
	  .flags = 0x98, .to = 1 },
	{ "45 of the MTU", .is_tcp = true, .payload = 45 * 1368, .size = 1368,
	  .option = 12, .flags = 0x18, .to = 1 },
	{ "45, v6, frags", .is_tcp = true, .is_ip6 = true, .frag = 32000,
	  .payload = 45 * 1348 - 600, .size = 1348, .option = 12, .to = 1 },
	{ "63", .is_tcp = true, .payload = 63 * 500, .size = 500, .to = 1 },
	{ "64, tail", .is_tcp = true, .payload = 64 * 500 - 9, .size = 500,
	  .flags = 0x11, .to = 1 },
	{ "65", .is_tcp = true, .is_ip6 = true, .payload = 65 * 500,
	  .size = 500, .to = 1 },
	{ "129, tail", .is_tcp = true, .payload = 129 * 400 - 300, .size = 400,
	  .flags = 0x98, .to = 1 },
	{ "129 UDP", .payload = 129 * 400 - 1, .size = 400, .to = 1 },
	{ "64 UDP v6", .is_ip6 = true, .payload = 64 * 700, .size = 700,
	  .frag = 4096, .linear = 1, .to = 1 },
	{ "45, odd", .is_tcp = true, .payload = 45 * 1367 - 3, .size = 1367,
	  .shift = 1, .frag = 4097, .linear = 77, .to = 1 },
	{ "3, cut by the kernel", .is_tcp = true, .payload = 3000,
	  .size = 1300, .gso_type = SKB_GSO_TCP_FIXEDID, .to = 1 },
};

KUNIT_ARRAY_PARAM(form, forms, packet_describe);

static void a_batch_arrives_as_the_kernel_would_cut_it(struct kunit *test)
{
	const struct packet_form *form = test->param_value;
	struct reader *r = new_reader(test);
	struct sk_buff *skb = packet_make(test, form);
	struct sk_buff *list = packet_cut(test, skb);
	unsigned int count = packet_count(list);

	KUNIT_EXPECT_EQ(test, xmit(test->priv, skb), NETDEV_TX_OK);
	expect_list(test, r, list);
	expect_nothing_more(test, r);
	KUNIT_EXPECT_EQ(test, r->counter, count);
	KUNIT_EXPECT_EQ(test, r->remote->peer->counters.tx_packets, count);
	KUNIT_EXPECT_LE(test, r->runs, DIV_ROUND_UP(count, 64) + 1);
}

static void a_packet_that_others_hold_is_not_written_to(struct kunit *test)
{
	struct packet_form form = { .payload = 900, .to = 1 };
	struct reader *r = new_reader(test);
	struct sk_buff *skb = packet_make(test, &form), *clone, *before;

	before = skb_copy(skb, GFP_KERNEL);
	clone = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, before && clone);
	xmit(test->priv, skb);
	expect_list(test, r, packet_cut(test, before));
	KUNIT_EXPECT_MEMEQ(test, clone->data, before->data, before->len);
	kfree_skb(clone);
	kfree_skb(before);
}

/**
 * struct wait - packets that wait for a handshake
 * @name: of the case
 * @count: how many
 * @len: payload of the first
 * @step: by how much each is shorter than the one before, modulo 997
 */
struct wait {
	const char *name;
	unsigned int count;
	unsigned int len;
	unsigned int step;
};

static const struct wait waits[] = {
	{ "1", 1, 1000, 0 },
	{ "2", 2, 1000, 0 },
	{ "63", 63, 1000, 0 },
	{ "64", 64, 1000, 0 },
	{ "65", 65, 1000, 0 },
	{ "128", 128, 1000, 0 },
	{ "128, unequal", 128, 1300, 100 },
	{ "65, almost equal", 65, 1003, 1 },
};

static void describe_wait(const struct wait *wait, char *desc)
{
	strscpy(desc, wait->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wait, waits, describe_wait);

static struct packet_form waiting(const struct wait *wait, unsigned int i)
{
	return (struct packet_form){
		.payload = wait->len - i * wait->step % 997, .to = 1,
		.option = i % 2 ? 4 : 0,
	};
}

static void what_waited_arrives_in_its_order(struct kunit *test)
{
	const struct wait *wait = test->param_value;
	struct remote *remote = fixture_remote(test);
	struct packet_form form;
	struct reader *r;
	unsigned int i;

	for (i = 0; i < wait->count; i++) {
		form = waiting(wait, i);
		KUNIT_EXPECT_EQ(test, send(test, &form), NETDEV_TX_OK);
	}
	KUNIT_EXPECT_EQ(test, staged(remote), wait->count);
	fixture_settle();
	fixture_drain(test->priv); /* the initiation */
	r = make_reader(test, fixture_initiate(test, remote));
	wg_tx_flush(remote->peer);
	for (i = 0; i < wait->count; i++) {
		form = waiting(wait, i);
		expect_list(test, r, packet_expected(test, &form));
	}
	expect_nothing_more(test, r);
	KUNIT_EXPECT_EQ(test, staged(remote), 0);
	KUNIT_EXPECT_FALSE(test, remote->peer->txq.is_flushing);
}

/* In a burst single packets are coalesced; none is lost, none overtakes. */
static void a_burst_arrives_whole_and_in_order(struct kunit *test)
{
	struct packet_form form = { .to = 1 };
	struct reader *r = new_reader(test);
	unsigned int i;

	for (i = 0; i < 300; i++) {
		form.payload = 200 + i;
		KUNIT_EXPECT_EQ(test, send(test, &form), NETDEV_TX_OK);
	}
	fixture_settle();
	for (i = 0; i < 300; i++) {
		form.payload = 200 + i;
		expect_list(test, r, packet_expected(test, &form));
	}
	expect_nothing_more(test, r);
	KUNIT_EXPECT_EQ(test, staged(r->remote), 0);
}

static struct fixture *nest; /* for send_within() */
static struct sk_buff *nested;

/* Runs while another packet is being sent. */
static void send_within(struct sk_buff *skb)
{
	xmit(nest, nested);
}

/* As a tunnel in a tunnel does: its stack is not stacked upon this one. */
static void what_is_sent_while_sending_is_left_to_the_work(struct kunit *test)
{
	struct reader *r = new_reader(test);
	struct sk_buff *skb = packet_make(test, &forms[3]);
	struct work_struct *work = &r->remote->peer->flush_work;

	nest = r->f;
	nested = packet_make(test, &forms[0]);
	skb->destructor = send_within;
	/* it is queued, but never comes */
	set_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work));
	xmit(r->f, skb);
	KUNIT_EXPECT_EQ(test, staged(r->remote), 1);
	expect_list(test, r, packet_expected(test, &forms[3]));
	clear_bit(WORK_STRUCT_PENDING_BIT, work_data_bits(work));
	wg_peer_queue_flush(r->remote->peer);
	fixture_settle();
	expect_list(test, r, packet_expected(test, &forms[0]));
	expect_nothing_more(test, r);
}

static void a_keepalive_is_an_empty_message(struct kunit *test)
{
	struct reader *r = new_reader(test);

	wg_tx_keepalive(r->remote->peer);
	KUNIT_EXPECT_EQ(test, next_plain(test, r), 0);
	expect_nothing_more(test, r);
	KUNIT_EXPECT_EQ(test, r->remote->peer->counters.tx_packets, 0);
	KUNIT_EXPECT_EQ(test, r->remote->peer->counters.tx_bytes, 32);
}

/* --- flows --- */

static const struct packet_form flows[] = {
	{ .payload = 200, .to = 1 },
	{ .is_ip6 = true, .payload = 200, .to = 1 },
	{ .is_tcp = true, .payload = 200, .to = 1 },
	{ .is_tcp = true, .is_ip6 = true, .payload = 200, .to = 1 },
};

/* What the kernel itself takes for the flow of a packet of @form. */
static u32 flow_hash(struct kunit *test, const struct packet_form *form)
{
	struct sk_buff *skb = packet_make(test, form);
	u32 hash = skb_get_hash(skb);

	kfree_skb(skb);
	return hash;
}

/*
 * The next datagram or run is of @form's flow, and a queue below may know it.
 * Return: how many messages it is.
 */
static unsigned int expect_flow(struct kunit *test,
				const struct packet_form *form)
{
	struct sk_buff *skb = fixture_receive(test->priv);
	unsigned int messages;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_TRUE(test, skb->l4_hash);
	KUNIT_EXPECT_EQ(test, skb->hash, flow_hash(test, form));
	messages = skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1;
	kfree_skb(skb);
	return messages;
}

static void a_run_is_of_its_packets_flow(struct kunit *test)
{
	const struct packet_form *form = test->param_value;
	struct reader *r = new_reader(test);
	struct sk_buff *skb = packet_make(test, form);
	unsigned int count, messages = 0;
	struct sk_buff *list = packet_cut(test, skb);

	count = packet_count(list);
	kfree_skb_list(list);
	xmit(r->f, skb);
	while (messages < count)
		messages += expect_flow(test, form);
	KUNIT_EXPECT_EQ(test, messages, count);
	expect_nothing_more(test, r);
}

static void a_copied_packet_has_its_flow_too(struct kunit *test)
{
	struct reader *r = new_reader(test);
	struct sk_buff *skb = packet_make(test, &flows[0]);
	struct sk_buff *clone = skb_clone(skb, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, clone);
	xmit(r->f, skb);
	KUNIT_EXPECT_EQ(test, expect_flow(test, &flows[0]), 1);
	kfree_skb(clone);
}

/* Packets of four flows by turns are four runs, each in its order. */
static void what_waited_leaves_flow_by_flow(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct packet_form form;
	unsigned int i, flow;
	struct reader *r;

	for (i = 0; i < 32; i++) {
		form = flows[i % 4];
		form.payload -= i / 4;
		send(test, &form);
	}
	fixture_settle();
	fixture_drain(test->priv);
	r = make_reader(test, fixture_initiate(test, remote));
	wg_tx_flush(remote->peer);
	for (flow = 0; flow < 4; flow++) {
		for (i = 0; i < 8; i++) {
			form = flows[flow];
			form.payload -= i;
			expect_list(test, r, packet_expected(test, &form));
		}
	}
	expect_nothing_more(test, r);
}

static void each_run_of_a_flush_is_of_one_flow(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	unsigned int i;

	for (i = 0; i < 32; i++)
		send(test, &flows[i % 4]);
	fixture_settle();
	fixture_drain(test->priv);
	fixture_initiate(test, remote);
	wg_tx_flush(remote->peer);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, expect_flow(test, &flows[i]), 8);
	KUNIT_EXPECT_EQ(test, fixture_drain(test->priv), 0);
}

/* --- sessions that end --- */

static void a_batch_over_the_last_counter_waits_whole(struct kunit *test)
{
	struct packet_form form = { .is_tcp = true, .payload = 44 * 1300,
				    .size = 1300, .to = 1 };
	struct remote *remote = fixture_remote(test);
	struct remote_session old = fixture_initiate(test, remote);
	struct reader *r;

	old.session->send_counter = WG_REJECT_AFTER_MESSAGES - 43;
	KUNIT_EXPECT_EQ(test, send(test, &form), NETDEV_TX_OK);
	KUNIT_EXPECT_EQ(test, staged(remote), 1);
	KUNIT_EXPECT_EQ(test, old.session->send_counter,
			WG_REJECT_AFTER_MESSAGES - 43);
	fixture_settle();
	fixture_drain(test->priv);
	r = make_reader(test, fixture_initiate(test, remote));
	wg_tx_flush(remote->peer);
	expect_list(test, r, packet_expected(test, &form));
	expect_nothing_more(test, r);
}

/* Nobody else would ask: the session could still send a single packet. */
static void a_batch_over_the_last_counter_asks_for_a_session(struct kunit *test)
{
	struct packet_form form = { .is_tcp = true, .payload = 44 * 1300,
				    .size = 1300, .to = 1 };
	struct remote *remote = fixture_remote(test);
	struct remote_session old = fixture_initiate(test, remote);
	bool has_attempt;

	old.session->send_counter = WG_REJECT_AFTER_MESSAGES - 43;
	send(test, &form);
	spin_lock_bh(&remote->peer->lock);
	has_attempt = remote->peer->timers.retry_ns != WG_NEVER_NS;
	spin_unlock_bh(&remote->peer->lock);
	KUNIT_EXPECT_TRUE(test, has_attempt);
}

/*
 * A batch of staged packets that the session has too few counters for keeps
 * its place before the others.
 */
static void a_flush_that_is_refused_keeps_the_order(struct kunit *test)
{
	static const struct wait all = { "", 100, 500, 1 };
	struct remote *remote = fixture_remote(test);
	struct remote_session old;
	struct packet_form form;
	struct reader *r;
	unsigned int i;

	for (i = 0; i < all.count; i++) {
		form = waiting(&all, i);
		send(test, &form);
	}
	old = fixture_initiate(test, remote);
	old.session->send_counter = WG_REJECT_AFTER_MESSAGES - 10;
	wg_tx_flush(remote->peer);
	fixture_settle();
	fixture_drain(test->priv);
	KUNIT_EXPECT_FALSE(test, remote->peer->txq.is_flushing);
	KUNIT_EXPECT_EQ(test, staged(remote), all.count);
	r = make_reader(test, fixture_initiate(test, remote));
	wg_tx_flush(remote->peer);
	for (i = 0; i < all.count; i++) {
		form = waiting(&all, i);
		expect_list(test, r, packet_expected(test, &form));
	}
	expect_nothing_more(test, r);
}

static void an_expired_session_sends_nothing(struct kunit *test)
{
	struct packet_form form = { .payload = 100, .to = 1 };
	struct remote *remote = fixture_remote(test);
	struct wg_session *session = fixture_initiate(test, remote).session;

	spin_lock_bh(&remote->peer->lock);
	session->birth_ns = wg_clock_now_ns() - WG_SEND_TIME_NS;
	remote->peer->timers.may_initiate_ns = 0;
	spin_unlock_bh(&remote->peer->lock);
	send(test, &form);
	KUNIT_EXPECT_EQ(test, staged(remote), 1);
	KUNIT_EXPECT_EQ(test, session->send_counter, 0);
	fixture_settle();
	KUNIT_EXPECT_EQ(test, fixture_drain(test->priv), 1);
}

/* --- memory that runs out --- */

#define MAX_CUT 256

/*
 * Take out all that arrived: a message's counter says which of @cut it is.
 * Return: how many arrived.
 */
static unsigned int expect_some(struct kunit *test, struct reader *r,
				struct sk_buff **cut, u64 first)
{
	const struct wg_message_data *message;
	unsigned int arrived = 0;
	struct sk_buff *expected;

	while (r->offset < r->len || next_run(test, r)) {
		message = (const struct wg_message_data *)(r->bytes +
							   r->offset);
		KUNIT_EXPECT_GE(test, le64_to_cpu(message->counter),
				r->counter);
		r->counter = le64_to_cpu(message->counter);
		KUNIT_ASSERT_LT(test, r->counter - first, MAX_CUT);
		expected = cut[r->counter - first];
		KUNIT_ASSERT_EQ(test, next_plain(test, r),
				min(DIV_ROUND_UP(expected->len, 16) * 16,
				    MTU));
		KUNIT_EXPECT_EQ(test, memcmp(r->plain, expected->data,
					     expected->len), 0);
		arrived++;
	}
	return arrived;
}

/* Send with the @nth allocation failing. Return: whether it came to it. */
static bool xmit_with_fault(struct fixture *f, struct sk_buff *skb,
			    unsigned int nth)
{
	bool has_failed;

	skb->dev = f->dev;
	rcu_read_lock_bh();
	wg_fault_arm(nth);
	wg_tx_xmit(skb, f->dev);
	has_failed = wg_fault_disarm();
	rcu_read_unlock_bh();
	return has_failed;
}

static struct sk_buff **index_list(struct kunit *test, struct sk_buff *list)
{
	struct sk_buff **cut = kunit_kcalloc(test, MAX_CUT, sizeof(*cut),
					     GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, cut);
	for (i = 0; list; list = list->next)
		cut[i++] = list;
	return cut;
}

/*
 * Whatever allocation fails, each packet arrives with its own counter or is
 * counted as dropped.
 */
static void each_failed_allocation_is_accounted_for(struct kunit *test)
{
	const struct packet_form *form = test->param_value;
	struct fixture *f = test->priv;
	struct reader *r = new_reader(test);
	struct sk_buff *list = packet_expected(test, form);
	struct sk_buff **cut = index_list(test, list);
	unsigned int nth, arrived, dropped, count = packet_count(list);
	bool has_failed = true;
	u64 first, before;

	for (nth = 1; has_failed; nth++) {
		first = r->session.session->send_counter;
		before = fixture_drops(f, WG_DROP_NO_MEMORY) +
			 fixture_drops(f, WG_DROP_BAD_SEGMENTS);
		has_failed = xmit_with_fault(f, packet_make(test, form), nth);
		arrived = expect_some(test, r, cut, first);
		dropped = fixture_drops(f, WG_DROP_NO_MEMORY) +
			  fixture_drops(f, WG_DROP_BAD_SEGMENTS) - before;
		KUNIT_EXPECT_EQ_MSG(test, arrived + dropped, count,
				    "allocation %u: %u arrived", nth, arrived);
		if (!has_failed)
			KUNIT_EXPECT_EQ(test, arrived, count);
	}
	KUNIT_EXPECT_FALSE(test, r->remote->peer->txq.is_flushing);
	kfree_skb_list(list);
}

static void each_failed_allocation_of_a_flush_is_accounted_for(struct kunit *test)
{
	static const struct wait wait = { "", 65, 1200, 13 };
	struct fixture *f = test->priv;
	struct reader *r = new_reader(test);
	struct sk_buff *list = NULL, **tail = &list, **cut, *skb;
	unsigned int nth, arrived, i;
	struct packet_form form;
	bool has_failed = true;
	u64 first, before;

	for (i = 0; i < wait.count; i++, tail = &(*tail)->next) {
		form = waiting(&wait, i);
		*tail = packet_expected(test, &form);
	}
	cut = index_list(test, list);
	for (nth = 1; has_failed; nth++) {
		first = r->session.session->send_counter;
		before = fixture_drops(f, WG_DROP_NO_MEMORY);
		for (i = 0; i < wait.count; i++) {
			form = waiting(&wait, i);
			skb = packet_make(test, &form);
			put_waiting(r->remote, skb);
			*wg_tx_cb(skb) = (struct wg_tx_cb){ .mtu = MTU };
		}
		local_bh_disable();
		wg_fault_arm(nth);
		wg_tx_flush(r->remote->peer);
		has_failed = wg_fault_disarm();
		local_bh_enable();
		arrived = expect_some(test, r, cut, first);
		KUNIT_EXPECT_EQ_MSG(test, arrived +
				    fixture_drops(f, WG_DROP_NO_MEMORY) -
				    before, wait.count, "allocation %u", nth);
	}
	KUNIT_EXPECT_GT(test, nth, 3);
	kfree_skb_list(list);
}

static void a_keepalive_without_memory_is_none(struct kunit *test)
{
	struct reader *r = new_reader(test);
	bool has_failed;

	local_bh_disable();
	wg_fault_arm(1);
	wg_tx_keepalive(r->remote->peer);
	has_failed = wg_fault_disarm();
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, has_failed);
	expect_nothing_more(test, r);
	wg_tx_keepalive(r->remote->peer);
	r->counter = 1; /* the first one went with the message */
	KUNIT_EXPECT_EQ(test, next_plain(test, r), 0);
}

/* --- what is refused --- */

static void who_cannot_be_reached_is_said_so(struct kunit *test)
{
	struct packet_form nobody = { .payload = 100, .to = 77 };
	struct packet_form form = { .payload = 100, .to = 1 };
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct wg_endpoint none = { };
	struct sk_buff *skb;

	/* the device's own chatter may be among those without a peer */
	KUNIT_EXPECT_EQ(test, send(test, &nobody), -ENOKEY);
	KUNIT_EXPECT_GE(test, fixture_drops(f, WG_DROP_NO_PEER), 1);
	skb = packet_make(test, &form);
	skb->protocol = htons(ETH_P_ARP);
	KUNIT_EXPECT_EQ(test, xmit(f, skb), -EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_NOT_IP), 1);
	wg_peer_set_endpoint(remote->peer, &none);
	KUNIT_EXPECT_EQ(test, send(test, &form), -EDESTADDRREQ);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_NO_ENDPOINT), 1);
	KUNIT_EXPECT_EQ(test, fixture_peer_drops(remote->peer,
						 WG_DROP_NO_ENDPOINT), 1);
	KUNIT_EXPECT_EQ(test, fixture_drain(f), 0);
}

static void a_broken_gso_packet_is_dropped_once(struct kunit *test)
{
	struct packet_form form = { .is_tcp = true, .payload = 3000,
				    .size = 1000, .to = 1 };
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);
	struct sk_buff *skb = packet_make(test, &form);

	fixture_initiate(test, remote);
	skb_trim(skb, 30);
	KUNIT_EXPECT_EQ(test, xmit(f, skb), NETDEV_TX_OK);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_BAD_SEGMENTS), 3);
	KUNIT_EXPECT_EQ(test, remote->peer->counters.tx_packets, 0);
}

static void without_sockets_a_batch_is_counted_lost(struct kunit *test)
{
	struct packet_form form = { .is_tcp = true, .payload = 3000,
				    .size = 1000, .to = 1 };
	struct wg_udp_sockets none = { };
	struct fixture *f = test->priv;
	struct remote *remote = fixture_remote(test);

	fixture_initiate(test, remote);
	mutex_lock(&f->wg->config_lock);
	wg_udp_replace_locked(f->wg, &none);
	mutex_unlock(&f->wg->config_lock);
	KUNIT_EXPECT_EQ(test, send(test, &form), NETDEV_TX_OK);
	KUNIT_EXPECT_EQ(test, fixture_drops(f, WG_DROP_DEVICE_DOWN), 3);
}

static struct kunit_case tx_test_cases[] = {
	KUNIT_CASE_PARAM(a_batch_arrives_as_the_kernel_would_cut_it,
			 form_gen_params),
	KUNIT_CASE(a_packet_that_others_hold_is_not_written_to),
	KUNIT_CASE_PARAM(what_waited_arrives_in_its_order, wait_gen_params),
	KUNIT_CASE(a_burst_arrives_whole_and_in_order),
	KUNIT_CASE(what_is_sent_while_sending_is_left_to_the_work),
	KUNIT_CASE(a_keepalive_is_an_empty_message),
	KUNIT_CASE_PARAM(a_run_is_of_its_packets_flow, form_gen_params),
	KUNIT_CASE(a_copied_packet_has_its_flow_too),
	KUNIT_CASE(what_waited_leaves_flow_by_flow),
	KUNIT_CASE(each_run_of_a_flush_is_of_one_flow),
	KUNIT_CASE(a_batch_over_the_last_counter_waits_whole),
	KUNIT_CASE(a_batch_over_the_last_counter_asks_for_a_session),
	KUNIT_CASE(a_flush_that_is_refused_keeps_the_order),
	KUNIT_CASE(an_expired_session_sends_nothing),
	KUNIT_CASE_PARAM(each_failed_allocation_is_accounted_for,
			 form_gen_params),
	KUNIT_CASE(each_failed_allocation_of_a_flush_is_accounted_for),
	KUNIT_CASE(a_keepalive_without_memory_is_none),
	KUNIT_CASE(who_cannot_be_reached_is_said_so),
	KUNIT_CASE(a_broken_gso_packet_is_dropped_once),
	KUNIT_CASE(without_sockets_a_batch_is_counted_lost),
	{}
};

static struct kunit_suite tx_test_suite = {
	.name = "wg_tx",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = tx_test_cases,
};

kunit_test_suite(tx_test_suite);
