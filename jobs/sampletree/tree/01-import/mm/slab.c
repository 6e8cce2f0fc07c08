// SPDX-License-Identifier: Apache-2.0
#define pr_fmt(format) "slab: " format

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bitmap.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/slab.h>

#define ALIGNMENT 16

#ifdef CONFIG_SLAB_DEBUG
#define RED_ZONE 8
#define RED_BYTE 0xbb
#define POISON_BYTE 0x6b
#else
#define RED_ZONE 0
#endif

struct slab {
	struct list_head node;
	unsigned long used[BITS_TO_LONGS(SLAB_OBJECTS)];
	unsigned int in_use;
	unsigned char objects[] __attribute__((aligned(ALIGNMENT)));
};

int kmem_cache_create(struct kmem_cache *cache, const char *name, size_t size)
{
	if (size == 0 || strlen(name) >= sizeof(cache->name))
		return -EINVAL;
	memset(cache, 0, sizeof(*cache));
	strcpy(cache->name, name);
	cache->size = size;
	cache->stride = (size + RED_ZONE + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	INIT_LIST_HEAD(&cache->slabs);
	return 0;
}

static void release_slab(struct kmem_cache *cache, struct slab *slab)
{
	list_del_init(&slab->node);
	cache->slab_count--;
	free(slab);
}

/* Returns how many objects were still in use: 0 when nothing leaked. */
unsigned int kmem_cache_destroy(struct kmem_cache *cache)
{
	unsigned int leaked = cache->in_use;

	while (!list_empty(&cache->slabs))
		release_slab(cache, list_first_entry(&cache->slabs, struct slab, node));
	cache->in_use = 0;
	return leaked;
}

/* Slabs with room come first in the list, full ones are moved to its end. */
static struct slab *slab_with_room(struct kmem_cache *cache)
{
	struct slab *slab;

	if (!list_empty(&cache->slabs)) {
		slab = list_first_entry(&cache->slabs, struct slab, node);
		if (slab->in_use < SLAB_OBJECTS)
			return slab;
	}
	slab = calloc(1, sizeof(*slab) + SLAB_OBJECTS * cache->stride);
	if (!slab)
		return NULL;
	list_add(&slab->node, &cache->slabs);
	cache->slab_count++;
	return slab;
}

void *kmem_cache_alloc(struct kmem_cache *cache)
{
	struct slab *slab = slab_with_room(cache);
	unsigned int index;
	unsigned char *object;

	if (!slab)
		return NULL;
	index = find_next_zero_bit(slab->used, SLAB_OBJECTS, 0);
	bitmap_set(slab->used, index, 1);
	slab->in_use++;
	cache->in_use++;
	if (slab->in_use == SLAB_OBJECTS) {
		list_del_init(&slab->node);
		list_add_tail(&slab->node, &cache->slabs);
	}
	object = slab->objects + index * cache->stride;
#ifdef CONFIG_SLAB_DEBUG
	memset(object + cache->size, RED_BYTE, RED_ZONE);
#endif
	return object;
}

static struct slab *slab_of(struct kmem_cache *cache, unsigned char *object)
{
	struct list_head *node;

	list_for_each(node, &cache->slabs) {
		struct slab *slab = list_entry(node, struct slab, node);

		if (object >= slab->objects &&
		    object < slab->objects + SLAB_OBJECTS * cache->stride)
			return slab;
	}
	return NULL;
}

#ifdef CONFIG_SLAB_DEBUG
static int check_red_zone(struct kmem_cache *cache, unsigned char *object)
{
	int error = 0;

	for (size_t i = 0; i < RED_ZONE; i++) {
		if (object[cache->size + i] != RED_BYTE) {
			pr_err("%s: red zone overwritten at offset %zu: 0x%02x\n",
			       cache->name, cache->size + i, object[cache->size + i]);
			error = -EFAULT;
		}
	}
	memset(object, POISON_BYTE, cache->size);
	return error;
}
#endif

/*
 * -EINVAL: not an object of this cache, or free already. -EFAULT (with
 * SLAB_DEBUG): freed, but something wrote behind its end.
 */
int kmem_cache_free(struct kmem_cache *cache, void *object)
{
	struct slab *slab = slab_of(cache, object);
	size_t offset;
	int error = 0;

	if (!slab)
		return -EINVAL;
	offset = (unsigned char *)object - slab->objects;
	if (offset % cache->stride || !test_bit(offset / cache->stride, slab->used))
		return -EINVAL;
#ifdef CONFIG_SLAB_DEBUG
	error = check_red_zone(cache, object);
#endif
	bitmap_clear(slab->used, offset / cache->stride, 1);
	slab->in_use--;
	cache->in_use--;
	if (slab->in_use == 0)
		release_slab(cache, slab);
	else
		list_move(&slab->node, &cache->slabs);
	return error;
}

static int slab_init(void)
{
	struct kmem_cache cache;
	void *object;
	int error = kmem_cache_create(&cache, "kmalloc-64", 64);

	if (error)
		return error;
	object = kmem_cache_alloc(&cache);
	if (!object)
		return -ENOMEM;
	pr_info("%s: %zu bytes an object, %d objects a slab\n", cache.name, cache.stride,
		SLAB_OBJECTS);
	error = kmem_cache_free(&cache, object);
	return kmem_cache_destroy(&cache) ? -EBUSY : error;
}
module_init(slab_init);
