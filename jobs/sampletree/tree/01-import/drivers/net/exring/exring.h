/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _EXRING_H
#define _EXRING_H

#include <stddef.h>

#include <linux/ring.h>
#include <linux/slab.h>

#define EXRING_SLOTS 64
#define EXRING_FRAME 128 /* bytes, the longest frame */

struct exring_stats {
	unsigned long packets, bytes;
	unsigned long busy; /* frames refused, as the queue was full */
};

struct exring_frame {
	unsigned int length;
	unsigned char data[EXRING_FRAME];
};

struct exring_queue {
	struct ring ring; /* of pointers to frames */
	unsigned long slots[EXRING_SLOTS];
	struct exring_stats stats;
};

/* What is sent on a queue is received from it again. */
struct exring {
	struct exring_queue queues[CONFIG_EXRING_QUEUES];
	struct kmem_cache frames;
};

int exring_open(struct exring *device);
unsigned int exring_close(struct exring *device);
unsigned int exring_select_queue(const void *data, unsigned int length);
int exring_xmit(struct exring *device, const void *data, unsigned int length);
int exring_poll(struct exring *device, unsigned int queue, void *data);
struct exring_stats exring_total(const struct exring *device);

#endif
