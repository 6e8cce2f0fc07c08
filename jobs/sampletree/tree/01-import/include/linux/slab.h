/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <stddef.h>

#include <linux/list.h>

#define SLAB_OBJECTS 64 /* per slab */

/* Objects of one size, in slabs that come and go as they are needed. */
struct kmem_cache {
	char name[24];
	size_t size;   /* what the caller asked for, bytes */
	size_t stride; /* with alignment and red zone */
	struct list_head slabs;
	unsigned int slab_count;
	unsigned int in_use; /* objects */
};

int kmem_cache_create(struct kmem_cache *cache, const char *name, size_t size);
unsigned int kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache);
int kmem_cache_free(struct kmem_cache *cache, void *object);

#endif
