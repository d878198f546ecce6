// SPDX-License-Identifier: GPL-2.0
/* Names that may be shown, by RFC 3629 and the three kinds of controls. */
#include "ctl/utf8.h"

#include <kunit/test.h>

struct text {
	const char *name;
	const char *bytes;
	bool is_fit;
};

static const struct text texts[] = {
	{ "nothing", "", true },
	{ "ASCII", "a peer, at ~home", true },
	{ "two bytes", "K\xc3\xb6ln", true },
	{ "three bytes", "\xe2\x82\xac", true },
	{ "four bytes", "\xf0\x9f\x90\xa7", true },
	{ "last before the surrogates", "\xed\x9f\xbf", true },
	{ "first after them", "\xee\x80\x80", true },
	{ "the greatest of all", "\xf4\x8f\xbf\xbf", true },
	{ "no-break space, after C1", "\xc2\xa0", true },
	{ "C0, newline", "a\nb", false },
	{ "C0, escape", "\x1b[31m", false },
	{ "DEL", "a\x7f", false },
	{ "C1, first", "\xc2\x80", false },
	{ "C1, last", "\xc2\x9f", false },
	{ "a surrogate, first", "\xed\xa0\x80", false },
	{ "a surrogate, last", "\xed\xbf\xbf", false },
	{ "beyond U+10FFFF", "\xf4\x90\x80\x80", false },
	{ "five bytes", "\xf8\x88\x80\x80\x80", false },
	{ "Latin-1", "K\xf6ln", false },
	{ "a continuation alone", "\x80", false },
	{ "cut after one of two", "\xc3", false },
	{ "cut after two of three", "\xe2\x82", false },
	{ "cut after three of four", "\xf0\x9f\x90", false },
	{ "a lead instead of a continuation", "\xe2\xc3\xb6", false },
	{ "overlong slash in two", "\xc0\xaf", false },
	{ "overlong slash in three", "\xe0\x80\xaf", false },
	{ "overlong slash in four", "\xf0\x80\x80\xaf", false },
	{ "overlong, greatest in three", "\xe0\x9f\xbf", false },
	{ "overlong, greatest in four", "\xf0\x8f\xbf\xbf", false },
};

static void describe(const struct text *text, char *desc)
{
	strscpy(desc, text->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(text, texts, describe);

static void only_what_can_be_shown_is_fit(struct kunit *test)
{
	const struct text *text = test->param_value;

	KUNIT_EXPECT_EQ(test, wg_utf8_is_printable((const u8 *)text->bytes,
						   strlen(text->bytes)),
			text->is_fit);
}

static void a_zero_byte_is_a_control(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, wg_utf8_is_printable((const u8 *)"a\0b", 3));
}

static struct kunit_case utf8_test_cases[] = {
	KUNIT_CASE_PARAM(only_what_can_be_shown_is_fit, text_gen_params),
	KUNIT_CASE(a_zero_byte_is_a_control),
	{}
};

static struct kunit_suite utf8_test_suite = {
	.name = "wg_utf8",
	.test_cases = utf8_test_cases,
};

kunit_test_suite(utf8_test_suite);
