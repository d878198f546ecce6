// SPDX-License-Identifier: GPL-2.0
/*
 * The world's memory: its variables, which are all that the program has, and what
 * it allocates, from one piece. A state is kept as the blocks in which it differs
 * from the first one; pointers hold, since nothing ever moves.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "explore.h"

#undef malloc
#undef calloc
#undef realloc
#undef free

#define POOL_BYTES (256 << 10)
#define CLASSES 128
#define GRAIN 64 /* bytes of a block, and what sizes are rounded to */
#define AREAS 2

/* From the linker: where variables begin and end. */
extern char __data_start[], _end[];

/* In front of each object, as long as malloc()'s alignment. */
struct chunk {
	size_t grains;
	struct chunk *next; /* while it is free */
};

struct pool {
	size_t used;
	struct chunk *free[CLASSES];
};

/*
 * struct area - memory of which a state consists
 * @first: the first image of it
 */
struct area {
	char *begin;
	size_t bytes;
	char *first;
};

/* Not among the variables: all of this is the same in all states. */
static struct shared {
	struct area areas[AREAS];
} *shared;
static struct pool *pool;

static void *map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

/* ---------------------------------------------------------------- allocation */

static struct chunk *new_chunk(size_t grains)
{
	struct chunk *chunk;

	if (!pool) {
		pool = map(POOL_BYTES);
		pool->used = (sizeof(*pool) + GRAIN - 1) / GRAIN * GRAIN;
	}
	chunk = (struct chunk *)((char *)pool + pool->used);
	pool->used += grains * GRAIN;
	if (pool->used > POOL_BYTES)
		abort();
	chunk->grains = grains;
	return chunk;
}

/* What is free is zero. */
void *pool_calloc(size_t count, size_t size)
{
	size_t grains = (sizeof(struct chunk) + count * size + GRAIN - 1) /
			GRAIN;
	struct chunk *chunk;

	if (grains >= CLASSES || !pool || !pool->free[grains])
		return new_chunk(grains) + 1;
	chunk = pool->free[grains];
	pool->free[grains] = chunk->next;
	chunk->next = NULL;
	return chunk + 1;
}

void *pool_malloc(size_t size)
{
	return pool_calloc(1, size);
}

void pool_free(void *p)
{
	struct chunk *chunk = (struct chunk *)p - 1;

	if (!p)
		return;
	memset(p, 0, chunk->grains * GRAIN - sizeof(*chunk));
	if (chunk->grains >= CLASSES)
		return;
	chunk->next = pool->free[chunk->grains];
	pool->free[chunk->grains] = chunk;
}

void *pool_realloc(void *p, size_t size)
{
	void *more = pool_calloc(1, size);
	size_t had;

	if (p) {
		had = ((struct chunk *)p - 1)->grains * GRAIN -
		      sizeof(struct chunk);
		memcpy(more, p, had < size ? had : size);
		pool_free(p);
	}
	return more;
}

/* -------------------------------------------------------------------- images */

static size_t bytes_of(const struct area *area)
{
	return area->begin == (char *)pool ? pool->used : area->bytes;
}

void image_begin(void)
{
	struct area *area;

	shared = map(sizeof(*shared));
	shared->areas[0].begin =
		(char *)((uintptr_t)__data_start & ~(uintptr_t)(GRAIN - 1));
	shared->areas[0].bytes =
		(_end - shared->areas[0].begin + GRAIN - 1) / GRAIN * GRAIN;
	shared->areas[1].begin = (char *)pool;
	shared->areas[1].bytes = POOL_BYTES;
	for (area = shared->areas; area < shared->areas + AREAS; area++) {
		area->first = map(area->bytes);
		memcpy(area->first, area->begin, area->bytes);
	}
}

/* For each area a list of blocks, each behind its number, and ~0. */
static char *save_area(const struct area *area, char *out)
{
	uint32_t i, blocks = bytes_of(area) / GRAIN, none = ~0U;

	for (i = 0; i < blocks; i++) {
		if (!memcmp(area->begin + i * GRAIN, area->first + i * GRAIN,
			    GRAIN))
			continue;
		memcpy(out, &i, sizeof(i));
		memcpy(out + sizeof(i), area->begin + i * GRAIN, GRAIN);
		out += sizeof(i) + GRAIN;
	}
	memcpy(out, &none, sizeof(none));
	return out + sizeof(none);
}

size_t image_save(void *out)
{
	char *at = out;
	unsigned int i;

	for (i = 0; i < AREAS; i++)
		at = save_area(&shared->areas[i], at);
	return at - (char *)out;
}

static const char *load_area(const struct area *area, const char *in)
{
	uint32_t i;

	memcpy(area->begin, area->first, bytes_of(area));
	for (;; in += GRAIN) {
		memcpy(&i, in, sizeof(i));
		in += sizeof(i);
		if (i == ~0U)
			return in;
		memcpy(area->begin + i * GRAIN, in, GRAIN);
	}
}

size_t image_load(const void *in)
{
	const char *at = in;
	unsigned int i;

	for (i = 0; i < AREAS; i++)
		at = load_area(&shared->areas[i], at);
	return at - (const char *)in;
}
