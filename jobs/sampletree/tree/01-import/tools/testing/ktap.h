/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _TOOLS_KTAP_H
#define _TOOLS_KTAP_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/container_of.h>

/* One running case. Made by ktap_run, handed to the case. */
struct ktap {
	const char *name;
	bool failed;
	const char *skip; /* the reason, NULL if it was not skipped */
};

struct ktap_case {
	const char *name;
	void (*run)(struct ktap *test);
};

struct ktap_suite {
	const char *name;
	const struct ktap_case *cases;
	size_t count;
};

#define KTAP_CASE(function) { #function, function }
#define KTAP_SUITE(name) { #name, name, ARRAY_SIZE(name) }

/* Both return the exit status: 0, or 1 if a case failed. */
int ktap_run(const struct ktap_case *cases, size_t count);
int ktap_run_suites(const struct ktap_suite *suites, size_t count);
int ktap_skip_all(const char *reason);

/* A comment in the log of the case. */
void ktap_note(struct ktap *test, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void ktap_compare(struct ktap *test, const char *file, int line, const char *left,
		  long long left_value, const char *right, long long right_value);
void ktap_check(struct ktap *test, const char *file, int line, const char *condition,
		bool value);

/* A failed expectation is printed, and the case goes on. */
#define EXPECT_EQ(test, left, right)						\
	ktap_compare(test, __FILE__, __LINE__, #left, (long long)(left), #right,	\
		     (long long)(right))

#define EXPECT_TRUE(test, condition)						\
	ktap_check(test, __FILE__, __LINE__, #condition, condition)

/* A small generator of numbers, the same on every run. */
static inline unsigned int ktap_random(unsigned int *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

#endif
