// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

#include <linux/cmdline.h>

/* "64M": a number in C notation with an optional K, M or G. */
unsigned long long memparse(const char *text, const char **end)
{
	char *rest;
	unsigned long long value = strtoull(text, &rest, 0);

	switch (toupper((unsigned char)*rest)) {
	case 'G':
		value <<= 10;
		/* fall through */
	case 'M':
		value <<= 10;
		/* fall through */
	case 'K':
		value <<= 10;
		rest++;
	}
	*end = rest;
	return value;
}

/*
 * Reads the next number of "1,2-5". Returns 0 for none, 1 for the last one, 2
 * when a comma follows and 3 when the number starts a range; *text moves on.
 */
int get_option(const char **text, int *value)
{
	char *end;
	long number = strtol(*text, &end, 0);

	if (end == *text || number < INT_MIN || number > INT_MAX)
		return 0;
	*value = number;
	*text = end;
	if (*end == ',') {
		*text = end + 1;
		return 2;
	}
	if (*end == '-') {
		*text = end + 1;
		return 3;
	}
	return 1;
}

/*
 * Cuts the next parameter from args and returns what follows it. "a=b c" gives
 * parameter "a" and value "b"; without '=' the value is NULL. Double quotes
 * keep blanks together, around the value or around the whole.
 */
char *next_arg(char *args, char **parameter, char **value)
{
	char *at = args, *equals = NULL;
	int quoted = 0, opened = *args == '"';

	if (opened) {
		args = at = args + 1;
		quoted = 1;
	}
	for (; *at; at++) {
		if (isspace((unsigned char)*at) && !quoted)
			break;
		if (*at == '=' && !equals)
			equals = at;
		if (*at == '"')
			quoted = !quoted;
	}
	*parameter = args;
	*value = NULL;
	if (*at)
		*at++ = '\0';
	if (equals) {
		*equals = '\0';
		*value = equals + 1;
		if (**value == '"') {
			opened = 1;
			(*value)++;
		}
	}
	if (opened) {
		char *last = *value ? *value : *parameter;

		while (*last && *last != '"')
			last++;
		*last = '\0';
	}
	while (isspace((unsigned char)*at))
		at++;
	return at;
}
