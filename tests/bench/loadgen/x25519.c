// SPDX-License-Identifier: GPL-2.0
/* What X25519 takes, of which a handshake is made: by the kernel's library. */
#include <crypto/curve25519.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/seq_buf.h>

#include "loadgen.h"

#define LOADGEN_X25519_CALLS 1000

static bool loadgen_make_key(u8 *public, const u8 *secret)
{
	return curve25519_generate_public(public, secret);
}

static bool loadgen_make_secret(u8 *public, const u8 *secret)
{
	u8 shared[CURVE25519_KEY_SIZE];

	return curve25519(shared, secret, public);
}

/* Return: ns of a call, the mean of many. */
static u64 loadgen_time(bool (*call)(u8 *public, const u8 *secret), u8 *public,
			const u8 *secret)
{
	u64 start = loadgen_busy_ns();
	int i;

	for (i = 0; i < LOADGEN_X25519_CALLS; i++) {
		call(public, secret);
		cond_resched();
	}
	return div_u64(loadgen_busy_ns() - start, LOADGEN_X25519_CALLS);
}

/**
 * loadgen_x25519() - time both kinds of scalar multiplication
 * @args: unused
 * @out: takes the result
 *
 * Return: 0.
 */
int loadgen_x25519(const struct loadgen_args *args, struct seq_buf *out)
{
	u8 secret[CURVE25519_KEY_SIZE], public[CURVE25519_KEY_SIZE];

	curve25519_generate_secret(secret);
	seq_buf_printf(out, "key_ns=%llu ",
		       loadgen_time(loadgen_make_key, public, secret));
	seq_buf_printf(out, "secret_ns=%llu\n",
		       loadgen_time(loadgen_make_secret, public, secret));
	return 0;
}
