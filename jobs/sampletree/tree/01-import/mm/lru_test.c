// SPDX-License-Identifier: Apache-2.0
#include <linux/lru.h>

#include "../tools/testing/ktap.h"

#define CAPACITY 100

static struct lru lru;
static struct lru_entry entries[CAPACITY];

static void lru_keeps(struct ktap *test)
{
	unsigned long value = 0;

	lru_init(&lru, entries, 2);
	EXPECT_TRUE(test, !lru_find(&lru, 1, &value));
	lru_store(&lru, 1, 10);
	lru_store(&lru, 1, 11);
	EXPECT_TRUE(test, lru_find(&lru, 1, &value));
	EXPECT_EQ(test, value, 11);
	EXPECT_EQ(test, lru.count, 1);
}

static void lru_forgets_oldest(struct ktap *test)
{
	unsigned long value;

	lru_init(&lru, entries, 2);
	lru_store(&lru, 1, 10);
	lru_store(&lru, 2, 20);
	/* 1 is used again, so 2 has to go. */
	EXPECT_TRUE(test, lru_find(&lru, 1, &value));
	lru_store(&lru, 3, 30);
	EXPECT_TRUE(test, lru_find(&lru, 1, &value));
	EXPECT_TRUE(test, !lru_find(&lru, 2, &value));
	EXPECT_TRUE(test, lru_find(&lru, 3, &value));
}

/* Against a slow model: a key is there if it is one of the last 100 used. */
static void lru_against_model(struct ktap *test)
{
	static unsigned long used_at[400];
	unsigned int state = 3, wrong = 0;

	lru_init(&lru, entries, CAPACITY);
	for (unsigned long now = 1; now <= 120000; now++) {
		unsigned long key = ktap_random(&state) % ARRAY_SIZE(used_at), value = 0;
		unsigned int newer = 0;
		bool expected;

		for (size_t i = 0; i < ARRAY_SIZE(used_at); i++)
			newer += used_at[i] > used_at[key];
		expected = used_at[key] && newer < CAPACITY;
		wrong += lru_find(&lru, key, &value) != expected;
		wrong += expected && value != key * 3;
		lru_store(&lru, key, key * 3);
		used_at[key] = now;
	}
	EXPECT_EQ(test, wrong, 0);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(lru_keeps),
	KTAP_CASE(lru_forgets_oldest),
	KTAP_CASE(lru_against_model),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
