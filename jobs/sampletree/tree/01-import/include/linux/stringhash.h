/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_STRINGHASH_H
#define _LINUX_STRINGHASH_H

#include <stddef.h>
#include <stdint.h>

uint32_t full_name_hash(const char *name, size_t length);

/* The upper bits of the product depend on all bits of value. */
static inline uint32_t hash_32(uint32_t value, unsigned int bits)
{
	return value * 0x61C88647u >> (32 - bits);
}

#endif
