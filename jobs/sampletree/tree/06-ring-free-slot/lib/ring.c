// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include <linux/ring.h>

/* slots has room for size entries, size is a power of two and at least 2. */
int ring_init(struct ring *ring, unsigned long *slots, unsigned int size)
{
	if (size < 2 || size & (size - 1))
		return -EINVAL;
	ring->head = ring->tail = 0;
	ring->size = size;
	ring->slots = slots;
	return 0;
}

/* How many entries the producer may add now. */
unsigned int ring_space(const struct ring *ring)
{
	/*
	 * Wrapped: what lies between the producer and the consumer is free, but
	 * for one slot. With that one in use the full ring would look empty.
	 */
	if (ring->head < ring->tail)
		return ring->tail - ring->head - 1;
	return ring->size - 1 - (ring->head - ring->tail);
}

/* Adds as many of the values as there is room for; returns how many. */
unsigned int ring_produce_batch(struct ring *ring, const unsigned long *values,
				unsigned int count)
{
	unsigned int space = ring_space(ring);

	if (count > space)
		count = space;
	for (unsigned int i = 0; i < count; i++)
		ring->slots[(ring->head + i) & (ring->size - 1)] = values[i];
	ring->head = (ring->head + count) & (ring->size - 1);
	return count;
}

int ring_produce(struct ring *ring, unsigned long value)
{
	return ring_produce_batch(ring, &value, 1) ? 0 : -ENOSPC;
}

int ring_consume(struct ring *ring, unsigned long *value)
{
	if (ring_used(ring) == 0)
		return -ENOENT;
	*value = ring->slots[ring->tail];
	ring->tail = (ring->tail + 1) & (ring->size - 1);
	return 0;
}
