/* SPDX-License-Identifier: GPL-2.0 */
/* Reads hexadecimal strings out of the JSON files in vectors/. */
#ifndef _HOST_VECTORS_H
#define _HOST_VECTORS_H

#include <linux/types.h>

/*
 * The string of the @nth member (from 0) called @name in @file, in document
 * order, decoded into @out. Ends the program when it is not there or longer
 * than @size. Return: its length.
 */
size_t vector_get(const char *file, const char *name, unsigned int nth,
		  void *out, size_t size);

/* The same for a string that must have @len bytes. */
void vector_exact(const char *file, const char *name, void *out, size_t len);

#endif
