// SPDX-License-Identifier: Apache-2.0
#include <linux/stringhash.h>

/* FNV-1a with a last mix, as its low bits alone are poor for short names. */
uint32_t full_name_hash(const char *name, size_t length)
{
	uint32_t hash = 2166136261u;

	while (length--) {
		hash ^= (unsigned char)*name++;
		hash *= 16777619u;
	}
	hash ^= hash >> 15;
	hash *= 0x2c1b3c6du;
	return hash ^ hash >> 12;
}
