/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test harness: TEST(claim) { ... } registers itself, CHECK() inside it
 * reports and goes on. `host_test [part of a name]...` runs the tests whose
 * names contain one of the parts, or all, and prints KTAP.
 */
#ifndef _HOST_HARNESS_H
#define _HOST_HARNESS_H

#include <linux/types.h>

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *test);
void test_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define TEST(claim)							\
	static void claim(void);					\
	__attribute__((constructor)) static void register_##claim(void)	\
	{								\
		static struct test test = { #claim, claim, NULL };	\
									\
		test_register(&test);					\
	}								\
	static void claim(void)

/* The test goes on after a failed check; the verdict is given back. */
#define CHECK(claim) ({							\
	bool holds_ = (claim);						\
									\
	if (!holds_)							\
		test_fail(__FILE__, __LINE__, "%s", #claim);		\
	holds_; })

/* In a table: @row says which one. */
#define CHECK_ROW(claim, row) ({					\
	bool holds_ = (claim);						\
									\
	if (!holds_)							\
		test_fail(__FILE__, __LINE__, "%s: %s", row, #claim);	\
	holds_; })

#define CHECK_EQ(got, expected) ({					\
	u64 got_ = (got);						\
	u64 expected_ = (expected);					\
									\
	if (got_ != expected_)						\
		test_fail(__FILE__, __LINE__,				\
			  "%s is %llu (0x%llx), expected %llu (0x%llx)", \
			  #got, got_, got_, expected_, expected_);	\
	got_ == expected_; })

#define CHECK_EQ_ROW(got, expected, row) ({				\
	u64 got_ = (got);						\
	u64 expected_ = (expected);					\
									\
	if (got_ != expected_)						\
		test_fail(__FILE__, __LINE__,				\
			  "%s: %s is %llu (0x%llx), expected %llu (0x%llx)", \
			  row, #got, got_, got_, expected_, expected_);	\
	got_ == expected_; })

#define CHECK_BYTES(got, expected, len)					\
	check_bytes(__FILE__, __LINE__, #got, got, expected, len)

bool check_bytes(const char *file, int line, const char *what,
		 const void *got, const void *expected, size_t len);

/* Parse hexadecimal digits into @out; the count of bytes must be @len. */
void hex(void *out, size_t len, const char *digits);

/* As many bytes as there are; at most @size. */
size_t hex_any(void *out, size_t size, const char *digits);

/* Numbers from a fixed seed, the same in each run. */
struct random {
	u64 state;
};

u64 random_u64(struct random *random);
u32 random_below(struct random *random, u32 bound);
void random_bytes(struct random *random, void *out, size_t len);

#endif
