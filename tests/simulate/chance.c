// SPDX-License-Identifier: GPL-2.0
/* All chance is one stream, and so is what the module draws at random. */
#include "world.h"

/* The generator SplitMix64: one addition and a mixing of the state. */
u64 chance(void)
{
	u64 z = world.chance += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

u32 chance_below(u32 bound)
{
	return (chance() >> 32) * bound >> 32;
}

bool chance_in(u32 of_1000)
{
	return of_1000 && chance_below(1000) < of_1000;
}

void chance_bytes(void *out, size_t len)
{
	u8 *bytes = out;

	while (len--)
		*bytes++ = chance() >> 56;
}

u32 get_random_u32(void)
{
	return chance();
}

void get_random_bytes(void *out, size_t len)
{
	chance_bytes(out, len);
}

u64 siphash(const void *data, size_t len, const siphash_key_t *key)
{
	const u8 *bytes = data;
	u64 hash = key->key[0];

	while (len--)
		hash = (hash ^ *bytes++) * 0x9fb21c651e98df25ULL;
	return hash ^ hash >> 32;
}
