// SPDX-License-Identifier: Apache-2.0
#include <linux/list.h>

#include "../tools/testing/ktap.h"

#define COUNT 60000

struct item {
	struct list_head node;
	unsigned int key, serial;
};

static struct item items[COUNT];

static void list_order(struct ktap *test)
{
	LIST_HEAD(head);

	EXPECT_TRUE(test, list_empty(&head));
	list_add(&items[1].node, &head);
	list_add(&items[0].node, &head);
	list_add_tail(&items[2].node, &head);
	EXPECT_TRUE(test, list_first_entry(&head, struct item, node) == &items[0]);
	EXPECT_TRUE(test, list_last_entry(&head, struct item, node) == &items[2]);
	list_move(&items[2].node, &head);
	EXPECT_TRUE(test, list_first_entry(&head, struct item, node) == &items[2]);
	EXPECT_TRUE(test, list_last_entry(&head, struct item, node) == &items[1]);
}

static void list_delete(struct ktap *test)
{
	LIST_HEAD(head);
	struct list_head *node, *following;
	int left = 0;

	for (int i = 0; i < 10; i++)
		list_add_tail(&items[i].node, &head);
	list_for_each_safe(node, following, &head)
		if ((list_entry(node, struct item, node) - items) % 2)
			list_del_init(node);
	list_for_each(node, &head)
		left++;
	EXPECT_EQ(test, left, 5);
	EXPECT_TRUE(test, list_empty(&items[1].node));
}

static int by_key(const struct list_head *a, const struct list_head *b)
{
	unsigned int left = list_entry(a, struct item, node)->key;
	unsigned int right = list_entry(b, struct item, node)->key;

	return left < right ? -1 : left > right;
}

static void list_sort_empty(struct ktap *test)
{
	LIST_HEAD(head);

	list_sort(&head, by_key);
	EXPECT_TRUE(test, list_empty(&head));
	EXPECT_TRUE(test, head.prev == &head);
}

/* Few keys, so that equal ones show whether their order was kept. */
static void list_sort_stable(struct ktap *test)
{
	LIST_HEAD(head);
	struct list_head *node;
	unsigned int state = 1, count = 0, wrong = 0, broken = 0;

	for (unsigned int i = 0; i < COUNT; i++) {
		items[i].key = ktap_random(&state) % 1000;
		items[i].serial = i;
		list_add_tail(&items[i].node, &head);
	}
	list_sort(&head, by_key);
	list_for_each(node, &head) {
		struct item *item = list_entry(node, struct item, node);
		struct item *next = list_entry(node->next, struct item, node);

		count++;
		broken += node->next->prev != node;
		if (node->next != &head)
			wrong += item->key > next->key ||
				 (item->key == next->key && item->serial > next->serial);
	}
	EXPECT_EQ(test, count, COUNT);
	EXPECT_EQ(test, wrong, 0);
	EXPECT_EQ(test, broken, 0);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(list_order),
	KTAP_CASE(list_delete),
	KTAP_CASE(list_sort_empty),
	KTAP_CASE(list_sort_stable),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
