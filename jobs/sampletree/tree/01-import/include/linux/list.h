/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_LIST_H
#define _LINUX_LIST_H

#include <stdbool.h>

#include <linux/container_of.h>

/* A circular doubly linked list: the head is a node as well. */
struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)

#define list_for_each(node, head) \
	for (node = (head)->next; node != (head); node = node->next)

#define list_for_each_safe(node, following, head)			\
	for (node = (head)->next, following = node->next; node != (head); \
	     node = following, following = node->next)

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head->prev = head;
}

static inline void list_insert(struct list_head *node, struct list_head *before,
			       struct list_head *behind)
{
	before->next = node;
	node->prev = before;
	node->next = behind;
	behind->prev = node;
}

static inline void list_add(struct list_head *node, struct list_head *head)
{
	list_insert(node, head, head->next);
}

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	list_insert(node, head->prev, head);
}

static inline void list_del_init(struct list_head *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	INIT_LIST_HEAD(node);
}

static inline void list_move(struct list_head *node, struct list_head *head)
{
	list_del_init(node);
	list_add(node, head);
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/* Sorts by compare (> 0 if a belongs behind b); equal nodes keep their order. */
void list_sort(struct list_head *head,
	       int (*compare)(const struct list_head *a, const struct list_head *b));

#endif
