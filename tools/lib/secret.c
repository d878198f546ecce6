// SPDX-License-Identifier: GPL-2.0
#include "lib/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/xalloc.h"

#define FIRST_ROOM 4096

void wipe(void *memory, size_t len)
{
	explicit_bzero(memory, len);
}

void wipe_text(char *text)
{
	if (text)
		wipe(text, strlen(text));
	free(text);
}

char *secret_extend(struct secret *secret, size_t len)
{
	struct secret bigger = { .len = secret->len,
				 .room = secret->room };

	if (!bigger.room)
		bigger.room = len > FIRST_ROOM ? len : FIRST_ROOM;

	while (bigger.room - secret->len < len)
		bigger.room *= 2;
	if (bigger.room != secret->room) {
		bigger.bytes = xcalloc(bigger.room, 1);
		if (secret->len)
			memcpy(bigger.bytes, secret->bytes, secret->len);
		secret_free(secret);
		*secret = bigger;
	}
	return secret->bytes + secret->len;
}

int secret_read(struct secret *secret, int fd)
{
	ssize_t got;

	do {
		got = read(fd, secret_extend(secret, FIRST_ROOM), FIRST_ROOM);
		if (got < 0 && errno != EINTR)
			return -errno;
		secret->len += got > 0 ? (size_t)got : 0;
	} while (got);
	return 0;
}

void secret_free(struct secret *secret)
{
	if (secret->bytes)
		wipe(secret->bytes, secret->len);
	free(secret->bytes);
	memset(secret, 0, sizeof(*secret));
}
