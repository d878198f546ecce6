// SPDX-License-Identifier: GPL-2.0
#include "heap.h"

#include <linux/kernel.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <stdlib.h>

/* In front of each object, as long as malloc()'s alignment. */
struct header {
	size_t bytes;
	size_t unused;
};

static size_t bytes;
static unsigned long allocations;
static unsigned long fail_at;
static struct rcu_head *waiting;

/* Object sizes of the kernel's allocator on x86-64. */
static size_t object_size(size_t size)
{
	static const size_t sizes[] = {
		8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		if (size <= sizes[i])
			return sizes[i];
	abort();
}

void *kmalloc(size_t size, gfp_t flags)
{
	struct header *header;

	(void)flags;
	if (++allocations == fail_at)
		return NULL;
	header = malloc(sizeof(*header) + size);
	if (!header)
		abort();
	header->bytes = object_size(size);
	bytes += header->bytes;
	return header + 1;
}

void kfree(const void *p)
{
	struct header *header = (struct header *)p - 1;

	if (!p)
		return;
	bytes -= header->bytes;
	free(header);
}

size_t heap_bytes(void)
{
	return bytes;
}

unsigned long heap_allocations(void)
{
	return allocations;
}

void heap_fail(unsigned long nth)
{
	fail_at = nth ? allocations + nth : 0;
}

bool heap_has_failed(void)
{
	return fail_at && allocations >= fail_at;
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->func = func;
	head->next = waiting;
	waiting = head;
}

void rcu_end_grace_period(void)
{
	struct rcu_head *head;

	while ((head = waiting)) {
		waiting = head->next;
		head->func(head);
	}
}
