/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_INIT_H
#define _LINUX_INIT_H

/* What a subsystem does at boot: 0, or a negative error number. */
struct initcall {
	const char *name;
	int (*run)(void);
};

/* The linker gathers them in the section "initcalls", in link order. */
#define module_init(function)						\
	static const struct initcall __initcall_##function		\
	__attribute__((used, section("initcalls"))) = { #function, function }

#endif
