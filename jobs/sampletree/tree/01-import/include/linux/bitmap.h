/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_BITMAP_H
#define _LINUX_BITMAP_H

#include <limits.h>
#include <stdbool.h>

#define BITS_PER_LONG (sizeof(long) * CHAR_BIT)
#define BITS_TO_LONGS(bits) (((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)

static inline bool test_bit(unsigned int bit, const unsigned long *map)
{
	return map[bit / BITS_PER_LONG] >> (bit % BITS_PER_LONG) & 1;
}

void bitmap_set(unsigned long *map, unsigned int start, unsigned int count);
void bitmap_clear(unsigned long *map, unsigned int start, unsigned int count);
unsigned int bitmap_weight(const unsigned long *map, unsigned int bits);
unsigned int find_next_bit(const unsigned long *map, unsigned int bits, unsigned int start);
unsigned int find_next_zero_bit(const unsigned long *map, unsigned int bits, unsigned int start);
unsigned int bitmap_find_zero_area(const unsigned long *map, unsigned int bits, unsigned int count);
int bitmap_parselist(const char *text, unsigned long *map, unsigned int bits);

#endif
