// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include <linux/ring.h>

#include "../tools/testing/ktap.h"

#define SIZE 8u

static unsigned long slots[64];

static void ring_sizes(struct ktap *test)
{
	struct ring ring;

	EXPECT_EQ(test, ring_init(&ring, slots, SIZE), 0);
	EXPECT_EQ(test, ring_init(&ring, slots, 1), -EINVAL);
	EXPECT_EQ(test, ring_init(&ring, slots, 12), -EINVAL);
}

static void ring_fifo(struct ktap *test)
{
	struct ring ring;
	unsigned long value = 0;

	ring_init(&ring, slots, SIZE);
	EXPECT_EQ(test, ring_consume(&ring, &value), -ENOENT);
	EXPECT_EQ(test, ring_produce(&ring, 11), 0);
	EXPECT_EQ(test, ring_produce(&ring, 22), 0);
	EXPECT_EQ(test, ring_used(&ring), 2);
	EXPECT_EQ(test, ring_consume(&ring, &value), 0);
	EXPECT_EQ(test, value, 11);
	EXPECT_EQ(test, ring_consume(&ring, &value), 0);
	EXPECT_EQ(test, value, 22);
	EXPECT_EQ(test, ring_used(&ring), 0);
}

/* Returns how many entries went in. */
static unsigned int fill(struct ring *ring)
{
	unsigned int produced = 0;

	while (produced < SIZE && ring_produce(ring, 100 + produced) == 0)
		produced++;
	return produced;
}

static void ring_full(struct ktap *test)
{
	struct ring ring;

	ring_init(&ring, slots, SIZE);
	EXPECT_EQ(test, fill(&ring), SIZE - 1);
	EXPECT_EQ(test, ring_space(&ring), 0);
	EXPECT_EQ(test, ring_produce(&ring, 1), -ENOSPC);
}

static void ring_wrap(struct ktap *test)
{
	struct ring ring;
	unsigned long value = 0;

	/* Start in the middle, so that the producer wraps while it fills. */
	ring_init(&ring, slots, SIZE);
	ring.head = ring.tail = SIZE / 2;
	EXPECT_EQ(test, fill(&ring), SIZE - 1);
	EXPECT_EQ(test, ring_used(&ring), SIZE - 1);
	EXPECT_EQ(test, ring_consume(&ring, &value), 0);
	EXPECT_EQ(test, value, 100);
}

static void ring_batch(struct ktap *test)
{
	static const unsigned long values[] = { 1, 2, 3, 4, 5 };
	struct ring ring;
	unsigned long value = 0;

	ring_init(&ring, slots, SIZE);
	EXPECT_EQ(test, ring_produce_batch(&ring, values, 5), 5);
	EXPECT_EQ(test, ring_produce_batch(&ring, values, 5), 2);
	EXPECT_EQ(test, ring_used(&ring), SIZE - 1);
	for (unsigned long expected = 1; expected <= 5; expected++) {
		EXPECT_EQ(test, ring_consume(&ring, &value), 0);
		EXPECT_EQ(test, value, expected);
	}
}

/* Every place to start from, every number of entries before the batch. */
static void ring_batch_wraps(struct ktap *test)
{
	static const unsigned long values[SIZE];

	for (unsigned int start = 0; start < SIZE; start++) {
		for (unsigned int used = 0; used < SIZE; used++) {
			struct ring ring;

			ring_init(&ring, slots, SIZE);
			ring.tail = start;
			ring.head = (start + used) & (SIZE - 1);
			EXPECT_EQ(test, ring_produce_batch(&ring, values, SIZE), SIZE - 1 - used);
			EXPECT_EQ(test, ring_used(&ring), SIZE - 1);
		}
	}
}

/* Producer and consumer in step, three entries behind each other. */
static void ring_soak(struct ktap *test)
{
	struct ring ring;
	unsigned long value, expected = 0, wrong = 0;

	ring_init(&ring, slots, 64);
	for (unsigned long i = 0; i < 8000000; i++) {
		wrong += ring_produce(&ring, i) != 0;
		if (i < 3)
			continue;
		wrong += ring_consume(&ring, &value) != 0 || value != expected++;
	}
	EXPECT_EQ(test, wrong, 0);
	EXPECT_EQ(test, ring_used(&ring), 3);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(ring_sizes),
	KTAP_CASE(ring_fifo),
	KTAP_CASE(ring_full),
	KTAP_CASE(ring_wrap),
	KTAP_CASE(ring_batch),
	KTAP_CASE(ring_batch_wraps),
	KTAP_CASE(ring_soak),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
