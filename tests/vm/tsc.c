// SPDX-License-Identifier: GPL-2.0
/*
 * tsc: the frequency of this machine's time stamp counter, in kHz. An emulated guest
 * has the same counter. Left to itself it measures it against a timer of the
 * emulator, which stands still when somebody else has the processor: with a tenth of
 * the frequency its clock goes ten times too fast, and all that waits has waited
 * before it began.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define READINGS 1000

struct moment {
	uint64_t ns;
	uint64_t ticks;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Both clocks, in the reading during which least time was taken away. */
static struct moment read_both(void)
{
	struct moment best = { 0 };
	uint64_t least_ns = UINT64_MAX;
	int i;

	for (i = 0; i < READINGS; i++) {
		uint64_t before_ns = now_ns(), ticks = __rdtsc();
		uint64_t took_ns = now_ns() - before_ns;

		if (took_ns >= least_ns)
			continue;
		least_ns = took_ns;
		best = (struct moment){ before_ns + took_ns / 2, ticks };
	}
	return best;
}

int main(void)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct moment from = read_both(), to;

	nanosleep(&pause, NULL);
	to = read_both();
	printf("%" PRIu64 "\n",
	       (to.ticks - from.ticks) * 1000000 / (to.ns - from.ns));
	return 0;
}
