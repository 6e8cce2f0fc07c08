/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_PRINTK_H
#define _LINUX_PRINTK_H

#include <stdio.h>

void printk(const char *format, ...) __attribute__((format(printf, 1, 2)));
void console_use(FILE *stream);
void warn_slowpath(const char *file, int line, const char *condition);

#ifndef pr_fmt
#define pr_fmt(format) format
#endif

#define pr_info(format, ...) printk(pr_fmt(format), ##__VA_ARGS__)
#define pr_warn(format, ...) printk(pr_fmt(format), ##__VA_ARGS__)
#define pr_err(format, ...) printk(pr_fmt(format), ##__VA_ARGS__)

#define WARN_ON(condition) ({						\
	int warned = !!(condition);					\
									\
	if (warned)							\
		warn_slowpath(__FILE__, __LINE__, #condition);		\
	warned;								\
})

#endif
