// SPDX-License-Identifier: Apache-2.0
/*
 * Plays a load of some thousand requests on four caches and logs each of them,
 * as tracing would. The long log is on purpose: it is the one to read with the
 * log viewer.
 */
#define pr_fmt(format) "slab: " format

#include <stdio.h>

#include <linux/printk.h>
#include <linux/slab.h>

#include "../tools/testing/ktap.h"

#define REQUESTS 4000
#define CACHES 4
#define LIVE 150 /* objects a cache at most */

static struct kmem_cache caches[CACHES];
static void *objects[CACHES][LIVE];

static bool request(unsigned int choice, int serial)
{
	struct kmem_cache *cache = &caches[choice % CACHES];
	unsigned int number = choice / CACHES % LIVE;
	void **object = &objects[choice % CACHES][number];
	bool fine;

	if (*object) {
		fine = kmem_cache_free(cache, *object) == 0;
		*object = NULL;
	} else {
		*object = kmem_cache_alloc(cache);
		fine = *object != NULL;
	}
	pr_info("#%04d %-5s %-12s object %3u, %3u in use, %u slabs\n", serial,
		*object ? "alloc" : "free", cache->name, number, cache->in_use,
		cache->slab_count);
	return fine;
}

static void trace_load(struct ktap *test)
{
	unsigned int state = 5, failed = 0;

	for (int i = 0; i < CACHES; i++) {
		char name[24];

		snprintf(name, sizeof(name), "kmalloc-%d", 32 << i);
		kmem_cache_create(&caches[i], name, 32 << i);
	}
	for (int serial = 1; serial <= REQUESTS; serial++)
		failed += !request(ktap_random(&state), serial);
	EXPECT_EQ(test, failed, 0);
}

static void trace_balance(struct ktap *test)
{
	for (int i = 0; i < CACHES; i++) {
		unsigned int live = 0;

		for (int number = 0; number < LIVE; number++)
			live += objects[i][number] != NULL;
		ktap_note(test, "%s: %u objects left", caches[i].name, live);
		EXPECT_EQ(test, caches[i].in_use, live);
		EXPECT_EQ(test, kmem_cache_destroy(&caches[i]), live);
	}
}

static const struct ktap_case cases[] = {
	KTAP_CASE(trace_load),
	KTAP_CASE(trace_balance),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
