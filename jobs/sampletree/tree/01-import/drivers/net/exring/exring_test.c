// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "exring.h"

#include "../../../tools/testing/ktap.h"

static struct exring device;
static unsigned char data[EXRING_FRAME];

static void exring_lengths(struct ktap *test)
{
	unsigned char longest[EXRING_FRAME + 1] = { 1 };

	EXPECT_EQ(test, exring_open(&device), 0);
	EXPECT_EQ(test, exring_xmit(&device, longest, 0), -EMSGSIZE);
	EXPECT_EQ(test, exring_xmit(&device, longest, EXRING_FRAME + 1), -EMSGSIZE);
	EXPECT_EQ(test, exring_xmit(&device, longest, EXRING_FRAME), 0);
	EXPECT_EQ(test, exring_poll(&device, exring_select_queue(longest, EXRING_FRAME), data),
		  EXRING_FRAME);
	EXPECT_EQ(test, exring_close(&device), 0);
}

static void exring_busy(struct ktap *test)
{
	unsigned char frame[20] = "one flow";
	int sent = 0;

	exring_open(&device);
	while (sent < 1000 && exring_xmit(&device, frame, sizeof(frame)) == 0)
		sent++;
	EXPECT_EQ(test, sent, EXRING_SLOTS - 1);
	EXPECT_EQ(test, exring_xmit(&device, frame, sizeof(frame)), -EBUSY);
	EXPECT_EQ(test, exring_total(&device).busy, 2);
	EXPECT_EQ(test, exring_total(&device).packets, EXRING_SLOTS - 1);
	EXPECT_EQ(test, exring_close(&device), EXRING_SLOTS - 1);
}

/* Eight flows, up to three frames of each under way; each stays in order. */
static void exring_flows(struct ktap *test)
{
	unsigned int wrong = 0, next[8] = { 0 };

	exring_open(&device);
	for (unsigned int round = 0; round < 300000; round++) {
		unsigned char frame[24] = "flow";
		unsigned int flow = round % 8;

		frame[4] = '0' + flow;
		memcpy(frame + 16, &round, sizeof(round));
		wrong += exring_xmit(&device, frame, sizeof(frame)) != 0;
		for (int queue = 0; round % 24 == 23 && queue < CONFIG_EXRING_QUEUES; queue++) {
			while (exring_poll(&device, queue, data)) {
				unsigned int serial;

				memcpy(&serial, data + 16, sizeof(serial));
				flow = data[4] - '0';
				wrong += serial % 8 != flow || serial < next[flow];
				next[flow] = serial + 8;
			}
		}
	}
	EXPECT_EQ(test, wrong, 0);
	EXPECT_EQ(test, exring_total(&device).packets, 300000);
	EXPECT_EQ(test, exring_total(&device).bytes, 300000 * 24);
	EXPECT_EQ(test, exring_close(&device), 0);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(exring_lengths),
	KTAP_CASE(exring_busy),
	KTAP_CASE(exring_flows),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
