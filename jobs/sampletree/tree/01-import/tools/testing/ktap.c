// SPDX-License-Identifier: Apache-2.0
/* Runs the cases of a test program and prints KTAP version 1. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "ktap.h"

/* Blanks before each line of ours: four for each level, as KUnit has it. */
static int indent;

static void print(const char *format, ...)
{
	va_list arguments;

	printf("%*s", indent, "");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	/* In order with what others print, and there even if the case crashes. */
	fflush(stdout);
}

void ktap_note(struct ktap *test, const char *format, ...)
{
	va_list arguments;

	printf("%*s# %s: ", indent, "", test->name);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

void ktap_compare(struct ktap *test, const char *file, int line, const char *left,
		  long long left_value, const char *right, long long right_value)
{
	if (left_value == right_value)
		return;
	test->failed = true;
	print("# %s: EXPECTATION FAILED at %s:%d\n", test->name, file, line);
	print("    Expected %s == %s, but\n", left, right);
	print("        %s == %lld (0x%llx)\n", left, left_value, left_value);
	if (!isdigit((unsigned char)*right)) /* a number says it all */
		print("        %s == %lld (0x%llx)\n", right, right_value, right_value);
}

void ktap_check(struct ktap *test, const char *file, int line, const char *condition,
		bool value)
{
	if (value)
		return;
	test->failed = true;
	print("# %s: EXPECTATION FAILED at %s:%d\n", test->name, file, line);
	print("    Expected %s to be true, but is false\n", condition);
}

static int run_cases(const struct ktap_case *cases, size_t count)
{
	int pass = 0, fail = 0, skip = 0;

	for (size_t i = 0; i < count; i++) {
		struct ktap test = { .name = cases[i].name };

		cases[i].run(&test);
		if (test.failed) {
			fail++;
			print("not ok %zu %s\n", i + 1, test.name);
		} else if (test.skip) {
			skip++;
			print("ok %zu %s # SKIP %s\n", i + 1, test.name, test.skip);
		} else {
			pass++;
			print("ok %zu %s\n", i + 1, test.name);
		}
	}
	print("# Totals: pass:%d fail:%d skip:%d total:%zu\n", pass, fail, skip, count);
	return fail ? 1 : 0;
}

int ktap_run(const struct ktap_case *cases, size_t count)
{
	print("KTAP version 1\n");
	print("1..%zu\n", count);
	return run_cases(cases, count);
}

int ktap_run_suites(const struct ktap_suite *suites, size_t count)
{
	int status = 0;

	print("KTAP version 1\n");
	print("1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		int failed;

		indent += 4;
		print("KTAP version 1\n");
		print("# Subtest: %s\n", suites[i].name);
		print("1..%zu\n", suites[i].count);
		failed = run_cases(suites[i].cases, suites[i].count);
		indent -= 4;
		print("%sok %zu %s\n", failed ? "not " : "", i + 1, suites[i].name);
		status |= failed;
	}
	return status;
}

int ktap_skip_all(const char *reason)
{
	print("KTAP version 1\n");
	print("1..0 # SKIP %s\n", reason);
	return 0;
}
