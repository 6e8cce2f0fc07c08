/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _LINUX_CMDLINE_H
#define _LINUX_CMDLINE_H

unsigned long long memparse(const char *text, const char **end);
int get_option(const char **text, int *value);
char *next_arg(char *args, char **parameter, char **value);

#endif
