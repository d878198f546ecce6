// SPDX-License-Identifier: GPL-2.0
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static struct test *first;
static struct test **last = &first;
static unsigned int failures; /* in the test that runs */

/* Messages of one test after which it keeps silent. */
#define MESSAGES_MAX 20

void test_register(struct test *test)
{
	*last = test;
	last = &test->next;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	const char *slash = strrchr(file, '/');
	va_list args;

	if (failures++ >= MESSAGES_MAX)
		return;
	printf("# %s:%d: ", slash ? slash + 1 : file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void print_bytes(const char *label, const u8 *bytes, size_t len)
{
	size_t i;

	printf("#   %s ", label);
	for (i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

bool check_bytes(const char *file, int line, const char *what,
		 const void *got, const void *expected, size_t len)
{
	if (!memcmp(got, expected, len))
		return true;
	test_fail(file, line, "%s differs", what);
	if (failures <= MESSAGES_MAX) {
		print_bytes("got     ", got, len);
		print_bytes("expected", expected, len);
	}
	return false;
}

size_t hex_any(void *out, size_t size, const char *digits)
{
	const char *end;
	size_t len;

	if (sodium_hex2bin(out, size, digits, strlen(digits), " \n:", &len,
			   &end) || *end) {
		fprintf(stderr, "bad hexadecimal digits: %s\n", digits);
		abort();
	}
	return len;
}

void hex(void *out, size_t len, const char *digits)
{
	if (hex_any(out, len, digits) == len)
		return;
	fprintf(stderr, "not %zu bytes: %s\n", len, digits);
	abort();
}

/* The generator SplitMix64: one addition and a mixing of the state. */
u64 random_u64(struct random *random)
{
	u64 z = random->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

u32 random_below(struct random *random, u32 bound)
{
	return (random_u64(random) >> 32) * bound >> 32;
}

void random_bytes(struct random *random, void *out, size_t len)
{
	u8 *bytes = out;

	while (len--)
		*bytes++ = random_u64(random) >> 56;
}

static bool is_wanted(const struct test *test, char **parts)
{
	if (!*parts)
		return true;
	for (; *parts; parts++)
		if (strstr(test->name, *parts))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned int number = 0, passed = 0, failed = 0, count = 0;
	struct test *test;

	(void)argc;
	if (sodium_init() < 0)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (test = first; test; test = test->next)
		count += is_wanted(test, argv + 1);
	printf("KTAP version 1\n1..%u\n", count);
	for (test = first; test; test = test->next) {
		if (!is_wanted(test, argv + 1))
			continue;
		failures = 0;
		test->run();
		printf("%sok %u - %s\n", failures ? "not " : "", ++number,
		       test->name);
		if (failures)
			failed++;
		else
			passed++;
	}
	printf("# %u passed, %u failed\n", passed, failed);
	return failed || !passed;
}
