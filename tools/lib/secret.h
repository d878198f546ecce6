/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that may hold keys: it is overwritten before it is given back.
 */
#ifndef _WGCTL_LIB_SECRET_H
#define _WGCTL_LIB_SECRET_H

#include <stddef.h>

/* overwrite memory in a way that the compiler keeps */
void wipe(void *memory, size_t len);

/* wipe a string and free it; NULL is none */
void wipe_text(char *text);

/*
 * Bytes that grow, and leave no copy behind when they move. What is behind @len
 * was never written to: of what is reserved only @len is wiped, or touched.
 */
struct secret {
	char *bytes;
	size_t len;
	size_t room;
};

/**
 * secret_extend() - make room for more
 * @secret: grows; its length is left to the caller
 * @len: how many bytes more there must be room for
 *
 * Return: the first byte after those that are there.
 */
char *secret_extend(struct secret *secret, size_t len);

/**
 * secret_read() - read a file or a pipe to its end
 * @secret: what was read is appended
 * @fd: to read
 *
 * Return: 0 or a negative errno.
 */
int secret_read(struct secret *secret, int fd);

void secret_free(struct secret *secret);

#endif
