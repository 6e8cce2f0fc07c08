// SPDX-License-Identifier: Apache-2.0
#include <linux/lru.h>
#include <linux/stringhash.h>

void lru_init(struct lru *lru, struct lru_entry *entries, unsigned int capacity)
{
	INIT_LIST_HEAD(&lru->order);
	for (unsigned int i = 0; i < ARRAY_SIZE(lru->buckets); i++)
		INIT_LIST_HEAD(&lru->buckets[i]);
	lru->entries = entries;
	lru->capacity = capacity;
	lru->count = 0;
}

static struct list_head *bucket_of(struct lru *lru, unsigned long key)
{
	return &lru->buckets[hash_32((uint32_t)key, LRU_BUCKET_BITS)];
}

static struct lru_entry *lookup(struct lru *lru, unsigned long key)
{
	struct list_head *node, *bucket = bucket_of(lru, key);

	list_for_each(node, bucket) {
		struct lru_entry *entry = list_entry(node, struct lru_entry, bucket);

		if (entry->key == key)
			return entry;
	}
	return NULL;
}

/* A key that is found becomes the most recently used one. */
bool lru_find(struct lru *lru, unsigned long key, unsigned long *value)
{
	struct lru_entry *entry = lookup(lru, key);

	if (!entry)
		return false;
	list_move(&entry->order, &lru->order);
	*value = entry->value;
	return true;
}

/* Stores under a new key forget the oldest one when the map is full. */
void lru_store(struct lru *lru, unsigned long key, unsigned long value)
{
	struct lru_entry *entry = lookup(lru, key);

	if (entry) {
		list_move(&entry->order, &lru->order);
	} else {
		if (lru->count < lru->capacity) {
			entry = &lru->entries[lru->count++];
		} else {
			entry = list_last_entry(&lru->order, struct lru_entry, order);
			list_del_init(&entry->order);
			list_del_init(&entry->bucket);
		}
		entry->key = key;
		list_add(&entry->order, &lru->order);
		list_add(&entry->bucket, bucket_of(lru, key));
	}
	entry->value = value;
}
