// SPDX-License-Identifier: GPL-2.0
/*
 * Plays one peer of a WireGuard implementation that listens on this machine,
 * in every role, with fixed keys, and prints what that implementation sent as
 * JSON: known answers for recorded_test.c. record.sh sets the other side up.
 *
 * usage: record PORT HEX-OF-ITS-PRIVATE-KEY HEX-OF-THE-PRESHARED-KEY
 *
 * It speaks from 127.0.0.1: port 50001 as initiator, 50002 as responder. The
 * other side is made to send by record.sh, which pings us through the tunnel.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "proto/cookie.h"
#include "proto/noise.h"

static struct sockaddr_in other;
static struct wg_noise_remote remote;
static u64 clock_ns = 1000 * WG_NS_PER_S;

static void fail(const char *what)
{
	fprintf(stderr, "record: %s\n", what);
	exit(1);
}

static void print(const char *name, const void *bytes, size_t len)
{
	const u8 *byte = bytes;

	printf(" \"%s\": \"", name);
	while (len--)
		printf("%02x", *byte++);
	printf("\",\n");
}

static void get_key(u8 key[32], const char *digits)
{
	size_t len;

	if (sodium_hex2bin(key, 32, digits, strlen(digits), NULL, &len, NULL))
		fail("bad key");
}

static int bind_to(u16 port)
{
	struct sockaddr_in us = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&us, sizeof(us)))
		fail("cannot bind");
	return fd;
}

static void send_to(int fd, const void *message, size_t len)
{
	if (sendto(fd, message, len, 0, (struct sockaddr *)&other,
		   sizeof(other)) != (ssize_t)len)
		fail("cannot send");
}

/* The next message of @type; its length. */
static size_t receive(int fd, enum wg_message_type type, void *message,
		      size_t size, int timeout_ms)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	ssize_t len;

	while (poll(&poller, 1, timeout_ms) > 0) {
		len = recv(fd, message, size, 0);
		if (len >= 0 && wg_wire_parse(message, len) == type)
			return len;
	}
	return 0;
}

/* A static identity whose key is 32 times @byte. */
static void identity(struct wg_noise_local *local, u8 byte)
{
	u8 key[WG_KEY_SIZE];

	memset(key, byte, sizeof(key));
	wg_noise_local_set(local, key);
	wg_noise_remote_pair(&remote, local);
}

static void fresh_with(struct wg_noise_fresh *fresh, u8 byte)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	memset(fresh->ephemeral, byte, sizeof(fresh->ephemeral));
	fresh->index = cpu_to_le32(0x01020300 + byte);
	wg_timestamp_encode(&fresh->timestamp, now.tv_sec, now.tv_nsec);
}

static void stamp(void *message, size_t len)
{
	struct wg_cookie_maker maker = { };

	wg_cookie_maker_stamp(&maker, message, len, remote.public_key,
			      clock_ns);
}

/* The first message under a new session: nothing, to confirm it. */
static void send_keepalive(int fd, const struct wg_noise_keys *keys,
			   __le32 index)
{
	u8 buffer[WG_DATA_OVERHEAD];
	struct wg_message_data *message = (void *)buffer;

	message->type = cpu_to_le32(WG_MESSAGE_DATA);
	message->receiver_index = index;
	message->counter = 0;
	wg_aead_seal(message->ciphertext, message->ciphertext, 0, NULL, 0, 0,
		     keys->send);
	send_to(fd, buffer, sizeof(buffer));
}

static void record_data(int fd, const char *name)
{
	u8 buffer[2048];
	size_t len;

	/* The first one may be a keepalive: take the one that has a packet. */
	do {
		len = receive(fd, WG_MESSAGE_DATA, buffer, sizeof(buffer),
			      10000);
		if (!len)
			fail("no data came");
	} while (len == WG_DATA_OVERHEAD);
	print(name, buffer, len);
}

static void as_initiator(int fd)
{
	struct wg_message_initiation initiation;
	struct wg_message_response response;
	struct wg_noise_handshake hs = { };
	struct wg_noise_fresh fresh;
	struct wg_noise_local local;
	struct wg_noise_keys keys;
	__le32 index;

	identity(&local, 0x11);
	fresh_with(&fresh, 0x12);
	wg_noise_create_initiation(&initiation, &hs, &local, &remote, &fresh);
	stamp(&initiation, sizeof(initiation));
	print("initiator_timestamp", &fresh.timestamp,
	      sizeof(fresh.timestamp));
	send_to(fd, &initiation, sizeof(initiation));
	if (!receive(fd, WG_MESSAGE_RESPONSE, &response, sizeof(response),
		     5000))
		fail("no response came");
	print("response", &response, sizeof(response));
	if (wg_noise_consume_response(&hs, &response, &local, &remote))
		fail("the response is not good");
	index = hs.remote_index;
	wg_noise_derive(&keys, &hs);
	send_keepalive(fd, &keys, index);
	record_data(fd, "data_to_initiator");
}

