// SPDX-License-Identifier: Apache-2.0
#define pr_fmt(format) "exring: " format

#include <errno.h>
#include <string.h>

#include <linux/init.h>
#include <linux/printk.h>
#include <linux/stringhash.h>

#include "exring.h"

int exring_open(struct exring *device)
{
	int error = kmem_cache_create(&device->frames, "exring_frame",
				      sizeof(struct exring_frame));

	for (int i = 0; i < CONFIG_EXRING_QUEUES && !error; i++) {
		struct exring_queue *queue = &device->queues[i];

		memset(&queue->stats, 0, sizeof(queue->stats));
		error = ring_init(&queue->ring, queue->slots, EXRING_SLOTS);
	}
	return error;
}

/* Returns how many frames were sent and never received. */
unsigned int exring_close(struct exring *device)
{
	return kmem_cache_destroy(&device->frames);
}

/* Frames of one flow (the first 16 bytes) stay in one queue, so in order. */
unsigned int exring_select_queue(const void *data, unsigned int length)
{
	return full_name_hash(data, length < 16 ? length : 16) % CONFIG_EXRING_QUEUES;
}

int exring_xmit(struct exring *device, const void *data, unsigned int length)
{
	struct exring_queue *queue = &device->queues[exring_select_queue(data, length)];
	struct exring_frame *frame;

	if (length == 0 || length > EXRING_FRAME)
		return -EMSGSIZE;
	if (ring_space(&queue->ring) == 0) {
		queue->stats.busy++;
		return -EBUSY;
	}
	frame = kmem_cache_alloc(&device->frames);
	if (!frame)
		return -ENOMEM;
	frame->length = length;
	memcpy(frame->data, data, length);
	queue->stats.packets++;
	queue->stats.bytes += length;
	return ring_produce(&queue->ring, (unsigned long)frame);
}

/* Returns the length of the frame copied to data, 0 if none waits. */
int exring_poll(struct exring *device, unsigned int index, void *data)
{
	struct exring_frame *frame;
	unsigned long slot;
	unsigned int length;

	if (ring_consume(&device->queues[index].ring, &slot))
		return 0;
	frame = (struct exring_frame *)slot;
	length = frame->length;
	memcpy(data, frame->data, length);
	WARN_ON(kmem_cache_free(&device->frames, frame));
	return length;
}

static int exring_init(void)
{
	static struct exring device;
	unsigned char data[EXRING_FRAME];
	const char hello[] = "hello, exring0";
	unsigned int queue = exring_select_queue(hello, sizeof(hello));
	int error = exring_open(&device);

	if (error)
		return error;
	pr_info("exring0: %d queues of %d frames\n", CONFIG_EXRING_QUEUES, EXRING_SLOTS - 1);
	error = exring_xmit(&device, hello, sizeof(hello));
	if (error)
		return error;
	if (exring_poll(&device, queue, data) != sizeof(hello) || memcmp(data, hello, sizeof(hello)))
		return -EIO;
	pr_info("exring0: link up, loopback test passed on queue %u\n", queue);
	return exring_close(&device) ? -EBUSY : 0;
}
module_init(exring_init);
