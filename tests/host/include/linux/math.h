/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _HOST_LINUX_MATH_H
#define _HOST_LINUX_MATH_H

/* To a power of two, as in the kernel. */
#define round_down(x, y) ((x) & ~((__typeof__(x))((y) - 1)))
#define round_up(x, y) round_down((x) + (__typeof__(x))((y) - 1), y)

#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))

#endif
