/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_CRC32_H
#define _LINUX_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_le(uint32_t crc, const void *data, size_t length);

/* The checksum that zip, png and Ethernet use. */
static inline uint32_t crc32(const void *data, size_t length)
{
	return ~crc32_le(~0u, data, length);
}

#endif
