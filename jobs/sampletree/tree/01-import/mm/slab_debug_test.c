// SPDX-License-Identifier: Apache-2.0
/* What only a kernel with CONFIG_SLAB_DEBUG finds (make debug_defconfig). */
#include <errno.h>

#include <linux/slab.h>

#include "../tools/testing/ktap.h"

#ifdef CONFIG_SLAB_DEBUG

static struct kmem_cache cache;

static void red_zone(struct ktap *test)
{
	char *object;

	kmem_cache_create(&cache, "test-20", 20);
	object = kmem_cache_alloc(&cache);
	object[19] = 1;
	EXPECT_EQ(test, kmem_cache_free(&cache, object), 0);
	object = kmem_cache_alloc(&cache);
	object[20] = 1;
	EXPECT_EQ(test, kmem_cache_free(&cache, object), -EFAULT);
	EXPECT_EQ(test, kmem_cache_destroy(&cache), 0);
}

static void poison(struct ktap *test)
{
	unsigned char *kept, *object;

	kmem_cache_create(&cache, "test-20", 20);
	kept = kmem_cache_alloc(&cache); /* so that the slab stays */
	object = kmem_cache_alloc(&cache);
	object[0] = 1;
	kmem_cache_free(&cache, object);
	EXPECT_EQ(test, object[0], 0x6b);
	EXPECT_EQ(test, kmem_cache_free(&cache, kept), 0);
	EXPECT_EQ(test, kmem_cache_destroy(&cache), 0);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(red_zone),
	KTAP_CASE(poison),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}

#else

int main(void)
{
	return ktap_skip_all("CONFIG_SLAB_DEBUG is not set");
}

#endif
