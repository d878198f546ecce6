/* SPDX-License-Identifier: GPL-2.0 */
/* Allocation that counts and can be made to fail: see heap.h. */
#ifndef _HOST_LINUX_SLAB_H
#define _HOST_LINUX_SLAB_H

#include <linux/types.h>

#define GFP_KERNEL 0u

void *kmalloc(size_t size, gfp_t flags);
void kfree(const void *p);

#endif
