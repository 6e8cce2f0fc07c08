// SPDX-License-Identifier: Apache-2.0
/*
 * The boot of the sample kernel, as a program: it says who it is, reads its
 * command line, runs all initcalls and powers down. The exit status is the
 * number of initcalls that failed.
 */
#include <stdio.h>
#include <string.h>

#include <generated/utsrelease.h>
#include <linux/cmdline.h>
#include <linux/init.h>
#include <linux/printk.h>
#include <linux/timers.h>

/* Set by the linker: the bounds of the section that module_init() fills. */
extern const struct initcall __start_initcalls[], __stop_initcalls[];

static char command_line[512];

static void setup_command_line(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strlen(command_line) + strlen(argv[i]) + 2 > sizeof(command_line)) {
			pr_warn("Command line too long, cut before \"%s\"\n", argv[i]);
			return;
		}
		if (i > 1)
			strcat(command_line, " ");
		strcat(command_line, argv[i]);
	}
}

/* What the kernel does not know itself is left to init. */
static void parse_command_line(void)
{
	char scratch[sizeof(command_line)], *rest = scratch, *parameter, *value;
	const char *end;

	strcpy(scratch, command_line);
	while (*rest) {
		rest = next_arg(rest, &parameter, &value);
		if (!strcmp(parameter, "mem") && value)
			pr_info("Memory: %lluK available\n", memparse(value, &end) >> 10);
		else if (strcmp(parameter, "quiet") && strcmp(parameter, "console"))
			pr_info("Unknown kernel command line parameters \"%s\", will be passed to user space.\n",
				parameter);
	}
}

static int run_initcalls(void)
{
	int failed = 0;

	for (const struct initcall *call = __start_initcalls; call < __stop_initcalls; call++) {
		int error = call->run();

		if (error) {
			pr_err("initcall %s returned %d\n", call->name, error);
			failed++;
		}
	}
	return failed;
}

int main(int argc, char **argv)
{
	int failed;

	pr_info("Linux version %s (\"%s\") (cc " __VERSION__ ")\n", UTS_RELEASE, UTS_NAME);
	setup_command_line(argc, argv);
	pr_info("Command line: %s\n", command_line);
	parse_command_line();
	pr_info("clocksource: host: %d ticks a second\n", HZ);
	failed = run_initcalls();
	pr_info("Run /sbin/init as init process\n");
	pr_info("reboot: Power down\n");
	return failed;
}
