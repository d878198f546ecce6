// SPDX-License-Identifier: GPL-2.0
#include "lib/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

/* Move what is left to the front, and read more behind it. */
static int read_more(struct lines *lines)
{
	struct secret *buf = &lines->buf;
	size_t left = buf->len - lines->at;
	ssize_t got;

	if (lines->at) {
		memmove(buf->bytes, buf->bytes + lines->at, left);
		wipe(buf->bytes + left, lines->at);
	}
	lines->at = 0;
	buf->len = left;
	do {
		got = read(lines->fd, secret_extend(buf, CHUNK), CHUNK);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	buf->len += (size_t)got;
	lines->is_end = !got;
	return 0;
}

/* Where the next line ends, as far as it is known. */
static const char *find_end(const struct lines *lines)
{
	const struct secret *buf = &lines->buf;
	const char *end = NULL;

	if (buf->len > lines->at)
		end = memchr(buf->bytes + lines->at, '\n',
			     buf->len - lines->at);
	/* the last one may lack its newline */
	if (!end && lines->is_end)
		end = buf->bytes + buf->len;
	return end;
}

int lines_next(struct lines *lines, struct line *line)
{
	const char *end;
	int ret;

	while (!(end = find_end(lines))) {
		ret = read_more(lines);
		if (ret)
			return ret;
	}
	if (lines->at >= lines->buf.len)
		return 0;
	line->text = lines->buf.bytes + lines->at;
	line->len = (size_t)(end - line->text);
	lines->at += line->len + 1;
	return 1;
}

void lines_free(struct lines *lines)
{
	secret_free(&lines->buf);
}
