// SPDX-License-Identifier: GPL-2.0
/* What the kernel's own ChaCha20-Poly1305 takes for one packet. */
#include <crypto/chacha20poly1305.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "blast.h"

#define BLAST_AEAD_CALLS	256	/* per sample: spreads the clock's cost */
#define BLAST_AEAD_SAMPLES	400

static const u8 blast_key[CHACHA20POLY1305_KEY_SIZE] = { 1, 2, 3 };

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

/**
 * blast_aead() - time sealing and opening
 * @args: the command: size
 * @out: takes the result
 *
 * Return: 0 or a negative errno.
 */
int blast_aead(const struct blast_args *args, struct seq_buf *out)
{
	struct blast_aead aead = {
		.plain = kzalloc(args->size, GFP_KERNEL),
		.sealed = kzalloc(args->size + CHACHA20POLY1305_AUTHTAG_SIZE,
				  GFP_KERNEL),
		.size = args->size,
	};
	u64 *samples = kcalloc(BLAST_AEAD_SAMPLES, sizeof(*samples), GFP_KERNEL);
	u64 seal_ps, open_ps;
	int err = -ENOMEM;

	if (!aead.plain || !aead.sealed || !samples)
		goto out;
	seal_ps = blast_aead_time(&aead, samples, blast_aead_seal);
	open_ps = blast_aead_time(&aead, samples, blast_aead_open);
	err = seal_ps && open_ps ? 0 : -EBADMSG;
	seq_buf_printf(out, "seal_ps=%llu open_ps=%llu\n", seal_ps, open_ps);
out:
	kfree(samples);
	kfree(aead.sealed);
	kfree(aead.plain);
	return err;
}
