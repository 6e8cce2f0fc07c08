/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_TIMERS_H
#define _LINUX_TIMERS_H

#include <linux/list.h>

#define HZ 1000 /* ticks a second */

struct timer {
	struct list_head node;
	unsigned long expires; /* ticks */
	void (*function)(struct timer *timer);
};

struct timer_base {
	struct list_head pending; /* soonest first */
	unsigned long now;        /* ticks, may wrap */
};

/* Right even when the ticks between a and b wrapped. */
static inline bool time_after(unsigned long a, unsigned long b)
{
	return (long)(b - a) < 0;
}

void timer_base_init(struct timer_base *base, unsigned long now);
void timer_add(struct timer_base *base, struct timer *timer);
bool timer_cancel(struct timer *timer);
unsigned int timer_advance(struct timer_base *base, unsigned long now);

#endif