/* Answer the first initiation by a cookie: the next one must use it. */
static void give_cookie(int fd, const struct wg_noise_local *local,
			const struct wg_message_initiation *initiation)
{
	struct wg_cookie_checker checker = { };
	struct wg_message_cookie reply;
	struct wg_cookie_source source;
	u8 secret[WG_HASH_SIZE];

	memset(secret, 0x23, sizeof(secret));
	memset(reply.nonce, 0x24, sizeof(reply.nonce));
	wg_cookie_checker_set_key(&checker, local->public_key);
	wg_cookie_checker_set_secret(&checker, secret, clock_ns);
	wg_cookie_source_set(&source, &other.sin_addr, 4, other.sin_port);
	print("cookie_source", source.bytes, source.len);
	wg_cookie_checker_reply(&checker, &reply, initiation,
				sizeof(*initiation), &source);
	send_to(fd, &reply, sizeof(reply));
}

static void as_responder(int fd)
{
	struct wg_message_initiation initiation;
	struct wg_message_response response;
	struct wg_noise_initiation opened;
	struct wg_noise_handshake hs = { };
	struct wg_noise_fresh fresh;
	struct wg_noise_local local;

	identity(&local, 0x21);
	if (!receive(fd, WG_MESSAGE_INITIATION, &initiation,
		     sizeof(initiation), 10000))
		fail("no initiation came");
	print("initiation", &initiation, sizeof(initiation));
	give_cookie(fd, &local, &initiation);
	if (!receive(fd, WG_MESSAGE_INITIATION, &initiation,
		     sizeof(initiation), 10000))
		fail("no second initiation came");
	print("initiation_with_cookie", &initiation, sizeof(initiation));

	fresh_with(&fresh, 0x22);
	if (wg_noise_open_initiation(&opened, &initiation, &local) ||
	    wg_noise_check_initiation(&opened, &initiation, &remote) ||
	    wg_noise_create_response(&response, &hs, &opened, &remote, &fresh))
		fail("the initiation is not good");
	stamp(&response, sizeof(response));
	send_to(fd, &response, sizeof(response));
	record_data(fd, "data_to_responder");
}

/*
 * A flood of initiations that have nothing right but mac1 puts the other side
 * under load; then it answers one of them with a cookie.
 */
static void under_load(int fd)
{
	struct wg_message_initiation initiation;
	struct wg_message_cookie reply;
	struct wg_noise_local local;
	u32 i;

	identity(&local, 0x11);
	memset(&initiation, 0x33, sizeof(initiation));
	initiation.type = cpu_to_le32(WG_MESSAGE_INITIATION);
	for (i = 0; i < 200000; i++) {
		initiation.sender_index = cpu_to_le32(i);
		stamp(&initiation, sizeof(initiation));
		send_to(fd, &initiation, sizeof(initiation));
		if (i % 64 == 0 && receive(fd, WG_MESSAGE_COOKIE, &reply,
					   sizeof(reply), 0))
			break;
	}
	if (i == 200000)
		fail("no cookie came");
	initiation.sender_index = reply.receiver_index;
	stamp(&initiation, sizeof(initiation));
	print("flood_message", &initiation, sizeof(initiation));
	print("cookie_reply", &reply, sizeof(reply));
}

int main(int argc, char **argv)
{
	struct wg_noise_local its;
	int initiator, responder;
	u8 key[WG_KEY_SIZE];

	if (argc != 4 || sodium_init() < 0)
		fail("usage: record PORT PRIVATE-KEY PRESHARED-KEY");
	other.sin_family = AF_INET;
	other.sin_port = htons(atoi(argv[1]));
	other.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	get_key(key, argv[2]);
	wg_noise_local_set(&its, key);
	memcpy(remote.public_key, its.public_key, WG_KEY_SIZE);
	get_key(remote.psk, argv[3]);

	initiator = bind_to(50001);
	responder = bind_to(50002);
	print("other_public", its.public_key, WG_KEY_SIZE);
	print("psk", remote.psk, WG_KEY_SIZE);
	as_initiator(initiator);
	as_responder(responder);
	under_load(initiator);
	close(initiator);
	close(responder);
	return 0;
}
