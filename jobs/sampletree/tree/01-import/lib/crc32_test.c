// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include <linux/crc32.h>

#include "../tools/testing/ktap.h"

static unsigned char buffer[1 << 22];

/* The check value of the catalogue of CRCs, and that of nothing. */
static void crc32_known(struct ktap *test)
{
	EXPECT_EQ(test, crc32("123456789", 9), 0xcbf43926);
	EXPECT_EQ(test, crc32("", 0), 0);
	EXPECT_EQ(test, crc32("a", 1), 0xe8b7be43);
}

static void crc32_continued(struct ktap *test)
{
	uint32_t crc = crc32_le(~0u, "1234", 4);

	EXPECT_EQ(test, (uint32_t)~crc32_le(crc, "56789", 5), 0xcbf43926);
}

static void crc32_one_bit(struct ktap *test)
{
	uint32_t good = crc32("exring", 6);
	unsigned int unseen = 0;

	for (int bit = 0; bit < 6 * 8; bit++) {
		char text[] = "exring";

		text[bit / 8] ^= 1 << bit % 8;
		unseen += crc32(text, 6) == good;
	}
	EXPECT_EQ(test, unseen, 0);
}

/* The remainder of data with its own checksum behind it is a constant. */
static void crc32_residue(struct ktap *test)
{
	size_t length = sizeof(buffer) - 4;
	unsigned int state = 7;
	uint32_t crc;

	for (size_t i = 0; i < length; i++)
		buffer[i] = ktap_random(&state);
	crc = crc32(buffer, length);
	for (int i = 0; i < 4; i++)
		buffer[length + i] = crc >> 8 * i;
	EXPECT_EQ(test, crc32(buffer, sizeof(buffer)), 0x2144df1c);
}

/* On a little-endian machine there is nothing to swap. */
static void crc32_big_endian(struct ktap *test)
{
	uint32_t word = 0x31323334;
	unsigned char bytes[4];

	memcpy(bytes, &word, sizeof(word));
	if (bytes[0] != 0x31) {
		test->skip = "this machine is little-endian";
		return;
	}
	EXPECT_EQ(test, crc32(&word, 4), crc32("1234", 4));
}

static const struct ktap_case cases[] = {
	KTAP_CASE(crc32_known),
	KTAP_CASE(crc32_continued),
	KTAP_CASE(crc32_one_bit),
	KTAP_CASE(crc32_residue),
	KTAP_CASE(crc32_big_endian),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
