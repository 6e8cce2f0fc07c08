// SPDX-License-Identifier: Apache-2.0
#define pr_fmt(format) "timers: " format

#include <linux/init.h>
#include <linux/printk.h>
#include <linux/timers.h>

void timer_base_init(struct timer_base *base, unsigned long now)
{
	INIT_LIST_HEAD(&base->pending);
	base->now = now;
}

/* Timers that expire at the same tick fire in the order they were added. */
void timer_add(struct timer_base *base, struct timer *timer)
{
	struct list_head *node = base->pending.prev;

	while (node != &base->pending &&
	       time_after(list_entry(node, struct timer, node)->expires, timer->expires))
		node = node->prev;
	list_add(&timer->node, node);
}

/* Tells whether the timer was pending. */
bool timer_cancel(struct timer *timer)
{
	bool pending = !list_empty(&timer->node);

	list_del_init(&timer->node);
	return pending;
}

/* Lets time go on to now; returns how many timers fired. */
unsigned int timer_advance(struct timer_base *base, unsigned long now)
{
	unsigned int fired = 0;

	while (!list_empty(&base->pending)) {
		struct timer *timer = list_first_entry(&base->pending, struct timer, node);

		if (time_after(timer->expires, now))
			break;
		base->now = timer->expires;
		/* Before the call: the function may add its timer again. */
		list_del_init(&timer->node);
		timer->function(timer);
		fired++;
	}
	base->now = now;
	return fired;
}

static int timers_init(void)
{
	struct timer_base base;

	/* Like the kernel: start shortly before the wrap, so that bugs show early. */
	timer_base_init(&base, -300UL * HZ);
	pr_info("start at tick %ld\n", (long)base.now);
	return timer_advance(&base, base.now) ? -1 : 0;
}
module_init(timers_init);
