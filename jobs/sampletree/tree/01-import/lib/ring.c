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
	return (ring->tail - ring->head - 1) & (ring->size - 1);
}

int ring_produce(struct ring *ring, unsigned long value)
{
	if (ring_space(ring) == 0)
		return -ENOSPC;
	ring->slots[ring->head] = value;
	ring->head = (ring->head + 1) & (ring->size - 1);
	return 0;
}

int ring_consume(struct ring *ring, unsigned long *value)
{
	if (ring_used(ring) == 0)
		return -ENOENT;
	*value = ring->slots[ring->tail];
	ring->tail = (ring->tail + 1) & (ring->size - 1);
	return 0;
}
