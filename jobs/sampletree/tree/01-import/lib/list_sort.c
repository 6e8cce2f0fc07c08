// SPDX-License-Identifier: Apache-2.0
#include <linux/list.h>

typedef int (*list_compare)(const struct list_head *a, const struct list_head *b);

/* Merges two chains that end with NULL and are linked by next only. */
static struct list_head *merge(list_compare compare, struct list_head *a, struct list_head *b)
{
	struct list_head first, *last = &first;

	while (a && b) {
		struct list_head **smaller = compare(a, b) <= 0 ? &a : &b;

		last->next = *smaller;
		last = *smaller;
		*smaller = last->next;
	}
	last->next = a ? a : b;
	return first.next;
}

/*
 * Bottom-up merge sort without recursion: parts[i] is a sorted chain of 2^i
 * nodes or NULL, and adding a node carries as adding 1 to a binary number does.
 */
void list_sort(struct list_head *head, list_compare compare)
{
	struct list_head *parts[32] = { NULL }, *node = head->next, *sorted = NULL;
	struct list_head *before = head;

	while (node != head) {
		struct list_head *following = node->next, *chain = node;
		int i = 0;

		chain->next = NULL;
		for (; parts[i]; i++) {
			chain = merge(compare, parts[i], chain);
			parts[i] = NULL;
		}
		parts[i] = chain;
		node = following;
	}
	for (int i = 0; i < 32; i++)
		if (parts[i])
			sorted = merge(compare, parts[i], sorted);

	for (node = sorted; node; node = node->next) {
		before->next = node;
		node->prev = before;
		before = node;
	}
	before->next = head;
	head->prev = before;
}
