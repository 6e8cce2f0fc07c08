// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include <linux/bitmap.h>

#include "../tools/testing/ktap.h"

#define BITS 200u

static unsigned long map[BITS_TO_LONGS(BITS)];

static void reset(void)
{
	memset(map, 0, sizeof(map));
}

static void set_across_words(struct ktap *test)
{
	reset();
	bitmap_set(map, 60, 80);
	EXPECT_EQ(test, bitmap_weight(map, BITS), 80);
	EXPECT_EQ(test, test_bit(59, map), 0);
	EXPECT_EQ(test, test_bit(60, map), 1);
	EXPECT_EQ(test, test_bit(139, map), 1);
	EXPECT_EQ(test, test_bit(140, map), 0);
	bitmap_clear(map, 64, 64);
	EXPECT_EQ(test, bitmap_weight(map, BITS), 16);
}

static void set_nothing(struct ktap *test)
{
	reset();
	bitmap_set(map, 64, 0);
	EXPECT_EQ(test, bitmap_weight(map, BITS), 0);
}

/* Every start and length against one bit at a time. */
static void set_all_ranges(struct ktap *test)
{
	unsigned int wrong = 0;

	for (unsigned int start = 0; start < BITS; start++) {
		for (unsigned int count = 1; start + count <= BITS; count++) {
			reset();
			bitmap_set(map, start, count);
			for (unsigned int bit = 0; bit < BITS; bit++)
				wrong += test_bit(bit, map) != (bit >= start && bit < start + count);
		}
	}
	EXPECT_EQ(test, wrong, 0);
}

static const struct ktap_case bitmap_set_clear[] = {
	KTAP_CASE(set_across_words),
	KTAP_CASE(set_nothing),
	KTAP_CASE(set_all_ranges),
};

static void next_bit(struct ktap *test)
{
	reset();
	bitmap_set(map, 70, 1);
	EXPECT_EQ(test, find_next_bit(map, BITS, 0), 70);
	EXPECT_EQ(test, find_next_bit(map, BITS, 71), BITS);
	EXPECT_EQ(test, find_next_zero_bit(map, BITS, 70), 71);
}

static void zero_area(struct ktap *test)
{
	reset();
	bitmap_set(map, 0, 10);
	bitmap_set(map, 15, 100);
	EXPECT_EQ(test, bitmap_find_zero_area(map, BITS, 5), 10);
	EXPECT_EQ(test, bitmap_find_zero_area(map, BITS, 6), 115);
	EXPECT_EQ(test, bitmap_find_zero_area(map, BITS, 86), BITS);
}

static const struct ktap_case bitmap_find[] = {
	KTAP_CASE(next_bit),
	KTAP_CASE(zero_area),
};

static void list_good(struct ktap *test)
{
	EXPECT_EQ(test, bitmap_parselist("0-3,8,10-12", map, BITS), 0);
	EXPECT_EQ(test, bitmap_weight(map, BITS), 8);
	EXPECT_EQ(test, bitmap_parselist("", map, BITS), 0);
	EXPECT_EQ(test, bitmap_weight(map, BITS), 0);
}

static void list_bad(struct ktap *test)
{
	static const char *const texts[] = { "a", "3-1", "1-", "1;2", "-1", "1--2" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		ktap_note(test, "\"%s\"", texts[i]);
		EXPECT_EQ(test, bitmap_parselist(texts[i], map, BITS), -EINVAL);
	}
	EXPECT_EQ(test, bitmap_parselist("190-200", map, BITS), -ERANGE);
}

static const struct ktap_case bitmap_list[] = {
	KTAP_CASE(list_good),
	KTAP_CASE(list_bad),
};

static const struct ktap_suite suites[] = {
	KTAP_SUITE(bitmap_set_clear),
	KTAP_SUITE(bitmap_find),
	KTAP_SUITE(bitmap_list),
};

int main(void)
{
	return ktap_run_suites(suites, ARRAY_SIZE(suites));
}
