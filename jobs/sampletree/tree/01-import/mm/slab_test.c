// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <linux/slab.h>

#include "../tools/testing/ktap.h"

static struct kmem_cache cache;

static void slab_create(struct ktap *test)
{
	EXPECT_EQ(test, kmem_cache_create(&cache, "zero", 0), -EINVAL);
	EXPECT_EQ(test, kmem_cache_create(&cache, "a name that is much too long", 8), -EINVAL);
	EXPECT_EQ(test, kmem_cache_create(&cache, "test-24", 24), 0);
	EXPECT_TRUE(test, cache.stride >= 24 && cache.stride % 16 == 0);
	EXPECT_EQ(test, kmem_cache_destroy(&cache), 0);
}

static void slab_aligned(struct ktap *test)
{
	unsigned int wrong = 0;

	kmem_cache_create(&cache, "test-5", 5);
	for (int i = 0; i < 200; i++)
		wrong += (uintptr_t)kmem_cache_alloc(&cache) % 16 != 0;
	EXPECT_EQ(test, wrong, 0);
	EXPECT_EQ(test, cache.slab_count, (200 + SLAB_OBJECTS - 1) / SLAB_OBJECTS);
	EXPECT_EQ(test, kmem_cache_destroy(&cache), 200);
}

static void slab_bad_free(struct ktap *test)
{
	char *first, *second;
	int elsewhere;

	kmem_cache_create(&cache, "test-32", 32);
	first = kmem_cache_alloc(&cache);
	second = kmem_cache_alloc(&cache);
	EXPECT_EQ(test, kmem_cache_free(&cache, &elsewhere), -EINVAL);
	EXPECT_EQ(test, kmem_cache_free(&cache, first + 1), -EINVAL);
	EXPECT_EQ(test, kmem_cache_free(&cache, first), 0);
	EXPECT_EQ(test, kmem_cache_free(&cache, first), -EINVAL);
	EXPECT_EQ(test, kmem_cache_free(&cache, second), 0);
	EXPECT_EQ(test, kmem_cache_destroy(&cache), 0);
}

/* Objects come and go at random; each holds its number, so none may overlap. */
static void slab_random(struct ktap *test)
{
	static unsigned char *objects[500];
	unsigned int state = 11, wrong = 0;

	kmem_cache_create(&cache, "test-100", 100);
	for (int round = 0; round < 600000; round++) {
		unsigned int i = ktap_random(&state) % ARRAY_SIZE(objects);

		if (!objects[i]) {
			objects[i] = kmem_cache_alloc(&cache);
			memset(objects[i], i & 0xff, 100);
			continue;
		}
		wrong += objects[i][0] != (i & 0xff) || objects[i][99] != (i & 0xff);
		wrong += kmem_cache_free(&cache, objects[i]) != 0;
		objects[i] = NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		if (objects[i])
			wrong += kmem_cache_free(&cache, objects[i]) != 0;
	EXPECT_EQ(test, wrong, 0);
	EXPECT_EQ(test, cache.slab_count, 0);
	EXPECT_EQ(test, kmem_cache_destroy(&cache), 0);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(slab_create),
	KTAP_CASE(slab_aligned),
	KTAP_CASE(slab_bad_free),
	KTAP_CASE(slab_random),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
