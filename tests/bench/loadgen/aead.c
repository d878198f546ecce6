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

#include "loadgen.h"

#define LOADGEN_AEAD_CALLS 256 /* per sample: spreads the clock's cost */
#define LOADGEN_AEAD_SAMPLES	400

static const u8 loadgen_key[CHACHA20POLY1305_KEY_SIZE] = { 1, 2, 3 };

/* Both buffers have WG_AEAD_ROOM before and a tag's room behind. */
struct loadgen_aead {
	u8 *plain;
	u8 *sealed;
	unsigned int size;
};

static bool loadgen_aead_seal(const struct loadgen_aead *aead)
{
	chacha20poly1305_encrypt(aead->sealed, aead->plain, aead->size, NULL, 0,
				 7, loadgen_key);
	return true;
}

static bool loadgen_aead_open(const struct loadgen_aead *aead)
{
	return chacha20poly1305_decrypt(aead->plain, aead->sealed,
					aead->size +
						CHACHA20POLY1305_AUTHTAG_SIZE,
					NULL, 0, 7, loadgen_key);
}

static bool loadgen_own_seal(const struct loadgen_aead *aead)
{
	wg_aead_seal_in_place(aead->sealed, aead->size, 7, loadgen_key);
	return true;
}

static bool loadgen_own_open(const struct loadgen_aead *aead)
{
	size_t len = aead->size + CHACHA20POLY1305_AUTHTAG_SIZE;

	memcpy(aead->plain, aead->sealed, len);
	return wg_aead_open_in_place(aead->plain, len, 7, loadgen_key);
}

static const struct {
	const char *name;
	bool (*call)(const struct loadgen_aead *aead);
} loadgen_aeads[] = {
	/* Each opens what the one before it has sealed. */
	{ "seal_ps", loadgen_aead_seal },
	{ "open_ps", loadgen_aead_open },
	{ "own_seal_ps", loadgen_own_seal },
	{ "own_open_ps", loadgen_own_open },
};

static int loadgen_compare(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Return: the median of many samples, in picoseconds per call, or 0. */
static u64 loadgen_aead_time(const struct loadgen_aead *aead, u64 *samples,
			     bool (*call)(const struct loadgen_aead *aead))
{
	bool good = true;
	int i, j;

	for (i = 0; i < LOADGEN_AEAD_SAMPLES; i++) {
		u64 start = loadgen_busy_ns();

		for (j = 0; j < LOADGEN_AEAD_CALLS; j++)
			good &= call(aead);
		samples[i] = loadgen_busy_ns() - start;
		cond_resched();
	}
	sort(samples, LOADGEN_AEAD_SAMPLES, sizeof(*samples), loadgen_compare,
	     NULL);
	if (!good)
		return 0;
	return samples[LOADGEN_AEAD_SAMPLES / 2] * 1000 / LOADGEN_AEAD_CALLS;
}

static int loadgen_aead_all(const struct loadgen_aead *aead, u64 *samples,
			    struct seq_buf *out)
{
	u64 ps;
	int i;

	for (i = 0; i < ARRAY_SIZE(loadgen_aeads); i++) {
		ps = loadgen_aead_time(aead, samples, loadgen_aeads[i].call);
		if (!ps)
			return -EBADMSG;
		seq_buf_printf(out, "%s=%llu ", loadgen_aeads[i].name, ps);
	}
	return 0;
}

/**
 * loadgen_aead() - time sealing and opening
 * @args: the command: size
 * @out: takes the result
 *
 * Return: 0 or a negative errno.
 */
int loadgen_aead(const struct loadgen_args *args, struct seq_buf *out)
{
	size_t room = WG_AEAD_ROOM + args->size + CHACHA20POLY1305_AUTHTAG_SIZE;
	u64 *samples =
		kcalloc(LOADGEN_AEAD_SAMPLES, sizeof(*samples), GFP_KERNEL);
	u8 *plain = kzalloc(room, GFP_KERNEL);
	u8 *sealed = kzalloc(room, GFP_KERNEL);
	struct loadgen_aead aead = {
		.plain = plain + WG_AEAD_ROOM,
		.sealed = sealed + WG_AEAD_ROOM,
		.size = args->size,
	};
	int err = -ENOMEM;

	if (plain && sealed && samples)
		err = loadgen_aead_all(&aead, samples, out);
	kfree(samples);
	kfree(sealed);
	kfree(plain);
	return err;
}
