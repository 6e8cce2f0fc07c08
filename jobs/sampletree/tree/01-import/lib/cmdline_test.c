// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include <linux/cmdline.h>

#include "../tools/testing/ktap.h"

static void memparse_suffixes(struct ktap *test)
{
	static const struct {
		const char *text;
		unsigned long long value;
		char next;
	} rows[] = {
		{ "0", 0, '\0' },       { "64K", 65536, '\0' }, { "64k,", 65536, ',' },
		{ "2M", 2 << 20, '\0' }, { "0x10", 16, '\0' },    { "3G@1", 3ULL << 30, '@' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *end;

		ktap_note(test, "\"%s\"", rows[i].text);
		EXPECT_EQ(test, memparse(rows[i].text, &end), rows[i].value);
		EXPECT_EQ(test, *end, rows[i].next);
	}
}

static const struct ktap_case cmdline_memparse[] = {
	KTAP_CASE(memparse_suffixes),
};

static void option_list(struct ktap *test)
{
	const char *text = "1,-2,3-5";
	int value = 0;

	EXPECT_EQ(test, get_option(&text, &value), 2);
	EXPECT_EQ(test, value, 1);
	EXPECT_EQ(test, get_option(&text, &value), 2);
	EXPECT_EQ(test, value, -2);
	EXPECT_EQ(test, get_option(&text, &value), 3);
	EXPECT_EQ(test, value, 3);
	EXPECT_EQ(test, get_option(&text, &value), 1);
	EXPECT_EQ(test, value, 5);
	EXPECT_EQ(test, get_option(&text, &value), 0);
}

static void option_too_big(struct ktap *test)
{
	const char *text = "99999999999";
	int value = 7;

	EXPECT_EQ(test, get_option(&text, &value), 0);
	EXPECT_EQ(test, value, 7);
}

static const struct ktap_case cmdline_option[] = {
	KTAP_CASE(option_list),
	KTAP_CASE(option_too_big),
};

/* Compares one argument; a value of NULL stands for none. */
static char *expect_arg(struct ktap *test, char *args, const char *parameter, const char *value)
{
	char *found, *found_value, *rest = next_arg(args, &found, &found_value);

	ktap_note(test, "%s = %s", found, found_value ? found_value : "(none)");
	EXPECT_EQ(test, strcmp(found, parameter), 0);
	EXPECT_EQ(test, found_value == NULL, value == NULL);
	if (found_value && value)
		EXPECT_EQ(test, strcmp(found_value, value), 0);
	return rest;
}

static void arg_plain(struct ktap *test)
{
	char args[] = "quiet console=ttyS0,115200n8  root=";
	char *rest = args;

	rest = expect_arg(test, rest, "quiet", NULL);
	rest = expect_arg(test, rest, "console", "ttyS0,115200n8");
	rest = expect_arg(test, rest, "root", "");
	EXPECT_EQ(test, *rest, '\0');
}

static void arg_quoted(struct ktap *test)
{
	char args[] = "init=\"/bin/sh -c true\" \"name=two words\" last";
	char *rest = args;

	rest = expect_arg(test, rest, "init", "/bin/sh -c true");
	rest = expect_arg(test, rest, "name", "two words");
	rest = expect_arg(test, rest, "last", NULL);
	EXPECT_EQ(test, *rest, '\0');
}

static void arg_quote_left_open(struct ktap *test)
{
	char args[] = "init=\"/bin/sh";

	EXPECT_EQ(test, *expect_arg(test, args, "init", "/bin/sh"), '\0');
}

static const struct ktap_case cmdline_next_arg[] = {
	KTAP_CASE(arg_plain),
	KTAP_CASE(arg_quoted),
	KTAP_CASE(arg_quote_left_open),
};

static const struct ktap_suite suites[] = {
	KTAP_SUITE(cmdline_memparse),
	KTAP_SUITE(cmdline_option),
	KTAP_SUITE(cmdline_next_arg),
};

int main(void)
{
	return ktap_run_suites(suites, ARRAY_SIZE(suites));
}
