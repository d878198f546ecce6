// SPDX-License-Identifier: GPL-2.0
#include "model/key.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <sodium.h>

#include "lib/secret.h"

/* A key, generous white space around it, and room to see that more follows. */
#define KEY_FILE_MAX 4096

int key_init(void)
{
	if (sodium_init() < 0)
		return -EIO;
	/*
	 * Keys must not end on a disk, nor in another process's hands. Unlike
	 * a limit on core files, this is not inherited by what we run.
	 */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return 0;
}

void key_make_private(uint8_t key[WG_KEY_LEN])
{
	randombytes_buf(key, WG_KEY_LEN);
	/* RFC 7748, 5: as decodeScalar25519 does */
	key[0] &= 248;
	key[31] = (key[31] & 127) | 64;
}

void key_make_psk(uint8_t key[WG_KEY_LEN])
{
	randombytes_buf(key, WG_KEY_LEN);
}

void key_public(uint8_t public_key[WG_KEY_LEN],
		const uint8_t private_key[WG_KEY_LEN])
{
	/* the base point never gives the zero that makes this fail */
	if (crypto_scalarmult_base(public_key, private_key))
		memset(public_key, 0, WG_KEY_LEN);
}

bool key_parse(uint8_t key[WG_KEY_LEN], const char *text, size_t len)
{
	size_t decoded;

	/* libsodium refuses what is not canonical: bits past the last byte */
	if (len == KEY_TEXT_LEN &&
	    !sodium_base642bin(key, WG_KEY_LEN, text, len, NULL, &decoded,
			       NULL, sodium_base64_VARIANT_ORIGINAL) &&
	    decoded == WG_KEY_LEN)
		return true;
	wipe(key, WG_KEY_LEN);
	return false;
}

const char *key_text(const uint8_t key[WG_KEY_LEN], char text[KEY_TEXT_MAX])
{
	return sodium_bin2base64(text, KEY_TEXT_MAX, key, WG_KEY_LEN,
				 sodium_base64_VARIANT_ORIGINAL);
}

bool key_is_zero(const uint8_t key[WG_KEY_LEN])
{
	return sodium_is_zero(key, WG_KEY_LEN);
}

bool key_equal(const uint8_t a[WG_KEY_LEN], const uint8_t b[WG_KEY_LEN])
{
	return !sodium_memcmp(a, b, WG_KEY_LEN);
}

/* All of a small file or pipe; its length, or negative errno. */
static ssize_t read_all(int fd, char *buf, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t got = read(fd, buf + len, room - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

static int parse_file(uint8_t key[WG_KEY_LEN], const char *buf, size_t len,
		      const char *path, struct fault *fault)
{
	size_t from = 0;

	while (from < len && isspace((unsigned char)buf[from]))
		from++;
	while (len > from && isspace((unsigned char)buf[len - 1]))
		len--;
	if (from == len)
		return fault_set(fault, -EINVAL,
				 "there is no key in '%s'", path);
	if (key_parse(key, buf + from, len - from))
		return 0;
	return fault_set(fault, -EINVAL,
			 "'%s' does not contain a key: exactly 44 characters of base64 are expected",
			 path);
}

/* Is this the key itself, or nearly, in the place of its file? */
static bool is_key_text(const char *path)
{
	size_t i, len = strlen(path);

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)path[i]) && !strchr("+/=", path[i]))
			return false;
	return len + 2 >= KEY_TEXT_LEN &&
	       (*path != '/' || path[len - 1] == '=');
}

static int open_file(const char *path, struct fault *fault)
{
	int fd;

	/* opening /dev/stdin would fail for a socket */
	if (!strcmp(path, "/dev/stdin"))
		fd = dup(STDIN_FILENO);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (is_key_text(path))
		return fault_set(fault, -EINVAL,
				 "a file that contains the key is expected, not the key itself");
	return fault_errno(fault, -errno, "cannot open '%s'", path);
}

static int read_key(uint8_t key[WG_KEY_LEN], int fd, const char *path,
		    struct fault *fault)
{
	char buf[KEY_FILE_MAX] = { 0 };
	ssize_t len;
	int ret = 0;

	/* where the limit on locked memory forbids this, go on without */
	mlock(buf, sizeof(buf));
	len = read_all(fd, buf, sizeof(buf));
	if (len < 0)
		ret = fault_errno(fault, (int)len, "cannot read '%s'", path);
	else if (len || lseek(fd, 0, SEEK_CUR) < 0)
		ret = parse_file(key, buf, (size_t)len, path, fault);
	else /* an empty pipe is one whose writer has failed */
		memset(key, 0, WG_KEY_LEN);
	wipe(buf, sizeof(buf));
	munlock(buf, sizeof(buf));
	return ret;
}

int key_read_file(uint8_t key[WG_KEY_LEN], const char *path,
		  struct fault *fault)
{
	int fd = open_file(path, fault), ret;

	if (fd < 0)
		return fault->code;
	ret = read_key(key, fd, path, fault);
	close(fd);
	return ret;
}
