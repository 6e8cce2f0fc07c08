// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include <linux/stringhash.h>

#include "../tools/testing/ktap.h"

#define NAMES 400000
#define BUCKETS 1024

static void hash_of_prefix(struct ktap *test)
{
	EXPECT_EQ(test, full_name_hash("eth0.100", 4), full_name_hash("eth0", 4));
	EXPECT_TRUE(test, full_name_hash("eth0", 4) != full_name_hash("eth1", 4));
	EXPECT_TRUE(test, full_name_hash("ab", 2) != full_name_hash("ba", 2));
}

static void hash_high_bytes(struct ktap *test)
{
	EXPECT_TRUE(test, full_name_hash("\x7f", 1) != full_name_hash("\xff", 1));
}

/* No bucket has more than half as much again as its share. */
static void hash_spread(struct ktap *test)
{
	static unsigned int buckets[BUCKETS];
	unsigned int most = 0;

	for (int i = 0; i < NAMES; i++) {
		char name[32];
		int length = snprintf(name, sizeof(name), "exring%d", i);

		buckets[full_name_hash(name, length) % BUCKETS]++;
	}
	for (int i = 0; i < BUCKETS; i++)
		if (buckets[i] > most)
			most = buckets[i];
	ktap_note(test, "fullest bucket has %u of %d names, share is %d", most, NAMES,
		  NAMES / BUCKETS);
	EXPECT_TRUE(test, most <= NAMES / BUCKETS * 3 / 2);
}

static void hash_32_range(struct ktap *test)
{
	unsigned int wrong = 0;

	for (unsigned int bits = 1; bits < 32; bits++)
		for (uint32_t value = 0; value < 1000; value++)
			wrong += hash_32(value, bits) >> bits != 0;
	EXPECT_EQ(test, wrong, 0);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(hash_of_prefix),
	KTAP_CASE(hash_high_bytes),
	KTAP_CASE(hash_spread),
	KTAP_CASE(hash_32_range),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
