// SPDX-License-Identifier: Apache-2.0
#include "exring.h"

/* The sum over all queues. */
struct exring_stats exring_total(const struct exring *device)
{
	struct exring_stats total = { 0 };

	for (int i = 0; i < CONFIG_EXRING_QUEUES; i++) {
		total.packets += device->queues[i].stats.packets;
		total.bytes += device->queues[i].stats.bytes;
		total.busy += device->queues[i].stats.busy;
	}
	return total;
}
