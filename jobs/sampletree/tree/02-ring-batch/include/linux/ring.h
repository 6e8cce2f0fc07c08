/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_RING_H
#define _LINUX_RING_H

/*
 * A ring buffer for one producer and one consumer. The producer owns head, the
 * consumer owns tail. It is empty when they are equal, so one slot always stays
 * free: a ring of size 8 holds 7 entries.
 */
struct ring {
	unsigned int head, tail;
	unsigned int size; /* a power of two */
	unsigned long *slots;
};

int ring_init(struct ring *ring, unsigned long *slots, unsigned int size);
int ring_produce(struct ring *ring, unsigned long value);
unsigned int ring_produce_batch(struct ring *ring, const unsigned long *values,
				unsigned int count);
int ring_consume(struct ring *ring, unsigned long *value);
unsigned int ring_space(const struct ring *ring);

/* How many entries wait for the consumer. */
static inline unsigned int ring_used(const struct ring *ring)
{
	return (ring->head - ring->tail) & (ring->size - 1);
}

#endif
