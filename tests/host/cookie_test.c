// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "harness.h"
#include "proto/cookie.h"

#define BIRTH_NS (500 * WG_NS_PER_S)

/* A checker, and a maker that talks to it from one source. */
struct lab {
	struct wg_cookie_checker checker;
	struct wg_cookie_maker maker;
	struct wg_cookie_source source;
	struct wg_message_initiation message;
	struct wg_message_cookie reply;
	u8 public_key[32];
};

static void set_up(struct lab *lab)
{
	const u8 addr[4] = { 192, 0, 2, 1 };
	struct random random = { 2015 };
	u8 secret[32];

	memset(lab, 0, sizeof(*lab));
	random_bytes(&random, lab->public_key, 32);
	random_bytes(&random, secret, 32);
	random_bytes(&random, &lab->message, sizeof(lab->message));
	random_bytes(&random, lab->reply.nonce, WG_XNONCE_SIZE);
	wg_cookie_checker_set_key(&lab->checker, lab->public_key);
	wg_cookie_checker_set_secret(&lab->checker, secret, BIRTH_NS);
	wg_cookie_source_set(&lab->source, addr, 4, cpu_to_be16(51820));
}

static void stamp(struct lab *lab, u64 now_ns)
{
	wg_cookie_maker_stamp(&lab->maker, &lab->message,
			      sizeof(lab->message), lab->public_key, now_ns);
}

static void reply(struct lab *lab)
{
	wg_cookie_checker_reply(&lab->checker, &lab->reply, &lab->message,
				sizeof(lab->message), &lab->source);
}

static enum wg_cookie_verdict take(struct lab *lab, u64 now_ns)
{
	return wg_cookie_maker_take(&lab->maker, &lab->reply, lab->public_key,
				    now_ns);
}

static bool has_mac1(const struct lab *lab)
{
	return wg_cookie_checker_has_mac1(&lab->checker, &lab->message,
					  sizeof(lab->message));
}

static bool has_mac2(const struct lab *lab, u64 now_ns)
{
	return wg_cookie_checker_has_mac2(&lab->checker, &lab->message,
					  sizeof(lab->message), &lab->source,
					  now_ns);
}

/* Up to a message with both macs. */
static void exchange(struct lab *lab)
{
	set_up(lab);
	stamp(lab, BIRTH_NS);
	reply(lab);
	CHECK_EQ(take(lab, BIRTH_NS), WG_COOKIE_OK);
	stamp(lab, BIRTH_NS);
}

TEST(cookie_first_message_has_mac1_and_zero_mac2)
{
	static const u8 none[WG_MAC_SIZE];
	struct lab lab;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	CHECK(has_mac1(&lab));
	CHECK_BYTES(lab.message.macs.mac2, none, WG_MAC_SIZE);
	CHECK(!has_mac2(&lab, BIRTH_NS));
}

TEST(cookie_mac1_covers_every_byte_before_it)
{
	struct lab lab;
	unsigned int i;
	u8 *bytes = (u8 *)&lab.message;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	for (i = 0; i < sizeof(lab.message); i++) {
		bytes[i] ^= 1;
		CHECK_EQ(has_mac1(&lab), i >= 132);
		bytes[i] ^= 1;
	}
}

TEST(cookie_mac1_is_for_one_public_key)
{
	struct lab lab;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	lab.public_key[0] ^= 1;
	wg_cookie_checker_set_key(&lab.checker, lab.public_key);
	CHECK(!has_mac1(&lab));
}

TEST(cookie_checker_without_key_takes_nothing)
{
	static const u8 zero[32];
	struct lab lab;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	wg_cookie_checker_set_key(&lab.checker, NULL);
	CHECK(!has_mac1(&lab));
	CHECK_BYTES(lab.checker.mac1_key, zero, 32);
	CHECK_BYTES(lab.checker.cookie_key, zero, 32);

	/* not even a mac made with the key that is there then */
	wg_mac(lab.message.macs.mac1, wg_bytes(zero, 32),
	       wg_bytes(&lab.message, 116));
	CHECK(!has_mac1(&lab));
}

TEST(cookie_once_taken_gives_mac2)
{
	struct lab lab;

	exchange(&lab);
	CHECK(has_mac1(&lab));
	CHECK(has_mac2(&lab, BIRTH_NS));
}

TEST(cookie_works_for_responses_too)
{
	struct wg_message_response response;
	struct lab lab;

	exchange(&lab);
	memset(&response, 7, sizeof(response));
	wg_cookie_maker_stamp(&lab.maker, &response, sizeof(response),
			      lab.public_key, BIRTH_NS);
	CHECK(wg_cookie_checker_has_mac1(&lab.checker, &response,
					 sizeof(response)));
	CHECK(wg_cookie_checker_has_mac2(&lab.checker, &response,
					 sizeof(response), &lab.source,
					 BIRTH_NS));
	wg_cookie_checker_reply(&lab.checker, &lab.reply, &response,
				sizeof(response), &lab.source);
	CHECK_EQ(lab.reply.receiver_index, response.sender_index);
	CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_OK);
}

TEST(cookie_mac2_covers_every_byte_before_it)
{
	struct lab lab;
	unsigned int i;
	u8 *bytes = (u8 *)&lab.message;

	exchange(&lab);
	for (i = 0; i < sizeof(lab.message); i++) {
		bytes[i] ^= 1;
		CHECK(!has_mac2(&lab, BIRTH_NS));
		bytes[i] ^= 1;
	}
}

