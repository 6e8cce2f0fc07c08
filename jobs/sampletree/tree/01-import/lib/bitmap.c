// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bitmap.h>

/* The bits of one word from start on, at most count of them. */
static unsigned long word_mask(unsigned int start, unsigned int count)
{
	unsigned long mask = ~0UL << start % BITS_PER_LONG;
	unsigned int end = start % BITS_PER_LONG + count;

	if (end < BITS_PER_LONG)
		mask &= ~(~0UL << end);
	return mask;
}

/* How many of the count bits from start on are in the word of start. */
static unsigned int in_word(unsigned int start, unsigned int count)
{
	unsigned int room = BITS_PER_LONG - start % BITS_PER_LONG;

	return count < room ? count : room;
}

void bitmap_set(unsigned long *map, unsigned int start, unsigned int count)
{
	while (count) {
		unsigned int step = in_word(start, count);

		map[start / BITS_PER_LONG] |= word_mask(start, count);
		start += step;
		count -= step;
	}
}

void bitmap_clear(unsigned long *map, unsigned int start, unsigned int count)
{
	while (count) {
		unsigned int step = in_word(start, count);

		map[start / BITS_PER_LONG] &= ~word_mask(start, count);
		start += step;
		count -= step;
	}
}

unsigned int bitmap_weight(const unsigned long *map, unsigned int bits)
{
	unsigned int weight = 0;

	for (unsigned int start = 0; start < bits; start += BITS_PER_LONG)
		weight += __builtin_popcountl(map[start / BITS_PER_LONG] &
					      word_mask(start, bits - start));
	return weight;
}

/* flip is 0 to look for ones, ~0 to look for zeros. Returns bits if there is none. */
static unsigned int find_next(const unsigned long *map, unsigned int bits,
			      unsigned int start, unsigned long flip)
{
	while (start < bits) {
		unsigned long word = (map[start / BITS_PER_LONG] ^ flip) &
				     word_mask(start, bits - start);

		if (word)
			return start - start % BITS_PER_LONG + __builtin_ctzl(word);
		start += BITS_PER_LONG - start % BITS_PER_LONG;
	}
	return bits;
}

unsigned int find_next_bit(const unsigned long *map, unsigned int bits, unsigned int start)
{
	return find_next(map, bits, start, 0);
}

unsigned int find_next_zero_bit(const unsigned long *map, unsigned int bits, unsigned int start)
{
	return find_next(map, bits, start, ~0UL);
}

/* The start of the first count zero bits in a row, or bits if there is no room. */
unsigned int bitmap_find_zero_area(const unsigned long *map, unsigned int bits, unsigned int count)
{
	unsigned int start = find_next_zero_bit(map, bits, 0);

	while (start + count <= bits) {
		unsigned int end = find_next_bit(map, bits, start);

		if (end - start >= count)
			return start;
		start = find_next_zero_bit(map, bits, end);
	}
	return bits;
}

/* Reads "0-3,8,10-12" into map. */
int bitmap_parselist(const char *text, unsigned long *map, unsigned int bits)
{
	memset(map, 0, BITS_TO_LONGS(bits) * sizeof(*map));
	while (*text) {
		char *end;
		unsigned long first, last;

		if (*text < '0' || *text > '9')
			return -EINVAL;
		first = last = strtoul(text, &end, 10);
		if (*end == '-') {
			if (end[1] < '0' || end[1] > '9')
				return -EINVAL;
			last = strtoul(end + 1, &end, 10);
		}
		if (last < first || (*end && *end != ','))
			return -EINVAL;
		if (last >= bits)
			return -ERANGE;
		bitmap_set(map, first, last - first + 1);
		text = *end ? end + 1 : end;
	}
	return 0;
}
