/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets that the stack sends through the device, and what the remote side
 * receives, taken apart to the inner packets again.
 */
#ifndef _WG_TESTS_KUNIT_READER_H
#define _WG_TESTS_KUNIT_READER_H

#include "core/upcall.h"
#include "fixture.h"
#include "packets.h"
#include "path/gso.h"
#include "path/tx.h"

#define MTU 1420

/**
 * struct reader - takes apart what the remote side receives
 * @f: the fixture
 * @remote: whose; NULL: not said
 * @session: its half of the session
 * @index: what it is called by there; the device's half may be gone
 * @bytes: the run at hand, made linear
 * @len: its length
 * @size: of each of its messages
 * @offset: of the next message
 * @counter: the next one expected
 * @runs: how many came
 * @plain: the inner packet last taken out
 */
struct reader {
	struct fixture *f;
	struct remote *remote;
	struct remote_session session;
	__le32 index;
	u8 *bytes;
	unsigned int len;
	unsigned int size;
	unsigned int offset;
	u64 counter;
	unsigned int runs;
	u8 plain[2048];
};

static inline struct reader *make_reader(struct kunit *test,
					 struct remote_session session)
{
	struct reader *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->f = test->priv;
	r->session = session;
	r->index = session.session->remote_index;
	r->bytes = kunit_kzalloc(test, 1 << 16, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r->bytes);
	return r;
}

/* Of a remote side whose session the device began just now. */
static inline struct reader *new_reader(struct kunit *test)
{
	struct remote *remote = fixture_remote(test);
	struct reader *r = make_reader(test, fixture_initiate(test, remote));

	r->remote = remote;
	return r;
}

/*
 * The next datagram. Nobody answers what is sent here: where a test takes long enough,
 * the device begins another handshake, which is passed over.
 */
static inline struct sk_buff *receive_data(struct fixture *f)
{
	struct sk_buff *skb;
	__le32 type;

	while ((skb = fixture_receive(f))) {
		if (skb_copy_bits(skb, 0, &type, sizeof(type)) ||
		    le32_to_cpu(type) != WG_MESSAGE_INITIATION)
			break;
		kfree_skb(skb);
	}
	return skb;
}

/* The next datagram or run. False: none came. */
static inline bool next_run(struct kunit *test, struct reader *r)
{
	struct sk_buff *skb = receive_data(r->f);
	unsigned int messages;

	if (!skb)
		return false;
	r->runs++;
	r->len = skb->len;
	r->size = skb_is_gso(skb) ? skb_shinfo(skb)->gso_size : skb->len;
	r->offset = 0;
	messages = DIV_ROUND_UP(r->len, r->size);
	KUNIT_EXPECT_LE(test, messages, WG_GSO_MESSAGES_MAX);
	KUNIT_EXPECT_LE(test, r->len, WG_GSO_BYTES_MAX);
	KUNIT_EXPECT_EQ(test, skb_copy_bits(skb, 0, r->bytes, r->len), 0);
	kfree_skb(skb);
	return true;
}

/*
 * Take out the next inner packet, padding included.
 * Return: its length, or -1: nothing came, or what came is no message of ours.
 */
static inline int next_plain(struct kunit *test, struct reader *r)
{
	const struct wg_message_data *message;
	unsigned int len;

	if (r->offset == r->len && !next_run(test, r))
		return -1;
	message = (const struct wg_message_data *)(r->bytes + r->offset);
	len = min(r->size, r->len - r->offset);
	r->offset += len;
	KUNIT_EXPECT_EQ(test, message->type, cpu_to_le32(WG_MESSAGE_DATA));
	KUNIT_EXPECT_EQ(test, message->receiver_index, r->index);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(message->counter), r->counter++);
	len -= sizeof(*message);
	if (!wg_aead_open(r->plain, message->ciphertext, len, NULL, 0,
			  le64_to_cpu(message->counter),
			  r->session.keys.receive))
		return -1;
	return len - WG_TAG_SIZE;
}

/* The next inner packet is @expected and zeroes up to the padded length. */
static inline void expect_plain(struct kunit *test, struct reader *r,
				const struct sk_buff *expected)
{
	unsigned int padded = min(DIV_ROUND_UP(expected->len, 16) * 16, MTU);
	int len = next_plain(test, r);

	KUNIT_ASSERT_EQ(test, len, padded);
	KUNIT_EXPECT_EQ(test, memcmp(r->plain, expected->data, expected->len),
			0);
	KUNIT_EXPECT_NULL(test, memchr_inv(r->plain + expected->len, 0,
					   len - expected->len));
}

static inline void expect_list(struct kunit *test, struct reader *r,
			       struct sk_buff *list)
{
	struct sk_buff *expected;

	for (expected = list; expected; expected = expected->next)
		expect_plain(test, r, expected);
	kfree_skb_list(list);
}

static inline void expect_nothing_more(struct kunit *test, struct reader *r)
{
	KUNIT_EXPECT_EQ(test, r->offset, r->len);
	KUNIT_EXPECT_NULL(test, fixture_receive(r->f));
}

/* --- packets that the stack sends --- */

static inline int xmit(struct fixture *f, struct sk_buff *skb)
{
	int err;

	skb->dev = f->dev;
	rcu_read_lock_bh();
	err = wg_tx_xmit(skb, f->dev);
	rcu_read_unlock_bh();
	return err;
}

static inline int send(struct kunit *test, const struct packet_form *form)
{
	return xmit(test->priv, packet_make(test, form));
}

static inline unsigned int staged(struct remote *remote)
{
	return skb_queue_len_lockless(&remote->peer->txq.packets);
}

#endif