TEST(cookie_is_for_one_address_and_port)
{
	const u8 addr[16] = { 192, 0, 2, 1 };
	struct lab lab;
	unsigned int i;

	exchange(&lab);
	CHECK_EQ(lab.source.len, 6);
	for (i = 0; i < 6; i++) {
		lab.source.bytes[i] ^= 1;
		CHECK(!has_mac2(&lab, BIRTH_NS));
		lab.source.bytes[i] ^= 1;
	}
	CHECK(has_mac2(&lab, BIRTH_NS));
	wg_cookie_source_set(&lab.source, addr, 16, cpu_to_be16(51820));
	CHECK_EQ(lab.source.len, 18);
	CHECK(!has_mac2(&lab, BIRTH_NS));
}

TEST(cookie_source_is_address_then_port)
{
	static const u8 expected[6] = { 192, 0, 2, 1, 0xca, 0x6c };
	struct lab lab;

	set_up(&lab);
	CHECK_BYTES(lab.source.bytes, expected, 6);
}

TEST(cookie_secret_lasts_120_seconds)
{
	struct lab lab;
	u8 secret[32] = { 1 };

	exchange(&lab);
	CHECK(has_mac2(&lab, BIRTH_NS + 120 * WG_NS_PER_S - 1));
	CHECK(!wg_cookie_checker_needs_secret(&lab.checker, BIRTH_NS +
					      120 * WG_NS_PER_S - 1));
	CHECK(!has_mac2(&lab, BIRTH_NS + 120 * WG_NS_PER_S));
	CHECK(wg_cookie_checker_needs_secret(&lab.checker, BIRTH_NS +
					     120 * WG_NS_PER_S));
	wg_cookie_checker_set_secret(&lab.checker, secret,
				     BIRTH_NS + 120 * WG_NS_PER_S);
	CHECK(!has_mac2(&lab, BIRTH_NS + 120 * WG_NS_PER_S));
}

TEST(cookie_checker_begins_without_a_secret)
{
	static const u8 zero[32];
	struct lab lab;
	u8 cookie[16];

	set_up(&lab);
	lab.checker.has_secret = false;
	CHECK(wg_cookie_checker_needs_secret(&lab.checker, BIRTH_NS));
	memset(lab.checker.secret, 0, 32);
	wg_mac(cookie, wg_bytes(zero, 32), wg_bytes(lab.source.bytes, 6));
	wg_mac(lab.message.macs.mac2, wg_bytes(cookie, 16),
	       wg_bytes(&lab.message, 132));
	CHECK(!has_mac2(&lab, BIRTH_NS));
}

TEST(cookie_is_used_for_120_seconds)
{
	static const u8 none[WG_MAC_SIZE];
	struct lab lab;

	exchange(&lab);
	stamp(&lab, BIRTH_NS + 120 * WG_NS_PER_S - 1);
	CHECK(memcmp(lab.message.macs.mac2, none, WG_MAC_SIZE));
	stamp(&lab, BIRTH_NS + 120 * WG_NS_PER_S);
	CHECK_BYTES(lab.message.macs.mac2, none, WG_MAC_SIZE);
}

TEST(cookie_reply_answers_the_sender_index)
{
	struct lab lab;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	reply(&lab);
	CHECK_EQ(lab.reply.receiver_index, lab.message.sender_index);
	CHECK_EQ(wg_wire_parse(&lab.reply, sizeof(lab.reply)),
		 WG_MESSAGE_COOKIE);
}

TEST(cookie_reply_nobody_asked_for)
{
	struct lab lab;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	reply(&lab);
	lab.maker.tries = 0;
	CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_UNASKED);
	CHECK(!lab.maker.has_cookie);
}

TEST(cookie_reply_is_taken_once)
{
	struct lab lab;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	reply(&lab);
	CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_OK);
	CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_UNASKED);
}

/* Whoever saw the message can forge replies, but have only so many tried. */
TEST(cookie_replies_to_one_message_are_tried_so_often)
{
	struct lab lab;
	unsigned int i;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	reply(&lab);
	lab.reply.nonce[0] ^= 1;
	for (i = 0; i < 32; i++)
		CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_BAD);
	lab.reply.nonce[0] ^= 1;
	CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_UNASKED);
	stamp(&lab, BIRTH_NS);
	reply(&lab);
	CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_OK);
}

TEST(cookie_reply_to_an_older_message_is_refused)
{
	struct lab lab;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	reply(&lab);
	lab.message.ephemeral[0] ^= 1;
	stamp(&lab, BIRTH_NS);
	CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_BAD);
	CHECK(!lab.maker.has_cookie);
}

TEST(cookie_reply_with_any_changed_byte_changes_nothing)
{
	struct wg_cookie_maker before;
	struct lab lab;
	unsigned int i;
	u8 *bytes = (u8 *)&lab.reply;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	reply(&lab);
	before = lab.maker;
	for (i = 8; i < sizeof(lab.reply); i++) {
		bytes[i] ^= 1;
		CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_BAD);
		bytes[i] ^= 1;
		lab.maker.tries = before.tries;
		CHECK_BYTES(&lab.maker, &before, sizeof(before));
	}
	CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_OK);
}

TEST(cookie_reply_of_another_peer_is_refused)
{
	struct lab lab;

	set_up(&lab);
	stamp(&lab, BIRTH_NS);
	reply(&lab);
	lab.public_key[31] ^= 1;
	CHECK_EQ(take(&lab, BIRTH_NS), WG_COOKIE_BAD);
}
