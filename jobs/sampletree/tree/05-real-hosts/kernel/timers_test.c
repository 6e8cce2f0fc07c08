// SPDX-License-Identifier: Apache-2.0
#include <time.h>

#include <linux/timers.h>

#include "../tools/testing/ktap.h"

static struct timer_base base;
static int fired[8], fired_count;

struct numbered {
	struct timer timer;
	int number;
};

static void note_number(struct timer *timer)
{
	fired[fired_count++] = container_of(timer, struct numbered, timer)->number;
}

static void add(struct numbered *entry, int number, unsigned long expires)
{
	entry->number = number;
	entry->timer.expires = expires;
	entry->timer.function = note_number;
	timer_add(&base, &entry->timer);
}

static void timer_order(struct ktap *test)
{
	struct numbered entries[4];

	fired_count = 0;
	timer_base_init(&base, 0);
	add(&entries[0], 0, 30);
	add(&entries[1], 1, 10);
	add(&entries[2], 2, 20);
	add(&entries[3], 3, 20);
	EXPECT_EQ(test, timer_advance(&base, 9), 0);
	EXPECT_EQ(test, timer_advance(&base, 10), 1);
	EXPECT_EQ(test, timer_advance(&base, 100), 3);
	EXPECT_EQ(test, fired[0], 1);
	EXPECT_EQ(test, fired[1], 2);
	EXPECT_EQ(test, fired[2], 3);
	EXPECT_EQ(test, fired[3], 0);
}

static void timer_cancelled(struct ktap *test)
{
	struct numbered entry;

	fired_count = 0;
	timer_base_init(&base, 0);
	add(&entry, 1, 5);
	EXPECT_TRUE(test, timer_cancel(&entry.timer));
	EXPECT_TRUE(test, !timer_cancel(&entry.timer));
	EXPECT_EQ(test, timer_advance(&base, 10), 0);
	EXPECT_EQ(test, fired_count, 0);
}

static void timer_wraps(struct ktap *test)
{
	struct numbered before, behind;

	fired_count = 0;
	timer_base_init(&base, -10UL);
	add(&behind, 2, 5);
	add(&before, 1, -5UL);
	EXPECT_EQ(test, timer_advance(&base, -1UL), 1);
	EXPECT_EQ(test, timer_advance(&base, 4), 0);
	EXPECT_EQ(test, timer_advance(&base, 5), 1);
	EXPECT_EQ(test, fired[0], 1);
	EXPECT_EQ(test, fired[1], 2);
}

static unsigned int periods;

static void again(struct timer *timer)
{
	periods++;
	timer->expires += HZ / 4;
	timer_add(&base, timer);
}

/* An hour of ticks, one at a time. */
static void timer_periodic(struct ktap *test)
{
	struct timer timer = { .expires = HZ / 4, .function = again };

	periods = 0;
	timer_base_init(&base, 0);
	timer_add(&base, &timer);
	for (unsigned long tick = 1; tick <= 3600UL * HZ; tick++)
		timer_advance(&base, tick);
	EXPECT_EQ(test, periods, 4 * 3600);
}

/* Microseconds, from some moment on. */
static long long clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

/*
 * With the clock of the host. How late a timer fires is up to the host, so that
 * is only noted; but it must never be early.
 */
static void timer_not_early(struct ktap *test)
{
	struct numbered entry;
	long long start = clock_us(), deadline = start + 20 * 1000000 / HZ;

	fired_count = 0;
	timer_base_init(&base, 0);
	add(&entry, 1, 20);
	while (!timer_advance(&base, (clock_us() - start) * HZ / 1000000))
		EXPECT_EQ(test, fired_count, 0);
	EXPECT_EQ(test, fired_count, 1);
	EXPECT_TRUE(test, clock_us() >= deadline);
	ktap_note(test, "fired %lld us late", clock_us() - deadline);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(timer_order),
	KTAP_CASE(timer_cancelled),
	KTAP_CASE(timer_wraps),
	KTAP_CASE(timer_periodic),
	KTAP_CASE(timer_not_early),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
