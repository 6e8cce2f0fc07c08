// SPDX-License-Identifier: Apache-2.0
#include <linux/printk.h>

/* Says that something which must not be is so, and goes on. */
void warn_slowpath(const char *file, int line, const char *condition)
{
	printk("------------[ cut here ]------------\n");
	printk("WARNING: CPU: 0 PID: 1 at %s:%d %s\n", file, line, condition);
	printk("---[ end trace 0000000000000000 ]---\n");
}
