/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_LRU_H
#define _LINUX_LRU_H

#include <linux/list.h>

#define LRU_BUCKET_BITS 6

struct lru_entry {
	struct list_head order;  /* in lru.order */
	struct list_head bucket; /* in one of lru.buckets */
	unsigned long key, value;
};

/* A map that forgets the entry which was not used for the longest time. */
struct lru {
	struct list_head order; /* most recently used first */
	struct list_head buckets[1 << LRU_BUCKET_BITS];
	struct lru_entry *entries;
	unsigned int capacity, count;
};

void lru_init(struct lru *lru, struct lru_entry *entries, unsigned int capacity);
bool lru_find(struct lru *lru, unsigned long key, unsigned long *value);
void lru_store(struct lru *lru, unsigned long key, unsigned long value);

#endif
