// SPDX-License-Identifier: GPL-2.0
/*
 * What ChaCha20-Poly1305 takes for one packet: by the kernel's library, as the
 * in-tree module calls it, and by the pass that wg.ko makes of its halves.
 */
#include <crypto/chacha20poly1305.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "proto/aead.h"

#include "blast.h"

#define BLAST_AEAD_CALLS	256	/* per sample: spreads the clock's cost */
#define BLAST_AEAD_SAMPLES	400

static const u8 blast_key[CHACHA20POLY1305_KEY_SIZE] = { 1, 2, 3 };

/* Both buffers have WG_AEAD_ROOM before and a tag's room behind. */
struct blast_aead {
	u8 *plain;
	u8 *sealed;
	unsigned int size;
};

static bool blast_aead_seal(const struct blast_aead *aead)
{
	chacha20poly1305_encrypt(aead->sealed, aead->plain, aead->size, NULL, 0,
				 7, blast_key);
	return true;
}

static bool blast_aead_open(const struct blast_aead *aead)
{
	return chacha20poly1305_decrypt(aead->plain, aead->sealed,
					aead->size + CHACHA20POLY1305_AUTHTAG_SIZE,
					NULL, 0, 7, blast_key);
}

static bool blast_own_seal(const struct blast_aead *aead)
{
	wg_aead_seal_in_place(aead->sealed, aead->size, 7, blast_key);
	return true;
}

static bool blast_own_open(const struct blast_aead *aead)
{
	size_t len = aead->size + CHACHA20POLY1305_AUTHTAG_SIZE;

	memcpy(aead->plain, aead->sealed, len);
	return wg_aead_open_in_place(aead->plain, len, 7, blast_key);
}

static const struct {
	const char *name;
	bool (*call)(const struct blast_aead *aead);
} blast_aeads[] = {
	/* Each opens what the one before it has sealed. */
	{ "seal_ps", blast_aead_seal },
	{ "open_ps", blast_aead_open },
	{ "own_seal_ps", blast_own_seal },
	{ "own_open_ps", blast_own_open },
};

static int blast_compare(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Return: the median of many samples, in picoseconds per call, or 0. */
static u64 blast_aead_time(const struct blast_aead *aead, u64 *samples,
			   bool (*call)(const struct blast_aead *aead))
{
	bool good = true;
	int i, j;

	for (i = 0; i < BLAST_AEAD_SAMPLES; i++) {
		u64 start = blast_busy_ns();

		for (j = 0; j < BLAST_AEAD_CALLS; j++)
			good &= call(aead);
		samples[i] = blast_busy_ns() - start;
		cond_resched();
	}
	sort(samples, BLAST_AEAD_SAMPLES, sizeof(*samples), blast_compare, NULL);
	return good ? samples[BLAST_AEAD_SAMPLES / 2] * 1000 / BLAST_AEAD_CALLS : 0;
}

static int blast_aead_all(const struct blast_aead *aead, u64 *samples,
			  struct seq_buf *out)
{
	u64 ps;
	int i;

	for (i = 0; i < ARRAY_SIZE(blast_aeads); i++) {
		ps = blast_aead_time(aead, samples, blast_aeads[i].call);
		if (!ps)
			return -EBADMSG;
		seq_buf_printf(out, "%s=%llu ", blast_aeads[i].name, ps);
	}
	return 0;
}

/**
 * blast_aead() - time sealing and opening
 * @args: the command: size
 * @out: takes the result
 *
 * Return: 0 or a negative errno.
 */
int blast_aead(const struct blast_args *args, struct seq_buf *out)
{
	size_t room = WG_AEAD_ROOM + args->size + CHACHA20POLY1305_AUTHTAG_SIZE;
	u64 *samples = kcalloc(BLAST_AEAD_SAMPLES, sizeof(*samples), GFP_KERNEL);
	u8 *plain = kzalloc(room, GFP_KERNEL);
	u8 *sealed = kzalloc(room, GFP_KERNEL);
	struct blast_aead aead = {
		.plain = plain + WG_AEAD_ROOM,
		.sealed = sealed + WG_AEAD_ROOM,
		.size = args->size,
	};
	int err = -ENOMEM;

	if (plain && sealed && samples)
		err = blast_aead_all(&aead, samples, out);
	kfree(samples);
	kfree(sealed);
	kfree(plain);
	return err;
}
