// SPDX-License-Identifier: Apache-2.0
#include <linux/crc32.h>

#define POLYNOMIAL 0xedb88320u /* bits reversed: the lowest comes first */

/* Four bits at a time: a table of 64 bytes, twice as fast as bit by bit. */
static uint32_t nibble(uint32_t index)
{
	for (int bit = 0; bit < 4; bit++)
		index = index >> 1 ^ (index & 1 ? POLYNOMIAL : 0);
	return index;
}

static void fill_table(uint32_t *table)
{
	for (uint32_t i = 0; i < 16; i++)
		table[i] = nibble(i);
}

/* Continues crc with length bytes of data; neither end is inverted. */
uint32_t crc32_le(uint32_t crc, const void *data, size_t length)
{
	const unsigned char *byte = data;
	uint32_t table[16];

	fill_table(table);
	while (length--) {
		crc ^= *byte++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}
