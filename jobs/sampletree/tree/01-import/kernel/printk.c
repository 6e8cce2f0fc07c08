// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <linux/printk.h>

static FILE *console;

/* Where the log goes from now on; to standard output if this is never called. */
void console_use(FILE *stream)
{
	console = stream;
}

#ifdef CONFIG_PRINTK_TIME
/* Microseconds since the first message. */
static long long since_boot(void)
{
	static long long boot;
	struct timespec now;
	long long micros;

	clock_gettime(CLOCK_MONOTONIC, &now);
	micros = now.tv_sec * 1000000LL + now.tv_nsec / 1000;
	if (!boot)
		boot = micros;
	return micros - boot;
}
#endif

void printk(const char *format, ...)
{
	FILE *stream = console ? console : stdout;
	va_list arguments;

#ifdef CONFIG_PRINTK_TIME
	long long micros = since_boot();

	fprintf(stream, "[%5lld.%06lld] ", micros / 1000000, micros % 1000000);
#endif
	va_start(arguments, format);
	vfprintf(stream, format, arguments);
	va_end(arguments);
}
